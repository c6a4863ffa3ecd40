"""Grade tables: one object that the page, the CSV, the workbook and the command all print."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, Min, Q, Value, When

from accounts.choices import UnitKind
from accounts.models import OrgUnit
from audits.choices import Breakdown, ExcludedReason, Grade, TallyCut, TallyStage, ToolStatus
from audits.models import ToolSection
from audits.querysets import AuditQuerySet, GradeTallyQuerySet
from audits.rules import arithmetic
from audits.rules.arithmetic import TARGET, Percentages, Verdict
from cases.choices import PlanType

NO_TEAM = "No team recorded"
NO_PLAN = "Not recorded"
ALL = "Total"


@dataclass(frozen=True)
class GradeRow:
    """One row of a grade table: the counts of the four grades and what follows from them.

    `key` is the month as "2026-04", or else the printed name. `params` names what the row is about, as
    (field, value) pairs in the words of the list of audits. `percent`, `interval`, `exact` and `meets_target` are None
    where nothing was audited; `change` is None where this period or the one before has nothing. A row that is
    `withheld` holds no counts at all.
    """

    key: str
    label: str
    outstanding: int
    good: int
    requires_improvement: int
    inadequate: int
    provisional: int
    change: Verdict | None
    target: int
    params: tuple[tuple[str, str], ...] = ()
    withheld: bool = False

    @cached_property
    def audited(self) -> int:
        """n: the graded audits (or section judgements) that count."""
        return self.good_or_better + self.requires_improvement + self.inadequate

    @property
    def good_or_better(self) -> int:
        """How many are good or outstanding."""
        return self.outstanding + self.good

    @cached_property
    def percent(self) -> Percentages | None:
        """Whole percents that add to 100."""
        return arithmetic.percentages(self.outstanding, self.good, self.requires_improvement, self.inadequate)

    @property
    def interval(self) -> tuple[int, int] | None:
        """Between which whole percents the share good or better is likely to lie."""
        return arithmetic.wilson(self.good_or_better, self.audited)

    @cached_property
    def meets_target(self) -> bool | None:
        """Whether the exact share reaches the target."""
        return arithmetic.meets_target(self.good_or_better, self.audited, self.target)

    @property
    def exact(self) -> str | None:
        """The share good or better with at least one place, as "69.6"."""
        return arithmetic.exact_percent(self.good_or_better, self.audited, self.target)

    @property
    def rounding_hides_the_target(self) -> bool:
        """Whether the printed percent reaches a target that the exact share misses."""
        percent = self.percent
        return percent is not None and percent.good_or_outstanding >= self.target and self.meets_target is False

    @property
    def small(self) -> bool:
        """Whether it rests on so few audits that it is marked as a small number."""
        return arithmetic.is_small(self.audited)

    @cached_property
    def counts(self) -> dict[str, int]:
        """The four counts by grade, best first."""
        return {grade.value: getattr(self, grade.value) for grade in Grade}


@dataclass(frozen=True)
class GradeTable:
    """A grade table over the months from `first` to `last` (first days of them), cut by `by`.

    `total` is made of summed counts. `excluded` says how many are not counted, by reason, without the reasons that
    have none. The period before, against which `change` is judged, has as many months and ends right before `first`;
    by month each row is judged against the month before it. `restated` says what became of months that were published,
    as (month, sentence); `unpublished` names the months whose figures may still change.
    """

    by: str
    target: int
    first: date
    last: date
    rows: tuple[GradeRow, ...]
    total: GradeRow
    before: GradeRow
    excluded: dict[str, int]
    settled_only: bool
    restated: tuple[tuple[str, str], ...] = ()
    unpublished: tuple[str, ...] = ()

    @property
    def counts_sections(self) -> bool:
        """Whether what is counted are judgements of sections: one audit has several."""
        return self.by == Breakdown.SECTION


@dataclass(frozen=True)
class ServiceChoice:
    """A service whose figures a reader may choose: the keys of all units that bear its name, and its first month."""

    name: str
    keys: tuple[UUID, ...]
    oldest: date


def grade_table(
    tallies: GradeTallyQuerySet,
    *,
    first: date,
    last: date,
    by: str = Breakdown.MONTH,
    target: int = TARGET,
    services: Iterable[Any] = (),
    settled_only: bool = False,
    as_now: bool = False,
) -> GradeTable:
    """The grade table of what `tallies` (already scoped to a reader) hold for the months from `first` to `last`.

    By month every month of the range has a row; otherwise only what has audits. `services` (units or their keys)
    narrows it. A reader of services gets their rows; teams are added only where they belong to none of these, so
    that no audit counts twice. An audit stands under the units as they were, or `as_now` under those that have
    succeeded them (AD-1).
    """
    first, last = first.replace(day=1), last.replace(day=1)
    if first > last:
        raise ValueError("The first month lies after the last.")
    months = _months(first, last)
    before = _months_before(first, len(months))
    rows = tallies.in_period(before[0], last)
    if settled_only:
        rows = rows.settled_only()
    rows = _each_audit_once(rows)
    chosen = [getattr(unit, "pk", unit) for unit in services]
    successors = _successors() if as_now else {}
    if chosen and as_now:
        chosen += [key for key in successors if _last(key, successors) in chosen and key not in chosen]
    if chosen:
        rows = rows.filter(Q(unit__in=chosen) | Q(unit__kind=UnitKind.TEAM, unit__parent__in=chosen))
    rows = rows.annotate(now=Case(When(month__gte=first, then=Value(1)), default=Value(0), output_field=IntegerField()))
    sums = _CUTS[Breakdown(by)](rows)
    total, total_before = (sum((sums[key, now] for key, now in sums if now == which), Counter()) for which in (1, 0))
    if by == Breakdown.MONTH:
        parts = _month_rows(sums, [before[-1], *months], target)
    else:
        keys = {key for key, now in sums if now}
        names = _NAMES[Breakdown(by)](keys | {_last(key, successors) for key in keys})
        if as_now:
            called = {name.key: name.label for name in names}
            names = [replace(name, label=called.get(_last(name.key, successors), name.label)) for name in names]
            names.sort(key=lambda name: (name.key is None, name.label.casefold(), str(name.key)))
        names = [name for name in names if name.key in keys]
        parts = _named_rows(sums, names, target)
    # The judgements of one audit hang together: their sum would call a change what is none.
    compared = Counter() if by == Breakdown.SECTION else total_before
    return GradeTable(
        by=str(by),
        target=target,
        first=first,
        last=last,
        rows=tuple(parts),
        total=_row(ALL, ALL, total, compared, target, _month_params(first, last)),
        before=_row(
            "Before", "The period before", total_before, Counter(), target, _month_params(before[0], before[-1])
        ),
        excluded=_excluded(rows),
        settled_only=settled_only,
    )


def _successors() -> dict[Any, Any]:
    """Closed units and those that have succeeded them."""
    held = OrgUnit.objects.filter(succeeded_by__isnull=False)
    return dict(held.values_list("pk", "succeeded_by"))


def _last(key: Any, successors: dict[Any, Any]) -> Any:
    """The unit that stands today where this one stood."""
    seen = set()
    while key in successors and key not in seen:
        seen.add(key)
        key = successors[key]
    return key


def services_of(tallies: GradeTallyQuerySet) -> list[ServiceChoice]:
    """The services, by name, of which these tallies (already scoped to a reader) hold anything, its teams included."""
    keys: dict[str, set[UUID]] = defaultdict(set)
    oldest: dict[str, date] = {}
    held = tallies.order_by().filter(cut__in=(TallyCut.TOTAL, TallyCut.EXCLUDED))
    fields = ("unit", "unit__kind", "unit__name", "unit__parent", "unit__parent__name")
    for unit, kind, name, parent, parent_name, month in held.values_list(*fields).annotate(oldest=Min("month")):
        service, service_name = (unit, name) if kind == UnitKind.SERVICE else (parent, parent_name)
        if service:
            keys[service_name].add(service)
            oldest[service_name] = min(month, oldest.get(service_name, month))
    return [ServiceChoice(name, tuple(sorted(keys[name])), oldest[name]) for name in sorted(keys, key=str.casefold)]


def hold_back(table: GradeTable, audits: AuditQuerySet) -> GradeTable:
    """The table without the rows that would show the grade of one restricted case alone (product.md NK-3).

    `audits` are all audits of the services in the table, since it takes those that the reader may not see. A row of
    one audit is held back when that audit is of a restricted case, and with it the smallest other row, since the
    total would give it away; where there is no other row, the total.
    """
    shown = [row for row in table.rows if row.audited]
    if all(row.audited > 1 for row in shown):
        return table
    restricted = [
        _ListedAs(f"{month:%Y-%m}", str(service), str(team or "none"), plan or "none", tool)
        for month, service, team, plan, tool in audits.in_period(table.first, table.last)
        .counted()
        .filter(case__restricted=True)
        .order_by()
        .values_list("month", "service", "team", "plan_type", "audit_type")
    ]
    alone = {row.key for row in shown if row.audited == 1 and any(audit.may_be_in(row) for audit in restricted)}
    if not alone:
        return table
    others = sorted((row for row in shown if row.key not in alone), key=lambda row: row.audited)
    held = alone | {row.key for row in others[:1]}
    rows = tuple(_emptied(row) if row.key in held else row for row in table.rows)
    return replace(table, rows=rows, total=table.total if others else _emptied(table.total))


@dataclass(frozen=True)
class _ListedAs:
    """An audit in the words of the list of audits."""

    month: str
    service: str
    team: str
    plan_type: str
    tool: str

    def may_be_in(self, row: GradeRow) -> bool:
        """Whether the audit may stand in the row; of a section it is not known, so it is taken that it does."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for field, value in row.params:
            wanted[field].add(value)
        months = wanted.pop("month_from", {""}), wanted.pop("month_to", {"9"})
        wanted.pop("section", None)
        return max(months[0]) <= self.month <= min(months[1]) and all(
            getattr(self, field) in values for field, values in wanted.items()
        )


