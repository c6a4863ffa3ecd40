"""Moderating a submission: taken from the queue, then agreed with or changed. Both grades are kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from audits.choices import ModerationOutcome, ModerationStatus
from audits.models import ModeratedSection, Moderation
from audits.rules import moderation as rules
from audits.rules.grading import characters
from audits.selectors.readiness import AuditAsWritten, audit_as_written
from audits.services import judging
from audits.services.moderation_moves import hold_moderation, move_held
from audits.services.moves import StaleVersion, lock_audit
from audits.services.outcome import ask_the_auditor, settle_or_confirm

__all__ = ["StaleVersion", "decide_moderation", "open_moderation"]

_EVENTS = {ModerationOutcome.AGREED: "agree", ModerationOutcome.CHANGED: "change"}


def open_moderation(*, moderation: Moderation, by: Any) -> Moderation:
    """Take a submission from the queue; its auditor can no longer take it back. Again by the same person: no change.

    Raises NotAllowed for a moderator with a conflict or where another one has it, and IllegalMove.
    """
    with transaction.atomic():
        audit = lock_audit(audit=moderation.audit)
        now = Moderation.objects.get(pk=moderation.pk)
        now.audit = audit
        if now.status == ModerationStatus.OPENED and now.moderator_id == by.pk:
            return now
        held = hold_moderation(moderation=moderation, event="open", by=by, verb="moderate")
        move_held(held=held, event="open", by=by, moderator=by, opened_at=timezone.now())
    return held


def decide_moderation(
    *,
    moderation: Moderation,
    by: Any,
    outcome: str,
    grade: str = "",
    reason: str = "",
    section_grades: Mapping[UUID, tuple[str, str]] | None = None,
    override_reason: str = "",
    version: int,
) -> Moderation:
    """Agree with the grade or change it, with a reason of at least 20 characters.

    `outcome` is a value of ModerationOutcome. `section_grades` maps rows of sections to (grade, reason) where the
    moderator sees a section otherwise. A changed grade, overall or of a section, goes to the auditor to accept or
    dispute; one agreed with settles, after a head of service has confirmed it where it is inadequate. The ceilings
    bind the moderator too: a hard one absolutely, a soft one unless `override_reason` has at least 30 characters.
    Raises ValidationError by field ("grade", "reason", "override_reason", "section_<key of the row>"), NotAllowed,
    IllegalMove and StaleVersion.
    """
    if outcome not in _EVENTS:
        raise ValidationError({"outcome": "Choose whether you agree with the grade or change it"})
    with transaction.atomic():
        event = _EVENTS[ModerationOutcome(outcome)]
        held = hold_moderation(moderation=moderation, event=event, by=by, verb="moderate")
        if version != held.version:
            raise StaleVersion(version=held.version, saved_by=held.moderator)
        audit = held.audit
        written = audit_as_written(audit)
        settled = grade if outcome == ModerationOutcome.CHANGED else audit.auditor_grade
        own = {section.row.pk: section.row.grade for section in written.sections}
        sections = judging.changed_sections(written=written, wanted=section_grades or {}, now=own)
        _check(written, held, outcome, settled, reason, sections, override_reason)
        ModeratedSection.objects.bulk_create(
            ModeratedSection(moderation=held, audit_section_id=pk, grade_before=was, grade_after=now, reason=why)
            for pk, (was, now, why) in sections.items()
        )
        changes: dict[str, Any] = {
            "outcome": outcome, "grade_after": settled, "reason": reason.strip(),
            "override_reason": override_reason.strip(), "decided_at": timezone.now(),
        }  # fmt: skip
        values = {"grade": [held.grade_before, settled], "sections": len(sections)}
        if rules.a_changed_grade_is_answered(before=held.grade_before, after=settled, sections_changed=len(sections)):
            ask_the_auditor(held=held, event="change", by=by, why=reason, values=values, **changes)
        else:
            settle_or_confirm(held=held, event="agree", by=by, why=reason, values=values, **changes)
    return held


def _check(
    written: AuditAsWritten,
    moderation: Moderation,
    outcome: str,
    settled: str,
    reason: str,
    sections: Mapping[UUID, tuple[str, str, str]],
    override_reason: str,
) -> None:
    """Raises ValidationError by field for a decision that the policy does not allow."""
    wrong: dict[str, Any] = {}
    if outcome == ModerationOutcome.CHANGED:
        if settled not in written.meanings:
            wrong["grade"] = "Choose the grade that you give"
        elif settled == moderation.grade_before:
            wrong["grade"] = "This is the auditor's grade. Choose another grade, or agree with it"
        if characters(reason) < judging.MIN_REASON:
            wrong["reason"] = judging.NEEDS_REASON
    if not wrong:
        wrong = judging.bound_by_the_ceiling(
            written=written,
            grade=settled,
            sections={pk: now for pk, (_, now, _) in sections.items()},
            override_reason=override_reason,
        )
    if wrong:
        raise ValidationError(wrong)
