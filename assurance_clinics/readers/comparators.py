"""Reads the DfE's "Explore education statistics" files and its statistical-neighbour model.

The names and the order of the columns change from release to release, so a column is found by any of the names it is
known to have had. The tokens of suppression (c, u, x, z, low and :, in square brackets too) are never read as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assurance_clinics.choices import FigureKind, IndicatorKind
from assurance_clinics.rules.figures import BLANK, Cell, read_cell
from core.spreadsheets import (
    HEADER_ROWS,
    Fault,
    UnreadableFile,
    clean,
    filled_rows,
    find_table,
    fold,
    no_value,
    read_sheets,
    squash,
)

LIST = "Comparators"
ENGLAND, REGION, AUTHORITY = "national", "regional", "local authority"
_PLACE = {
    "timeperiod": "period", "geographiclevel": "level", "regionname": "region", "oldlacode": "code", "laname": "name",
}  # fmt: skip
_NEEDED = frozenset({"period", "level", "region", "code"})
MEASURES = {
    "re_referral_12m": ("rereferral_percent", "Re_referrals_percent", "rereferrals_percent"),
    "referral_nfa": ("no_further_action_percent", "NFA_percent", "referrals_nfa_percent"),
    "assessment_45wd": ("assessments_45_days_percent", "within_45_days_percent", "assessment_within_45_percent"),
    "s47_to_icpc": ("s47_icpc_percent", "section_47_icpc_percent", "icpc_percent"),
    "cp_second_plan_stock": ("second_or_subsequent_percent", "cpp_subsequent_percent", "subsequent_plan_percent"),
}
"""By indicator: the names that its column has had. A release with another name is read by giving that name."""
_TOKENS = {
    "c": FigureKind.SUPPRESSED, "u": FigureKind.SUPPRESSED, "low": FigureKind.SUPPRESSED, "k": FigureKind.SUPPRESSED,
    "z": FigureKind.NOT_APPLICABLE, "x": FigureKind.BLANK, ":": FigureKind.BLANK, "..": FigureKind.BLANK,
    "": FigureKind.BLANK,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place in one period; `figures` by indicator code, without the cells that were refused. `code` is the
    authority's three-digit number, "" above."""

    row: int
    period: str
    level: str
    region: str
    code: str
    name: str
    figures: Mapping[str, Cell]


@dataclass(frozen=True)
class Release:
    """A file of comparators as read: its rows, one a place and period, and which column was read for each indicator."""

    rows: tuple[PlaceRow, ...]
    columns: Mapping[str, str]
    refusals: tuple[Fault, ...]


def read_release(
    data: bytes, *, columns: Mapping[str, str] | None = None, kinds: Mapping[str, str] | None = None
) -> Release:
    """A file of the DfE, CSV or workbook. `columns` gives the heading to read for an indicator, by its code or its
    wording, where it is none of those known; `kinds` says what those indicators are, a percentage where it does not.

    A row that repeats a place and period is ignored where it says the same and refused where it does not. Raises
    UnreadableFile where the places and periods, a column that was named, or every measure, are missing.
    """
    sheets = read_sheets(data)
    named = columns or {}
    wanted = {
        code: (named[code],) if code in named else MEASURES.get(code, ()) for code in dict.fromkeys([*MEASURES, *named])
    }
    names = dict(_PLACE)
    names |= {squash(heading): code for code, headings in wanted.items() for heading in headings}
    tables = (table for sheet in sheets if (table := find_table(sheet, names, (), LIST)))
    table = next((table for table in tables if _NEEDED.issubset(table.where)), None)
    if table is None:
        raise UnreadableFile(
            "This is not a file of the DfE's statistics: it needs the columns time_period, geographic_level, "
            "region_name and old_la_code in one of its first five rows."
        )
    for code, heading in named.items():
        if code not in table.where:
            raise UnreadableFile(f"The column “{heading}”, named for {code}, does not stand in the file.")
    found = {code: table.headings[code] for code in wanted if code in table.where}
    if not found:
        listed = ", ".join(headings[0] for headings in wanted.values() if headings)
        raise UnreadableFile(
            f"None of the columns that are known stands in the file ({listed}). Name the column to read, such as "
            "re_referral_12m=rereferral_percent."
        )
    stood: dict[tuple[str, ...], PlaceRow] = {}
    refusals: list[Fault] = []
    for index in table.rows:
        values = table.values(index)
        figures: dict[str, Cell] = {}
        for measure, heading in found.items():
            cell, reason = read_measure(values[measure], (kinds or {}).get(measure, IndicatorKind.PERCENTAGE))
            if reason:
                refusals.append(Fault(LIST, index + 1, heading, clean(values[measure])[:200], reason))
            else:
                figures[measure] = cell
        period, level, region, code, name = (clean(values.get(key, "")) for key in _PLACE.values())
        row = PlaceRow(index + 1, period, fold(level), region, code, name, figures)
        earlier = stood.setdefault((period, row.level, code or fold(name) or fold(region)), row)
        refusals += [
            Fault(LIST, row.row, found[measure], cell.printed, _unequal(earlier.row, cell, earlier.figures[measure]))
            for measure, cell in figures.items()
            if measure in earlier.figures and not cell.same_as(earlier.figures[measure])
        ]
    return Release(tuple(stood.values()), found, tuple(refusals))


def _unequal(row: int, here: Cell, there: Cell) -> str:
    return (
        f"Row {row} is of the same place and period and says {there.printed or 'blank'}, not "
        f"{here.printed or 'blank'}. The figure of row {row} stands. Keep the row that is right."
    )


def read_measure(raw: object, kind: str = IndicatorKind.PERCENTAGE) -> tuple[Cell, str]:
    """(cell, reason): a figure of the DfE, its tokens kept as what they are."""
    text = clean(raw)
    bare = fold(text)
    if (token := _TOKENS.get(bare[1:-1] if bare.startswith("[") and bare.endswith("]") else bare)) is not None:
        return Cell(token, None, text), ""
    if no_value(text):
        return Cell(FigureKind.BLANK, None, text), ""
    cell, reason = read_cell(text, kind, in_percents=True)
    return (BLANK, reason) if reason else (cell, "")


def read_neighbours(data: bytes) -> dict[str, tuple[str, ...]]:
    """The statistical neighbours of each authority, closest first, by three-digit number.

    Raises UnreadableFile where the columns old_la_code and SN_1 to SN_10 are not there.
    """
    for sheet in read_sheets(data):
        for top, row in enumerate(sheet.rows[:HEADER_ROWS]):
            header = {squash(cell): number for number, cell in enumerate(row)}
            places = [header[f"sn{number}"] for number in range(1, 11) if f"sn{number}" in header]
            own = header.get("oldlacode", header.get("lanumber"))
            if own is None or len(places) < 10:
                continue
            found = {}
            for index in filled_rows(sheet, top):
                cells = [clean(cell) for cell in sheet.rows[index]]
                if own < len(cells):
                    found[cells[own]] = tuple(cells[place] for place in places if place < len(cells) and cells[place])
            return found
    raise UnreadableFile(
        "This is not the statistical-neighbour model: the columns old_la_code and SN_1 to SN_10 are not there."
    )
