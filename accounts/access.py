"""Who acts, and the gate that every change passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Membership, OrgUnit, User


class SystemActor:
    """The product itself: commands and scheduled jobs act as it. It sees every record; no user need exist."""

    pk = None
    id = None
    name = "System"
    is_system = True
    is_active = True
    is_authenticated = True
    may_import = True
    sees_all_jobs = True

    def __str__(self) -> str:
        return self.name

    def roles(self) -> set[str]:
        """The system holds no role; it is let through by what it is."""
        return set()

    def holds(self, *roles: str) -> bool:
        """The system holds no role."""
        return False

    def units_as(self, *roles: str) -> list[OrgUnit]:
        """The system holds no role at any unit."""
        return []


SYSTEM = SystemActor()
Actor = User | SystemActor


class NotAllowed(PermissionDenied):
    """A refusal with a sentence that the person may read. The answer to it is 403, or 404 for what they may not see."""


@dataclass(frozen=True)
class Decision:
    """An answer of access: yes, or no with the reason."""

    allowed: bool
    why_not: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def no(why_not: str) -> Decision:
    """A refusal with its sentence."""
    return Decision(False, why_not)


def must(decision: Decision) -> None:
    """Raise NotAllowed with the reason when the decision is no."""
    if not decision:
        raise NotAllowed(decision.why_not)


def can_import(by: Any) -> Decision:
    """Only the QA unit brings files in."""
    if getattr(by, "is_system", False) or getattr(by, "may_import", False):
        return YES
    return no("Only the QA unit can import files.")


def can_keep_jobs(by: Any) -> Decision:
    """The QA unit and system administrators look after the jobs."""
    if getattr(by, "is_system", False) or getattr(by, "sees_all_jobs", False):
        return YES
    return no("Only the QA unit and system administrators can manage jobs.")


def people_as(roles: Iterable[str], units: Iterable[OrgUnit | None], *, on: date | None = None) -> list[User]:
    """The people who hold any of these roles at these units or above them today (or `on`), each once."""
    chain: set[Any] = set()
    for unit in units:
        while unit is not None:
            chain.add(unit.pk)
            unit = unit.parent
    memberships = (
        Membership.objects.active(on or timezone.localdate())
        .filter(role__in=list(roles), unit__in=chain)
        .select_related("user")
    )
    return sorted({membership.user for membership in memberships}, key=lambda user: (user.name, str(user.pk)))


def unit_scope(user: Any, *roles: str) -> list[Any]:
    """The keys of all units at or below those where the user holds any of these roles today."""
    units = user.units_as(*roles)
    if not units:
        return []
    return list(OrgUnit.objects.under(units).values_list("pk", flat=True))


def can_manage_people(by: Any) -> Decision:
    """The QA unit and system administrators keep people and structure."""
    if getattr(by, "is_system", False) or getattr(by, "sees_all_jobs", False):
        return YES
    return no("Only the QA unit and system administrators can change people and structure.")


def can_grant(by: Any, user: User) -> Decision:
    """Nobody grants themselves a role."""
    decision = can_manage_people(by)
    if decision and getattr(by, "pk", None) == user.pk:
        return no("You cannot change your own roles. Ask a colleague.")
    return decision
