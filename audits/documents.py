"""A grade table as JSON, as rows for a spreadsheet and as plain text: one object, printed four ways."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from audits.choices import Breakdown, ExcludedReason, Grade
from audits.selectors.consistency import ConsistencyReport, Line
from audits.selectors.grades import GradeRow, GradeTable
from audits.selectors.theming import ThemeReport, ThemeRow
from core.documents import Column, Document, Section, Table

NONE = "-"  # stands wherever nothing was audited: neither 0% nor 100%

WITHHELD = "withheld"
RESTATED = "Restated"

HEADER = (
    "Audited", "Outstanding", "Good", "Requires improvement", "Inadequate",
    "% good or outstanding", "% requires improvement", "% inadequate", "% outstanding", "% good",
    "% good or outstanding, exact", "Likely from %", "Likely to %", "Target %", "Meets target",
    "Provisional", "Small number", "Change on the period before",
)  # fmt: skip


def as_json(table: GradeTable) -> dict[str, Any]:
    """The table as the command's JSON: `by`, `target`, `rows` and `total`."""
    return {
        "by": table.by,
        "target": table.target,
        "rows": [_row_json(row) for row in table.rows],
        "total": _row_json(table.total),
    }


def _row_json(row: GradeRow) -> dict[str, Any]:
    percent = row.percent
    return {
        "key": row.key,
        "audited": row.audited,
        **row.counts,
        "percent": None
        if percent is None
        else {
            "good_or_outstanding": percent.good_or_outstanding,
            "requires_improvement": percent.requires_improvement,
            "inadequate": percent.inadequate,
            "outstanding": percent.outstanding,
            "good": percent.good,
        },
        "interval": None if row.interval is None else list(row.interval),
        "provisional": row.provisional,
        "meets_target": row.meets_target,
    }


def as_rows(table: GradeTable) -> tuple[list[str], list[list[object]]]:
    """The table for a spreadsheet: the header, and a row for each key with the total last."""
    header, rows = [Breakdown(table.by).label, *HEADER], [_cells(row) for row in (*table.rows, table.total)]
    if table.restated:
        header.append(RESTATED)
        for cells in rows:
            cells.append(_restated(table, str(cells[0])))
    return header, rows


def _restated(table: GradeTable, key: str) -> str:
    """What became of the month of a row; of the total row what became of every month."""
    told = [(month, said) for month, said in table.restated if table.by != Breakdown.MONTH or month == key]
    if key == table.total.key:
        told = list(table.restated)
    elif table.by != Breakdown.MONTH:
        told = []
    return "; ".join(f"{month_words(month)}: {said}" for month, said in told)


def month_words(key: str) -> str:
    """ "2026-04" as "April 2026"."""
    return f"{date.fromisoformat(f'{key}-01'):%B %Y}"


def _cells(row: GradeRow) -> list[object]:
    percent, interval = row.percent, row.interval
    if percent is None or interval is None:
        shares: list[object] = [NONE] * 8
    else:
        shares = [
            percent.good_or_outstanding, percent.requires_improvement, percent.inadequate, percent.outstanding,
            percent.good, float(row.exact or 0), *interval,
        ]  # fmt: skip
    return [
        row.key, *_counted(row), *shares, row.target, yes_no(row.meets_target),
        row.provisional, "small number" if row.small else "", row.change or NONE,
    ]  # fmt: skip


def _counted(row: GradeRow) -> list[object]:
    counts: list[object] = [row.audited, *row.counts.values()]
    return [WITHHELD] * len(counts) if row.withheld else counts


def yes_no(answer: bool | None) -> str:
    """ "yes", "no", or a dash where there is nothing to answer."""
    return NONE if answer is None else ("yes" if answer else "no")


def in_words(row: GradeRow) -> str:
    """The share with its uncertainty: "65%, 11 of 17; likely between 41% and 83%"."""
    percent, interval = row.percent, row.interval
    if row.withheld:
        return "Withheld."
    if percent is None or interval is None:
        return "Nothing was audited."
    return (
        f"{percent.good_or_outstanding}%, {row.good_or_better:,} of {row.audited:,}; "
        f"likely between {interval[0]}% and {interval[1]}%"
    )


