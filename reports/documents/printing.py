"""Grade tables as documents: the very lines that the page prints, for PDF, Word and slides."""

from __future__ import annotations

from datetime import datetime

from audits import documents
from audits.choices import Breakdown
from audits.selectors.grades import GradeRow, GradeTable
from core.charts import GRADES, Point
from core.documents import Bars, Bullets, Column, Document, Line, Paragraph, Section, Table
from reports.selectors import figures
from reports.selectors.figures import PublicTable

MONTHS_ACROSS = 13
"""More months than these do not fit across a page: the table goes on below."""

EXPLAINED = (
    "Percentages are whole numbers that add to 100. The target is tested on exact counts. “Likely between” is the 95% "
    "range that the counts support, and a movement is called a change only where they support it."
)


def figures_document(
    table: GradeTable | PublicTable,
    *,
    scope: str,
    audience: str,
    made_by: str,
    made_at: datetime,
    organisation: str,
) -> Document:
    """A grade table, or its public version, as a document."""
    cut = Breakdown(table.by)
    by_month = cut == Breakdown.MONTH
    title = "Grade table" if by_month else f"Grades by {cut.label.lower()}"
    return Document(
        title=title,
        audience=audience,
        period=documents.period(table),
        made_by=made_by,
        made_at=made_at,
        scope=scope,
        organisation=organisation,
        sections=_outside(table, by_month) if isinstance(table, PublicTable) else _inside(table, by_month),
    )


def _inside(table: GradeTable, by_month: bool) -> tuple[Section, ...]:
    first: list[Paragraph | Bullets] = [Paragraph(figures.said(table), strong=True)]
    if not by_month and (where := figures.where(table)):
        first.append(Bullets(tuple(where)))
    if by_month:
        printed = figures.months_across(table, _nowhere)
        chart: Line | Bars = Line(
            "Good or outstanding by month",
            tuple(_point(row) for row in table.rows),
            target=table.target,
        )
    else:
        printed = figures.rows_down(table, _nowhere)
        unit = "judgements" if table.counts_sections else "audits"
        bars = tuple(figures.bars(table, _nowhere))
        chart = Bars(f"Number of {unit} with each grade", GRADES, bars, first=Breakdown(table.by).label)
    caption = "Grades by month" if by_month else f"Grades by {Breakdown(table.by).label.lower()}"
    tables = printed_tables(printed, caption)
    notes = (*documents.notes(table), EXPLAINED)
    sections = [Section("In short", tuple(first))]
    shown = (chart, *tables) if any(row.audited for row in table.rows) else tables
    sections.append(Section(caption, tuple(shown)))
    sections.append(Section("About these figures", (Bullets(notes),)))
    return tuple(sections)


def _outside(table: PublicTable, by_month: bool) -> tuple[Section, ...]:
    caption = "Grades by month" if by_month else f"Grades by {Breakdown(table.by).label.lower()}"
    return (
        Section("In short", (Paragraph(figures.said_outside(table), strong=True),)),
        Section(caption, printed_tables(figures.printed_outside(table), caption)),
        Section("About these figures", (Bullets((*figures.outside_notes(table), EXPLAINED)),)),
    )


def printed_tables(printed: figures.Printed, caption: str) -> tuple[Table, ...]:
    """A table of the page as tables of a document: cut where it is too wide for a sheet of paper."""
    lines = [line for group in printed.groups for line in group]
    across = len(printed.heads) - 1
    found = []
    starts = range(0, max(across, 1), MONTHS_ACROSS)
    for number, start in enumerate(starts, start=1):
        heads = printed.heads[1 + start : 1 + start + MONTHS_ACROSS]
        columns = (Column(printed.heads[0] or "Measure"), *(Column(head, "whole") for head in heads))
        rows = tuple((line.label, *(cell.text for cell in line.cells[start : start + MONTHS_ACROSS])) for line in lines)
        title = caption if len(starts) == 1 else f"{caption}, part {number} of {len(starts)}"
        found.append(Table(title, columns, rows, total=bool(lines) and len(printed.groups[-1]) == 1))
    return tuple(found)


def _nowhere(row: GradeRow, grade: str) -> str:
    return ""


def _point(row: GradeRow) -> Point:
    value = None if row.percent is None else float(row.percent.good_or_outstanding)
    return Point(f"{row.label[:3]} {row.key[:4]}", value, row.audited)
