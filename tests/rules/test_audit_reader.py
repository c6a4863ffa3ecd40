"""Past audits: one row an audit; grades in the words that councils have used."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.readers import COLUMNS, REQUIRED, AuditFile, HistoricAuditRow, read_audits
from core.spreadsheets import UnreadableFile
from tests.factories.spreadsheets import workbook

TODAY = dt.date(2026, 3, 4)
GOOD = {
    "reference": "A-1",
    "case_reference": "C-100",
    "audit_type": "Whole-case audit",
    "service": "Family Help",
    "team": "Heron",
    "plan_type": "CIN",
    "audited_on": "14/02/2025",
    "grade": "Good",
    "scheme": "",
    "auditor": "Avery Example",
}


def text(*rows: dict[str, str], header: tuple[str, ...] | list[str] = COLUMNS) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return out.getvalue().encode()


def read(*rows: dict[str, str], header: tuple[str, ...] | list[str] = COLUMNS) -> AuditFile:
    found = read_audits(text(*rows, header=header), filename="audits.csv", today=TODAY)
    assert found.accepted + found.rejected == found.rows_in == len(rows)
    return found


def with_(**cells: str) -> dict[str, str]:
    return GOOD | cells


def test_a_good_row_is_an_audit() -> None:
    found = read(GOOD)
    assert found.warnings == ()
    assert found.audits == (
        HistoricAuditRow(
            row=2,
            reference="A-1",
            case_reference="C-100",
            audit_type="Whole-case audit",
            service="Family Help",
            team="Heron",
            plan_type="cin",
            audited_on=dt.date(2025, 2, 14),
            grade="good",
            scheme="ofsted",
            auditor="Avery Example",
        ),
    )


@pytest.mark.parametrize(
    ("grade", "scheme", "expected"),
    [
        ("Outstanding", "", ("outstanding", "ofsted")),
        ("  GOOD ", "Ofsted", ("good", "ofsted")),
        ("RI", "", ("requires_improvement", "ofsted")),
        ("ri", "four grades", ("requires_improvement", "ofsted")),
        ("Requires improvement", "", ("requires_improvement", "ofsted")),
        ("Requires  Improvement to be Good", "", ("requires_improvement", "ofsted")),
        ("Requires Improvement (RI)", "", ("requires_improvement", "ofsted")),
        ("Requires-improvement", "", ("requires_improvement", "ofsted")),
        ("Inadequate", "", ("inadequate", "ofsted")),
        ("Adequate", "", ("adequate", "adequate")),
        ("ADEQUATE", "Adequate", ("adequate", "adequate")),
        ("Good", "pre-2013", ("good", "adequate")),
        ("O", "", ("outstanding", "ofsted")),
        ("g", "", ("good", "ofsted")),
        ("I", "", ("inadequate", "ofsted")),
        ("", "ungraded", ("", "ungraded")),
        ("", "None", ("", "ungraded")),
        ("Ungraded", "", ("", "ungraded")),
        ("Not graded", "ungraded", ("", "ungraded")),
    ],
)
def test_grades_and_schemes(grade: str, scheme: str, expected: tuple[str, str]) -> None:
    (one,) = read(with_(grade=grade, scheme=scheme)).audits
    assert (one.grade, one.scheme) == expected


@pytest.mark.parametrize(
    ("grade", "scheme", "column"),
    [
        ("", "", "grade"),
        ("", "ofsted", "grade"),
        ("Fine", "", "grade"),
        ("3", "", "grade"),
        ("A", "", "grade"),
        ("Good/RI", "", "grade"),
        ("Good", "ungraded", "grade"),
        ("Adequate", "ofsted", "grade"),
        ("Requires improvement", "adequate", "grade"),
        ("Good", "five stars", "scheme"),
        ("#N/A", "", "grade"),
    ],
)
def test_a_grade_that_is_not_certain_refuses_the_row(grade: str, scheme: str, column: str) -> None:
    (refusal,) = read(with_(grade=grade, scheme=scheme)).refusals
    assert (refusal.list, refusal.row, refusal.column) == ("Audits", 2, column)
    assert refusal.value == (grade if column == "grade" else scheme)


@pytest.mark.parametrize(
    "value", ["", "#N/A", "02/13/2021", "31/02/2021", "8/2/21", "44000", "05/03/2026", "2030-01-01", "spring"]
)
def test_a_date_that_is_blank_uncertain_or_to_come_refuses_the_row(value: str) -> None:
    (refusal,) = read(with_(audited_on=value)).refusals
    assert (refusal.column, refusal.value) == ("audited_on", value)


@pytest.mark.parametrize("value", ["14/02/2025", "2025-02-14", "2025-02-14 00:00:00"])
def test_dates_that_are_certain(value: str) -> None:
    assert read(with_(audited_on=value)).audits[0].audited_on == dt.date(2025, 2, 14)


def test_an_audit_of_today_is_not_in_the_future() -> None:
    assert read(with_(audited_on="04/03/2026")).accepted == 1


@pytest.mark.parametrize("name", ["case_reference", "team", "plan_type", "scheme", "auditor"])
def test_these_may_be_blank(name: str) -> None:
    found = read(with_(**{name: ""}))
    assert (found.accepted, found.warnings) == (1, ())


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("blank", ["", " ", "\u00a0", "#N/A"])
def test_these_may_not_be_blank(name: str, blank: str) -> None:
    (refusal,) = read(with_(**{name: blank})).refusals
    assert refusal.column == name


@pytest.mark.parametrize("again", ["A-1", "a-1", " A -1 "])
def test_a_reference_that_stands_twice_is_refused_the_second_time(again: str) -> None:
    found = read(with_(team="First"), with_(reference=again, team="Second"))
    assert [one.team for one in found.audits] == ["First"]
    assert found.refusals[0].row == 3
    assert "row 2" in found.refusals[0].reason


def test_an_unknown_plan_type_refuses_the_row_and_says_how_to_mend_it() -> None:
    (refusal,) = read(with_(plan_type="Plan 9")).refusals
    assert (refusal.column, refusal.value) == ("plan_type", "Plan 9")
    assert "Child in need" in refusal.reason


def test_the_audit_type_is_kept_as_written() -> None:
    assert read(with_(audit_type=" Dip  sample: CSE ")).audits[0].audit_type == "Dip sample: CSE"


def test_all_that_is_wrong_with_a_row_is_in_its_one_line() -> None:
    (refusal,) = read(with_(reference="", grade="zz", audited_on="31/02/2021")).refusals
    assert refusal.column == "reference"
    assert all(words in refusal.reason for words in ("zz", "31/02/2021"))


@pytest.mark.parametrize("lost", COLUMNS)
def test_a_missing_column(lost: str) -> None:
    found = read(GOOD, with_(reference="A-2"), header=[name for name in COLUMNS if name != lost])
    if lost in REQUIRED:
        assert [(refusal.row, refusal.column) for refusal in found.refusals] == [(2, lost), (3, lost)]
        assert all("Missing" in refusal.reason for refusal in found.refusals)
    else:
        assert found.accepted == 2
        assert [warning.column for warning in found.warnings] == [lost]


def test_a_workbook_with_date_cells_and_a_title_is_read() -> None:
    cells = [dt.date(2025, 2, 14) if name == "audited_on" else GOOD[name] for name in COLUMNS]
    header = [f" {name.replace('_', ' ').title()} " for name in COLUMNS]
    data = workbook({"Cover": [["Audits since 2012"]], "Log": [["Audits"], [], header, cells], "More": [["x"]]})
    found = read_audits(data, filename="audits.xlsx", today=TODAY)
    assert [(one.row, one.audited_on) for one in found.audits] == [(4, dt.date(2025, 2, 14))]
    assert [warning.list for warning in found.warnings] == ["Cover", "More"]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"a,b\n1,2\n", b"PK\x03\x04", workbook({"a": [["x"]]})])
def test_what_holds_no_audits_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"\.$"):
        read_audits(data, filename="audits.csv")


def test_the_documented_example_is_read_without_a_warning() -> None:
    page = (Path(__file__).parents[2] / "docs" / "file-formats.md").read_text()
    block = page.split("```csv audits\n")[1].split("```")[0]
    found = read_audits(block.encode(), filename="audits.csv", today=TODAY)
    assert (found.rejected, found.warnings) == (0, ())
    assert found.accepted >= 4


CELL = st.one_of(
    st.sampled_from(["", "A1", "a1 ", "Good", "RI", "adequate", "ungraded", "01/02/2025", "02/13/2025", "#N/A"]),
    st.text(max_size=5),
)


@settings(deadline=None)
@given(st.lists(st.lists(CELL, max_size=11), max_size=8), st.permutations(COLUMNS))
def test_every_filled_row_is_accepted_or_refused_with_a_line(rows: list[list[str]], header: list[str]) -> None:
    found = read_audits(workbook({"Log": [header, *rows]}), filename="a.xlsx", today=TODAY)
    assert found.accepted + found.rejected == found.rows_in
    lines = [one.row for one in found.audits] + [refusal.row for refusal in found.refusals]
    assert len(lines) == len(set(lines)) == found.rows_in
    for one in found.audits:
        assert one.reference
        assert bool(one.grade) == (one.scheme != "ungraded")