def notes(table: GradeTable) -> list[str]:
    """What a reader has to know beside the figures, a sentence each: provisional grades, small numbers, hidden
    misses of the target, and what is not counted."""
    said = [f"{month_words(month)}: {sentence}." for month, sentence in table.restated]
    if table.unpublished:
        said.append(f"Not published yet, and may still change: {', '.join(table.unpublished)}.")
    if table.total.provisional:
        said.append(f"Includes {table.total.provisional:,} provisional: submitted, and not settled yet.")
    if table.settled_only:
        said.append("Settled grades only.")
    if table.counts_sections:
        said.append("The figures count the judgements of sections: one audit has several.")
    if any(row.withheld for row in (*table.rows, table.total)):
        said.append("Withheld: figures that would show the grade of a restricted case, or give it away.")
    small = [row.label for row in table.rows if row.small]
    if small:
        said.append(f"Small number (fewer than 5): {', '.join(small)}.")
    for row in (*table.rows, table.total):
        if row.rounding_hides_the_target and row.percent:
            said.append(
                f"{row.label}: {row.exact}% prints as {row.percent.good_or_outstanding}% and is below the target of "
                f"{row.target}%."
            )
    if table.excluded:
        listed = ", ".join(f"{count:,} {ExcludedReason(reason).label}" for reason, count in table.excluded.items())
        said.append(f"Not counted: {listed}.")
    return said


def period(table: Any) -> str:
    """The months in words: "April 2026 to October 2026"."""
    first, last = f"{table.first:%B %Y}", f"{table.last:%B %Y}"
    return first if first == last else f"{first} to {last}"


def as_text(table: GradeTable) -> str:
    """The table for a terminal: by month as councils print it, months across; otherwise a line a row."""
    title = f"Grade table, {period(table)}\nTarget: {table.target}% good or outstanding\n"
    grid = _across(table) if table.by == Breakdown.MONTH else _down(table)
    widths = [max(len(cells[place]) for cells in grid if cells) for place in range(len(grid[0]))]
    lines = [
        "  ".join(
            [cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))]
        ).rstrip()
        if cells
        else ""
        for cells in grid
    ]
    overall = [f"Good or outstanding: {in_words(table.total)}"] if table.total.audited else ["Nothing was audited."]
    return "\n".join([title, *lines, "", *overall, *notes(table)])


def _percent_cells(row: GradeRow) -> list[str]:
    percent, interval = row.percent, row.interval
    if percent is None or interval is None:
        return [NONE] * 4
    bands = (percent.good_or_outstanding, percent.requires_improvement, percent.inadequate)
    return [*(f"{points}%" for points in bands), f"{interval[0]}-{interval[1]}%"]


def audited(row: GradeRow) -> str:
    """How many were audited, as printed."""
    return WITHHELD if row.withheld else f"{row.audited:,}"


def _count_cells(row: GradeRow) -> list[str]:
    return [f"{count:,}" if row.audited else NONE for count in (*row.counts.values(), row.provisional)]


_SHARES = ("% good or outstanding", "% requires improvement", "% inadequate", "Likely between")
_COUNTS = (*(grade.label for grade in Grade), "Provisional")


def _across(table: GradeTable) -> list[list[str]]:
    """Rows of cells, months as columns; an empty list is an empty line."""
    columns = [*table.rows, table.total]
    shares, counts = ([cells(row) for row in columns] for cells in (_percent_cells, _count_cells))
    names = [row.label if row is table.total else f"{row.label[:3]} {row.key[2:4]}" for row in columns]
    return [
        ["", *names],
        ["Cases audited", *(audited(row) for row in columns)],
        *([name, *cells] for name, *cells in zip(_SHARES, *shares, strict=True)),
        ["Target", *(f"{row.target}%" for row in columns)],
        ["Meets target", *(yes_no(row.meets_target) for row in columns)],
        [],
        *([name, *cells] for name, *cells in zip(_COUNTS, *counts, strict=True)),
    ]


