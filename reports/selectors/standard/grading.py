"""Reports made of grades: a month, a quarter, a year; by service with strengths and gaps; sections; the trend."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from audits import documents
from audits.choices import Breakdown, FindingKind, Grade, TallyCut
from audits.models import Finding
from audits.rules.arithmetic import TARGET, percentages
from audits.selectors.grades import GradeRow, GradeTable, grade_table, hold_back
from audits.selectors.tools import tool_breaks
from core import spc
from core.charts import GRADES, control_points
from core.documents import Bars, Bullets, Line, Paragraph, Section, Table
from core.documents.content import Cell
from reports.rules.periods import earlier, months_between
from reports.selectors import figures
from reports.selectors.figures import PublicTable
from reports.selectors.months import with_restatements
from reports.selectors.public import public_figures
from reports.selectors.public import public_table as public_figures_table
from reports.selectors.standard.asking import (
    NO_RESTRICTED,
    Asked,
    Rows,
    about,
    columns,
    counted,
    nothing,
    share,
    some,
    table,
)

NO_AUDITS = "No audits were graded in this period."
TREND_MONTHS = 24
_OFTEN = 10  # themes that the public version names of a kind
HEAT_CAPTION = "Share judged good or outstanding (how many)"


def table_of(rows: Rows, asked: Asked, by: str) -> GradeTable:
    """The grade table of what was asked for, with what must not be told of one restricted case held back."""
    found = grade_table(rows.tallies, first=asked.first, last=asked.last, by=by, services=asked.services)
    found = hold_back(found, rows.every_audit)
    return with_restatements(found, rows.published, sights=rows.sights, services=asked.services)


def public_of(rows: Rows, asked: Asked, by: str) -> PublicTable:
    """The public version of the same."""
    return public_figures_table(
        public_figures(rows.published), first=asked.first, last=asked.last, by=by, services=asked.names
    )


def grades_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """How many audits, what share good or outstanding, against the target, where, and what moved."""
    if asked.public:
        return _public_report(rows, asked)
    cuts = [Breakdown.SERVICE, Breakdown.PLAN_TYPE, Breakdown.TOOL]
    if asked.first != asked.last:
        cuts.insert(0, Breakdown.MONTH)
    tables = {cut: table_of(rows, asked, cut) for cut in cuts}
    whole = tables[Breakdown.SERVICE]
    then = grade_table(
        rows.tallies, first=earlier(asked.first, 12), last=earlier(asked.last, 12), services=asked.services
    )
    same = months_between(asked.first, asked.last) == 12  # the period before is the year before
    year = () if same or whole.total.withheld else figures.on_year_before(whole.total, then.total)
    answer = Section("In short", _answer(whole, year))
    if not whole.total.audited and not whole.total.withheld:
        return (answer, *trend_report(rows, asked))
    return (
        answer,
        *(_cut(each) for each in tables.values()),
        *trend_report(rows, asked),
        about(*documents.notes(whole), *_explained()),
    )


def _public_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    cuts = (Breakdown.MONTH, Breakdown.SERVICE) if asked.first != asked.last else (Breakdown.MONTH,)
    tables = [public_of(rows, asked, cut) for cut in cuts]
    return (
        Section("In short", (Paragraph(figures.said_outside(tables[-1]), strong=True),)),
        *(Section(f"By {Breakdown(each.by).label.lower()}", (public_table(each),)) for each in tables),
        *trend_report(rows, asked),
        about(*figures.outside_notes(tables[-1]), _explained()[0]),
    )


def _explained() -> tuple[str, ...]:
    return (
        "Percentages are whole numbers that add to 100; the target is tested on exact counts.",
        "A movement is called a change only where the 95% interval of the difference excludes none at all.",
    )


def _answer(whole: GradeTable, more: Sequence[str] = ()) -> tuple[Paragraph | Bullets, ...]:
    found: list[Paragraph | Bullets] = [Paragraph(figures.said(whole), strong=True)]
    sentences = [*_moved(whole), *more, *figures.where(whole)]
    if sentences:
        found.append(Bullets(tuple(sentences)))
    return tuple(found)


def _moved(whole: GradeTable) -> list[str]:
    total, before = whole.total, whole.before
    if total.change is None or before.percent is None:
        return []
    words = "No clear change" if total.change == "no clear change" else total.change.capitalize()
    return [
        f"{words} on the period before: {before.percent.good_or_outstanding}%, {before.good_or_better:,} of "
        f"{before.audited:,}."
    ]


GRADE_HEADS = (
    "Audited", "% good or outstanding", "% requires improvement", "% inadequate", *(grade.label for grade in Grade),
)  # fmt: skip


def _cut(each: GradeTable) -> Section:
    cut = Breakdown(each.by)
    heading = f"By {cut.label.lower()}"
    lines = [row for row in each.rows if row.audited or cut == Breakdown.MONTH or row.withheld]
    bars = tuple(figures.bars(replace(each, rows=tuple(lines)), lambda row, grade: ""))
    return Section(
        heading, (Bars(f"Audits with each grade, {heading.lower()}", GRADES, bars, first=cut.label), grades(each))
    )


def grades(each: GradeTable) -> Table:
    """A grade table as a table of a document: shares, counts, and whether the target is met."""
    cut = Breakdown(each.by).label
    heads = columns(cut, *GRADE_HEADS, "Meets target", "Change")
    shown = [*each.rows, each.total]
    return table(f"Grades by {cut.lower()}", heads, [_line(row) for row in shown], total=True)


def _line(row: GradeRow) -> tuple[Cell, ...]:
    percent = row.percent
    shares: tuple[Cell, ...] = (
        ("-",) * 3
        if percent is None
        else (percent.good_or_outstanding, percent.requires_improvement, percent.inadequate)
    )
    counts: tuple[Cell, ...] = tuple(row.counts.values()) if row.audited else ("-",) * 4
    audited: Cell = documents.WITHHELD if row.withheld else row.audited
    return (row.label, audited, *shares, *counts, figures.met(row), figures.change(row))


def public_table(each: PublicTable) -> Table:
    """A grade table for outside the QA unit: small numbers withheld, and not to be worked out."""
    cut = Breakdown(each.by).label
    heads = columns(cut, *figures.OUTSIDE_HEADER)
    return table(
        f"Grades by {cut.lower()}",
        heads,
        [(row.label, *_cells(figures.outside_cells(row))) for row in figures.for_outside(each)],
        total=True,
    )


def _cells(values: list[object]) -> tuple[Cell, ...]:
    return tuple(value if isinstance(value, int) else str(value) for value in values)


# --- trend -----------------------------------------------------------------------------------------------------------


def trend_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Good or outstanding month by month as a p-chart, and what it says in words.

    At least the last two years are drawn: fewer points could not tell a change from chance.
    """
    first = asked.first if months_between(asked.first, asked.last) >= TREND_MONTHS else earlier(
        asked.last, TREND_MONTHS - 1
    )  # fmt: skip
    every = _months(rows, replace(asked, first=first))
    while every and not every[0].n and not every[0].withheld:
        every.pop(0)  # before the first audit there is nothing to draw
    months = [month for month in every if not month.withheld]
    if not any(month.n for month in months):
        return nothing("Month by month", "No month can be shown." if every else NO_AUDITS)
    chart = spc.p_chart(
        [spc.Sample(month.label, month.count, month.n) for month in months],
        tool_breaks([date.fromisoformat(f"{month.key}-01") for month in months]),
    )
    said = spc.in_words(chart, better="higher")
    points = tuple(
        replace(point, label=f"{month.label[:3]} {month.key[:4]}", printed=month.printed)
        for point, month in zip(control_points(chart), months, strict=True)
    )
    drawn = Line("Good or outstanding by month", points, target=TARGET, alt=said[0])
    return (
        Section(
            "Month by month",
            (
                Paragraph(said[0], strong=True),
                *([Bullets(tuple(said[1:]))] if len(said) > 1 else []),
                drawn,
                _trend_table(chart, months, every),
                Paragraph(
                    "The limits lie where chance alone would seldom lead, and are wider where fewer audits were made. "
                    "A signal is a month outside them, 7 months in a row on one side of the average, 7 in a row rising "
                    "or falling, or 2 of 3 near a limit."
                ),
            ),
        ),
    )


