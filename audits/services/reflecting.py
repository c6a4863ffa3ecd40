"""What people say to each other about feedback: a reflection, a talk, thanks, and whether work may be an example."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from audits import access
from audits.choices import AuditStatus, ClockKind
from audits.models import Audit, ExemplarConsent, FeedbackMeeting, Reflection, ThankYou
from audits.rules.grading import characters
from audits.services.clocks import end_clock
from audits.services.feedback import readers_of_feedback
from audits.services.moves import StaleVersion, lock_audit
from audits.services.saving import one_line_end
from audits.workflow import refusal
from core.history.services import actor_id, record
from core.notifications.services import notify
from core.workflow import IllegalMove

MIN_THANKS = 10
_OPEN = (AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED)


def _held_open(audit: Audit, by: Any, verb: str, doing: str) -> Audit:
    held = lock_audit(audit=audit)
    access.require(by, verb, held)
    if held.status not in _OPEN or held.historic:
        raise IllegalMove(refusal("audit", doing, held.get_status_display()))
    return held


def save_reflection(*, audit: Audit, by: Any, text: str, version: int) -> Reflection:
    """Keep what the practitioner thinks about the feedback, up to the audit's closing. Nothing ever waits for it.

    `version` is what they had read, 0 where nothing stood there. Raises NotAllowed, IllegalMove and StaleVersion.
    """
    with transaction.atomic():
        held = _held_open(audit, by, "reflect", "reflect")
        found, _ = Reflection.objects.get_or_create(audit=held, person=by)
        if version != found.version and (version, found.saved_at) != (0, None):
            raise StaleVersion(theirs=found.text, version=found.version, saved_by=by, saved_at=found.saved_at)
        words, at = one_line_end(text=text.strip()), timezone.now()
        Reflection.objects.filter(pk=found.pk).update(text=words, saved_at=at, version=F("version") + 1)
        found.refresh_from_db()
        record(by=by, verb="save", record=found, values={"audit": str(held.pk)})
    return found


def share_reflection(*, audit: Audit, by: Any) -> Reflection:
    """Show the reflection to those who read the whole audit: the service lead and above, the auditor, the moderator.

    Raises ValidationError where nothing is written yet, NotAllowed and IllegalMove.
    """
    with transaction.atomic():
        held = _held_open(audit, by, "reflect", "reflect")
        found = Reflection.objects.filter(audit=held, person=by).exclude(text="").first()
        if found is None:
            raise ValidationError({"text": "Write something first"})
        if found.shared_at is None:
            found.shared_at = timezone.now()
            found.save(update_fields=["shared_at"])
            record(by=by, verb="share", record=found, values={"audit": str(held.pk)})
    return found


def record_meeting(*, audit: Audit, by: Any, held_on: date, attended: str) -> FeedbackMeeting:
    """Record the talk about the feedback: when it was and who was there; its clock is met.

    Raises ValidationError by field, NotAllowed and IllegalMove.
    """
    faults = {}
    if held_on > timezone.localdate():
        faults["held_on"] = "The day of the meeting must be today or in the past"
    if not attended.strip():
        faults["attended"] = "Say who was there"
    with transaction.atomic():
        held = _held_open(audit, by, "meet", "meet")
        issued = held.feedback_issued_at
        if issued is not None and held_on < timezone.localdate(issued):
            faults["held_on"] = "The meeting is held after the feedback is issued"
        if faults:
            raise ValidationError(faults)
        at = timezone.now()
        meeting = FeedbackMeeting.objects.create(
            audit=held, held_on=held_on, attended=attended.strip(), recorded_by=by, recorded_at=at
        )
        end_clock(audit=held, kind=ClockKind.MEETING, at=at, by=by)
        record(by=by, verb="record", record=meeting, values={"audit": str(held.pk), "held_on": held_on.isoformat()})
    return meeting


def say_thanks(*, audit: Audit, by: Any, text: str) -> ThankYou:
    """Thank the practitioner and the team manager for good or outstanding work; they hear of it at once.

    Raises ValidationError, NotAllowed and IllegalMove.
    """
    if characters(text) < MIN_THANKS:
        raise ValidationError({"text": f"Say in at least {MIN_THANKS} characters what was good"})
    with transaction.atomic():
        held = lock_audit(audit=audit)
        access.require(by, "thank", held)
        if not access.is_good_work(held):
            raise IllegalMove(refusal("audit", "thank", held.get_status_display()))
        note = ThankYou.objects.create(audit=held, text=one_line_end(text=text.strip()), by=by, at=timezone.now())
        record(by=by, verb="thank", record=note, values={"audit": str(held.pk)})
        _tell(held, "thank_you", str(note.pk), readers_of_feedback(audit=held))
    return note


def ask_consent(*, audit: Audit, by: Any) -> int:
    """Ask the practitioners of this audit whether their work may be shown as an example. Each is asked once.

    Returns how many were asked now. Raises NotAllowed and IllegalMove.
    """
    with transaction.atomic():
        held = lock_audit(audit=audit)
        access.require(by, "ask_consent", held)
        if not access.is_good_work(held):
            raise IllegalMove(refusal("audit", "thank", held.get_status_display()))
        asked = 0
        for person in access.practitioners_of(held):
            row, new = ExemplarConsent.objects.get_or_create(
                audit=held, person=person, defaults={"asked_by_id": actor_id(by), "asked_at": timezone.now()}
            )
            if new:
                asked += 1
                record(by=by, verb="ask", record=row, values={"audit": str(held.pk)})
                _tell(held, "consent_asked", str(row.pk), [person])
    return asked


def answer_consent(*, audit: Audit, by: Any, agrees: bool) -> ExemplarConsent:
    """The practitioner agrees or does not, and may change their mind at any time. Raises NotAllowed and IllegalMove."""
    with transaction.atomic():
        held = lock_audit(audit=audit)
        found = ExemplarConsent.objects.filter(audit=held, person=by.pk).first()
        if found is None or not access.can(by, "reflect", held):
            access.require(by, "reflect", held)
            raise IllegalMove("Nobody has asked you whether this work may be an example.")
        before, found.agrees, found.answered_at = found.agrees, agrees, timezone.now()
        found.save(update_fields=["agrees", "answered_at"])
        record(
            by=by, verb="answer", record=found, from_state=str(before), to_state=str(agrees),
            values={"audit": str(held.pk)},
        )  # fmt: skip
    return found


def has_consent(*, audit: Audit) -> bool:
    """Whether somebody was asked, and everybody who was asked agrees: then the work may be shown as an example."""
    answers = list(ExemplarConsent.objects.filter(audit=audit).values_list("agrees", flat=True))
    return bool(answers) and all(answers)


def _tell(audit: Audit, kind: str, event: str, people: Any) -> None:
    notify(
        people=people, kind=kind, event=event, object_id=audit.pk,
        link=reverse("audits:detail", args=[audit.pk]), reference=audit.reference,
    )  # fmt: skip
