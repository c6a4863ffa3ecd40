"""A clinic's pack as data: what is stored when it is built, and what of it one reader sees."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.models import OrgUnit
from actions.querysets import ActionQuerySet
from assurance_clinics.choices import FigureKind, IndicatorKind
from assurance_clinics.models import Clinic, Indicator
from assurance_clinics.querysets import ValueQuerySet
from assurance_clinics.rules import judging, running
from assurance_clinics.rules.figures import counts_in_words
from assurance_clinics.rules.running import Reading
from assurance_clinics.selectors.tables import (
    FEWER,
    Definitions,
    TableCell,
    TableLine,
    aim_of,
    cell_of,
    in_force,
    indicator_grid,
    meaning_of,
    month_after,
    target_in_force,
)
from assurance_clinics.selectors.trends import trend_of
from audits.choices import ISSUED, AuditPurpose, FindingKind, Grade, TallyCut, TallyStage
from audits.querysets import AuditQuerySet, GradeTallyQuerySet, ThemeQuerySet
from audits.rules.arithmetic import percentages

MONTHS = 13
THEMES = 5
LAYOUT = 1
NOT_IN = (FigureKind.BLANK, FigureKind.TO_BE_CONFIRMED)


@dataclass(frozen=True)
class PackContent:
    """A pack as built: plain data that can be stored, and its checksum."""

    data: Mapping[str, Any]

    @property
    def checksum(self) -> str:
        """The same for the same content, whenever it was built."""
        return hashlib.sha256(json.dumps(self.data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Sources:
    """Where a pack takes its figures from: the system's own sight, since who reads what is asked when it is read."""

    values: ValueQuerySet
    known: Definitions
    tallies: GradeTallyQuerySet
    audits: AuditQuerySet
    themes: ThemeQuerySet
    actions: ActionQuerySet


def pack_content(
    clinic: Clinic, chosen: Sequence[Indicator], earlier: Sequence[Clinic], sources: Sources
) -> PackContent:
    """The pack of a clinic: 13 months of each chosen indicator of its service, its workers' figures, what the last
    clinic decided, the grades and top themes of the audits of its teams. `earlier` are the clinics of the service that
    were held before, the latest first."""
    period = clinic.period
    assert period is not None  # noqa: S101 - a scheduled clinic has one
    grid = indicator_grid(
        Indicator.objects.filter(pk__in=[one.pk for one in chosen]), sources.values, sources.known,
        first=month_after(period, 1 - MONTHS), last=period, unit=clinic.service,
    )  # fmt: skip
    lines = {line.key: line for line in grid.lines}
    late = late_indicators(sources.values, clinic, chosen)
    data = {
        "layout": LAYOUT,
        "period": f"{period:%Y-%m}",
        "months": [f"{month_after(period, steps):%Y-%m}" for steps in range(1 - MONTHS, 1)],
        "lines": [_line(one, lines.get(one.pk), clinic, earlier, sources) for one in chosen],
        "late": [one.wording for one in late],
        "workers": _workers(sources.values, clinic.service, period, chosen, sources.known),
        "actions": _actions(sources.actions, earlier),
        "grades": _grades(sources.tallies, clinic.service, period),
        "themes": _themes(sources.audits, sources.themes, clinic.service, period),
    }
    return PackContent(data)


def late_indicators(values: ValueQuerySet, clinic: Clinic, chosen: Sequence[Indicator]) -> list[Indicator]:
    """The chosen indicators that have no figure yet of the clinic's service and month: blank and "to be confirmed" are
    no figures, not applicable and suppressed are."""
    if clinic.period is None:
        return list(chosen)
    held = values.of_place(clinic.service_id).filter(month=clinic.period).exclude(kind__in=NOT_IN)
    there = set(held.values_list("indicator", flat=True))
    return [one for one in chosen if one.pk not in there]


