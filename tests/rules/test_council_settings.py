"""What a setting is on a day, and when somebody has to look at a year's working days. No database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.council.rules import Chosen, Setting, value_on, year_to_check

DAYS = Setting("audit_days", "Audit completed", 10, "working days", "Audits", 1, 60)
SAID = datetime(2026, 1, 1, tzinfo=UTC)


def chosen(value: int, on: date, said: int = 0) -> Chosen:
    return Chosen(value, on, SAID + timedelta(minutes=said))


def test_the_default_holds_until_the_first_choice() -> None:
    choices = [chosen(8, date(2026, 4, 1))]
    assert [value_on(DAYS, choices, day) for day in (date(2026, 3, 31), date(2026, 4, 1))] == [10, 8]
    assert value_on(DAYS, [], date(2026, 4, 1)) == 10


def test_of_two_choices_for_a_day_the_one_said_last_holds() -> None:
    day = date(2026, 4, 1)
    assert value_on(DAYS, [chosen(8, day, 2), chosen(9, day, 1)], day) == 8


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 400), st.integers(0, 99)), max_size=8), st.integers(0, 400)
)
def test_a_choice_that_comes_later_never_changes_an_earlier_day(rows: list[tuple[int, int, int]], at: int) -> None:
    start = date(2026, 1, 1)
    day = start + timedelta(days=at)
    choices = [chosen(value, start + timedelta(days=offset), said) for value, offset, said in rows]
    before = [each for each in choices if each.effective_on <= day]
    assert value_on(DAYS, choices, day) == value_on(DAYS, before, day)


@pytest.mark.parametrize(("value", "right"), [(0, False), (1, True), (60, True), (61, False), (-1, False)])
def test_a_value_lies_within_its_bounds(value: int, right: bool) -> None:
    assert (DAYS.fault(value) == "") is right


@pytest.mark.parametrize(
    ("today", "checked", "asked"),
    [
        (date(2026, 9, 30), [2026], None),
        (date(2026, 10, 1), [2026], 2027),
        (date(2026, 12, 31), [2026, 2027], None),
        (date(2026, 10, 1), [], 2026),
        (date(2027, 1, 31), [], None),
        (date(2027, 2, 1), [2026], 2027),
    ],
)
def test_next_year_is_asked_for_from_the_first_of_october(today: date, checked: list[int], asked: int | None) -> None:
    assert year_to_check(today, checked) == asked
