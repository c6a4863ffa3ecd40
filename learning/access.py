"""Who may have a summary built."""

from __future__ import annotations

from typing import Any

from accounts.access import YES, Decision, no
from accounts.choices import QA_ROLES, Role

READERS = (*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER)
TOLD = (Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER)


def can_build(by: Any) -> Decision:
    """The QA lead and the Principal Social Worker have summaries built, and the system by its calendar."""
    if getattr(by, "is_system", False) or by.holds(Role.QA_LEAD, Role.PRINCIPAL_SOCIAL_WORKER):
        return YES
    return no("Only the QA lead and the Principal Social Worker can have a summary built.")


def reads_summaries(user: Any) -> bool:
    """Whether the summaries are for this person."""
    return bool(getattr(user, "pk", None)) and user.holds(*READERS)
