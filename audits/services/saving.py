"""What every save of an auditor shares."""

from __future__ import annotations

from typing import Any

from audits import access
from audits.choices import AuditStatus, ModerationStatus
from audits.models import Audit, Moderation
from audits.services.moves import lock_audit
from audits.workflow import refusal
from core.workflow import IllegalMove


def hold_for_filling(*, audit: Audit, by: Any) -> Audit:
    """The audit, locked and open to its auditor: under way, or returned by its moderator.

    Raises NotAllowed and IllegalMove.
    """
    held = lock_audit(audit=audit)
    access.require(by, "fill", held)
    if held.status != AuditStatus.IN_PROGRESS and not is_returned(audit=held):
        raise IllegalMove(refusal("audit", "save", held.get_status_display()))
    return held


def is_returned(*, audit: Audit) -> bool:
    """Whether a submitted audit is back with its auditor, to answer questions and be submitted again."""
    return (
        audit.status == AuditStatus.SUBMITTED
        and Moderation.objects.filter(audit=audit, status=ModerationStatus.RETURNED).exists()
    )


def one_line_end(*, text: str) -> str:
    """A text with one kind of line end, whatever a browser sent."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
