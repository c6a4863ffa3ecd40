"""Sections of a document as a page prints them: the same words and cells, with the page's own charts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from django.utils.safestring import SafeString

from audits.rules.arithmetic import TARGET
from core import charts
from core.documents import Bars, Bullets, Line, Paragraph, Section, Table
from reports.selectors.standard.grading import HEAT_CAPTION


@dataclass(frozen=True)
class ShownCell:
    """A cell as printed; `heat` is its place on a heat map: "low", "middle", "high", or "" for none."""

    text: str
    number: bool
    heat: str = ""


@dataclass(frozen=True)
class ShownTable:
    """A table as printed; `key` names it on its page."""

    key: str
    caption: str
    heads: tuple[ShownCell, ...]
    rows: tuple[tuple[str, tuple[ShownCell, ...], bool], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A block of a page: one of its fields is set."""

    text: str = ""
    strong: bool = False
    items: tuple[str, ...] = ()
    chart: SafeString | str = ""
    table: ShownTable | None = None


@dataclass(frozen=True)
class ShownSection:
    """A heading and its blocks."""

    heading: str
    blocks: tuple[Shown, ...]


def _heat(text: str) -> str:
    """Where a share such as "65% (46)" stands: below 50%, from there to below the target of 70%, or at it."""
    share = text.partition("%")
    if not (share[1] and share[0].isdigit()):
        return ""
    return "low" if int(share[0]) < 50 else "middle" if int(share[0]) < TARGET else "high"


def shown(sections: Sequence[Section]) -> list[ShownSection]:
    """The sections, those of sections after them, as a page prints them. Every chart has its table under it."""
    numbers = count(1)

    def as_table(block: Table) -> ShownTable:
        numeric = [column.is_number for column in block.columns]
        last = len(block.rows) - 1
        hot = block.caption == HEAT_CAPTION
        rows = tuple(
            (
                block.columns[0].printed(row[0]),
                tuple(
                    ShownCell(column.printed(cell), number, _heat(column.printed(cell)) if hot else "")
                    for column, cell, number in zip(block.columns[1:], row[1:], numeric[1:], strict=True)
                ),
                block.total and place == last,
            )
            for place, row in enumerate(block.rows)
        )
        heads = tuple(ShownCell(column.title, number) for column, number in zip(block.columns, numeric, strict=True))
        return ShownTable(f"table-{next(numbers)}", block.caption, heads, rows, block.notes)

    def blocks(section: Section) -> tuple[Shown, ...]:
        has_table = any(isinstance(block, Table) for block in section.blocks)
        found: list[Shown] = []
        for block in section.blocks:
            match block:
                case Paragraph():
                    found.append(Shown(text=block.text, strong=block.strong))
                case Bullets():
                    found.append(Shown(items=block.items))
                case Table():
                    found.append(Shown(table=as_table(block)))
                case Bars():
                    found.append(Shown(chart=charts.stacked_bars(block.rows, series=block.series)))
                case Line():
                    found.append(
                        Shown(chart=charts.line(block.points, title=block.title, target=block.target, mean=block.mean))
                    )
            if isinstance(block, Bars | Line) and not has_table:
                found.append(Shown(table=as_table(block.table)))
        return tuple(found)

    waiting = list(sections)
    done: list[ShownSection] = []
    while waiting:
        section = waiting.pop(0)
        done.append(ShownSection(section.heading, blocks(section)))
        waiting[:0] = section.sections
    return done
