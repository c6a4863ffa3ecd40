"""What a month's summary says beside its grades and themes: the trend, the sections, what moderation changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, OuterRef, Subquery, Sum

from audits.choices import GRADE_FINAL, Breakdown, Grade, TallyCut
from audits.models import SchemeGrade
from audits.querysets import AuditQuerySet, GradeTallyQuerySet
from audits.rules.arithmetic import TARGET, meets_target
from audits.rules.suppression import SMALLEST_SHOWN, withheld_cells
from audits.selectors.grades import grade_table
from audits.selectors.tools import tool_breaks

TREND_MONTHS = 24
GOOD = (Grade.OUTSTANDING, Grade.GOOD)


@dataclass(frozen=True)
class TrendMonth:
    """One month of the trend: "2026-10", how many audits counted, and how many were good or outstanding.

    `begins` says why figures before this month are not compared with it (a new version of a tool), "" for none.
    `percent` is the share as every grade table prints it; None in summaries built before it was kept.
    """

    month: str
    audited: int
    good_or_better: int
    begins: str = ""
    percent: int | None = None


@dataclass(frozen=True)
class HeatCell:
    """A section in a service: how many judgements, how many good or outstanding; both None where they are too few."""

    n: int | None
    good_or_better: int | None

    @property
    def percent(self) -> int | None:
        """The share of good or outstanding."""
        return round(100 * (self.good_or_better or 0) / self.n) if self.n else None

    @property
    def tone(self) -> str:
        """The words for the share, which stand beside the colour."""
        if not self.n:
            return ""
        good = self.good_or_better or 0
        return "strong" if meets_target(good, self.n, TARGET) else "middling" if 2 * good >= self.n else "weak"


@dataclass(frozen=True)
class HeatRow:
    """One section of the audit tools: its cell in each service, in the order of the services, and the whole."""

    section: str
    cells: tuple[HeatCell, ...]
    total: HeatCell


@dataclass(frozen=True)
class HeatMap:
    """Sections down, services across."""

    services: tuple[str, ...] = ()
    rows: tuple[HeatRow, ...] = ()


NO_HEAT_MAP = HeatMap()


@dataclass(frozen=True)
class ModerationEffect:
    """Of the settled audits with a grade of the auditor's: good or outstanding before and after moderation."""

    settled: int = 0
    good_before: int = 0
    good_after: int = 0
    raised: int = 0
    lowered: int = 0


def trend(tallies: GradeTallyQuerySet, month: date) -> tuple[TrendMonth, ...]:
    """The last two years to `month`, the oldest first, as the reports draw them."""
    place = month.year * 12 + month.month - TREND_MONTHS
    table = grade_table(tallies, first=date(place // 12, place % 12 + 1, 1), last=month, by=Breakdown.MONTH)
    breaks = tool_breaks([date.fromisoformat(f"{row.key}-01") for row in table.rows])
    return tuple(
        TrendMonth(
            row.key,
            row.audited,
            row.good_or_better,
            breaks.get(place, ""),
            row.percent.good_or_outstanding if row.percent else None,
        )
        for place, row in enumerate(table.rows)
    )


def heat_map(tallies: GradeTallyQuerySet, month: date) -> HeatMap:
    """Good or outstanding by section and service in the three months to `month`.

    A count of 1 to 4 is withheld, and others with it, so that none follows from the totals.
    """
    place = month.year * 12 + month.month - 3
    first = date(place // 12, place % 12 + 1, 1)
    whole = grade_table(tallies, first=first, last=month, by=Breakdown.SECTION)
    label_of = {value: row.label for row in whole.rows for field, value in row.params if field == "section"}
    counts: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    rows_held = tallies.in_period(first, month).for_services().filter(cut=TallyCut.SECTION).order_by()
    for section, service, grade, number in rows_held.values_list("key", "unit__name", "grade").annotate(Sum("count")):
        n, good = counts[label_of.get(section, section)].get(service, (0, 0))
        counts[label_of.get(section, section)][service] = (n + number, good + number * (grade in GOOD))
    names = sorted({service for cells in counts.values() for service in cells}, key=str.casefold)
    sections = [row.label for row in whole.rows if row.label in counts]
    held_back = withheld_cells([[counts[section].get(name, (0, 0))[0] for name in names] for section in sections])
    rows = []
    for place, section in enumerate(sections):
        pairs = [counts[section].get(name, (0, 0)) for name in names]
        total = (sum(n for n, _ in pairs), sum(good for _, good in pairs))
        cells = [_cell(pair, (place, column) in held_back) for column, pair in enumerate([*pairs, total])]
        rows.append(HeatRow(section, tuple(cells[:-1]), cells[-1]))
    return HeatMap(tuple(names), tuple(rows))


def _cell(pair: tuple[int, int], held_back: bool) -> HeatCell:
    return HeatCell(None, None) if held_back or 0 < pair[0] < SMALLEST_SHOWN else HeatCell(*pair)


def moderation_effect(counted: AuditQuerySet) -> ModerationEffect:
    """What moderation changed among these audits: the auditor's grade beside the settled one (product.md 6)."""
    order: Sequence[str] = [grade.value for grade in Grade]
    as_graded = SchemeGrade.objects.filter(scheme=OuterRef("scheme"), key=OuterRef("auditor_grade"))
    rows = (
        counted.filter(status__in=GRADE_FINAL)
        .order_by()
        .annotate(given=Subquery(as_graded.values("counts_as")[:1]))
        .exclude(given=None)
        .exclude(given="")
        .values_list("given", F("counted_grade"))
        .annotate(number=Count("pk"))
    )
    settled = before = after = raised = lowered = 0
    for given, settled_grade, number in rows:
        settled += number
        before += number * (given in GOOD)
        after += number * (settled_grade in GOOD)
        # The best grade comes first.
        raised += number * (order.index(settled_grade) < order.index(given))
        lowered += number * (order.index(settled_grade) > order.index(given))
    return ModerationEffect(settled, before, after, raised, lowered)
