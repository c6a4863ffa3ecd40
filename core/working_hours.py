"""Working hours in England: 09:00 to 17:00 on working days, London time; and when work of the clock comes round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from core.working_days import LONDON, is_working_day

OPENS, CLOSES = dt.time(9), dt.time(17)
_NONE: frozenset[dt.date] = frozenset()
_DAY = dt.timedelta(days=1)


def at(day: dt.date, time: dt.time) -> dt.datetime:
    """The moment of a London time of day."""
    return dt.datetime.combine(day, time, tzinfo=LONDON)


def is_working_time(moment: dt.datetime, extra: Collection[dt.date] = _NONE) -> bool:
    """Whether people are at work at this moment."""
    local = moment.astimezone(LONDON)
    return is_working_day(local.date(), extra) and OPENS <= local.time() < CLOSES


def add_working_hours(moment: dt.datetime, hours: int, extra: Collection[dt.date] = _NONE) -> dt.datetime:
    """The moment at which so many working hours have passed since `moment`.

    Only the time from 09:00 to 17:00 on working days counts. Working hours lie well away from the hour at which the
    clocks change, so that a change moves none of them.
    """
    left = dt.timedelta(hours=hours)
    day = moment.astimezone(LONDON).date()
    begin = moment
    while True:
        if is_working_day(day, extra):
            start, end = max(begin, at(day, OPENS)), at(day, CLOSES)
            # In UTC: the difference of two London times of one zone object leaves a change of clocks out.
            here = end.astimezone(dt.UTC) - start.astimezone(dt.UTC)
            if here >= left:
                return (start.astimezone(dt.UTC) + left).astimezone(LONDON)
            if here > dt.timedelta(0):
                left -= here
        day += _DAY


def next_working_moment(moment: dt.datetime, extra: Collection[dt.date] = _NONE) -> dt.datetime:
    """`moment` itself on a working day, else 09:00 on the next working day."""
    day = moment.astimezone(LONDON).date()
    if is_working_day(day, extra):
        return moment
    while not is_working_day(day, extra):
        day += _DAY
    return at(day, OPENS)


def mornings(now: dt.datetime, time: dt.time, extra: Collection[dt.date] = _NONE) -> tuple[dt.datetime, dt.datetime]:
    """The last moment at or before `now` with this London time on a working day, and the next one after it."""
    day = now.astimezone(LONDON).date()
    last = day
    while not is_working_day(last, extra) or at(last, time) > now:
        last -= _DAY
    following = last + _DAY
    while not is_working_day(following, extra):
        following += _DAY
    return at(last, time), at(following, time)
