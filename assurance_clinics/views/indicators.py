"""One indicator of one place: what it means, how it moved, and the places below."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import SYSTEM
from accounts.models import OrgUnit
from assurance_clinics import access
from assurance_clinics.choices import Basis
from assurance_clinics.forms.choosing import MONTHS
from assurance_clinics.models import Indicator, Value
from assurance_clinics.rules.indicators import FORMULAS
from assurance_clinics.selectors.drilling import places_below
from assurance_clinics.selectors.tables import TableLine, indicator_grid, month_after, months_held
from assurance_clinics.selectors.trends import Trend, trend_of
from assurance_clinics.views.tables import COLOURS, indicator_url, known_to, sparkline
from cases.models import Worker
from core import charts
from core.page_parts import SummaryRow

CHARTED = 25
"""Months on an indicator's chart: two years and the month that they are compared with."""


@dataclass(frozen=True)
class Place:
    """The place of a page: the department (nothing), a unit, or a worker in a team; with its words."""

    unit: OrgUnit | None
    worker: Worker | None
    name: str

    @property
    def keys(self) -> tuple[Any, Any]:
        """The keys of the unit and of the worker, for an address."""
        return (self.unit.pk if self.unit else None, self.worker.pk if self.worker else None)


def place_of(user: Any, unit: uuid.UUID | None, worker: uuid.UUID | None) -> Place:
    """The place that an address names. Raises Http404 where the reader may not see its figures."""
    if unit is None:
        if not access.sees_figures_of(user, None):
            raise Http404
        return Place(None, None, "The whole department")
    found = get_object_or_404(OrgUnit.objects.visible_to(user), pk=unit)
    if worker is None:
        if not access.sees_figures_of(user, found):
            raise Http404
        return Place(found, None, found.name)
    value = Value.objects.visible_to(user).filter(unit=found, worker=worker).select_related("worker").first()
    if value is None or value.worker is None:
        raise Http404
    return Place(found, value.worker, f"{value.worker.name}, {found.name}")


@require_safe
def indicator(
    request: HttpRequest, indicator: uuid.UUID, unit: uuid.UUID | None = None, worker: uuid.UUID | None = None
) -> HttpResponse:
    """An indicator's definition, its 13 months with n of d, its comparators, and the level below."""
    user: Any = request.user
    found = get_object_or_404(Indicator.objects.visible_to(user), pk=indicator)
    place = place_of(user, unit, worker)
    values = Value.objects.visible_to(user)
    show_small = access.sees_small_numbers_of(user, place.unit, place.worker)
    held = months_held(values.filter(indicator=found).of_place(place.unit, place.worker))
    known = known_to(user)
    line: TableLine | None = None
    below: Any = ()
    if held:
        grid = indicator_grid(
            Indicator.objects.visible_to(user).filter(pk=found.pk), values, known,
            first=month_after(held[1], 1 - CHARTED), last=held[1], unit=place.unit, worker=place.worker,
            place=place.name, show_small=show_small,
            of_services=Value.objects.visible_to(SYSTEM).of_services(),
        )  # fmt: skip
        line = grid.lines[0]
        if place.worker is None:
            below = places_below(
                values, indicator=found, month=held[1], unit=place.unit, aim=line.aim, meaning=line.meaning,
                show_small=show_small,
            )  # fmt: skip
    definitions = known.definitions.get(found.pk, [])
    trend = trend_of(line) if line else None
    context = {
        "indicator": found,
        "place": place,
        "line": line,
        "tag": COLOURS[line.colour.letter] if line else "",
        "chart": _chart(line, trend) if line and trend and line.meaning.kind == "percentage" else "",
        "spark": sparkline(line) if line and line.meaning.kind != "percentage" else "",
        "trend": trend,
        "months": _months(line, trend)[:MONTHS] if line and trend else [],
        "targets": known.targets.get(found.pk, []),
        "facts": _facts(found, line, str(definitions[-1].owner) if definitions and definitions[-1].owner else ""),
        "definitions": definitions[1:] and definitions,
        "comparators": known.comparators.get(found.pk, []),
        "below": [
            {
                "line": each,
                "colour": COLOURS[each.colour.letter],
                "url": indicator_url("indicator", found.pk, each.unit, each.worker),
            }
            for each in below
        ],
        "level": _level_below(place),
        "crumbs": _crumbs(user, found, place),
        "cases_url": indicator_url("cases", found.pk, *place.keys)
        if found.code in FORMULAS and access.sees_exceptions_of(user, place.unit, place.worker)
        else "",
        "may_define": bool(access.can_define(user)),
        "type_url": indicator_url("type", found.pk, *place.keys)
        if access.can_type_values(user) and place.worker is None
        else "",
    }
    return render(request, "assurance_clinics/indicator.html", context)


