"""Workbooks that tests make for themselves: Annex A lists in each layout, and plain sheets."""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from cases.readers.lists import BY_NUMBER

AS_AT = dt.date(2026, 3, 4)


class Formula(str):
    """A cell to be written as a formula; `result` is what the spreadsheet had stored for it ("" for nothing)."""

    result: object = ""

    def __new__(cls, text: str, result: object = "") -> Formula:
        made = super().__new__(cls, text)
        made.result = result
        return made


def workbook(sheets: dict[str, Sequence[Sequence[Any]]]) -> bytes:
    """An .xlsx of the given rows by sheet name; dates become date cells, Formula a formula, the rest as it is."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_urls": False, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, Formula):
                        page.write_formula(row, column, str(cell), None, cell.result)
                    elif isinstance(cell, dt.datetime):
                        page.write_datetime(row, column, cell, day)
                    elif isinstance(cell, dt.date):
                        page.write_datetime(row, column, dt.datetime.combine(cell, dt.time.min), day)
                    elif cell is not None and cell != "":
                        page.write(row, column, cell)
    return out.getvalue()


def headings(number: int, *, layout: str = "2019") -> list[str]:
    """The headings of a list of Annex A, in the 2019 or the 2024 layout."""
    columns = BY_NUMBER[number].columns
    names = [column.heading for column in columns if layout == "2024" or not column.later]
    return ["Age" if layout == "2024" and name == "Age of Child (Years)" else name for name in names]


_DEFAULTS: dict[str, object] = {
    "gender": "b) Female",
    "ethnicity": "a) WBRI",
    "birth": dt.date(2015, 6, 1),
    "age": 10,
    "disability": "b) No",
    "team": "Heron",
    "worker": "Sam Example",
    "need": "N1 - Abuse or neglect",
    "case_status": "c) Child in need plan",
    "source": "q) 6: Police",
    "nfa": "b) No",
    "initial_category": "a) Neglect",
    "latest_category": "a) Neglect",
    "legal_status": "C2: FCO",
    "placement_type": "d) U4: Foster placement - long term",
    "placement_provider": "b) PR1: Own provision",
    "eligibility": "b) Former relevant child",
    "in_touch": "a) Yes",
}


def row(number: int, reference: object, *, layout: str = "2019", **cells: object) -> list[object]:
    """One good row of a list; `cells` by the column's key change what stands in them."""
    made: list[object] = []
    for column in BY_NUMBER[number].columns:
        if column.later and layout != "2024":
            continue
        if column.key in cells:
            made.append(cells[column.key])
        elif column.kind == "id":
            made.append(reference)
        elif column.kind == "start":
            made.append(dt.date(2025, 9, 1))
        elif column.kind == "count":
            made.append(1)
        else:
            made.append(_DEFAULTS.get(column.key, ""))
    return made


def annex_a(layout: str = "2019", **changes: Sequence[Sequence[Any]]) -> dict[str, list[list[object]]]:
    """Sheets of a whole workbook: all eleven lists, with one child open in each of 6 to 9 and one row in the others.

    `changes` replaces the rows of a list, headings included, by `list_6=[...]`; None leaves the list out.
    """
    references = {1: 901, 2: 902, 3: 903, 4: 904, 5: 905, 6: 106, 7: 107, 8: 108, 9: 109, 10: 108, 11: 911}
    sheets: dict[str, list[list[object]]] = {}
    for number, reference in references.items():
        key = f"list_{number}"
        if key in changes:
            if changes[key] is not None:
                sheets[f"List {number}"] = [list(cells) for cells in changes[key]]
            continue
        sheets[f"List {number}"] = [
            list(headings(number, layout=layout)),
            row(number, reference, layout=layout),
        ]
    return sheets


def old_workbook(name: str, rows: Sequence[Sequence[str | float]], *, also: tuple[int, int] | None = None) -> bytes:
    """An .xls (BIFF8 in a compound file) of one sheet; `also` puts a number at a further (row, column)."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def beginning(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 0))

    def cell(row: int, column: int, value: str | float) -> bytes:
        if isinstance(value, str):
            text = value.encode("latin-1")
            return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text)
        return record(0x0203, struct.pack("<HHHd", row, column, 0, value))

    def book(sheet_at: int) -> bytes:
        named = struct.pack("<IBBBB", sheet_at, 0, 0, len(name), 0) + name.encode()
        return beginning(5) + record(0x85, named) + record(0x0A, b"")

    def entry(title: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = title.encode("utf-16-le") + b"\0\0"
        head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) if title else 0, kind, 1)
        return head + struct.pack("<III", free, free, child) + b"\0" * 36 + struct.pack("<IQ", start, size)

    free, end, of_table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    cells = b"".join(cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row))
    cells += cell(*also, 1.0) if also else b""
    stream = book(len(book(0))) + beginning(0x10) + cells + record(0x0A, b"")
    sectors = max(8, -(-len(stream) // 512))
    stream = stream.ljust(sectors * 512, b"\0")
    table = [of_table, end, *range(3, sectors + 2), end]
    table += [free] * (128 - len(table))
    directory = (
        entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 2, len(stream)) + entry("", 0, free, 0, 0) * 2
    )
    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<10I", 0, 1, 1, 0, 4096, end, 0, end, 0, 0) + b"\xff" * 432
    return header + struct.pack("<128I", *table) + directory + stream


def open_document(name: str, rows_xml: str) -> bytes:
    """An .ods of one sheet, its rows given as the XML between <table:table> and its end."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        table = f'<table:table table:name="{name}">{rows_xml}</table:table>'
        names = 'xmlns:office="o" xmlns:table="t" xmlns:text="x"'
        body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        made.writestr(
            "content.xml", f'<?xml version="1.0"?><office:document-content {names}>{body}</office:document-content>'
        )
    return out.getvalue()
