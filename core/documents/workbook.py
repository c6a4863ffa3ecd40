"""A document as a workbook and as CSV: each table a sheet with a real header row, its numbers as numbers."""

from __future__ import annotations

from core.documents.content import Bullets, Document, Paragraph, Table
from core.spreadsheets import write_csv, write_xlsx


def as_xlsx(document: Document) -> bytes:
    """The document as XLSX: a sheet for each table, named by its caption, and one that says what the file is."""
    sheets: list[tuple[object, ...]] = [
        (
            table.caption,
            [column.title for column in table.columns],
            table.rows,
            {place: column.number_format for place, column in enumerate(table.columns) if column.number_format},
        )
        for table in document.tables
    ]
    sheets.append(("About this file", [document.title], [[line] for line in about(document)]))
    return write_xlsx(sheets, title=document.title, marking=document.mark)


def about(document: Document) -> list[str]:
    """The marking, the period, whose figures, then every sentence and note of the document."""
    lines = [document.mark, document.period, document.scope]
    for _level, section in document.all_sections():
        lines.append(section.heading)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                lines.append(block.text)
            elif isinstance(block, Bullets):
                lines += block.items
            elif isinstance(block, Table):
                lines += block.notes
    return [line for line in lines if line]


def as_csv(document: Document) -> bytes:
    """The document's first table as CSV: one header row and the figures, so that a program can read it."""
    tables = document.tables
    if not tables:
        return write_csv([document.title], [])
    return write_csv([column.title for column in tables[0].columns], tables[0].rows)