def _emptied(row: GradeRow) -> GradeRow:
    return GradeRow(row.key, row.label, 0, 0, 0, 0, 0, None, row.target, withheld=True)


# --- which rollup rows -------------------------------------------------------------------------------------------


def _each_audit_once(rows: GradeTallyQuerySet) -> GradeTallyQuerySet:
    """Rows kept under services, and those of teams whose audits stand under none of them.

    Every audit is tallied under its service and again under its team.
    """
    services, teams = set(), set()
    kept = rows.for_services().filter(cut__in=(TallyCut.TEAM, TallyCut.EXCLUDED)).order_by()
    for service, cut, key in kept.values_list("unit", "cut", "key").distinct():
        services.add(service)
        if cut == TallyCut.TEAM and key:
            teams.add(UUID(key))
    alone = Q(unit__kind=UnitKind.TEAM) & ~Q(unit__parent__in=services) & ~Q(unit__in=teams)
    return rows.filter(Q(unit__kind=UnitKind.SERVICE) | alone)


Sums = dict[tuple[Any, int], Counter[str]]  # (key of the row, 1 now or 0 before) to counts by grade and "provisional"


def _sums(rows: Iterable[Any], key: Callable[[dict[str, Any]], Any]) -> Sums:
    found: Sums = defaultdict(Counter)
    for row in rows:
        counts = found[key(row), row["now"]]
        counts[row["grade"]] += row["total"]
        if row["stage"] == TallyStage.PROVISIONAL:
            counts["provisional"] += row["total"]
    return found


