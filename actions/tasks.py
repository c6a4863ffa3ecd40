"""What the queue brings to actions."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import SYSTEM
from actions.rules.clock import SWEEP_AT, sample_moments
from actions.services.checking import draw_sample
from actions.services.clocks import look_at_clocks
from actions.services.moves import LOOK_FOR_REST, waiting_of_origin
from core.council.selectors import closing_days
from core.jobs.services import JobRun, Schedule, handles, publish
from core.working_hours import mornings

LOOK_AT_CLOCKS = "look_at_action_clocks"
DRAW_SAMPLE = "draw_actions_to_check"


@handles(LOOK_FOR_REST, title="See whether all actions of one origin are verified")
def look_for_rest(run: JobRun, *, origin: str, origin_reference: str) -> None:
    """Publish `actions.all_verified` where every action of this origin is verified, accepted or cancelled."""
    waiting = waiting_of_origin(origin=origin, origin_reference=origin_reference)
    with run.completing(waiting=waiting):
        if not waiting:
            publish("actions.all_verified", by=run.asked_by, origin=origin, origin_reference=origin_reference)


@handles(LOOK_AT_CLOCKS, title="Tell which actions are due or overdue")
def look_at_action_clocks(run: JobRun, *, day: str = "") -> None:
    """Look at the clocks as they stand today, however late the job runs; `day` names the morning that it is for."""
    told = look_at_clocks(today=timezone.localdate())
    with run.completing(**told):
        pass


@handles(DRAW_SAMPLE, title="Draw the actions whose effect is to be checked")
def draw_actions_to_check(run: JobRun, *, month: str) -> None:
    """Draw the sample of a month ("2026-10")."""
    drawn = draw_sample(month=date.fromisoformat(f"{month}-01"), by=SYSTEM)
    with run.completing(drawn=drawn):
        pass


def _mornings(now: datetime) -> tuple[datetime, datetime]:
    return mornings(now, SWEEP_AT, closing_days())


def _months(now: datetime) -> tuple[datetime, datetime]:
    return sample_moments(now, closing_days())


def _morning(now: datetime) -> tuple[str, dict[str, Any]]:
    day = f"{_mornings(now)[0]:%Y-%m-%d}"
    return day, {"day": day}


def _month_before(now: datetime) -> tuple[str, dict[str, Any]]:
    month = _months(now)[0].date().replace(day=1) - timedelta(days=1)
    return f"{month:%Y-%m}", {"month": f"{month:%Y-%m}"}


EVERY_MORNING = Schedule(
    name="action_clocks",
    kind=LOOK_AT_CLOCKS,
    title="Tell which actions are due or overdue",
    says="On working days at 07:30",
    period=_morning,
    moments=_mornings,
)
EVERY_MONTH = Schedule(
    name="action_checks",
    kind=DRAW_SAMPLE,
    title="Draw the actions whose effect is to be checked",
    says="On the 1st working day of the month at 07:30, for the month before",
    period=_month_before,
    moments=_months,
)
