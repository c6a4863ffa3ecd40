"""What happens to people and structure. The screens for it come with the administration pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import can_grant, can_manage_people, must
from accounts.models import Membership, OrgUnit, User, name_key
from core.history.services import record


def open_unit(*, kind: str, name: str, parent: OrgUnit | None, by: Any, opened_on: date | None = None) -> OrgUnit:
    """The open unit of this kind and name under `parent`; made when there is none yet.

    Raises NotAllowed for anyone but the QA unit, a system administrator and the system.
    """
    must(can_manage_people(by))
    with transaction.atomic():
        unit = OrgUnit.objects.filter(kind=kind, parent=parent, name_key=name_key(name), closed_on=None).first()
        if unit is None:
            unit = OrgUnit(kind=kind, name=name.strip(), parent=parent)
            if opened_on is not None:
                unit.opened_on = opened_on
            unit.save()
            record(by=by, verb="opened", record=unit, values={"name": unit.name, "kind": kind})
    return unit


def add_user(*, email: str, name: str, by: Any, password: str | None = None, job_title: str = "") -> User:
    """A new person who may sign in; without a password only once one has been set.

    Raises NotAllowed for anyone but the QA unit, a system administrator and the system.
    """
    must(can_manage_people(by))
    with transaction.atomic():
        user = User.objects.create_user(email, name, password, job_title=job_title)
        record(by=by, verb="added", record=user, values={"name": name, "email": user.email})
    return user


def grant_role(
    *, user: User, role: str, unit: OrgUnit, by: Any, starts_on: date | None = None, ends_on: date | None = None
) -> Membership:
    """Give a role at a unit from a day (today unless said) to a day (open unless said).

    Raises NotAllowed when `by` may not, and always when it is their own: nobody grants themselves a role.
    """
    must(can_grant(by, user))
    with transaction.atomic():
        membership, made = Membership.objects.get_or_create(
            user=user,
            role=role,
            unit=unit,
            starts_on=starts_on or timezone.localdate(),
            defaults={"ends_on": ends_on, "granted_by_id": getattr(by, "pk", None)},
        )
        if made:
            record(
                by=by,
                verb="granted",
                record=membership,
                values={"user": user.pk, "role": role, "unit": unit.pk, "starts_on": membership.starts_on},
            )
    return membership


def end_role(*, membership: Membership, by: Any, ends_on: date, why: str) -> Membership:
    """End a role on a day (the last that counts), with the reason. Raises NotAllowed when `by` may not."""
    must(can_grant(by, membership.user))
    with transaction.atomic():
        membership.ends_on = ends_on
        membership.save(update_fields=["ends_on"])
        record(by=by, verb="ended", record=membership, why=why, values={"ends_on": ends_on})
    return membership
