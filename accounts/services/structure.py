"""Directorate, services and teams through the years: a restructure closes units and opens successors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access import can_manage_people, must
from accounts.choices import UnitKind
from accounts.models import FormerName, Membership, OrgUnit, name_key
from core.history.services import Entry, record, record_many

# What stands above each kind of unit.
PARENT_KIND = {UnitKind.DIRECTORATE: None, UnitKind.SERVICE: UnitKind.DIRECTORATE, UnitKind.TEAM: UnitKind.SERVICE}


def open_unit(*, kind: str, name: str, parent: OrgUnit | None, by: Any, opened_on: date | None = None) -> OrgUnit:
    """The open unit of this kind and name under `parent`; made when there is none yet.

    Raises NotAllowed for anyone but the QA unit, a system administrator and the system, and ValidationError where
    `parent` is no place for a unit of this kind.
    """
    must(can_manage_people(by))
    wanted = PARENT_KIND[UnitKind(kind)]
    if (parent.kind if parent else None) != wanted:
        raise ValidationError("A service stands in a directorate, and a team in a service")
    with transaction.atomic():
        unit = OrgUnit.objects.filter(kind=kind, parent=parent, name_key=name_key(name), closed_on=None).first()
        if unit is None:
            unit = OrgUnit(kind=kind, name=name.strip(), parent=parent)
            if opened_on is not None:
                unit.opened_on = opened_on
            unit.save()
            record(by=by, verb="opened", record=unit, values={"name": unit.name, "kind": kind})
    return unit


def rename_unit(*, unit: OrgUnit, name: str, by: Any, since: date | None = None) -> OrgUnit:
    """Give a unit another name from a day (today unless said); the former name stays with its last day.

    Raises NotAllowed when `by` may not, ValidationError where another open unit beside it has that name, or the day
    is not after the last change of name.
    """
    must(can_manage_people(by))
    first_day = since or timezone.localdate()
    until = first_day - timedelta(days=1)
    name = name.strip()
    if name == unit.name:
        return unit
    beside = OrgUnit.objects.filter(kind=unit.kind, parent=unit.parent, closed_on=None).exclude(pk=unit.pk)
    if beside.filter(name_key=name_key(name)).exists():
        raise ValidationError(f"There is already an open {unit.get_kind_display().lower()} called {name}")
    latest = unit.former_names.first()
    if latest is not None and latest.until >= until:
        raise ValidationError("Choose a day after the last change of name")
    with transaction.atomic():
        if until >= unit.opened_on:
            FormerName.objects.create(unit=unit, name=unit.name, until=until)
        former, unit.name = unit.name, name
        unit.save(update_fields=["name", "name_key"])
        record(by=by, verb="renamed", record=unit, values={"name": name, "former": former, "since": first_day})
    return unit


def close_unit(
    *, unit: OrgUnit, by: Any, closed_on: date, why: str, successor: OrgUnit | None = None, move_roles: bool = True
) -> OrgUnit:
    """Close a unit on a day (its last) and, where there is one, name the unit that takes over.

    What was done under the closed unit stays under it. With a successor and `move_roles`, every role held here ends on
    that day and goes on at the successor from the next; without, the roles end. Raises NotAllowed when `by` may not,
    ValidationError where units below are still open, or the successor cannot take over.
    """
    must(can_manage_people(by))
    _reasons_not_to_close(unit, closed_on, successor)
    with transaction.atomic():
        unit.closed_on, unit.succeeded_by = closed_on, successor
        unit.save(update_fields=["closed_on", "succeeded_by"])
        entries = [
            Entry(unit, "closed", why=why, values={"closed_on": closed_on, "successor": successor and successor.pk})
        ]
        held = Membership.objects.filter(unit=unit).exclude(ends_on__lte=closed_on)
        for membership in held.select_related("user").order_by("pk"):
            entries += _move(membership, closed_on, successor if move_roles else None, by)
        record_many(by=by, entries=entries)
    return unit


def _reasons_not_to_close(unit: OrgUnit, closed_on: date, successor: OrgUnit | None) -> None:
    if unit.closed_on is not None:
        raise ValidationError("It is closed already")
    if closed_on < unit.opened_on:
        raise ValidationError("The last day cannot be before the day it opened")
    below = [child.name for child in unit.children.filter(closed_on=None).order_by("name")]
    if below:
        raise ValidationError(f"Close what is below it first: {', '.join(below)}")
    if successor is not None:
        if successor.pk == unit.pk or successor.closed_on is not None:
            raise ValidationError("Choose an open unit to take over")
        if successor.kind != unit.kind:
            raise ValidationError(f"Only a {unit.get_kind_display().lower()} can take over")


def _move(membership: Membership, closed_on: date, successor: OrgUnit | None, by: Any) -> list[Entry]:
    """End a role with its unit and carry it on at the successor; one that has not begun moves as it is."""
    ends_on, starts_on = membership.ends_on, max(membership.starts_on, closed_on + timedelta(days=1))
    entries = []
    if membership.starts_on > closed_on:
        entries.append(Entry(membership, "withdrawn", why="The unit closes before it begins"))
        membership.delete()
    else:
        membership.ends_on = closed_on
        membership.save(update_fields=["ends_on"])
        entries.append(Entry(membership, "ended", why="The unit closes", values={"ends_on": closed_on}))
    if successor is not None:
        carried, made = Membership.objects.get_or_create(
            user=membership.user, role=membership.role, unit=successor, starts_on=starts_on,
            defaults={"ends_on": ends_on, "granted_by_id": getattr(by, "pk", None)},
        )  # fmt: skip
        if made:
            values = {"user": carried.user_id, "role": carried.role, "unit": successor.pk, "starts_on": starts_on}
            entries.append(Entry(carried, "granted", why="Carried on from the unit that closes", values=values))
    return entries
