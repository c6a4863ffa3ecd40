"""Reads a list of dated events that Annex A does not hold: supervision, core groups, agreed visiting intervals."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from assurance_clinics.choices import EventKind
from cases.readers.cells import read_count, read_date, read_reference
from cases.readers.rows import reference_key
from core.spreadsheets import (
    Fault,
    UnreadableFile,
    clean,
    find_table,
    is_blank,
    one_refusal,
    other_sheets,
    read_sheets,
    squash,
    without_nothings,
)

LIST = "Events"
COLUMNS = ("reference", "kind", "date", "interval_days")
_NAMES = {
    "reference": "reference", "childuniqueid": "reference", "childid": "reference", "casereference": "reference",
    "kind": "kind", "event": "kind", "eventtype": "kind", "typeofevent": "kind", "kindofevent": "kind", "type": "kind",
    "date": "date", "eventdate": "date",
    "intervaldays": "interval_days", "interval": "interval_days", "agreedinterval": "interval_days",
}  # fmt: skip
_KINDS = {squash(words): kind for kind in EventKind for words in (kind.value, kind.label)}
_KINDS |= {
    squash(words): kind
    for kind, wordings in {
        EventKind.SUPERVISION: ("case supervision", "supervision session"),
        EventKind.CORE_GROUP: ("core groups", "core group meeting"),
        EventKind.CIN_REVIEW: ("CIN review meeting", "child in need review"),
        EventKind.EARLY_HELP_VISIT: ("EH visit", "early help visits"),
        EventKind.AGREED_INTERVAL: ("agreed visiting interval", "visiting interval"),
    }.items()
    for words in wordings
}
LONGEST = 366


@dataclass(frozen=True, slots=True)
class EventRow:
    """One accepted event. `interval_days` is None unless an interval was agreed."""

    row: int
    reference: str
    kind: EventKind
    day: dt.date
    interval_days: int | None

    @property
    def key(self) -> tuple[str, str, dt.date]:
        """What makes two rows the same event."""
        return reference_key(self.reference), str(self.kind), self.day


@dataclass(frozen=True)
class EventFile:
    """A list of events as read: `rows_in == accepted + rejected` always, equal repeats among the accepted."""

    rows_in: int
    rows: tuple[EventRow, ...]
    refusals: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def read_events(data: bytes, *, today: dt.date) -> EventFile:
    """A list of dated events from CSV or the first sheet of a workbook that has its headings. Raises UnreadableFile."""
    sheets = read_sheets(data)
    table = next((one for sheet in sheets if (one := find_table(sheet, _NAMES, COLUMNS[:3], LIST))), None)
    if table is None or not set(COLUMNS[:3]) <= set(table.where):
        raise UnreadableFile("The columns reference, kind and date are not all there. Give each its heading.")
    stood: dict[tuple[str, str, dt.date], EventRow] = {}
    refusals: list[Fault] = []
    warnings = [*other_sheets(sheets, table.sheet, LIST), *table.warnings]
    for index in table.rows:
        said = table.values(index)
        values, nothings = without_nothings(said, keep="reference")
        for name, reason in nothings.items():
            warnings.append(Fault(LIST, index + 1, table.headings[name], clean(said[name]), reason))
        found, faults = _read_row(index + 1, values, today)
        if found is None:
            refusals.append(one_refusal(faults))
            continue
        earlier = stood.setdefault(found.key, found)
        if earlier is found:
            continue
        if earlier.interval_days == found.interval_days:
            warnings.append(Fault(LIST, found.row, "reference", found.reference, f"The row repeats row {earlier.row}."))
        else:
            reason = f"Row {earlier.row} gives another interval for the same day. Keep the row that is right."
            refusals.append(Fault(LIST, found.row, "interval_days", str(found.interval_days or ""), reason))
    return EventFile(len(table.rows), tuple(stood.values()), tuple(refusals), tuple(warnings))


def _read_row(row: int, values: dict[str, object], today: dt.date) -> tuple[EventRow | None, list[Fault]]:
    faults: list[Fault] = []

    def fault(column: str, reason: str) -> None:
        faults.append(Fault(LIST, row, column, clean(values.get(column, ""))[:200], reason))

    reference, reason = read_reference(values.get("reference", ""))
    if reason:
        fault("reference", reason)
    kind = _KINDS.get(squash(values.get("kind", "")))
    if kind is None:
        fault("kind", f"This is not a kind of event. Write one of: {', '.join(one.value for one in EventKind)}.")
    day = read_date(values.get("date", ""))
    if day.day is None:
        fault("date", day.reason or "The date is blank.")
    elif day.day > today:
        fault("date", "The date lies in the future.")
    days = read_count(values.get("interval_days", ""))
    blank = is_blank(values.get("interval_days", ""))
    if kind == EventKind.AGREED_INTERVAL and (days.number is None or not 1 <= days.number <= LONGEST):
        fault("interval_days", f"Write the agreed interval as whole days, from 1 to {LONGEST}.")
    elif kind != EventKind.AGREED_INTERVAL and not blank:
        fault("interval_days", "Only an agreed interval has days. Leave the cell blank.")
    if faults or kind is None or day.day is None:
        return None, faults
    return EventRow(row, reference, kind, day.day, days.number), []
