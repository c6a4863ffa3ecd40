"""Keeping definitions: correcting and confirming one, or opening the next with its break in the trend."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from accounts.access import Actor, must
from accounts.models import User
from assurance_clinics.access import can_define
from assurance_clinics.choices import DefinitionStatus, FigureKind, IndicatorKind
from assurance_clinics.models import Indicator, IndicatorDefinition, Target
from assurance_clinics.rules.figures import unit_of
from core.history.services import Entry, record_many

CHANGED_MEANWHILE = (
    "Somebody else has changed this definition since you opened it. What is kept now stands below the form. Compare, "
    "then send yours again to put it in its place."
)


class DefinitionRefused(Exception):
    """A definition cannot be kept as given; the message is a sentence for the person."""


@dataclass(frozen=True)
class Definition:
    """A definition as somebody has put it, with its target (None for no target) and the day from which that holds
    (None: the definition's). `owner` answers for the figures being there."""

    kind: str
    basis: str
    polarity: str
    numerator: str
    denominator: str
    valid_from: dt.date
    note: str = ""
    owner: User | None = None
    target_from: dt.date | None = None
    target: Decimal | None = None
    upper: Decimal | None = None
    tolerance: Decimal | None = None
    annual: bool = False


@transaction.atomic
def define_indicator(
    *, indicator: Indicator, given: Definition, by: Actor, version: int | None = None
) -> IndicatorDefinition:
    """Confirm what an indicator means from a day on.

    A day not after the present definition's corrects that one; a later day opens the next one, and the trend breaks
    there with the note. A target holds from its own day until the next one's, and changes no month before it.
    `version` is the stamp that the person read (`stamp_of`); None where it does not matter. Raises NotAllowed for
    whoever may not keep definitions, and DefinitionRefused where a new definition has no note, would lie before an
    earlier one, or somebody else has saved one meanwhile.
    """
    must(can_define(by))
    Indicator.objects.select_for_update().get(pk=indicator.pk)
    present = indicator.definitions.order_by("valid_from", "number").last()
    if version is not None and version != stamp_of(indicator=indicator):
        raise DefinitionRefused(CHANGED_MEANWHILE)
    if present is not None and given.valid_from > present.valid_from:
        if not given.note.strip():
            raise DefinitionRefused("Say what has changed. The note is printed where the trend breaks.")
        definition = IndicatorDefinition(indicator=indicator, number=present.number + 1, source=present.source)
    else:
        others = indicator.definitions.exclude(pk=present.pk) if present else indicator.definitions.none()
        earlier = others.order_by("valid_from").last()
        if earlier is not None and given.valid_from <= earlier.valid_from:
            raise DefinitionRefused("An earlier definition holds from that day or later. Give a later day.")
        definition = present or IndicatorDefinition(indicator=indicator)
    before = definition.status if definition.pk and present is definition else ""
    definition.kind, definition.basis, definition.polarity = given.kind, given.basis, given.polarity
    definition.numerator, definition.denominator = given.numerator, given.denominator
    definition.unit_of_measure = unit_of(given.kind)
    definition.valid_from, definition.note = given.valid_from, given.note
    definition.status, definition.owner = DefinitionStatus.CONFIRMED, given.owner
    definition.version = stamp_of(indicator=indicator) + 1
    definition.save()
    _keep_target(indicator, given)
    values = {
        "number": definition.number, "kind": given.kind, "basis": given.basis, "polarity": given.polarity,
        "valid_from": given.valid_from, "owner": str(given.owner.pk) if given.owner else "",
        "target": given.target, "tolerance": given.tolerance, "target_from": given.target_from or given.valid_from,
    }  # fmt: skip
    record_many(
        by=by, entries=[Entry(indicator, "defined", from_state=before, to_state=definition.status, values=values)]
    )
    return definition


def stamp_of(*, indicator: Indicator) -> int:
    """A number that grows with every definition that is saved of an indicator."""
    return indicator.definitions.aggregate(stamp=Max("version"))["stamp"] or 0


def _keep_target(indicator: Indicator, given: Definition) -> None:
    """The target from its day on: a target of that very day is corrected, an earlier one stays as it was until then."""
    starts_on = given.target_from or given.valid_from
    in_force = indicator.targets.filter(starts_on__lte=starts_on).order_by("starts_on").last()
    if in_force is None and given.target is None:
        return
    wanted = {"value": given.target, "upper": given.upper, "tolerance": given.tolerance, "annual": given.annual}
    if in_force is not None and all(getattr(in_force, name) == value for name, value in wanted.items()):
        return
    if in_force is not None and in_force.starts_on == starts_on:
        target = in_force
    else:
        target = Target(indicator=indicator, starts_on=starts_on)
    if target.value != given.target or target.upper != given.upper or not target.printed:
        target.kind = FigureKind.BLANK if given.target is None else FigureKind.NUMBER
        target.printed = _print_target(given)
    for name, value in wanted.items():
        setattr(target, name, value)
    target.save()


def _print_target(given: Definition) -> str:
    if given.target is None:
        return "-"
    sign = "%" if given.kind == IndicatorKind.PERCENTAGE else ""
    until = f" to {given.upper.normalize():f}" if given.upper is not None else ""
    return f"{given.target.normalize():f}{until}{sign}"
