"""What the queue brings to the panel's summaries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from accounts.access import SYSTEM, NotAllowed
from core.jobs.services import JobFailed, JobRun, Schedule, handles
from learning.rules import summaries as rules
from learning.services import summaries as services


@handles(services.BUILD, title="Build the month's summary for the panel")
def build_panel_summary(run: JobRun, *, month: str) -> None:
    """Build the summary of a month ("2026-10") for whoever asked, with the rights that they have now."""
    try:
        services.build_summary(month=rules.read_month(month), by=run.asked_by or SYSTEM, run=run)
    except (NotAllowed, ValueError) as problem:
        raise JobFailed(str(problem)) from problem


def _period(now: datetime) -> tuple[str, dict[str, Any]]:
    month: date = rules.month_due(now)
    return f"{month:%Y-%m}", {"month": f"{month:%Y-%m}"}


MONTHLY = Schedule(
    name="panel_summary",
    kind=services.BUILD,
    title="Build the month's summary for the panel",
    says="On the 5th working day of the month at 06:00, for the month before",
    period=_period,
    moments=rules.moments,
)
