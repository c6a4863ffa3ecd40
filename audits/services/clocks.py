"""The clocks of an audit: started, met, paused and started afresh, each written down in the trail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from audits.choices import ClockKind, ClockState
from audits.models import Audit, Clock
from core.council.selectors import closing_days, setting
from core.history.services import record
from core.working_days import add_working_days, working_days_between

GOING = (ClockState.RUNNING, ClockState.PAUSED)


def start_clock(
    *, audit: Audit, kind: ClockKind, days_from: str, at: datetime, by: Any, serious: bool = False
) -> Clock:
    """Start a clock on the day of `at`, which is day 0; `days_from` is the setting that says how many working days.

    One of the same kind that still goes is replaced. Must be called in the transaction of the event.
    """
    end_clock(audit=audit, kind=kind, at=at, by=by, state=ClockState.STOPPED)
    started = timezone.localdate(at)
    days = setting(days_from, on=started)
    due = add_working_days(started, days, closing_days())
    clock = Clock.objects.create(
        audit=audit, kind=kind, serious=serious, started_on=started, days=days, due_on=due, first_due_on=due
    )
    record(by=by, verb="start", record=clock, to_state=clock.state, values=_values(clock))
    return clock


def end_clock(*, audit: Audit, kind: ClockKind, at: datetime, by: Any, state: str = ClockState.MET) -> None:
    """What this clock waited for has happened; nothing where none goes."""
    for clock in audit.clocks.filter(kind=kind, state__in=GOING):
        before, clock.state, clock.ended_at, clock.paused_on = clock.state, state, at, None
        clock.save(update_fields=["state", "ended_at", "paused_on"])
        record(by=by, verb="stop", record=clock, from_state=before, to_state=state, values=_values(clock))


def pause_clocks(*, audit: Audit, kinds: tuple[str, ...], on: date, by: Any, why: str) -> None:
    """Stop these clocks for a while; the pause and its reason stand in the trail."""
    for clock in audit.clocks.filter(kind__in=kinds, state=ClockState.RUNNING):
        clock.state, clock.paused_on = ClockState.PAUSED, on
        clock.save(update_fields=["state", "paused_on"])
        record(
            by=by, verb="pause", record=clock, from_state=ClockState.RUNNING, to_state=clock.state, why=why,
            values=_values(clock),
        )  # fmt: skip


def resume_clocks(*, audit: Audit, on: date, by: Any, why: str) -> None:
    """Let paused clocks go on: the working days of the pause are added to what was left."""
    for clock in audit.clocks.filter(state=ClockState.PAUSED):
        before = clock.due_on
        lost = max(working_days_between(clock.paused_on or on, on, closing_days()), 0)
        clock.due_on = add_working_days(before, lost, closing_days())
        clock.state, clock.paused_on = ClockState.RUNNING, None
        clock.save(update_fields=["state", "paused_on", "due_on"])
        record(
            by=by, verb="resume", record=clock, from_state=ClockState.PAUSED, to_state=clock.state, why=why,
            values=_values(clock) | {"due_on": [before.isoformat(), clock.due_on.isoformat()], "days_paused": lost},
        )  # fmt: skip


def _values(clock: Clock) -> dict[str, Any]:
    return {"audit": str(clock.audit_id), "kind": clock.kind, "days": clock.days, "due_on": clock.due_on.isoformat()}