def readings_of(
    values: ValueQuerySet, known: Definitions, service: Any, indicator: Any, periods: Iterable[date | None]
) -> list[Reading]:
    """What an indicator of a service said in these months, each judged by the definition and target of its month."""
    wanted = {period for period in periods if period is not None}
    found = []
    definitions = known.definitions.get(indicator, [])
    for value in values.of_place(service).filter(indicator=indicator, month__in=wanted):
        meaning = meaning_of(in_force(definitions, value.month))
        aim = aim_of(target_in_force(known.targets.get(indicator, []), value.month))
        figure = judging.Figure(value.kind, value.value, value.numerator, value.denominator)
        found.append(Reading(value.month, figure, judging.colour(figure, aim, meaning).rag, value.printed))
    return found


def _line(
    indicator: Indicator, line: TableLine | None, clinic: Clinic, earlier: Sequence[Clinic], sources: Sources
) -> dict[str, Any]:
    base = {"indicator": str(indicator.pk), "wording": indicator.wording, "section": indicator.section}
    if line is None:
        return {**base, "cells": [], "rag": "", "rag_because": "There is no figure of this service.", "direction": "",
                "target": "", "signals": [], "red_twice": "", "better": "", "kind": "", "note": []}  # fmt: skip
    readings = readings_of(
        sources.values, sources.known, clinic.service_id, indicator.pk,
        [clinic.period, *(one.period for one in earlier)],
    )  # fmt: skip
    return {
        **base,
        "kind": str(line.meaning.kind),
        "target": line.target,
        "cells": [_cell(cell) for cell in line.cells],
        "rag": line.colour.letter,
        "rag_because": line.colour.sentence,
        "direction": line.direction.meaning,
        "signals": list(trend_of(line).signals),
        "red_twice": running.red_twice(readings),
        "better": running.better_for_three(readings, line.meaning, line.aim),
        "note": [f"{one.month:%B %Y}: {one.note}" for one in line.breaks],
    }


