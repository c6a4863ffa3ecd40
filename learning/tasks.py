"""What the queue brings to the panel: its summaries and its packs."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from audits.models import Dispute
from core.jobs.services import JobFailed, JobRun, Schedule, handles
from core.workflow import IllegalMove
from core.working_days import is_working_day, nth_working_day_of_month
from learning.models import Meeting
from learning.rules import summaries as rules
from learning.services import disputes, exemplars, packs
from learning.services import summaries as services

PACKS_AT = time(6, 0)


@handles(services.BUILD, title="Build the month's summary for the panel")
def build_panel_summary(run: JobRun, *, month: str) -> None:
    """Build the summary of a month ("2026-10") for whoever asked, with the rights that they have now."""
    try:
        services.build_summary(month=rules.read_month(month), by=run.asked_by or SYSTEM, run=run)
    except (NotAllowed, ValueError) as problem:
        raise JobFailed(str(problem)) from problem


@handles(packs.BUILD, title="Build the pack of a meeting of the panel")
def build_panel_pack(run: JobRun, *, meeting: str) -> None:
    """Build the pack of a meeting for whoever asked, with the rights that they have now."""
    held = Meeting.objects.visible_to(SYSTEM).select_related("panel").filter(pk=meeting).first()
    if held is None:
        raise JobFailed("The meeting is not there any more.")
    try:
        packs.build_pack(meeting=held, by=run.asked_by or SYSTEM, run=run)
    except (NotAllowed, IllegalMove) as problem:
        raise JobFailed(str(problem)) from problem


@handles("ask_for_due_packs", title="Ask for the packs of meetings that are near")
def ask_for_due_packs(run: JobRun) -> None:
    """Ask for the packs that fall due today."""
    with run.completing() as result:
        result["asked"] = packs.request_due_packs(today=timezone.localdate())


@handles(exemplars.LIST, title="List the month's good practice for the Principal Social Worker")
def build_practice_list(run: JobRun, *, month: str) -> None:
    """List the good practice of a month ("2026-10")."""
    exemplars.build_practice_list(month=rules.read_month(month), run=run)


@handles("put_dispute_before_panel", title="Put a dispute on the agenda of the panel")
def put_dispute_before_panel(run: JobRun, *, dispute_id: str) -> None:
    """Put a dispute on the next agenda, once."""
    dispute = Dispute.objects.visible_to(SYSTEM).select_related("audit").filter(pk=dispute_id).first()
    if dispute is not None:
        disputes.put_before_panel(dispute=dispute)


def _period(now: datetime) -> tuple[str, dict[str, Any]]:
    month: date = rules.month_due(now)
    return f"{month:%Y-%m}", {"month": f"{month:%Y-%m}"}


def _working_mornings(now: datetime) -> tuple[datetime, datetime]:
    """The last working day's six o'clock at or before `now`, and the next one."""
    day = now.date()
    if now < datetime.combine(day, PACKS_AT, tzinfo=now.tzinfo):
        day -= timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    following = day + timedelta(days=1)
    while not is_working_day(following):
        following += timedelta(days=1)
    return (
        datetime.combine(day, PACKS_AT, tzinfo=now.tzinfo),
        datetime.combine(following, PACKS_AT, tzinfo=now.tzinfo),
    )


MONTHLY = Schedule(
    name="panel_summary",
    kind=services.BUILD,
    title="Build the month's summary for the panel",
    says="On the 5th working day of the month at 06:00, for the month before",
    period=_period,
    moments=rules.moments,
)
EVERY_MORNING = Schedule(
    name="panel_packs",
    kind="ask_for_due_packs",
    title="Ask for the packs of meetings that are near",
    says="Every working day at 06:00; a pack is built 5 working days before its meeting",
    period=lambda now: (f"{_working_mornings(now)[0]:%Y-%m-%d}", {}),
    moments=_working_mornings,
)


def _first_working_days(now: datetime) -> tuple[datetime, datetime]:
    """The last first working day of a month, six o'clock, at or before `now`, and the next one."""

    def of(month: date) -> datetime:
        return datetime.combine(nth_working_day_of_month(month.year, month.month, 1), PACKS_AT, tzinfo=now.tzinfo)

    this = now.date().replace(day=1)
    if now >= of(this):
        return of(this), of(rules.month_after(this))
    return of(rules.month_before(this)), of(this)


def _month_of_list(now: datetime) -> tuple[str, dict[str, Any]]:
    month = rules.month_before(_first_working_days(now)[0].date())
    return f"{month:%Y-%m}", {"month": f"{month:%Y-%m}"}


GOOD_PRACTICE = Schedule(
    name="practice_list",
    kind=exemplars.LIST,
    title="List the month's good practice for the Principal Social Worker",
    says="On the 1st working day of the month at 06:00, for the month before",
    period=_month_of_list,
    moments=_first_working_days,
)
