"""Reads a file of joiners, movers and leavers: one row a change, CSV or workbook. See docs/file-formats.md."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.choices import STRONG_ROLES, Role
from core.spreadsheets import (
    Fault,
    Table,
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

LIST = "People"
MAX_PEOPLE = 5_000
COLUMNS = ("change", "date", "email", "name", "job_title", "role", "service", "team")
REQUIRED = ("change", "date", "email")
JOINER, MOVER, LEAVER = "joiner", "mover", "leaver"

_HEADINGS = {squash(name): name for name in COLUMNS} | {
    squash(words): name
    for name, wordings in {
        "change": ("type", "type of change", "change type"),
        "date": ("effective date", "start date", "first day", "last day"),
        "email": ("e-mail", "e-mail address", "email address", "work email"),
        "name": ("full name",),
        "job_title": ("job", "post"),
    }.items()
    for words in wordings
}
_CHANGES = {
    squash(words): change
    for change, wordings in {
        JOINER: ("joiner", "joins", "join", "starter", "new", "new starter"),
        MOVER: ("mover", "moves", "move"),
        LEAVER: ("leaver", "leaves", "leave", "left"),
    }.items()
    for words in wordings
}
_ROLES = {squash(words): role for role in Role for words in (role.label, role.value)}
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One change to one person. `role` is a code or ""; `row` the number that a spreadsheet shows."""

    row: int
    change: str
    on: dt.date
    email: str
    name: str
    job_title: str
    role: str
    service: str
    team: str


@dataclass(frozen=True)
class PeopleFile:
    """What a file holds: the rows that can be read, and a line for each that cannot."""

    rows: tuple[PersonRow, ...]
    refusals: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    @property
    def rows_in(self) -> int:
        """All filled rows."""
        return len(self.rows) + len(self.refusals)


def read_people(*, data: bytes, filename: str, on_progress: Callable[[int, int], None] | None = None) -> PeopleFile:
    """The rows of a file of joiners, movers and leavers. Raises UnreadableFile where it is none."""
    table = _table(data, filename)
    if len(table.rows) > MAX_PEOPLE:
        raise UnreadableFile(f"The file has more than {MAX_PEOPLE:,} rows. Split it, and upload the parts.")
    rows: list[PersonRow] = []
    refusals: list[Fault] = []
    for done, index in enumerate(table.rows, start=1):
        found, faults = _row(table, index)
        if found is None:
            refusals.append(one_refusal(faults))
        else:
            rows.append(found)
        if on_progress is not None and done % 500 == 0:
            on_progress(done, len(table.rows))
    return PeopleFile(tuple(rows), tuple(refusals), tuple(table.warnings))


def _table(data: bytes, filename: str) -> Table:
    sheets = read_sheets(data, filename)
    for sheet in sheets:
        table = find_table(sheet, _HEADINGS, COLUMNS, LIST)
        if table is not None:
            missing = [name for name in REQUIRED if name not in table.where]
            if missing:
                raise UnreadableFile(f"The file has no column {', '.join(missing)}. Add it, and upload the file again.")
            table.warnings[:0] = other_sheets(sheets, sheet, LIST)
            return table
    raise UnreadableFile(
        "The file has no headings that are known. One of the first five rows must have change, date, email and name."
    )


def _row(table: Table, index: int) -> tuple[PersonRow | None, list[Fault]]:
    said = table.values(index)
    cells, nothings = without_nothings(said)
    for name, reason in nothings.items():
        table.warnings.append(Fault(LIST, index + 1, table.headings[name], clean(said[name]), reason))
    faults: list[Fault] = []

    def fault(column: str, reason: str) -> None:
        heading = table.headings.get(column, column)
        faults.append(Fault(LIST, index + 1, heading, clean(cells.get(column, ""))[:200], reason))

    change = _CHANGES.get(squash(cells.get("change", "")), "")
    if not change:
        fault("change", "Write one of: joiner, mover, leaver.")
    on = _date(cells.get("date", ""))
    if on is None:
        fault("date", "Write a real date as DD/MM/YYYY or YYYY-MM-DD.")
    email = clean(cells.get("email", "")).lower()
    try:
        validate_email(email)
    except ValidationError:
        fault("email", "Write an e-mail address, like name@council.gov.uk.")
    role = ""
    if not is_blank(cells.get("role", "")):
        role = _ROLES.get(squash(cells["role"]), "")
        if not role:
            fault("role", f"Write one of: {', '.join(label for value, label in Role.choices)}.")
        elif role in STRONG_ROLES:
            fault("role", "Two people are needed for this role: give it on the person's page.")
            role = ""
    name, service, team = (clean(cells.get(column, ""))[:150] for column in ("name", "service", "team"))
    if change in (JOINER, MOVER) and not faults and bool(role) != bool(service or team):
        fault("role", "Give both a role and where it is held (service or team), or neither.")
    if change == MOVER and not faults and not role:
        fault("role", "Say which role moves, and where to.")
    if faults or on is None:
        return None, faults
    job_title = clean(cells.get("job_title", ""))[:150]
    return PersonRow(index + 1, change, on, email, name, job_title, role, service, team), []


def _date(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = clean(value)
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := _BRITISH.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        parsed = dt.date(year, month, day)
    except ValueError:
        return None
    return parsed if parsed.year >= 2000 else None
