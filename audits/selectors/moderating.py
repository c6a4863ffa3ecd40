"""What the moderators' pages print."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audits.choices import ModerationStatus, SelectionReason
from audits.models import Moderation
from audits.selectors.pages import auditor_name, case_reference, in_words
from core.working_days import working_days_between


@dataclass(frozen=True)
class QueueRow:
    """One submission in the queue."""

    id: UUID
    audit_id: UUID
    reference: str
    case_reference: str
    service: str
    team: str
    audit_type: str
    auditor: str
    grade: str
    grade_after: str
    status: str
    colour: str
    reasons: tuple[str, ...]
    due: str
    overdue: bool
    mine: bool
    moderator: str
    decided_at: dt.datetime | None


def queue_rows(moderations: Iterable[Moderation], today: dt.date, reader: Any) -> list[QueueRow]:
    """The lines of the queue; expects audits with case, units and auditor, and the moderator, to be loaded."""
    return [
        QueueRow(
            id=each.pk,
            audit_id=each.audit_id,
            reference=each.audit.reference,
            case_reference=case_reference(each.audit),
            service=each.audit.service.name,
            team=each.audit.team.name if each.audit.team else "",
            audit_type=each.audit.audit_type,
            auditor=auditor_name(each.audit),
            grade=each.grade_before,
            grade_after=each.grade_after,
            status=each.get_status_display(),
            colour="yellow" if each.status == ModerationStatus.SELECTED else "purple",
            reasons=reason_words(each),
            due=due_words(each, today),
            overdue=each.due_on is not None and each.due_on < today and each.decided_at is None,
            mine=each.moderator_id is not None and each.moderator_id == reader,
            moderator=each.moderator.name if each.moderator else "",
            decided_at=each.decided_at,
        )
        for each in moderations
    ]


def reason_words(moderation: Moderation) -> tuple[str, ...]:
    """Why the submission was chosen, in words; for moderators and the QA unit, never for its auditor."""
    return tuple(SelectionReason(reason).label for reason in moderation.reasons if reason in SelectionReason.values)


def due_words(moderation: Moderation, today: dt.date) -> str:
    """When the moderation is due: "due 4 March 2026, in 3 working days"."""
    if moderation.due_on is None:
        return ""
    days = working_days_between(today, moderation.due_on)
    if moderation.due_on < today:
        count = "1 working day" if days == -1 else f"{-days} working days"
        return f"due {in_words(moderation.due_on)}, {count} overdue"
    count = "1 working day" if days == 1 else f"{days} working days"
    return f"due {in_words(moderation.due_on)}, {'today' if moderation.due_on == today else f'in {count}'}"
