"""Reads a table of indicators as councils print it: a row an indicator, months across, then a target and comparators.

An indicator is its wording. Where it stands twice with the same figures the repeat is ignored with a warning; with
other figures the later row is refused, naming both places. Every filled row is accepted or refused with one line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from assurance_clinics.choices import ComparatorKind, FigureKind, IndicatorKind
from assurance_clinics.rules.figures import BLANK, Cell, guess_kind, read_cell, read_count, with_counts
from core.spreadsheets import (
    HEADER_ROWS,
    Fault,
    Sheet,
    UnreadableFile,
    clean,
    column_letters,
    filled_rows,
    fold,
    is_blank,
    no_value,
    one_refusal,
    original_cell,
    other_sheets,
    read_sheets,
    squash,
    unheaded_columns,
)

LIST = "Indicators"
COUNTS = ("numerator", "denominator")
PLACE_HEADINGS = frozenset({"service", "team", "unit", "serviceorteam", "teamorservice"})
TARGET_HEADINGS = frozenset({"target", "currenttarget"})
SECTION_HEADINGS = frozenset({"section", "theme", "priority", "outcome"})
INDICATOR_HEADINGS = frozenset({"indicator", "measure", "performanceindicator", "kpi"})
MAYBE_INDICATOR = frozenset(
    {"indicators", "indicatorname", "indicatordescription", "measurename", "measuredescription", "performancemeasure",
     "performancemeasures", "metric", "pi", "description"}
)  # fmt: skip
"""Headings of the wordings where no column is called by one of INDICATOR_HEADINGS."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(r"([a-z]{3,9})\.?[\s\-/']*(\d{4}|\d{2})")
_SHARE_SIGN = re.compile(r"[\s(]*%\)?$|\s+(?:actual|result|value|performance)$")
_PROVISIONAL = re.compile(r"\s*(?:\*+|[\[(]p[\])]|[\[(]?prov(?:isional|\.)?[\])]?|(?<=[\d\s])p)$")
_NOTE = re.compile(r"[*†‡]|(?:source|data source|notes?|key|nb|n\.b\.|produced|run on)\b", re.IGNORECASE)
_COUNT = re.compile(r"\b(?:(numerators?|num|n)|(denominators?|denom|den|d))\b\.?")
_COUNT_IN_FULL = re.compile(r"numerator|denominator")
_DAY = re.compile(r"\d{1,2}[\s\-/.]([a-z]{3,9}|\d{1,2})([\s\-/.]\d{2,4})?|\d{4}-\d\d-\d\d")
_ISO_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.]0?1(?:[T ]00:00:00)?)?|(20\d\d)(\d\d)")
_YEAR_FIRST = re.compile(r"(\d{4})[\s\-/]+([a-z]{3,9})\.?")
_LAST_DAY = re.compile(
    r"(?:(?:month|period) (?:ending|ended|to)|month end|as at|at)?\s*(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"
)
_MONTH_NAME = re.compile(
    r"(?<![a-z])(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])"
)
_SHORT_MONTH = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{2})")
_NUMBERED_MONTH = re.compile(r"(?:m|p|mth|month|period)\s?\d{1,2}(?![a-z])")
_BRITISH_MONTH = re.compile(r"(?:0?1[-/.])?(\d{1,2})[-/.](\d{4})")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One accepted row. `row` is as a spreadsheet numbers it, `place` the service or team that it names ("" for the
    department); `months` (with their counts), `target` and `comparators` (by heading) hold what its cells say."""

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
    months: dict[dt.date, int | None]
    counts: dict[dt.date, tuple[int, int]]
    comparators: dict[int, str]
    provisional: frozenset[dt.date]
    unread: tuple[tuple[str, str], ...]


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
    sheets = read_sheets(data, filename, as_shown=True)
    for sheet in sheets:
        columns = _find_columns(sheet)
        if columns is not None:
            reader = _Reader(sheet, columns, today, kinds or {})
            reader.warnings[:0] = other_sheets(sheets, sheet, LIST)
            return reader.read(on_progress)
    raise UnreadableFile(
        "None of the first five rows has the headings of a table of indicators. Give the columns Section, Indicator "
        "and one for each month with its year, such as Aug-24."
    )


def month_of(heading: object) -> dt.date | None:
    """The month that a heading names, as its first day; else None.

    "Aug-24", "August 2024", "Aug '24 (%)", "2024 Aug", "2024-08", "202408", "08/2024", "01/08/2024", a date cell; also
    with a mark that says that its figures are provisional. The first and the last day of a month name it; any other day
    names none. "2011/12" and "201112" are financial years.
    """
    if isinstance(heading, dt.datetime):
        heading = heading.date()
    if isinstance(heading, dt.date):
        return _month_of_day(heading)
    text = _PROVISIONAL.sub("", _SHARE_SIGN.sub("", fold(heading)))
    if found := _ISO_MONTH.fullmatch(text):
        year, month = (int(part) for part in found.groups() if part)
        is_financial_year = "-" not in text and "." not in text and month == (year + 1) % 100
        return dt.date(year, month, 1) if 1 <= month <= 12 and not is_financial_year else None
    if found := _LAST_DAY.fullmatch(text):
        try:
            return _month_of_day(dt.date(int(found.group(3)), int(found.group(2)), int(found.group(1))))
        except ValueError:
            return None
    if found := _YEAR_FIRST.fullmatch(text):
        text = f"{found.group(2)} {found.group(1)}"
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


def _month_of_day(day: dt.date) -> dt.date | None:
    """The month that a day stands for in a heading: its first day does, and its last, as in "31/08/2024"."""
    is_last = (day + dt.timedelta(days=1)).day == 1
    return day.replace(day=1) if day.day == 1 or is_last else None


def is_provisional(heading: object) -> bool:
    """Whether a month's heading says that its figures are provisional: "Aug-24 p", "Aug-24 (prov)", "Aug-24*"."""
    return isinstance(heading, str) and bool(_PROVISIONAL.search(_SHARE_SIGN.sub("", fold(heading))))


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
        if indicator is None:
            indicator = _first(names, MAYBE_INDICATOR)
        if indicator is None:
            continue
        printed = _months_of(row)
        counts, unread = _counts_of(row, printed)
        months = {**printed, **{month: None for month in counts if month not in printed}}
        if not months:
            continue
        section, place = _first(names, SECTION_HEADINGS), _first(names, PLACE_HEADINGS)
        target = _first(names, TARGET_HEADINGS)
        taken = {indicator, section, place, target, *printed.values(), *unread}
        taken |= {number for pair in counts.values() for number in pair}
        comparators = {
            number: clean(cell) for number, cell in enumerate(row) if number not in taken and not is_blank(cell)
        }
        for number, heading in list(comparators.items()):
            if said := _words_in(sheet, index, number, heading):
                del comparators[number]
                unread[number] = f"The column holds words, such as {said}, and not figures, so it was not read."
            elif comparator_kind(heading) == ComparatorKind.OTHER and (reason := _half_a_month(heading, number)):
                del comparators[number]
                unread[number] = reason
        lines = tuple((clean(row[number]), unread[number]) for number in sorted(unread))
        marked = frozenset(
            month for month, number in printed.items() if number is not None and is_provisional(row[number])
        )
        return _Columns(index, section, indicator, place, target, months, counts, comparators, marked, lines)
    return None


