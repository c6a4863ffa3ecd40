"""Whose turn it is, which month a clinic looks at, and by when what has to be there. Pure: dates in, dates out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from core.working_days import add_working_days, nth_working_day_of_month, working_day_by

_WEEK_ONE = date(2024, 1, 1)  # a Monday: weeks of the cycle are counted from here
_NONE: frozenset[date] = frozenset()
OWNER_TOLD, HEAD_TOLD = 3, 1
"""Working days before the clinic on which a missing figure is told to its owner, and then to the head of service."""


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def has_its_turn(slot: int, week: date, cycle: int) -> bool:
    """A service has its turn in one week of every cycle; a slot beyond the end of a shortened cycle starts over."""
    return (monday_of(week) - _WEEK_ONE).days // 7 % cycle == slot % cycle


def weeks_ahead(today: date, cycle: int) -> list[date]:
    """The Mondays of the present week and of the rest of one whole cycle: what the rota shows as to come."""
    first = monday_of(today)
    return [first + timedelta(weeks=number) for number in range(cycle + 1)]


def next_turn(slot: int, weekday: int, today: date, cycle: int) -> date:
    """A service's next turn is its weekday in the first week of its own that has not gone by; today counts."""
    days = (week + timedelta(days=weekday) for week in weeks_ahead(today, cycle) if has_its_turn(slot, week, cycle))
    return next(day for day in days if day >= today)


def latest_by(last: date, cycle: int, extra: Collection[date] = _NONE) -> date:
    """A service that met in the week of `last` meets again by the last working day of the week one cycle later."""
    return working_day_by(monday_of(last) + timedelta(weeks=cycle, days=6), extra)


def period_for(meets_on: date, data_day: int, extra: Collection[date] = _NONE) -> date:
    """A clinic looks at the latest month whose figures are due by then: they are due on a working day of the next one.

    Returns the first day of that month.
    """
    due = nth_working_day_of_month(meets_on.year, meets_on.month, data_day, extra)
    back = 1 if meets_on >= due else 2
    number = meets_on.year * 12 + meets_on.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)


def pack_due(meets_on: date, days: int, extra: Collection[date] = _NONE) -> date:
    """The pack is built so many working days before the clinic."""
    return add_working_days(meets_on, -days, extra)


def is_missed(week: date, meets_on: date | None, today: date) -> bool:
    """A clinic is missed when its day has gone by, or its week where no day was settled, and it was not held."""
    return today > (meets_on if meets_on is not None else week + timedelta(days=6))


def moment(week: date, weekday: int, starts_at: time, extra: Collection[date] = _NONE) -> datetime:
    """The day and time that the rota proposes, without a time zone: the service's weekday, or the next working day
    where that is none."""
    day = monday_of(week) + timedelta(days=weekday)
    return datetime.combine(add_working_days(day - timedelta(days=1), 1, extra), starts_at)
