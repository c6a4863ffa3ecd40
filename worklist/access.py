"""Who may read who looked at what, and who may break the glass."""

from __future__ import annotations

from typing import Any

from accounts.access import YES, Decision, must, no, unit_scope
from accounts.choices import LINE_ROLES, Role
from cases.models import Case, Connection

LOG_READERS = (Role.QA_LEAD, Role.INFORMATION_GOVERNANCE)
GLASS_BREAKERS = (Role.QA_LEAD, Role.HEAD_OF_SERVICE)


def reads_log(user: Any) -> bool:
    """Whether the access log is open to this person (product.md NK-6)."""
    return bool(getattr(user, "pk", None)) and user.holds(*LOG_READERS)


def breaks_glass(user: Any) -> bool:
    """Whether this person may open a case by break-glass (product.md NK-5)."""
    return bool(getattr(user, "pk", None)) and user.holds(*GLASS_BREAKERS)


def can_read_log(user: Any) -> Decision:
    """The QA lead and the information governance lead."""
    return YES if reads_log(user) else no("The access log is for the QA lead and the information governance lead.")


def can_break_glass(user: Any) -> Decision:
    """The QA lead and heads of service."""
    if breaks_glass(user):
        return YES
    return no("Only the QA lead and heads of service can open a case by break-glass.")


def can_see_who_looked(user: Any, case: Case) -> Decision:
    """The information governance lead for any case; for those they see, the QA lead and the line of the case."""
    if user.holds(Role.INFORMATION_GOVERNANCE):
        return YES
    refusal = no("Who looked at a case is for its managers, the QA lead and the information governance lead.")
    if not Case.objects.visible_to(user).filter(pk=case.pk).exists():
        return refusal
    line = unit_scope(user, *LINE_ROLES)
    return YES if user.holds(Role.QA_LEAD) or {case.team_id, case.service_id} & set(line) else refusal


def can_see_who_read_own_work(user: Any) -> Decision:
    """Practitioners, for audits of their own work."""
    return YES if user.holds(Role.PRACTITIONER) else no("This page is for people whose cases are audited.")


def require_glass(user: Any, case: Case) -> None:
    """Raise NotAllowed when this person may not open this case by break-glass."""
    must(can_break_glass(user))
    if Connection.objects.filter(case=case, user=user.pk).exists():
        must(no("You declared a personal connection with this case, so you cannot open it. Ask a colleague."))