def _half_a_month(heading: str, number: int) -> str:
    """Why a heading that speaks of a month among other words ("Change since Jul-24") is not read; "" for any other.

    Raises UnreadableFile where it says nothing but a month, which cannot be told for certain: "August" has no year,
    "M5 Aug-24" counts in a way of its own, "08/24" may be a day.
    """
    text = fold(heading)
    names = _MONTH_NAME.findall(text)
    short = _SHORT_MONTH.fullmatch(text)
    if short:
        month, year = (int(part) for part in short.groups())
        is_month_alone = 1 <= month <= 12 and year != month + 1
    else:
        rest = _MONTH_NAME.sub(" ", _NUMBERED_MONTH.sub(" ", text))
        is_month_alone = rest != text and len(names) < 2 and not re.search(r"[a-z]", rest)
    if is_month_alone:
        raise UnreadableFile(
            f"The heading of column {column_letters(number)} is “{heading[:40]}”: it is not certain which month of "
            "which year that is. Write the month and its year alone, such as Aug-24."
        )
    return (
        "The heading names a month beside other words, so it is neither a month nor a comparator that is known, and "
        "the column was not read. Write the month alone, such as Aug-24, or take the column out."
        if names
        else ""
    )


def _words_in(sheet: Sheet, header: int, number: int, heading: str) -> str:
    """The first words in a column of no known comparator, with their row; "" where it holds figures throughout."""
    if comparator_kind(heading) != ComparatorKind.OTHER:
        return ""
    for index in filled_rows(sheet, header):
        cells = sheet.rows[index]
        text = clean(original_cell(cells[number])) if number < len(cells) else ""
        if (
            not no_value(text)
            and read_cell(text, IndicatorKind.PERCENTAGE, in_percents=True)[1]
            and read_cell(text, IndicatorKind.NUMBER)[1]
        ):
            return f"“{text[:40]}” in row {index + 1}"
    return ""


