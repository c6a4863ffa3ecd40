"""Grade tables as files: the very object that the page prints."""

from __future__ import annotations

from audits import documents
from audits.choices import Breakdown
from audits.selectors.grades import GradeTable
from core.spreadsheets import write_csv, write_xlsx
from reports.selectors.figures import (
    OUTSIDE_HEADER,
    PublicTable,
    for_outside,
    outside_cells,
    outside_notes,
    said_outside,
)


def grade_table_csv(table: GradeTable) -> bytes:
    """The table as CSV: a row for each key, the total last."""
    return write_csv(*documents.as_rows(table))


def grade_table_xlsx(table: GradeTable, scope: str) -> bytes:
    """The table as a workbook: the figures, what a reader has to know, and by month the table with months across.

    `scope` says in a sentence whose audits are counted.
    """
    header, rows = documents.as_rows(table)
    sheets: list[tuple[object, ...]] = [("Figures", header, rows)]
    if table.by == Breakdown.MONTH:
        sheets.append(("Months across", header[:1] + [str(row[0]) for row in rows], _turned(header[1:], rows)))
    sheets.append(("Notes", ["About these figures"], [[line] for line in about(table, scope)]))
    return write_xlsx(sheets)


def outside_csv(table: GradeTable | PublicTable) -> bytes:
    """The table as CSV for readers outside the QA unit."""
    return write_csv(*_outside(table))


def outside_xlsx(table: GradeTable | PublicTable, scope: str) -> bytes:
    """The table as a workbook for readers outside the QA unit."""
    header, rows = _outside(table)
    lines = [f"{documents.period(table)}. {scope}", said_outside(table), *outside_notes(table)]
    return write_xlsx([("Figures", header, rows), ("Notes", ["About these figures"], [[line] for line in lines])])


def _outside(table: GradeTable | PublicTable) -> tuple[list[str], list[list[object]]]:
    rows = [[row.key, *outside_cells(row)] for row in for_outside(table)]
    return [Breakdown(table.by).label, *OUTSIDE_HEADER], rows


def about(table: GradeTable, scope: str) -> list[str]:
    """The period, whose audits, the answer in words, and every note."""
    return [f"{documents.period(table)}. {scope}", documents.in_words(table.total), *documents.notes(table)]


def _turned(header: list[str], rows: list[list[object]]) -> list[list[object]]:
    return [[name, *(row[place] for row in rows)] for place, name in enumerate(header, start=1)]
