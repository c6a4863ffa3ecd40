"""From a figure down: the places below it, and the cases behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.choices import UnitKind
from accounts.models import OrgUnit
from assurance_clinics.choices import Polarity, State
from assurance_clinics.models import DatedEvent, Value
from assurance_clinics.querysets import ValueQuerySet
from assurance_clinics.rules import judging
from assurance_clinics.rules.indicators import FORMULAS, Formula, Judged, share
from assurance_clinics.rules.judging import Aim, Colour, Meaning
from assurance_clinics.selectors.extracts import Computed, read_extract
from assurance_clinics.selectors.tables import FEWER, TableCell, cell_of
from cases.models import Extract, Worker
from cases.querysets import CaseQuerySet

IN_CHUNKS = 5000


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place below another, with its figure of a month."""

    name: str
    unit: UUID
    worker: UUID | None
    cell: TableCell
    colour: Colour


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """A place whose figures a reader may choose; `unit` None is the department."""

    name: str
    unit: UUID | None
    kind: str


def places_below(
    values: ValueQuerySet,
    *,
    indicator: Any,
    month: date,
    unit: OrgUnit | None,
    aim: Aim | None,
    meaning: Meaning,
    show_small: bool = True,
) -> tuple[PlaceLine, ...]:
    """The services below the department, the teams below a service, or the workers of a team, by name.

    Unless `show_small`, counts of 1 to 4 are hidden; where one place alone would be hidden, the smallest other is
    hidden with it, since the total would give it away.
    """
    rows = values.filter(indicator=indicator, month=month).select_related("unit", "worker")
    if unit is None:
        rows = rows.filter(unit__kind=UnitKind.SERVICE, worker=None)
    elif unit.kind == UnitKind.TEAM:
        rows = rows.filter(unit=unit, worker__isnull=False)
    else:
        rows = rows.filter(unit__parent=unit, worker=None)
    found = [(value, cell_of(value, meaning.kind, show_small=show_small)) for value in rows]
    hidden = [place for place, (_value, cell) in enumerate(found) if cell.small]
    if len(hidden) == 1 and len(found) > 1:
        others = [place for place, (value, cell) in enumerate(found) if not cell.small and value.denominator]
        if others:
            smallest = min(others, key=lambda place: found[place][0].denominator or 0)
            value, cell = found[smallest]
            found[smallest] = (value, _hidden(cell))
    lines = [_place_line(value, cell, aim, meaning) for value, cell in found]
    return tuple(sorted(lines, key=lambda line: line.name.casefold()))


def _hidden(cell: TableCell) -> TableCell:
    return replace(
        cell, kind="suppressed", value=None, numerator=None, denominator=None, shown=FEWER, printed=FEWER, small=True
    )


def _place_line(value: Value, cell: TableCell, aim: Aim | None, meaning: Meaning) -> PlaceLine:
    assert value.unit is not None and value.unit_id is not None  # noqa: S101 - the rows above all have one
    name = value.worker.name if value.worker else value.unit.name
    return PlaceLine(name, value.unit_id, value.worker_id, cell, judging.colour(cell.figure, aim, meaning))