def _months_of(row: list[object]) -> dict[dt.date, int | None]:
    """The column of each month that a heading row names. Raises UnreadableFile where a month stands twice, or where a
    heading is a day and not a month."""
    months: dict[dt.date, int | None] = {}
    for number, cell in enumerate(row):
        month = month_of(cell)
        if month is None:
            if isinstance(cell, dt.date) or _is_day(clean(cell)):
                raise UnreadableFile(
                    f"The heading of column {column_letters(number)} is the day {clean(cell)}: the spreadsheet has "
                    "turned a month into a day. Write the headings as text, such as Aug-24."
                )
        elif month in months:
            raise UnreadableFile(
                f"The month {print_month(month)} stands in the columns {column_letters(months[month] or 0)} and "
                f"{column_letters(number)}. Keep the one that is right."
            )
        else:
            months[month] = number
    return months


def _is_day(heading: str) -> bool:
    """Whether a heading that is no month is a day: "24-Aug" (what a spreadsheet makes of Aug-24), "31/08/2024"."""
    found = _DAY.fullmatch(fold(heading))
    if not found or not found.group(1):
        return bool(found)
    name, year = found.groups()
    return name[:3] in MONTHS or (name.isdigit() and year is not None)


def _counts_of(
    row: list[object], months: Mapping[dt.date, int | None]
) -> tuple[dict[dt.date, tuple[int, int]], dict[int, str]]:
    """(columns, unread): the columns of numerator and denominator of each month that has both, and of every other
    column of counts why it is not read.

    "Aug-24 numerator" and "Denominator (Aug-24)" name their month. One that names none is of the month that stands
    before it, or of the table's only month.
    """
    by_column = {number: month for month, number in months.items()}
    found: dict[tuple[dt.date, str], int] = {}
    unread: dict[int, str] = {}
    before: dt.date | None = None
    for number, cell in enumerate(row):
        if number in by_column:
            before = by_column[number]
            continue
        text = fold(clean(cell).replace("_", " "))
        said = _COUNT.search(text)
        rest = (text[: said.start()] + text[said.end() :]).strip(" -:,/()[]") if said else ""
        month = month_of(rest) if rest else before or (next(iter(months)) if len(months) == 1 else None)
        if said is None or (month is None and rest and not _COUNT_IN_FULL.search(text)):
            before = None
            continue
        before = month
        which = COUNTS[0] if said.group(1) else COUNTS[1]
        if month is None:
            unread[number] = "It is not clear of which month these counts are. Name it, such as Aug-24 numerator."
        elif found.setdefault((month, which), number) != number:
            unread[number] = "The column stands twice: the first one was read."
    for month, which in list(found):
        other = COUNTS[1] if which == COUNTS[0] else COUNTS[0]
        if (month, other) not in found:
            unread[found[month, which]] = (
                f"There is no column {print_month(month)} {other}, and one count alone says nothing. Add it, or take "
                "this column out."
            )
    pairs = {month: tuple(found.get((month, which)) for which in COUNTS) for month, _which in found}
    return {month: (n, d) for month, (n, d) in pairs.items() if n is not None and d is not None}, unread


