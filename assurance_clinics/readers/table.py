"""Reads a table of indicators as councils print it: a row an indicator, months across, then a target and comparators.

An indicator is its wording. Where it stands twice with the same figures the repeat is ignored with a warning; with
other figures the later row is refused, naming both places. Every filled row is accepted or refused with one line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from assurance_clinics.choices import ComparatorKind, IndicatorKind
from assurance_clinics.rules.figures import BLANK, Cell, guess_kind, read_cell
from core.spreadsheets import (
    HEADER_ROWS,
    OLE,
    Fault,
    Sheet,
    UnreadableFile,
    clean,
    column_letters,
    filled_rows,
    fold,
    is_blank,
    one_refusal,
    original_cell,
    read_csv,
    read_workbook,
    squash,
    unheaded_columns,
)

LIST = "Indicators"
NOT_THERE = "#N/A"
PLACE_HEADINGS = frozenset({"service", "team", "unit", "serviceorteam", "teamorservice"})
TARGET_HEADINGS = frozenset({"target", "currenttarget"})
SECTION_HEADINGS = frozenset({"section", "theme", "priority", "outcome"})
INDICATOR_HEADINGS = frozenset({"indicator", "measure", "performanceindicator", "kpi"})
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(r"([a-z]{3,9})\.?[\s\-/]*(\d{4}|\d{2})")
_COUNT = re.compile(r"\b(numerators?|denominators?)\b")
_ISO_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.]0?1(?:[T ]00:00:00)?)?")
_BRITISH_MONTH = re.compile(r"(?:0?1[-/.])?(\d{1,2})[-/.](\d{4})")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One accepted row. `row` is as a spreadsheet numbers it, `place` the service or team that it names ("" for the
    department); `months`, `target` and `comparators` (by heading) hold what its cells say."""

    row: int
    section: str
    wording: str
    place: str
    kind: IndicatorKind
    months: Mapping[dt.date, Cell]
    target: Cell
    comparators: Mapping[str, Cell]

    @property
    def key(self) -> tuple[str, str]:
        """What makes two rows the same indicator of the same place."""
        return fold(self.wording), fold(self.place)


@dataclass(frozen=True)
class IndicatorTable:
    """A table as read: `rows_in == accepted + rejected` always. `repeats` are the rows that said the same again."""

    months: tuple[dt.date, ...]
    headings: tuple[str, ...]
    has_target: bool
    rows_in: int
    rows: tuple[TableRow, ...]
    repeats: int
    refusals: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


@dataclass(frozen=True)
class _Columns:
    header: int
    section: int | None
    indicator: int
    place: int | None
    target: int | None
    months: dict[int, dt.date]
    comparators: dict[int, str]
    counts: tuple[str, ...]


