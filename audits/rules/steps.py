"""Who hears of an audit's clocks and when (product 11): pure functions over dates, in England's working days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, time

from audits.choices import Step
from core.working_days import add_working_days, working_days_between

_NONE: frozenset[date] = frozenset()
END_OF_DAY = time(17)
"""When the duty senior manager hears of an alert that nobody has acknowledged on the day on which it was raised."""


def steps_of_audit(
    due_on: date, *, allocated_on: date, today: date, extra: Collection[date] = _NONE
) -> tuple[Step, ...]:
    """An audit is announced three working days and one working day before it is due, and is late one, three and five
    working days after. What is late is not announced as due any more; an audit that was given to its auditor within
    that time is not announced once more."""
    late = working_days_between(due_on, today, extra) if today > due_on else 0
    if today > due_on:
        return tuple(step for days, step in ((1, Step.LATE), (3, Step.LATE_3), (5, Step.LATE_5)) if late >= days)
    left, had = working_days_between(today, due_on, extra), working_days_between(allocated_on, due_on, extra)
    if left == 0 and today == due_on:
        return ()
    if left <= 1:
        return (Step.SOON_1,) if had > 1 else ()
    return (Step.SOON_3,) if left <= 3 < had else ()


def steps_of_moderation(due_on: date, *, today: date, extra: Collection[date] = _NONE) -> tuple[Step, ...]:
    """A moderation is announced one working day before it is due, and is late one working day after."""
    if today > due_on:
        return (Step.LATE,) if working_days_between(due_on, today, extra) >= 1 else ()
    return (Step.SOON_1,) if today < due_on and working_days_between(today, due_on, extra) <= 1 else ()


def steps_of_confirmation(
    confirm_by: date, *, today: date, days: int, extra: Collection[date] = _NONE
) -> tuple[Step, ...]:
    """Whoever has to confirm an inadequate grade is reminded one working day after it was asked; the QA lead hears of
    it on the second."""
    asked = add_working_days(confirm_by, -days, extra)
    gone = working_days_between(asked, today, extra)
    return tuple(step for after, step in ((1, Step.REMINDER), (2, Step.LATE)) if gone >= after)


def half_time(started_on: date, days: int, extra: Collection[date] = _NONE) -> date:
    """The working day on which half of a clock's time is over, rounded down, and never the day on which it began."""
    return add_working_days(started_on, max(days // 2, 1), extra)


def steps_of_response(
    *, started_on: date, days: int, due_on: date, serious: bool, today: date, extra: Collection[date] = _NONE
) -> tuple[Step, ...]:
    """The team manager is reminded at half-time. A late response is told one working day after to the team manager
    and the service lead, two after to the head of service; where the audit is inadequate the service lead hears on
    the day itself, and the head of service one working day after."""
    late = working_days_between(due_on, today, extra) if today > due_on else 0
    if late >= 1:
        after = [(1, Step.LATE), (1 if serious else 2, Step.LATE_HEAD)]
        return tuple(step for gone, step in after if late >= gone)
    found = []
    if half_time(started_on, days, extra) <= today <= due_on and (half_time(started_on, days, extra) < due_on):
        found.append(Step.HALF)
    if serious and today == due_on:
        found.append(Step.DUE)
    return tuple(found)


def steps_of_decision(due_on: date, *, today: date, extra: Collection[date] = _NONE) -> tuple[Step, ...]:
    """The decision of a challenge is announced one working day before it is due, and is late one working day after."""
    return steps_of_moderation(due_on, today=today, extra=extra)
