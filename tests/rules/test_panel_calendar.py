"""When a summary falls due, and which figures are held back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.working_days import LONDON, is_working_day, working_days_between
from learning.rules import summaries as rules


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("now", "month"),
    [
        # November 2026 begins on a Sunday: its 5th working day is Friday the 6th.
        ("2026-11-06T05:59:59", date(2026, 9, 1)),
        ("2026-11-06T06:00:00", date(2026, 10, 1)),
        ("2026-11-30T23:59:59", date(2026, 10, 1)),
        # January 2027 has New Year's Day on a Friday: the 5th working day is Friday the 8th.
        ("2027-01-07T12:00:00", date(2026, 11, 1)),
        ("2027-01-08T06:00:00", date(2026, 12, 1)),
        # The machine was down from the 6th to the 20th: the month is still the one that fell due.
        ("2026-11-20T09:30:00", date(2026, 10, 1)),
    ],
)
def test_the_month_that_is_due(now: str, month: date) -> None:
    assert rules.month_due(at(now)) == month


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.times())
def test_a_moment_lies_between_the_last_and_the_next_due(day: date, hour: time) -> None:
    now = datetime.combine(day, hour, tzinfo=LONDON)
    last, following = rules.moments(now)
    assert last <= now < following
    for due in (last, following):
        assert (due.hour, due.minute) == (6, 0)
        assert is_working_day(due.date())
        assert working_days_between(due.date().replace(day=1) - timedelta(days=1), due.date()) == 5
    assert rules.moments(following)[0] == following
    assert rules.month_after(rules.month_due(now)) == last.date().replace(day=1)


def test_the_hour_is_the_same_in_summer_and_winter() -> None:
    summer, winter = rules.moments(at("2026-07-15T12:00"))[0], rules.moments(at("2026-12-15T12:00"))[0]
    assert (summer.hour, winter.hour) == (6, 6)
    assert summer.utcoffset() != winter.utcoffset()


@given(st.dates(date(2001, 1, 1), date(2090, 12, 31)))
def test_before_and_after_undo_each_other(day: date) -> None:
    first = day.replace(day=1)
    assert rules.month_before(rules.month_after(day)) == first
    assert rules.month_after(rules.month_before(day)) == first
    assert rules.read_month(f"{day:%Y-%m}") == first


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "10-2026", "2026-1", "1026-10", "2026-10-01", "²026-10"]
)
def test_what_is_not_a_month_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="2026-10"):
        rules.read_month(text)


@pytest.mark.parametrize(
    ("restricted", "audited", "hidden"),
    [
        ({"A": False, "B": False}, {"A": 3, "B": 4}, set()),
        # B alone could be worked out from the total, so the smaller of the others goes with it.
        ({"A": False, "B": True, "C": False}, {"A": 3, "B": 1, "C": 9}, {"B", "A"}),
        ({"A": True, "B": True, "C": False}, {"A": 1, "B": 1, "C": 9}, {"A", "B"}),
        ({"A": True}, {"A": 1}, {"A"}),
        ({"A": True, "B": False}, {"A": 0, "B": 2}, set()),
    ],
)
def test_figures_that_would_give_a_restricted_case_away_are_held_back(
    restricted: dict[str, bool], audited: dict[str, int], hidden: set[str]
) -> None:
    assert rules.rows_to_hide(restricted, audited) == hidden
