"""Working days in England: the vectors of the policy, and what must hold for any dates."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.working_days import (
    LONDON,
    add_working_days,
    end_of_working_day,
    is_working_day,
    nth_working_day_of_month,
    working_day_by,
    working_days_between,
)

DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2023-12-18", "2024-02-22", 45),
        ("2023-12-18", "2024-02-23", 46),
        ("2024-03-25", "2024-04-17", 15),
        ("2022-08-30", "2022-09-21", 15),  # the state funeral on the 19th
        ("2023-04-28", "2023-05-22", 14),  # two bank holidays, one of them the coronation's
        ("2024-06-01", "2024-06-03", 1),  # Saturday to Monday
        ("2024-06-07", "2024-06-08", 0),  # Friday to Saturday
        ("2024-06-07", "2024-06-07", 0),
    ],
)
def test_elapsed_working_days(start: str, end: str, expected: int) -> None:
    assert working_days_between(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) == expected


@pytest.mark.parametrize(
    "holiday", ["2024-04-01", "2024-08-26", "2024-12-25", "2024-12-26", "2021-12-27", "2021-12-28", "2022-09-19"]
)
def test_bank_holidays_of_england_are_not_working_days(holiday: str) -> None:
    assert not is_working_day(dt.date.fromisoformat(holiday))


def test_a_scottish_holiday_is_a_working_day() -> None:
    assert is_working_day(dt.date(2024, 1, 2))
    assert is_working_day(dt.date(2024, 8, 5))


def test_the_council_may_close_on_further_days() -> None:
    closed = {dt.date(2024, 12, 27)}
    assert not is_working_day(dt.date(2024, 12, 27), closed)
    assert working_days_between(dt.date(2024, 12, 24), dt.date(2024, 12, 30), closed) == 1
    assert add_working_days(dt.date(2024, 12, 24), 1, closed) == dt.date(2024, 12, 30)


def test_the_day_of_the_event_is_day_nought() -> None:
    assert add_working_days(dt.date(2024, 6, 1), 0) == dt.date(2024, 6, 1)
    assert add_working_days(dt.date(2024, 6, 7), 1) == dt.date(2024, 6, 10)
    assert add_working_days(dt.date(2024, 6, 10), -1) == dt.date(2024, 6, 7)


@given(DAYS, st.integers(0, 120))
def test_adding_and_counting_agree(day: dt.date, count: int) -> None:
    reached = add_working_days(day, count)
    assert working_days_between(day, reached) == count
    assert count == 0 or is_working_day(reached)


@given(DAYS, DAYS)
def test_counting_equals_looking_at_each_day(one: dt.date, other: dt.date) -> None:
    start, end = sorted((one, other))
    each = sum(is_working_day(start + dt.timedelta(days=step)) for step in range(1, (end - start).days + 1))
    assert working_days_between(start, end) == each
    assert working_days_between(end, start) == -each


@given(DAYS, DAYS, DAYS)
def test_elapsed_days_add_up(one: dt.date, two: dt.date, three: dt.date) -> None:
    assert working_days_between(one, two) + working_days_between(two, three) == working_days_between(one, three)


@pytest.mark.parametrize(("day", "offset"), [(dt.date(2024, 1, 8), 0), (dt.date(2024, 7, 8), 1)])
def test_a_clock_runs_out_at_the_end_of_the_london_day(day: dt.date, offset: int) -> None:
    end = end_of_working_day(day, 3)
    assert end.tzinfo is LONDON
    assert end.isoformat() == f"{day + dt.timedelta(days=3)}T23:59:59+0{offset}:00"


def test_the_nth_working_day_of_a_month() -> None:
    assert nth_working_day_of_month(2024, 1, 1) == dt.date(2024, 1, 2)
    assert nth_working_day_of_month(2024, 4, 5) == dt.date(2024, 4, 8)
    with pytest.raises(ValueError, match="fewer than 24"):
        nth_working_day_of_month(2024, 2, 24)
    with pytest.raises(ValueError, match="from 1"):
        nth_working_day_of_month(2024, 2, 0)


def test_a_moment_is_taken_as_its_day() -> None:
    morning = dt.datetime(2024, 6, 7, 9, 30, tzinfo=LONDON)
    assert working_days_between(morning, dt.datetime(2024, 6, 10, 8, 0, tzinfo=LONDON)) == 1
    assert add_working_days(morning, 1) == dt.date(2024, 6, 10)


@given(DAYS)
def test_a_limit_is_the_last_working_day_until_then(day: dt.date) -> None:
    found = working_day_by(day)
    assert found <= day
    assert is_working_day(found)
    assert working_days_between(found, day) == 0