@dataclass(frozen=True)
class _Month:
    """One month of the trend: how many of how many, the share as every table prints it, and whether it is withheld."""

    key: str
    label: str
    count: int
    n: int
    printed: str
    withheld: bool


def _months(rows: Rows, asked: Asked) -> list[_Month]:
    """The months of what was asked; a month that must not be told has n = 0."""
    if not asked.public:
        return [
            _Month(
                row.key, row.label, row.good_or_better, row.audited,
                figures.percent(row, "good_or_outstanding") if row.audited else "", row.withheld,
            )
            for row in table_of(rows, asked, Breakdown.MONTH).rows
        ]  # fmt: skip
    found = []
    for row in public_of(rows, asked, Breakdown.MONTH).rows:
        good, audited = row.bands[0], row.audited
        if not row.published:
            continue
        known = good is not None and audited is not None
        printed = f"{row.percents[0]}%" if known and audited else ""
        found.append(
            _Month(row.key, row.label, good or 0 if known else 0, audited or 0 if known else 0, printed, not known)
        )
    return found


def _trend_table(chart: spc.ControlChart, months: list[_Month], every: list[_Month]) -> Table:
    """Every month; the chart holds those that are not withheld."""
    heads = columns("Month", "Audited", "Good or outstanding", "% good or outstanding", "% average", "% lower limit",
                    "% upper limit", "Signal")  # fmt: skip

    def limit(value: float | None) -> Cell:
        return "-" if value is None else round(100 * value)

    found: list[tuple[Cell, ...]] = []
    places = {month.key: place for place, month in enumerate(months)}
    for month in every:
        place = places.get(month.key)
        if place is None:
            found.append((month.label, *["withheld"] * 3, *["-"] * 3, ""))
            continue
        point = chart.points[place]
        printed: Cell = int(month.printed.rstrip("%")) if month.printed else "-"
        counts: tuple[Cell, ...] = (month.n, month.count, printed)
        centre = float(point.centre) if point.centre is not None and point.lower is not None else None
        found.append(
            (
                month.label, *counts, limit(centre), limit(point.lower), limit(point.upper),
                "yes" if chart.signalled(place) else "",
            )
        )  # fmt: skip
    return table("Good or outstanding by month", heads, found)


