"""What an auditor answers to a changed grade, what a head of service says to an inadequate one, and what follows."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access import SYSTEM
from audits.choices import DisputeOrigin, ModerationStatus
from audits.models import Dispute, Moderation
from audits.rules import moderation as rules
from audits.rules.grading import characters
from audits.services.disputing import open_dispute
from audits.services.judging import section_grades_now
from audits.services.moderation_moves import hold_moderation, move_held, the_one_read
from audits.services.outcome import ask_the_auditor, settle_or_confirm
from core.workflow import IllegalMove


def accept_grade(*, moderation: Moderation, by: Any, version: int) -> Moderation:
    """The auditor accepts the changed grade. Raises NotAllowed, IllegalMove and StaleVersion."""
    with transaction.atomic():
        held = hold_moderation(moderation=moderation, event="accept", by=by, verb="answer_grade")
        the_one_read(held=held, version=version)
        settle_or_confirm(held=held, event="accept", by=by, answered_by=by, answered_at=timezone.now())
    return held


def dispute_grade(*, moderation: Moderation, by: Any, why: str, version: int) -> Dispute:
    """The auditor disputes the changed grade, with a reason of at least 20 characters."""
    with transaction.atomic():
        held = hold_moderation(moderation=moderation, event="dispute", by=by, verb="answer_grade")
        the_one_read(held=held, version=version)
        _why(why)
        move_held(held=held, event="dispute", by=by, why=why)
        return open_dispute(
            audit=held.audit,
            by=by,
            why=why,
            origin=DisputeOrigin.MODERATION,
            origin_id=held.pk,
            moderation=held,
            grade_one=held.grade_before,
            grade_two=held.grade_after,
        )


def confirm_grade(*, moderation: Moderation, by: Any, version: int) -> Moderation:
    """A head of service who was neither auditor nor moderator confirms an inadequate grade; it settles with that."""
    with transaction.atomic():
        held = hold_moderation(moderation=moderation, event="confirm", by=by, verb="confirm")
        the_one_read(held=held, version=version)
        settle_or_confirm(held=held, event="confirm", by=by, final=True, confirmed_by=by, confirmed_at=timezone.now())
    return held


def query_grade(*, moderation: Moderation, by: Any, why: str, version: int) -> Dispute:
    """A head of service does not confirm an inadequate grade and says why; it becomes a dispute."""
    with transaction.atomic():
        held = hold_moderation(moderation=moderation, event="query", by=by, verb="confirm")
        the_one_read(held=held, version=version)
        _why(why)
        move_held(held=held, event="query", by=by, why=why)
        return open_dispute(
            audit=held.audit,
            by=by,
            why=why,
            origin=DisputeOrigin.CONFIRMATION,
            origin_id=held.pk,
            moderation=held,
            grade_one=held.grade_after,
        )


def _why(why: str) -> None:
    if characters(why) < rules.MIN_DISPUTE:
        raise ValidationError({"why": f"Say in at least {rules.MIN_DISPUTE} characters why you do not agree"})


def lapse_answers(*, today: date) -> int:
    """Take the silence of auditors as acceptance, where the last day to answer is over. Each once; returns how many.

    Safe to run any number of times and late: what was answered in the meantime is left as it is.
    """
    late = Moderation.objects.filter(status=ModerationStatus.AWAITING_ACCEPTANCE, answer_by__lt=today)
    return sum(_lapse(key, today) for key in list(late.order_by("answer_by", "pk").values_list("pk", flat=True)))


def _lapse(key: UUID, today: date) -> bool:
    """Whether this auditor's silence was taken as acceptance just now."""
    with transaction.atomic():
        try:
            held = hold_moderation(moderation=Moderation.objects.select_related("audit").get(pk=key), event="lapse")
        except IllegalMove:  # answered, or taken by another run, in this moment
            return False
        if not rules.silence_accepts(answer_by=held.answer_by, today=today):
            return False
        settle_or_confirm(held=held, event="lapse", by=SYSTEM, answered_by=None, answered_at=timezone.now())
    return True


def follow_dispute(*, dispute: Dispute, by: Any) -> None:
    """A dispute before feedback is decided: the grade settles, is confirmed, or goes to the auditor once more."""
    if dispute.moderation is None:
        return
    held = hold_moderation(moderation=dispute.moderation, event="end_dispute")
    dispute.audit, dispute.moderation = held.audit, held
    agreed = held.answered_at is not None and dispute.grade == held.grade_after and not dispute.sections.exists()
    changes: dict[str, Any] = {"grade_after": dispute.grade, "decided_at": dispute.decided_at}
    if dispute.by_panel:
        settle_or_confirm(held=held, event="end_dispute", by=by, why=dispute.reason, final=True, **changes)
        return
    audit = held.audit
    own = dict(audit.sections.values_list("pk", "grade"))
    differ = sum(grade != own.get(pk) for pk, grade in section_grades_now(audit=audit).items())
    changed = rules.a_changed_grade_is_answered(before=held.grade_before, after=dispute.grade, sections_changed=differ)
    if changed and not agreed:
        ask_the_auditor(held=held, event="end_dispute_changed", by=by, why=dispute.reason, **changes)
    else:
        settle_or_confirm(held=held, event="end_dispute", by=by, why=dispute.reason, **changes)
