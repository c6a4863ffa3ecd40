"""When an action is due, who hears of it and when. England's working days; the day of the event is day 0."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from actions.choices import Priority, Step
from core.working_days import add_working_days, is_working_day, nth_working_day_of_month, working_days_between

LIMITS = {Priority.IMMEDIATE: 1, Priority.HIGH: 10, Priority.MEDIUM: 20, Priority.LOW: 60}
"""Working days that each priority allows (product 12, AC-1)."""

SOON, ESCALATED, ESCALATED_AGAIN = 5, 5, 10
"""Working days before and after the due date at which people are told (product 11)."""

SWEEP_AT = time(7, 30)
"""London time; the notices are stored before the digest of 08:00."""

CHECK_AFTER_WEEKS = 8
CHECK_SHARE = 10
"""Of 100 verified actions so many are looked at again, so many weeks after (product 12)."""


def latest_due(priority: str, made_on: date) -> date:
    """The last due date that the priority allows without a reason."""
    return add_working_days(made_on, LIMITS[Priority(priority)])


def reasons_against_due_date(due_on: date, *, priority: str, made_on: date, today: date, why: str) -> list[str]:
    """A due date is today or later, and within the priority's limit unless a reason is given."""
    if due_on < today:
        return ["The due date must be today or later"]
    last = latest_due(priority, made_on)
    if due_on > last and not why.strip():
        days = LIMITS[Priority(priority)]
        return [
            f"This priority allows {days} working day{'' if days == 1 else 's'}, until {last.day} {last:%B %Y}. "
            "Choose an earlier date, or say why it needs longer"
        ]
    return []


def is_overdue(due_on: date, today: date) -> bool:
    """An action is overdue from the day after its due date: the due date itself runs to 23:59:59."""
    return due_on < today


def working_days_overdue(due_on: date, today: date) -> int:
    """Working days since the due date; 0 on the due date, before it, and over the weekend that follows it."""
    return max(working_days_between(due_on, today), 0)


def steps_reached(due_on: date, *, made_on: date, today: date) -> list[Step]:
    """What is to be told by `today`, the earliest first.

    Five working days before, on the day, and then one, five and ten working days after. A step that came late is
    told late, but never one that is not true any more: what is overdue is not announced as due. An action that was
    made five working days before its due date or later is not announced once more when it is new.
    """
    late = working_days_overdue(due_on, today)
    if late >= 1:
        after = [(1, Step.OVERDUE), (ESCALATED, Step.ESCALATED), (ESCALATED_AGAIN, Step.ESCALATED_AGAIN)]
        return [step for days, step in after if late >= days]
    # A due date at a weekend is told on the Friday before, the last working day that is left.
    next_working_day = add_working_days(today, 1)
    if today <= due_on and (due_on == today or due_on < next_working_day):
        return [Step.DUE]
    new = working_days_between(made_on, due_on) <= SOON
    if today < due_on and working_days_between(today, due_on) <= SOON and not new:
        return [Step.SOON]
    return []


def sweep_moments(now: datetime) -> tuple[datetime, datetime]:
    """The last moment at or before `now` (local time) at which the clocks were to be looked at, and the next one.

    Every working day in the morning: nothing is sent at weekends and bank holidays.
    """
    day = now.date()
    last = (
        day
        if is_working_day(day) and now >= datetime.combine(day, SWEEP_AT, tzinfo=now.tzinfo)
        else _working_day_before(day)
    )
    following = last + timedelta(days=1)
    while not is_working_day(following):
        following += timedelta(days=1)
    return (
        datetime.combine(last, SWEEP_AT, tzinfo=now.tzinfo),
        datetime.combine(following, SWEEP_AT, tzinfo=now.tzinfo),
    )


def _working_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def to_check_from(closed_on: date) -> date:
    """The day from which the impact of a verified action can be looked at."""
    return closed_on + timedelta(weeks=CHECK_AFTER_WEEKS)


def sample_size(verified: int) -> int:
    """How many of a month's verified actions are looked at again: a tenth, and at least one where there are any."""
    return min(verified, max(1, -(-verified * CHECK_SHARE // 100))) if verified else 0


def sample_moments(now: datetime) -> tuple[datetime, datetime]:
    """The last moment at or before `now` (local time) at which a sample was to be drawn, and the next one.

    The first working day of each month in the morning.
    """
    this = now.date().replace(day=1)
    before, after = (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=32)).replace(day=1)
    moments = [
        datetime.combine(nth_working_day_of_month(month.year, month.month, 1), SWEEP_AT, tzinfo=now.tzinfo)
        for month in (before, this, after)
    ]
    return (moments[1], moments[2]) if now >= moments[1] else (moments[0], moments[1])
