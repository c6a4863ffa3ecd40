"""A kept extract as the indicators see it: its rows judged, and what they come to at each level."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from assurance_clinics.choices import EventKind, IndicatorKind, State
from assurance_clinics.models import DatedEvent
from assurance_clinics.rules.indicators import FORMULAS, Extracted, Formula, Judged, Row, Share, share, tenths
from assurance_clinics.rules.timescales import CHILDREN, SUPERVISION
from cases.models import Extract, ExtractRow, reference_key
from cases.readers.annex_a import CWD_TEAM
from core.council.selectors import setting

PROGRESS_EVERY = 2000
BY_NAME = 2000
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Computed:
    """One indicator of one extract: n of d, what that makes, and every row that was judged.

    `value` is the percentage to one place, the average, or the number; None where there is nothing to divide by.
    """

    code: str
    kind: str
    share: Share
    judged: tuple[Judged, ...]

    @property
    def numerator(self) -> int:
        return self.share.numerator

    @property
    def denominator(self) -> int:
        return self.share.denominator

    @property
    def percent(self) -> float | None:
        """n of d in percent to one place; None for an average and a rate, and where d is 0."""
        return None if self.kind in (IndicatorKind.AVERAGE, IndicatorKind.RATE) else self.share.percent

    @property
    def value(self) -> float | None:
        """What the indicator says; None where d is 0."""
        if not self.denominator:
            return None
        if self.kind == IndicatorKind.AVERAGE:
            return tenths(self.numerator, self.denominator)
        if self.kind == IndicatorKind.RATE:
            return tenths(10_000 * self.numerator, self.denominator)
        return float(self.numerator) if self.kind == IndicatorKind.NUMBER else self.share.percent

    @property
    def excluded(self) -> tuple[Judged, ...]:
        """The rows that were left out, each with its reason."""
        return tuple(each for each in self.judged if each.state == State.EXCLUDED)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a figure belongs: the department (both None), a unit, or a worker in a team."""

    unit: Any = None
    worker: Any = None


def read_extract(
    extract: Extract,
    *,
    lists: Iterable[int] | None = None,
    only: Q | None = None,
    beside: Iterable[int] = (),
    agreed: QuerySet[DatedEvent] | None = None,
    on_progress: Progress | None = None,
) -> Extracted:
    """The rows of an extract by list, streamed.

    `lists` narrows it to these lists and `only` to some of their rows; `beside` adds lists of which all rows of the
    children found are wanted. `agreed` are the dated events to go by. `on_progress(done, total)` is told the rows
    read.
    """
    rows = ExtractRow.objects.filter(extract=extract)
    wanted = rows.filter(list__in=sorted(lists)) if lists is not None else rows
    if only is not None:
        wanted = wanted.filter(only)
    total = extract.row_count if lists is None else 0
    found: dict[int, list[Row]] = defaultdict(list)
    for done, row in enumerate(_stream(wanted)):
        found[row.list].append(row)
        if on_progress and done % PROGRESS_EVERY == 0:
            on_progress(done, max(total, done))
    if beside := set(beside) - set(found):
        keys = {row.key for some in found.values() for row in some}
        for row in _stream(rows.filter(list__in=sorted(beside))):
            if row.key in keys:
                found[row.list].append(row)
    for some in found.values():
        some.sort(key=lambda row: row.row)
    children = setting(CHILDREN.key, on=extract.as_at) or setting(CHILDREN.key)
    if agreed is None:
        return Extracted(found, children=children)
    # A few children's events are asked for by name; of a whole extract all are read once.
    keys = {row.key for some in found.values() for row in some} if only is not None else set()
    mine = agreed.filter(reference_key__in=keys) if only is not None and len(keys) <= BY_NAME else agreed
    kinds = set(agreed.order_by().values_list("kind", flat=True).distinct())
    return Extracted(
        found,
        _agreed_days(mine, extract.as_at),
        _latest_events(mine, kinds, extract.as_at),
        _days_seen(mine, extract.as_at),
        {cohort: 7 * setting(one.key, on=extract.as_at) for cohort, one in SUPERVISION.items()},
        children,
    )