def _first(names: dict[str, int], wanted: frozenset[str]) -> int | None:
    return min((number for name, number in names.items() if name in wanted), default=None)


class _Line:
    """One row while it is read, with its faults (each refuses it) and its warnings."""

    def __init__(self, cells: list[object], row: int) -> None:
        self.cells, self.row, self.kind = cells, row, IndicatorKind.NUMBER
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def raw(self, number: int | None) -> object:
        return original_cell(self.cells[number]) if number is not None and number < len(self.cells) else ""

    def text(self, number: int | None) -> str:
        return clean(self.raw(number))

    def _warn(self, heading: str, text: str, reason: str) -> None:
        self.warnings.append(Fault(LIST, self.row, heading, text[:200], reason))

    def figure(self, number: int | None, heading: str) -> Cell:
        """The cell of a column, blank where there is no such column."""
        raw = self.raw(number)
        text = clean(raw)
        cell, reason = read_cell(raw, self.kind)
        if reason and (nothing := no_value(text)):
            self._warn(heading, text, nothing)
            return BLANK
        if self.kind == IndicatorKind.PERCENTAGE and isinstance(raw, (int, float)) and raw == 1:
            self._warn(heading, text, "Taken as 1%. Where it means 100%, write it as text with its % sign.")
        if reason:
            self.faults.append(Fault(LIST, self.row, heading, text[:200], reason))
        elif cell.provisional and "*" in text:
            self._warn(heading, text, "The asterisk was taken to say that the figure is provisional.")
        return cell

    def with_counts(self, cell: Cell, columns: tuple[int, int], month: dt.date) -> Cell:
        """A month's cell with the numerator and denominator of its row."""
        counts: list[int | None] = []
        provisional = cell.provisional
        for number, which in zip(columns, COUNTS, strict=True):
            text, heading = self.text(number), f"{print_month(month)} {which}"
            nothing = no_value(text)
            count, reason = read_count("" if nothing else self.raw(number))
            if reason:
                self.faults.append(Fault(LIST, self.row, heading, text[:200], reason))
                return cell
            if (nothing and text not in ("-", "–", "—")) or count.kind not in (FigureKind.NUMBER, FigureKind.BLANK):
                self._warn(heading, text, "This is no count, so the figure was kept without its counts.")
                return cell
            counts.append(None if count.value is None else int(count.value))
            provisional = provisional or count.provisional
        numerator, denominator = counts
        joined, reason = with_counts(cell, numerator, denominator, self.kind)
        if reason:
            heading = f"{print_month(month)} {COUNTS[0]}"
            self.faults.append(Fault(LIST, self.row, heading, self.text(columns[0])[:200], reason))
        return replace(joined, provisional=provisional)


