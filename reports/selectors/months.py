"""Months as drafted, published and restated: for the QA unit's page, and as notes on everybody's figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from audits import documents
from audits.choices import Breakdown, Grade, TallyCut
from audits.rules.arithmetic import TARGET
from audits.selectors.grades import GradeRow, GradeTable
from reports.models import MonthDraft, PublishedMonth, Restatement
from reports.querysets import MonthDraftQuerySet, PublishedMonthQuerySet
from reports.rules.freezing import EVERY_STAGE, EVERYTHING, Change, Fact, Restated, Sight, is_over, restated
from reports.rules.periods import earlier, months_between
from reports.selectors.figures import Cell, Line, exact_hint, met, percent


@dataclass(frozen=True)
class MonthLine:
    """One month on the list: where it stands, the department's figures of then, and what became of them."""

    month: date
    key: str
    state: str
    since: datetime | None
    by: str
    row: GradeRow | None
    restated: tuple[str, ...]

    @property
    def over(self) -> bool:
        """Whether it can be drafted."""
        return self.state != "under way"


@dataclass(frozen=True)
class MonthPage:
    """One month: its figures as drafted or published by service, the sum, and what became of them since."""

    line: MonthLine
    checksum: str
    services: tuple[GradeRow, ...]
    total: GradeRow
    restated: tuple[str, ...]
    now: GradeRow | None

    @property
    def rows(self) -> tuple[Line, ...]:
        """The lines of its table: each service, the sum, and where it was restated the sum as it stands now."""
        lines = [*self.services, self.total, *([self.now] if self.now else [])]
        return tuple(figures_line(row, strong=row is self.total) for row in lines)


HEADS = (
    "Audited", "% good or outstanding", "% requires improvement", "% inadequate", "Meets target",
    *(grade.label for grade in Grade), "Provisional",
)  # fmt: skip


def figures_line(row: GradeRow, *, strong: bool = False) -> Line:
    """A row of counts under `HEADS`, the exact share as the hint of the printed one."""
    cells = (
        Cell(documents.audited(row) + (" (small number)" if row.small else "")),
        Cell(percent(row, "good_or_outstanding"), hint=exact_hint(row)),
        Cell(percent(row, "requires_improvement")),
        Cell(percent(row, "inadequate")),
        Cell(met(row)),
        *(Cell(f"{count:,}" if row.audited else documents.NONE) for count in (*row.counts.values(), row.provisional)),
    )
    return Line(row.label, cells, strong=strong)


def changes_of(restatements: Iterable[Restatement]) -> list[Change]:
    """The changes that restatements keep, with the London day on which each was noted."""
    return [
        Change(
            change["audit"],
            Fact(**change["before"]) if change["before"] else None,
            Fact(**change["after"]) if change["after"] else None,
            timezone.localtime(restatement.at).date(),
        )
        for restatement in restatements
        for change in restatement.changes
    ]


def with_restatements(
    table: GradeTable,
    published: PublishedMonthQuerySet,
    *,
    sights: Sequence[Sight] = EVERYTHING,
    services: Collection[Any] = (),
) -> GradeTable:
    """The table with what became of its published months in the figures of a reader with these `sights`.

    `services` are the keys that the table is narrowed to. Two queries; a table without published months is as it was.
    """
    months = list(published.in_period(table.first, table.last).order_by("month").values_list("pk", "month"))
    if not months:
        return table
    rows = Restatement.objects.filter(published__in=[pk for pk, _ in months]).order_by("published__month", "number")
    kept: dict[Any, list[Restatement]] = {}
    for row in rows:
        kept.setdefault(row.published_id, []).append(row)
    stages = EVERY_STAGE - {"provisional"} if table.settled_only else EVERY_STAGE
    now = {row.key: tuple(row.counts.values()) for row in table.rows} if table.by == Breakdown.MONTH else {}
    withheld = table.total.withheld or any(row.withheld for row in table.rows)
    found: list[tuple[str, str]] = []
    for pk, month in months:
        if pk not in kept or withheld:
            continue
        changes = changes_of(kept[pk])
        counts = now.get(f"{month:%Y-%m}") or _counts_now(month, changes, published, sights, services, stages)
        found += [
            (f"{month:%Y-%m}", each.sentence)
            for each in restated(month, counts, changes, sights, [str(key) for key in services], stages)
        ]
    done = {month for _, month in months}
    asked = [earlier(table.last, back) for back in range(months_between(table.first, table.last) - 1, -1, -1)]
    open_ = [f"{month:%B %Y}" for month in asked if month not in done and month > max(done)]
    return replace(table, restated=tuple(found), unpublished=tuple(open_))


