"""Bringing in what indicators are compared with: the DfE's figures, and the average of the statistical neighbours."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from accounts.access import Actor, must
from assurance_clinics.access import can_import_indicators
from assurance_clinics.choices import ComparatorKind, FigureKind
from assurance_clinics.models import Comparator, Indicator, IndicatorDefinition, wording_key
from assurance_clinics.readers.comparators import AUTHORITY, ENGLAND, REGION, PlaceRow, Release
from assurance_clinics.rules.figures import Cell
from core.history.services import Entry, record_many

YEARS = 2
"""How many of the council's own years are set beside an indicator."""
FIRST = 100
"""Comparators of a release stand after those of the council's own table."""


class NotInRelease(Exception):
    """The release does not hold what was asked of it; the message is a sentence for the person."""


@dataclass(frozen=True)
class Neighbours:
    """Whose neighbours a council is compared with, and of which model."""

    codes: tuple[str, ...]
    model_date: dt.date


@dataclass(frozen=True)
class Compared:
    """One comparator that a release gives: for which indicator, its label, what it says, and of how many places."""

    code: str
    label: str
    compared_with: ComparatorKind
    period: str
    cell: Cell
    places: int = 1


def compare(*, release: Release, authority: str, neighbours: Neighbours | None) -> list[Compared]:
    """What a release says beside each of its indicators, for the authority with this three-digit number.

    Its latest period for England, the region and the neighbours (mean and median, over those that have a number), and
    the authority's own last two; what was refused is left out. Raises NotInRelease where the authority is not in it.
    """
    own = [row for row in release.rows if row.level == AUTHORITY and row.code == authority]
    if not own:
        raise NotInRelease(f"No local authority with the number {authority} stands in this release.")
    latest = max(row.period for row in own)
    region = next(row.region for row in own if row.period == latest)
    found: list[Compared] = []
    for code in release.columns:
        for row in sorted(own, key=lambda each: each.period, reverse=True)[:YEARS]:
            if (cell := row.figures.get(code)) is not None:
                label = f"This council {row.period}"
                found.append(Compared(code, label, ComparatorKind.AUTHORITY, row.period, cell))
        if neighbours is not None:
            found += _averages(release, code, latest, neighbours)
        for level, name, kind in ((REGION, region, ComparatorKind.REGION), (ENGLAND, "", ComparatorKind.ENGLAND)):
            for row in _rows(release, latest, level):
                cell = row.figures.get(code)
                if cell is not None and (level == ENGLAND or row.region == name):
                    label = f"{name or 'England'} {latest}"
                    found.append(Compared(code, label, kind, latest, cell))
    return found


def _rows(release: Release, period: str, level: str) -> Iterator[PlaceRow]:
    return (row for row in release.rows if row.period == period and row.level == level)


def _averages(release: Release, code: str, period: str, neighbours: Neighbours) -> list[Compared]:
    values = [
        row.figures[code].value
        for row in _rows(release, period, AUTHORITY)
        if row.code in neighbours.codes and code in row.figures
    ]
    numbers = [value for value in values if value is not None]
    if not numbers:
        return []
    averages = (
        ("mean", ComparatorKind.NEIGHBOURS_MEAN, statistics.mean(numbers)),
        ("median", ComparatorKind.NEIGHBOURS_MEDIAN, statistics.median(numbers)),
    )
    return [
        Compared(code, f"Statistical neighbours ({name}) {period}", kind, period, _rounded(value), len(numbers))
        for name, kind, value in averages
    ]


def _rounded(value: Decimal) -> Cell:
    return Cell(FigureKind.NUMBER, value.quantize(Decimal("0.000001")), f"{value:.1f}")


def kinds_of(*, names: Iterable[str]) -> dict[str, str]:
    """The kind of figure of each of these indicators, by the code or wording given; without those that are unknown."""
    found = _named(names)
    kinds = dict(
        IndicatorDefinition.objects.filter(indicator__in=found.values())
        .order_by("valid_from")
        .values_list("indicator", "kind")
    )
    return {name: kinds[one.pk] for name, one in found.items() if one.pk in kinds}


def _named(names: Iterable[str]) -> dict[str, Indicator]:
    """The indicators of these codes or wordings, by what was given."""
    wanted = {name: wording_key(name) for name in names}
    rows = Indicator.objects.filter(Q(code__in=wanted) | Q(wording_key__in=wanted.values()))
    by_code = {one.code: one for one in rows}
    by_wording = {one.wording_key: one for one in rows}
    both = {name: by_code.get(name) or by_wording.get(key) for name, key in wanted.items()}
    return {name: one for name, one in both.items() if one is not None}


@transaction.atomic
def keep_comparators(
    *, compared: list[Compared], release: str, vintage: str, neighbours: Neighbours | None, by: Actor
) -> int:
    """Keep the comparators of a release, in place of those that an earlier one gave under the same label.

    Returns how many were made or changed. Raises NotAllowed for whoever may not bring figures in, and NotInRelease
    where an indicator is not loaded.
    """
    must(can_import_indicators(by))
    indicators = _named({each.code for each in compared})
    written, entries = 0, []
    for place, each in enumerate(compared):
        indicator = indicators.get(each.code)
        if indicator is None:
            raise NotInRelease(f"There is no indicator “{each.code}”. Run load_indicators, or import its table first.")
        is_average = each.compared_with in (ComparatorKind.NEIGHBOURS_MEAN, ComparatorKind.NEIGHBOURS_MEDIAN)
        wanted = {
            "compared_with": each.compared_with, "period": each.period, "kind": each.cell.kind,
            "value": each.cell.value, "printed": each.cell.printed, "vintage": vintage, "position": FIRST + place,
            "release": f"{release}; {each.places} neighbours" if is_average else release,
            "model_date": neighbours.model_date if is_average and neighbours else None,
        }  # fmt: skip
        present = Comparator.objects.filter(indicator=indicator, label=each.label).first()
        if present and all(getattr(present, name) == value for name, value in wanted.items()):
            continue
        Comparator.objects.update_or_create(indicator=indicator, label=each.label, defaults=wanted)
        values = {"label": each.label, "printed": [present.printed if present else "", each.cell.printed]}
        entries.append(Entry(indicator, "compared", values={**values, "release": release, "vintage": vintage}))
        written += 1
    record_many(by=by, entries=entries)
    return written
