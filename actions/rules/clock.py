"""When an action is due, who hears of it and when. England's working days; the day of the event is day 0."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from actions.choices import Step
from core.working_days import add_working_days, nth_working_day_of_month, working_days_between

SOON, ESCALATED, ESCALATED_AGAIN = 5, 5, 10
"""Working days before and after the due date at which people are told (product 11)."""

SWEEP_AT = time(7, 30)
"""London time; the notices are stored before the digest of 08:00."""

_NONE: frozenset[date] = frozenset()


def reasons_against_due_date(due_on: date, *, days: int, last: date, today: date, why: str) -> list[str]:
    """A due date is today or later, and not after the `last` day that the priority's `days` allow unless a reason is
    given."""
    if due_on < today:
        return ["The due date must be today or later"]
    if due_on > last and not why.strip():
        return [
            f"This priority allows {days} working day{'' if days == 1 else 's'}, until {last.day} {last:%B %Y}. "
            "Choose an earlier date, or say why it needs longer"
        ]
    return []


def is_overdue(due_on: date, today: date) -> bool:
    """An action is overdue from the day after its due date: the due date itself runs to 23:59:59."""
    return due_on < today


def working_days_overdue(due_on: date, today: date, extra: Collection[date] = _NONE) -> int:
    """Working days since the due date; 0 on the due date, before it, and over the weekend that follows it."""
    return max(working_days_between(due_on, today, extra), 0)


def steps_reached(due_on: date, *, made_on: date, today: date, extra: Collection[date] = _NONE) -> list[Step]:
    """What is to be told by `today`, the earliest first.

    Five working days before, on the day, and then one, five and ten working days after. A step that came late is
    told late, but never one that is not true any more: what is overdue is not announced as due. An action that was
    made five working days before its due date or later is not announced once more when it is new.
    """
    late = working_days_overdue(due_on, today, extra)
    if late >= 1:
        after = [(1, Step.OVERDUE), (ESCALATED, Step.ESCALATED), (ESCALATED_AGAIN, Step.ESCALATED_AGAIN)]
        return [step for days, step in after if late >= days]
    # A due date at a weekend is told on the Friday before, the last working day that is left.
    next_working_day = add_working_days(today, 1, extra)
    if today <= due_on and (due_on == today or due_on < next_working_day):
        return [Step.DUE]
    new = working_days_between(made_on, due_on, extra) <= SOON
    if today < due_on and working_days_between(today, due_on, extra) <= SOON and not new:
        return [Step.SOON]
    return []


def to_check_from(closed_on: date, *, weeks: int) -> date:
    """The impact of a verified action can be looked at so many weeks after it was verified."""
    return closed_on + timedelta(weeks=weeks)


def sample_size(verified: int, *, share: int) -> int:
    """Of a month's verified actions so many in a hundred are looked at again, rounded up; none where the share is 0."""
    return -(-verified * share // 100)


def sample_moments(now: datetime, extra: Collection[date] = _NONE) -> tuple[datetime, datetime]:
    """The last moment at or before `now` (local time) at which a sample was to be drawn, and the next one.

    The first working day of each month in the morning.
    """
    this = now.date().replace(day=1)
    before, after = (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=32)).replace(day=1)
    moments = [
        datetime.combine(nth_working_day_of_month(month.year, month.month, 1, extra), SWEEP_AT, tzinfo=now.tzinfo)
        for month in (before, this, after)
    ]
    return (moments[1], moments[2]) if now >= moments[1] else (moments[0], moments[1])
