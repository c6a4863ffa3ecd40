"""Spreadsheets in and out: workbooks and CSV to plain rows, plain rows to safe CSV and XLSX.

Reading never guesses and never drops a row: what cannot be read raises UnreadableFile with a sentence for the user.
Writing neutralises formulas (CSV injection) and never turns text into a formula or a link.
"""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import pickle
import re
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import BinaryIO, cast

import python_calamine
import xlsxwriter

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024 * 1024
MAX_CELLS = 12_000_000
MAX_ROWS = 500_000
MAX_COLUMNS = 16_384
MAX_SHEETS = 200

NOT_CALCULATED = "#FORMULA!"
"""Stands in a cell whose formula has no stored result, as in a workbook saved by a program that cannot calculate."""

ERROR_VALUES = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
    | {NOT_CALCULATED}
)

_NOTHING = frozenset({"null", "(null)", "none", "nan", "nat", "n/a", "-", "--", "---"})

DAMAGED = "The workbook is damaged or was cut short. Open it in Excel, save it again, and upload that."
LOCKED = "The workbook is locked by a password. Save a copy without the password, and upload that."
NOT_A_SPREADSHEET = (
    "The file is not a spreadsheet that can be read. Save it as an Excel workbook (.xlsx) or as CSV, and upload that."
)
WEB_PAGE = (
    "The file is a web page or XML under the name of a spreadsheet. Open it in Excel, save it as an Excel workbook "
    "(.xlsx), and upload that."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of a refusal or a warning: where it is (list, row as a spreadsheet numbers it, column), what stands
    there and why it does not do. `row` is None where the line is about a whole list or file."""

    list: str
    row: int | None
    column: str
    value: str
    reason: str


class UnreadableFile(Exception):
    """The file cannot be read at all. The message is a sentence for the user: what is wrong and how to mend it."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name and its rows from row 1, so `rows[i]` is the row that a spreadsheet numbers `i + 1`.

    Cells are str, float, int, bool, date, datetime, time or timedelta; an empty cell is "".
    """

    name: str
    rows: list[list[object]]


# --- folding -----------------------------------------------------------------------------------------------------

_PLAIN = {
    "'": "\u2018\u2019\u201a\u201b\u2032`",
    '"': "\u201c\u201d\u201e\u2033",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2212",
}
_QUOTES = str.maketrans({fancy: plain for plain, variants in _PLAIN.items() for fancy in variants})
_DOUBLED = ((re.compile(r"\({2,}"), "("), (re.compile(r"\){2,}"), ")"))
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=65536)
def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if char in "\t\r\n\x0b\x0c\x85\u2028\u2029" else char for char in text)
    text = "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return _SPACES.sub(" ", text).strip()


def clean(value: object) -> str:
    """A cell as one line of text: runs of white space (no-break too) made one, control and zero-width characters
    gone, ends trimmed, case kept. A whole number held as a float loses its ".0"; None is ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time.min else value.isoformat(sep=" ")
    return _clean(str(value))


@lru_cache(maxsize=65536)
def _fold(text: str) -> str:
    text = _clean(unicodedata.normalize("NFKC", text).translate(_QUOTES))
    for pattern, single in _DOUBLED:
        text = pattern.sub(single, text)
    return text.rstrip("? ").casefold()


def fold(text: object) -> str:
    """A heading or a name reduced to what it says, for comparison: NFKC, straight quotes and hyphens, single brackets,
    one space for any white space, no zero-width characters, no trailing "?", no case."""
    return _fold(text) if isinstance(text, str) else _fold(clean(text))


_NOT_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=16384)
def _squash(text: str) -> str:
    return _NOT_WORD.sub("", _fold(text))


