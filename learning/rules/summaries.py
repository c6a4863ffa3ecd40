"""When a month's summary is due, and what of it may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from core.working_days import nth_working_day_of_month

# The summary of a month is built on this working day of the next one, at this hour (product.md sections 12 and 14).
DUE_WORKING_DAY = 5
DUE_TIME = time(6, 0)


def month_before(month: date) -> date:
    """The first day of the month before the one that `month` lies in."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def month_after(month: date) -> date:
    """The first day of the month after the one that `month` lies in."""
    return date(month.year + (month.month == 12), month.month % 12 + 1, 1)


def read_month(text: str) -> date:
    """The first day of a month written "2026-10". Raises ValueError, saying how to write it, for anything else."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if match is None or not 1 <= int(match[2]) <= 12 or int(match[1]) < 2000:
        raise ValueError("Write the month as year and month, for example 2026-10.")
    return date(int(match[1]), int(match[2]), 1)


def falls_due(month: date, near: datetime) -> datetime:
    """The moment at which the summary of the month before `month` falls due, in the time zone of `near`."""
    day = nth_working_day_of_month(month.year, month.month, DUE_WORKING_DAY)
    return datetime.combine(day, DUE_TIME, tzinfo=near.tzinfo)


def moments(now: datetime) -> tuple[datetime, datetime]:
    """The last moment at or before `now` (local time) at which a summary fell due, and the next one after it."""
    this_month = now.date().replace(day=1)
    due = falls_due(this_month, now)
    if now >= due:
        return due, falls_due(month_after(this_month), now)
    return falls_due(month_before(this_month), now), due


def month_due(now: datetime) -> date:
    """The newest month whose summary has fallen due at `now`: the one before the month of that moment."""
    return month_before(moments(now)[0].date())


def rows_to_hide(restricted_only: Mapping[str, bool], audited: Mapping[str, int]) -> set[str]:
    """The services whose figures are not shown: those that rest on restricted cases alone (NK-3).

    One hidden row could be worked out from the total, so then the smallest other row is hidden with it.
    """
    hidden = {name for name, only in restricted_only.items() if only and audited.get(name)}
    others = sorted((audited[name], name) for name in audited if name not in hidden and audited[name])
    if len(hidden) == 1 and others:
        hidden.add(others[0][1])
    return hidden
