"""What the report pages print of a grade table: lines, tiles, bars and sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audits import documents
from audits.choices import Breakdown, Grade
from audits.selectors.grades import GradeRow, GradeTable
from core.charts import BarRow
from core.page_parts import Tile

Link = Callable[[GradeRow, str], str]  # a row and a grade ("" for all of them) to an address, "" for none


@dataclass(frozen=True)
class Cell:
    """One cell as printed, and where it leads."""

    text: str
    href: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Line:
    """One row of a printed table."""

    label: str
    cells: tuple[Cell, ...]
    href: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Printed:
    """A table as printed: column headings (the first one over the labels) and groups of lines."""

    heads: tuple[str, ...]
    groups: tuple[tuple[Line, ...], ...]


def months_across(table: GradeTable, link: Link) -> Printed:
    """The monthly table as councils print it: months are columns, the total is last, percentages stand over counts."""
    columns = (*table.rows, table.total)

    def line(label: str, text: Callable[[GradeRow], str], *, grade: str | None = None, strong: bool = False) -> Line:
        leads = grade is not None
        cells = [
            Cell(text(row), link(row, grade or "") if leads and _count(row, grade or "") else "", row is table.total)
            for row in columns
        ]
        return Line(label, tuple(cells), strong=strong)

    shares = (
        line("Cases audited", documents.audited, grade="", strong=True),
        line("% good or outstanding", lambda row: percent(row, "good_or_outstanding"), strong=True),
        line("% requires improvement", lambda row: percent(row, "requires_improvement")),
        line("% inadequate", lambda row: percent(row, "inadequate")),
        line("Target", lambda row: f"{row.target}%"),
        line("Meets target", met),
        line("Likely between", likely),
        *([line("Small number", lambda row: "small" if row.small else "")] if any(r.small for r in columns) else []),
    )
    counts = (
        *(line(grade.label, _counter(grade.value), grade=grade.value) for grade in Grade),
        line("Provisional", lambda row: f"{row.provisional:,}" if row.audited else documents.NONE),
    )
    heads = ("", *(f"{row.label[:3]} {row.key[:4]}" for row in table.rows), table.total.label)
    return Printed(heads, (shares, counts))


def rows_down(table: GradeTable, link: Link) -> Printed:
    """A breakdown as a table: a row for each key, the total last."""
    counted = "Judgements" if table.counts_sections else "Audited"
    heads = (
        Breakdown(table.by).label, counted, "% good or outstanding", "% requires improvement", "% inadequate",
        "Likely between", "Meets target", "Change", *(grade.label for grade in Grade), "Provisional",
    )  # fmt: skip
    lines = tuple(_down(row, link, strong=row is table.total) for row in (*table.rows, table.total))
    return Printed(heads, (lines[:-1], lines[-1:]))


def _down(row: GradeRow, link: Link, *, strong: bool) -> Line:
    audited = documents.audited(row) + (" (small number)" if row.small else "")
    cells = (
        Cell(audited, link(row, "") if row.audited else ""),
        Cell(percent(row, "good_or_outstanding")),
        Cell(percent(row, "requires_improvement")),
        Cell(percent(row, "inadequate")),
        Cell(likely(row)),
        Cell(met(row)),
        Cell(change(row)),
        *(Cell(_counter(grade)(row), link(row, grade) if _count(row, grade) else "") for grade in Grade.values),
        Cell(f"{row.provisional:,}" if row.audited else documents.NONE),
    )
    return Line(row.label, cells, strong=strong)


def percent(row: GradeRow, band: str) -> str:
    """A whole percent as printed; a dash where nothing was audited."""
    return documents.NONE if row.percent is None else f"{getattr(row.percent, band)}%"


def likely(row: GradeRow) -> str:
    """The Wilson interval as printed: "41% to 83%"."""
    return documents.NONE if row.interval is None else f"{row.interval[0]}% to {row.interval[1]}%"


def met(row: GradeRow) -> str:
    """Whether the target is met, with the exact share where rounding hides that it is not: "no, 69.6%"."""
    answer = documents.yes_no(row.meets_target)
    return f"{answer}, {row.exact}%" if row.rounding_hides_the_target else answer


def change(row: GradeRow) -> str:
    """The change on the period before as printed."""
    return row.change or documents.NONE


def _count(row: GradeRow, grade: str) -> int:
    return row.counts[grade] if grade else row.audited


def _counter(grade: str) -> Callable[[GradeRow], str]:
    return lambda row: f"{row.counts[grade]:,}" if row.audited else documents.NONE


def bars(table: GradeTable, link: Link) -> list[BarRow]:
    """A stacked bar for each row, with the share good or outstanding as its note."""
    found = []
    for row in table.rows:
        notes = [percent(row, "good_or_outstanding")] if row.audited else []
        if row.small:
            notes.append("small number")
        href = link(row, "") if row.audited else ""
        found.append(BarRow(row.label, row.counts, href, ", ".join(notes)))
    return found


def tiles(table: GradeTable, href: str) -> list[Tile]:
    """The answer: how many, what share, against the target, and what changed. `href` leads to the audits."""
    total = table.total
    if total.withheld:
        return []
    what = "section judgements" if table.counts_sections else "audits graded"
    provisional = f"{total.provisional:,} provisional" if total.provisional else ""
    found = [Tile(f"{total.audited:,}", what, href if total.audited else "", provisional)]
    if total.percent is None:
        return found
    found.append(
        Tile(
            percent(total, "good_or_outstanding"),
            "good or outstanding",
            note=documents.in_words(total).split(", ", 1)[1],
        )
    )
    hidden = f"{total.exact}% before rounding" if total.rounding_hides_the_target else ""
    reached = bool(total.meets_target)
    found.append(
        Tile(
            "Met" if reached else "Not met", f"target of {total.target}% good or outstanding", note=hidden,
            tone="good" if reached else "alert",
        )
    )  # fmt: skip
    before = table.before
    if total.change and before.percent:
        note = f"{before.percent.good_or_outstanding}%, {before.good_or_better:,} of {before.audited:,} before"
        found.append(Tile(total.change.capitalize(), f"on the {_length(table)} before", note=note))
    elif not table.counts_sections:
        found.append(Tile("No comparison", f"nothing was audited in the {_length(table)} before"))
    return found


def _length(table: GradeTable) -> str:
    months = (table.last.year - table.first.year) * 12 + table.last.month - table.first.month + 1
    return "month" if months == 1 else f"{months} months"


def where(table: GradeTable) -> list[str]:
    """Where things moved and where the target is missed, a sentence each; none where there is nothing to compare."""
    rows = [row for row in table.rows if row.audited]
    if len(rows) < 2:
        return []
    on = "on the month before" if table.by == Breakdown.MONTH else f"on the {_length(table)} before"
    said = []
    for verdict in ("worse", "better"):
        moved = [row.label for row in rows if row.change == verdict]
        if moved:
            said.append(f"{verdict.capitalize()} {on}: {_listed(moved)}.")
    if not said and any(row.change for row in rows):
        said.append(f"No row shows a clear change {on}.")
    below = [
        f"{row.label} ({percent(row, 'good_or_outstanding')} of {row.audited:,})"
        for row in rows
        if not row.meets_target
    ]
    target = f"the {table.target}% target"
    if not below:
        said.append(f"Every row meets {target}.")
    else:
        said.append(f"Below {target}: {len(below)} of {len(rows)}. {_listed(below)}.")
    return said


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= 6 else [*names[:5], f"{len(names) - 5} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
