"""Settling a grade: the end of every submission, moderated or not. Its feedback is issued in a step of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Value, When

from audits.choices import SectionState
from audits.models import AuditSection
from audits.services.moves import Moves
from core.jobs.services import publish


def settle(
    *,
    moves: Moves,
    grade: str,
    meanings: Mapping[str, str],
    by: Any,
    why: str = "",
    section_grades: Mapping[UUID, str] | None = None,
) -> None:
    """Settle a submitted audit with this grade; the caller saves the moves.

    `meanings` maps each grade of the scheme to the one of the four that reports count; `section_grades` are a
    moderator's, by the key of the section's row. Nothing of it reaches the practitioner or their line before the
    feedback is issued (NK-4).
    """
    audit = moves.audit
    moves.make("settle", by=by, why=why, values={"grade": [audit.auditor_grade, grade]})
    moves.set(grade=grade, counted_grade=meanings.get(grade, ""), settled_at=moves.at)
    AuditSection.objects.filter(audit=audit).exclude(state=SectionState.NOT_APPLICABLE).update(
        settled_grade=Case(
            *(When(pk=pk, then=Value(other)) for pk, other in (section_grades or {}).items()), default=F("grade")
        )
    )
    publish("audits.settled", by=by, audit_id=audit.pk)
