"""Many audits given out or moved at once: what was done and what was refused, with the reason (PL-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from accounts.access import NotAllowed
from accounts.models import User
from audits import access
from audits.choices import AuditStatus
from audits.models import Audit
from audits.services import planning
from audits.services.moves import StaleVersion
from core.bulk import BulkResult, change_each


def give_many(*, audits: Iterable[Audit], auditor: User | None, why: str, by: Any) -> BulkResult[Audit]:
    """Give each of these audits to one auditor, or for None to whoever is free of a conflict and has the fewest open.

    One that is planned is allocated; one that somebody has is reassigned, and keeps what was written in it.
    """
    return _each(audits, why, lambda audit: _give(audit, auditor, why, by))


def move_due_dates(*, audits: Iterable[Audit], due_on: date, why: str, by: Any) -> BulkResult[Audit]:
    """Change the due date of each of these audits to one day."""
    return _each(audits, why, lambda audit: planning.move_due_date(audit=audit, due_on=due_on, why=why, by=by))


def _give(audit: Audit, auditor: User | None, why: str, by: Any) -> Audit:
    planned = audit.status == AuditStatus.PLANNED
    access.require(by, "allocate" if planned else "reassign", audit)
    if auditor is None:
        returned = audit.moderations.returned().exists()
        free = planning.free_auditors(audit=audit, judged_by=returned)
        if not free:
            raise NotAllowed("Nobody else is free of a conflict of interest for this case.")
        auditor = free[0].user
    if planned:
        return planning.allocate_audit(audit=audit, auditor=auditor, by=by, why=why, version=audit.version)
    return planning.reassign_audit(
        audit=audit, auditor=auditor, by=by, why=why, keep_answers=True, version=audit.version
    )


def _each(audits: Iterable[Audit], why: str, change: Callable[[Audit], Audit]) -> BulkResult[Audit]:
    return change_each(audits, change, why=why, noun="audit", refusals=(NotAllowed, StaleVersion))
