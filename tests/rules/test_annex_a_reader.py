"""Annex A: nothing disappears without a line, whatever is done to the workbook."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.readers import CaseFile, CaseRow, combine, read_annex_a, read_cases
from cases.readers.annex_a import read_annex_a_sheets
from cases.readers.codes import case_status
from cases.readers.lists import BY_NUMBER
from core.spreadsheets import Sheet, UnreadableFile, is_blank
from tests.factories.spreadsheets import AS_AT, Formula, annex_a, headings, row, workbook


def read(sheets: dict[str, list[list[object]]], as_at: dt.date | None = AS_AT) -> CaseFile:
    found = read_annex_a(workbook(sheets), as_at=as_at)
    assert found.accepted + found.rejected == found.rows_in
    assert len(found.extract) == found.accepted
    for fault in (*found.refusals, *found.warnings):
        assert fault.reason
        assert fault.reason.endswith((".", "!"))
    return found


def one_list(number: int, *rows: list[object], layout: str = "2019") -> CaseFile:
    return read({f"List {number}": [list(headings(number, layout=layout)), *rows]})


def warned(found: CaseFile, words: str) -> list[tuple[str, int | None, str, str]]:
    return [(w.list, w.row, w.column, w.value) for w in found.warnings if words in w.reason]


def case(found: CaseFile, reference: str) -> CaseRow:
    return next(one for one in combine(found.cases) if one.reference == reference)


# --- the good workbook, in every layout


@pytest.mark.parametrize("layout", ["2019", "2024"])
def test_a_whole_workbook_is_read(layout: str) -> None:
    found = read(annex_a(layout))
    assert (found.kind, found.layout, found.rows_in, found.rejected) == ("annex-a", layout, 11, 0)
    assert found.lists == tuple(f"List {number}" for number in range(1, 12))
    assert found.plan_types == {"cin", "assessment", "cp", "cla", "care_leaver"}
    assert {one.reference: one.plan_type for one in found.cases} == {
        "106": "cin",
        "107": "cp",
        "108": "cla",
        "109": "care_leaver",
    }


def test_a_case_says_what_its_row_says() -> None:
    (one,) = one_list(
        8, row(8, 55, team="Heron\u00a0Team", worker="Sam\u00a0Example", uasc="a) Yes", disability="b) No")
    ).cases
    assert one == CaseRow(
        list="List 8",
        row=2,
        reference="55",
        subject_kind="child",
        plan_type="cla",
        is_cwd=False,
        opened_on=dt.date(2025, 9, 1),
        closed_on=None,
        team="Heron Team",
        service="",
        worker="Sam Example",
        manager="",
        age_band="10_15",
        ethnicity="WBRI",
        disability="no",
        restricted=None,
        legal_status="C2",
        uasc=True,
    )


def test_the_extract_holds_codes_and_no_postcode_and_the_month_of_birth() -> None:
    (kept,) = one_list(
        8, row(8, 55, placement_postcode="ZZ1 1ZZ", last_visit_date=dt.date(2026, 2, 20), placements_12_months=3)
    ).extract
    assert (kept.list, kept.row, kept.reference, kept.team, kept.worker) == (8, 2, "55", "Heron", "Sam Example")
    assert kept.data["birth"] == "2015-06"
    assert kept.data["last_visit_date"] == "2026-02-20"
    assert kept.data["placements_12_months"] == 3
    assert kept.data["placement_type"] == "U4"
    assert "ZZ1" not in repr(kept)
    assert "Sam Example" not in repr(kept.data)


def test_a_care_leaver_without_a_social_worker_is_held_by_the_personal_adviser() -> None:
    found = one_list(9, row(9, 5, layout="2024", worker="", adviser="Pat Example"), layout="2024")
    assert found.cases[0].worker == found.extract[0].worker == "Pat Example"
    assert "Pat Example" not in repr(found.extract[0].data)


def _upper(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    return {name: [[f"  {str(h).upper()} \u00a0" for h in rows[0]], *rows[1:]] for name, rows in sheets.items()}


def _camel(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    def joined(heading: object) -> str:
        return "".join(word[:1].upper() + word[1:] for word in re.findall(r"\w+", str(heading)))

    return {name: [[joined(h) for h in rows[0]], *rows[1:]] for name, rows in sheets.items()}


def _titled(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    return {name: [[f"{name}: as at March"], [], ["Extract"], [], *rows] for name, rows in sheets.items()}


def _renamed(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    return {f"Sheet{number}": rows for number, rows in enumerate(sheets.values(), 1)}


def _shuffled(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    return {name: [list(reversed(cells)) for cells in rows] for name, rows in reversed(list(sheets.items()))}


def _dates_as_text(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    def text(cell: object) -> object:
        return cell.strftime("%d/%m/%Y") if isinstance(cell, dt.date) else cell

    return {name: [[text(cell) for cell in cells] for cells in rows] for name, rows in sheets.items()}


def _curly(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    def noisy(heading: object) -> str:
        return str(heading).replace("'", "\u2019").replace("(Y/N)", "(Y/N))") + "? "

    return {name: [[noisy(h) for h in rows[0]], *rows[1:]] for name, rows in sheets.items()}


def _as_text(sheets: dict[str, list[list[object]]]) -> dict[str, list[list[object]]]:
    return {
        name: [[str(c) if isinstance(c, int) else c for c in cells] for cells in rows] for name, rows in sheets.items()
    }


@pytest.mark.parametrize("layout", ["2019", "2024"])
@pytest.mark.parametrize("change", [_upper, _camel, _titled, _renamed, _shuffled, _dates_as_text, _curly, _as_text])
def test_the_same_workbook_written_otherwise_says_the_same(change: Callable, layout: str) -> None:
    plain, changed = read(annex_a(layout)), read(change(annex_a(layout)))
    assert changed.rejected == 0
    assert {(c.reference, c.plan_type, c.opened_on, c.team) for c in changed.cases} == {
        (c.reference, c.plan_type, c.opened_on, c.team) for c in plain.cases
    }
    assert {(e.list, tuple(sorted(e.data.items()))) for e in changed.extract} == {
        (e.list, tuple(sorted(e.data.items()))) for e in plain.extract
    }
    assert not warned(changed, "missing")
    assert changed.layout == ("CamelCase" if change is _camel else layout)


@pytest.mark.parametrize(
    "name",
    [
        "List 6",
        "List_6",
        "list 06",
        "LIST6",
        "List 6 - Children in need",
        "6. List 6",
        "Children in Need",
        "CIN",
        "Sheet9",
    ],
)
def test_a_sheet_is_found_by_its_name_or_its_headings(name: str) -> None:
    found = read({name: [headings(6), row(6, 1)]})
    assert found.lists == ("List 6",)
    assert found.accepted == 1


def test_list_1_is_not_list_11() -> None:
    found = read({"List 11": [headings(11), row(11, 1)], "List 1": [headings(1), row(1, 1)]})
    assert [kept.list for kept in found.extract] == [11, 1]


def test_the_headings_of_the_standard_dataset_are_known() -> None:
    names = [
        "ChildUniqueID", "Gender", "Ethnicity", "DateOfBirth", "Age", "HasDisability", "ChildProtectionPlanStartDate",
        "InitialCategoryOfAbuse", "LatestCategoryOfAbuse", "DateOfLastStatutoryVisit", "ChildSeenAlone",
        "DateOfLatestReviewConf", "ChildProtectionPlanEndDate", "ProtectionLastSixMonths",
        "NumberOfPreviousChildProtectionPlans", "AllocatedTeam", "AllocatedWorker",
    ]  # fmt: skip
    found = read({"AA_7_child_protection": [list(names), row(7, 7, last_visit_date="20/02/2026")]})
    assert found.layout == "CamelCase"
    assert found.extract[0].data["last_visit_date"] == "2026-02-20"
    assert not warned(found, "missing") or all(at[0] != "List 7" for at in warned(found, "The column is missing"))
    care = ["ChildUniqueID", "LoookedAfterStartDate", "LegalStatus", "LastSocialWorkVisitDate", "PlacementType"]
    found = read({"x": [list(care), [8, "01/02/2024", "V2", "01/02/2026", "U6"]]})
    assert found.extract[0].data["placement_type"] == "U6"
    assert found.cases[0].legal_status == "V2"


# --- refusals: id, start date, case status, the child who stood earlier


@pytest.mark.parametrize("blank", ["", "  ", "\u00a0", "#N/A", Formula("=NA()", "#N/A"), Formula("=X1", "")])
@pytest.mark.parametrize("number", range(1, 12))
def test_a_row_without_an_id_is_refused(number: int, blank: object) -> None:
    found = one_list(number, row(number, 1), row(number, blank), row(number, 2))
    (refusal,) = found.refusals
    assert (refusal.list, refusal.row, refusal.column) == (f"List {number}", 3, headings(number)[0])
    assert "id is blank" in refusal.reason
    assert found.accepted == 2


STARTS = {number: next(c.key for c in BY_NUMBER[number].columns if c.kind == "start") for number in range(1, 9)}
BAD_DATES = [
    "02/13/2021", "13/13/2021", "31/02/2021", "8/2/21", "08-Feb-21", "2021-02-30", "yesterday", "29/02/2023",
    44000, 44000.5, True, "2021", "1/2", "20210208", "08/02/202", "2021-13-01", "32/01/2021", "01/01/0021",
]  # fmt: skip


@pytest.mark.parametrize("value", BAD_DATES, ids=str)
@pytest.mark.parametrize("number", range(1, 9))
def test_a_start_date_that_is_not_certain_refuses_the_row(number: int, value: object) -> None:
    found = one_list(number, row(number, 1), row(number, 2, **{STARTS[number]: value}))
    (refusal,) = found.refusals
    assert refusal.row == 3
    assert refusal.column == next(c.heading for c in BY_NUMBER[number].columns if c.kind == "start")
    assert "DD/MM/YYYY" in refusal.reason
    assert [kept.reference for kept in found.extract] == ["1"]
    assert found.refused_references == {"2"}


@pytest.mark.parametrize(
    "value",
    [
        "2021-02-08", "08/02/2021", " 08/02/2021 ", "8/2/2021", "2021-02-08 00:00:00", "2021-02-08T00:00:00.000",
        "08/02/2021 00:00", "08/02/2021\u00a0", dt.date(2021, 2, 8), dt.datetime(2021, 2, 8, 9, 30),  # noqa: DTZ001 - a cell has no zone

        Formula("=DATE(2021,2,8)", "08/02/2021"),
    ],
    ids=str,
)  # fmt: skip
def test_a_date_that_is_certain_is_read(value: object) -> None:
    found = one_list(6, row(6, 1, start_date=value))
    assert found.cases[0].opened_on == dt.date(2021, 2, 8)
    assert found.extract[0].data["start_date"] == "2021-02-08"


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("blank", ["", " ", "#N/A", Formula("=NA()", "#N/A")])
def test_a_blank_start_date_is_a_warning_and_the_row_stands(number: int, blank: object) -> None:
    found = one_list(number, row(number, 1, **{STARTS[number]: blank}))
    assert found.accepted == 1
    assert [at[1] for at in warned(found, "blank") if at[0] == f"List {number}"] == [2]


def test_1900_stands_for_no_date() -> None:
    found = one_list(6, row(6, 1, end_date="1900-01-01"))
    assert not found.cases[0].closed
    assert warned(found, "1 January 1900") == [("List 6", 2, "CIN Closure Date", "1900-01-01")]


def test_one_swapped_date_casts_doubt_on_its_column() -> None:
    found = one_list(6, row(6, 1, start_date="02/03/2021"), row(6, 2, start_date="02/13/2021"))
    assert found.rejected == 1
    assert warned(found, "may have them swapped") == [("List 6", 3, "CIN Start Date", "")]


@pytest.mark.parametrize("number", [6, 7, 8, 9])
@pytest.mark.parametrize("again", [1, "1", " 1 ", "1\u200b"])
def test_a_child_who_stood_earlier_is_refused_where_the_list_holds_one_row(number: int, again: object) -> None:
    found = one_list(number, row(number, 1, team="First"), row(number, again, team="Second"), row(number, 1))
    assert [(r.row, r.value) for r in found.refusals] == [(3, "1"), (4, "1")]
    assert all("in row 2" in refusal.reason for refusal in found.refusals)
    assert [one.team for one in found.cases] == ["First"]


def test_ids_that_differ_in_case_or_spaces_are_one_child() -> None:
    found = one_list(6, row(6, "ab 12"), row(6, "AB12"), row(6, " Ab\u00a012"))
    assert found.rejected == 2


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 10, 11])
def test_a_repeated_child_is_normal_in_the_other_lists(number: int) -> None:
    assert one_list(number, row(number, 1), row(number, 1), row(number, 1)).accepted == 3


def test_section_47_enquiries_without_a_conference_are_kept() -> None:
    rows = [row(5, child, icpc_date="", led_to_plan="") for child in (1, 1, 2)]
    found = one_list(5, *rows)
    assert [kept.data["icpc_date"] for kept in found.extract] == ["", "", ""]


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        ("a) Looked after child", "cla"), ("b) Child Protection plan", "cp"), ("c) Child in need plan", "cin"),
        ("d) Open assessment", "assessment"), ("C) CHILD IN NEED PLAN", "cin"),
        ("  c)child  in need\u00a0plan ", "cin"),
        ("Child in need plan", "cin"), ("Looked after child", "cla"), ("b", "cp"), ("d)", "assessment"), ("CLA", "cla"),
    ],
)  # fmt: skip
def test_case_status_gives_the_plan(text: str, plan: str) -> None:
    found = one_list(6, row(6, 1, case_status=text))
    assert found.cases[0].plan_type == plan
    assert not warned(found, "letter")


@pytest.mark.parametrize("text", ["e) Closed episode", "Closed episode", "E)  closed  EPISODE", "e"])
def test_a_closed_episode_closes_the_case(text: str) -> None:
    found = one_list(6, row(6, 1, case_status=text, end_date=dt.date(2026, 1, 5)), row(6, 2, case_status=text))
    assert [(one.closed, one.closed_on) for one in found.cases] == [(True, dt.date(2026, 1, 5)), (True, AS_AT)]
    assert warned(found, "no closure date") == [("List 6", 3, "CIN Closure Date", "")]


@pytest.mark.parametrize("text", ["x", "f) Something", "c) Klingon", "Child", "1", "closed?ish", "z) z"])
def test_an_unknown_case_status_refuses_the_row(text: str) -> None:
    found = one_list(6, row(6, 1, case_status=text))
    (refusal,) = found.refusals
    assert (refusal.column, refusal.value) == ("Case status", text)
    assert "c) Child in need plan" in refusal.reason


def test_the_words_of_a_case_status_win_over_its_letter() -> None:
    found = one_list(6, row(6, 1, case_status="a) Child in need plan"))
    assert found.cases[0].plan_type == "cin"
    assert warned(found, "letter") == [("List 6", 2, "Case status", "a) Child in need plan")]
    assert case_status("a) Child in need plan") == ("cin", True)


def test_a_blank_case_status_is_a_warning_and_a_child_in_need() -> None:
    found = one_list(6, row(6, 1, case_status=""))
    assert found.cases[0].plan_type == "cin"
    assert warned(found, "case status is blank") == [("List 6", 2, "Case status", "")]


def test_all_that_is_wrong_with_a_row_is_in_its_one_line() -> None:
    found = one_list(6, row(6, "", start_date="02/13/2021", case_status="zzz"))
    (refusal,) = found.refusals
    for words in ("id is blank", "02/13/2021", "zzz"):
        assert words in refusal.reason


@pytest.mark.parametrize("value", [1.5, 1e20, -3, True, "1.2E+12", "x" * 60, dt.date(2020, 1, 1)])
def test_an_id_that_the_spreadsheet_has_spoilt_is_refused(value: object) -> None:
    (refusal,) = one_list(6, row(6, value)).refusals
    assert refusal.column == "Child Unique ID"


# --- columns and sheets


@pytest.mark.parametrize("number", range(1, 12))
def test_a_list_without_its_id_column_is_refused_row_by_row_and_closes_nothing(number: int) -> None:
    sheets = annex_a()
    rows = sheets[f"List {number}"]
    sheets[f"List {number}"] = [cells[1:] for cells in [*rows, rows[1], rows[1]]]
    found = read(sheets)
    assert found.rows_in == 13
    assert [(r.list, r.row) for r in found.refusals] == [(f"List {number}", at) for at in (2, 3, 4)]
    assert all("is missing" in refusal.reason for refusal in found.refusals)
    whole = read(annex_a()).plan_types
    lost = {6: {"cin", "assessment"}, 7: {"cp"}, 8: {"cla"}, 9: {"care_leaver"}}.get(number, set())
    assert found.plan_types == whole - lost


def test_list_6_without_its_case_status_is_refused_and_its_children_are_remembered() -> None:
    where = headings(6).index("Case status")
    rows = [cells[:where] + cells[where + 1 :] for cells in (headings(6), row(6, 1), row(6, 2))]
    found = read(annex_a(list_6=rows))
    assert [refusal.value for refusal in found.refusals] == ["1", "2"]
    assert found.refused_references == {"1", "2"}
    assert "cin" not in found.plan_types


@pytest.mark.parametrize("number", range(1, 12))
def test_each_other_column_may_be_missing_with_a_warning(number: int) -> None:
    for column in BY_NUMBER[number].columns:
        if column.kind in {"id", "status"}:
            continue
        where = headings(number, layout="2024").index("Age" if column.kind == "age" else column.heading)
        rows = [headings(number, layout="2024"), row(number, 1, layout="2024")]
        found = read({f"List {number}": [cells[:where] + cells[where + 1 :] for cells in rows]})
        assert found.accepted == 1, column
        assert (f"List {number}", None, column.heading, "") in warned(found, "The column is missing"), column


def test_a_missing_list_is_a_warning_and_closes_nothing_of_its_kind() -> None:
    found = read(annex_a(list_7=None))
    assert [at[0] for at in warned(found, "is not in the file")] == ["List 7"]
    assert "cp" not in found.plan_types
    assert found.rows_in == found.accepted == 10


def test_an_empty_sheet_is_not_its_list() -> None:
    found = read(annex_a(list_7=[[]]))
    assert "cp" not in found.plan_types
    assert warned(found, "sheet is empty") == [("List 7", None, "", "")]


def test_a_list_with_headings_and_no_rows_is_there() -> None:
    found = read(annex_a(list_7=[headings(7)]))
    assert "cp" in found.plan_types
    assert found.rejected == 0


def test_a_sheet_without_headings_is_refused_row_by_row() -> None:
    found = read(annex_a(list_7=[row(7, 1), row(7, 2)]))
    assert [(r.list, r.row) for r in found.refusals] == [("List 7", 1), ("List 7", 2)]
    assert "cp" not in found.plan_types


def test_headings_below_the_fifth_row_are_not_found() -> None:
    found = read(annex_a(list_7=[["a"], ["b"], ["c"], ["d"], ["e"], headings(7), row(7, 1)]))
    assert found.rejected == 7


def test_a_repeated_heading_is_a_warning_and_the_first_stands() -> None:
    rows = [[*headings(6), "Child Unique ID"], [*row(6, 1), 999]]
    found = read({"List 6": rows})
    assert found.cases[0].reference == "1"
    assert warned(found, "stands twice") == [("List 6", 1, "Child Unique ID", "")]


def test_extra_and_unheaded_columns_are_warnings() -> None:
    rows = [[*headings(6), "Forename", ""], [*row(6, 1), "Kim", "stray"], [*row(6, 2), "Lee", "again"]]
    found = read({"List 6": rows})
    assert found.accepted == 2
    assert warned(found, "not one of this list's") == [("List 6", 1, "Forename", "")]
    assert warned(found, "no heading") == [("List 6", 2, "Column P", "stray")]
    assert "Kim" not in repr(found.extract)


def test_of_two_sheets_that_claim_a_list_the_second_is_refused() -> None:
    sheets = {"List 6": [headings(6), row(6, 1)], "List 6 (2)": [headings(6), row(6, 2), row(6, 3)]}
    found = read(sheets)
    assert [(r.list, r.row, r.value) for r in found.refusals] == [("List 6", 2, "2"), ("List 6", 3, "3")]
    assert "List 6 (2)" in found.refusals[0].reason
    assert found.lists == ("List 6",)
    assert "cin" in found.plan_types


def test_a_sheet_with_the_headings_of_another_list_is_read_as_that_list() -> None:
    found = read({"List 7": [headings(6), row(6, 1)]})
    assert found.lists == ("List 6",)
    assert warned(found, "was read as that list") == [("List 6", None, "", "List 7")]


@pytest.mark.parametrize("name", ["Guidance", "Codes_used", "Contents", "Sheet1"])
def test_a_sheet_that_is_no_list_is_named(name: str) -> None:
    codes = [[column.heading for number in range(1, 12) for column in BY_NUMBER[number].columns if column.codes]]
    found = read({**annex_a(), name: [*codes, ["a) Male"] * 30]})
    assert found.rows_in == 11
    assert warned(found, "not one of the lists of Annex A") == [(name, None, "", "")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.4",
        b"hello",
        b"PK\x03\x04zip",
        workbook({"Sheet1": [["hello", "world"], [1, 2]]}),
        workbook({"a": []}),
    ],
)
def test_what_is_no_annex_a_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"\.$"):
        read_annex_a(data, as_at=AS_AT)
    with pytest.raises(UnreadableFile, match=r"\.$"):
        read_cases(data, filename="file.xlsx")


def test_a_list_may_come_as_csv() -> None:
    text = "\r\n".join(
        ",".join(f'"{cell:%d/%m/%Y}"' if isinstance(cell, dt.date) else f'"{cell}"' for cell in cells)
        for cells in (headings(6), row(6, 1), row(6, 2, start_date="02/13/2021"))
    )
    found = read_cases(text.encode("utf-8-sig"), filename="export/List 6.csv", as_at=AS_AT)
    assert (found.kind, found.lists, found.accepted, found.rejected) == ("annex-a", ("List 6",), 1, 1)


# --- cells elsewhere: a warning, and the row stands


@pytest.mark.parametrize(
    ("number", "key", "value"),
    [
        (6, "gender", "Femail"), (6, "ethnicity", "Klingon"), (6, "need", "PSRMEM - Support with memory"),
        (6, "age", "old"),
        (6, "birth", "31/02/2010"), (6, "end_date", "02/13/2025"), (6, "last_seen_date", 44000),
        (7, "previous_plans", -1),
        (7, "previous_plans", "several"), (8, "legal_status", "C9: Invented"), (8, "placement_type", "x) U9"),
        (6, "age", 130),
        (4, "support_needed", "CS Assessment Updated"), (10, "placed_date", "soon"), (11, "left_reason", "7"),
    ],
)  # fmt: skip
def test_an_unreadable_cell_elsewhere_is_a_warning_and_blank(number: int, key: str, value: object) -> None:
    found = one_list(number, row(number, 1, **{key: value}))
    assert found.accepted == 1
    heading = next(column.heading for column in BY_NUMBER[number].columns if column.key == key)
    (at,) = warned(found, "taken as blank")
    assert at == (f"List {number}", 2, heading, str(value))
    assert not found.extract[0].data[key]


@pytest.mark.parametrize(
    ("number", "key", "value", "kept"),
    [
        (6, "ethnicity", "s) NOBT", "NOBT"), (6, "ethnicity", "t) NOBT", "NOBT"), (6, "ethnicity", "wbri", "WBRI"),
        (6, "ethnicity", "s) REFU", "REFU"), (6, "ethnicity", "u) UNKNOWN", "UNKNOWN"),
        (11, "gender", "c) Neither", "neither"), (11, "gender", "d) Not stated/recorded", "not_stated"),
        (6, "gender", "c) Not stated/recorded", "not_stated"), (6, "gender", "Female", "female"),
        (6, "gender", "M", "male"), (6, "ethnicity", "White British", "WBRI"), (6, "ethnicity", "WBRI - Any", "WBRI"),
        (1, "source", "p1) 5D: LA services", "5D"), (1, "source", "q) 6: Police", "6"), (1, "source", 6, "6"),
        (1, "source", "Police", "6"), (1, "source", "u) 10: Unknown", "10"), (1, "source", "b) 1B: Individual", "1B"),
        (6, "need", "N1 - Abuse or Neglect", "N1"), (6, "need", "Child\u2019s disability", "N2"),
        (6, "need", "n0", "N0"),
        (6, "end_reason", "RC9 - Case closed after assessment, referred to early help", "RC9"),
        (7, "initial_category", "Physical abuse", "physical"),
        (7, "initial_category", "e) Multiple/not recommended", "multiple"),
        (8, "legal_status", "V2", "V2"), (8, "end_reason", "v) E17: Aged 18+ and remained with current carers", "E17"),
        (8, "end_reason", "e) E4A: Returned home", "E4A"), (8, "placement_type", "zz) T4: Temporary placement", "T4"),
        (8, "placement_provider", "e) PR4 - Private provision", "PR4"), (8, "placement_location", "b) Out", "out"),
        (8, "permanence_plan", "f) Long-term fostering", "long_term_fostering"), (8, "uasc", "Y", "yes"),
        (9, "eligibility", "d) Eligible child", "eligible"), (9, "in_touch", "f) Rhom", "returned_home"),
        (9, "accommodation", "Z: With former foster carers", "Z"), (9, "accommodation", "b", "B"),
        (9, "activity", "F4: apprenticeship", "F4"), (9, "suitability", "b) Unsuitable", "unsuitable"),
        (10, "reversed_reason", "RD2", "RD2"), (11, "left_reason", 1, "1"), (3, "nfa", "No", "no"), (6, "age", 6.9, 6),
        (6, "age", -1, -1), (7, "previous_plans", "1,234", 1234), (7, "previous_plans", 0, 0),
    ],
)  # fmt: skip
def test_codes_are_matched_on_the_code_then_on_the_words(number: int, key: str, value: object, kept: object) -> None:
    found = one_list(number, row(number, 1, **{key: value}))
    assert found.extract[0].data[key] == kept
    assert not warned(found, "taken as blank")


def test_an_error_value_is_blank_with_a_warning() -> None:
    found = one_list(6, row(6, 1, team="#N/A", worker=Formula("=VLOOKUP(1,A:A,1)", "#N/A"), need=Formula("=X9", "")))
    assert (found.cases[0].team, found.cases[0].worker) == ("", "")
    assert [(at[2], at[3]) for at in warned(found, "taken as blank")] == [
        ("Primary Need Code", "#FORMULA!"),
        ("Allocated Team", "#N/A"),
        ("Allocated Worker", "#N/A"),
    ]
    assert warned(found, "Open the workbook in Excel and save it")


def test_a_blank_in_a_column_that_must_be_filled_is_a_warning() -> None:
    found = one_list(8, row(8, 1, ethnicity="", team=" "))
    assert [at[2] for at in warned(found, "asks for it to be filled")] == ["Ethnicity", "Allocated Team"]


def test_list_9_has_no_start_date_and_says_so_once() -> None:
    found = one_list(9, row(9, 1), row(9, 2))
    assert [one.opened_on for one in found.cases] == [None, None]
    assert len(warned(found, "no start date")) == 1


# --- ages, disability


@pytest.mark.parametrize(
    ("birth", "age", "band"),
    [
        (dt.date(2026, 6, 1), "", "unborn"), (AS_AT, "", "under_1"),
        ("", -1, "unborn"), (dt.date(2025, 9, 1), "", "under_1"),
        (dt.date(2025, 3, 4), "", "1_4"), (dt.date(2025, 3, 5), "", "under_1"), ("", 4.9, "1_4"), ("", 5, "5_9"),
        ("", 9, "5_9"), ("", 10, "10_15"), ("", 16, "16_17"), ("", 18, "18_plus"), ("", "", ""),
        (dt.date(2008, 2, 29), "", "18_plus"), (dt.date(2008, 3, 5), 18, "16_17"), ("rubbish", 3, "1_4"),
    ],
)  # fmt: skip
def test_the_age_band_is_that_of_the_birth_date_else_of_the_age(birth: object, age: object, band: str) -> None:
    assert one_list(6, row(6, 1, birth=birth, age=age)).cases[0].age_band == band


def test_without_a_date_of_the_extract_the_age_column_gives_the_band() -> None:
    found = read({"List 6": [headings(6), row(6, 1, birth=dt.date(2000, 1, 1), age=3)]}, as_at=None)
    assert found.cases[0].age_band == "1_4"


@pytest.mark.parametrize(
    ("disability", "team", "cwd"),
    [
        ("a) Yes", "Heron", True), ("b) No", "Heron", False), ("c) Unknown", "Heron", None), ("", "Heron", None),
        ("b) No", "Children with Disabilities Team", True), ("", "CWD North", True),
        ("b) No", "Disabled Children", True),
    ],
)  # fmt: skip
def test_the_disability_flag_or_the_teams_name_makes_a_child_cwd(disability: str, team: str, cwd: bool | None) -> None:
    assert one_list(6, row(6, 1, disability=disability, team=team)).cases[0].is_cwd is cwd


# --- ends, and one child in several lists


def test_an_end_on_or_before_the_extracts_date_ends_the_case() -> None:
    rows = [row(7, n, end_date=AS_AT + dt.timedelta(days=days)) for n, days in ((1, -1), (2, 0), (3, 1))]
    found = one_list(7, *rows)
    assert [one.closed for one in found.cases] == [True, True, False]
    assert found.cases[2].closed_on is None
    assert [at[1] for at in warned(found, "after the extract's date")] == [4]


def test_an_end_before_the_start_and_a_start_to_come_are_warnings() -> None:
    found = one_list(8, row(8, 1, end_date=dt.date(2025, 1, 1)), row(8, 2, start_date=AS_AT + dt.timedelta(days=9)))
    assert warned(found, "before the start") == [("List 8", 2, "Date Ceased to be Looked After", "2025-01-01")]
    assert [at[1] for at in warned(found, "start lies after")] == [3]


def test_the_highest_open_plan_decides_and_blanks_are_filled_from_the_others() -> None:
    found = read(
        {
            "List 6": [
                headings(6),
                row(6, 1, team="", worker="", disability="a) Yes", case_status="b) Child Protection plan"),
            ],
            "List 7": [headings(7), row(7, 1, team="", worker="Wren Example", disability="b) No")],
            "List 8": [headings(8), row(8, 1, team="Kestrel", worker="", start_date=dt.date(2026, 1, 2))],
            "List 9": [headings(9), row(9, 1, team="Leaving Care")],
        }
    )
    one = case(found, "1")
    assert (one.list, one.plan_type, one.team, one.worker) == ("List 8", "cla", "Kestrel", "Wren Example")
    assert one.opened_on == dt.date(2026, 1, 2)
    assert one.is_cwd is True
    assert len(combine(found.cases)) == 1


def test_a_closed_row_ends_the_case_only_where_no_other_list_has_it_open() -> None:
    ended = dt.date(2026, 1, 5)
    found = read(
        {
            "List 6": [
                headings(6),
                row(6, 1, case_status="e) Closed episode", end_date=ended),
                row(6, 2, case_status="e) Closed episode", end_date=ended),
            ],
            "List 7": [headings(7), row(7, 1), row(7, 2, end_date=dt.date(2026, 1, 3)), row(7, 3, end_date=ended)],
            "List 8": [headings(8), row(8, 3, end_date=dt.date(2026, 2, 1))],
        }
    )
    assert (case(found, "1").plan_type, case(found, "1").closed) == ("cp", False)
    assert warned(found, "so the case stays open") == [("List 6", 2, "Case status", "1")]
    assert (case(found, "2").closed, case(found, "2").closed_on) == (True, ended)
    assert (case(found, "3").plan_type, case(found, "3").closed_on) == ("cla", dt.date(2026, 2, 1))


def test_a_care_leaver_who_was_looked_after_is_a_care_leaver() -> None:
    found = read(
        {
            "List 8": [headings(8), row(8, 1, end_date=dt.date(2026, 1, 5))],
            "List 9": [headings(9), row(9, 1)],
        }
    )
    assert (case(found, "1").plan_type, case(found, "1").closed, case(found, "1").closed_on) == (
        "care_leaver",
        False,
        None,
    )


# --- whatever the workbook, the sum holds

CELLS = st.one_of(
    st.just(""),
    st.sampled_from(
        ["1", "2", " 2", "ab", "02/13/2021", "08/02/2021", "c) Child in need plan", "e", "zz", "#N/A", "\u00a0"]
    ),
    st.integers(-2, 50000),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.dates(dt.date(1899, 1, 1), dt.date(2150, 1, 1)),
    st.text(max_size=4),
    st.times(),
    st.none(),
)


@st.composite
def sheets(draw: st.DrawFn) -> list[Sheet]:
    made = []
    for place, number in enumerate(draw(st.lists(st.integers(1, 11), min_size=1, max_size=3))):
        names: list[object] = list(
            draw(st.permutations(headings(number, layout=draw(st.sampled_from(["2019", "2024"])))))
        )
        names = names[: draw(st.integers(3, len(names)))] + draw(st.lists(CELLS, max_size=2))
        body = draw(st.lists(st.lists(CELLS, max_size=len(names) + 1), max_size=6))
        name = draw(st.sampled_from([f"List {number} ({place})", f"list_{number} x{place}", f"Sheet {place}"]))
        made.append(Sheet(name, [*draw(st.lists(st.just([]), max_size=4)), names, *body]))
    return made


@settings(deadline=None, max_examples=300)
@given(sheets())
def test_every_filled_row_is_accepted_or_refused_with_a_line(made: list[Sheet]) -> None:
    try:
        found = read_annex_a_sheets(made, as_at=AS_AT)
    except UnreadableFile:
        return
    assert found.accepted + found.rejected == found.rows_in
    assert len(found.extract) == found.accepted
    assert all(refusal.reason and refusal.row and refusal.column for refusal in found.refusals)
    accepted = [(kept.list, kept.row) for kept in found.extract]
    refused = [(int(refusal.list.split()[1]), refusal.row) for refusal in found.refusals]
    unread = {warning.list for warning in found.warnings if warning.reason.endswith(("not read.", "nothing to read."))}
    filled = [sum(not all(map(is_blank, cells)) for cells in sheet.rows) for sheet in made if sheet.name not in unread]
    assert sum(filled) - len(filled) <= found.rows_in <= sum(filled)
    assert len(accepted) == len(set(accepted))
    assert len(accepted) + len(refused) == found.rows_in
    for one in found.cases:
        assert one.reference
        assert one.plan_type in {"cin", "cp", "cla", "care_leaver", "assessment"}
    keys = [(one.list, one.reference.casefold().replace(" ", "")) for one in found.cases]
    assert len(keys) == len(set(keys))
    for kept in found.extract:
        assert all(value is None or isinstance(value, (str, int)) for value in kept.data.values())


def test_progress_is_told_up_to_the_last_row() -> None:
    told: list[tuple[int, int]] = []
    rows = [row(6, number) for number in range(1, 4502)]
    sheets = [Sheet("List 6", [headings(6), *rows]), Sheet("List 7", [headings(7), row(7, 1)])]
    read_annex_a_sheets(sheets, as_at=AS_AT, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 4502), (2000, 4502), (4000, 4502), (4501, 4502), (4502, 4502)]


# --- what systems leave in their extracts


@pytest.mark.parametrize("nothing", ["NULL", "N/A", "-", "\u2013", "nan", "(null)"])
def test_a_word_that_stands_for_nothing_is_blank_with_a_line(nothing: str) -> None:
    cells = row(6, 1)
    where = {heading: place for place, heading in enumerate(headings(6))}
    for heading in ("CIN Start Date", "Allocated Team", "Allocated Worker", "CIN Closure Date"):
        cells[where[heading]] = nothing
    found = one_list(6, cells)
    one = case(found, "1")
    assert (one.opened_on, one.team, one.worker, one.closed) == (None, "", "", False)
    assert len(warned(found, "stands for no value")) == 4


@pytest.mark.parametrize("reference", ["NULL", "-", "N/A", "Total", "Grand total:", "Sub-total"])
def test_an_id_that_is_none_is_refused(reference: str) -> None:
    found = one_list(6, row(6, 1), row(6, reference))
    assert [(one.row, one.column) for one in found.refusals] == [(3, "Child Unique ID")]


def test_a_note_under_a_list_is_refused_and_makes_no_case() -> None:
    found = one_list(6, row(6, 1), [], ["Source: case system, run on 4 March 2026"])
    [refusal] = found.refusals
    assert (refusal.row, refusal.reason) == (
        4, "The row holds nothing else. Fill it in, or take it out where it is a note."
    )  # fmt: skip
    assert len(found.cases) == 1


@pytest.mark.parametrize(
    ("text", "day"),
    [("2025-12-01T00:00:00Z", dt.date(2025, 12, 1)), ("2025-06-30T23:00:00Z", dt.date(2025, 7, 1)),
     ("2025-12-01T00:00:00.000+00:00", dt.date(2025, 12, 1)), ("2025-12-01 10:15:00", dt.date(2025, 12, 1))],
)  # fmt: skip
def test_a_moment_with_its_zone_is_a_day_in_london(text: str, day: dt.date) -> None:
    cells = row(6, 1)
    cells[headings(6).index("CIN Start Date")] = text
    assert case(one_list(6, cells), "1").opened_on == day


def test_an_id_under_another_name_is_an_id() -> None:
    names = [name if name != "Child Unique ID" else "Child Unique Identifier" for name in headings(6)]
    assert read({"List 6": [names, row(6, 1)]}).accepted == 1