def places_of(values: ValueQuerySet, *, department: bool) -> tuple[PlaceChoice, ...]:
    """The places of which these values (already scoped to a reader) hold figures: services by name, each with its
    teams; before them the department where `department`."""
    held = values.filter(worker=None, unit__isnull=False).order_by().values_list("unit", flat=True).distinct()
    units = list(OrgUnit.objects.filter(pk__in=held).select_related("parent"))
    services = sorted((one for one in units if one.kind != UnitKind.TEAM), key=lambda one: one.name.casefold())
    teams = sorted((one for one in units if one.kind == UnitKind.TEAM), key=lambda one: one.name.casefold())
    found = [PlaceChoice("The whole department", None, "")] if department else []
    placed: set[Any] = set()
    for service in services:
        found.append(PlaceChoice(service.name, service.pk, service.kind))
        for team in teams:
            if team.parent_id == service.pk:
                placed.add(team.pk)
                found.append(PlaceChoice(f"{service.name}: {team.name}", team.pk, team.kind))
    found += [PlaceChoice(team.name, team.pk, team.kind) for team in teams if team.pk not in placed]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case behind a figure. `overdue_since` is the first day on which it was late, `due` the last on which it was
    or is in time; `case` is None where the row is of no case record."""

    reference: str
    case: UUID | None
    state: State
    reason: str
    team: str
    worker: str
    last: date | None
    due: date | None
    overdue_since: date | None


@dataclass(frozen=True)
class CaseList:
    """The cases behind a figure of one place, as one extract has them.

    `exceptions` are those to act on, the longest overdue first; `others` those that count and need nothing yet, the
    next due first; `left_out` those that do not count. `hidden` of them are not listed, since the reader may not see
    the case. n and d are of all of them.
    """

    as_at: date
    exceptions: tuple[CaseLine, ...]
    others: tuple[CaseLine, ...]
    left_out: tuple[CaseLine, ...]
    hidden: int
    numerator: int
    denominator: int


def case_list(
    extract: Extract,
    cases: CaseQuerySet,
    *,
    code: str,
    polarity: str,
    unit: OrgUnit | None = None,
    worker: Any = None,
    agreed: QuerySet[DatedEvent] | None = None,
) -> CaseList:
    """The cases behind an indicator's figure of one place.

    `cases` are those that the reader may see. Where lower is better, the exceptions are the cases that count (a child
    with three placements); otherwise those that do not (a child who was not visited).
    """
    formula = FORMULAS[code]
    extracted = read_extract(
        extract, lists=formula.main, only=_only(unit, worker), beside=formula.beside, agreed=agreed
    )
    judged = formula.judge(extracted, extract.as_at)
    computed = Computed(code, formula.kind, share(formula, judged, extracted.children), tuple(judged))
    seen = seen_cases(judged, cases)
    listed = [each for each in judged if each.row.case is None or each.row.case in seen]
    teams, workers = names_of(listed)
    to_act_on = _exceptional(formula, listed, polarity)

    def lines(wanted: Iterable[Judged]) -> list[CaseLine]:
        return [_case_line(each, extract.as_at, teams, workers, polarity) for each in wanted]

    counted = [each for each in listed if each.state != State.EXCLUDED]
    exceptions = lines(each for each in counted if id(each) in to_act_on)
    others = lines(each for each in counted if id(each) not in to_act_on)
    return CaseList(
        as_at=extract.as_at,
        exceptions=tuple(sorted(exceptions, key=_longest_overdue)),
        others=tuple(sorted(others, key=lambda line: (line.due or date.max, line.worker, line.reference))),
        left_out=tuple(lines(each for each in listed if each.state == State.EXCLUDED)),
        hidden=len(judged) - len(listed),
        numerator=computed.numerator,
        denominator=computed.denominator,
    )


def _only(unit: OrgUnit | None, worker: Any) -> Q | None:
    if unit is None:
        return None
    place = Q(team=unit) if unit.kind == UnitKind.TEAM else Q(service=unit) | Q(team__parent=unit)
    return place & Q(worker=worker) if worker is not None else place


def seen_cases(judged: Iterable[Judged], cases: CaseQuerySet) -> set[Any]:
    """The keys of the cases of these rows that are among `cases`."""
    keys = list({each.row.case for each in judged if each.row.case is not None})
    found: set[Any] = set()
    for start in range(0, len(keys), IN_CHUNKS):
        found.update(cases.filter(pk__in=keys[start : start + IN_CHUNKS]).values_list("pk", flat=True))
    return found


def names_of(judged: Iterable[Judged]) -> tuple[dict[Any, str], dict[Any, str]]:
    """The names of the teams and of the workers, by key."""
    rows = [each.row for each in judged]
    teams = {row.team for row in rows if row.team is not None}
    workers = {row.worker for row in rows if row.worker is not None}
    return (
        dict(OrgUnit.objects.filter(pk__in=teams).values_list("pk", "name")),
        dict(_chunked(Worker.objects.all(), list(workers))),
    )


def _chunked(rows: QuerySet[Any], keys: list[Any]) -> Iterator[tuple[Any, str]]:
    for start in range(0, len(keys), IN_CHUNKS):
        yield from rows.filter(pk__in=keys[start : start + IN_CHUNKS]).values_list("pk", "name")


def _exceptional(formula: Formula, judged: list[Judged], polarity: str) -> set[int]:
    """Which of the judged rows (by identity) are those to act on."""
    if formula.per_worker is not None:
        held: dict[Any, int] = {}
        for each in judged:
            if each.state == State.IN:
                held[each.row.worker] = held.get(each.row.worker, 0) + 1
        many = {worker for worker, count in held.items() if count >= max(formula.per_worker, 20)}
        return {id(each) for each in judged if each.state == State.IN and each.row.worker in many}
    wanted = State.IN if polarity == Polarity.LOWER else State.OUT
    return {id(each) for each in judged if each.state == wanted}


def _case_line(
    each: Judged, on: date, teams: dict[Any, str], workers: dict[Any, str], polarity: str
) -> CaseLine:  # fmt: skip
    row, bad = each.row, State.IN if polarity == Polarity.LOWER else State.OUT
    late = each.state == bad and each.due is not None and each.due < on
    return CaseLine(
        reference=row.reference,
        case=row.case if isinstance(row.case, UUID) else None,
        state=each.state,
        reason=each.reason,
        team=teams.get(row.team, ""),
        worker=workers.get(row.worker, ""),
        last=each.last,
        due=each.due,
        overdue_since=each.due + timedelta(days=1) if late and each.due else None,
    )


def _longest_overdue(line: CaseLine) -> tuple[bool, date, str]:
    """No date at all comes first: nobody knows how long it has been."""
    return line.last is not None, line.overdue_since or date.max, line.reference