def _down(table: GradeTable) -> list[list[str]]:
    what = "Judgements" if table.counts_sections else "Audited"
    head = [Breakdown(table.by).label, what, *_SHARES, "Meets target", *_COUNTS, "Change"]
    return [
        head,
        *(
            [
                row.label, audited(row), *_percent_cells(row), yes_no(row.meets_target), *_count_cells(row),
                row.change or NONE,
            ]
            for row in (*table.rows, table.total)
        ),
    ]  # fmt: skip


def theme_document(report: ThemeReport, *, made_by: str, made_at: datetime, inside: bool) -> Document:
    """The theme report as a document, from which CSV and workbook are written; the page prints the same report."""
    columns = [
        Column("Heading"), Column("Theme"), Column("Strength, audits", "whole"), Column("Section applied", "whole"),
        Column("Area for development, audits", "whole"), Column("Share", "percent"),
        Column("Period before, audits", "whole"), Column("Section applied before", "whole"), Column("Change"),
    ]  # fmt: skip
    if inside:
        columns += [Column("Actions", "whole"), Column("Done", "whole"), Column("Since the actions")]

    def cells(row: ThemeRow) -> tuple[str | int | None, ...]:
        held: list[str | int | None] = [
            row.heading, row.theme, _or_few(row.strength.n), _or_few(row.development.of), _or_few(row.development.n),
            row.development.percent, _or_few(row.before.n), _or_few(row.before.of), row.change or "-",
        ]  # fmt: skip
        if inside:
            answered = row.answered
            held += [answered.actions, answered.done, answered.says] if answered else [0, 0, "-"]
        return tuple(held)

    period = f"{report.first:%B %Y} to {report.last:%B %Y}"
    notes = (
        "An audit counts once for a theme. The share is of the audits in which a section applied where the theme is "
        "found.",
        "A change is called one only where the 95% interval of the difference leaves no change out.",
        f"{report.audits} audits with findings; {report.uncoded} findings have no theme yet and are not counted.",
    )
    table = Table("Themes", tuple(columns), tuple(cells(row) for row in report.rows), notes)
    return Document(
        title="Themes",
        audience="QA unit" if inside else "Readers of figures",
        period=period,
        made_by=made_by,
        made_at=made_at,
        sections=(Section("Themes", (table,)),),
    )


def _or_few(number: int | None) -> str | int:
    """A count, or that it is too small to be shown."""
    return "fewer than 5, or nearly all" if number is None else number


CONSISTENCY_HEADER = (
    "What", "Of whom or what", "Audits or sections", "Exact", "Exact %", "Within one grade", "Within one grade %",
    "Settled lower", "Settled higher", "Mean step to more serious", "Weighted kappa", "Good or better, auditor",
    "Good or better, settled",
)  # fmt: skip


def consistency_rows(report: ConsistencyReport) -> list[list[object]]:
    """The consistency report for a spreadsheet: a row a line, then the grades against each other."""
    rows = [_consistency_cells("Overall grade", line) for line in (report.moderated, report.drawn)]
    rows += [_consistency_cells("Section", line) for line in report.sections]
    rows += [_consistency_cells("Auditor", line) for line in report.auditors]
    for words, effect in (("All settled audits", report.all_settled), ("Moderated audits", report.moderated_effect)):
        rows.append(["Effect on good or better", words, effect.n, *[""] * 8, effect.before, effect.after])
    for grade, cells in zip(Grade, report.moderated.figures.matrix, strict=True):
        for other, count in zip(Grade, cells, strict=True):
            rows.append(["Auditor's grade against settled", f"{grade.label} to {other.label.lower()}", count])
    return rows


def _consistency_cells(what: str, line: Line) -> list[object]:
    figures = line.figures
    return [
        what, line.label, figures.n, figures.exact, _or_dash(line.exact_percent), figures.within_one,
        _or_dash(line.within_percent), figures.over, figures.under,
        NONE if figures.leniency is None else round(figures.leniency, 2),
        NONE if figures.kappa is None else round(figures.kappa, 2), figures.good_before, figures.good_after,
    ]  # fmt: skip


def _or_dash(value: object) -> object:
    return NONE if value is None else value