def _by_month(rows: GradeTallyQuerySet) -> Sums:
    return _sums(rows.filter(cut=TallyCut.TOTAL).summed("now", "month"), lambda row: row["month"])


def _by_service(rows: GradeTallyQuerySet) -> Sums:
    summed = rows.filter(cut=TallyCut.TOTAL).summed("now", "unit", "unit__kind", "unit__parent")
    return _sums(summed, lambda row: row["unit"] if row["unit__kind"] == UnitKind.SERVICE else row["unit__parent"])


def _by_team(rows: GradeTallyQuerySet) -> Sums:
    """Under a service its teams are a cut; a team that stands alone is its own total."""
    which = Q(cut=TallyCut.TEAM) | Q(cut=TallyCut.TOTAL, unit__kind=UnitKind.TEAM)
    summed = rows.filter(which).summed("now", "unit", "cut", "key")
    return _sums(
        summed, lambda row: row["unit"] if row["cut"] == TallyCut.TOTAL else UUID(row["key"]) if row["key"] else None
    )


def _by_key(cut: str) -> Callable[[GradeTallyQuerySet], Sums]:
    return lambda rows: _sums(rows.filter(cut=cut).summed("now", "key"), lambda row: row["key"])


_CUTS: dict[Breakdown, Callable[[GradeTallyQuerySet], Sums]] = {
    Breakdown.MONTH: _by_month,
    Breakdown.SERVICE: _by_service,
    Breakdown.TEAM: _by_team,
    Breakdown.PLAN_TYPE: _by_key(TallyCut.PLAN_TYPE),
    Breakdown.TOOL: _by_key(TallyCut.TOOL),
    Breakdown.SECTION: _by_key(TallyCut.SECTION),
}


def _excluded(rows: GradeTallyQuerySet) -> dict[str, int]:
    summed: Iterable[Any] = rows.filter(cut=TallyCut.EXCLUDED).summed("now", "key")
    found: Counter[str] = Counter()
    for row in summed:
        if row["now"]:
            found[row["key"]] += row["total"]
    return {reason.value: found[reason] for reason in ExcludedReason if found[reason]}


# --- rows --------------------------------------------------------------------------------------------------------


def _row(
    key: str, label: str, now: Counter[str], before: Counter[str], target: int, params: tuple[tuple[str, str], ...]
) -> GradeRow:
    def share(counts: Counter[str]) -> tuple[int, int]:
        return counts[Grade.OUTSTANDING] + counts[Grade.GOOD], sum(counts[grade] for grade in Grade)

    return GradeRow(
        key=key,
        label=label,
        outstanding=now[Grade.OUTSTANDING],
        good=now[Grade.GOOD],
        requires_improvement=now[Grade.REQUIRES_IMPROVEMENT],
        inadequate=now[Grade.INADEQUATE],
        provisional=now["provisional"],
        change=arithmetic.change(*share(now), *share(before)),
        target=target,
        params=params,
    )


