"""Reading any file without harm, writing files that no spreadsheet runs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.spreadsheets import (
    NOT_CALCULATED,
    Fault,
    Sheet,
    UnreadableFile,
    clean,
    column_letters,
    find_table,
    fold,
    is_blank,
    one_refusal,
    other_sheets,
    read_csv,
    read_workbook,
    safe_cell,
    squash,
    write_csv,
    write_xlsx,
)
from tests.factories.spreadsheets import Formula, old_workbook, open_document, workbook

# --- folding


@pytest.mark.parametrize(
    "heading",
    [
        "Child Unique ID",
        "  CHILD  unique\u00a0ID ",
        "child\tunique\nid?",
        "Child\u200b Unique ID",
        "\uff23hild Unique ID",
    ],
)
def test_headings_that_say_the_same_fold_to_the_same(heading: str) -> None:
    assert fold(heading) == "child unique id"


def test_folding_straightens_quotes_and_doubled_brackets() -> None:
    assert fold("\u2018Missing\u2019 children\u2019s (Y/N))") == "'missing' children's (y/n)"
    assert squash("ChildUniqueID") == squash("child_unique id ") == "childuniqueid"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert clean(clean(text)) == clean(text)


def test_a_whole_number_loses_its_point() -> None:
    assert clean(9212044.0) == "9212044"
    assert clean(None) == ""
    assert clean(dt.date(2024, 2, 29)) == "2024-02-29"


@pytest.mark.parametrize("value", [None, "", "  ", "\u00a0", "\u200b\u00a0"])
def test_blank_cells(value: object) -> None:
    assert is_blank(value)
    assert not is_blank(0)


def test_columns_have_the_letters_of_a_spreadsheet() -> None:
    assert [column_letters(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# --- workbooks


def test_rows_keep_the_numbers_that_a_spreadsheet_shows() -> None:
    (sheet,) = read_workbook(workbook({"List 1": [[], [], ["", "third row"]]}))
    assert sheet.name == "List 1"
    assert sheet.rows[2] == ["", "third row"]


def test_formulas_give_their_stored_result_and_errors_stay_visible() -> None:
    rows = [
        [Formula("=1+1", 2), Formula('="a"', "a"), Formula("=NA()", "#N/A"), Formula("=1/0", "#DIV/0!")],
        [Formula("=A1", ""), "plain"],
    ]
    (sheet,) = read_workbook(workbook({"One": rows}))
    assert sheet.rows[0] == [2.0, "a", "#N/A", "#DIV/0!"]
    assert sheet.rows[1][:2] == [NOT_CALCULATED, "plain"]


def test_lost_values_are_found_in_the_right_sheet_whatever_its_name() -> None:
    sheets = read_workbook(workbook({"A & B": [["x"]], 'Ofsted\'s "C"': [["y", Formula("=NA()", "#N/A")]]}))
    assert [sheet.rows for sheet in sheets] == [[["x"]], [["y", "#N/A"]]]


def _archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def _changed(data: bytes, pattern: bytes, new: bytes, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    assert re.search(pattern, parts[part])
    parts[part] = re.sub(pattern, new, parts[part])
    return _archive(parts)


def _with_size(data: bytes, size: int) -> bytes:
    """The zip with another unpacked size in its directory for the shared strings: too much, or a lie."""
    at = data.index(b"PK\x01\x02")
    while data[at + 46 : at + 46 + 20] != b"xl/sharedStrings.xml":
        at = data.index(b"PK\x01\x02", at + 4)
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


GOOD = workbook({"List 6": [["Child Unique ID", "x"], [1, 2]]})


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"  \r\n \0\0", "empty"),
        (b"%PDF-1.7 something", "not a spreadsheet"),
        (b"reference,service\n1,2\n", "not a spreadsheet"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (GOOD[: len(GOOD) // 2], "damaged"),
        (_archive({"word/document.xml": b"<x/>"}), "not a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000, "not a spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4000, "password"),
        (_changed(GOOD, rb"<sheetData>", b'<sheetData><row r="9"><c r="XFD1048576"><v>1</v></c></row>'), "column"),
        (_changed(GOOD, rb'<row r="1"', b'<row r="1048576"'), "row 1,048,576"),
        (_changed(GOOD, rb"<\?xml[^>]*\?>", b'<!DOCTYPE a [<!ENTITY b "c">]>'), "not a spreadsheet"),
        (_changed(GOOD, rb"</worksheet>", b""), "damaged"),
        (_with_size(GOOD, 4_000_000_000), "unpacks to more"),
        (_with_size(GOOD, 40), "damaged"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says) as refused:
        read_workbook(data)
    assert str(refused.value).endswith(".")


def test_an_old_workbook_is_read() -> None:
    rows = [["Child Unique ID", "Case status"], [12.0, "c) Child in need plan"]]
    assert read_workbook(old_workbook("List 6", rows)) == [Sheet("List 6", rows)]


def test_an_old_workbook_that_would_take_all_memory_is_refused_and_the_process_lives() -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        read_workbook(old_workbook("List 6", [["a"]], also=(65535, 65535)))


ODS_ROW = "<table:table-row{0}>{1}</table:table-row>"
ODS_TEXT = '<table:table-cell office:value-type="string"{0}><text:p>{1}</text:p></table:table-cell>'


def test_an_open_document_is_read_with_its_dates_and_errors_and_its_endless_tail() -> None:
    date = '<table:table-cell office:value-type="date" office:date-value="2021-02-08"><text:p/></table:table-cell>'
    tail = '<table:table-cell table:number-columns-repeated="16383"/>'
    rows = ODS_ROW.format("", ODS_TEXT.format("", "a") + date + ODS_TEXT.format("", "#N/A") + tail)
    rows += ODS_ROW.format(' table:number-rows-repeated="1048575"', tail)
    assert read_workbook(open_document("List 6", rows)) == [Sheet("List 6", [["a", dt.date(2021, 2, 8), "#N/A"]])]


@pytest.mark.parametrize(
    "rows",
    [
        ODS_ROW.format(' table:number-rows-repeated="1048576"', ODS_TEXT.format("", "a")),
        ODS_ROW.format(' table:number-rows-repeated="900000"', "") + ODS_ROW.format("", ODS_TEXT.format("", "a")),
        ODS_ROW.format("", "<table:table-cell/>" + ODS_TEXT.format(' table:number-columns-repeated="99999999"', "a")),
    ],
)
def test_an_open_document_that_repeats_itself_without_end_is_refused(rows: str) -> None:
    with pytest.raises(UnreadableFile, match="more than any extract holds"):
        read_workbook(open_document("List 6", rows))


def test_a_file_too_large_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="larger than"):
        read_workbook(GOOD, max_bytes=100)
    with pytest.raises(UnreadableFile, match="larger than"):
        read_csv(b"a,b\n" * 100, max_bytes=100)


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        try:
            read_workbook(start + data)
        except UnreadableFile:
            pass
    try:
        read_csv(data)
    except UnreadableFile:
        pass


# --- CSV


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_csv_in_each_encoding(codec: str) -> None:
    text = "reference,team\r\n1,Café Team\r\n" + "2,Team with a long enough name\r\n" * 4
    assert read_csv(text.encode(codec)).rows[1] == ["1", "Café Team"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_csv_with_each_delimiter_and_line_end(delimiter: str, end: str) -> None:
    text = end.join(delimiter.join(cells) for cells in (["a b", "c"], ['"x, y; z"', "2"], ["3"], ["", "", "4"]))
    assert read_csv(text.encode()).rows == [["a b", "c"], ["x, y; z", "2"], ["3"], ["", "", "4"]]


def test_csv_rows_are_numbered_as_a_spreadsheet_does() -> None:
    sheet = read_csv(b'a,b\r\n"line one\r\nline two",1\r\n\r\n2,3\r\n')
    assert sheet.rows == [["a", "b"], ["line one\r\nline two", "1"], [], ["2", "3"]]


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "empty"), (b"\xef\xbb\xbf\r\n", "empty"), (b"a,b\n1,\x002\n", "NUL"), (b"%PDF-1.4", "not a spreadsheet")],
)
def test_what_is_no_csv_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read_csv(data)


# --- a table under its headings

NAMES = {"reference": "reference", "team": "team", "start": "start"}


def test_a_table_is_found_under_a_title_and_its_columns_accounted_for() -> None:
    rows = [
        ["Caseload of March"],
        [],
        ["Team", " REFERENCE ", "team", "mood", ""],
        ["A", "1", "B", "x", "stray"],
        [],
        ["C"],
    ]
    table = find_table(Sheet("S", rows), NAMES, ["reference", "start"], "Caseload")
    assert table is not None
    assert (table.header, table.where, table.rows) == (2, {"team": 0, "reference": 1}, [3, 5])
    assert table.values(5) == {"team": "C", "reference": ""}
    assert [(fault.row, fault.column) for fault in table.warnings] == [
        (3, "team"),
        (3, "mood"),
        (4, "Column E"),
        (None, "start"),
    ]


def test_a_sheet_without_headings_holds_no_table() -> None:
    assert find_table(Sheet("S", [["hello"], ["reference"]]), NAMES, [], "Caseload") is None
    assert find_table(Sheet("S", [[]] * 5 + [["reference", "team"]]), NAMES, [], "Caseload") is None


def test_a_refused_row_has_one_line_that_names_everything_wrong() -> None:
    faults = [Fault("L", 2, "id", "", "Blank."), Fault("L", 2, "date", "x", "No date.")]
    assert one_refusal(faults) == Fault("L", 2, "id", "", 'Blank. Also date "x": No date.')


# --- writing

PREFIXES = ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", " =", "'=", '"=', "\u00a0+"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_text_that_starts_like_a_formula_is_made_safe(prefix: str) -> None:
    text = f"{prefix}cmd|' /C calc'!A0"
    assert safe_cell(text) == "'" + text
    (header, (cell,)) = list(csv.reader(io.StringIO(write_csv(["note"], [[text]]).decode("utf-8-sig"), newline="")))
    assert header == ["note"]
    assert cell == "'" + text


def test_honest_text_and_numbers_pass_untouched() -> None:
    for value in ("Team 4", "it's = fine", "", -4, 0.5, None, True, dt.date(2026, 3, 4)):
        assert safe_cell(value) == value


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=5))
def test_no_cell_of_a_csv_starts_like_a_formula(rows: list[list[str]]) -> None:
    for record in csv.reader(io.StringIO(write_csv(["a", "b"], rows).decode("utf-8-sig"), newline="")):
        for cell in record:
            assert cell == "-" or not cell.startswith(
                ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
            )


def test_a_workbook_holds_text_as_text() -> None:
    texts = [f"{prefix}1+1" for prefix in PREFIXES] + ["http://example.org", "{=SUM(A1)}", "a\x0bb"]
    data = write_xlsx([("Notes: 1/2", ["note"], [[text] for text in texts])])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        page = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page
    assert page.count('t="inlineStr"') == len(texts) + 1
    assert 'state="frozen"' in page
    (sheet,) = read_workbook(data)
    assert sheet.name == "Notes  1 2" or sheet.name == "Notes 1 2"
    assert [cells[0] for cells in sheet.rows[1:-1]] == texts[:-1]


@given(st.lists(st.text(alphabet="'\"=+-@ ab\uff1d", min_size=1, max_size=6), min_size=1, max_size=5))
def test_what_is_written_safe_is_read_back_as_it_was(texts: list[str]) -> None:
    assert read_csv(write_csv(["note"], [[text] for text in texts])).rows == [["note"], *([text] for text in texts)]


def test_a_workbook_gives_back_what_was_written() -> None:
    rows = [["A", 3, 0.5, dt.date(2026, 3, 4), None], ["B", -1, 1.0, dt.date(2024, 2, 29), "x"]]
    first, second = read_workbook(
        write_xlsx([("Same", ["a", "b", "c", "d", "e"], rows, {2: "0%"}), ("same", ["only"], [])])
    )
    assert first.rows == [["a", "b", "c", "d", "e"], [*rows[0][:4], ""], rows[1]]
    assert (first.name, second.name) == ("Same", "same 2")


def test_numbers_that_excel_has_no_cell_for_are_written_as_text() -> None:
    (sheet,) = read_workbook(write_xlsx([("N", ["n"], [[float("nan")], [float("inf")], [True]])]))
    assert sheet.rows[1:] == [["nan"], ["inf"], [True]]


def test_cells_that_are_only_coloured_are_no_part_of_a_sheet() -> None:
    tail = b"".join(b'<row r="%d" s="1"><c r="XFD%d" s="1"/></row>' % (row, row) for row in (900_000, 1_048_576))
    [sheet] = read_workbook(_changed(GOOD, rb"</sheetData>", tail + b"</sheetData>"))
    assert len(sheet.rows) == 2


@pytest.mark.parametrize("text", ["<html><table>", " <!DOCTYPE html>", '<?xml version="1.0"?><Workbook>', "<table>"])
def test_a_web_page_under_the_name_of_a_spreadsheet_is_named(text: str) -> None:
    with pytest.raises(UnreadableFile, match="web page or XML"):
        read_csv(text.encode())


def test_bars_part_the_cells_too() -> None:
    assert read_csv(b"a|b,c|d\n1|2|3\n").rows == [["a", "b,c", "d"], ["1", "2", "3"]]


def test_each_other_filled_sheet_has_a_line() -> None:
    sheets = read_workbook(workbook({"One": [["a"]], "Two": [["b"]], "Empty": []}))
    assert [fault.column for fault in other_sheets(sheets, sheets[0], "List")] == ["Two"]


def test_a_column_is_wide_enough_for_what_stands_in_it_and_a_sheet_prints_as_wide_as_a_page() -> None:
    name = "Children with Disabilities (Jigsaw)"
    data = write_xlsx([("Grades", ["Service", "n", "Note"], [[name, 4, "x" * 90]])])
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
    widths = [float(width) for width in re.findall(r'<col [^>]*width="([0-9.]+)"', page)]
    assert len(name) < widths[0] < 40
    assert widths[1] < 12
    assert 40 <= widths[2] < 42
    assert 'orientation="landscape"' in page
    assert '<pageSetUpPr fitToPage="1"/>' in page
