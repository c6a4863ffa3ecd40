"""Invented files of cases, as a council's systems would write them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.spreadsheets import write_csv, write_xlsx

CASELOAD = ("reference", "service", "team", "worker", "manager", "plan_type", "start_date", "age_band", "flags")
LIST_6 = (
    "Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)",
    "Does the Child have a Disability", "CIN Start Date", "Primary Need Code", "Date Child Was Last Seen",
    "CIN Closure Date", "Reason for Closure", "Case status", "Allocated Team", "Allocated Worker",
)  # fmt: skip
LIST_7 = (
    "Child Unique ID", "Gender", "Ethnicity", "Date of Birth", "Age of Child (Years)",
    "Does the Child have a Disability", "Child Protection Plan Start Date", "Initial Category of Abuse",
    "Latest Category of Abuse", "Date of the Last Statutory Visit", "Was the Child Seen Alone?",
    "Date of latest review conference", "Child Protection Plan End Date",
    "Subject to Emergency Protection Order or Protected Under Police Powers in Last Six Months (Y/N)",
    "Number of Previous Child Protection Plans", "Allocated Team", "Allocated Worker",
)  # fmt: skip


def in_need(reference: str, **values: Any) -> tuple[Any, ...]:
    """One row of List 6: an open child in need plan of the team Heron, held by Example Worker."""
    row = {
        "status": "c) Child in need plan", "started": dt.date(2025, 1, 6), "closed": "", "team": "Heron",
        "worker": "Example Worker", "born": dt.date(2015, 6, 1), "ethnicity": "a) WBRI",
    } | values  # fmt: skip
    return (
        reference, "a) Male", row["ethnicity"], row["born"], 10, "b) No", row["started"], "N1 - Abuse or neglect",
        dt.date(2026, 2, 20), row["closed"], "", row["status"], row["team"], row["worker"],
    )  # fmt: skip


def protected(reference: str, **values: Any) -> tuple[Any, ...]:
    """One row of List 7: an open child protection plan of the team Heron, held by Example Worker."""
    row = {"started": dt.date(2025, 9, 1), "ended": "", "team": "Heron", "worker": "Example Worker"} | values
    return (
        reference, "b) Female", "a) WBRI", dt.date(2016, 6, 1), 9, "b) No", row["started"], "a) Neglect", "a) Neglect",
        dt.date(2026, 2, 20), "a) Yes", dt.date(2026, 1, 20), row["ended"], "b) No", 0, row["team"], row["worker"],
    )  # fmt: skip


def annex_a(*in_need: tuple[Any, ...], protected: list[tuple[Any, ...]] | None = None) -> bytes:
    """A workbook with List 6 and, where rows are given for it, List 7."""
    sheets: list[tuple[Any, ...]] = [("List 6", LIST_6, in_need)]
    if protected is not None:
        sheets.append(("List 7", LIST_7, protected))
    return write_xlsx(sheets)


def carried(reference: str, **values: Any) -> tuple[Any, ...]:
    """One row of a caseload: a child in need in Family Safeguarding, Heron, held by Example Worker."""
    row = {
        "service": "Family Safeguarding", "team": "Heron", "worker": "Example Worker", "manager": "", "plan": "CIN",
        "started": "06/01/2025", "age": "5-9", "flags": "",
    } | values  # fmt: skip
    return (reference, *row.values())


def caseload(*rows: tuple[Any, ...], header: tuple[str, ...] = CASELOAD) -> bytes:
    """A caseload as CSV."""
    return write_csv(header, rows)
