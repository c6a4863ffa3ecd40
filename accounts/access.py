"""Who acts, and the gate that every change passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.choices import STRONG_ROLES
from accounts.models import GrantRequest, Membership, OrgUnit, User


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
    """The people who hold any of these roles at these units or above them today (or `on`), each once.

    Whoever holds the role at the successor of a closed unit holds it for the unit too.
    """
    chain: set[Any] = set()
    waiting = [unit for unit in units if unit is not None]
    while waiting:
        unit = waiting.pop()
        if unit.pk in chain:
            continue
        chain.add(unit.pk)
        waiting += [above for above in (unit.parent, unit.succeeded_by) if above is not None]
    memberships = (
        Membership.objects.active(on or timezone.localdate())
        .filter(role__in=list(roles), unit__in=chain)
        .select_related("user")
    )
    return sorted({membership.user for membership in memberships}, key=lambda user: (user.name, str(user.pk)))


def unit_scope(user: Any, *roles: str) -> list[Any]:
    """The keys of all units at or below those where the user holds any of these roles today.

    The closed units that those have succeeded are among them, so that a restructure hides no past from whoever
    answers for it now.
    """
    units = user.units_as(*roles)
    if not units:
        return []
    reached_from = user.structure
    found: set[Any] = set()
    waiting = [unit.pk for unit in units]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += reached_from.get(key, [])
    return list(found)


def sight_of(user: Any) -> str:
    """Which roles a person holds today and where, as a text that changes when they do."""
    return ";".join(sorted(f"{membership.role}:{membership.unit_id}" for membership in user.active_memberships))


def can_manage_people(by: Any) -> Decision:
    """The QA unit and system administrators keep people and structure."""
    if getattr(by, "is_system", False) or getattr(by, "sees_all_jobs", False):
        return YES
    return no("Only the QA unit and system administrators can change people and structure.")


def can_approve_grant(by: Any, grant: GrantRequest) -> Decision:
    """A strong role is approved by a second person who holds one: neither who asked nor who gets it."""
    if getattr(by, "is_system", False) or not by.holds(*STRONG_ROLES):
        return no("Only a QA lead or a system administrator can approve this role.")
    if by.pk == grant.asked_by_id:
        return no("You asked for this role, so somebody else has to approve it.")
    if by.pk == grant.user_id:
        return no("You cannot approve a role for yourself.")
    return YES


def can_grant(by: Any, user: User) -> Decision:
    """Nobody grants themselves a role."""
    decision = can_manage_people(by)
    if decision and getattr(by, "pk", None) == user.pk:
        return no("You cannot change your own roles. Ask a colleague.")
    return decision
