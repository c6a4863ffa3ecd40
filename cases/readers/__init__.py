"""Readers of case files: a file in, rows and refusals out. No models, no users, no saving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from cases.readers.annex_a import read_annex_a, read_annex_a_sheets
from cases.readers.caseload import find_caseload, is_caseload, read_caseload, read_caseload_table
from cases.readers.rows import CaseFile, CaseRow, ExtractRow, combine, reference_key
from core.spreadsheets import UnreadableFile, read_sheets

__all__ = [
    "CaseFile",
    "CaseRow",
    "ExtractRow",
    "combine",
    "read_annex_a",
    "read_caseload",
    "read_cases",
    "reference_key",
]


def read_cases(
    data: bytes,
    *,
    filename: str,
    kind: str | None = None,
    as_at: dt.date | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> CaseFile:
    """A file of cases of either kind: "annex-a" or "csv" (the caseload, as CSV or workbook).

    Where `kind` is None the content decides: a sheet with the caseload's headings is a caseload, else the file is read
    as Annex A. Raises UnreadableFile where the file is neither, ValueError on an unknown kind.
    """
    if kind == "annex-a":
        return read_annex_a(data, as_at=as_at, filename=filename, on_progress=on_progress)
    if kind == "csv":
        return read_caseload(data, filename, as_at=as_at, on_progress=on_progress)
    if kind is not None:
        raise ValueError(f"There is no kind of case file called {kind!r}.")
    sheets = read_sheets(data, filename)
    tables = (table for sheet in sheets if (table := find_caseload(sheet)))
    caseload = next((table for table in tables if is_caseload(table)), None)
    if caseload is not None:
        return read_caseload_table(caseload, sheets, as_at=as_at, on_progress=on_progress)
    try:
        return read_annex_a_sheets(sheets, as_at=as_at, on_progress=on_progress)
    except UnreadableFile:
        raise UnreadableFile(
            "The file is neither an Annex A workbook nor a caseload. An Annex A workbook has sheets such as List 6; a "
            "caseload has the headings: reference, service, team, worker, manager, plan_type, start_date, age_band, "
            "flags."
        ) from None
