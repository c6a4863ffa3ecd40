"""What a document says, whatever file it becomes: frozen, with no domain word in it.

One `Document` is made once and handed to every writer of `core.documents`, so that page, PDF, Word, slides,
workbook and CSV cannot differ. Texts are plain text: nothing in them is markup for any writer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from django.utils import timezone

from core.charts import BarRow, Point, Series

OFFICIAL = "OFFICIAL"
OFFICIAL_SENSITIVE = "OFFICIAL-SENSITIVE"

Cell = str | int | float | Decimal | dt.date | None
Kind = Literal["text", "whole", "percent", "exact", "date"]
"""What a column holds: text, whole numbers, whole percents (65 prints as 65%), percents with one place, dates."""

_NUMBER_FORMATS = {"whole": "#,##0", "percent": '0"%"', "exact": '0.0"%"', "date": "dd/mm/yyyy"}


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading and what its numbers are. Text may stand in any column ("-", "withheld")."""

    title: str
    kind: Kind = "text"

    @property
    def number_format(self) -> str:
        """The spreadsheet's format, "" for text."""
        return _NUMBER_FORMATS.get(self.kind, "")

    @property
    def is_number(self) -> bool:
        """Whether figures stand in it, which are set to the right."""
        return self.kind in ("whole", "percent", "exact")

    def printed(self, value: Cell) -> str:
        """A cell as a reader sees it. The very same number stands in the workbook."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, dt.date):
            return f"{value.day} {value:%B %Y}"
        if isinstance(value, str):
            return value
        if self.kind == "percent":
            return f"{value:.0f}%"
        if self.kind == "exact":
            return f"{value:.1f}%"
        return f"{value:,}"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `strong` for the one sentence that the reader must not miss."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Bullets:
    """A list of short texts."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table: caption, columns, rows (the first cell of each is its heading), and notes under it.

    `total` says that the last row is the total of the others.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    total: bool = False

    def __post_init__(self) -> None:
        uneven = [row for row in self.rows if len(row) != len(self.columns)]
        if uneven or not self.columns:
            raise ValueError(f"A row of the table {self.caption!r} has more or fewer cells than there are columns.")


@dataclass(frozen=True)
class Bars:
    """Stacked bars of counts. `alt` says in a sentence what they show; `table` holds the same figures."""

    title: str
    series: tuple[Series, ...]
    rows: tuple[BarRow, ...]
    alt: str = ""
    first: str = ""

    @property
    def says(self) -> str:
        """The alternative text: what the author wrote, then every figure."""
        told = "; ".join(
            f"{row.label}: "
            + (", ".join(f"{row.counts.get(each.key, 0)} {each.label.lower()}" for each in self.series))
            for row in self.rows
        )
        return " ".join(part for part in (self.alt or self.title, told) if part)

    @property
    def table(self) -> Table:
        """The same figures as a table."""
        columns = (Column(self.first), *(Column(each.label, "whole") for each in self.series), Column("n", "whole"))
        rows: tuple[tuple[Cell, ...], ...] = tuple(
            (
                row.label,
                *(row.counts.get(each.key, 0) for each in self.series),
                sum(row.counts.get(each.key, 0) for each in self.series),
            )
            for row in self.rows
        )
        return Table(self.title, columns, rows)


@dataclass(frozen=True)
class Line:
    """Percentages over time, with a target, a mean and control limits where there are any.

    `alt` says in a sentence what the line shows; `table` holds the same figures.
    """

    title: str
    points: tuple[Point, ...]
    target: float | None = None
    mean: float | None = None
    alt: str = ""
    first: str = "Month"

    @property
    def says(self) -> str:
        """The alternative text: what the author wrote, the target, then every figure."""
        target = "" if self.target is None else f"Target {self.target:g}%."
        told = "; ".join(f"{each.label} {each.said}" + (f" (n={each.n})" if each.n else "") for each in self.points)
        return " ".join(part for part in (self.alt or self.title, target, told) if part)

    @property
    def table(self) -> Table:
        """The same figures as a table."""
        limits = any(each.lower is not None or each.upper is not None for each in self.points)
        columns = [Column(self.first), Column("n", "whole"), Column("%", "exact")]
        columns += [Column("Lower limit", "exact"), Column("Upper limit", "exact")] if limits else []
        rows: list[tuple[Cell, ...]] = []
        for each in self.points:
            value: Cell = "-" if each.value is None else each.value
            rows.append((each.label, each.n, value, *((each.lower, each.upper) if limits else ())))
        return Table(self.title, tuple(columns), tuple(rows))


Chart = Bars | Line
Block = Paragraph | Bullets | Table | Bars | Line


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it; sections of a section have headings one level down.

    A chart's own table is printed where its section holds no other table.
    """

    heading: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Document:
    """A whole document: what it is called, for whom it is, of which time, who took it out and when, and its sections.

    `marking` is the Government Security Classification; `audience` says for whom it is in a few words; `scope` says in
    a sentence what the figures hold; `reason` is why it was taken out, where a reason was asked for.
    """

    title: str
    audience: str
    period: str
    made_by: str
    made_at: dt.datetime
    sections: tuple[Section, ...]
    scope: str = ""
    reason: str = ""
    marking: str = OFFICIAL_SENSITIVE
    organisation: str = ""

    @property
    def mark(self) -> str:
        """The line that stands on every page: marking, audience, who and when, and why."""
        return watermark(self.marking, self.audience, self.made_by, self.made_at, self.reason)

    def all_sections(self) -> Iterator[tuple[int, Section]]:
        """Each section with its level (1 and up), in reading order."""
        waiting: list[tuple[int, Section]] = [(1, section) for section in reversed(self.sections)]
        while waiting:
            level, section = waiting.pop()
            yield level, section
            waiting += [(level + 1, below) for below in reversed(section.sections)]

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table in reading order, those of charts without another table among them."""
        return tuple(
            block for _, section in self.all_sections() for block in with_twins(section) if isinstance(block, Table)
        )


def watermark(marking: str, audience: str, made_by: str, made_at: dt.datetime, reason: str = "") -> str:
    """Marking, audience, who took it out and when, and why, in one line."""
    at = timezone.localtime(made_at) if timezone.is_aware(made_at) else made_at
    why = f" Reason: {reason}" if reason else ""
    return f"{marking}. For {audience}. Taken out by {made_by} on {at.day} {at:%B %Y} at {at:%H:%M}.{why}"


def with_twins(section: Section) -> Sequence[Block]:
    """The blocks of a section, each chart followed by its own table where the section has no other table."""
    if any(isinstance(block, Table) for block in section.blocks):
        return section.blocks
    found: list[Block] = []
    for block in section.blocks:
        found.append(block)
        if isinstance(block, Bars | Line):
            found.append(block.table)
    return found
