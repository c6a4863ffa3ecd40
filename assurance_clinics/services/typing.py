"""A figure that somebody types, with its counts where they are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor, must
from accounts.models import OrgUnit
from assurance_clinics.access import can_type_values
from assurance_clinics.choices import FigureKind, IndicatorKind, ValueSource
from assurance_clinics.models import Indicator, Value
from assurance_clinics.rules.figures import Cell, figure_of, read_cell
from core.history.services import record


class FigureRefused(Exception):
    """A figure cannot be kept as typed; `field` names what to mend and the message says how."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


@dataclass(frozen=True)
class TypedFigure:
    """A figure as typed: the cell, or both counts, from which the figure follows."""

    month: dt.date
    text: str = ""
    numerator: int | None = None
    denominator: int | None = None
    provisional: bool = False


@transaction.atomic
def type_value(*, indicator: Indicator, unit: OrgUnit | None, given: TypedFigure, replace: bool, by: Actor) -> Value:
    """Keep a typed figure of the department (no unit) or of a unit.

    Counts are preferred: with both, the figure is their quotient. A figure that is held already and says otherwise is
    replaced only where `replace`. Raises NotAllowed for whoever may not type figures, and FigureRefused.
    """
    must(can_type_values(by))
    definition = indicator.definitions.order_by("valid_from", "number").last()
    kind = definition.kind if definition else IndicatorKind.NUMBER
    month = given.month.replace(day=1)
    if month > timezone.localdate():
        raise FigureRefused("month", f"{month:%B %Y} has not begun, so it can have no figure yet.")
    cell = _cell(given, kind)
    held = Value.objects.select_for_update().filter(indicator=indicator, month=month).of_place(unit)
    value = held.order_by("pk").first()
    before = value.printed if value else ""
    if value is None:
        value = Value(indicator=indicator, unit=unit, month=month)
    elif not replace and value.kind not in (FigureKind.BLANK, FigureKind.TO_BE_CONFIRMED) and before != cell.printed:
        raise FigureRefused("replace", f"{before} is held for {month:%B %Y} already. Tick the box to replace it.")
    value.kind, value.value, value.printed = cell.kind, cell.value, cell.printed
    value.numerator, value.denominator = given.numerator, given.denominator
    value.basis = definition.basis if definition else value.basis
    value.provisional = given.provisional or cell.provisional
    value.source, value.extract, value.as_at = ValueSource.TYPED, None, None
    value.save()
    values: dict[str, Any] = {"month": month, "printed": [before, cell.printed]}
    record(by=by, verb="typed", record=indicator, values=values)
    return value


def _cell(given: TypedFigure, kind: str) -> Cell:
    n, d = given.numerator, given.denominator
    if n is None and d is None:
        cell, reason = read_cell(given.text, kind)
        if reason:
            raise FigureRefused("text", reason)
        return cell
    if n is None or d is None:
        raise FigureRefused("denominator" if d is None else "numerator", "Give both counts, or neither.")
    if given.text.strip():
        raise FigureRefused("text", "The figure follows from the two counts. Leave it blank.")
    if kind == IndicatorKind.PERCENTAGE and n > d:
        raise FigureRefused("numerator", "The count is larger than what it is a part of. Turn the two round.")
    return figure_of(n, d, kind)
