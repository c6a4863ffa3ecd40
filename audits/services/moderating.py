"""Moderating a submission: taken from the queue, then agreed with or changed. Both grades are kept for ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audits import access
from audits.choices import ModerationOutcome, ModerationStatus
from audits.models import ModeratedSection, Moderation, Transition
from audits.rules.grading import characters
from audits.rules.submission import MIN_REASON
from audits.selectors.readiness import AuditAsWritten, audit_as_written
from audits.services import tallies
from audits.services.moves import Moves, StaleVersion, lock_audit
from audits.services.settling import settle
from audits.workflow import MODERATION_MOVES, refusal
from core.history.services import Entry, actor_id, record
from core.workflow import IllegalMove, may_follow

_EVENTS = {ModerationOutcome.AGREED: "agree", ModerationOutcome.CHANGED: "change"}
_NEEDS_REASON = f"Give the reason in at least {MIN_REASON} characters"


def _held(moderation: Moderation, by: Any, event: str) -> Moderation:
    """The moderation as it stands now, with its audit locked first. Raises NotAllowed and IllegalMove."""
    audit = lock_audit(audit=moderation.audit)
    held = Moderation.objects.select_for_update(of=("self",), no_key=True).get(pk=moderation.pk)
    held.audit = audit
    access.require(by, "moderate", held)
    if not may_follow(MODERATION_MOVES, event, held.status):
        raise IllegalMove(refusal("moderation", event, held.get_status_display()))
    return held


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
        held = _held(moderation, by, "open")
        held.moderator, held.opened_at = by, timezone.now()
        _store(held, by, "open", held.opened_at, moderator=by, opened_at=held.opened_at)
        record(by=by, verb="open", record=held, from_state=ModerationStatus.SELECTED, to_state=held.status)
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
    """Agree with the grade or change it, with a reason of at least 20 characters; the audit settles with it.

    `outcome` is a value of ModerationOutcome. `section_grades` maps rows of sections to (grade, reason) where the
    moderator sees a section otherwise. The ceilings bind the moderator too: a hard one absolutely, a soft one unless
    `override_reason` has at least 30 characters. Raises ValidationError by field ("grade", "reason",
    "override_reason", "section_<key of the row>"), NotAllowed, IllegalMove and StaleVersion.
    """
    event = _EVENTS.get(ModerationOutcome(outcome)) if outcome in ModerationOutcome.values else None
    if event is None:
        raise ValidationError({"outcome": "Choose whether you agree with the grade or change it"})
    with transaction.atomic():
        held = _held(moderation, by, event)
        if version != held.version:
            raise StaleVersion(version=held.version, saved_by=held.moderator)
        audit = held.audit
        written = audit_as_written(audit)
        settled = grade if outcome == ModerationOutcome.CHANGED else audit.auditor_grade
        sections = _changed_sections(written, section_grades or {})
        _check(written, held, outcome, settled, reason, sections, override_reason)
        before = tallies.contribution(audit=audit)
        moves = Moves(audit=audit, by=by)
        held.outcome, held.grade_after, held.decided_at = outcome, settled, moves.at
        held.reason, held.override_reason = reason.strip(), override_reason.strip()
        _store(
            held, by, event, moves.at, why=held.reason, outcome=held.outcome, grade_after=settled, reason=held.reason,
            override_reason=held.override_reason, decided_at=moves.at,
        )  # fmt: skip
        ModeratedSection.objects.bulk_create(
            ModeratedSection(
                moderation=held, audit_section_id=pk, grade_before=was, grade_after=now, reason=why.strip()
            )
            for pk, (was, now, why) in sections.items()
        )
        values = {"grade": [held.grade_before, settled], "sections": len(sections)}
        moves.note(Entry(held, event, ModerationStatus.OPENED, held.status, held.reason, values))
        settle(
            moves=moves,
            grade=settled,
            meanings=written.meanings,
            by=by,
            section_grades={pk: now for pk, (_, now, _) in sections.items()},
        )
        tallies.move(before=before, after=tallies.contribution(audit=audit))
        moves.save()
    return held


def _changed_sections(
    written: AuditAsWritten, section_grades: Mapping[UUID, tuple[str, str]]
) -> dict[UUID, tuple[str, str, str]]:
    """(grade before, grade after, reason) of the sections that the moderator sees otherwise, by row.

    Raises ValidationError for a grade that the scheme does not have, a section that has none, or a missing reason.
    """
    rows = {section.row.pk: section for section in written.sections}
    found, wrong = {}, {}
    for key, (grade, why) in section_grades.items():
        section = rows.get(key)
        if section is None or not section.asked.graded or not section.applies or grade not in written.meanings:
            wrong[f"section_{key}"] = "Choose one of the grades"
        elif grade == section.row.grade:
            continue
        elif characters(why) < MIN_REASON:
            wrong[f"section_{key}"] = f"{section.asked.title}: {_NEEDS_REASON[:1].lower()}{_NEEDS_REASON[1:]}"
        else:
            found[key] = (section.row.grade, grade, why)
    if wrong:
        raise ValidationError(wrong)
    return found


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
        if characters(reason) < MIN_REASON:
            wrong["reason"] = _NEEDS_REASON
    meaning = written.meanings.get(settled, "")
    if meaning and not wrong:
        ceiling = written.ceiling({pk: now for pk, (_, now, _) in sections.items()})
        why_not = ceiling.why_not(meaning, override_reason)
        if why_not:
            wrong["grade" if ceiling.forbids(meaning) else "override_reason"] = list(why_not)
    if wrong:
        raise ValidationError(wrong)


def _store(held: Moderation, by: Any, event: str, at: datetime, *, why: str = "", **changes: Any) -> None:
    """Move the moderation and append the move to its audit's story."""
    before = held.status
    held.status = next(each.target for each in MODERATION_MOVES if each.event == event)
    changed = Moderation.objects.filter(pk=held.pk, version=held.version, status=before).update(
        status=held.status, version=F("version") + 1, **changes
    )
    if not changed:
        raise StaleVersion(version=held.version)
    held.version += 1
    Transition.objects.create(
        audit=held.audit, at=at, by_id=actor_id(by), event=event, from_status=before,
        to_status=held.status, why=why,
    )  # fmt: skip
