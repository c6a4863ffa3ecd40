"""A table of indicators as rows for a spreadsheet, as JSON and as plain text: one object, printed four ways."""

from __future__ import annotations

from typing import Any

from assurance_clinics.readers.table import COUNTS, print_month
from assurance_clinics.selectors.tables import Grid, TableLine

FIXED = ("Section", "Indicator")


def as_rows(grid: Grid, *, counts: bool = False) -> tuple[list[str], list[list[str]]]:
    """The table with the header that the import reads, and each cell as it was printed.

    With `counts` the numerator and denominator of each month that has any follow at the end.
    """
    header = [*FIXED, *map(print_month, grid.months), "Target", *grid.comparators]
    counted = [
        place for place in range(len(grid.months)) if counts and any(_counts(line, place) for line in grid.lines)
    ]
    header += [f"{print_month(grid.months[place])} {which}" for place in counted for which in COUNTS]
    return header, [
        _cells(line, grid) + [text for place in counted for text in _counts(line, place) or ("", "")]
        for line in grid.lines
    ]


def _counts(line: TableLine, place: int) -> tuple[str, str] | None:
    cell = line.cells[place]
    if cell is None or cell.numerator is None:
        return None
    return str(cell.numerator), "" if cell.denominator is None else str(cell.denominator)


def _cells(line: TableLine, grid: Grid) -> list[str]:
    return [
        line.section,
        line.wording,
        *(cell.marked if cell else "" for cell in line.cells),
        line.target,
        *(line.comparators.get(label, "") for label in grid.comparators),
    ]


def as_json(grid: Grid) -> dict[str, Any]:
    """The table as the command's JSON: what is printed, what it says, its colour and direction with their sentences."""
    return {
        "from": f"{grid.months[0]:%Y-%m}",
        "to": f"{grid.months[-1]:%Y-%m}",
        "place": grid.place,
        "indicators": [_line_json(line) for line in grid.lines],
    }


def _line_json(line: TableLine) -> dict[str, Any]:
    return {
        "code": line.code,
        "section": line.section,
        "indicator": line.wording,
        "kind": str(line.meaning.kind),
        "basis": str(line.meaning.basis),
        "polarity": str(line.meaning.polarity),
        "draft": line.is_draft,
        "values": [
            {
                "month": f"{cell.month:%Y-%m}",
                "kind": str(cell.kind),
                "value": None if cell.value is None else float(cell.value),
                "printed": cell.printed,
                "numerator": cell.numerator,
                "denominator": cell.denominator,
                "source": cell.source,
                "provisional": cell.provisional,
            }
            for cell in line.cells
            if cell
        ],
        "target": line.target,
        "rag": line.colour.letter or None,
        "rag_because": line.colour.sentence,
        "direction": line.direction.meaning or None,
        "direction_because": line.direction.sentence,
        "comparators": dict(line.comparators),
        "breaks": [{"month": f"{one.month:%Y-%m}", "note": one.note} for one in line.breaks],
    }


def as_text(grid: Grid) -> str:
    """The table for a terminal: a line an indicator, months across, then target, colour and direction."""
    if not grid.lines:
        return "There are no figures for these months."
    header = ["", *map(print_month, grid.months), "Target", "", "On the month before"]
    lines: list[list[str]] = []
    for section, some in grid.sections:
        lines.append([section or "No section"])
        for line in some:
            cells = [cell.marked if cell else "" for cell in line.cells]
            movement = " ".join(part for part in (line.direction.arrow, line.direction.meaning) if part)
            lines.append([f"  {line.wording[:70]}", *cells, line.target, line.colour.words, movement])
    widths = [max(len(row[place]) for row in [header, *lines] if place < len(row)) for place in range(1, len(header))]
    first = max(len(row[0]) for row in lines if len(row) > 1)

    def laid_out(row: list[str]) -> str:
        rest = (cell.rjust(width) for cell, width in zip(row[1:], widths, strict=True)) if len(row) > 1 else ()
        return "  ".join([row[0].ljust(first), *rest]).rstrip()

    notes = [f"{line.wording}: from {one.month:%B %Y}: {one.note}" for line in grid.lines for one in line.breaks]
    title = grid.place or "The whole department"
    return "\n".join([title, laid_out(header), *map(laid_out, lines), *notes])
