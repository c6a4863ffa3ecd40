"""Undoing the last change of a section, for ten minutes. Undoing is a change too, so it can be undone itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from audits.models import Audit, AuditSection, SectionUndo
from core.history.services import actor_id

FOR = timedelta(minutes=10)
ONE_CHANGE = timedelta(minutes=1)


def keep_for_undo(*, row: AuditSection, before: Mapping[str, Any], by: Any, at: datetime) -> None:
    """Keep what the section held before the change that made it what `row` is now. In the transaction of the change.

    What the same person changed less than a minute ago belongs to the same change.
    """
    last = SectionUndo.objects.filter(audit_section=row).first()
    goes_on = (
        last is not None
        and last.version == row.version - 1
        and last.changed_by_id == actor_id(by)
        and at - last.began_at < ONE_CHANGE
    )
    if last is not None and goes_on:
        SectionUndo.objects.filter(pk=last.pk).update(version=row.version, changed_at=at)
        return
    SectionUndo.objects.update_or_create(
        audit_section=row,
        defaults={
            "before": dict(before), "version": row.version, "began_at": at, "changed_at": at,
            "changed_by_id": actor_id(by),
        },
    )  # fmt: skip


def undoable(*, row: AuditSection, at: datetime) -> SectionUndo | None:
    """The change that may be undone now: the last one, as long as it is not older than ten minutes."""
    last = SectionUndo.objects.filter(audit_section=row).first()
    return last if last is not None and last.version == row.version and at - last.changed_at <= FOR else None


def forget_undo(*, audit: Audit) -> None:
    """Drop what was kept of earlier texts: a submitted audit has nothing to undo."""
    SectionUndo.objects.filter(audit_section__audit=audit).delete()


def as_kept(*, draft: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a section's draft as JSON can hold them."""
    findings = [
        {
            **each,
            "evidence_date": each["evidence_date"].isoformat() if each["evidence_date"] else None,
            "theme_ids": [str(theme) for theme in each["theme_ids"]],
            "id": str(each["id"]) if each["id"] else None,
        }
        for each in draft["findings"]
    ]
    return {**draft, "answers": dict(draft["answers"]), "findings": findings}


def as_read(*, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a section's draft from what was kept."""
    findings = [
        {
            **each,
            "evidence_date": date.fromisoformat(each["evidence_date"]) if each["evidence_date"] else None,
            "theme_ids": tuple(UUID(theme) for theme in each["theme_ids"]),
            "id": UUID(each["id"]) if each["id"] else None,
        }
        for each in kept["findings"]
    ]
    return {**kept, "findings": findings}
