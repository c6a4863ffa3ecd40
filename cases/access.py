"""Who may do what with a case, and why not."""

from __future__ import annotations

from typing import Any

from accounts.access import YES, Decision, can_import, must, no
from accounts.choices import LINE_ROLES, QA_ROLES, Role
from cases.models import Case

__all__ = ["can", "can_import", "require", "sees_cases"]

_BY_QA = {
    "restrict": "restrict a case",
    "lift restriction": "lift the restriction of a case",
    "name people": "say who may see a restricted case",
    "add alias": "add another reference to a case",
}


def sees_cases(user: Any) -> bool:
    """Whether the list of cases is of any use to this person; it hides a link and guards nothing."""
    return getattr(user, "is_system", False) or user.holds(*QA_ROLES, *LINE_ROLES, Role.PRACTITIONER)


def can(user: Any, verb: str, case: Case) -> Decision:
    """Whether the user may do `verb` to the case, and if not why.

    Verbs: "see", "declare connection", "restrict", "lift restriction", "name people", "add alias". Anybody who is
    signed in may declare a connection with a case that they are shown: it only takes rights away from them.
    """
    if verb == "declare connection":
        if getattr(user, "is_system", False) or not user.is_active:
            return no("Only a person who can sign in has personal connections.")
        return YES
    if not Case.objects.visible_to(user).filter(pk=case.pk).exists():
        return no("You cannot see this case.")
    if verb == "see":
        return YES
    if verb in _BY_QA:
        if getattr(user, "is_system", False) or user.holds(*QA_ROLES):
            return YES
        return no(f"Only the QA unit can {_BY_QA[verb]}.")
    raise ValueError(f"There is no verb {verb!r} for cases.")


def require(user: Any, verb: str, case: Case) -> None:
    """Raise NotAllowed with the reason when the user may not do `verb` to the case."""
    must(can(user, verb, case))
