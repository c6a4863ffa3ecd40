"""What the queue brings to reports."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.access import SYSTEM
from core.council.selectors import closing_days, setting
from core.jobs.services import JobFailed, JobRun, Schedule, handles
from reports.rules import cadence
from reports.rules import freezing as rules
from reports.rules.periods import read_month
from reports.services import freezing, saving

DRAFT, REMIND, NOTE, NOTE_ALL = "draft_month", "remind_to_publish", "note_restatement", "note_restatements"


@handles(DRAFT, title="Draft the month's figures")
def draft_month(run: JobRun, *, month: str) -> None:
    """Draft the figures of a month ("2026-10")."""
    try:
        draft = freezing.draft_month(month=read_month(month), by=run.asked_by or SYSTEM)
    except (PermissionError, ValueError) as problem:
        raise JobFailed(str(problem)) from problem
    said = f"The figures of {read_month(month):%B %Y} are drafted." if draft else "This month is published already."
    with run.completing(says=said, checksum=draft.checksum if draft else ""):
        pass


@handles(REMIND, title="Remind the QA lead to publish the month")
def remind_to_publish(run: JobRun, *, month: str) -> None:
    """Ask the QA leads to publish a month that nobody has published."""
    told = freezing.remind_to_publish(month=read_month(month))
    with run.completing(told=told):
        pass


@handles(NOTE, title="Note whether an audit changes a published month")
def note_restatement(run: JobRun, *, audit_id: str) -> None:
    """Note what an audit that moved changes in the months that are published."""
    noted = freezing.note_audit(audit=UUID(audit_id))
    with run.completing(restated=noted):
        pass


@handles(NOTE_ALL, title="Look for changes in published months")
def note_restatements(run: JobRun, *, day: str = "") -> None:
    """Look at every published month; `day` names the morning that it is for."""
    noted = freezing.note_all()
    with run.completing(restated=noted):
        pass


def _monthly(name: str) -> tuple[Any, Any]:
    """The period and the moments of work that falls on the working day which a setting names."""

    def period(now: datetime) -> tuple[str, dict[str, Any]]:
        month = rules.month_due(now, setting(name), closing_days())
        return f"{month:%Y-%m}", {"month": f"{month:%Y-%m}"}

    def moments(now: datetime) -> tuple[datetime, datetime]:
        return rules.moments(now, setting(name), closing_days())

    return period, moments


_draft, _remind = _monthly("month_draft_day"), _monthly("month_publish_day")


def _mornings(now: datetime) -> tuple[datetime, datetime]:
    today = datetime.combine(now.date(), time(5, 0), tzinfo=now.tzinfo)
    return (today, today + timedelta(days=1)) if now >= today else (today - timedelta(days=1), today)


def _morning(now: datetime) -> tuple[str, dict[str, Any]]:
    day = f"{_mornings(now)[0]:%Y-%m-%d}"
    return day, {"day": day}


SEND = "send_subscriptions"


@handles(SEND, title="Let saved reports come to those who asked for them")
def send_subscriptions(run: JobRun, *, day: str = "") -> None:
    """Let each report come whose day it is; `day` names the morning that it is for."""
    counts = saving.send_due(today=timezone.localdate())
    with run.completing(**counts, says=f"{counts['sent']} came, {counts['ended']} ended."):
        pass


def _each_morning(now: datetime) -> tuple[str, dict[str, Any]]:
    day = f"{cadence.mornings(now)[0]:%Y-%m-%d}"
    return day, {"day": day}


SCHEDULES = (
    Schedule(
        name="month_draft", kind=DRAFT, title="Draft the month's figures",
        says="On the 5th working day of the month at 06:00, for the month before", period=_draft[0], moments=_draft[1],
    ),
    Schedule(
        name="month_to_publish", kind=REMIND, title="Remind the QA lead to publish the month",
        says="On the 10th working day of the month at 06:00, for the month before", period=_remind[0],
        moments=_remind[1],
    ),
    Schedule(
        name="restatements", kind=NOTE_ALL, title="Look for changes in published months", says="Every day at 05:00",
        period=_morning, moments=_mornings,
    ),
    Schedule(
        name="subscriptions", kind=SEND, title="Let saved reports come to those who asked for them",
        says="Each morning at 07:00", period=_each_morning, moments=cadence.mornings,
    ),
)  # fmt: skip