def read_indicator_table(
    data: bytes,
    *,
    filename: str = "",
    today: dt.date,
    kinds: Mapping[str, str] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> IndicatorTable:
    """A table of indicators, from CSV or from the first sheet of a workbook that is one.

    `today` decides which months lie in the future; `kinds` gives the kind of the indicators already defined, by
    folded wording. Raises UnreadableFile where no row of the first five has the headings "Indicator" and a month, or
    two columns are of the same month.
    """
    sheets = read_workbook(data) if data.startswith((b"PK\x03\x04", OLE)) or not data.strip() else [read_csv(data)]
    for sheet in sheets:
        columns = _find_columns(sheet)
        if columns is not None:
            return _Reader(sheet, columns, today, kinds or {}).read(on_progress)
    raise UnreadableFile(
        "None of the first five rows has the headings of a table of indicators. Give the columns Section, Indicator "
        "and one for each month, such as Aug-24."
    )


def month_of(heading: object) -> dt.date | None:
    """The month that a heading names, as its first day; else None.

    "Aug-24", "August 2024", "2024-08", "08/2024", "01/08/2024", a date cell. "2011/12" is a financial year.
    """
    if isinstance(heading, dt.datetime):
        heading = heading.date()
    if isinstance(heading, dt.date):
        return heading if heading.day == 1 else None
    text = fold(heading)
    if found := _ISO_MONTH.fullmatch(text):
        year, month = int(found.group(1)), int(found.group(2))
        is_financial_year = "/" in text and month == (year + 1) % 100
        return dt.date(year, month, 1) if 1 <= month <= 12 and not is_financial_year else None
    if found := _BRITISH_MONTH.fullmatch(text):
        month, year = int(found.group(1)), int(found.group(2))
        return dt.date(year, month, 1) if 1 <= month <= 12 and year else None
    found = _MONTH.fullmatch(text)
    if not found or found.group(1)[:3] not in MONTHS:
        return None
    name, year_text = found.groups()
    number = MONTHS.index(name[:3]) + 1
    full = dt.date(2000, number, 1).strftime("%B").casefold()
    if not full.startswith(name) and name != "sept":
        return None
    year = int(year_text)
    return dt.date(year if year > 99 else 2000 + year, number, 1)


def print_month(month: dt.date) -> str:
    """A month as the headings have it: "Aug-24"."""
    return f"{MONTHS[month.month - 1].capitalize()}-{month:%y}"


def comparator_kind(heading: str) -> ComparatorKind:
    """What a comparator's heading speaks of."""
    folded = fold(heading)
    if re.search(r"\bneighbours?\b|\bsn\b", folded):
        if "median" in folded:
            return ComparatorKind.NEIGHBOURS_MEDIAN
        return ComparatorKind.NEIGHBOURS_MEAN if "mean" in folded else ComparatorKind.NEIGHBOURS
    if re.match(r"england|national", folded):
        return ComparatorKind.ENGLAND
    if re.match(r"la\b|council|authority|\d{4}", folded):
        return ComparatorKind.AUTHORITY
    if re.search(r"region|north|south|east|west|london|midlands|yorkshire", folded):
        return ComparatorKind.REGION
    return ComparatorKind.OTHER


def _find_columns(sheet: Sheet) -> _Columns | None:
    for index, row in enumerate(sheet.rows[:HEADER_ROWS]):
        names = {squash(cell): number for number, cell in reversed(list(enumerate(row))) if isinstance(cell, str)}
        indicator = _first(names, INDICATOR_HEADINGS)
        months: dict[int, dt.date] = {}
        for number, cell in enumerate(row):
            month = month_of(cell)
            if isinstance(cell, (dt.date, dt.datetime)) and month is None:
                raise UnreadableFile(
                    f"The heading of column {column_letters(number)} is the day {clean(cell)}: the spreadsheet has "
                    "turned a month into a day. Write the headings as text, such as Aug-24."
                )
            if month is None:
                continue
            if month in months.values():
                other = next(place for place, known in months.items() if known == month)
                raise UnreadableFile(
                    f"The month {print_month(month)} stands in the columns {column_letters(other)} and "
                    f"{column_letters(number)}. Keep the one that is right."
                )
            months[number] = month
        if indicator is None or not months:
            continue
        section, place = _first(names, SECTION_HEADINGS), _first(names, PLACE_HEADINGS)
        target = _first(names, TARGET_HEADINGS)
        taken = {indicator, section, place, target, *months}
        others = {number: clean(cell) for number, cell in enumerate(row) if number not in taken and not is_blank(cell)}
        counts = {number for number, heading in others.items() if _COUNT.search(fold(heading))}
        comparators = {number: heading for number, heading in others.items() if number not in counts}
        return _Columns(
            index,
            section,
            indicator,
            place,
            target,
            months,
            comparators,
            tuple(others[number] for number in sorted(counts)),
        )
    return None


def _first(names: dict[str, int], wanted: frozenset[str]) -> int | None:
    return min((number for name, number in names.items() if name in wanted), default=None)


class _Reader:
    def __init__(self, sheet: Sheet, columns: _Columns, today: dt.date, kinds: Mapping[str, str]) -> None:
        self.sheet, self.columns, self.kinds = sheet, columns, kinds
        self.this_month = today.replace(day=1)
        self.refusals: list[Fault] = []
        self.warnings: list[Fault] = unheaded_columns(sheet, columns.header, LIST)
        self.stood: dict[tuple[str, str], TableRow] = {}
        self.repeats = 0

    def read(self, on_progress: Callable[[int, int], None] | None) -> IndicatorTable:
        self._warn_of_headings()
        indexes = filled_rows(self.sheet, self.columns.header)
        for done, index in enumerate(indexes):
            self._read_row(index)
            if on_progress and done % 500 == 0:
                on_progress(done, len(indexes))
        return IndicatorTable(
            months=tuple(sorted(self.columns.months.values())),
            headings=tuple(dict.fromkeys(self.columns.comparators.values())),
            has_target=self.columns.target is not None,
            rows_in=len(indexes),
            rows=tuple(self.stood.values()),
            repeats=self.repeats,
            refusals=tuple(self.refusals),
            warnings=tuple(self.warnings),
        )

    def _warn_of_headings(self) -> None:
        row = self.columns.header + 1
        seen: set[str] = set()
        for heading in self.columns.comparators.values():
            if heading in seen:
                self.warnings.append(Fault(LIST, row, heading, "", "The column stands twice: the first one was read."))
            elif comparator_kind(heading) == ComparatorKind.OTHER:
                reason = (
                    "This is neither a month that can be read, such as Aug-24, nor a comparator that is known. Its "
                    "figures are kept as a comparator of this name."
                )
                self.warnings.append(Fault(LIST, row, heading[:80], "", reason))
            seen.add(heading)
        for heading in self.columns.counts:
            reason = (
                "A table of printed figures has one column a month, so counts beside it are not read. Type them on the "
                "indicator's page, or let the figure be computed from the extract."
            )
            self.warnings.append(Fault(LIST, row, heading[:80], "", reason))
        if self.columns.section is None:
            self.warnings.append(Fault(LIST, row, "Section", "", "The column is missing: sections are taken as blank."))
        if self.columns.target is None:
            self.warnings.append(Fault(LIST, row, "Target", "", "The column is missing: no target was read."))

    def _cell(self, cells: list[object], number: int | None) -> object:
        return original_cell(cells[number]) if number is not None and number < len(cells) else ""

    def _read_row(self, index: int) -> None:
        cells, row = self.sheet.rows[index], index + 1
        wording = clean(self._cell(cells, self.columns.indicator))
        if not wording:
            self.refusals.append(
                Fault(LIST, row, "Indicator", "", "The row has no wording. Write what the figures are of.")
            )
            return
        if len(wording) > 300:
            self.refusals.append(Fault(LIST, row, "Indicator", wording[:200], "Shorten the wording to 300 characters."))
            return
        known = self.kinds.get(fold(wording))
        texts = [clean(self._cell(cells, number)) for number in self.columns.months]
        kind = IndicatorKind(known) if known else guess_kind(wording, texts)
        faults: list[Fault] = []

        lines: list[Fault] = []

        def read(number: int, heading: str) -> Cell:
            raw = self._cell(cells, number)
            if clean(raw) == NOT_THERE:
                lines.append(Fault(LIST, row, heading, NOT_THERE, "The cell holds no value. It was taken as blank."))
                return BLANK
            cell, reason = read_cell(raw, kind)
            if kind == IndicatorKind.PERCENTAGE and isinstance(raw, (int, float)) and raw == 1:
                said = "Taken as 1%. Where it means 100%, write it as text with its % sign."
                lines.append(Fault(LIST, row, heading, clean(raw), said))
            if reason:
                faults.append(Fault(LIST, row, heading, clean(raw)[:200], reason))
            return cell

        months: dict[dt.date, Cell] = {}
        for number, month in self.columns.months.items():
            cell = read(number, print_month(month))
            if month <= self.this_month:
                months[month] = cell
            elif not cell.same_as(BLANK):
                reason = f"{month:%B %Y} has not begun, so it can have no figure yet. Leave the cell blank."
                faults.append(Fault(LIST, row, print_month(month), cell.printed, reason))
        target = BLANK if self.columns.target is None else read(self.columns.target, "Target")
        comparators: dict[str, Cell] = {}
        for number, heading in self.columns.comparators.items():
            if heading not in comparators:
                comparators[heading] = read(number, heading)
        if faults:
            self.refusals.append(one_refusal(faults))
            return
        self.warnings += lines
        section = clean(self._cell(cells, self.columns.section))[:150]
        place = clean(self._cell(cells, self.columns.place))[:150]
        self._take(TableRow(row, section, wording, place, kind, months, target, comparators))

    def _take(self, found: TableRow) -> None:
        earlier = self.stood.setdefault(found.key, found)
        if earlier is found:
            return
        here, there = _where(found), _where(earlier)
        if difference := _difference(earlier, found):
            reason = (
                f"This indicator stands in {there} with other figures: {difference}. The figures of {there} stand and "
                f"those of {here} do not. Keep one row, or give the two different wordings."
            )
            self.refusals.append(Fault(LIST, found.row, "Indicator", found.wording[:200], reason))
            return
        self.repeats += 1
        reason = f"The row repeats {there} with the same figures, so it was not stored twice."
        self.warnings.append(Fault(LIST, found.row, "Indicator", found.wording[:200], reason))


def _where(row: TableRow) -> str:
    return f"row {row.row} (section “{row.section}”)" if row.section else f"row {row.row}"


def _difference(earlier: TableRow, later: TableRow) -> str:
    """The first few figures that differ, in words; "" where the rows say the same. A target or comparator that only
    one of them has is no difference."""
    found = [
        f"{print_month(month)} {_said(cell)} there and {_said(later.months[month])} here"
        for month, cell in earlier.months.items()
        if not cell.same_as(later.months[month])
    ]
    others = {"Target": (earlier.target, later.target)}
    others |= {name: (cell, later.comparators[name]) for name, cell in earlier.comparators.items()}
    found += [
        f"{name} {_said(one)} there and {_said(other)} here"
        for name, (one, other) in others.items()
        if not one.same_as(other) and not one.same_as(BLANK) and not other.same_as(BLANK)
    ]
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return "; ".join(found[:3]) + more


def _said(cell: Cell) -> str:
    return cell.printed or "blank"