def _cell(cell: TableCell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {
        "month": f"{cell.month:%Y-%m}", "kind": str(cell.kind),
        "value": None if cell.value is None else str(cell.value),
        "shown": cell.shown, "n": cell.numerator, "d": cell.denominator, "provisional": cell.provisional,
    }  # fmt: skip


def _workers(
    values: ValueQuerySet, service: OrgUnit, period: date, chosen: Sequence[Indicator], known: Definitions
) -> list[dict[str, Any]]:
    """Each worker of the service's teams with their figures of the month, by team and name."""
    kinds = {key: some[-1].kind for key, some in known.definitions.items()}
    rows = values.filter(
        month=period, indicator__in=[one.pk for one in chosen], unit__parent=service, worker__isnull=False,
    ).select_related("unit", "worker")  # fmt: skip
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for value in rows:
        assert value.unit is not None and value.worker is not None  # noqa: S101 - asked for above
        place = found.setdefault(
            (value.unit_id, value.worker_id),
            {
                "unit": str(value.unit_id), "team": value.unit.name, "worker": str(value.worker_id),
                "name": value.worker.name, "cells": {},
            },
        )  # fmt: skip
        cell = cell_of(value, kinds.get(value.indicator_id, IndicatorKind.NUMBER), show_small=True)
        place["cells"][str(value.indicator_id)] = _cell(cell)
    return sorted(found.values(), key=lambda row: (row["team"].casefold(), row["name"].casefold()))


def _actions(actions: ActionQuerySet, earlier: Sequence[Clinic]) -> list[dict[str, Any]]:
    """The actions of the last clinic: references and states. What they say is read in the tracker, by who may."""
    if not earlier:
        return []
    keys = earlier[0].action_links.values("action")
    rows = actions.filter(pk__in=keys).order_by("due_on", "reference")
    return [
        {"action": str(one.pk), "reference": one.reference, "status": one.status, "due_on": one.due_on.isoformat()}
        for one in rows
    ]


def _grades(tallies: GradeTallyQuerySet, service: OrgUnit, period: date) -> list[dict[str, Any]]:
    """Grades of the audits whose feedback is issued, of the service and of each of its teams: in the month, and in the
    12 months to it."""
    teams = list(OrgUnit.objects.filter(parent=service).order_by("name", "pk"))
    first = month_after(period, -11)
    rows = tallies.in_period(first, period).filter(
        unit__in=[service, *teams], cut=TallyCut.TOTAL, stage=TallyStage.ISSUED
    )
    counts: dict[Any, dict[str, Counter[str]]] = defaultdict(lambda: {"month": Counter(), "year": Counter()})
    summed: Iterable[Any] = rows.summed("unit", "month")
    for row in summed:
        counts[row["unit"]]["year"][row["grade"]] += row["total"]
        if row["month"] == period:
            counts[row["unit"]]["month"][row["grade"]] += row["total"]
    return [
        {"unit": str(unit.pk), "name": unit.name, "is_service": unit.pk == service.pk}
        | {span: {grade.value: counts[unit.pk][span][grade] for grade in Grade} for span in ("month", "year")}
        for unit in (service, *teams)
    ]


def _themes(audits: AuditQuerySet, themes: ThemeQuerySet, service: OrgUnit, period: date) -> dict[str, Any]:
    """The themes that came up most in the same 12 months, in how many audits of how many; restricted cases apart."""
    counted = (
        audits.in_period(month_after(period, -11), period)
        .filter(service=service, status__in=ISSUED, purpose=AuditPurpose.STANDARD, tool_version__isnull=False)
        .exclude(case__restricted=True)
        .order_by()
    )
    names = _theme_names(themes)
    found: dict[str, dict[str, set[UUID]]] = defaultdict(lambda: defaultdict(set))
    rows = counted.filter(findings__themes__isnull=False).values_list("pk", "findings__kind", "findings__themes")
    for audit, kind, theme in rows.distinct():
        found[kind][names.get(theme, "")].add(audit)

    def top(kind: str) -> list[dict[str, Any]]:
        ordered = sorted(found[kind].items(), key=lambda item: (-len(item[1]), item[0].casefold()))
        return [{"theme": name, "n": len(held)} for name, held in ordered[:THEMES] if name]

    return {"of": counted.count(), **{kind.value: top(kind) for kind in FindingKind}}


def _theme_names(themes: ThemeQuerySet) -> dict[UUID, str]:
    """What each theme is called today: with the theme above it, or what it was merged into."""
    held = {one.pk: one for one in themes.select_related("parent", "merged_into__parent")}
    return {key: str(one.merged_into or one) for key, one in held.items()}


# --- read by one person ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reader:
    """What of a pack one person sees: small numbers, and the units whose workers and teams are open to them."""

    small_numbers: bool
    units: frozenset[str]
    everything: bool = False

    def sees(self, unit: str) -> bool:
        """Whether the figures of a unit's teams and workers are open."""
        return self.everything or unit in self.units


@dataclass(frozen=True, slots=True)
class PackCell:
    """A cell as one reader sees it."""

    shown: str
    of: str = ""
    provisional: bool = False


@dataclass(frozen=True)
class PackLine:
    """An indicator in a pack, as one reader sees it."""

    indicator: str
    wording: str
    section: str
    kind: str
    target: str
    cells: tuple[PackCell, ...]
    last: PackCell
    values: tuple[float | None, ...]
    rag: str
    rag_because: str
    direction: str
    signals: tuple[str, ...]
    red_twice: str
    better: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class GradeLine:
    """Grades of a unit over the month and the 12 months to it: n, and the whole percents in words."""

    name: str
    month: str
    month_n: str
    year: str
    year_n: str


@dataclass(frozen=True)
class WorkerLine:
    """A worker's figures, one cell an indicator."""

    name: str
    team: str
    unit: str
    worker: str
    cells: tuple[PackCell, ...]


@dataclass(frozen=True)
class PackPage:
    """A pack as one reader sees it."""

    period: date
    months: tuple[date, ...]
    lines: tuple[PackLine, ...]
    late: tuple[str, ...]
    workers: tuple[WorkerLine, ...]
    hides_workers: bool
    grades: tuple[GradeLine, ...]
    audited: int
    development: tuple[tuple[str, str], ...]
    strengths: tuple[tuple[str, str], ...]

    @property
    def sections(self) -> list[tuple[str, list[PackLine]]]:
        """The lines by section, in the order in which the sections first stand."""
        found: dict[str, list[PackLine]] = defaultdict(list)
        for line in self.lines:
            found[line.section].append(line)
        return list(found.items())


def pack_page(content: Mapping[str, Any], reader: Reader) -> PackPage:
    """A stored pack as one reader sees it: small numbers hidden, other lines' workers and teams left out."""
    lines = tuple(_read_line(line, reader) for line in content["lines"])
    kinds = {line["indicator"]: line["kind"] for line in content["lines"]}
    workers = tuple(
        WorkerLine(
            row["name"], row["team"], row["unit"], row["worker"],
            tuple(_read_cell(row["cells"].get(key), kind, True) for key, kind in kinds.items()),
        )
        for row in content["workers"]
        if reader.sees(row["unit"])
    )  # fmt: skip
    themes = content["themes"]
    return PackPage(
        period=_month(content["period"]),
        months=tuple(_month(text) for text in content["months"]),
        lines=lines,
        late=tuple(content["late"]),
        workers=workers,
        hides_workers=len(workers) < len(content["workers"]),
        grades=tuple(
            _read_grades(row, reader) for row in content["grades"] if row["is_service"] or reader.sees(row["unit"])
        ),
        audited=themes["of"],
        development=_read_themes(themes[FindingKind.DEVELOPMENT], themes["of"], reader),
        strengths=_read_themes(themes[FindingKind.STRENGTH], themes["of"], reader),
    )


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def _read_cell(cell: Mapping[str, Any] | None, kind: str, small_numbers: bool) -> PackCell:
    if cell is None:
        return PackCell("")
    value = None if cell["value"] is None else Decimal(cell["value"])
    if not small_numbers and judging.is_small(kind, judging.Figure(cell["kind"], value, cell["n"], cell["d"])):
        return PackCell(FEWER)
    return PackCell(cell["shown"], counts_in_words(cell["n"], cell["d"]), cell["provisional"])


def _read_line(line: Mapping[str, Any], reader: Reader) -> PackLine:
    cells = tuple(_read_cell(cell, line["kind"], reader.small_numbers) for cell in line["cells"])
    hidden = [cell.shown == FEWER for cell in cells]
    values = tuple(
        None if cell is None or cell["value"] is None or hide else float(cell["value"])
        for cell, hide in zip(line["cells"], hidden, strict=True)
    )
    small = any(hidden)
    last = cells[-1] if cells else PackCell("")
    return PackLine(
        indicator=line["indicator"], wording=line["wording"], section=line["section"],
        kind=line["kind"], target=line["target"],
        cells=cells, last=last, values=values, rag=line["rag"], rag_because=line["rag_because"],
        direction=line["direction"], signals=() if small else tuple(line["signals"]),
        red_twice="Red for two clinics running." if line["red_twice"] and small else line["red_twice"],
        better="Better for three clinics running." if line["better"] and small else line["better"],
        notes=tuple(line["note"]),
    )  # fmt: skip


def _read_grades(row: Mapping[str, Any], reader: Reader) -> GradeLine:
    month, month_n = _grades_in_words(row["month"], reader)
    year, year_n = _grades_in_words(row["year"], reader)
    return GradeLine(row["name"], month, month_n, year, year_n)


def _grades_in_words(counts: Mapping[str, int], reader: Reader) -> tuple[str, str]:
    n = sum(counts.values())
    if 0 < n < judging.SMALL and not reader.everything:
        return FEWER, FEWER
    shares = percentages(*(counts[grade] for grade in Grade))
    if shares is None:
        return "-", "0"
    text = (
        f"{shares.good_or_outstanding}% good or outstanding, {shares.requires_improvement}% requires improvement, "
        f"{shares.inadequate}% inadequate"
    )
    return text, f"{n:,}"


def _read_themes(rows: Sequence[Mapping[str, Any]], of: int, reader: Reader) -> tuple[tuple[str, str], ...]:
    return tuple(
        (row["theme"], FEWER if row["n"] < judging.SMALL and not reader.everything else f"{row['n']:,} of {of:,}")
        for row in rows
    )
