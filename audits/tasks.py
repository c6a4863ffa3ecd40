"""What the queue brings to audits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from audits.services.answering import lapse_answers
from core.jobs.services import JobRun, Schedule, handles

LAPSE_ANSWERS = "lapse_answers_to_changed_grades"


@handles(LAPSE_ANSWERS, title="Take the silence of auditors as acceptance of a changed grade")
def lapse_answers_to_changed_grades(run: JobRun, *, hour: str = "") -> None:
    """Look at what stands today, however late the job runs; `hour` names the hour that it is for."""
    accepted = lapse_answers(today=timezone.localdate())
    with run.completing(accepted=accepted):
        pass


def _hour(now: datetime) -> tuple[str, dict[str, Any]]:
    hour = f"{now:%Y-%m-%dT%H}"
    return hour, {"hour": hour}


def _hours(now: datetime) -> tuple[datetime, datetime]:
    begun = now.replace(minute=0, second=0, microsecond=0)
    return begun, begun + timedelta(hours=1)


EVERY_HOUR = Schedule(
    name="lapse_answers",
    kind=LAPSE_ANSWERS,
    title="Take the silence of auditors as acceptance of a changed grade",
    says="Every hour, on the hour",
    period=_hour,
    moments=_hours,
)