def _stream(rows: QuerySet[ExtractRow]) -> Iterator[Row]:
    # Rows say the same few codes, days and places again and again, so each is held once.
    same: dict[Any, Any] = {}

    def shared(value: Any) -> Any:
        return same.setdefault(value, value) if isinstance(value, (str, UUID)) else value

    fields = ("list", "row", "reference", "data", "service", "team", "team__name", "team__parent", "worker", "case")
    for number, at, reference, data, service, team, name, parent, worker, case in rows.values_list(*fields).iterator(
        chunk_size=PROGRESS_EVERY
    ):
        yield Row(
            list=number,
            row=at,
            reference=reference,
            key=reference_key(reference),
            data={shared(name): shared(value) for name, value in data.items()},
            cwd=data.get("disability") == "yes" or bool(name and CWD_TEAM.search(name)),
            service=shared(parent or service),
            team=shared(team),
            worker=shared(worker),
            case=case,
        )


def _latest_events(events: QuerySet[DatedEvent], kinds: set[str], on: date) -> dict[str, dict[str, date]]:
    """Of each kind that any list holds, the latest event on or before the day, by child."""
    found: dict[str, dict[str, date]] = {kind: {} for kind in kinds if kind != EventKind.AGREED_INTERVAL}
    rows = events.filter(kind__in=found, happened_on__lte=on).order_by("happened_on")
    for kind, key, day in rows.values_list("kind", "reference_key", "happened_on").iterator(chunk_size=PROGRESS_EVERY):
        found[kind][key] = day
    return found


def _days_seen(events: QuerySet[DatedEvent], on: date) -> dict[str, list[date]]:
    """Every day on or before `on` on which a child was seen for an assessment, the earliest first, by child."""
    found: dict[str, list[date]] = defaultdict(list)
    seen = events.filter(kind=EventKind.CHILD_SEEN, happened_on__lte=on).order_by("happened_on")
    for key, day in seen.values_list("reference_key", "happened_on").iterator(chunk_size=PROGRESS_EVERY):
        found[key].append(day)
    return found


def _agreed_days(events: QuerySet[DatedEvent], on: date) -> dict[str, int]:
    """The visiting interval in force on the day, in days, by child: the latest that was agreed."""
    agreed = events.filter(kind=EventKind.AGREED_INTERVAL, happened_on__lte=on).order_by("happened_on")
    return {key: days for key, days in agreed.values_list("reference_key", "interval_days") if days}


def compute(extracted: Extracted, on: date, codes: Iterable[str] | None = None) -> Iterator[Computed]:
    """Each computed indicator of an extract at its date, in the order of the catalogue or of `codes`."""
    for code in FORMULAS if codes is None else codes:
        formula = FORMULAS[code]
        judged = formula.judge(extracted, on)
        yield Computed(code, formula.kind, share(formula, judged, extracted.children), tuple(judged))


def by_place(computed: Computed) -> dict[Place, Computed]:
    """The indicator at every level: the department, each service, each team, and each worker in a team.

    Rows that name no team count for the department alone. A place whose rows were all left out has no figure. A rate
    is the department's alone: how many children live in a team's area nobody knows.
    """
    if computed.kind == IndicatorKind.RATE:
        return {Place(): computed}
    parts: dict[Place, list[Judged]] = defaultdict(list)
    for each in computed.judged:
        row = each.row
        if each.state == State.EXCLUDED:
            continue
        for unit in {row.service, row.team} - {None}:
            parts[Place(unit)].append(each)
        if row.team is not None and row.worker is not None:
            parts[Place(row.team, row.worker)].append(each)
    formula = FORMULAS[computed.code]
    found = {Place(): computed}
    for place, judged in parts.items():
        found[place] = _part(formula, judged)
    return found


def _part(formula: Formula, judged: list[Judged]) -> Computed:
    return Computed(formula.code, formula.kind, share(formula, judged), tuple(judged))


def is_annex_a(extract: Extract) -> bool:
    """Whether an extract holds lists of Annex A, and not a caseload alone."""
    return any(name.startswith("List ") for name in extract.lists)


def extract_on(extracts: QuerySet[Extract], day: date) -> Extract | None:
    """The extract of this day that was applied last; None where there is none."""
    return next((one for one in extracts.filter(as_at=day).order_by("-applied_at") if is_annex_a(one)), None)


def latest_extract(extracts: QuerySet[Extract]) -> Extract | None:
    """The extract with the latest date; None where none is kept."""
    return next((one for one in extracts.order_by("-as_at", "-applied_at") if is_annex_a(one)), None)
