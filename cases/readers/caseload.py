"""Reads the caseload: one row a case, as CSV or as the first such sheet of a workbook. docs/file-formats.md has the
header.

Decisions: a blank start date or an unreadable cell elsewhere is a warning and the row stands; an unknown plan type, or
none at all for a child, is refused, since the file has nothing else to say which plan it is. The flag "restricted" sets
the restriction; its absence says nothing, so a file never lifts one. The CWD flag is set by the flag, by the team's
name or by the disability column.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from cases.choices import PlanType, SubjectKind
from cases.readers import codes
from cases.readers.annex_a import CWD_TEAM, PROGRESS_EVERY
from cases.readers.cells import read_age_band, read_date, read_reference
from cases.readers.rows import CaseFile, CaseRow, reference_key
from core.spreadsheets import (
    Fault,
    Sheet,
    Table,
    UnreadableFile,
    clean,
    find_table,
    is_blank,
    one_refusal,
    read_sheets,
    squash,
    without_nothings,
)

LIST = "Caseload"
COLUMNS = (
    "reference", "service", "team", "worker", "manager", "plan_type", "start_date", "age_band", "flags",
    "end_date", "subject_kind", "ethnicity", "disability", "aliases",
)  # fmt: skip
EXPECTED = COLUMNS[:9]
NEEDED = ("reference", "plan_type")

_HEADINGS = {squash(name): name for name in COLUMNS} | {
    squash(words): name
    for name, wordings in {
        "reference": ("case reference", "case id", "child unique id", "id", "case ref", "ref"),
        "worker": ("allocated worker", "social worker"),
        "team": ("allocated team",),
        "manager": ("team manager", "line manager"),
        "plan_type": ("plan", "plan kind", "case type"),
        "start_date": ("start", "opened on", "open date"),
        "end_date": ("end", "closed on", "closure date", "close date"),
        "age_band": ("age", "age group"),
        "subject_kind": ("subject", "kind"),
        "aliases": ("alias", "other references", "previous references"),
    }.items()
    for words in wordings
}

PLAN_WORDS = {
    squash(words): plan.value
    for plan, wordings in {
        PlanType.EARLY_HELP: ("early help", "EH", "early_help", "early help plan"),
        PlanType.ASSESSMENT: ("assessment", "open assessment", "C&F assessment", "child and family assessment"),
        PlanType.CIN: ("CIN", "child in need", "child in need plan", "CIN plan", "children in need"),
        PlanType.CP: ("CP", "CPP", "child protection", "child protection plan", "CP plan"),
        PlanType.CLA: ("CLA", "LAC", "looked after", "looked after child", "child looked after",
                       "children looked after",
                       "child in care", "CIC", "in care"),
        PlanType.CARE_LEAVER: ("CL", "care leaver", "care_leaver", "leaving care", "care experienced"),
    }.items()
    for words in wordings
}  # fmt: skip
PLAN_HELP = "Write one of: Early help, Assessment, Child in need, Child protection, Child looked after, Care leaver."

_SUBJECTS = {
    squash(words): kind.value
    for kind, wordings in {
        SubjectKind.CHILD: ("child", "young person"),
        SubjectKind.CARER: ("carer", "foster carer", "fostering household"),
        SubjectKind.ADOPTER: ("adopter", "prospective adopter"),
        SubjectKind.CONTACT: ("contact", "supervised contact", "family time"),
        SubjectKind.SUPERVISION: ("supervision", "supervision record"),
        SubjectKind.MEETING: ("meeting",),
    }.items()
    for words in wordings
}
_FLAGS = {"cwd": "cwd", "disability": "cwd", "childrenwithdisabilities": "cwd", "childwithdisability": "cwd",
          "restricted": "restricted", "restrictedaccess": "restricted", "uasc": "uasc"}  # fmt: skip


def find_caseload(sheet: Sheet) -> Table | None:
    """The table of a caseload in a sheet, None where the sheet has no such headings."""
    return find_table(sheet, _HEADINGS, (name for name in EXPECTED if name not in NEEDED), LIST)


def is_caseload(table: Table) -> bool:
    """Whether the headings are a caseload's for certain: reference and plan type, or most of the others."""
    return table.where.keys() >= set(NEEDED) or len(table.where.keys() & set(EXPECTED)) >= 6


