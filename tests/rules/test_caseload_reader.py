"""The caseload: one row a case, CSV or workbook, with a documented header."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.readers import CaseFile, read_caseload, read_cases
from cases.readers.caseload import COLUMNS, EXPECTED
from core.spreadsheets import UnreadableFile
from tests.factories.spreadsheets import AS_AT, annex_a, workbook

GOOD = {
    "reference": "C-100",
    "service": "Family Help",
    "team": "Heron",
    "worker": "Sam Example",
    "manager": "Max Example",
    "plan_type": "CIN",
    "start_date": "01/09/2025",
    "age_band": "5 to 9",
    "flags": "",
}


def text(*rows: dict[str, str], header: tuple[str, ...] | list[str] = EXPECTED, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return out.getvalue().encode()


def read(*rows: dict[str, str], header: tuple[str, ...] | list[str] = EXPECTED) -> CaseFile:
    found = read_caseload(text(*rows, header=header), "caseload.csv", as_at=AS_AT)
    assert found.accepted + found.rejected == found.rows_in
    assert len(found.cases) == found.accepted
    return found


def with_(**cells: str) -> dict[str, str]:
    return GOOD | cells


def test_a_good_row_is_a_case() -> None:
    found = read(GOOD)
    (one,) = found.cases
    assert (found.kind, found.lists, found.plan_types, found.extract) == ("csv", ("Caseload",), {"cin"}, ())
    assert found.warnings == ()
    assert (one.list, one.row, one.reference, one.service, one.team) == ("Caseload", 2, "C-100", "Family Help", "Heron")
    assert (one.worker, one.manager, one.plan_type, one.age_band) == ("Sam Example", "Max Example", "cin", "5_9")
    assert (one.opened_on, one.closed_on, one.subject_kind) == (dt.date(2025, 9, 1), None, "child")
    assert (one.is_cwd, one.restricted, one.uasc, one.aliases) == (False, None, None, ())


@pytest.mark.parametrize(
    "data",
    [
        text(GOOD, header=list(reversed(EXPECTED))),
        text(GOOD, delimiter=";"),
        text(GOOD, delimiter="\t"),
        b"\xef\xbb\xbf" + text(GOOD),
        text(GOOD).decode().encode("utf-16"),
        text(GOOD).replace(b"\r\n", b"\n"),
        text(GOOD).replace(b"plan_type", b" PLAN type ").replace(b"reference", b"Reference"),
        b"Caseload at 4 March\r\n\r\n" + text(GOOD),
        workbook({"Sheet1": [list(EXPECTED), [GOOD[name] for name in EXPECTED]]}),
        workbook({"Notes": [["x"]], "Cases": [["title"], list(EXPECTED), [GOOD[name] for name in EXPECTED]]}),
    ],
)
def test_the_same_caseload_written_otherwise_says_the_same(data: bytes) -> None:
    found = read_cases(data, filename="whatever", as_at=AS_AT)
    assert found.kind == "csv"
    assert [(one.reference, one.plan_type, one.opened_on, one.team) for one in found.cases] == [
        ("C-100", "cin", dt.date(2025, 9, 1), "Heron")
    ]


@pytest.mark.parametrize(
    ("words", "plan"),
    [
        ("CIN", "cin"), ("Child in need", "cin"), ("child  IN need plan", "cin"), ("CP", "cp"),
        ("Child protection", "cp"),
        ("Child Protection Plan", "cp"), ("CLA", "cla"), ("LAC", "cla"), ("Looked after", "cla"),
        ("EH", "early_help"), ("Child looked after", "cla"), ("Early help", "early_help"), ("early_help", "early_help"),
        ("CL", "care_leaver"),
        ("Care leaver", "care_leaver"), ("assessment", "assessment"), ("C&F assessment", "assessment"),
    ],
)  # fmt: skip
def test_plan_types_in_the_fields_own_words(words: str, plan: str) -> None:
    assert read(with_(plan_type=words)).cases[0].plan_type == plan


@pytest.mark.parametrize("words", ["Klingon", "", "CIN CP", "1"])
def test_an_unknown_or_blank_plan_type_refuses_a_childs_row(words: str) -> None:
    (refusal,) = read(with_(plan_type=words)).refusals
    assert (refusal.row, refusal.column, refusal.value) == (2, "plan_type", words)
    assert "Child in need" in refusal.reason


@pytest.mark.parametrize(
    ("words", "kind"),
    [("Carer", "carer"), ("foster carer", "carer"), ("Adopter", "adopter"), ("contact", "contact"),
     ("Supervision", "supervision"), ("MEETING", "meeting"), ("", "child"), ("child", "child")],
)  # fmt: skip
def test_other_subjects_need_no_plan_type(words: str, kind: str) -> None:
    plan = "CIN" if kind == "child" else ""
    found = read(with_(subject_kind=words, plan_type=plan), header=COLUMNS)
    assert found.cases[0].subject_kind == kind


@pytest.mark.parametrize("value", ["02/13/2021", "31/02/2021", "8/2/21", "44000", "soon", "2021-13-01"])
def test_a_start_date_that_is_not_certain_refuses_the_row(value: str) -> None:
    (refusal,) = read(with_(start_date=value)).refusals
    assert (refusal.column, refusal.value) == ("start_date", value)


def test_a_blank_start_date_is_a_warning() -> None:
    found = read(with_(start_date=""))
    assert found.accepted == 1
    assert [(w.row, w.column) for w in found.warnings] == [(2, "start_date")]


@pytest.mark.parametrize("again", ["C-100", "c-100", " C-100 ", "C -100", "C-100\u200b"])
def test_a_reference_that_differs_in_case_or_spaces_is_the_same_case(again: str) -> None:
    found = read(with_(team="First"), with_(reference=again, team="Second"))
    assert [one.team for one in found.cases] == ["First"]
    (refusal,) = found.refusals
    assert refusal.row == 3
    assert "row 2" in refusal.reason
    assert found.refused_references == {"c-100"}


def test_a_row_without_a_reference_is_refused_with_all_its_faults_in_one_line() -> None:
    (refusal,) = read(with_(reference=" ", plan_type="zz", start_date="31/02/2021")).refusals
    assert refusal.column == "reference"
    assert "zz" in refusal.reason
    assert "31/02/2021" in refusal.reason


@pytest.mark.parametrize(
    ("flags", "cwd", "restricted", "uasc"),
    [
        ("CWD", True, None, None), ("restricted", False, True, None), ("UASC; cwd", True, None, True),
        ("Restricted, UASC,CWD", True, True, True), ("", False, None, None),
    ],
)  # fmt: skip
def test_flags(flags: str, cwd: bool, restricted: bool | None, uasc: bool | None) -> None:
    (one,) = read(with_(flags=flags)).cases
    assert (one.is_cwd, one.restricted, one.uasc) == (cwd, restricted, uasc)


def test_an_unknown_flag_is_a_warning() -> None:
    found = read(with_(flags="CWD; starred"))
    assert found.cases[0].is_cwd is True
    assert "starred" in found.warnings[0].reason


@pytest.mark.parametrize(
    ("words", "band"),
    [
        ("unborn", "unborn"), ("Under 1", "under_1"), ("<1", "under_1"), ("1-4", "1_4"), ("1 to 4", "1_4"),
        ("1_4", "1_4"),
        ("5 \u2013 9", "5_9"), ("10 - 15 years", "10_15"), ("16-17", "16_17"), ("18+", "18_plus"),
        ("18 and over", "18_plus"),
        ("18_plus", "18_plus"), ("7", "5_9"), ("-1", "unborn"), ("Aged 16 to 17", "16_17"), ("", ""),
    ],
)  # fmt: skip
def test_age_bands(words: str, band: str) -> None:
    found = read(with_(age_band=words))
    assert (found.cases[0].age_band, found.warnings) == (band, ())


def test_an_age_band_that_a_spreadsheet_made_a_date_is_a_warning() -> None:
    cells = [dt.date(2026, 4, 1) if name == "age_band" else GOOD[name] for name in EXPECTED]
    found = read_caseload(workbook({"Cases": [list(EXPECTED), cells]}), "c.xlsx", as_at=AS_AT)
    assert found.cases[0].age_band == ""
    assert "turned the age band into a date" in found.warnings[0].reason


def test_an_end_date_closes_the_case_unless_it_is_to_come() -> None:
    header = (*EXPECTED, "end_date")
    found = read(
        with_(reference="1", end_date="01/03/2026"),
        with_(reference="2", end_date="05/03/2026"),
        with_(reference="3", end_date="01/01/2025"),
        with_(reference="4", end_date="rubbish"),
        header=header,
    )
    assert [(one.closed, one.closed_on) for one in found.cases] == [
        (True, dt.date(2026, 3, 1)),
        (False, None),
        (True, dt.date(2025, 1, 1)),
        (False, None),
    ]
    assert [w.row for w in found.warnings] == [3, 4, 5]


def test_further_columns_are_read_and_aliases_split() -> None:
    found = read(with_(ethnicity="a) WBRI", disability="Yes", aliases="OLD-1; OLD-2;OLD-1"), header=COLUMNS)
    (one,) = found.cases
    assert (one.ethnicity, one.disability, one.is_cwd, one.aliases) == ("WBRI", "yes", True, ("OLD-1", "OLD-2"))


@pytest.mark.parametrize("lost", EXPECTED)
def test_a_missing_column(lost: str) -> None:
    found = read(GOOD, with_(reference="C-101"), header=[name for name in EXPECTED if name != lost])
    if lost in {"reference", "plan_type"}:
        assert [(r.row, r.column) for r in found.refusals] == [(2, lost), (3, lost)]
        assert found.plan_types == frozenset()
    else:
        assert found.accepted == 2
        assert [(w.row, w.column) for w in found.warnings if "missing" in w.reason] == [(None, lost)]


def test_extra_repeated_and_unheaded_columns_are_warnings() -> None:
    header = [*EXPECTED, "mood", "Team", ""]
    data = text(header=header) + b"C-1,S,Heron,W,M,CP,01/09/2025,5-9,,happy,Kestrel,stray,wide\r\n"
    found = read_caseload(data, "c.csv")
    assert found.cases[0].team == "Heron"
    assert [(w.row, w.column) for w in found.warnings] == [(1, "mood"), (1, "Team"), (2, "Column L"), (2, "Column M")]


def test_short_rows_and_blank_lines() -> None:
    found = read_caseload(text(GOOD) + b"\r\n,,,\r\nC-2,S,T\r\n", "c.csv")
    assert found.rows_in == 2
    assert [(r.row, r.column) for r in found.refusals] == [(5, "plan_type")]


def test_an_error_value_is_blank_with_a_warning() -> None:
    found = read(with_(team="#N/A", worker="#REF!"))
    assert (found.cases[0].team, found.cases[0].worker) == ("", "")
    assert {w.value for w in found.warnings} == {"#N/A", "#REF!"}


def test_markup_and_formulas_are_kept_as_the_text_they_are() -> None:
    found = read(with_(team="<script>alert(1)</script>", worker="=cmd|' /C calc'!A0", service="\u202egnp\u200b.exe"))
    (one,) = found.cases
    assert (one.team, one.worker, one.service) == ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "gnp.exe")


def test_long_cells_are_cut() -> None:
    assert len(read(with_(team="x" * 20_000)).cases[0].team) == 200


def test_a_header_alone_holds_no_case() -> None:
    found = read()
    assert (found.rows_in, found.cases, found.plan_types) == (0, (), frozenset())


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b"%PDF-1.4", b"a,b\n1,2\n", b"PK\x03\x04", workbook({"a": [["x"]]})]
)
def test_what_is_no_caseload_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"\.$"):
        read_caseload(data, "c.csv")
    with pytest.raises(UnreadableFile, match=r"\.$"):
        read_cases(data, filename="c.csv")


def test_the_kind_is_told_by_the_content_unless_it_is_given() -> None:
    assert read_cases(workbook(annex_a()), filename="caseload.csv", as_at=AS_AT).kind == "annex-a"
    assert read_cases(text(GOOD), filename="List 6.csv", as_at=AS_AT).kind == "csv"
    with pytest.raises(UnreadableFile, match="caseload"):
        read_cases(workbook({"x": [["hello"]]}), filename="x.xlsx", kind="csv")
    with pytest.raises(UnreadableFile, match="Annex A"):
        read_cases(text(GOOD), filename="x.csv", kind="annex-a")
    with pytest.raises(ValueError, match="no kind"):
        read_cases(text(GOOD), filename="x.csv", kind="pdf")


def test_the_documented_example_is_read_without_a_warning() -> None:
    page = (Path(__file__).parents[2] / "docs" / "file-formats.md").read_text()
    block = page.split("```csv caseload\n")[1].split("```")[0]
    found = read_cases(block.encode(), filename="caseload.csv", as_at=AS_AT)
    assert (found.rejected, found.warnings) == (0, ())
    assert found.accepted >= 3


CELL = st.one_of(
    st.sampled_from(["", "C1", "c1 ", "CIN", "CP", "01/02/2025", "02/13/2025", "#N/A"]), st.text(max_size=5)
)


@settings(deadline=None)
@given(st.lists(st.lists(CELL, max_size=11), max_size=8), st.permutations(EXPECTED))
def test_every_filled_row_is_accepted_or_refused_with_a_line(rows: list[list[str]], header: list[str]) -> None:
    book = workbook({"Cases": [header, *rows]})
    found = read_caseload(book, "c.xlsx", as_at=AS_AT)
    assert found.accepted + found.rejected == found.rows_in
    assert len(found.cases) == found.accepted
    lines = [one.row for one in found.cases] + [refusal.row for refusal in found.refusals]
    assert len(lines) == len(set(lines)) == found.rows_in