def squash(text: object) -> str:
    """Folded text with letters and digits only: "ChildUniqueID", "child unique id " and "Child_Unique_ID" are one."""
    return _squash(text if isinstance(text, str) else clean(text))


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing: None, "", white space or zero-width characters only."""
    return value is None or (isinstance(value, str) and (not value or not _clean(value)))


def no_value(cell: object) -> str:
    """Why a filled cell holds no value, as a sentence; "" where it holds one, or is blank. An error value of the
    spreadsheet holds none, nor does a word that systems write where they have nothing: NULL, NaN, N/A, a dash."""
    return _no_value(cell) if isinstance(cell, str) and 0 < len(cell) <= 20 else ""


@lru_cache(maxsize=65536)
def _no_value(cell: str) -> str:
    text = _clean(cell)
    if text == NOT_CALCULATED:
        return (
            "The formula has no stored result. It was taken as blank. Open the workbook in Excel and save it, so that "
            "its results are stored."
        )
    if text in ERROR_VALUES:
        return f"{text} is an error of the spreadsheet. It was taken as blank."
    return f"“{text}” stands for no value. It was taken as blank." if _fold(text) in _NOTHING else ""


def without_nothings(cells: Mapping[str, object], *, keep: str = "") -> tuple[dict[str, object], dict[str, str]]:
    """(cells, reasons): a row's cells by name, those that hold no value as "", and of each of these why. The column
    `keep` stays as it is: an id that says NULL is no id, and its reader has a word for that."""
    reasons = {name: reason for name, cell in cells.items() if name != keep and (reason := no_value(cell))}
    return {name: "" if name in reasons else cell for name, cell in cells.items()}, reasons


# --- reading -----------------------------------------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an .xls begins, and a workbook that a password locks."""

