"""A table as councils print it: every value as printed, repeats, conflicts, and a round trip."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM, NotAllowed
from accounts.models import OrgUnit, User
from assurance_clinics.choices import DefinitionStatus, FigureKind
from assurance_clinics.models import Comparator, Indicator, IndicatorDefinition, Target, Value
from assurance_clinics.readers.table import month_of
from assurance_clinics.services import INDICATOR_IMPORTER, import_indicators
from core.jobs.services import CannotApply, ImportOutcome, apply_import, give_file, run_due
from core.spreadsheets import UnreadableFile
from tests.factories.spreadsheets import workbook

HEADER = ["Section", "Indicator", "Jul-24", "Aug-24", "Target", "LA 2022/23", "England"]
VISITED = ["Visits", "Percentage of children visited", "83%", "85", "95%", "81.6", "-"]

pytestmark = pytest.mark.django_db


def table(*rows: Sequence[str], header: Sequence[str] = HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def bring(*rows: Sequence[str], header: Sequence[str] = HEADER, **options: Any) -> ImportOutcome:
    options.setdefault("apply", True)
    return import_indicators(data=table(*rows, header=header), filename="a.csv", by=SYSTEM, **options)


def held(month: date = date(2024, 8, 1)) -> dict[str, Value]:
    return {value.indicator.wording: value for value in Value.objects.filter(month=month).select_related("indicator")}


def test_without_apply_nothing_is_written() -> None:
    outcome = bring(VISITED, apply=False)
    assert (outcome.counts["rows_in"], outcome.counts["new"]) == (1, 1)
    assert not Indicator.objects.exists()


def test_a_new_indicator_is_a_draft_with_its_kind_and_unit_guessed() -> None:
    outcome = bring(VISITED)
    definition = IndicatorDefinition.objects.get()
    assert (definition.status, definition.kind, definition.unit_of_measure) == (
        DefinitionStatus.DRAFT,
        "percentage",
        "%",
    )
    assert "taken as: percentage (%)" in outcome.warnings[0].reason


def test_the_five_kinds_of_missing_stay_five_in_storage() -> None:
    bring(
        *(
            ["S", f"Number {name}", "", text, "", "", ""]
            for name, text in (("blank", ""), ("zero", "0"), ("na", "N/A"), ("tbc", "TBC"), ("suppressed", "<5"))
        )
    )
    kinds = {wording.split()[1]: (value.kind, value.value, value.printed) for wording, value in held().items()}
    assert kinds == {
        "blank": (FigureKind.BLANK, None, ""),
        "zero": (FigureKind.NUMBER, 0, "0"),
        "na": (FigureKind.NOT_APPLICABLE, None, "N/A"),
        "tbc": (FigureKind.TO_BE_CONFIRMED, None, "TBC"),
        "suppressed": (FigureKind.SUPPRESSED, None, "<5"),
    }


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [("Aug-24", "83.%.", "not a number"), ("Aug-24", "101", "between 0 and 100"),
     ("Jul-24", "-1%", "between 0 and 100"), ("Target", "ninety", "not a number")],
)  # fmt: skip
def test_a_cell_that_is_no_figure_refuses_its_row(column: str, text: str, said: str) -> None:
    cells = list(VISITED)
    cells[HEADER.index(column)] = text
    outcome = bring(cells, ["S", "Number of contacts", "1", "2", "", "", ""])
    [refusal] = outcome.refusals
    assert (refusal.row, refusal.column, refusal.value) == (2, column, text)
    assert said in refusal.reason
    assert (outcome.counts["rows_in"], outcome.counts["accepted"], outcome.counts["rejected"]) == (2, 1, 1)


def test_two_faults_of_a_row_are_one_line() -> None:
    outcome = bring(["S", "Percentage of x", "200", "83.%.", "", "", ""], apply=False)
    [refusal] = outcome.refusals
    assert refusal.column == "Jul-24"
    assert "Also Aug-24" in refusal.reason


def test_a_month_that_has_not_begun_is_refused() -> None:
    header = [*HEADER[:3], "Aug-99", *HEADER[4:]]
    outcome = bring(
        ["S", "Number of x", "1", "2", "", "", ""],
        ["S", "Number of y", "1", "", "", "", ""],
        header=header,
        apply=True,
    )
    [refusal] = outcome.refusals
    assert (refusal.row, refusal.column) == (2, "Aug-99")
    assert "has not begun" in refusal.reason
    assert not Value.objects.filter(month=date(2099, 8, 1)).exists()


def test_an_equal_repeat_is_ignored_with_a_line() -> None:
    outcome = bring(VISITED, ["Other", "percentage of  children visited", "83", "85%", "-", "81.6", ""])
    assert not outcome.refusals
    assert outcome.counts["repeated"] == 1
    assert any("repeats row 2" in warning.reason for warning in outcome.warnings)
    assert Value.objects.count() == 2


def test_an_unequal_repeat_is_refused_naming_both_places() -> None:
    outcome = bring(VISITED, ["Other", VISITED[1], "83%", "84", "95%", "", ""])
    [refusal] = outcome.refusals
    assert refusal.row == 3
    for words in ("row 2 (section “Visits”)", "row 3 (section “Other”)", "Aug-24 85 there and 84 here"):
        assert words in refusal.reason
    assert held()[VISITED[1]].printed == "85"


def test_the_same_file_again_changes_nothing() -> None:
    bring(VISITED)
    outcome = bring(VISITED)
    assert (outcome.counts["new"], outcome.counts["changed"], outcome.counts["values"]) == (0, 0, 0)
    assert Value.objects.count() == 2


def test_another_figure_is_refused_until_replace_is_chosen() -> None:
    bring(VISITED)
    other = [*VISITED[:3], "86", *VISITED[4:]]
    with pytest.raises(CannotApply) as stopped:
        bring(other)
    assert "Aug-24 is held as 85 (imported from a table) and is 86 here" in stopped.value.outcome.refusals[0].reason
    assert held()[VISITED[1]].printed == "85"
    assert bring(other, replace_values=True).counts["changed"] == 1
    assert held()[VISITED[1]].printed == "86"


def test_a_promised_figure_is_filled_in_and_a_blank_takes_nothing_away() -> None:
    bring([*VISITED[:3], "TBC", *VISITED[4:]])
    bring(VISITED)
    assert held()[VISITED[1]].printed == "85"
    bring([*VISITED[:3], "", *VISITED[4:]])
    assert held()[VISITED[1]].printed == "85"


def test_targets_and_comparators_are_kept_as_printed() -> None:
    bring(VISITED)
    target = Target.objects.get()
    assert (target.value, target.printed, target.starts_on) == (95, "95%", date(2024, 7, 1))
    found = {one.label: (one.compared_with, one.printed) for one in Comparator.objects.all()}
    assert found == {"LA 2022/23": ("authority", "81.6"), "England": ("england", "-")}


def test_a_new_target_holds_from_the_last_month_of_its_table() -> None:
    bring(VISITED)
    bring([*VISITED[:4], "97%", *VISITED[5:]])
    assert [(one.starts_on.month, one.printed) for one in Target.objects.order_by("starts_on")] == [
        (7, "95%"),
        (8, "97%"),
    ]


def test_a_row_may_name_its_service(service: OrgUnit) -> None:
    header = ["Section", "Service", *HEADER[1:]]
    rows = [["S", service.name.upper(), *VISITED[1:]], ["S", "Nowhere", "Number of x", "1", "2", "", "", ""]]
    outcome = bring(*rows, header=header)
    assert Value.objects.filter(unit=service).count() == 2
    [refusal] = outcome.refusals
    assert (refusal.column, refusal.value) == ("Service", "Nowhere")


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02", b"a,b\n1,2\n", table(VISITED, header=[*HEADER[:3], "Jul-24", *HEADER[4:]])]
)
def test_what_is_no_table_is_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        import_indicators(data=data, filename="a.csv", by=SYSTEM)


def test_a_workbook_reads_as_the_csv_does() -> None:
    data = workbook({"Report": [["Title"], HEADER, ["Visits", "Percentage of x", 83, 85.5, "95%", "", ""]]})
    import_indicators(data=data, filename="a.xlsx", by=SYSTEM, apply=True)
    assert held()["Percentage of x"].printed == "85.5"


def test_a_share_in_a_workbook_is_taken_as_it_is_shown() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("Report")
        page.write_row(0, 0, HEADER[:4])
        page.write_row(1, 0, ["Visits", "Percentage of x"])
        page.write_number(1, 2, 5 / 6, book.add_format({"num_format": "0.0%"}))
        page.write_number(1, 3, 1, book.add_format({"num_format": "0%"}))
    outcome = import_indicators(data=out.getvalue(), filename="a.xlsx", by=SYSTEM, apply=True)
    assert not [one for one in outcome.warnings if one.column == "Aug-24"]
    assert (held(date(2024, 7, 1))["Percentage of x"].printed, held()["Percentage of x"].printed) == ("83.3%", "100%")


def test_only_the_qa_unit_brings_tables_in(team_manager: User) -> None:
    with pytest.raises(NotAllowed):
        import_indicators(data=table(VISITED), filename="a.csv", by=team_manager)


def test_through_the_import_pages(qa_admin: User) -> None:
    given = give_file(kind="indicators", filename="a.csv", data=table(VISITED), options={}, by=qa_admin)
    run_due()
    given.refresh_from_db()
    assert (given.status, given.counts["new"]) == ("previewed", 1)
    client = Client()
    client.force_login(qa_admin)
    page = client.get(reverse("jobs:import", args=[given.pk])).content.decode()
    assert INDICATOR_IMPORTER.units_label in html.unescape(page)
    apply_import(file_import=given, by=qa_admin)
    run_due()
    assert Value.objects.count() == 2


# --- the commands ----------------------------------------------------------------------------------------------------


def run(tmp_path: Path, data: bytes, *arguments: str) -> tuple[int, dict[str, Any]]:
    path, out = tmp_path / "table.csv", io.StringIO()
    path.write_bytes(data)
    code = 0
    try:
        call_command("import_indicators", str(path), "--format", "json", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as left:
        code = int(left.code or 0)
    return code, json.loads(out.getvalue())


def test_the_exit_codes(tmp_path: Path) -> None:
    bad = ["S", "Percentage of x", "200", "", "", "", ""]
    assert run(tmp_path, table(VISITED))[0] == 0
    code, said = run(tmp_path, table(VISITED, bad), "--apply")
    assert (code, said["applied"], said["rejected"], said["refusals"][0]["row"]) == (3, True, 1, 3)
    assert run(tmp_path, b"nothing")[0] == 2
    code, said = run(tmp_path, table(bad), "--apply")
    assert (code, said["applied"]) == (3, False)
    assert run(tmp_path, table(), "--apply")[0] == 4


def test_the_table_prints_what_was_printed(tmp_path: Path) -> None:
    rows = [
        VISITED,
        ["S", "Number of contacts", "1,234", "N/A", "", "", ""],
        ["S", "Rate of x", "", "<5", "-", "", "7.0"],
    ]
    bring(*rows)
    out = io.StringIO()
    call_command("indicator_table", "--from", "2024-07", "--to", "2024-08", "--format", "csv", stdout=out)
    assert list(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [HEADER, *rows]


def test_the_printed_table_reads_back_the_same() -> None:
    bring(VISITED)
    out = io.StringIO()
    call_command("indicator_table", "--from", "2024-07", "--to", "2024-08", "--format", "csv", stdout=out)
    again = import_indicators(data=out.getvalue().encode(), filename="b.csv", by=SYSTEM, apply=True)
    assert (again.counts["rejected"], again.counts["values"]) == (0, 0)


def test_the_table_as_json_says_colour_and_direction_with_a_sentence() -> None:
    bring(VISITED)
    out = io.StringIO()
    call_command("indicator_table", "--from", "2024-07", "--to", "2024-08", "--format", "json", stdout=out)
    [line] = json.loads(out.getvalue())["indicators"]
    assert line["rag"] is None
    assert "draft" in line["rag_because"]
    assert line["direction"] == "better"
    assert line["values"][1] == {
        "month": "2024-08", "kind": "number", "value": 85.0, "printed": "85", "numerator": None, "denominator": None,
        "source": "imported", "provisional": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [("--from", "2024-09", "--to", "2024-08"), ("--from", "2024-13", "--to", "2024-08"),
     ("--from", "2024-08", "--to", "2024-08", "--service", "Nowhere")],
)  # fmt: skip
def test_wrong_months_and_services_are_named(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("indicator_table", *arguments)
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("heading", "month"),
    [("Aug 24", date(2024, 8, 1)), ("2024-08", date(2024, 8, 1)), ("Apr-25 ", date(2025, 4, 1)),
     ("08/2024", date(2024, 8, 1)), ("01/08/2024", date(2024, 8, 1)), ("Sept-24", date(2024, 9, 1)),
     ("2024/08", date(2024, 8, 1)), ("August-2024", date(2024, 8, 1)), ("Aug ’24", date(2024, 8, 1)),
     ("Aug–24", date(2024, 8, 1)), ("Aug-24 (%)", date(2024, 8, 1)), ("2011/12", None), ("2022/23", None),
     ("13/2024", None), ("Q1 2025/26", None), ("202408", date(2024, 8, 1)), ("202324", None), ("201112", None),
     ("2024 Aug", date(2024, 8, 1)), ("31/08/2024", date(2024, 8, 1)), ("29/02/2024", date(2024, 2, 1)),
     ("28/02/2024", None), ("31/09/2024", None), ("Month ending 30/09/2024", date(2024, 9, 1)),
     ("Aug-24 actual", date(2024, 8, 1)), ("Aug-24 p", date(2024, 8, 1)), ("Aug 2024 (prov)", date(2024, 8, 1)),
     ("Aug-24*", date(2024, 8, 1)), ("Aug-24 target", None), ("Sep", None)],
)  # fmt: skip
def test_the_ways_in_which_a_month_is_written(heading: str, month: date | None) -> None:
    assert month_of(heading) == month


def test_a_heading_that_is_neither_month_nor_comparator_has_a_line() -> None:
    header = [*HEADER[:4], "Target", "YTD", "England"]
    outcome = bring(VISITED, header=header)
    assert [warning.column for warning in outcome.warnings if "neither a month" in warning.reason] == ["YTD"]


# --- provisional figures ---------------------------------------------------------------------------------------------


def provisional(month: date = date(2024, 8, 1)) -> tuple[str, bool]:
    value = held(month)[VISITED[1]]
    return value.printed, value.provisional


def as_csv() -> list[list[str]]:
    out = io.StringIO()
    call_command("indicator_table", "--from", "2024-07", "--to", "2024-08", "--format", "csv", stdout=out)
    return list(csv.reader(io.StringIO(out.getvalue(), newline="")))


def test_a_provisional_mark_is_kept_in_the_file_and_on_the_page(qa_admin: User) -> None:
    row = [*VISITED[:2], "*83%", "85%p", *VISITED[4:]]
    outcome = bring(row)
    assert [(one.column, one.value) for one in outcome.warnings if "asterisk" in one.reason] == [("Jul-24", "*83%")]
    assert (provisional(date(2024, 7, 1)), provisional()) == (("*83%", True), ("85%p", True))
    assert as_csv() == [HEADER, row]
    assert bring(row).counts["values"] == 0
    client = Client()
    client.force_login(qa_admin)
    page = client.get(reverse("assurance_clinics:indicators"), {"to": "2024-08"}).content.decode()
    # In the column of its month and in the one that sets the newest month against its target.
    assert page.count('<em>85% <abbr title="provisional">p</abbr></em>') == 2
    assert "85%p" not in page


def test_a_figure_becomes_final_without_being_asked_for_where_its_number_stands() -> None:
    bring([*VISITED[:3], "85p", *VISITED[4:]])
    assert bring(VISITED).counts["values"] == 1
    assert provisional() == ("85", False)
    with pytest.raises(CannotApply):
        bring([*VISITED[:3], "86p", *VISITED[4:]])


def test_the_same_number_in_a_table_makes_a_computed_figure_not_final() -> None:
    bring(VISITED)
    Value.objects.filter(month=date(2024, 8, 1)).update(source="computed", provisional=True)
    assert as_csv()[1][3] == "85p", "a file carries the mark, and reads back the same"
    assert bring(VISITED).counts["values"] == 0
    assert provisional() == ("85", True)


def test_provisional_counts_make_a_provisional_figure() -> None:
    bring([*VISITED[:3], "", *VISITED[4:], "", "", "5p", "6"], header=COUNTED)
    assert provisional() == ("83%", True)


# --- counts beside the figures ---------------------------------------------------------------------------------------

COUNTED = [*HEADER, "Jul-24 numerator", "Jul-24 denominator", "Aug-24 (n)", "D: Aug 2024"]


def test_counts_are_kept_beside_the_figure_as_it_was_printed() -> None:
    outcome = bring([*VISITED, "1,000", "1,200", "", ""], header=COUNTED)
    assert not outcome.refusals
    july, august = held(date(2024, 7, 1))[VISITED[1]], held()[VISITED[1]]
    assert (july.printed, july.numerator, july.denominator) == ("83%", 1000, 1200)
    assert f"{july.value:.3f}" == "83.333", "the target is tested on the exact share"
    assert (august.printed, august.numerator, august.denominator) == ("85", None, None)


def test_a_blank_figure_follows_from_its_counts() -> None:
    number = ["S", "Number of contacts", "1,491", "", "", "", "", "1491", "", "12", ""]
    bring([*VISITED[:3], "-", *VISITED[4:], "", "", "5", "6"], number, header=COUNTED)
    assert (held()[VISITED[1]].printed, held()[VISITED[1]].numerator) == ("83%", 5)
    assert (held()["Number of contacts"].printed, held()["Number of contacts"].numerator) == ("12", 12)


@pytest.mark.parametrize(
    ("figure", "n", "d", "said"),
    [("85%", "9", "8", "is larger than the denominator, 8"), ("85%", "5", "", "Give both, or neither"),
     ("85%", "5", "6", "The counts make 83%, and the figure printed is 85%"), ("85%", "5.5", "6", "whole number"),
     ("85%", "0", "0", "The counts make N/A"), ("TBC", "5", "6", "Leave both counts blank"),
     ("85%", "x5", "6", "whole number"), ("85%", "-5", "6", "whole number")],
)  # fmt: skip
def test_counts_that_do_not_go_with_their_figure_refuse_the_row(figure: str, n: str, d: str, said: str) -> None:
    outcome = bring([*VISITED[:3], figure, *VISITED[4:], "", "", n, d], header=COUNTED, apply=False)
    [refusal] = outcome.refusals
    assert (refusal.row, refusal.column) == (2, "Aug-24 numerator")
    assert said in refusal.reason


def test_a_suppressed_count_leaves_the_figure_and_has_a_line() -> None:
    outcome = bring([*VISITED, "", "", "<5", "6"], header=COUNTED)
    assert [(one.column, one.value) for one in outcome.warnings if "no count" in one.reason] == [
        ("Aug-24 numerator", "<5")
    ]
    assert (held()[VISITED[1]].printed, held()[VISITED[1]].denominator) == ("85", None)


def test_counts_are_of_the_month_before_them_and_others_have_a_line() -> None:
    header = [*HEADER[:3], "Numerator", "Denominator", *HEADER[3:], "Numerator", "Sep-24 numerator", "England n"]
    outcome = bring([*VISITED[:3], "5", "6", *VISITED[3:], "1", "2", "3"], header=header)
    assert held(date(2024, 7, 1))[VISITED[1]].denominator == 6
    lines = {one.column: one.reason for one in outcome.warnings if one.row == 1}
    assert "not clear of which month" in lines["Numerator"]
    assert "no column Sep-24 denominator" in lines["Sep-24 numerator"]
    assert set(Comparator.objects.values_list("label", flat=True)) == {"LA 2022/23", "England", "England n"}


def test_counts_may_be_filled_in_and_other_counts_are_a_conflict() -> None:
    bring(VISITED)
    bring([*VISITED[:3], "85", *VISITED[4:], "", "", "17", "20"], header=COUNTED)
    assert held()[VISITED[1]].numerator == 17
    assert bring(VISITED).counts["values"] == 0, "a table without counts takes none away"
    with pytest.raises(CannotApply) as stopped:
        bring([*VISITED[:3], "85", *VISITED[4:], "", "", "170", "200"], header=COUNTED)
    assert "85 (17 of 20) (imported from a table) and is 85 (170 of 200)" in stopped.value.outcome.refusals[0].reason


def test_the_table_with_its_counts_reads_back_the_same() -> None:
    rows = [[*VISITED, "1000", "1200", "17", "20"], ["S", "Number of x", "3", "4", "", "", "", "", "", "4", ""]]
    bring(*rows, header=COUNTED)
    out = io.StringIO()
    months = ("--from", "2024-07", "--to", "2024-08")
    call_command("indicator_table", *months, "--format", "csv", "--counts", stdout=out)
    header = [*COUNTED[:9], "Aug-24 numerator", "Aug-24 denominator"]
    assert list(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [header, *rows]
    kept = list(Value.objects.order_by("pk").values_list("month", "value", "numerator", "denominator"))
    Indicator.objects.all().delete()
    import_indicators(data=out.getvalue().encode(), filename="b.csv", by=SYSTEM, apply=True)
    again = Value.objects.values_list("month", "value", "numerator", "denominator")
    assert sorted(again, key=str) == sorted(kept, key=str)


# --- what files hold -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["24-Aug", "24/08/2024", "2024-08-24", "24-Aug-2024"])
def test_a_month_that_became_a_day_is_named(heading: str) -> None:
    with pytest.raises(UnreadableFile, match=f"column D is the day {heading}"):
        bring(VISITED, header=[*HEADER[:3], heading, *HEADER[4:]])


@pytest.mark.parametrize("heading", ["August", "M5 Aug-24", "Aug-24 (M5)", "Aug 2024 5", "08/24", "08-24", "Month 5"])
def test_a_heading_that_may_be_one_month_or_another_refuses_the_file(heading: str) -> None:
    with pytest.raises(UnreadableFile, match="of column E is “.*it is not certain which month"):
        bring(VISITED, header=[*HEADER[:4], heading, *HEADER[5:]])
    assert not Comparator.objects.exists()


@pytest.mark.parametrize("heading", ["Change since Jul-24", "Aug-24 against Jul-24", "Outturn March"])
def test_a_column_that_speaks_of_a_month_among_other_words_is_named_and_not_read(heading: str) -> None:
    outcome = bring(VISITED, header=[*HEADER[:5], heading, "England"])
    assert [one.column for one in outcome.warnings if "a month beside other words" in one.reason] == [heading]
    assert list(Comparator.objects.values_list("label", flat=True)) == ["England"]


def test_a_comparator_that_names_its_month_or_its_years_stays_one() -> None:
    bring(VISITED, header=[*HEADER[:5], "England Mar-24", "11/12"])
    assert list(Comparator.objects.order_by("position").values_list("label", flat=True)) == ["England Mar-24", "11/12"]


def test_a_date_above_the_headings_is_no_heading() -> None:
    data = workbook({"Report": [["Printed on", date(2024, 9, 17)], HEADER, VISITED]})
    assert import_indicators(data=data, filename="a.xlsx", by=SYSTEM).counts["accepted"] == 1


def test_a_file_as_it_comes_from_a_council() -> None:
    """Byte order mark, semicolons, spaces about the headings, no-break spaces, dashes, thousands and % signs."""
    lines = [
        "Performance report;;;;",
        "Section ; INDICATOR; Jul 2024; 2024-08 ;Target",
        "Visits;Percentage of children visited;83.5 %;–;95%",
        "Contacts;Number of contacts;1,959; 1,491\u00a0;—",
    ]
    data = "\r\n".join(lines).encode("utf-8-sig")
    assert not import_indicators(data=data, filename="a.csv", by=SYSTEM, apply=True).refusals
    assert {name: (one.kind, one.printed) for name, one in held().items()} == {
        "Percentage of children visited": ("blank", "–"), "Number of contacts": ("number", "1,491"),
    }  # fmt: skip
    assert held(date(2024, 7, 1))["Percentage of children visited"].value == 83.5


@pytest.mark.parametrize("text", ["#N/A", "#DIV/0!", "#REF!", "NULL", "NaN"])
def test_a_cell_without_a_value_is_blank_with_a_line(text: str) -> None:
    outcome = bring([*VISITED[:3], text, *VISITED[4:]])
    assert not outcome.refusals
    assert [(one.row, one.column, one.value) for one in outcome.warnings if "as blank" in one.reason] == [
        (2, "Aug-24", text)
    ]
    assert held()[VISITED[1]].kind == FigureKind.BLANK


def test_a_number_1_in_a_row_of_percentages_is_pointed_out() -> None:
    data = workbook({"Data": [HEADER[:4], ["V", "Percentage of visits", 83, 1]]})
    outcome = import_indicators(data=data, filename="a.xlsx", by=SYSTEM)
    assert [one.column for one in outcome.warnings if "Taken as 1%" in one.reason] == ["Aug-24"]


def test_a_month_whose_heading_is_provisional_has_provisional_figures() -> None:
    outcome = bring(VISITED, header=[*HEADER[:3], "Aug-24 (p)", *HEADER[4:]])
    assert [one.column for one in outcome.warnings if "heading says so" in one.reason] == ["Aug-24"]
    assert (provisional(date(2024, 7, 1)), provisional()) == (("83%", False), ("85", True))


def test_columns_of_words_are_named_and_not_read() -> None:
    header = ["Ref", *HEADER, "RAG", "Direction", "Last year"]
    rows = [
        ["1.1a", *VISITED, "A", "\u2191", "81%"],
        ["1.2", "S", "Number of x", "1", "2", "", "", "", "", "", "80"],
    ]
    outcome = bring(*rows, header=header)
    said = {one.column: one.reason for one in outcome.warnings if "holds words" in one.reason}
    assert set(said) == {"Ref", "RAG", "Direction"}
    assert "such as \u201cA\u201d in row 2" in said["RAG"]
    assert not outcome.refusals
    assert set(Comparator.objects.values_list("label", flat=True)) == {"LA 2022/23", "England", "Last year"}


def test_a_wrong_figure_in_a_known_comparator_still_refuses_its_row() -> None:
    [refusal] = bring([*VISITED[:6], "8l"], apply=False).refusals
    assert (refusal.column, refusal.value) == ("England", "8l")


def test_a_note_under_the_table_is_no_indicator() -> None:
    outcome = bring(VISITED, ["", "* provisional"], ["", "Source: case system"])
    assert [(one.row, one.value) for one in outcome.refusals] == [(3, "* provisional"), (4, "Source: case system")]
    assert Indicator.objects.count() == 1


def test_rows_that_head_others_are_sections_where_there_is_no_column_of_them() -> None:
    outcome = bring(["Visits"], VISITED[1:], header=HEADER[1:])
    assert Indicator.objects.get().section == "Visits"
    assert [one.row for one in outcome.warnings if "as the section" in one.reason] == [2]


def test_a_share_without_its_sign_is_not_guessed() -> None:
    [refusal] = bring([*VISITED[:3], "0.83", *VISITED[4:]], apply=False).refusals
    assert "is that 83% or 0.83%?" in refusal.reason
    assert not bring([*VISITED[:3], "0.83%", *VISITED[4:]], apply=False).refusals


def test_numbers_of_a_workbook_are_taken_as_they_are_shown() -> None:
    out = io.BytesIO()
    rows = [("0.0", 250 / 3), ("#,##0", 1234.4), ("General", 250 / 3), ("[Red]0.00", 15.636), ("0", 0.4)]
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet("Report")
        page.write_row(0, 0, HEADER[:4])
        for row, (code, number) in enumerate(rows, start=1):
            page.write_row(row, 0, ["S", f"Number {row}"])
            page.write_number(row, 3, number, book.add_format({"num_format": code}))
    outcome = import_indicators(data=out.getvalue(), filename="a.xlsx", by=SYSTEM, apply=True)
    assert not outcome.refusals
    printed = [held()[f"Number {row}"].printed for row in range(1, 6)]
    assert printed == ["83.3", "1,234", "83.33", "15.64", "0.4"]
    assert f"{held()['Number 3'].value}" == "83.333333"


def test_a_second_sheet_with_a_table_is_named() -> None:
    data = workbook({"July": [HEADER, VISITED], "August": [HEADER, VISITED]})
    outcome = import_indicators(data=data, filename="a.xlsx", by=SYSTEM)
    assert [one.column for one in outcome.warnings if "was not read" in one.reason] == ["August"]
