"""Tables of a document as data that the database keeps, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.documents import Column, Table


def kept(table: Table) -> dict[str, Any]:
    """A table as data: its caption, columns, rows, and whether the last row is a total."""
    return {
        "caption": table.caption,
        "columns": [[column.title, column.kind] for column in table.columns],
        "rows": [list(row) for row in table.rows],
        "total": table.total,
    }


def table_from(data: Mapping[str, Any]) -> Table:
    """The table that was kept as data."""
    return Table(
        data["caption"],
        tuple(Column(title, kind) for title, kind in data["columns"]),
        tuple(tuple(row) for row in data["rows"]),
        total=data["total"],
    )
