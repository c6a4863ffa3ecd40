"""Computing the indicators of a kept extract, at every level, and keeping the figures."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.access import Actor, must
from assurance_clinics.access import can_import_indicators
from assurance_clinics.choices import FigureKind, IndicatorKind, ValueSource
from assurance_clinics.models import DatedEvent, Indicator, IndicatorDefinition, Value
from assurance_clinics.rules.figures import print_number
from assurance_clinics.rules.indicators import FORMULAS
from assurance_clinics.selectors.extracts import Computed, Place, by_place, compute, read_extract
from assurance_clinics.services.catalogue import load_indicators
from cases.models import Extract
from core.history.services import Entry, record_many

CHUNK = 2000
EARLY_DAYS = 7
"""A figure drawn more than this many days before its month ends is provisional."""

Progress = Callable[[int, int, str], None]
FIELDS = ["kind", "value", "printed", "numerator", "denominator", "as_at", "extract", "provisional", "basis"]


@dataclass(frozen=True)
class ComputedCounts:
    """What computing an extract wrote: figures made, changed and taken away."""

    made: int
    changed: int
    removed: int


@dataclass(frozen=True)
class WorkedOut:
    """The figures of an extract that are not kept yet: by the indicator's code and the place."""

    extract: Extract
    figures: Mapping[str, Mapping[Place, Mapping[str, Any]]]


def compute_extract(*, extract: Extract, by: Actor) -> ComputedCounts:
    """Compute every indicator of an extract for the department, each service, team and worker, and keep the figures.

    Running it twice changes nothing. Raises NotAllowed where `by` may not bring figures in.
    """
    return keep_figures(found=work_out(extract=extract, by=by), by=by)


def work_out(*, extract: Extract, by: Actor, on_progress: Progress | None = None) -> WorkedOut:
    """The figures of an extract at every level. It reads alone, so that no transaction is open meanwhile, and of the
    rows as they are judged those of one indicator are held at once.

    `on_progress(done, total, text)` is told the rows read, then the indicators computed. Raises NotAllowed where `by`
    may not bring figures in.
    """
    must(can_import_indicators(by))
    tell = on_progress or (lambda done, total, text: None)
    extracted = read_extract(
        extract,
        lists={number for formula in FORMULAS.values() for number in (*formula.main, *formula.beside)},
        agreed=DatedEvent.objects.all(),
        on_progress=lambda done, total: tell(done, extract.row_count, "Reading the rows"),
    )
    figures = {}
    for done, computed in enumerate(compute(extracted, extract.as_at), start=1):
        tell(done, len(FORMULAS), "Computing the indicators")
        formula = FORMULAS[computed.code]
        if (formula.needs or formula.kind == IndicatorKind.RATE) and not computed.denominator:
            continue  # the council gives no list of such events, or has not said how many children there are
        figures[computed.code] = {place: _figure(part, extract) for place, part in by_place(computed).items()}
    return WorkedOut(extract, figures)


@transaction.atomic
def keep_figures(*, found: WorkedOut, by: Actor) -> ComputedCounts:
    """Keep the figures of an extract, in the month of its date. A figure that was imported or typed is left alone, and
    so is one computed from a later extract of the same month.

    Raises NotAllowed where `by` may not bring figures in.
    """
    must(can_import_indicators(by))
    load_indicators(by=by)
    extract, month = found.extract, found.extract.as_at.replace(day=1)
    indicators = {one.code: one for one in Indicator.objects.filter(code__in=FORMULAS)}
    bases = dict(
        IndicatorDefinition.objects.filter(indicator__code__in=FORMULAS, valid_from__lte=extract.as_at)
        .order_by("valid_from")
        .values_list("indicator__code", "basis")
    )
    held: dict[Any, dict[tuple[Any, Any], Value]] = {}
    for value in Value.objects.filter(indicator__in=indicators.values(), month=month):
        held.setdefault(value.indicator_id, {})[value.unit_id, value.worker_id] = value
    new: list[Value] = []
    changed: list[Value] = []
    stale: list[Any] = []
    entries: list[Entry] = []
    for code, figures in found.figures.items():
        indicator = indicators[code]
        present = dict(held.get(indicator.pk, {}))
        before = len(new), len(changed), len(stale)
        for place, worked_out in figures.items():
            value = present.pop((place.unit, place.worker), None)
            if value is not None and not _may_write(value, extract):
                continue
            figure = {
                **worked_out,
                "basis": bases.get(code, "snapshot"), "extract_id": extract.pk, "as_at": extract.as_at,
            }  # fmt: skip
            if value is None:
                new.append(
                    Value(
                        indicator=indicator, unit_id=place.unit, worker_id=place.worker, month=month,
                        source=ValueSource.COMPUTED, **figure,
                    )
                )  # fmt: skip
            elif any(getattr(value, name) != wanted for name, wanted in figure.items()):
                for name, wanted in figure.items():
                    setattr(value, name, wanted)
                changed.append(value)
        stale += [value.pk for value in present.values() if _may_write(value, extract)]
        after = len(new), len(changed), len(stale)
        if after != before:
            made, altered, removed = (now - then for now, then in zip(after, before, strict=True))
            values = {"as_at": extract.as_at, "made": made, "changed": altered, "removed": removed}
            entries.append(Entry(indicator, "computed", values=values))
    Value.objects.bulk_create(new, batch_size=CHUNK)
    Value.objects.bulk_update(changed, FIELDS, batch_size=CHUNK)
    Value.objects.filter(pk__in=stale).delete()
    record_many(by=by, entries=entries)
    return ComputedCounts(len(new), len(changed), len(stale))


def _may_write(value: Value, extract: Extract) -> bool:
    return value.source == ValueSource.COMPUTED and (value.as_at is None or value.as_at <= extract.as_at)


def _figure(computed: Computed, extract: Extract) -> dict[str, Any]:
    """The stored figure: exact to six places, and printed as the papers print it."""
    numerator, denominator = computed.numerator, computed.denominator
    last = calendar.monthrange(extract.as_at.year, extract.as_at.month)[1]
    figure: dict[str, Any] = {
        "numerator": numerator,
        "denominator": denominator,
        "provisional": extract.as_at < extract.as_at.replace(day=last) - dt.timedelta(days=EARLY_DAYS),
    }
    if not denominator:
        lists = {f"List {number}" for number in FORMULAS[computed.code].main}
        unknown = bool(computed.judged) or not lists <= set(extract.lists)
        kind = FigureKind.BLANK if unknown else FigureKind.NOT_APPLICABLE
        return {**figure, "kind": kind, "value": None, "printed": "-" if unknown else "N/A", "provisional": False}
    if computed.kind == IndicatorKind.NUMBER:
        value = Decimal(numerator)
    elif computed.kind == IndicatorKind.AVERAGE:
        value = Decimal(numerator) / denominator
    elif computed.kind == IndicatorKind.RATE:
        value = Decimal(10_000 * numerator) / denominator
    else:
        value = Decimal(100 * numerator) / denominator
    value = value.quantize(Decimal("0.000001"))
    return {**figure, "kind": FigureKind.NUMBER, "value": value, "printed": print_number(value, computed.kind)}