def _months(line: TableLine, trend: Trend) -> list[dict[str, Any]]:
    """The months, the latest first, each with its limits where the chart has any."""
    breaks = {one.month: one.note for one in line.breaks}
    cells = [cell for cell in line.cells if cell]
    points = trend.chart.points if trend.chart else (None,) * len(cells)
    scale = 100 if trend.kind.startswith("p-chart") else 1
    rows = [
        {"cell": cell, "break": breaks.get(cell.month, ""), "limits": _limits(point, line.meaning.kind, scale),
         "signal": trend.chart is not None and trend.chart.signalled(place)}
        for place, (cell, point) in enumerate(zip(cells, points, strict=True))
    ]  # fmt: skip
    return list(reversed(rows))


def _limits(point: Any, kind: str, scale: int) -> str:
    if point is None or point.lower is None or point.upper is None:
        return ""
    sign, lower = ("%", max(point.lower, 0.0)) if kind == "percentage" else ("", point.lower)
    return f"{lower * scale:.0f}{sign} to {point.upper * scale:.0f}{sign}"


def _level_below(place: Place) -> str:
    if place.unit is None:
        return "Services"
    return "Workers" if place.unit.kind == "team" else "Teams"


def _crumbs(user: Any, found: Indicator, place: Place) -> list[tuple[str, str]]:
    """The places above this one that the reader may see."""
    crumbs: list[tuple[str, str]] = []
    if place.unit is not None and access.sees_figures_of(user, None):
        crumbs.append(("The whole department", indicator_url("indicator", found.pk)))
    above = place.unit.parent if place.unit is not None and place.unit.kind == "team" else None
    if above is not None and access.sees_figures_of(user, above):
        crumbs.append((above.name, indicator_url("indicator", found.pk, above.pk)))
    if place.worker is not None and place.unit is not None and access.sees_figures_of(user, place.unit):
        crumbs.append((place.unit.name, indicator_url("indicator", found.pk, place.unit.pk)))
    return crumbs


def _facts(found: Indicator, line: TableLine | None, owner: str) -> list[SummaryRow]:
    formula = FORMULAS.get(found.code or "")
    rows = [SummaryRow("Definition", formula.definition)] if formula else []
    if line is None:
        return rows
    rows += [SummaryRow("Kind", line.kind_words), SummaryRow("Counted over", line.basis_words)]
    if line.meaning.basis == Basis.EXTRACT:
        rows.append(SummaryRow("Period", "Ends on the extract's date and reaches back as far as its list does"))
    rows += [SummaryRow("Which way is better", line.polarity_words), SummaryRow("Target", line.target or "None")]
    rows.append(SummaryRow("Owner", owner or "Nobody yet"))
    if line.aim and line.aim.tolerance:
        rows.append(SummaryRow("Tolerance", f"{line.aim.tolerance.normalize():f}"))
    return rows


def _chart(line: TableLine, trend: Trend) -> Any:
    """The months of a percentage with the limits of its control chart, where it has one."""
    target = float(line.aim.value) if line.aim and line.aim.value is not None else None
    if trend.chart is not None and trend.kind.startswith("p-chart"):
        return charts.line(charts.control_points(trend.chart), title=line.wording, target=target)
    held = [cell for cell in line.cells if cell]
    points = [
        charts.Point(
            f"{cell.month:%b %Y}", float(cell.value) if cell.value is not None else None, cell.denominator or 0
        )
        for cell in held
    ]  # fmt: skip
    if trend.chart is not None:
        points = [
            replace(point, lower=mark.lower, upper=mark.upper, centre=_plain(mark.centre), signal=signal)
            for point, mark, signal in zip(points, trend.chart.points, map(trend.chart.signalled, range(len(held))),
                                           strict=True)
        ]  # fmt: skip
    return charts.line(points, title=line.wording, target=target)


def _plain(number: Any) -> float | None:
    return None if number is None else float(number)
