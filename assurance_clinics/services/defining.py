"""Keeping definitions: correcting and confirming one, or opening the next with its break in the trend."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from accounts.access import Actor, must
from assurance_clinics.access import can_define
from assurance_clinics.choices import DefinitionStatus, FigureKind, IndicatorKind
from assurance_clinics.models import Indicator, IndicatorDefinition, Target
from assurance_clinics.rules.figures import unit_of
from core.history.services import Entry, record_many


class DefinitionRefused(Exception):
    """A definition cannot be kept as given; the message is a sentence for the person."""


@dataclass(frozen=True)
class Definition:
    """A definition as somebody has put it, with its target (None for no target)."""

    kind: str
    basis: str
    polarity: str
    numerator: str
    denominator: str
    valid_from: dt.date
    note: str = ""
    target: Decimal | None = None
    upper: Decimal | None = None
    tolerance: Decimal | None = None
    annual: bool = False


@transaction.atomic
def define_indicator(*, indicator: Indicator, given: Definition, by: Actor) -> IndicatorDefinition:
    """Confirm what an indicator means from a day on.

    A day not after the present definition's corrects that one; a later day opens the next one, and the trend breaks
    there with the note. The target holds from the same day. Raises NotAllowed for whoever may not keep definitions,
    and DefinitionRefused where a new definition has no note, or would lie before an earlier one.
    """
    must(can_define(by))
    present = indicator.definitions.order_by("valid_from", "number").last()
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
    definition.status = DefinitionStatus.CONFIRMED
    definition.save()
    _keep_target(indicator, given)
    values = {
        "number": definition.number, "kind": given.kind, "basis": given.basis, "polarity": given.polarity,
        "valid_from": given.valid_from, "target": given.target, "tolerance": given.tolerance,
    }  # fmt: skip
    record_many(
        by=by, entries=[Entry(indicator, "defined", from_state=before, to_state=definition.status, values=values)]
    )
    return definition


def _keep_target(indicator: Indicator, given: Definition) -> None:
    """The target from the definition's day on; one that says the same already is only given its tolerance."""
    in_force = indicator.targets.order_by("starts_on").filter(starts_on__lte=given.valid_from).last()
    latest = indicator.targets.order_by("starts_on").last()
    if given.target is None and latest is None:
        return
    same = next((one for one in (latest, in_force) if one is not None and one.value == given.target), None)
    target = same or Target.objects.filter(indicator=indicator, starts_on=given.valid_from).first()
    if target is None:
        target = Target(indicator=indicator, starts_on=given.valid_from)
    if target.value != given.target or not target.printed:
        sign = "%" if given.kind == IndicatorKind.PERCENTAGE else ""
        target.value = given.target
        target.kind = FigureKind.BLANK if given.target is None else FigureKind.NUMBER
        target.printed = "-" if given.target is None else f"{given.target.normalize():f}{sign}"
        if given.upper is not None and given.target is not None:
            target.printed = f"{given.target.normalize():f} to {given.upper.normalize():f}{sign}"
    target.upper, target.tolerance, target.annual = given.upper, given.tolerance, given.annual
    target.save()
