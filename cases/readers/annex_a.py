"""Reads Ofsted's Annex A workbook: Lists 1 to 11, in every layout that councils' systems are known to write.

The rule of the reader is that nothing disappears without a line. Every filled row of every list found is either
accepted or refused with exactly one line; every cell, column, list and sheet that is not used has a warning.

Decisions that the template leaves open:

- A row is refused whole when its id is blank or all that it holds (a note or a total under the list), when its start
  date or case status cannot be read for certain, or when its child stood earlier in a list that holds one row a child
  (Lists 6 to 9), whether or not the earlier row was accepted.
- A blank start date is a warning and the row stands. A blank case status is a warning and the child counts as a child
  in need, since that is what List 6 is a list of.
- Case status follows its words where the letter before them says something else, with a warning.
- A case in List 6 has ended where its status is "Closed episode" or its closure date is not after the extract's date;
  in Lists 7 and 8 where the end date is not after it. An end date after the extract's date is a warning: still open.
- A child has the CWD flag where the disability column says yes or the team's name says so ("disab", "CWD"): the
  template has no column of its own for it.
- A list whose id (or in List 6 case status) column is missing is refused row by row. Such a list closes no case.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from cases.choices import PlanType, SubjectKind
from cases.readers import codes
from cases.readers.cells import age_on, band_for, read_age, read_count, read_date, read_reference
from cases.readers.lists import BY_NUMBER, COLUMNS, LISTS, TELLING, Column, ListSpec, heading_key, list_named
from cases.readers.rows import CaseFile, CaseRow, ExtractRow, reference_key
from core.spreadsheets import (
    HEADER_ROWS,
    Fault,
    Sheet,
    UnreadableFile,
    clean,
    filled_rows,
    is_blank,
    no_value,
    one_refusal,
    read_sheets,
    unheaded_columns,
)

PROGRESS_EVERY = 2000
CASE_LISTS = (6, 7, 8, 9)

_CLOSES = {
    6: (PlanType.CIN, PlanType.ASSESSMENT),
    7: (PlanType.CP,),
    8: (PlanType.CLA,),
    9: (PlanType.CARE_LEAVER,),
}
CWD_TEAM = re.compile(r"disab|\bcwd\b", re.IGNORECASE)

Progress = Callable[[int, int], None]


@dataclass
class _Found:
    """A list found in a sheet: `header` is the heading row's index, None where none was found."""

    spec: ListSpec
    sheet: Sheet
    header: int | None
    columns: dict[int, Column] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)
    refused: str = ""
    refused_column: str = ""

    def data_rows(self) -> list[int]:
        """Indexes of the filled rows under the headings."""
        return filled_rows(self.sheet, -1 if self.header is None else self.header)


@dataclass
class _Reading:
    """What gathers while a workbook is read."""

    as_at: dt.date | None
    cases: list[CaseRow] = field(default_factory=list)
    extract: list[ExtractRow] = field(default_factory=list)
    refusals: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    refused_references: set[str] = field(default_factory=set)

    def warn(self, where: str, row: int | None, column: str, value: object, reason: str) -> None:
        self.warnings.append(Fault(where, row, column, clean(value)[:200], reason))

    def refuse(self, where: str, row: int, column: str, value: object, reason: str) -> None:
        self.refusals.append(Fault(where, row, column, clean(value)[:200], reason))


def read_annex_a(
    data: bytes, *, as_at: dt.date | None, filename: str = "", on_progress: Progress | None = None
) -> CaseFile:
    """An Annex A workbook (or one of its lists as CSV) as rows of cases, rows for the indicators, refusals, warnings.

    `as_at` is the extract's date: it decides ages, and what had ended by then; None leaves ages to the Age column and
    takes every end date as past. `on_progress(done, total)` is told the rows read. Raises UnreadableFile where the
    bytes are no spreadsheet, or none of its sheets is a list of Annex A.
    """
    return read_annex_a_sheets(read_sheets(data, filename), as_at=as_at, on_progress=on_progress)


