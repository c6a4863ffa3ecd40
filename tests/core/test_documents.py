"""One document, six kinds of file: each read back by a reader of its own, and hostile text does nothing in any."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
import socket
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from docx import Document as read_docx
from docx.oxml.ns import qn
from pptx import Presentation

from core.charts import GRADES, BarRow, Point
from core.documents import FORMS, Bars, Bullets, Column, Document, Line, Paragraph, Section, Table, fragment
from core.documents import pdf as pdf_writer
from core.documents.pdf import PdfProblem, render_page, why_not
from core.spreadsheets import read_workbook
from tests.factories.pdf_files import read_pdf

needs_pango = pytest.mark.skipif(bool(why_not()), reason="Pango is not installed, so no PDF can be made")

FORMULA_STARTS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "\uff1d1+1", "\uff0b1+1", "\uff0d1+1",
    "\uff201", ' "=1+1',
)  # fmt: skip
POLYGLOTS = (
    "<script>alert(1)</script>",
    "\"'><svg/onload=alert(1)>",
    "javascript:/*--></title></style></textarea></script></xmp><svg/onload='+/\"/+/onmouseover=1/+/[*/[]/+alert(1)//'>",
    "</figcaption></svg><style>@import url(http://127.0.0.1:{port}/c)</style>",
    "<img src=http://127.0.0.1:{port}/i>",
    '<link rel=attachment href="file:///etc/hostname">',
    '<object data="http://127.0.0.1:{port}/o"></object>',
    "background:url(http://127.0.0.1:{port}/b)",
    "\x00\x08\x0b\ufffe control",
    "\u202e reversed",
)
AT = dt.datetime(2026, 5, 3, 9, 2, tzinfo=dt.UTC)
FIGURES = (("Heron", 1_234, 65, 64.7), ("Kestrel", "-", "-", "-"), ("Total", 1_234, 65, 64.7))


def made(text: str = "Heron", *, figures: tuple[tuple[str | int | float, ...], ...] = FIGURES) -> Document:
    """A document with one of everything, with `text` in every place that takes one."""
    columns = (Column(text), Column("Audited", "whole"), Column("% good", "percent"), Column("Exact", "exact"))
    rows = tuple((f"{text}" if place == 0 else row[0], *row[1:]) for place, row in enumerate(figures))
    table = Table(f"{text} table", columns, rows, notes=(f"{text} note",), total=True)
    bars = Bars(f"{text} bars", GRADES, (BarRow(text, {"good": 3, "inadequate": 1}), BarRow("Empty", {})), first="Team")
    line = Line("Trend", (Point("Apr 2026", 50, n=4), Point("May 2026", None), Point("Jun 2026", 75, n=8)), target=70)
    return Document(
        title=f"{text} report",
        audience="heads of service",
        period="April 2026",
        made_by="Quinn Example-Lead",
        made_at=AT,
        scope=text,
        reason=text,
        sections=(
            Section("Figures", (Paragraph(text, strong=True), Bullets((text, "two")), table)),
            Section("Charts", (bars,), (Section("Trend", (line,)),)),
        ),
    )


def test_the_mark_names_marking_audience_person_time_and_reason() -> None:
    assert made("Board meeting").mark == (
        "OFFICIAL-SENSITIVE. For heads of service. Taken out by Quinn Example-Lead on 3 May 2026 at 10:02. "
        "Reason: Board meeting"
    )


def test_a_row_that_does_not_fit_its_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="more or fewer cells"):
        Table("Uneven", (Column("One"),), (("a", "b"),))


def test_a_chart_is_followed_by_its_own_table_unless_its_section_has_one() -> None:
    captions = [table.caption for table in made().tables]
    assert captions == ["Heron table", "Heron bars", "Trend"]


def test_html_has_headings_in_order_and_header_cells() -> None:
    html = fragment(made())
    assert re.findall(r"<h\d>", html) == ["<h2>", "<h2>", "<h3>"]
    assert html.count("<table") == html.count("<caption>") == 3
    assert '<th scope="col">Heron</th>' in html
    assert '<th scope="row">Heron</th><td class="number">1,234</td><td class="number">65%</td>' in html
    assert "Heron bars Heron: 0 outstanding, 3 good" in html


def test_a_workbook_has_numbers_as_numbers_and_its_mark() -> None:
    data = FORMS["xlsx"].write(made())
    sheets = {sheet.name: sheet.rows for sheet in read_workbook(data)}
    assert sheets["Heron table"][0] == ["Heron", "Audited", "% good", "Exact"]
    assert sheets["Heron table"][1] == ["Heron", 1234, 65, 64.7]
    assert sheets["Heron table"][2] == ["Kestrel", "-", "-", "-"]
    assert sheets["About this file"][1] == [made().mark]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        styles = parts.read("xl/styles.xml").decode()
        assert "#,##0" in styles or 'numFmtId="3"' in styles
        assert "OFFICIAL-SENSITIVE" in parts.read("xl/worksheets/sheet1.xml").decode()
        assert "Quinn Example-Lead" in parts.read("docProps/core.xml").decode()


def test_csv_holds_the_first_table() -> None:
    rows = list(csv.reader(io.StringIO(FORMS["csv"].write(made()).decode("utf-8-sig"))))
    assert rows == [
        ["Heron", "Audited", "% good", "Exact"],
        ["Heron", "1234", "65", "64.7"],
        ["Kestrel", "-", "-", "-"],
        ["Total", "1234", "65", "64.7"],
    ]


def test_word_has_real_headings_repeating_header_rows_and_words_for_charts() -> None:
    file = read_docx(io.BytesIO(FORMS["docx"].write(made())))
    heads = [(p.style.name, p.text) for p in file.paragraphs if p.style and p.style.name.startswith(("Title", "Head"))]
    assert heads == [
        ("Title", "Heron report"), ("Heading 1", "Figures"), ("Heading 1", "Charts"), ("Heading 2", "Trend"),
    ]  # fmt: skip
    table = file.tables[0]
    assert [cell.text for cell in table.rows[1].cells] == ["Heron", "1,234", "65%", "64.7%"]
    assert all(grid.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None for grid in file.tables)
    assert file.sections[0].header.paragraphs[0].text == made().mark
    described = [shape._inline.docPr.get("descr") for shape in file.inline_shapes]
    assert described[0].startswith("Heron bars Heron: 0 outstanding, 3 good")
    assert described[1].startswith("Trend Target 70%. Apr 2026 50% (n=4); May 2026 -")
    assert (file.core_properties.author, file.core_properties.language) == ("Quinn Example-Lead", "en-GB")


def test_slides_have_a_page_for_each_table_and_chart_with_the_mark_on_all() -> None:
    long = tuple((f"Team {number}", number, number, float(number)) for number in range(30))
    file = Presentation(io.BytesIO(FORMS["pptx"].write(made(figures=long))))
    titles = [page.shapes.title.text_frame.text for page in file.slides]
    assert titles == [
        "Heron report", "Figures", "Heron table", "Heron table (continued)", "Heron table (continued)", "Heron bars",
        "Heron bars", "Trend", "Trend",
    ]  # fmt: skip
    for page in file.slides:
        assert made().mark in [shape.text_frame.text for shape in page.shapes if shape.has_text_frame]
    grid = file.slides[2].shapes[2].table
    assert grid.first_row
    assert [cell.text for cell in grid.rows[2].cells] == ["Team 1", "1", "1%", "1.0%"]
    picture = next(shape for shape in file.slides[5].shapes if shape.name == "Chart")
    assert picture._element.nvPicPr.cNvPr.get("descr").startswith("Heron bars Heron: 0 outstanding")


@needs_pango
def test_a_pdf_is_tagged_with_title_language_headings_header_cells_and_words_for_charts() -> None:
    read = read_pdf(FORMS["pdf"].write(made()))
    assert read.says(rb"/MarkInfo\s*<</Marked true>>")
    assert read.says(rb"/Lang \(en-GB\)")
    assert read.says(rb"/Title \(Heron report\)")
    assert read.tags["H1"] == 1
    assert (read.tags["H2"], read.tags["H3"], read.tags["Table"], read.tags["Figure"]) == (2, 1, 3, 2)
    assert read.tags["TH"] == 4 + 3 + 6 + 2 + 3 + 3
    assert read.alts[0].startswith("Heron bars Heron: 0 outstanding, 3 good")
    for words in ("1,234", "65%", "64.7%", "Heron note", made().mark):
        assert words in read.text
    assert str(Path.home()).encode() not in read.raw


@needs_pango
def test_a_pdf_counts_its_pages_and_repeats_its_mark() -> None:
    long = tuple((f"Team {number}", number, number, float(number)) for number in range(120))
    read = read_pdf(FORMS["pdf"].write(made(figures=long)))
    assert read.text.count("OFFICIAL-SENSITIVE") >= 3
    assert "Page 2 of" in read.text


def test_without_pango_it_is_said_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_writer, "LIBRARIES", ("libnothing-of-the-kind.so.0",))
    assert "Pango library is not installed" in FORMS["pdf"].why_not()
    with pytest.raises(PdfProblem, match="Pango"):
        FORMS["pdf"].write(made())


# --- hostile text ---------------------------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port that answers nothing and remembers who called."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    caller, _ = server.accept()
                except TimeoutError:
                    continue
                with caller:
                    heard.append(b"called")

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], heard
        over.set()
        thread.join()


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_text_becomes_a_formula(start: str) -> None:
    document = made(start)
    with zipfile.ZipFile(io.BytesIO(FORMS["xlsx"].write(document))) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode("utf-8", "replace")
            assert "<f>" not in text
            assert "<f " not in text
            assert "<hyperlink" not in text
    for row in csv.reader(io.StringIO(FORMS["csv"].write(document).decode("utf-8-sig"))):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
            assert cell == "-" or not cell.startswith("-")


@pytest.mark.parametrize("text", POLYGLOTS)
def test_markup_stays_text_on_a_page(text: str) -> None:
    html = fragment(made(text))
    assert not re.search(r"<(script|img|style|link|object|svg/)", html)
    assert " onload=alert" not in re.sub(r'"[^"]*"|>[^<]*<', "", html)


def test_no_text_becomes_a_link_or_a_part_of_an_office_file() -> None:
    document = made(" ".join(POLYGLOTS))
    for form in ("docx", "pptx", "xlsx"):
        data = FORMS[form].write(document)
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            links = [parts.read(name) for name in parts.namelist() if name.endswith(".rels")]
            assert not any(b'TargetMode="External"' in link for link in links), form


@needs_pango
def test_a_pdf_fetches_nothing_whatever_stands_in_its_texts(listener: tuple[int, list[bytes]]) -> None:
    port, heard = listener
    document = made(" ".join(POLYGLOTS).replace("{port}", str(port)))
    data = FORMS["pdf"].write(document)
    assert not read_pdf(data).says(rb"/EmbeddedFile|/Filespec|/URI|/JavaScript")
    assert heard == []


@needs_pango
def test_even_markup_that_came_through_could_fetch_nothing(listener: tuple[int, list[bytes]], tmp_path: Path) -> None:
    port, heard = listener
    canary = tmp_path / "canary.txt"
    canary.write_text("CANARY-OF-A-LOCAL-FILE")
    at = f"http://127.0.0.1:{port}"
    page = f"""<!doctype html><html lang="en"><head><title>x</title>
      <link rel=stylesheet href="{at}/1"><link rel=attachment href="{canary.as_uri()}">
      <style>@import url({at}/2); @font-face {{ font-family: x; src: url({at}/3) }}
      body {{ background: url({at}/4); font-family: x }} li {{ list-style-image: url({at}/5) }}</style></head>
      <body><h1>x</h1><img src="{at}/6" alt="x"><img src="{canary.as_uri()}" alt="x"><object data="{at}/7"></object>
      <embed src="{at}/8"><svg xmlns="http://www.w3.org/2000/svg"><title>x</title><image href="{at}/9"/>
      <use href="{at}/10"/></svg><a rel=attachment href="{canary.as_uri()}">x</a><ul><li>x</li></ul></body></html>"""
    data = render_page(page)
    assert heard == []
    read = read_pdf(data)
    assert not read.says(rb"/EmbeddedFile")
    assert b"CANARY" not in data
    assert "CANARY" not in read.text


@needs_pango
def test_papers_printed_at_once_hold_their_own_words_alone() -> None:
    """Each is printed in a process of its own: no page of one ever stands in another."""
    # `make faults` prints hundreds (tests/faults/many_papers.py).
    print_at_once(6)


def print_at_once(number: int) -> None:
    """So many papers by three printers; fails when one holds a word of another."""
    words = [f"canary{place:04d}end" for place in range(number)]
    with ThreadPoolExecutor(3) as printers:
        papers = list(printers.map(lambda word: read_pdf(FORMS["pdf"].write(made(word))).text, words))
    for word, paper in zip(words, papers, strict=True):
        assert {each for each in words if each in paper} == {word}


@needs_pango
def test_a_paper_leaves_no_file_behind() -> None:
    def left() -> set[Path]:
        return {path for path in Path("/tmp").iterdir() if path.name.startswith(("weasyprint-", "pdf-"))}

    before = left()
    FORMS["pdf"].write(made())
    assert left() <= before


@needs_pango
def test_a_page_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_writer, "CPU_SECONDS", 1)
    with pytest.raises(PdfProblem, match="within its time and memory"):
        render_page("<!doctype html><title>x</title>" + "<table><tr><td>" * 60 + "x " * 200_000)


def test_a_page_that_is_far_too_long_is_not_begun() -> None:
    with pytest.raises(PdfProblem, match="too long"):
        render_page("x" * (pdf_writer.LONGEST + 1))


# --- another program's reader -----------------------------------------------------------------------------------------

SOFFICE = shutil.which("soffice")


@pytest.mark.slow
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed, so nothing was converted by it")
@pytest.mark.parametrize(("form", "into"), [("xlsx", "csv"), ("docx", "txt:Text"), ("pptx", "pdf")])
def test_libreoffice_reads_the_same_figures_without_repair(form: str, into: str, tmp_path: Path) -> None:
    file = tmp_path / f"report.{form}"
    file.write_bytes(FORMS[form].write(made()))
    profile = (tmp_path / "profile").as_uri()
    done = subprocess.run(
        [
            str(SOFFICE), "--headless", "--norestore", f"-env:UserInstallation={profile}", "--convert-to", into,
            "--outdir", str(tmp_path), str(file),
        ],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    assert b"Error" not in done.stderr
    out = tmp_path / f"report.{into.partition(':')[0]}"
    if into == "pdf":
        assert out.read_bytes().startswith(b"%PDF")
        assert len(re.findall(rb"/Type\s*/Page\b", out.read_bytes())) == 7
        return
    text = out.read_text(encoding="utf-8-sig")
    assert "Heron" in text
    assert ("Heron,1234,65,64.7\nKestrel,-,-,-" if form == "xlsx" else "1,234") in text
