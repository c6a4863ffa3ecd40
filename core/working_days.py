"""Working days in England: what counts as one, how many lie between two dates, when a clock runs out.

Working days are counted as elapsed days: the day of the event is day 0. Saturdays, Sundays and England's bank
holidays (with the one-off ones, such as a state funeral) are not working days. Pure functions over dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import cache
from zoneinfo import ZoneInfo

import holidays

LONDON = ZoneInfo("Europe/London")
_DAY = dt.timedelta(days=1)
_NONE: frozenset[dt.date] = frozenset()


@cache
def bank_holidays(year: int) -> frozenset[dt.date]:
    """The bank holidays of one calendar year in England, as dates."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working_day(day: dt.date, extra: Collection[dt.date] = _NONE) -> bool:
    """Whether `day` is a working day in England; `extra` holds further closing days of the council."""
    return day.weekday() < 5 and day not in bank_holidays(day.year) and day not in extra


def _as_date(day: dt.date) -> dt.date:
    return day.date() if isinstance(day, dt.datetime) else day


def _weekdays(start: dt.date, end: dt.date) -> int:
    """Mondays to Fridays in (start, end], for start <= end."""
    weeks, rest = divmod((end - start).days, 7)
    return weeks * 5 + sum((start.weekday() + step) % 7 < 5 for step in range(1, rest + 1))


def working_days_between(start: dt.date, end: dt.date, extra: Collection[dt.date] = _NONE) -> int:
    """Working days elapsed from `start` to `end`: the working days in (start, end], so the same day is 0.

    Where `end` is before `start` the count is negative.
    """
    start, end = _as_date(start), _as_date(end)
    if end < start:
        return -working_days_between(end, start, extra)
    closed = {day for year in range(start.year, end.year + 1) for day in bank_holidays(year)} | set(extra)
    return _weekdays(start, end) - sum(start < day <= end and day.weekday() < 5 for day in closed)


def add_working_days(day: dt.date, count: int, extra: Collection[dt.date] = _NONE) -> dt.date:
    """The date `count` working days after `day` (before it, where `count` is negative).

    The day of the event is day 0, so `count` 0 is `day` itself, working day or not.
    """
    day = _as_date(day)
    step = _DAY if count >= 0 else -_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day, extra)
    return day


def working_day_by(day: dt.date, extra: Collection[dt.date] = _NONE) -> dt.date:
    """`day` itself where it is a working day, else the last one before it: a limit is not passed for a weekend."""
    return add_working_days(_as_date(day) + _DAY, -1, extra)


def end_of_working_day(day: dt.date, count: int, extra: Collection[dt.date] = _NONE) -> dt.datetime:
    """The moment a clock of `count` working days from `day` runs out: 23:59:59 London time on the last of them."""
    return dt.datetime.combine(add_working_days(day, count, extra), dt.time(23, 59, 59), tzinfo=LONDON)


def nth_working_day_of_month(year: int, month: int, n: int, extra: Collection[dt.date] = _NONE) -> dt.date:
    """The `n`th working day of a month, counted from 1.

    Raises ValueError where the month has no such day.
    """
    if n < 1:
        raise ValueError("Working days of a month are counted from 1.")
    found = add_working_days(dt.date(year, month, 1) - _DAY, n, extra)
    if (found.year, found.month) != (year, month):
        raise ValueError(f"{year}-{month:02} has fewer than {n} working days.")
    return found


def when_due(due_on: dt.date, today: dt.date) -> str:
    """How far off a due date is, in words that count working days: "in 3 working days", "2 working days overdue"."""
    if due_on == today:
        return "today"
    days = working_days_between(today, due_on)
    counted = "1 working day" if abs(days) == 1 else f"{abs(days)} working days"
    if due_on < today:
        return f"{counted} overdue" if days else "overdue"
    return f"in {counted}" if days else "before the next working day"