def read_annex_a_sheets(sheets: list[Sheet], *, as_at: dt.date | None, on_progress: Progress | None = None) -> CaseFile:
    """As read_annex_a, from sheets already read."""
    reading = _Reading(as_at)
    found = _find_lists(sheets, reading)
    if not found:
        raise UnreadableFile(
            "None of the sheets is a list of Annex A. Name each sheet after its list, such as List 6, with the "
            "headings in one of its first five rows."
        )
    rows = [(one, one.data_rows()) for one in found]
    total = sum(len(indexes) for _one, indexes in rows)
    done = 0

    def tell(count: int) -> None:
        if on_progress:
            on_progress(done + count, total)

    for one, indexes in rows:
        _read_list(one, indexes, reading, tell)
        done += len(indexes)
    if on_progress:
        on_progress(total, total)
    _warn_of_contradictions(reading)
    usable = {one.spec.number for one in found if not one.refused}
    return CaseFile(
        kind="annex-a",
        layout=_layout(found),
        lists=tuple(dict.fromkeys(one.spec.name for one in sorted(found, key=lambda one: one.spec.number))),
        plan_types=frozenset(plan.value for number, plans in _CLOSES.items() if number in usable for plan in plans),
        rows_in=total,
        cases=tuple(reading.cases),
        extract=tuple(reading.extract),
        refusals=tuple(reading.refusals),
        warnings=tuple(reading.warnings),
        refused_references=frozenset(reading.refused_references),
    )


# --- finding the lists -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Match:
    """How well a row serves as the heading row of a list."""

    number: int
    header: int
    known: int
    telling: int
    has_id: bool
    headings: int


def _matches(sheet: Sheet, number: int) -> list[_Match]:
    """One for each of the first rows, as a heading row of the list `number`."""
    found = []
    for index, row in enumerate(sheet.rows[:HEADER_ROWS]):
        texts = [cell for cell in row if isinstance(cell, str) and not is_blank(cell)]
        keys = {column.key for cell in texts if (column := COLUMNS[number].get(heading_key(cell)))}
        found.append(
            _Match(number, index, len(keys), len(keys & TELLING[number]), "reference" in keys, max(len(texts), 1))
        )
    return found


def _best(matches: list[_Match]) -> _Match | None:
    return max(matches, key=lambda match: (match.telling, match.known, -match.header), default=None)


def _by_headings(sheet: Sheet) -> _Match | None:
    """The list that a sheet's headings speak for, whatever it is called; None where they speak for none."""
    best = _best([match for spec in LISTS for match in _matches(sheet, spec.number)])
    if best and best.telling >= 2 and best.known * 2 >= best.headings and (best.has_id or best.telling >= 4):
        return best
    return None


def _find_lists(sheets: list[Sheet], reading: _Reading) -> list[_Found]:
    found: list[_Found] = []
    taken: dict[int, str] = {}
    for sheet in sheets:
        if not any(not is_blank(cell) for row in sheet.rows for cell in row):
            reading.warn(sheet.name, None, "", "", "The sheet is empty, so there was nothing to read.")
            continue
        one = _find_list(sheet, reading)
        if one is None:
            reading.warn(sheet.name, None, "", "", "The sheet is not one of the lists of Annex A, so it was not read.")
            continue
        number = one.spec.number
        if number in taken:
            one.refused = (
                f'{one.spec.name} stands twice: the sheet "{taken[number]}" was read, so the sheet "{sheet.name}" was '
                "not. Keep one of the two sheets."
            )
            one.refused_column = "Sheet"
        elif not one.refused:
            taken[number] = sheet.name
        found.append(one)
    if found:
        there = {one.spec.number for one in found}
        for spec in LISTS:
            if spec.number not in there:
                reading.warn(spec.name, None, "", "", f"{spec.name} ({spec.title}) is not in the file.")
    return found


def _find_list(sheet: Sheet, reading: _Reading) -> _Found | None:
    named = list_named(sheet.name)
    guess = _by_headings(sheet)
    if named is None:
        if guess is None:
            return None
        one = _Found(BY_NUMBER[guess.number], sheet, guess.header)
    else:
        best = _best(_matches(sheet, named))
        if guess and guess.number != named and best and best.telling == 0:
            reading.warn(
                f"List {guess.number}", None, "", sheet.name,
                f'The sheet "{sheet.name}" has the headings of List {guess.number}, and was read as that list.',
            )  # fmt: skip
            one = _Found(BY_NUMBER[guess.number], sheet, guess.header)
        elif best and best.known >= 2:
            one = _Found(BY_NUMBER[named], sheet, best.header)
        else:
            return _Found(
                BY_NUMBER[named], sheet, None, refused_column="Headings",
                refused="The headings of this list are not in the first five rows of its sheet. Put them there.",
            )  # fmt: skip
    _read_headings(one, reading)
    return one


