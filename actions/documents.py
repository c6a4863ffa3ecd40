"""The scrutiny monitoring table as a file: the same lines as the page."""

from __future__ import annotations

from collections.abc import Iterable

from actions.selectors.recommendations import MonitoringLine
from core.spreadsheets import write_csv, write_xlsx

HEADER = (
    "Date", "Body", "Item", "Recommendation", "Action proposed", "Action taken", "Progress",
)  # fmt: skip


def as_rows(lines: Iterable[MonitoringLine]) -> list[tuple[object, ...]]:
    """The cells of the table, a row each."""
    return [
        (line.made_on, line.body, line.item_number, line.title, line.proposed, line.taken, line.progress)
        for line in lines
    ]


def monitoring_csv(lines: Iterable[MonitoringLine]) -> bytes:
    """The table as CSV."""
    return write_csv(HEADER, as_rows(lines))


def monitoring_xlsx(lines: Iterable[MonitoringLine]) -> bytes:
    """The table as a workbook."""
    return write_xlsx([("Monitoring", HEADER, as_rows(lines))])