class _Reader:
    def __init__(self, sheet: Sheet, columns: _Columns, today: dt.date, kinds: Mapping[str, str]) -> None:
        self.sheet, self.columns, self.kinds = sheet, columns, kinds
        self.this_month = today.replace(day=1)
        self.refusals: list[Fault] = []
        self.warnings: list[Fault] = unheaded_columns(sheet, columns.header, LIST)
        self.stood: dict[tuple[str, str], TableRow] = {}
        self.repeats = 0
        self.section = ""

    def read(self, on_progress: Callable[[int, int], None] | None) -> IndicatorTable:
        self._warn_of_headings()
        indexes = filled_rows(self.sheet, self.columns.header)
        for done, index in enumerate(indexes):
            self._read_row(index)
            if on_progress and done % 500 == 0:
                on_progress(done, len(indexes))
        return IndicatorTable(
            months=tuple(sorted(self.columns.months)),
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
        self.warnings += [Fault(LIST, row, heading[:80], "", reason) for heading, reason in self.columns.unread]
        for month in sorted(self.columns.provisional):
            reason = "The heading says so, and every figure of the month was taken as provisional."
            self.warnings.append(Fault(LIST, row, print_month(month), "", reason))
        if self.columns.section is None:
            self.warnings.append(Fault(LIST, row, "Section", "", "The column is missing: sections are taken as blank."))
        if self.columns.target is None:
            self.warnings.append(Fault(LIST, row, "Target", "", "The column is missing: no target was read."))

    def _read_row(self, index: int) -> None:
        line = _Line(self.sheet.rows[index], index + 1)
        wording = line.text(self.columns.indicator)
        if not wording:
            self.refusals.append(
                Fault(LIST, line.row, "Indicator", "", "The row has no wording. Write what the figures are of.")
            )
            return
        if len(wording) > 300:
            reason = "Shorten the wording to 300 characters."
            self.refusals.append(Fault(LIST, line.row, "Indicator", wording[:200], reason))
            return
        if self._is_no_figure(line, wording):
            return
        texts = [line.text(number) for number in self.columns.months.values()]
        line.kind = IndicatorKind(self.kinds.get(fold(wording)) or guess_kind(wording, texts))
        months: dict[dt.date, Cell] = {}
        for month, number in self.columns.months.items():
            cell = line.figure(number, print_month(month))
            if month in self.columns.counts:
                cell = line.with_counts(cell, self.columns.counts[month], month)
            if month in self.columns.provisional and cell.kind == FigureKind.NUMBER:
                cell = replace(cell, provisional=True)
            if month <= self.this_month:
                months[month] = cell
            elif not cell.same_as(BLANK):
                reason = f"{month:%B %Y} has not begun, so it can have no figure yet. Leave the cell blank."
                line.faults.append(Fault(LIST, line.row, print_month(month), cell.printed, reason))
        target = line.figure(self.columns.target, "Target")
        comparators: dict[str, Cell] = {}
        for number, heading in self.columns.comparators.items():
            if heading not in comparators:
                comparators[heading] = line.figure(number, heading)
        if line.faults:
            self.refusals.append(one_refusal(line.faults))
            return
        self.warnings += line.warnings
        section, place = line.text(self.columns.section)[:150] or self.section, line.text(self.columns.place)[:150]
        self._take(TableRow(line.row, section, wording, place, line.kind, months, target, comparators))

    def _is_no_figure(self, line: _Line, wording: str) -> bool:
        """Whether a row holds nothing but its wording and is a note under the table, or heads the rows below it where
        the table has no column of sections. Each has its line."""
        if any(line.text(number) for number in range(len(line.cells)) if number != self.columns.indicator):
            return False
        if _NOTE.match(wording):
            reason = "The row is a note, not an indicator. Take it out."
            self.refusals.append(Fault(LIST, line.row, "Indicator", wording[:200], reason))
            return True
        if self.columns.section is not None:
            return False
        self.section = wording[:150]
        reason = "The row has no figures, so it was taken as the section of the rows below it."
        self.warnings.append(Fault(LIST, line.row, "Indicator", wording[:200], reason))
        return True

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
        f"{print_month(month)} {cell.words} there and {later.months[month].words} here"
        for month, cell in earlier.months.items()
        if not cell.same_as(later.months[month])
    ]
    others = {"Target": (earlier.target, later.target)}
    others |= {name: (cell, later.comparators[name]) for name, cell in earlier.comparators.items()}
    found += [
        f"{name} {one.words} there and {other.words} here"
        for name, (one, other) in others.items()
        if not one.same_as(other) and not one.same_as(BLANK) and not other.same_as(BLANK)
    ]
    more = f", and {len(found) - 3} more" if len(found) > 3 else ""
    return "; ".join(found[:3]) + more
