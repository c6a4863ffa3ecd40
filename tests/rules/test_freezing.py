"""Product.md RP-4 and section 12: when months are drafted and published, and how later changes are told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.rules.freezing import EVERY_STAGE, Change, Fact, Sight, checksum, is_over, moments, month_due, restated

APRIL = date(2026, 4, 1)
MAY_3 = date(2026, 5, 3)


def fact(grade: str, *, service: str = "family", team: str = "heron", stage: str = "issued") -> Fact:
    return Fact(service, team, "cin", "Whole-case audit", stage, grade)


def change(before: Fact | None, after: Fact | None, *, audit: str = "a", on: date = MAY_3) -> Change:
    return Change(audit, before, after, on)


def test_a_regraded_audit_is_told_with_what_and_when() -> None:
    # 7 of 17 good or outstanding as published, 8 of 17 now.
    told = restated(APRIL, (0, 8, 7, 2), [change(fact("requires_improvement"), fact("good"))])
    assert [each.sentence for each in told] == ["restated from 41% to 47% on 3 May 2026: 1 audit re-graded"]
    assert told[0].before == (0, 7, 8, 2)


def test_each_day_is_told_apart_and_in_order() -> None:
    told = restated(
        APRIL, (0, 9, 7, 2),
        [
            change(None, fact("good"), audit="b", on=date(2026, 6, 1)),
            change(fact("requires_improvement"), fact("good")),
        ],
    )  # fmt: skip
    assert [each.sentence for each in told] == [
        "restated from 41% to 47% on 3 May 2026: 1 audit re-graded",
        "restated from 47% to 50% on 1 June 2026: 1 audit added",
    ]


def test_an_audit_that_moved_twice_on_a_day_is_told_once() -> None:
    changes = [change(fact("good"), fact("inadequate")), change(fact("inadequate"), fact("requires_improvement"))]
    (told,) = restated(APRIL, (0, 7, 8, 2), changes)
    assert (told.before, told.after, told.regraded) == ((0, 8, 7, 2), (0, 7, 8, 2), 1)


def test_a_change_back_on_the_same_day_is_none() -> None:
    changes = [change(fact("good"), fact("inadequate")), change(fact("inadequate"), fact("good"))]
    assert restated(APRIL, (0, 7, 8, 2), changes) == []


def test_a_share_that_stays_is_told_too() -> None:
    (told,) = restated(APRIL, (1, 7, 8, 1), [change(fact("good"), fact("outstanding"))])
    assert told.sentence == "restated, 47% as before, on 3 May 2026: 1 audit re-graded"


def test_what_a_reader_does_not_see_is_not_told() -> None:
    changes = [
        change(
            fact("requires_improvement", service="elsewhere", team="kestrel"),
            fact("good", service="elsewhere", team="kestrel"),
        )
    ]
    heads = (Sight(frozenset({"family"}), EVERY_STAGE),)
    assert restated(APRIL, (0, 7, 8, 2), changes, heads) == []
    assert restated(APRIL, (0, 7, 8, 2), changes, services=["family"]) == []
    assert len(restated(APRIL, (0, 7, 8, 2), changes, services=["elsewhere"])) == 1


def test_an_audit_that_is_issued_later_is_added_for_who_sees_issued_audits_alone() -> None:
    changes = [change(fact("good", stage="settled"), fact("good"))]
    assert restated(APRIL, (0, 8, 7, 2), changes) == []
    (told,) = restated(APRIL, (0, 8, 7, 2), changes, (Sight(frozenset({"heron"}), frozenset({"issued"})),))
    assert told.sentence == "restated from 44% to 47% on 3 May 2026: 1 audit added"


def test_a_month_without_audits_has_no_share() -> None:
    (told,) = restated(APRIL, (0, 0, 0, 0), [change(fact("good"), None)])
    assert told.sentence == "restated from 100% to - on 3 May 2026: 1 audit taken out"


facts = st.sampled_from(["outstanding", "good", "requires_improvement", "inadequate"]).map(fact)


@given(st.lists(st.tuples(facts, facts), max_size=6))
def test_the_story_leads_back_to_what_was_published(pairs: list[tuple[Fact, Fact]]) -> None:
    grades = ("outstanding", "good", "requires_improvement", "inadequate")
    published = [sum(before.grade == grade for before, _ in pairs) for grade in grades]
    now = [sum(after.grade == grade for _, after in pairs) for grade in grades]
    changes = [
        change(before, after, audit=str(place), on=date(2026, 5, 1 + place))
        for place, (before, after) in enumerate(pairs)
    ]
    story = restated(APRIL, now, changes)
    assert (story[0].before if story else tuple(now)) == tuple(published)
    assert all(later.before == sooner.after for sooner, later in pairwise(story))


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 11, 6, 5, 59, tzinfo=UTC), date(2026, 9, 1)),
        (datetime(2026, 11, 6, 6, 0, tzinfo=UTC), date(2026, 10, 1)),
        (
            datetime(2027, 1, 8, 6, 0, tzinfo=UTC),
            date(2026, 12, 1),
        ),  # 1 January is a holiday: the 5th working day is the 8th
        (datetime(2027, 1, 7, 23, 0, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_a_month_is_drafted_on_the_fifth_working_day_after_it(now: datetime, month: date) -> None:
    assert month_due(now, 5) == month


def test_moments_lie_on_either_side_of_now() -> None:
    last, following = moments(datetime(2026, 11, 27, 12, 0, tzinfo=UTC), 10)
    assert (last, following) == (datetime(2026, 11, 13, 6, 0, tzinfo=UTC), datetime(2026, 12, 14, 6, 0, tzinfo=UTC))


def test_a_month_is_over_on_the_first_of_the_next() -> None:
    assert not is_over(date(2026, 10, 1), date(2026, 10, 31))
    assert is_over(date(2026, 10, 1), date(2026, 11, 1))
    assert is_over(date(2025, 12, 1), date(2026, 1, 1))


def test_the_same_figures_have_the_same_checksum_in_any_order() -> None:
    one, other = ["u", "total", "", "issued", "good", 3], ["u", "total", "", "issued", "inadequate", 1]
    assert checksum([one, other]) == checksum([other, one])
    assert checksum([one, other]) != checksum([one, [*other[:-1], 2]])