_FILLED_CELL = re.compile(rb"""<(?:\w+:)?c(?=[\s>])(?:[^>]*?\sr=["']([A-Za-z]+)(\d+)["'])?[^>]*(?<!/)>""")
_FILLED_ROW = re.compile(
    rb"""<(?:\w+:)?row\b[^>]*?\sr=["'](\d+)["'][^>]*(?<!/)>\s*(?:<(?:\w+:)?c\b[^>]*/>\s*)*<(?:\w+:)?c\b[^>]*(?<!/)>"""
)
_ODD_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>]|)>((?:(?!</?(?:\w+:)?c\b).)*?)</(?:\w+:)?c>", re.DOTALL)
_ATTRIBUTE = re.compile(rb"""\s(r|t)=["']([^"']*)["']""")
_VALUE = re.compile(rb"<(?:\w+:)?v[^>/]*>([^<]*)</(?:\w+:)?v>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_INLINE = re.compile(rb"<(?:\w+:)?is[\s>]")
_STYLED = re.compile(rb"<(?:\w+:)?c\b([^>]*\ss=[^>]*[^/>])>((?:(?!</?(?:\w+:)?c\b).)*?)</(?:\w+:)?c>", re.DOTALL)
_STYLE = re.compile(rb"""\s(r|s|t)=["']([^"']*)["']""")
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*[^/>]|)>(.*?)</table:table-row>", re.DOTALL)
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ODS_REPEAT = re.compile(rb"""number-(?:rows|columns)-repeated=["'](\d+)["']""")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _open_zip(data: bytes) -> zipfile.ZipFile:
    """The zip behind an .xlsx or .ods, checked by its directory before anything is unpacked."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableFile(DAMAGED) from error
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES or len(parts) > 10_000:
        raise UnreadableFile(
            "The workbook unpacks to more data than any extract holds. Save only the lists into a new workbook."
        )
    return archive


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """One part of the zip; read no further than its directory entry promised, since that may lie."""
    try:
        with archive.open(name) as stream:
            found = stream.read(archive.getinfo(name).file_size + 1)
    except Exception as error:  # zlib, zip and key errors of a damaged file: all mean the same to the user
        raise UnreadableFile(DAMAGED) from error
    if b"<!DOCTYPE" in found[:4096] or b"<!ENTITY" in found[:4096]:
        raise UnreadableFile(NOT_A_SPREADSHEET)
    return found


def _check_span(columns: int, rows: int) -> None:
    # A cell far out (XFD1048576) makes the reader hold every cell before it, so the span is checked first.
    if rows > MAX_ROWS or columns > MAX_COLUMNS or columns * rows > MAX_CELLS:
        raise UnreadableFile(
            f"A sheet reaches to row {rows:,} and column {columns:,}, which is more than any extract holds. "
            "Delete the empty rows and columns after the data, save, and upload again."
        )


def _span(xml: bytes) -> tuple[int, int]:
    """How many columns and rows a sheet reaches to. Cells that are only coloured or framed are nothing to read: honest
    workbooks have them by the hundred thousand below and beside their data."""
    columns: set[bytes] = set()
    rows = set(_FILLED_ROW.findall(xml))  # where a cell without an address stands
    for letters, row in _FILLED_CELL.findall(xml):
        columns.add(letters)
        rows.add(row)
    widest = max((_column_number(letters.decode()) for letters in columns), default=0)
    return widest, max((int(row) for row in rows if row), default=0)


def _xlsx_sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name to the part of the zip that holds it."""
    try:
        book = _part(archive, "xl/workbook.xml").decode("utf-8", "replace")
        links = _part(archive, "xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except UnreadableFile:
        return {}
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", links):
        found = dict(re.findall(r"""\b(Id|Target)=["']([^"']*)["']""", tag))
        if len(found) == 2:
            target = found["Target"]
            targets[found["Id"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    parts = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        name = re.search(r"""\sname=(?:"([^"]*)"|'([^']*)')""", tag)
        link = re.search(r"""\s\w+:id=["']([^"']*)["']""", tag)
        if name and link and link.group(1) in targets:
            parts[html.unescape(name.group(1) or name.group(2) or "")] = targets[link.group(1)]
    return parts


def _lost_values(xml: bytes) -> list[tuple[int, int, str]]:
    """(row, column, text) from 0 of cells that the reading library hands over as empty although they are not: error
    values such as #N/A, and formulas with no stored result."""
    if b'"e"' not in xml and b"'e'" not in xml and not _FORMULA.search(xml):
        return []
    lost = []
    for attributes, inside in _ODD_CELL.findall(xml):
        found = dict(_ATTRIBUTE.findall(attributes))
        is_error = found.get(b"t") == b"e"
        is_formula = bool(_FORMULA.search(inside))
        if not is_error and not is_formula:
            continue
        value = _VALUE.search(inside)
        text = value.group(1).decode("utf-8", "replace") if value else ""
        if not is_error and (text or _INLINE.search(inside) or (found.get(b"t") == b"str" and value)):
            continue
        ref = re.fullmatch(rb"([A-Za-z]+)(\d+)", found.get(b"r", b""))
        if ref:
            row, column = int(ref.group(2)) - 1, _column_number(ref.group(1).decode()) - 1
            lost.append((row, column, (text or "#N/A") if is_error else NOT_CALCULATED))
    return lost


@dataclass(frozen=True, slots=True)
class _Format:
    """How a style shows a number: its decimal places, whether as a percentage, whether with commas."""

    places: int
    percent: bool
    commas: bool


_SHOWN = re.compile(r"""(#,##)?0(?:\.(0+))?\s*(%?)""")
_NOT_PLAIN = re.compile(r"[dmyhse/?@]", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"""\[[^\]]*\]|"[^"]*"|\\.|_.|\*.""")
"""Of a number format: its conditions and colours, its own words, its spacing."""


def _formats(archive: zipfile.ZipFile) -> dict[bytes, _Format]:
    """The styles of a workbook that show a number to so many places, or as a percentage."""
    try:
        xml = _part(archive, "xl/styles.xml")
    except UnreadableFile:
        return {}
    codes = {b"1": "0", b"2": "0.00", b"3": "#,##0", b"4": "#,##0.00", b"9": "0%", b"10": "0.00%"}
    codes |= dict.fromkeys((b"37", b"38", b"41", b"42"), "#,##0")
    codes |= dict.fromkeys((b"39", b"40", b"43", b"44"), "#,##0.00")
    for tag in re.findall(rb"<(?:\w+:)?numFmt\b[^>]*>", xml):
        found = dict(re.findall(rb"""\b(numFmtId|formatCode)=["']([^"']*)["']""", tag))
        if len(found) == 2:
            codes[found[b"numFmtId"]] = html.unescape(found[b"formatCode"].decode("utf-8", "replace"))
    styles = re.search(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", xml, re.DOTALL)
    found_formats = {}
    for number, tag in enumerate(re.findall(rb"<(?:\w+:)?xf\b[^>]*>", styles.group(0) if styles else b"")):
        code = re.search(rb"""\bnumFmtId=["'](\d+)["']""", tag)
        text = _NOT_SHOWN.sub("", codes.get(code.group(1), "").split(";")[0]) if code else ""
        shown = _SHOWN.search(text)
        if shown and (shown.group(3) or not _NOT_PLAIN.search(text)):
            found_formats[str(number).encode()] = _Format(
                len(shown.group(2) or ""), bool(shown.group(3)), bool(shown.group(1))
            )
    return found_formats


def _shown_numbers(xml: bytes, formats: dict[bytes, _Format]) -> list[tuple[int, int, str]]:
    """(row, column, text) from 0 of the numbers that a sheet shows otherwise than it holds them: "83%" for 0.8333,
    "83.3" for 83.333333. What is between 0 and 1 and shown without a % sign stays as it is held: rounded it would say
    something else."""
    found = []
    for attributes, inside in _STYLED.findall(xml) if formats else ():
        given = dict(_STYLE.findall(attributes))
        ref = re.fullmatch(rb"([A-Za-z]+)(\d+)", given.get(b"r", b""))
        value = _VALUE.search(inside)
        if not ref or not value or given.get(b"s") not in formats or given.get(b"t", b"n") != b"n":
            continue
        try:
            number, shown = Decimal(value.group(1).decode()), formats[given[b"s"]]
            if not shown.percent and abs(number) <= 1:
                continue
            rounded = (number * 100 if shown.percent else number).quantize(
                Decimal(1).scaleb(-shown.places), ROUND_HALF_UP
            )
        except ArithmeticError:
            continue
        text = f"{rounded:,}" if shown.commas else f"{rounded}"
        text += "%" if shown.percent else ""
        found.append((int(ref.group(2)) - 1, _column_number(ref.group(1).decode()) - 1, text))
    return found


_Cells = dict[str, list[tuple[int, int, str]]]


def _scan_xlsx(data: bytes, *, as_shown: bool) -> tuple[_Cells, _Cells]:
    """Check every sheet's span; give, by sheet name, the cells whose value the reading library would lose, and where
    it is asked for the numbers as they are shown."""
    with _open_zip(data) as archive:
        names = {part: name for name, part in _xlsx_sheet_parts(archive).items()}
        formats = _formats(archive) if as_shown else {}
        lost: _Cells = {}
        shown: _Cells = {}
        for part in archive.namelist():
            if not part.endswith((".xml", ".rels")):
                continue
            xml = _part(archive, part)  # every part, so that none is larger than the directory says
            if not re.fullmatch(r"xl/(?:work)?sheets/[^/]+\.xml", part) and part not in names:
                continue
            if not xml.rstrip().endswith(b"sheet>"):
                raise UnreadableFile(DAMAGED)
            _check_span(*_span(xml))
            if part in names:
                lost[names[part]] = _lost_values(xml)
                shown[names[part]] = _shown_numbers(xml, formats)
    return lost, shown


def _scan_ods(data: bytes) -> None:
    with _open_zip(data) as archive:
        xml = _part(archive, "content.xml")
    # Empty rows and cells are repeated by the million at the end of honest files, so the span ends at the last value.
    for table in xml.split(b"<table:table ")[1:]:
        row = widest = deepest = 0
        for row_attributes, cells in _ODS_ROW.findall(table):
            row += _repeats(row_attributes)
            column = last = 0
            for cell in _ODS_CELL.findall(cells):
                column += _repeats(cell)
                last = column if b"value-type=" in cell else last
            if last:
                widest, deepest = max(widest, last), row
        _check_span(widest, deepest)


def _repeats(attributes: bytes) -> int:
    found = _ODS_REPEAT.search(attributes)
    return min(int(found.group(1)), 10_000_000) if found else 1


def _read_here(data: bytes) -> list[Sheet]:
    """The sheets, by the reading library. Raises UnreadableFile."""
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        kinds = python_calamine.SheetTypeEnum
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == kinds.WorkSheet]
        if len(names) > MAX_SHEETS:
            raise UnreadableFile(f"The workbook has more than {MAX_SHEETS} sheets. Keep only the lists.")
        return [
            Sheet(name, cast("list[list[object]]", book.get_sheet_by_name(name).to_python(skip_empty_area=False)))
            for name in names
        ]
    except UnreadableFile:
        raise
    except python_calamine.PasswordError as error:
        raise UnreadableFile(LOCKED) from error
    except BaseException as error:  # the library is Rust: a panic is not an Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)):
            raise
        raise UnreadableFile(NOT_A_SPREADSHEET) from error


_CHILD = """
import pickle, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
sys.path[:0] = sys.argv[1:]
from core.spreadsheets import UnreadableFile, _read_here
try:
    found = [(sheet.name, sheet.rows) for sheet in _read_here(sys.stdin.buffer.read())]
except UnreadableFile as error:
    found = str(error)
sys.stdout.buffer.write(pickle.dumps(found))
"""


def _read_in_child(data: bytes) -> list[Sheet]:
    """The sheets of an old .xls, read in a process of its own: a cell that its records place far out makes the library
    ask for all memory and end the process, and the format has no directory to check that by."""
    root = str(Path(__file__).resolve().parents[1])
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, and no word of the file in the arguments
            [sys.executable, "-c", _CHILD, root], input=data, capture_output=True, timeout=300, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise UnreadableFile(DAMAGED) from error
    found = pickle.loads(done.stdout)  # noqa: S301 - written by the lines above, of plain cells
    if isinstance(found, str):
        raise UnreadableFile(found)
    return [Sheet(name, rows) for name, rows in found]


def read_workbook(data: bytes, *, max_bytes: int = MAX_BYTES, as_shown: bool = False) -> list[Sheet]:
    """Every worksheet of an .xlsx, .xls or .ods workbook, in order, hidden ones too.

    Formulas give their stored result. An error value stays as its text ("#N/A"); a formula with no stored result is
    NOT_CALCULATED. With `as_shown` a number that an .xlsx shows to so many places, or as a percentage, is the text that
    it shows: "83%", "15.6", "1,234".

    Raises UnreadableFile on anything else: empty, too large, not a workbook, locked by a password, damaged, or
    unpacking to an absurd size.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableFile("The file is empty. Choose the file that holds the extract.")
    if len(data) > max_bytes:
        raise UnreadableFile(
            f"The file is larger than {max_bytes // (1024 * 1024)} MB. Save only the lists into a new workbook."
        )
    lost: _Cells = {}
    shown: _Cells = {}
    if data.startswith(b"PK\x03\x04"):
        with _open_zip(data) as archive:
            parts = set(archive.namelist())
        if "xl/workbook.xml" in parts:
            lost, shown = _scan_xlsx(data, as_shown=as_shown)
        elif "content.xml" in parts:
            _scan_ods(data)
        else:
            raise UnreadableFile(NOT_A_SPREADSHEET)
    elif not data.startswith(OLE):
        raise UnreadableFile(NOT_A_SPREADSHEET)
    if b"EncryptedPackage" in data[:65536] or "EncryptedPackage".encode("utf-16-le") in data:
        raise UnreadableFile(LOCKED)
    sheets = _read_in_child(data) if data.startswith(OLE) else _read_here(data)
    for sheet in sheets:
        for cells in sheet.rows:
            if any(type(cell) is str and cell[:1] == "'" for cell in cells):
                cells[:] = [original_cell(cell) for cell in cells]
        for row, column, text in lost.get(sheet.name, ()):
            if row < len(sheet.rows) or row < MAX_ROWS:
                while len(sheet.rows) <= row:
                    sheet.rows.append([])
                cells = sheet.rows[row]
                cells.extend([""] * (column + 1 - len(cells)))
                if is_blank(cells[column]):
                    cells[column] = text
        for row, column, text in shown.get(sheet.name, ()):
            if (
                row < len(sheet.rows)
                and column < len(sheet.rows[row])
                and type(sheet.rows[row][column]) in (int, float)
            ):
                sheet.rows[row][column] = text
    return sheets


def _decode(data: bytes) -> str:
    """Text of a CSV: a byte order mark decides; else UTF-16 shows by its NULs, else UTF-8, else Windows-1252."""
    if data.startswith(b"\xef\xbb\xbf"):
        codecs = ["utf-8-sig"]
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codecs = ["utf-16"]
    elif data[1:200:2].count(0) > 60:
        codecs = ["utf-16-le"]
    elif data[0:200:2].count(0) > 60:
        codecs = ["utf-16-be"]
    else:
        codecs = ["utf-8", "cp1252"]
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile("The file's text cannot be read. Save it as CSV UTF-8 from Excel, and upload that.")


def _delimiter(text: str) -> str:
    """Comma, semicolon, tab or bar: the one that the first filled record uses most outside quotes; comma if none."""
    counts = dict.fromkeys(",;\t|", 0)
    quoted = seen = False
    for char in text[:20_000]:
        if char == '"':
            quoted = not quoted
        elif char in "\r\n" and not quoted:
            if seen and any(counts.values()):
                break
        elif not quoted and char in counts:
            counts[char] += 1
        if not char.isspace():
            seen = True
    best = max(counts, key=lambda char: counts[char])
    return best if counts[best] else ","


def read_csv(data: bytes, *, max_bytes: int = MAX_BYTES, name: str = "CSV") -> Sheet:
    """A CSV as one sheet of text cells. Row numbers are record numbers, as a spreadsheet shows them: a quoted line
    break does not start a row, an empty line is a row.

    Takes UTF-8, UTF-16 and Windows-1252, with or without a byte order mark; commas, semicolons, tabs or bars; any line
    ends; rows of uneven length. Raises UnreadableFile where the file is empty, too large, binary, a web page or XML, or
    has NUL bytes.
    """
    if not data.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise UnreadableFile("The file is empty. Choose the file that holds the extract.")
    if len(data) > max_bytes:
        raise UnreadableFile(f"The file is larger than {max_bytes // (1024 * 1024)} MB. Split it, or save less of it.")
    if data.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"{\\rtf")):
        raise UnreadableFile(NOT_A_SPREADSHEET)
    text = _decode(data)
    if "\0" in text:
        raise UnreadableFile("The file has NUL bytes in it, so it is not plain text. Save it again as CSV UTF-8.")
    if re.match(r"\s*<(!doctype|html|head|body|table|meta|style|\?xml)\b", text[:2000], re.IGNORECASE):
        raise UnreadableFile(WEB_PAGE)
    csv.field_size_limit(max(csv.field_size_limit(), 1_000_000))
    rows: list[list[object]] = []
    try:
        # csv gives no record at all for an empty line that is not last, but a spreadsheet numbers it: [] keeps it.
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            rows.append([original_cell(cell) for cell in record])
            if len(rows) > MAX_ROWS + 10:
                raise UnreadableFile(f"The file has more than {MAX_ROWS:,} rows. Split it, and upload the parts.")
    except csv.Error as error:
        raise UnreadableFile(
            f"The file cannot be read as CSV near row {len(rows) + 1}: a quotation mark is probably not closed. "
            "Save it again as CSV UTF-8 from Excel."
        ) from error
    return Sheet(name, rows)


def read_sheets(data: bytes, filename: str = "", *, as_shown: bool = False) -> list[Sheet]:
    """The sheets of a workbook, or a CSV as one sheet named after its file; the bytes decide which it is. Raises
    UnreadableFile, as read_workbook and read_csv do."""
    if data.startswith((b"PK\x03\x04", OLE)) or not data.strip():
        return read_workbook(data, as_shown=as_shown)
    name = re.sub(r"\.[^.]*$", "", filename.replace("\\", "/").rsplit("/", 1)[-1])
    return [read_csv(data, name=name or "CSV")]


def other_sheets(sheets: Sequence[Sheet], read: Sheet, list_name: str) -> list[Fault]:
    """A warning for each filled sheet of a workbook that is not the one that was read."""
    reason = f"The sheet was not read: the sheet “{read.name}” was. Put what is to be read into one sheet."
    return [
        Fault(list_name, None, sheet.name, "", reason)
        for sheet in sheets
        if sheet is not read and any(not is_blank(cell) for row in sheet.rows for cell in row)
    ]


# --- tables with a header ------------------------------------------------------------------------------------------

HEADER_ROWS = 5
"""The heading row is looked for in this many first rows of a sheet, under any title."""


@dataclass(frozen=True)
class Table:
    """A sheet with its heading row found. `header` is the row's index; `where` and `headings` give a column's number
    from 0 and its heading as written, by the name that the reader knows it by; `rows` are the indexes of the filled
    rows below; `warnings` are about the columns."""

    sheet: Sheet
    header: int
    where: dict[str, int]
    headings: dict[str, str]
    rows: list[int]
    warnings: list[Fault]

    def values(self, index: int) -> dict[str, object]:
        """The cells of the row at `index`, by name."""
        cells = self.sheet.rows[index]
        return {name: (cells[number] if number < len(cells) else "") for name, number in self.where.items()}


def column_letters(number: int) -> str:
    """A column's letters as a spreadsheet shows them, from its number counted from 0: 0 is A, 26 is AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def filled_rows(sheet: Sheet, after: int) -> list[int]:
    """Indexes of the rows after the index `after` that hold anything."""
    return [index for index in range(after + 1, len(sheet.rows)) if not all(map(is_blank, sheet.rows[index]))]


def unheaded_columns(sheet: Sheet, header: int, list_name: str) -> list[Fault]:
    """A warning for each column that holds something under no heading, at the first row that does."""
    headed = [not is_blank(cell) for cell in sheet.rows[header]]
    gaps = {number for number, there in enumerate(headed) if not there}
    found: dict[int, Fault] = {}
    for index in range(header + 1, len(sheet.rows)):
        cells = sheet.rows[index]
        for number in (*gaps, *range(len(headed), len(cells))):
            if number < len(cells) and number not in found and not is_blank(cells[number]):
                column, value = f"Column {column_letters(number)}", clean(cells[number])[:200]
                found[number] = Fault(list_name, index + 1, column, value, "It has no heading, so it was not read.")
    return [found[number] for number in sorted(found)]


def find_table(sheet: Sheet, names: dict[str, str], expected: Iterable[str], list_name: str) -> Table | None:
    """The table in a sheet: the heading row is the one of the first rows with the most of the known headings, two at
    least; None where there is none.

    `names` gives, for a squashed heading, the name that the reader knows the column by. Extra, repeated and unheaded
    columns, and those of `expected` that are missing, have a warning each under `list_name`; of two columns with the
    same name the first stands.
    """
    best, header = 1, None
    for index, row in enumerate(sheet.rows[:HEADER_ROWS]):
        known = {names[key] for cell in row if isinstance(cell, str) and (key := squash(cell)) in names}
        if len(known) > best:
            best, header = len(known), index
    if header is None:
        return None
    where: dict[str, int] = {}
    headings: dict[str, str] = {}
    warnings: list[Fault] = []
    for number, cell in enumerate(sheet.rows[header]):
        if is_blank(cell):
            continue
        name = names.get(squash(cell), "")
        if name and name not in where:
            where[name], headings[name] = number, clean(cell)
            continue
        reason = "The column stands twice: the first one was read." if name else "It is not a known column: not read."
        warnings.append(Fault(list_name, header + 1, clean(cell)[:200], "", reason))
    warnings += unheaded_columns(sheet, header, list_name)
    reason = "The column is missing: its values are taken as blank."
    warnings += [Fault(list_name, None, name, "", reason) for name in expected if name not in where]
    return Table(sheet, header, where, headings, filled_rows(sheet, header), warnings)


def one_refusal(faults: Sequence[Fault]) -> Fault:
    """All that is wrong with one row as one line: the first fault, with the others named in its reason."""
    first, *others = faults
    also = "".join(f' Also {other.column} "{other.value}": {other.reason}' for other in others)
    return Fault(first.list, first.row, first.column, first.value, first.reason + also)


# --- writing -----------------------------------------------------------------------------------------------------

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe_cell(value: object) -> object:
    """A value that no spreadsheet takes for a formula: text that starts like one (= + - @, tab, line break, or their
    full-width forms, after any spaces or quotation marks) gets an apostrophe in front. Numbers, dates and a lone "-",
    which stands for no figure, pass."""
    if not isinstance(value, str) or value == "-":
        return value
    if value.startswith(_FORMULA_STARTS) or value.lstrip(" \"'\u00a0").startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def original_cell(value: object) -> object:
    """What safe_cell was given: the apostrophe that it put in front of a text taken off again."""
    if isinstance(value, str) and value[:1] == "'" and safe_cell(value[1:]) == value:
        return value[1:]
    return value


def _cell_text(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else safe_cell(value)


def write_csv(header: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV as UTF-8 with a byte order mark and CRLF, so that Excel reads it; every text made safe; dates as ISO."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_cell_text(cell) for cell in header])
    writer.writerows([_cell_text(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def stream_csv(out: BinaryIO, header: Sequence[object], rows: Iterable[Sequence[object]]) -> int:
    """Write a CSV as `write_csv` does into a binary stream, a row at a time. Returns how many rows there were."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", errors="replace", newline="", write_through=True)
    count = 0
    try:
        writer = csv.writer(text)
        writer.writerow([_cell_text(cell) for cell in header])
        for row in rows:
            writer.writerow([_cell_text(cell) for cell in row])
            count += 1
        text.flush()
    finally:
        text.detach()
    return count


def _plain(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes: no []:*?/\\, at most 31 characters, not used before in any case."""
    base = re.sub(r"[\[\]:*?/\\]", " ", clean(name)).strip("' ")[:31] or "Sheet"
    found, number = base, 2
    while found.casefold() in taken:
        found, number = f"{base[: 30 - len(str(number))]} {number}", number + 1
    taken.add(found.casefold())
    return found


_A4 = 9  # paper's number in a workbook
_MEASURED = 200  # rows whose cells a column is made wide enough for


def write_xlsx(sheets: Iterable[tuple], *, title: str = "", marking: str = "") -> bytes:
    """A workbook from (name, header, rows) or (name, header, rows, number_formats), one a sheet, rows streamed.

    `title` stands among the file's properties; `marking` too, and at the head of every printed page.

    `number_formats` gives an Excel format by column number from 0, such as {2: "0%"}. Text is stored as text: never a
    formula, never a link. Dates become date cells, shown as 04/03/2026. The header row is bold and frozen.
    """
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True})
        date = book.add_format({"num_format": "dd/mm/yyyy"})
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        taken: set[str] = set()
        if title or marking:
            book.set_properties({"title": _plain(title), "comments": _plain(marking)})
        for name, header, rows, *rest in sheets:
            formats = {
                column: book.add_format({"num_format": text}) for column, text in (rest[0] if rest else {}).items()
            }
            page = book.add_worksheet(_sheet_name(name, taken))
            page.freeze_panes(1, 0)
            page.repeat_rows(0)
            page.set_paper(_A4)
            page.set_landscape()
            page.fit_to_pages(1, 0)  # as wide as a page, as long as it takes
            if marking:
                # An ampersand begins a code of the header's own, so it is doubled; 255 characters are all it takes.
                page.set_header("&L" + _plain(marking)[:120].replace("&", "&&"))
            widths = [len(str(title)) for title in header]
            for column, title in enumerate(header):
                page.write_string(0, column, _NOT_IN_XML.sub("", str(safe_cell(title))), bold)
            for number, row in enumerate(rows, start=1):
                for column, value in enumerate(row):
                    style = formats.get(column)
                    if value is None or value == "":
                        continue
                    if number <= _MEASURED and column < len(widths):
                        widths[column] = max(widths[column], len(str(value)))
                    if isinstance(value, bool):
                        page.write_boolean(number, column, value, style)
                    elif isinstance(value, dt.datetime):
                        page.write_datetime(number, column, value.replace(tzinfo=None), style or moment)
                    elif isinstance(value, dt.date):
                        page.write_datetime(number, column, dt.datetime.combine(value, dt.time.min), style or date)
                    elif isinstance(value, (int, float, Decimal)) and isfinite(value):
                        page.write_number(number, column, value, style)
                    else:
                        text = _NOT_IN_XML.sub("", str(safe_cell(value)))
                        page.write_string(number, column, text[:32_767], style)
            for column, width in enumerate(widths):
                page.set_column(column, column, min(max(width + 2, 10), 40))
    return out.getvalue()
