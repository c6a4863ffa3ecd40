"""Who may bring figures in, correct definitions and read exception lists."""

from __future__ import annotations

from typing import Any

from accounts.access import YES, Decision, can_import, no, unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from accounts.models import OrgUnit
from assurance_clinics.querysets import FIGURE_READERS
from cases.models import Worker


def _is_qa(user: Any) -> bool:
    return getattr(user, "is_system", False) or (bool(user.pk) and user.holds(*QA_ROLES))


def sees_indicators(user: Any) -> bool:
    """Whether the pages of indicators are of any use to this person."""
    return getattr(user, "is_system", False) or (
        bool(getattr(user, "pk", None)) and user.holds(*FIGURE_READERS, Role.PRACTITIONER)
    )


def can_import_indicators(by: Any) -> Decision:
    """The QA unit brings figures in."""
    return can_import(by)


def can_define(by: Any) -> Decision:
    """The QA unit keeps the definitions and targets."""
    return YES if _is_qa(by) else no("Only the QA unit can change what an indicator means.")


def can_type_values(by: Any) -> Decision:
    """The QA unit types figures."""
    return YES if _is_qa(by) else no("Only the QA unit can type figures.")


def sees_figures_of(user: Any, unit: OrgUnit | None) -> bool:
    """Whether somebody may read the figures of a unit, or of the department (None)."""
    if _is_qa(user):
        return True
    if not user.pk:
        return False
    if unit is None:
        return bool(user.holds(*FIGURE_READERS))
    return user.holds(Role.PRINCIPAL_SOCIAL_WORKER) or unit.pk in unit_scope(user, *LINE_ROLES)


def sees_exceptions_of(user: Any, unit: OrgUnit | None, worker: Worker | None = None) -> bool:
    """Whether somebody may read which cases are behind a figure: the QA unit those of every place, a line those of its
    own units, a practitioner their own. Each case must be open to the reader besides."""
    if _is_qa(user):
        return True
    if not user.pk or unit is None:
        return False
    if unit.pk in unit_scope(user, *LINE_ROLES):
        return True
    return worker is not None and worker.user_id == user.pk and user.holds(Role.PRACTITIONER)


def sees_small_numbers_of(user: Any, unit: OrgUnit | None, worker: Worker | None = None) -> bool:
    """Whether counts of 1 to 4 are shown: inside the QA unit, and to whoever may read the cases anyway."""
    return sees_exceptions_of(user, unit, worker)