def _read_headings(one: _Found, reading: _Reading) -> None:
    """Fill in which column stands where; warn of extra, repeated, missing and unheaded columns."""
    where, row = one.spec.name, (one.header or 0) + 1
    known = COLUMNS[one.spec.number]
    standing: dict[str, str] = {}
    cells = one.sheet.rows[one.header or 0]
    for number, cell in enumerate(cells):
        if is_blank(cell):
            continue
        heading = clean(cell)
        column = known.get(heading_key(cell))
        if column is None:
            reading.warn(where, row, heading, "", "The column is not one of this list's, so it was not read.")
        elif column.key in standing:
            reading.warn(
                where, row, heading, "",
                f'The column stands twice: the first ("{standing[column.key]}") was read, and this one was not.',
            )  # fmt: skip
        else:
            standing[column.key] = heading
            one.columns[number] = column
            one.headings[number] = heading
    reading.warnings += unheaded_columns(one.sheet, row - 1, where)
    missing = [column for column in one.spec.columns if column.key not in standing]
    for column in missing:
        if column.kind in {"id", "status"}:
            one.refused = (
                f'The column "{column.heading}" is missing, so no row of this list can be read. Add the column, or '
                "give the one that holds it this heading."
            )
            one.refused_column = column.heading
    later = [column.heading for column in missing if column.later]
    if later and len(later) == sum(column.later for column in one.spec.columns):
        reading.warn(
            where,
            None,
            later[0],
            "",
            "This is the 2019 layout of the list, which does not have: " + "; ".join(later) + ".",
        )
        missing = [column for column in missing if not column.later]
    for column in missing:
        if column.kind not in {"id", "status"}:
            reading.warn(where, None, column.heading, "", "The column is missing: its values are taken as blank.")


def _layout(found: list[_Found]) -> str:
    """Which set of headings the file has: "CamelCase", "2024" or "2019" ("" where no heading row was found)."""
    headings = [heading for one in found for heading in one.headings.values()]
    if not headings:
        return ""
    run_together = sum(bool(re.fullmatch(r"[A-Za-z]+[a-z][A-Z]\w*", heading)) for heading in headings)
    if run_together * 2 > len(headings):
        return "CamelCase"
    leavers = [one for one in found if one.spec.number == 9 and one.columns]
    if leavers:
        return "2024" if any(column.later for column in leavers[0].columns.values()) else "2019"
    ages = [heading_key(one.headings[n]) for one in found for n, column in one.columns.items() if column.kind == "age"]
    return "2024" if ages and all(age == "age" for age in ages) else "2019"


# --- reading a list ----------------------------------------------------------------------------------------------


def _read_list(one: _Found, indexes: list[int], reading: _Reading, tell: Callable[[int], object]) -> None:
    where = one.spec.name
    if one.refused:
        ids = next((number for number, column in one.columns.items() if column.kind == "id"), None)
        for index in indexes:
            cells = one.sheet.rows[index]
            value = cells[ids] if ids is not None and ids < len(cells) else ""
            reading.refuse(where, index + 1, one.refused_column, value, one.refused)
            reference, _reason = read_reference(value)
            if reference:
                reading.refused_references.add(reference_key(reference))
        return
    if one.spec.number == 9:
        reading.warn(where, None, "", "", "This list has no start date: its cases are taken without one.")
    list_reader = _ListReader(one, reading)
    for count, index in enumerate(indexes):
        list_reader.read_row(index)
        if count % PROGRESS_EVERY == 0:
            tell(count)
    list_reader.finish()


