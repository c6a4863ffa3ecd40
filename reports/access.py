"""Who may read figures. Whose audits the figures hold is decided by the rows, in `audits.querysets`."""

from __future__ import annotations

from typing import Any

from accounts.access import YES, Decision, no
from accounts.choices import LINE_ROLES, QA_ROLES, Role

_READERS = (*QA_ROLES, *LINE_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER, Role.READ_ONLY)
_SEE_EVERY_STAGE = (*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.HEAD_OF_SERVICE)


def can_read_figures(user: Any) -> Decision:
    """The QA unit, those who manage, the Principal Social Worker, panel members and readers of aggregates."""
    if getattr(user, "pk", None) and user.holds(*_READERS):
        return YES
    return no("No figures are open to your role. Ask the QA unit for what you need.")


def can_list_audits(user: Any) -> bool:
    """Whether a figure may lead this reader to audits: others read aggregates only."""
    return bool(user.holds(*QA_ROLES, *LINE_ROLES))


def reads_outside(user: Any) -> bool:
    """Whether this reader's figures reach further than the records that they may see: small numbers are withheld
    from them (product.md NK-8)."""
    return not user.holds(*QA_ROLES, *LINE_ROLES, Role.PRINCIPAL_SOCIAL_WORKER)


def sees_issued_only(user: Any) -> bool:
    """Whether this reader's figures hold issued audits alone (product.md RP-3, NK-4)."""
    return not user.holds(*_SEE_EVERY_STAGE)
