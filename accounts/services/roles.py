"""Roles are given and ended, never by their holder; the strongest take two people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access import NotAllowed, can_approve_grant, can_grant, can_manage_people, must
from accounts.choices import STRONG_ROLES, GrantStatus, Role
from accounts.models import GrantRequest, Membership, OrgUnit, User
from core.history.services import record


def grant_role(
    *, user: User, role: str, unit: OrgUnit, by: Any, starts_on: date | None = None, ends_on: date | None = None
) -> Membership:
    """Give a role at a unit from a day (today unless said) to a day (open unless said).

    Raises NotAllowed when `by` may not, always when it is their own (nobody grants themselves a role), and for the
    strong roles, which take two people (`ask_for_role`); only the system gives those directly.
    """
    must(can_grant(by, user))
    if role in STRONG_ROLES and not getattr(by, "is_system", False):
        raise NotAllowed(f"Two people are needed to make somebody {Role(role).label}.")
    return _grant(user=user, role=role, unit=unit, by=by, starts_on=starts_on, ends_on=ends_on)


def _grant(
    *, user: User, role: str, unit: OrgUnit, by: Any, starts_on: date | None, ends_on: date | None, why: str = ""
) -> Membership:
    starts_on = starts_on or timezone.localdate()
    _check_dates(unit, starts_on, ends_on)
    with transaction.atomic():
        membership, made = Membership.objects.get_or_create(
            user=user,
            role=role,
            unit=unit,
            starts_on=starts_on,
            defaults={"ends_on": ends_on, "granted_by_id": getattr(by, "pk", None)},
        )
        if made:
            values = {"user": user.pk, "role": role, "unit": unit.pk, "starts_on": starts_on, "ends_on": ends_on}
            record(by=by, verb="granted", record=membership, why=why, values=values)
    return membership


def _check_dates(unit: OrgUnit, starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise ValidationError({"ends_on": "The last day must be on or after the first"})
    if unit.closed_on is not None and unit.closed_on < starts_on:
        raise ValidationError({"unit": f"{unit.name} is closed by then. Choose an open unit"})


def ask_for_role(
    *,
    user: User,
    role: str,
    unit: OrgUnit,
    by: Any,
    why: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Membership | GrantRequest:
    """Give a role, or for a strong one ask a second person for it: a request, which gives nothing until approved.

    Raises NotAllowed when `by` may not, ValidationError when the same role is held or asked for already.
    """
    must(can_grant(by, user))
    if not user.is_active:
        raise ValidationError(f"{user.name} has left. Bring them back first")
    starts_on = starts_on or timezone.localdate()
    _check_dates(unit, starts_on, ends_on)
    label = Role(role).label
    if _overlapping(user, role, unit, starts_on, ends_on).exists():
        raise ValidationError({"role": f"{user.name} is {label} at {unit.name} in that time already"})
    if role not in STRONG_ROLES:
        return _grant(user=user, role=role, unit=unit, by=by, starts_on=starts_on, ends_on=ends_on, why=why)
    with transaction.atomic():
        asked, made = GrantRequest.objects.get_or_create(
            user=user, role=role, unit=unit, status=GrantStatus.PENDING,
            defaults={"starts_on": starts_on, "ends_on": ends_on, "why": why, "asked_by": by},
        )  # fmt: skip
        if not made:
            raise ValidationError({"role": f"{label} at {unit.name} waits for a second person already"})
        record(
            by=by, verb="asked for", record=asked, to_state=GrantStatus.PENDING, why=why,
            values={"user": user.pk, "role": role, "unit": unit.pk, "starts_on": starts_on, "ends_on": ends_on},
        )  # fmt: skip
    return asked


def _overlapping(user: User, role: str, unit: OrgUnit, starts_on: date, ends_on: date | None) -> Any:
    held = Membership.objects.filter(user=user, role=role, unit=unit).exclude(ends_on__lt=starts_on)
    return held if ends_on is None else held.filter(starts_on__lte=ends_on)


def approve_grant(*, grant: GrantRequest, by: Any) -> Membership:
    """The second person's yes: the role is given, from today at the earliest.

    Raises NotAllowed for the person who asked, the one who gets it and whoever holds no strong role; ValidationError
    when somebody else has decided already, its time has run out, or the person has left.
    """
    must(can_approve_grant(by, grant))
    today = timezone.localdate()
    if not grant.user.is_active:
        raise ValidationError(f"{grant.user.name} has left. Decline this instead")
    if grant.ends_on is not None and grant.ends_on < today:
        raise ValidationError("Its last day has passed. Decline this, and ask again")
    with transaction.atomic():
        _decide(grant, by, GrantStatus.APPROVED)
        return _grant(
            user=grant.user, role=grant.role, unit=grant.unit, by=by, starts_on=max(grant.starts_on, today),
            ends_on=grant.ends_on, why=grant.why,
        )  # fmt: skip


def decline_grant(*, grant: GrantRequest, by: Any, why: str) -> GrantRequest:
    """No, with the reason; the person who asked takes it back in the same way.

    Raises NotAllowed for whoever does not keep people, ValidationError when it has been decided already.
    """
    must(can_manage_people(by))
    to = GrantStatus.WITHDRAWN if by.pk == grant.asked_by_id else GrantStatus.DECLINED
    with transaction.atomic():
        _decide(grant, by, to, why)
    return grant


def _decide(grant: GrantRequest, by: Any, to: GrantStatus, why: str = "") -> None:
    now = timezone.now()
    moved = GrantRequest.objects.filter(pk=grant.pk, status=GrantStatus.PENDING).update(
        status=to, decided_by=by, decided_at=now
    )
    grant.refresh_from_db()
    if not moved:
        raise ValidationError(f"This is {grant.get_status_display().lower()} already")
    record(by=by, verb=to.value, record=grant, from_state=GrantStatus.PENDING, to_state=to, why=why)


def end_role(*, membership: Membership, by: Any, ends_on: date, why: str) -> Membership | None:
    """End a role on a day (the last that counts), with the reason.

    A role that would end before it begins is taken away altogether (None is returned). Raises NotAllowed when `by` may
    not, ValidationError where nobody would be left to look after people.
    """
    must(can_grant(by, membership.user))
    if membership.role in STRONG_ROLES:
        keep_a_keeper(without=[membership.pk], on=ends_on + timedelta(days=1))
    with transaction.atomic():
        if ends_on < membership.starts_on:
            record(by=by, verb="withdrawn", record=membership, why=why, values={"user": membership.user_id})
            membership.delete()
            return None
        membership.ends_on = ends_on
        membership.save(update_fields=["ends_on"])
        record(by=by, verb="ended", record=membership, why=why, values={"ends_on": ends_on})
    return membership


def keep_a_keeper(*, without: list[Any], on: date) -> None:
    """Raise ValidationError where, without these memberships, no QA lead or system administrator is left on a day."""
    left = Membership.objects.active(on).filter(role__in=STRONG_ROLES).exclude(pk__in=without)
    if not left.exists():
        raise ValidationError("Nobody would be left to look after people. Make somebody else QA lead first")