class _ListReader:
    """Reads the rows of one list; knows which children have stood in it."""

    def __init__(self, one: _Found, reading: _Reading):
        self.one = one
        self.reading = reading
        self.where = one.spec.name
        self.plan = list(one.columns.items())
        self.id_at = next(number for number, column in self.plan if column.kind == "id")
        self.stood: dict[str, int] = {}
        self.swapped: dict[int, int] = {}

    def read_row(self, index: int) -> None:
        cells, row = self.one.sheet.rows[index], index + 1
        warnings: list[Fault] = []
        problems: list[Fault] = []
        data: dict[str, str | int | None] = {}
        values: dict[str, object] = {}
        for number, column in self.plan:
            cell = cells[number] if number < len(cells) else ""
            self._read_cell(column, number, cell, row, data, values, warnings, problems)
        started, ended = values.get("start"), values.get("end")
        if isinstance(started, dt.date) and isinstance(ended, dt.date) and ended < started:
            at, end = self._heading("end_date"), ended.isoformat()
            warnings.append(Fault(self.where, row, at, end, "The end lies before the start."))
        reference = str(values["reference"])
        key = reference_key(reference)
        if key and self.one.spec.one_row_a_child:
            earlier = self.stood.setdefault(key, row)
            if earlier != row:
                problems.append(
                    Fault(
                        self.where,
                        row,
                        self.one.headings[self.id_at],
                        reference,
                        f"The child stood earlier in this list, in row {earlier}, and the list holds one row a child. "
                        "Keep the row that is right.",
                    )
                )
        if key and all(is_blank(cell) for number, cell in enumerate(cells) if number != self.id_at):
            heading = self.one.headings[self.id_at]
            reason = "The row holds nothing else. Fill it in, or take it out where it is a note."
            problems.append(Fault(self.where, row, heading, reference, reason))
        if problems:
            self._refuse(problems, key)
            return
        self.reading.warnings.extend(warnings)
        team, worker = str(values.get("team", "")), str(values.get("worker") or values.get("adviser") or "")
        if self.one.spec.number in CASE_LISTS:
            self.reading.cases.append(self._case(row, reference, team, worker, data, values))
        self.reading.extract.append(ExtractRow(self.one.spec.number, row, reference, data, team, worker))

    def _refuse(self, problems: list[Fault], key: str) -> None:
        """One line for the row, whatever is wrong with it: the first fault, then the others."""
        self.reading.refusals.append(one_refusal(problems))
        if key:
            self.reading.refused_references.add(key)

    def _read_cell(
        self,
        column: Column,
        number: int,
        cell: object,
        row: int,
        data: dict[str, str | int | None],
        values: dict[str, object],
        warnings: list[Fault],
        problems: list[Fault],
    ) -> None:
        heading, kind = self.one.headings[number], column.kind

        def fault(reason: str) -> Fault:
            return Fault(self.where, row, heading, clean(cell)[:200], reason)

        if kind == "id":
            reference, reason = read_reference(cell)
            values["reference"] = reference
            if not reference:
                problems.append(fault(reason))
            return
        if reason := no_value(cell):
            warnings.append(fault(reason))
            cell = ""
        elif column.filled and is_blank(cell) and kind != "status":
            warnings.append(fault("The cell is blank, and the template asks for it to be filled."))
        if kind in {"team", "worker", "adviser", "text"}:
            values[kind if kind != "text" else column.key] = text = clean(cell)[:200]
            if kind == "text":
                data[column.key] = text
        elif kind in {"date", "start", "end"}:
            self._read_date(column, number, cell, row, data, values, warnings, problems, fault)
        elif kind == "birth":
            birth = read_date(cell)
            if birth.reason:
                warnings.append(fault(f"{birth.reason} It was taken as blank."))
            values["birth"] = birth.day
            data["birth"] = birth.day.strftime("%Y-%m") if birth.day else ""
        elif column.codes is not None:
            code = column.codes.match(cell)
            if not code and not is_blank(cell):
                warnings.append(
                    fault(f"This is not one of Annex A's codes for {column.codes.name}. It was taken as blank.")
                )
            data[column.key] = values[column.key] = code
        elif kind in {"count", "age"}:
            count = read_count(cell) if kind == "count" else read_age(cell)
            if count.reason:
                warnings.append(fault(f"{count.reason} It was taken as blank."))
            data[column.key] = values[column.key] = count.number
        elif kind == "status":
            self._read_status(cell, data, values, warnings, problems, fault)

    def _read_date(
        self,
        column: Column,
        number: int,
        cell: object,
        row: int,
        data: dict[str, str | int | None],
        values: dict[str, object],
        warnings: list[Fault],
        problems: list[Fault],
        fault: Callable[[str], Fault],
    ) -> None:
        read = read_date(cell)
        if read.reason:
            if "no month" in read.reason:
                self.swapped.setdefault(number, row)
            if column.kind == "start":
                problems.append(fault(read.reason))
            else:
                warnings.append(fault(f"{read.reason} It was taken as blank."))
        elif read.day is None and not is_blank(cell):
            warnings.append(fault("1 January 1900 stands for no date. It was taken as blank."))
        if read.day and self.reading.as_at and read.day > self.reading.as_at:
            if column.kind == "end":
                warnings.append(fault("The end lies after the extract's date, so the case counts as open."))
            elif column.kind == "start":
                warnings.append(fault("The start lies after the extract's date."))
        if column.kind != "date":
            values[column.kind] = read.day
        data[column.key] = read.day.isoformat() if read.day else ""

    def _read_status(
        self,
        cell: object,
        data: dict[str, str | int | None],
        values: dict[str, object],
        warnings: list[Fault],
        problems: list[Fault],
        fault: Callable[[str], Fault],
    ) -> None:
        status, contradicted = codes.case_status(clean(cell))
        if is_blank(cell):
            warnings.append(fault("The case status is blank, so the child counts as a child in need."))
        elif not status:
            problems.append(
                fault(
                    "This is not a case status. Write one of: a) Looked after child, b) Child Protection plan, "
                    "c) Child in need plan, d) Open assessment, e) Closed episode."
                )
            )
        elif contradicted:
            warnings.append(fault("The letter stands for another status. The words were followed."))
        values["status"] = status
        data["case_status"] = status

    def _case(
        self,
        row: int,
        reference: str,
        team: str,
        worker: str,
        data: dict[str, str | int | None],
        values: dict[str, object],
    ) -> CaseRow:
        as_at, number = self.reading.as_at, self.one.spec.number
        ended = values.get("end")
        closed_on = ended if isinstance(ended, dt.date) and (as_at is None or ended <= as_at) else None
        closed = closed_on is not None
        plan = {7: PlanType.CP, 8: PlanType.CLA, 9: PlanType.CARE_LEAVER}.get(number, PlanType.CIN).value
        if number == 6:
            status = str(values.get("status", ""))
            if status == codes.CLOSED:
                closed, closed_on = True, closed_on or as_at
                if values.get("end") is None:
                    self.reading.warn(
                        self.where, row, self._heading("end_date"), "",
                        "The episode is closed and has no closure date, so the extract's date is taken.",
                    )  # fmt: skip
            elif status:
                plan = status
                if closed:
                    self.reading.warn(
                        self.where, row, self._heading("end_date"), closed_on,
                        "The case status says open, but there is a closure date, so the case counts as closed.",
                    )  # fmt: skip
        birth, age = values.get("birth"), values.get("age")
        years = age_on(birth, as_at) if isinstance(birth, dt.date) and as_at else age
        disability = str(data.get("disability") or "")
        is_cwd = True if disability == "yes" or CWD_TEAM.search(team) else (False if disability == "no" else None)
        started = values.get("start")
        return CaseRow(
            list=self.where,
            row=row,
            reference=reference,
            subject_kind=SubjectKind.CHILD.value,
            plan_type=plan,
            is_cwd=is_cwd,
            opened_on=started if isinstance(started, dt.date) else None,
            closed_on=closed_on,
            team=team,
            service="",
            worker=worker,
            manager="",
            age_band=band_for(years) if isinstance(years, int) else "",
            ethnicity=str(data.get("ethnicity") or ""),
            disability=disability,
            restricted=None,
            legal_status=str(data.get("legal_status") or ""),
            closed=closed,
            uasc={"yes": True, "no": False}.get(str(data.get("uasc") or "")),
        )

    def _heading(self, key: str) -> str:
        return next((self.one.headings[number] for number, column in self.plan if column.key == key), "")

    def finish(self) -> None:
        for number, row in self.swapped.items():
            self.reading.warn(
                self.where, row, self.one.headings[number], "",
                "A date in this column has its day and month swapped, so others in it may have them swapped too. "
                "Check how the extract writes dates.",
            )  # fmt: skip


def _warn_of_contradictions(reading: _Reading) -> None:
    """Where List 6 says closed and another list has the child open, the case stays open: say so."""
    open_in = {
        reference_key(case.reference): case.list for case in reading.cases if not case.closed and case.list != "List 6"
    }
    for case in reading.cases:
        other = open_in.get(reference_key(case.reference))
        if case.closed and case.list == "List 6" and other and other != "List 9":
            reading.warn(
                case.list, case.row, "Case status", case.reference,
                f"List 6 has the child as closed and {other} as open, so the case stays open.",
            )  # fmt: skip
