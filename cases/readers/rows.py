"""What the readers hand over: rows of cases, rows kept for the indicators, refusals and warnings. No Django."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

from core.spreadsheets import Fault, fold


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What one line of a file says about one case.

    `plan_type`, `subject_kind` and `age_band` are values of `cases.choices` ("" where the file does not say).
    `is_cwd`, `restricted` and `uasc` are None where the file does not say. `closed` is True where the case had ended
    by the extract's date; `closed_on` is then the day, or None where the file gives none.
    """

    list: str
    row: int
    reference: str
    subject_kind: str
    plan_type: str
    is_cwd: bool | None
    opened_on: dt.date | None
    closed_on: dt.date | None
    team: str
    service: str
    worker: str
    manager: str
    age_band: str
    ethnicity: str
    disability: str
    restricted: bool | None
    legal_status: str
    closed: bool = False
    uasc: bool | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtractRow:
    """One accepted line of an Annex A list, cut down to what the indicators need: codes, whole numbers, ISO dates and
    birth as "YYYY-MM". No name of a child and no postcode; the worker stands apart from `data`."""

    list: int
    row: int
    reference: str
    data: dict[str, str | int | None]
    team: str
    worker: str


@dataclass(frozen=True)
class CaseFile:
    """A file of cases as read. Each refused row has exactly one line in `refusals`, so that
    `rows_in == accepted + rejected` always holds.

    `plan_types` are those whose lists stand in the file whole enough to close what they leave out. `refused_references`
    are the references of refused rows, folded: their cases are in the council's extract and must not be closed for
    being left out.
    """

    kind: str
    layout: str
    lists: tuple[str, ...]
    plan_types: frozenset[str]
    rows_in: int
    cases: tuple[CaseRow, ...]
    extract: tuple[ExtractRow, ...]
    refusals: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    refused_references: frozenset[str] = field(default=frozenset())

    @property
    def rejected(self) -> int:
        return len(self.refusals)

    @property
    def accepted(self) -> int:
        return self.rows_in - len(self.refusals)


def reference_key(reference: str) -> str:
    """A reference as compared: without case and white space, so that "ab 1" and "AB1" are one case."""
    return fold(reference).replace(" ", "")


# The plan that decides where a child stands in several lists, highest first.
_RANK = {"cla": 0, "cp": 1, "cin": 2, "assessment": 3, "early_help": 4, "care_leaver": 5}


def combine(rows: tuple[CaseRow, ...] | list[CaseRow]) -> tuple[CaseRow, ...]:
    """One row a case, in the order in which the cases first stand.

    The open row with the highest plan decides (looked after, child protection, child in need, assessment, care
    leaver), so a case ends only where every list that names the child has it ended; then the day is the latest one
    given. What the deciding row leaves blank comes from the other rows, open ones first. A disability that any row
    states makes the child one with a disability.
    """
    by_case: dict[str, list[CaseRow]] = {}
    for row in rows:
        by_case.setdefault(reference_key(row.reference), []).append(row)
    return tuple(_combined(same) if len(same) > 1 else same[0] for same in by_case.values())


def _combined(rows: list[CaseRow]) -> CaseRow:
    ordered = sorted(rows, key=lambda row: (row.closed, _RANK.get(row.plan_type, 9)))
    first = ordered[0]

    def filled(name: str) -> str:
        return next((value for row in ordered if (value := getattr(row, name))), "")

    def flagged(name: str) -> bool | None:
        said = [value for row in rows if (value := getattr(row, name)) is not None]
        return any(said) if said else None

    ends = [row.closed_on for row in rows if row.closed_on]
    return replace(
        first,
        closed_on=max(ends) if first.closed and ends else first.closed_on,
        is_cwd=flagged("is_cwd"),
        restricted=flagged("restricted"),
        uasc=flagged("uasc"),
        aliases=tuple(dict.fromkeys(alias for row in ordered for alias in row.aliases)),
        team=filled("team"),
        service=filled("service"),
        worker=filled("worker"),
        manager=filled("manager"),
        age_band=filled("age_band"),
        ethnicity=filled("ethnicity"),
        disability=filled("disability"),
        legal_status=filled("legal_status"),
    )
