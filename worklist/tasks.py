"""What the clock brings: the trail's ends are signed each hour, and once a week people are told to look."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from core.jobs.services import JobRun, Schedule, handles
from worklist.services.watching import sign_trail, tell_of_many_exports, tell_of_week

SIGN, TELL = "sign_history", "tell_of_outside_views"
MONDAY, SIX = 0, 6


@handles(SIGN, title="Sign where the trail ends")
def sign_history(run: JobRun, *, hour: str) -> None:
    """Sign both trails' ends, in the database and in the second place."""
    with run.completing():
        sign_trail()


@handles(TELL, title="Tell of the week's views outside caseload")
def tell_of_outside_views(run: JobRun, *, week: str) -> None:
    """Tell the QA lead and information governance that the report of the week ("2026-W47") can be read."""
    with run.completing():
        tell_of_week(week=week, event_id=run.job_id)


@handles("tell_of_many_exports", title="Tell of somebody who reached the day's limit of files")
def tell_of_limit(run: JobRun, *, person_id: str, day: str) -> None:
    """Tell the QA lead and information governance, once for each person and day."""
    with run.completing():
        tell_of_many_exports(person_id=uuid.UUID(person_id), day=day)


def _hour(now: datetime) -> tuple[str, dict[str, Any]]:
    hour = f"{now:%Y-%m-%dT%H}"
    return hour, {"hour": hour}


def _hours(now: datetime) -> tuple[datetime, datetime]:
    last = now.replace(minute=0, second=0, microsecond=0)
    return last, last + timedelta(hours=1)


def _monday(now: datetime) -> datetime:
    """The last Monday at six, at or before now."""
    at_six = now.replace(hour=SIX, minute=0, second=0, microsecond=0)
    monday = at_six - timedelta(days=(at_six.weekday() - MONDAY) % 7)
    return monday if monday <= now else monday - timedelta(days=7)


def _week(now: datetime) -> tuple[str, dict[str, Any]]:
    week = f"{_monday(now):%G-W%V}"
    return week, {"week": week}


HOURLY = Schedule(
    name="sign_history",
    kind=SIGN,
    title="Sign where the trail ends",
    says="Each hour",
    period=_hour,
    moments=_hours,
)
WEEKLY = Schedule(
    name="outside_views",
    kind=TELL,
    title="Tell of the week's views outside caseload",
    says="On Mondays at 06:00, for the week before",
    period=_week,
    moments=lambda now: (_monday(now), _monday(now) + timedelta(days=7)),
)