def read_caseload(
    data: bytes,
    filename: str = "",
    *,
    as_at: dt.date | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> CaseFile:
    """A caseload as rows of cases, refusals and warnings. `as_at` is the day it was drawn: an end date after it is
    taken as open. `on_progress(done, total)` is told the rows read. Raises UnreadableFile where the bytes are no
    spreadsheet or no row holds the headings."""
    sheets = read_sheets(data, filename)
    tables = [table for sheet in sheets if (table := find_caseload(sheet))]
    if not tables:
        wanted = ", ".join(EXPECTED)
        raise UnreadableFile(f"The headings of a caseload are not in the first five rows. They are: {wanted}.")
    table = next((table for table in tables if is_caseload(table)), tables[0])
    return read_caseload_table(table, sheets, as_at=as_at, on_progress=on_progress)


def read_caseload_table(
    table: Table,
    sheets: list[Sheet],
    *,
    as_at: dt.date | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> CaseFile:
    """As read_caseload, from a table already found; each other one of `sheets` is named in a warning."""
    refusals: list[Fault] = []
    reason = "The sheet is not the caseload, so it was not read."
    warnings = [Fault(sheet.name, None, "", "", reason) for sheet in sheets if sheet is not table.sheet]
    warnings += table.warnings
    lost = [name for name in NEEDED if name not in table.where]
    cases: list[CaseRow] = []
    refused_references: set[str] = set()
    stood: dict[str, int] = {}
    for count, index in enumerate(table.rows):
        if on_progress and count % PROGRESS_EVERY == 0:
            on_progress(count, len(table.rows))
        row = index + 1
        reader = _RowReader(row, table.values(index), table.headings)
        case = reader.read(as_at)
        key = reference_key(case.reference)
        if lost:
            reader.problems = [
                reader.fault(lost[0], f"Missing: {' and '.join(lost)}. Add what is missing as a column.")
            ]
        elif key and stood.setdefault(key, row) != row:
            reason = f"The reference stood earlier, in row {stood[key]}. Keep the row that is right."
            reader.problems.append(reader.fault("reference", reason))
        if reader.problems:
            refusals.append(one_refusal(reader.problems))
            if key:
                refused_references.add(key)
        else:
            warnings.extend(reader.warnings)
            cases.append(case)
    if on_progress:
        on_progress(len(table.rows), len(table.rows))
    return CaseFile(
        kind="csv",
        layout="caseload",
        lists=(LIST,),
        plan_types=frozenset() if lost else frozenset(case.plan_type for case in cases if case.plan_type),
        rows_in=len(table.rows),
        cases=tuple(cases),
        extract=(),
        refusals=tuple(refusals),
        warnings=tuple(warnings),
        refused_references=frozenset(refused_references),
    )


class _RowReader:
    """Reads one row of a caseload."""

    def __init__(self, row: int, values: dict[str, object], headings: dict[str, str]):
        self.row, self.headings = row, headings
        self.warnings: list[Fault] = []
        self.problems: list[Fault] = []
        self.raw = values
        self.values, nothings = without_nothings(values, keep="reference")
        for name, reason in nothings.items():
            self.warn(name, reason)

    def fault(self, name: str, reason: str) -> Fault:
        return Fault(LIST, self.row, self.headings.get(name, name), clean(self.raw.get(name, ""))[:200], reason)

    def warn(self, name: str, reason: str) -> None:
        self.warnings.append(self.fault(name, reason))

    def text(self, name: str) -> str:
        return clean(self.values.get(name, ""))[:200]

    def read(self, as_at: dt.date | None) -> CaseRow:
        """The row as a case, whether or not `problems` refuse it."""
        reference, reason = read_reference(self.values.get("reference", ""))
        if not reference:
            self.problems.append(self.fault("reference", reason))
        subject = self._subject()
        plan = self._plan(subject)
        start, end = self._dates(as_at)
        flags = self._flags()
        band, reason = read_age_band(self.values.get("age_band", ""))
        if reason:
            self.warn("age_band", f"{reason} It was taken as blank.")
        disability = self._code("disability", codes.YES_NO_UNKNOWN)
        team = self.text("team")
        for name in ("team", "worker"):
            if name in self.values and is_blank(self.values[name]):
                self.warn(name, "The cell is blank, so the case has none.")
        is_cwd: bool | None = None
        if "cwd" in flags or disability == "yes" or CWD_TEAM.search(team):
            is_cwd = True
        elif "flags" in self.values or disability == "no":
            is_cwd = False
        return CaseRow(
            list=LIST,
            row=self.row,
            reference=reference,
            subject_kind=subject,
            plan_type=plan,
            is_cwd=is_cwd,
            opened_on=start,
            closed_on=end,
            team=team,
            service=self.text("service"),
            worker=self.text("worker"),
            manager=self.text("manager"),
            age_band=band,
            ethnicity=self._code("ethnicity", codes.ETHNICITY),
            disability=disability,
            restricted=True if "restricted" in flags else None,
            legal_status="",
            closed=end is not None,
            uasc=True if "uasc" in flags else None,
            aliases=tuple(
                dict.fromkeys(alias for part in re.split(r"[;,|]", self.text("aliases")) if (alias := part.strip()))
            ),
        )

    def _subject(self) -> str:
        text = self.text("subject_kind")
        kind = _SUBJECTS.get(squash(text), "")
        if text and not kind:
            self.warn("subject_kind", "This is not a kind of subject. The row was taken as a child's.")
        return kind or SubjectKind.CHILD.value

    def _plan(self, subject: str) -> str:
        text = self.text("plan_type")
        plan = PLAN_WORDS.get(squash(text), "")
        if text and not plan:
            self.problems.append(self.fault("plan_type", f"This is not a plan type. {PLAN_HELP}"))
        elif not text and subject == SubjectKind.CHILD:
            self.problems.append(self.fault("plan_type", f"The plan type is blank. {PLAN_HELP}"))
        return plan

    def _dates(self, as_at: dt.date | None) -> tuple[dt.date | None, dt.date | None]:
        start, end = read_date(self.values.get("start_date", "")), read_date(self.values.get("end_date", ""))
        if start.reason:
            self.problems.append(self.fault("start_date", start.reason))
        elif start.day is None and "start_date" in self.values:
            self.warn("start_date", "The start date is blank.")
        elif start.day and as_at and start.day > as_at:
            self.warn("start_date", "The start lies in the future.")
        if end.reason:
            self.warn("end_date", f"{end.reason} It was taken as blank.")
        elif end.day and as_at and end.day > as_at:
            self.warn("end_date", "The end lies in the future, so the case counts as open.")
            return start.day, None
        elif end.day and start.day and end.day < start.day:
            self.warn("end_date", "The end lies before the start.")
        return start.day, end.day

    def _flags(self) -> set[str]:
        flags = set()
        for word in re.split(r"[;,|]", self.text("flags")):
            if not word.strip():
                continue
            flag = _FLAGS.get(squash(word))
            if flag:
                flags.add(flag)
            else:
                self.warn("flags", f'"{word.strip()}" is not a flag. Flags are CWD, restricted and UASC.')
        return flags

    def _code(self, name: str, codeset: codes.CodeSet) -> str:
        value = self.values.get(name, "")
        code = codeset.match(value)
        if not code and not is_blank(value):
            self.warn(name, f"This is not a known {name}. It was taken as blank.")
        return code
