"""Answers by question as files: the very object that the page prints."""

from __future__ import annotations

from audits.selectors.answers import AnswerTable
from core.spreadsheets import write_csv, write_xlsx
from reports.selectors.answers import HEADER, as_rows


def answers_csv(table: AnswerTable, *, outside: bool) -> bytes:
    """A row for each answer that can be given and each median."""
    return write_csv(HEADER, as_rows(table, outside=outside))


def answers_xlsx(table: AnswerTable, notes: list[str], *, outside: bool) -> bytes:
    """The same with a sheet of what a reader has to know."""
    sheets = [("Answers", HEADER, as_rows(table, outside=outside))]
    return write_xlsx([*sheets, ("Notes", ["About these figures"], [[line] for line in notes])], title=table.tool)