# --- by service, with strengths and gaps -----------------------------------------------------------------------------


def thematic_report(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Grades by service, then what works well and what needs developing: how many audits say so of each theme."""
    audits = counted(rows, asked)
    if asked.public:
        public = public_of(rows, asked, Breakdown.SERVICE)
        sections = [
            Section("In short", (Paragraph(figures.said_outside(public), strong=True),)),
            Section("By service", (public_table(public),)),
        ]
        audits = audits.filter(month__in=rows.published.values("month"))
    else:
        each = table_of(rows, asked, Breakdown.SERVICE)
        if not each.total.audited and not each.total.withheld:
            return nothing("In short", NO_AUDITS)
        sections = [Section("In short", _answer(each)), _cut(each)]
    forms = audits.filter(tool_version__isnull=False).count()
    themes = theme_counts(audits)
    for kind, heading in (
        (FindingKind.STRENGTH, "What is working well"),
        (FindingKind.DEVELOPMENT, "What needs developing"),
    ):
        sections.append(_themes(heading, themes[kind], forms, asked))
    if asked.public:
        return (*sections, about(*figures.outside_notes(public)))
    return (*sections, about(NO_RESTRICTED, f"Themes are counted in {some(forms, 'audit')} that were written here."))


def theme_counts(audits: Any) -> dict[str, Counter[str]]:
    """How many audits have at least one finding of each theme, by kind of finding."""
    pairs = (
        Finding.objects.filter(audit__in=audits.order_by().values("pk"), themes__isnull=False)
        .order_by()
        .values_list("kind", "themes__name", "audit")
        .distinct()
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, name, _ in pairs:
        found[kind][name] += 1
    return found


def most_frequent(names: Counter[str]) -> list[tuple[str, int]]:
    """Themes and their counts, the most frequent first."""
    return sorted(names.items(), key=lambda item: (-item[1], item[0]))


def found_often(names: Counter[str]) -> list[str]:
    """The themes found in as many audits as may be told outside, the most frequent first."""
    return [name for name, count in most_frequent(names) if count >= figures.SMALLEST_SHOWN]


def _themes(heading: str, names: Counter[str], forms: int, asked: Asked) -> Section:
    if not names:
        return Section(heading, (Paragraph("No theme was recorded."),))
    if asked.public:
        # Names alone: counts of two periods could be subtracted from each other.
        often = tuple(found_often(names)[:_OFTEN])
        found_in = f"in {figures.SMALLEST_SHOWN} audits or more"
        if not often:
            return Section(heading, (Paragraph(f"No theme was found {found_in}."),))
        return Section(heading, (Paragraph(f"Found {found_in}, the most frequent first:"), Bullets(often)))
    lines: list[tuple[Cell, ...]] = [(name, count, forms, share(count, forms)) for name, count in most_frequent(names)]
    return Section(heading, (table(heading, columns("Theme", "Audits", "Of", "% of audits"), lines),))


# --- sections by service ---------------------------------------------------------------------------------------------


def heat_map(rows: Rows, asked: Asked) -> tuple[Section, ...]:
    """Each section by service: the share judged good or outstanding, and how many judgements that rests on.

    A share of a single judgement is not shown: it would be the grade of one child's file.
    """
    sections = grade_table(
        rows.tallies, first=asked.first, last=asked.last, by=Breakdown.SECTION, services=asked.services
    )
    if not sections.rows:
        return nothing("In short", "No sections were judged in this period.")
    services = [row for row in table_of(rows, asked, Breakdown.SERVICE).rows if row.params]
    held = rows.tallies.in_period(asked.first, asked.last).filter(cut=TallyCut.SECTION)
    by_service: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for line in held.summed("unit", "key"):
        by_service[str(line["unit"]), line["key"]][line["grade"]] += line["total"]  # type: ignore[index]  # values() rows
    found: list[tuple[Cell, ...]] = []
    for row in sections.rows:
        key = dict(row.params)["section"]
        cells = []
        for service in services:
            counts: Counter[str] = sum(
                (by_service[value, key] for field, value in service.params if field == "service"), Counter()
            )
            cells.append(_heat(counts))
        found.append((row.label, *cells, _heat(Counter(row.counts))))
    weakest = sorted(
        (row for row in sections.rows if row.audited >= 5),
        key=lambda row: (row.good_or_better / row.audited, row.label),
    )
    said = [
        f"{row.label}: {row.percent.good_or_outstanding}% of {row.audited:,} judged good or outstanding."
        for row in weakest[:3]
        if row.percent
    ]
    heads = columns("Section", *(service.label for service in services), "All", kind="text")
    return (
        Section("The weakest sections", (Bullets(tuple(said)) if said else Paragraph("Too few judgements to say."),)),
        Section("Sections by service", (table(HEAT_CAPTION, heads, found),)),
        about(
            "One audit has several judgements; they hang together, so no interval is given.",
            "A share of a single judgement is not shown.",
            "On the page a bar stands beside each share: wide below 50%, narrow from 50% to 69%, none from 70%.",
        ),
    )


def _heat(counts: Counter[str]) -> str:
    n = sum(counts[grade] for grade in Grade.values)
    if not n:
        return "-"
    if n == 1:
        return "one"
    percent = percentages(*(counts[grade] for grade in Grade.values))
    return f"{percent.good_or_outstanding}% ({n})" if percent else "-"
