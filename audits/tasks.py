"""What the queue brings to audits: the clocks are looked at, and what is due by itself is done."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from actions.rules.clock import sample_moments
from audits.services.answering import lapse_answers
from audits.services.calibrating import reveal_all_due, reveal_of_audit
from audits.services.closing import close_all_done, close_audits_of, close_when_done
from audits.services.feedback import issue_all_due
from audits.services.re_auditing import book_re_audit, book_sample
from audits.services.sweeping import LOOK_AT_ALERT, look_at_audit_clocks, look_at_one_alert
from audits.services.telling import tell_of_submission
from core.council.selectors import closing_days
from core.jobs.services import JobRun, Schedule, handles
from core.working_hours import mornings

LAPSE_ANSWERS = "lapse_answers_to_changed_grades"
ISSUE_FEEDBACK = "issue_feedback"
LOOK_AT_CLOCKS = "look_at_audit_clocks"
TELL_MODERATORS = "tell_moderators_of_submission"
BOOK_RE_AUDIT = "book_re_audit"
BOOK_SAMPLE = "book_sample_of_re_audits"
REVEAL_CALIBRATION = "reveal_calibration_of_audit"
REVEAL_CALIBRATIONS = "reveal_calibrations"
CLOSE_AUDIT = "close_audit_of_actions"
ISSUE_AT = time(7, 15)


@handles(LAPSE_ANSWERS, title="Take the silence of auditors as acceptance of a changed grade")
def lapse_answers_to_changed_grades(run: JobRun, *, hour: str = "") -> None:
    """Look at what stands today, however late the job runs; `hour` names the hour that it is for."""
    accepted = lapse_answers(today=timezone.localdate())
    with run.completing(accepted=accepted):
        pass


@handles(ISSUE_FEEDBACK, title="Issue the feedback of settled audits, and close what is done")
def issue_feedback_due(run: JobRun, *, day: str = "") -> None:
    """Do what is due as things stand now, however late the job runs; `day` names the morning that it is for."""
    done = issue_all_due(today=timezone.localdate()) | {"closed": close_all_done()}
    with run.completing(**done):
        pass


@handles(LOOK_AT_CLOCKS, title="Tell what is due, late or unacknowledged in audits")
def look_at_clocks_of_audits(run: JobRun, *, hour: str = "") -> None:
    """Look at the clocks as they stand now, however late the job runs; `hour` names the hour that it is for."""
    told = look_at_audit_clocks(now=timezone.now())
    with run.completing(**told):
        pass


@handles(LOOK_AT_ALERT, title="See whether a safeguarding alert is acknowledged")
def look_at_alert_again(run: JobRun, *, alert_id: str) -> None:
    """Tell the head of service or the duty senior manager, where nobody has it in hand."""
    told = look_at_one_alert(alert_id=UUID(alert_id), now=timezone.now())
    with run.completing(told=told):
        pass


@handles(TELL_MODERATORS, title="Tell the moderators that an audit waits for them")
def tell_moderators_of(run: JobRun, *, audit_id: str) -> None:
    """An audit was submitted and chosen for moderation: whoever may take it hears of it, once."""
    with run.completing(told=tell_of_submission(audit_id=UUID(audit_id))):
        pass


@handles(BOOK_RE_AUDIT, title="Book the re-audit of an inadequate audit")
def book_re_audit_of(run: JobRun, *, audit_id: str) -> None:
    """A grade has settled: where it is inadequate, the case is audited again."""
    booked = book_re_audit(audit_id=UUID(audit_id))
    if booked is not None and booked.first_audit is not None:
        close_when_done(audit=booked.first_audit)
    with run.completing(booked=booked is not None):
        pass


@handles(BOOK_SAMPLE, title="Book re-audits of a sample that required improvement")
def book_sample_of_month(run: JobRun, *, month: str) -> None:
    """Draw and book for the month ("2026-10")."""
    booked = book_sample(month=date.fromisoformat(f"{month}-01"))
    with run.completing(booked=booked):
        pass


@handles(REVEAL_CALIBRATION, title="Reveal the grades of a calibration when all have submitted")
def reveal_calibration_of(run: JobRun, *, audit_id: str) -> None:
    """A grade has settled: where it was the last of a calibration, its grades are revealed."""
    revealed = reveal_of_audit(audit_id=UUID(audit_id), today=timezone.localdate())
    with run.completing(revealed=revealed):
        pass


@handles(REVEAL_CALIBRATIONS, title="Reveal the grades of calibrations whose last day is over")
def reveal_calibrations_due(run: JobRun, *, hour: str = "") -> None:
    """Look at what stands today, however late the job runs; `hour` names the hour that it is for."""
    revealed = reveal_all_due(today=timezone.localdate())
    with run.completing(revealed=revealed):
        pass


@handles(CLOSE_AUDIT, title="Close the audit whose actions are all verified")
def close_audit_of_actions(run: JobRun, *, origin: str, origin_reference: str) -> None:
    """The last action of something was verified: close the audit that it came from, if it was one and all is done."""
    closed = close_audits_of(origin=origin, origin_reference=origin_reference)
    with run.completing(closed=closed):
        pass


def _issuing_mornings(now: datetime) -> tuple[datetime, datetime]:
    return mornings(now, ISSUE_AT, closing_days())


def _issuing_morning(now: datetime) -> tuple[str, dict[str, Any]]:
    day = f"{_issuing_mornings(now)[0]:%Y-%m-%d}"
    return day, {"day": day}


EVERY_MORNING = Schedule(
    name="issue_feedback",
    kind=ISSUE_FEEDBACK,
    title="Issue the feedback of settled audits, and close what is done",
    says="On working days at 07:15",
    period=_issuing_morning,
    moments=_issuing_mornings,
)


def _full_hour(now: datetime) -> tuple[str, dict[str, Any]]:
    hour = f"{now:%Y-%m-%dT%H}"
    return hour, {"hour": hour}


def _full_hours(now: datetime) -> tuple[datetime, datetime]:
    begun = now.replace(minute=0, second=0, microsecond=0)
    return begun, begun + timedelta(hours=1)


def _hours(now: datetime) -> tuple[datetime, datetime]:
    last = now.replace(minute=30, second=0, microsecond=0)
    last = last if last <= now else last - timedelta(hours=1)
    return last, last + timedelta(hours=1)


def _hour(now: datetime) -> tuple[str, dict[str, Any]]:
    # In UTC: the hour that comes twice in October is two hours.
    hour = f"{_hours(now)[0].astimezone(UTC):%Y-%m-%dT%H}"
    return hour, {"hour": hour}


def _months(now: datetime) -> tuple[datetime, datetime]:
    return sample_moments(now, closing_days())


def _month_before(now: datetime) -> tuple[str, dict[str, Any]]:
    month = _months(now)[0].date().replace(day=1) - timedelta(days=1)
    return f"{month:%Y-%m}", {"month": f"{month:%Y-%m}"}


EVERY_HOUR = Schedule(
    name="lapse_answers",
    kind=LAPSE_ANSWERS,
    title="Take the silence of auditors as acceptance of a changed grade",
    says="Every hour, on the hour",
    period=_full_hour,
    moments=_full_hours,
)
CALIBRATIONS_HOURLY = Schedule(
    name="reveal_calibrations",
    kind=REVEAL_CALIBRATIONS,
    title="Reveal the grades of calibrations whose last day is over",
    says="Every hour, on the hour",
    period=_full_hour,
    moments=_full_hours,
)
HOURLY = Schedule(
    name="audit_clocks",
    kind=LOOK_AT_CLOCKS,
    title="Tell what is due, late or unacknowledged in audits",
    says="Each hour at half past: alerts on every day, all else on working days from 07:30",
    period=_hour,
    moments=_hours,
)
EVERY_MONTH = Schedule(
    name="re_audit_sample",
    kind=BOOK_SAMPLE,
    title="Book re-audits of a sample that required improvement",
    says="On the 1st working day of the month at 07:30, for the month before",
    period=_month_before,
    moments=_months,
)