def _month_rows(sums: Sums, months: list[date], target: int) -> list[GradeRow]:
    """A row for each month but the first, which is there to be compared with."""
    by_month = {month: counts for (month, _), counts in sums.items()}
    return [
        _row(
            f"{month:%Y-%m}",
            f"{month:%B %Y}",
            by_month.get(month, Counter()),
            by_month.get(before, Counter()),
            target,
            _month_params(month, month),
        )
        for before, month in pairwise(months)
    ]


def _named_rows(sums: Sums, names: list[_Name], target: int) -> list[GradeRow]:
    """A row for each name in this order; keys of one name are counted together."""
    merged: dict[str, list[_Name]] = {}
    for name in names:
        merged.setdefault(name.label, []).append(name)
    return [
        _row(
            label,
            label,
            sum((sums.get((name.key, 1), Counter()) for name in same), Counter()),
            sum((sums.get((name.key, 0), Counter()) for name in same), Counter()),
            target,
            tuple(name.param for name in same),
        )
        for label, same in merged.items()
    ]


def _months(first: date, last: date) -> list[date]:
    places = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(place // 12, place % 12 + 1, 1) for place in places]


def _months_before(first: date, count: int) -> list[date]:
    end = first.year * 12 + first.month - 1
    return [date(place // 12, place % 12 + 1, 1) for place in range(end - count, end)]


def _month_params(first: date, last: date) -> tuple[tuple[str, str], ...]:
    return (("month_from", f"{first:%Y-%m}"), ("month_to", f"{last:%Y-%m}"))


# --- names -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Name:
    """What a key is called, and the (field, value) that finds its audits."""

    key: Any
    label: str
    param: tuple[str, str]


def _unit_names(field: str, unnamed: str) -> Callable[[set[Any]], list[_Name]]:
    """Units by name. Where two units with different parents share a name, the parent's name is added."""

    def names(keys: set[Any]) -> list[_Name]:
        held = OrgUnit.objects.filter(pk__in=[key for key in keys if key])
        alike = OrgUnit.objects.filter(kind__in=held.values("kind"), name_key__in=held.values("name_key"))
        parents: dict[str, set[Any]] = defaultdict(set)
        units = list(alike.order_by().values_list("pk", "name", "name_key", "parent", "parent__name"))
        for _, _, name_key, parent, _ in units:
            parents[name_key].add(parent)
        found = [
            _Name(pk, f"{name} ({parent_name})" if len(parents[name_key]) > 1 else name, (field, str(pk)))
            for pk, name, name_key, _, parent_name in units
            if pk in keys
        ]
        found.sort(key=lambda name: (name.label.casefold(), str(name.key)))
        return found + ([_Name(None, unnamed, (field, "none"))] if None in keys else [])

    return names


def _plan_names(keys: set[Any]) -> list[_Name]:
    """Plan types in the order of a child's way through them, what is not recorded last."""
    found = [_Name(plan.value, str(plan.label), ("plan_type", plan.value)) for plan in PlanType if plan in keys]
    return found + ([_Name("", NO_PLAN, ("plan_type", "none"))] if "" in keys else [])


def _tool_names(keys: set[Any]) -> list[_Name]:
    return [_Name(key, key, ("tool", key)) for key in sorted(keys, key=lambda key: (key.casefold(), key))]


def _section_names(keys: set[Any]) -> list[_Name]:
    """Sections by their title in the live version, in the order of their tool; the tool with the most of them first."""
    sections = ToolSection.objects.filter(key__in=keys).annotate(
        live=Case(When(version__status=ToolStatus.LIVE, then=Value(1)), default=Value(0), output_field=IntegerField())
    )
    newest_first = sections.order_by("-live", "version__tool__name", "-version__number", "position")
    found: dict[str, tuple[str, str, int]] = {}  # key to tool, title and place
    for key, tool, title, place in newest_first.values_list("key", "version__tool__name", "title", "position"):
        found.setdefault(key, (tool, title, place))
    size = Counter(tool for tool, _, _ in found.values())
    order = sorted((-size[tool], tool, place, key) for key, (tool, _, place) in found.items())
    names = [_Name(key, found[key][1], ("section", key)) for _, _, _, key in order]
    return names + [_Name(key, key, ("section", key)) for key in sorted(keys - found.keys())]


_NAMES: dict[Breakdown, Callable[[set[Any]], list[_Name]]] = {
    Breakdown.SERVICE: _unit_names("service", "No service recorded"),
    Breakdown.TEAM: _unit_names("team", NO_TEAM),
    Breakdown.PLAN_TYPE: _plan_names,
    Breakdown.TOOL: _tool_names,
    Breakdown.SECTION: _section_names,
}
