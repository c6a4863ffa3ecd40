"""Reads a council's own history of audits: one row an audit, CSV or workbook. docs/file-formats.md has the header.

Decisions: `scheme` blank means the four grades, unless the grade is "Adequate", which only the scheme before 2013 has.
A grade and a scheme that contradict each other are refused, since one of the two is wrong. Letters are taken where they
mean one grade (O, G, RI, I); numbers are not. A reference that stands twice is refused the second time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from cases.readers.caseload import PLAN_HELP, PLAN_WORDS
from cases.readers.cells import read_date, read_reference
from cases.readers.rows import reference_key
from core.spreadsheets import (
    ERROR_VALUES,
    Fault,
    UnreadableFile,
    clean,
    find_table,
    one_refusal,
    read_sheets,
    squash,
)

LIST = "Audits"
PROGRESS_EVERY = 2000
COLUMNS = (
    "reference", "case_reference", "audit_type", "service", "team", "plan_type", "audited_on", "grade", "scheme",
    "auditor",
)  # fmt: skip
REQUIRED = ("reference", "audit_type", "service", "audited_on", "grade")

_HEADINGS = {squash(name): name for name in COLUMNS} | {
    squash(words): name
    for name, wordings in {
        "reference": ("audit reference", "audit id", "audit ref", "ref"),
        "case_reference": ("case ref", "case id", "child unique id"),
        "audit_type": ("type", "type of audit"),
        "plan_type": ("plan",),
        "audited_on": ("audit date", "date of audit", "date audited", "audited"),
        "grade": ("overall grade", "audit grade", "judgement"),
        "scheme": ("grade scheme", "grading scheme"),
    }.items()
    for words in wordings
}

OFSTED, ADEQUATE, UNGRADED = "ofsted", "adequate", "ungraded"
_GRADES = {
    squash(words): grade
    for grade, wordings in {
        "outstanding": ("outstanding", "O"),
        "good": ("good", "G"),
        "requires_improvement": (
            "RI", "requires improvement", "requires improvement to be good", "requires improvement (RI)",
            "req improvement", "requires_improvement", "R.I.",
        ),
        "adequate": ("adequate",),
        "inadequate": ("inadequate", "I"),
    }.items()
    for words in wordings
}  # fmt: skip
_SCHEMES = {
    squash(words): scheme
    for scheme, wordings in {
        OFSTED: ("ofsted", "four", "four grades", "4 grades", "the four grades", "standard", "current", "ILACS"),
        ADEQUATE: ("adequate", "pre-2013", "pre 2013", "before 2013", "with adequate", "adequate scheme", "old"),
        UNGRADED: ("ungraded", "none", "no grade", "not graded", "n/a"),
    }.items()
    for words in wordings
}  # fmt: skip
_GRADE_HELP = "Write one of: Outstanding, Good, Requires improvement, Inadequate (or Adequate, before 2013)."
_SCHEME_HELP = "Write one of: ofsted, adequate, ungraded; or leave it blank for the four grades."


@dataclass(frozen=True, slots=True)
class HistoricAuditRow:
    """One past audit. `audit_type` is as written. `grade` is outstanding, good, requires_improvement, adequate or
    inadequate, "" where `scheme` is ungraded; `scheme` is ofsted, adequate or ungraded; `plan_type` is a value of
    cases.choices.PlanType or ""."""

    row: int
    reference: str
    case_reference: str
    audit_type: str
    service: str
    team: str
    plan_type: str
    audited_on: dt.date
    grade: str
    scheme: str
    auditor: str


@dataclass(frozen=True)
class AuditFile:
    """A file of past audits as read; each refused row has exactly one line in `refusals`."""

    rows_in: int
    audits: tuple[HistoricAuditRow, ...]
    refusals: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    @property
    def accepted(self) -> int:
        return len(self.audits)

    @property
    def rejected(self) -> int:
        return len(self.refusals)


def read_audits(
    data: bytes,
    *,
    filename: str = "",
    today: dt.date | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> AuditFile:
    """Past audits from a CSV or a workbook's first sheet that has the headings.

    `today` is the day after which a date of audit is refused as lying in the future (None: not checked).
    `on_progress(done, total)` is told the rows read. Raises UnreadableFile where the bytes are no spreadsheet or no
    row of the first five holds the headings.
    """
    sheets = read_sheets(data, filename or LIST)
    optional = [name for name in COLUMNS if name not in REQUIRED]
    table = next((table for sheet in sheets if (table := find_table(sheet, _HEADINGS, optional, LIST))), None)
    if table is None:
        raise UnreadableFile("The headings are not in the first five rows. They are: " + ", ".join(COLUMNS) + ".")
    reason = "The sheet does not hold the audits, so it was not read."
    warnings = [Fault(sheet.name, None, "", "", reason) for sheet in sheets if sheet is not table.sheet]
    warnings += table.warnings
    missing = [name for name in REQUIRED if name not in table.where]
    audits: list[HistoricAuditRow] = []
    refusals: list[Fault] = []
    stood: dict[str, int] = {}
    for count, index in enumerate(table.rows):
        if on_progress and count % PROGRESS_EVERY == 0:
            on_progress(count, len(table.rows))
        row = index + 1
        reader = _RowReader(row, table.values(index), table.headings)
        audit = reader.read(today)
        key = reference_key(audit.reference)
        if missing:
            reason = f"Missing: {', '.join(missing)}. Add what is missing as a column."
            reader.problems = [reader.fault(missing[0], reason)]
        elif key and stood.setdefault(key, row) != row:
            reader.problem("reference", f"The reference stood earlier, in row {stood[key]}. Keep the right row.")
        if reader.problems:
            refusals.append(one_refusal(reader.problems))
        else:
            warnings.extend(reader.warnings)
            audits.append(audit)
    if on_progress:
        on_progress(len(table.rows), len(table.rows))
    return AuditFile(len(table.rows), tuple(audits), tuple(refusals), tuple(warnings))


class _RowReader:
    """Reads one row of past audits."""

    def __init__(self, row: int, values: dict[str, object], headings: dict[str, str]):
        self.row, self.values, self.headings = row, values, headings
        self.problems: list[Fault] = []
        self.warnings: list[Fault] = []

    def fault(self, name: str, reason: str) -> Fault:
        return Fault(LIST, self.row, self.headings.get(name, name), clean(self.values.get(name, ""))[:200], reason)

    def problem(self, name: str, reason: str) -> None:
        self.problems.append(self.fault(name, reason))

    def text(self, name: str) -> str:
        """A cell as text; an error value of the spreadsheet is blank, with a warning."""
        text = clean(self.values.get(name, ""))
        if text in ERROR_VALUES:
            self.warnings.append(self.fault(name, f"{text} is an error of the spreadsheet. It was taken as blank."))
            return ""
        return text[:200]

    def read(self, today: dt.date | None) -> HistoricAuditRow:
        """The row as an audit, whether or not `problems` refuse it."""
        reference, reason = read_reference(self.values.get("reference", ""))
        if not reference:
            self.problem("reference", reason)
        case_reference = ""
        if self.text("case_reference"):
            case_reference, reason = read_reference(self.values["case_reference"])
            if not case_reference:
                self.warnings.append(self.fault("case_reference", f"{reason} It was taken as blank."))
        needed = {name: self.text(name) for name in ("audit_type", "service")}
        for name, text in needed.items():
            if not text:
                self.problem(name, "The cell is blank. Fill it in.")
        plan_text = self.text("plan_type")
        plan = PLAN_WORDS.get(squash(plan_text), "")
        if plan_text and not plan:
            self.problem("plan_type", f"This is not a plan type. {PLAN_HELP} Or leave it blank.")
        audited = read_date(self.values.get("audited_on", ""))
        if audited.reason:
            self.problem("audited_on", audited.reason)
        elif audited.day is None:
            self.problem(
                "audited_on", "The date of the audit is blank. Fill it in, since it says which month it counts in."
            )
        elif today and audited.day > today:
            self.problem("audited_on", "The date of the audit lies in the future. Put in the day on which it was done.")
        grade, scheme = self._grade()
        return HistoricAuditRow(
            row=self.row,
            reference=reference,
            case_reference=case_reference,
            audit_type=needed["audit_type"],
            service=needed["service"],
            team=self.text("team"),
            plan_type=plan,
            audited_on=audited.day or dt.date.min,
            grade=grade,
            scheme=scheme,
            auditor=self.text("auditor"),
        )

    def _grade(self) -> tuple[str, str]:
        """(grade, scheme); each fault is added to `problems`."""
        grade_text, scheme_text = self.text("grade"), self.text("scheme")
        scheme = _SCHEMES.get(squash(scheme_text), "")
        if scheme_text and not scheme:
            self.problem("scheme", f"This is not a grade scheme. {_SCHEME_HELP}")
            return "", ""
        grade = _GRADES.get(squash(re.sub(r"\s*\(ri\)\s*$", "", grade_text, flags=re.IGNORECASE)), "")
        if grade_text and squash(grade_text) in {"ungraded", "notgraded", "nograde"} and scheme in {"", UNGRADED}:
            return "", UNGRADED
        if not grade_text:
            if scheme == UNGRADED:
                return "", UNGRADED
            self.problem("grade", f'The grade is blank. {_GRADE_HELP} Or write "ungraded" in the scheme column.')
        elif not grade:
            self.problem("grade", f"This is not a grade. {_GRADE_HELP}")
        elif scheme == UNGRADED:
            self.problem(
                "grade", "The scheme says ungraded, but there is a grade. Clear the grade, or change the scheme."
            )
        elif grade == "adequate":
            if scheme == OFSTED:
                self.problem(
                    "grade", 'The four grades have no "Adequate". Change the grade, or write "adequate" as scheme.'
                )
            return grade, ADEQUATE
        elif grade == "requires_improvement" and scheme == ADEQUATE:
            self.problem(
                "grade", 'The scheme before 2013 has no "Requires improvement". Write Adequate, or clear the scheme.'
            )
        return grade, scheme or OFSTED
