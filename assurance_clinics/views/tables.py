"""The table of indicators, on a page and as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import SYSTEM
from accounts.choices import LINE_ROLES
from accounts.models import OrgUnit
from assurance_clinics import access, documents
from assurance_clinics.choices import DefinitionStatus
from assurance_clinics.forms.choosing import MONTHS, TableForm
from assurance_clinics.models import Comparator, Indicator, IndicatorDefinition, Target, Value
from assurance_clinics.selectors.drilling import PlaceChoice, places_of
from assurance_clinics.selectors.tables import (
    Definitions,
    Grid,
    TableLine,
    definitions_of,
    indicator_grid,
    month_after,
    months_held,
)
from assurance_clinics.selectors.trends import trend_of
from core import charts
from core.spreadsheets import write_csv, write_xlsx

COLOURS = {"G": "green", "A": "orange", "R": "red", "": ""}
BEFORE_THE_MONTHS = 5
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class _Answer:
    """What was asked, and the table for it; `form` is None where the reader sees their own figures alone."""

    form: TableForm | None
    grid: Grid | None
    unit: Any
    worker: Any


def known_to(user: Any) -> Definitions:
    """The definitions, targets and comparators of a reader."""
    return definitions_of(
        IndicatorDefinition.objects.visible_to(user),
        Target.objects.visible_to(user),
        Comparator.objects.visible_to(user),
    )


def indicator_url(name: str, indicator: Any, unit: Any = None, worker: Any = None) -> str:
    """The address of `name` ("indicator" or "cases") for an indicator of the department, a unit or a worker."""
    if worker is not None:
        return reverse(f"assurance_clinics:{name}_of_worker", args=[indicator, unit, worker])
    if unit is not None:
        return reverse(f"assurance_clinics:{name}_of_unit", args=[indicator, unit])
    return reverse(f"assurance_clinics:{name}", args=[indicator])


def sparkline(line: TableLine) -> Any:
    """The months of a line drawn small; percentages on a scale of 100, other figures on one of their highest."""
    values = [float(cell.value) if cell and cell.value is not None else None for cell in line.cells]
    words = [f"{cell.month:%b %Y} {cell.shown or 'blank'}" if cell else "no figure" for cell in line.cells]
    top = 100.0
    if line.meaning.kind != "percentage":
        top = max((value for value in values if value is not None), default=0.0) or 1.0
    return charts.sparkline(values, title=line.wording, words=words, top=top)


def _answer(request: HttpRequest) -> _Answer:
    user: Any = request.user
    if not access.sees_indicators(user):
        raise Http404
    values = Value.objects.visible_to(user)
    places = places_of(values, department=access.sees_figures_of(user, None))
    if not places:
        own = values.filter(worker__user=user.pk).order_by("month").last()
        if own is None:
            return _Answer(None, None, None, None)
        grid = _grid(user, values, own.month, own.unit, own.worker, f"Your own figures in {own.unit}")
        return _Answer(None, grid, own.unit, own.worker)
    place = _chosen(user, places, request.GET)
    asked = request.GET.copy()
    asked.setdefault("place", str(place.unit or ""))
    form = TableForm(asked, places=places, held=months_held(values.filter(worker=None)))
    unit = OrgUnit.objects.visible_to(user).filter(pk=place.unit).first() if place.unit else None
    held = months_held(values.of_place(unit))
    if held is None:
        return _Answer(form, None, unit, None)
    wanted = form.cleaned_data.get("to") if form.is_valid() else ""
    last = held[1].replace(year=int(wanted[:4]), month=int(wanted[5:])) if wanted else held[1]
    return _Answer(form, _grid(user, values, last, unit, None, place.name), unit, None)


def _chosen(user: Any, places: tuple[PlaceChoice, ...], asked: QueryDict) -> PlaceChoice:
    """The place that was asked for; else the reader's own unit, else the first."""
    by_key = {str(one.unit or ""): one for one in places}
    if "place" in asked:
        if asked["place"] not in by_key:
            raise Http404
        return by_key[asked["place"]]
    mine = [by_key[str(unit.pk)] for unit in user.units_as(*LINE_ROLES) if str(unit.pk) in by_key]
    return mine[0] if mine else places[0]


def _grid(user: Any, values: Any, last: Any, unit: Any, worker: Any, place: str) -> Grid:
    return indicator_grid(
        Indicator.objects.visible_to(user), values, known_to(user), first=month_after(last, 1 - MONTHS), last=last,
        unit=unit, worker=worker, place=place, show_small=access.sees_small_numbers_of(user, unit, worker),
        of_services=Value.objects.visible_to(SYSTEM).of_services(),  # what they leave of the department is withheld
    )  # fmt: skip


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """Thirteen months of every indicator of one place, as boards know them."""
    answer = _answer(request)
    unit, worker = getattr(answer.unit, "pk", None), getattr(answer.worker, "pk", None)
    sections = []
    if answer.grid:
        months = answer.grid.months
        sections = [
            (section, [_row(line, months, indicator_url("indicator", line.key, unit, worker)) for line in lines])
            for section, lines in answer.grid.sections
        ]
    may_define = bool(access.can_define(request.user))
    drafts = Indicator.objects.visible_to(request.user).filter(definitions__status=DefinitionStatus.DRAFT)
    asked = {key: request.GET[key] for key in ("place", "to") if key in request.GET}
    context = {
        "form": answer.form,
        "grid": answer.grid,
        "sections": sections,
        "columns": BEFORE_THE_MONTHS + MONTHS,
        "files": urlencode(asked),
        "counted": urlencode({**asked, "counts": 1}),
        "may_import": bool(access.can_import_indicators(request.user)),
        "drafts": drafts.distinct().count() if may_define else 0,
    }
    return render(request, "assurance_clinics/table.html", context)


def _row(line: TableLine, months: tuple[date, ...], url: str) -> dict[str, Any]:
    """A line as the page lays it out: its cells with where a new definition begins, and what is said below them."""
    new = {one.month for one in line.breaks}
    signals = trend_of(line).signals[:1]
    comparators = [(label, text) for label, text in line.comparators.items() if text]
    return {
        "line": line,
        "url": url,
        "colour": COLOURS[line.colour.letter],
        "spark": sparkline(line),
        "cells": [(cell, month in new) for cell, month in zip(line.cells, months, strict=True)],
        "signals": signals,
        "comparators": comparators,
        "compared": any(text.strip("-–— ") for _label, text in comparators),
        "has_notes": bool(signals or comparators or new or line.provisional),
    }


@require_safe
def table_csv(request: HttpRequest) -> HttpResponse:
    """The table as CSV, with the header that the import reads; with "counts" asked for, the counts at the end."""
    header, rows = _printed(request)
    response = HttpResponse(write_csv(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="indicators.csv"'
    return response


@require_safe
def table_xlsx(request: HttpRequest) -> HttpResponse:
    """The table as a workbook: the same cells, as text."""
    header, rows = _printed(request)
    response = HttpResponse(write_xlsx([("Indicators", header, rows)]), content_type=_XLSX)
    response["Content-Disposition"] = 'attachment; filename="indicators.xlsx"'
    return response


def _printed(request: HttpRequest) -> tuple[list[str], list[list[str]]]:
    grid = _answer(request).grid
    if grid is None:
        raise Http404
    return documents.as_rows(grid, counts="counts" in request.GET)