def _counts_now(
    month: date,
    changes: list[Change],
    published: PublishedMonthQuerySet,
    sights: Sequence[Sight],
    services: Collection[Any],
    stages: Collection[str],
) -> tuple[int, ...]:
    """The four counts of a published month as they stand for a reader: those kept, and every change since."""
    frozen = published.get(month=month)
    keys = {str(key) for key in services}
    counts: Counter[str] = Counter()

    def shown(fact: Fact | None) -> bool:
        return (
            fact is not None
            and fact.stage in stages
            and (not keys or fact.service in keys)
            and any(sight.holds(fact) for sight in sights)
        )

    for service, team, plan, tool, stage, grade in frozen.audits.values_list(
        "service", "team", "plan_type", "audit_type", "stage", "grade"
    ):
        if shown(Fact(str(service), str(team or ""), plan, tool, stage, grade)):
            counts[grade] += 1
    for change in changes:
        if change.before and shown(change.before):
            counts[change.before.grade] -= 1
        if change.after and shown(change.after):
            counts[change.after.grade] += 1
    return tuple(counts[grade] for grade in Grade.values)


# --- the QA unit's pages -------------------------------------------------------------------------------------------


def month_lines(
    drafts: MonthDraftQuerySet, published: PublishedMonthQuerySet, *, today: date, count: int = 24
) -> list[MonthLine]:
    """The last months, the newest first, each with where it stands. Three queries."""
    months = [earlier(today, back) for back in range(count)]
    drafted = {draft.month: draft for draft in drafts.filter(month__in=months)}
    done = {
        each.month: each
        for each in published.filter(month__in=months).select_related("published_by").prefetch_related("restatements")
    }
    return [_line(month, drafted.get(month), done.get(month), today) for month in months]


def month_page(
    drafts: MonthDraftQuerySet, published: PublishedMonthQuerySet, *, month: date, today: date
) -> MonthPage | None:
    """One month as drafted or published; None where it is neither."""
    frozen = published.filter(month=month).select_related("published_by").prefetch_related("restatements").first()
    draft = None if frozen else drafts.filter(month=month).first()
    held = frozen or draft
    if held is None:
        return None
    line = _line(month, draft, frozen, today)
    names = held.figures["units"]
    sums = sums_of(held.figures["cells"])
    services = sorted({unit for unit, cut, _ in sums if cut == TallyCut.TEAM}, key=lambda key: names.get(key, "?"))
    rows = tuple(figures_row(names.get(key, "?"), _total(sums, key)) for key in services)
    total = figures_row("Total", sum((_total(sums, key) for key in services), Counter()))
    story = _story(frozen, total) if frozen else []
    return MonthPage(
        line, held.checksum, rows, total, tuple(each.sentence for each in story), _row_now(story) if story else None
    )


Sums = Mapping[tuple[str, str, str], Counter[str]]


def sums_of(cells: Iterable[Sequence[Any]], stages: Collection[str] = EVERY_STAGE) -> Sums:
    """Kept rollup rows as (unit, cut, key) to counts by grade."""
    found: dict[tuple[str, str, str], Counter[str]] = {}
    for unit, cut, key, stage, grade, count in cells:
        if stage in stages:
            counts = found.setdefault((unit, cut, key), Counter())
            counts[grade] += count
            if stage == "provisional":
                counts["provisional"] += count
    return found


def _total(sums: Sums, unit: str) -> Counter[str]:
    return sums.get((unit, TallyCut.TOTAL, ""), Counter())


def figures_row(label: str, counts: Mapping[str, int], target: int = TARGET) -> GradeRow:
    """Counts by grade as a row of a grade table."""
    return GradeRow(
        key=label,
        label=label,
        outstanding=counts.get(Grade.OUTSTANDING, 0),
        good=counts.get(Grade.GOOD, 0),
        requires_improvement=counts.get(Grade.REQUIRES_IMPROVEMENT, 0),
        inadequate=counts.get(Grade.INADEQUATE, 0),
        provisional=counts.get("provisional", 0),
        change=None,
        target=target,
    )


def _line(month: date, draft: MonthDraft | None, frozen: PublishedMonth | None, today: date) -> MonthLine:
    held = frozen or draft
    row = None
    told: tuple[str, ...] = ()
    if held is not None:
        sums = sums_of(held.figures["cells"])
        services = {unit for unit, cut, _ in sums if cut == TallyCut.TEAM}
        row = figures_row(f"{month:%B %Y}", sum((_total(sums, key) for key in services), Counter()))
        if frozen:
            told = tuple(each.sentence for each in _story(frozen, row))
    state = "published" if frozen else "drafted" if draft else "not drafted" if is_over(month, today) else "under way"
    since = frozen.published_at if frozen else draft.drafted_at if draft else None
    by = str(frozen.published_by or "The system") if frozen else ""
    return MonthLine(month, f"{month:%Y-%m}", state, since, by, row, told)


def _story(frozen: PublishedMonth, row: GradeRow) -> list[Restated]:
    """What became of a published month in the department's figures, told forwards from what was published."""
    changes = changes_of(frozen.restatements.all())
    now = Counter(row.counts)
    for change in changes:
        if change.before:
            now[change.before.grade] -= 1
        if change.after:
            now[change.after.grade] += 1
    return restated(frozen.month, [now[grade] for grade in Grade.values], changes)


def _row_now(story: list[Restated]) -> GradeRow:
    return figures_row("As it stands now", dict(zip(Grade.values, story[-1].after, strict=True)))
