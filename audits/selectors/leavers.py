"""What people who left have left open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from audits.choices import AuditStatus
from audits.querysets import AuditQuerySet


@dataclass(frozen=True)
class LeftOpen:
    """An audit that waits for somebody who left (or is leaving): not submitted yet, or returned with questions."""

    id: UUID
    reference: str
    auditor: str
    status: str
    due_on: date | None


def left_open(audits: AuditQuerySet, person: Any = None) -> list[LeftOpen]:
    """The audits that one person holds open, or without `person` all those of people who left; the first due first."""
    held = audits.with_auditor().select_related("auditor")
    held = held.filter(auditor=person) if person is not None else held.filter(auditor__is_active=False)
    return [
        LeftOpen(
            audit.pk, audit.reference, audit.auditor.name if audit.auditor else "",
            "Returned" if audit.status == AuditStatus.SUBMITTED else audit.get_status_display(), audit.due_on,
        )
        for audit in held.order_by("due_on", "reference")
    ]  # fmt: skip
