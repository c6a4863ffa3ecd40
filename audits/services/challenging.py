"""Challenging the feedback: opened by the practitioner or the team manager, decided through a dispute."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, people_as
from accounts.choices import Role
from audits import access
from audits.choices import (
    GRADE_DEPENDENT,
    AuditStatus,
    ChallengeAbout,
    ChallengeStatus,
    ClockKind,
    ClockState,
    DisputeOrigin,
    Grade,
)
from audits.models import Audit, AuditSection, Challenge, Dispute
from audits.rules.grading import characters
from audits.rules.responding import MIN_CHALLENGE, needs_safety_statement, response_days
from audits.rules.timescales import CHALLENGE_DECISION_DAYS, RESPONSE_SAFETY_DAYS
from audits.selectors.readiness import grade_meanings
from audits.services import tallies
from audits.services.clocks import end_clock, pause_clocks, resume_clocks, start_clock
from audits.services.closing import close_when_done
from audits.services.disputing import open_dispute
from audits.services.feedback import tell_of_feedback, write_feedback
from audits.services.moves import Moves, lock_audit
from audits.workflow import refusal
from core.council.selectors import setting
from core.history.services import record
from core.jobs.services import publish
from core.notifications.services import notify_who_sees
from core.workflow import IllegalMove

_WHY_PAUSED = "A challenge is open."


def challenge_feedback(*, audit: Audit, by: Any, about: str, text: str) -> Challenge:
    """Challenge the facts or the grade, in 30 characters or more, while there is time; one challenge at a time.

    The clocks that depend on the grade stand still until it is decided, never that of the child's safety. Raises
    ValidationError by field, NotAllowed, and IllegalMove where there is no time left or one is open.
    """
    faults = {}
    if about not in ChallengeAbout.values:
        faults["about"] = "Choose whether it is about the facts or the grade"
    if characters(text) < MIN_CHALLENGE:
        faults["text"] = f"Say in at least {MIN_CHALLENGE} characters what you see otherwise and what shows it"
    if faults:
        raise ValidationError(faults)
    with transaction.atomic():
        held = lock_audit(audit=audit)
        access.require(by, "challenge", held)
        moves = Moves(audit=held, by=by)
        moves.make("challenge")
        must_have_time(audit=held)
        challenge = Challenge.objects.create(
            audit=held, feedback=held.feedbacks.order_by("-number").first(), about=about, text=text.strip(),
            opened_by=by, opened_at=moves.at, grade_before=held.grade,
        )  # fmt: skip
        record(
            by=by, verb="open", record=challenge, to_state=challenge.status,
            values={"audit": str(held.pk), "about": about},
        )  # fmt: skip
        today = timezone.localdate(moves.at)
        pause_clocks(audit=held, kinds=GRADE_DEPENDENT, on=today, by=by, why=_WHY_PAUSED)
        start_clock(audit=held, kind=ClockKind.DECISION, days_from=CHALLENGE_DECISION_DAYS.key, at=moves.at, by=by)
        moves.tell(f"{ChallengeAbout(about).label}: {challenge.text}")
        moves.save()
        open_dispute(
            audit=held, by=by, why=challenge.text, origin=DisputeOrigin.CHALLENGE, origin_id=challenge.pk,
            grade_one=held.grade, days=setting(CHALLENGE_DECISION_DAYS.key, on=today),
        )  # fmt: skip
        _tell(held, challenge, "challenge_opened", people_as([Role.QA_LEAD], [held.team, held.service]))
        publish("audits.challenged", by=by, audit_id=held.pk)
    return challenge


def may_be_challenged(*, audit: Audit) -> bool:
    """Whether there is time left, and no challenge open."""
    return not why_not_challenged(audit=audit)


def why_not_challenged(*, audit: Audit) -> str:
    """Why the feedback cannot be challenged now, as a sentence; nothing where it can."""
    if audit.historic or audit.status not in (AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED):
        return refusal("audit", "challenge", audit.get_status_display())
    if audit.challenges.filter(status=ChallengeStatus.OPEN).exists():
        return "This feedback is being challenged already; that challenge is decided first."
    window = audit.clocks.filter(kind=ClockKind.CHALLENGE, state=ClockState.RUNNING, due_on__gte=timezone.localdate())
    return "" if window.exists() else "The time to challenge this feedback is over."


def follow_challenge(*, dispute: Dispute, by: Any) -> None:
    """A dispute that came from a challenge is decided: the audit goes on where it was.

    The same grade lets the clocks go on. Another grade issues the feedback anew and starts those clocks afresh that
    depend on the grade; whatever keeps the child safe runs on. Called in the transaction of the decision.
    """
    if dispute.origin_id is None:
        return
    challenge = Challenge.objects.filter(pk=dispute.origin_id, status=ChallengeStatus.OPEN).first()
    if challenge is None:
        return
    audit = lock_audit(audit=dispute.audit)
    before = tallies.contribution(audit=audit)
    moves = Moves(audit=audit, by=by)
    moves.make("decide_challenge", why=dispute.reason)
    changed = bool(dispute.grade) and dispute.grade != audit.grade
    _decide(challenge, dispute, by, moves.at)
    for section in dispute.sections.all():
        AuditSection.objects.filter(pk=section.audit_section_id).update(settled_grade=section.grade_after)
    end_clock(audit=audit, kind=ClockKind.DECISION, at=moves.at, by=by)
    if changed:
        meaning = grade_meanings(audit.scheme_id).get(dispute.grade, "")
        moves.make("issue_again", by=SYSTEM)
        moves.set(grade=dispute.grade, counted_grade=meaning)
        feedback = write_feedback(moves=moves, why=dispute.reason)
        _start_afresh(audit, by, moves.at)
    else:
        resume_clocks(audit=audit, on=timezone.localdate(moves.at), by=by, why="The challenge is decided.")
    tallies.move(before=before, after=tallies.contribution(audit=audit))
    moves.save()
    _tell(audit, challenge, "challenge_decided", [challenge.opened_by])
    if changed:
        tell_of_feedback(audit=audit, feedback=feedback)
        publish("audits.settled", by=by, audit_id=audit.pk)
        publish("audits.feedback_issued", by=by, audit_id=audit.pk)
    close_when_done(audit=audit)


def _decide(challenge: Challenge, dispute: Dispute, by: Any, at: datetime) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(
        status=ChallengeStatus.DECIDED, grade_after=dispute.grade, reason=dispute.reason,
        decided_by=dispute.decided_by, decided_at=at, version=F("version") + 1,
    )  # fmt: skip
    record(
        by=by, verb="decide", record=challenge, from_state=ChallengeStatus.OPEN, to_state=ChallengeStatus.DECIDED,
        why=dispute.reason, values={"grade": [challenge.grade_before, dispute.grade]},
    )  # fmt: skip


def _start_afresh(audit: Audit, by: Any, at: datetime) -> None:
    """The response's clock begins anew unless the response was given; a grade that is inadequate now asks for the
    statement on safety, where nobody has given it."""
    serious = audit.counted_grade == Grade.INADEQUATE
    response = getattr(audit, "response", None)
    if audit.status == AuditStatus.FEEDBACK_ISSUED:
        days = response_days(audit.counted_grade)
        start_clock(audit=audit, kind=ClockKind.RESPONSE, days_from=days, at=at, by=by, serious=serious)
    asked = audit.clocks.filter(kind=ClockKind.SAFETY).exclude(state=ClockState.STOPPED).exists()
    given = response is not None and response.safety_at is not None
    if needs_safety_statement(audit.counted_grade) and not asked and not given:
        start_clock(audit=audit, kind=ClockKind.SAFETY, days_from=RESPONSE_SAFETY_DAYS.key, at=at, by=by, serious=True)


def _tell(audit: Audit, challenge: Challenge, kind: str, people: Any) -> None:
    notify_who_sees(
        record=audit,
        people=people,
        kind=kind,
        event=str(challenge.pk),
        link=reverse("audits:detail", args=[audit.pk]),
        reference=audit.reference,
    )


def must_have_time(*, audit: Audit) -> None:
    """Raise IllegalMove where the audit cannot be challenged now."""
    if why_not := why_not_challenged(audit=audit):
        raise IllegalMove(why_not)
