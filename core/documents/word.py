"""A document as a Word file: real headings, table header rows that repeat, charts as pictures with their words."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

from core.documents import drawing
from core.documents.content import Bars, Block, Bullets, Chart, Document, Line, Paragraph, Table, with_twins

ROWS_TOGETHER = 24
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Text that XML can hold: control characters and half characters taken out."""
    return _NOT_IN_XML.sub("", text)


def docx(document: Document) -> bytes:
    """The document as DOCX. The marking stands in the header of every page, the title and the page in the footer."""
    from docx import Document as new_file
    from docx.shared import Mm, Pt

    file = new_file()
    _describe(file.core_properties, document)
    for style, size in (("Normal", 10.5), ("Title", 20), ("Heading 1", 14), ("Heading 2", 12), ("Heading 3", 11)):
        font = file.styles[style].font
        font.name, font.size = "Arial", Pt(size)
        _leave_theme(file.styles[style])
    _speak_english(file)
    page: Any = file.sections[0]
    wide = any(len(table.columns) > 7 for table in document.tables)
    page.page_width, page.page_height = (Mm(297), Mm(210)) if wide else (Mm(210), Mm(297))
    if wide:
        from docx.enum.section import WD_ORIENT

        page.orientation = WD_ORIENT.LANDSCAPE
    for side, room in (("left", 18), ("right", 18), ("top", 22), ("bottom", 20)):
        setattr(page, f"{side}_margin", Mm(room))
    page.header_distance = page.footer_distance = Mm(9)
    page.header.paragraphs[0].add_run(plain(document.mark)).bold = True
    _page_number(page.footer.paragraphs[0], plain(document.title))
    file.add_heading(plain(document.title), 0)
    for fact in (document.period, document.scope):
        if fact:
            file.add_paragraph(plain(fact))
    for level, section in document.all_sections():
        file.add_heading(plain(section.heading), min(level, 9))
        for block in with_twins(section):
            _add(file, block, page.page_width - page.left_margin - page.right_margin)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _describe(properties: Any, document: Document) -> None:
    """Who and when as the document says, and nothing of the machine or of the template's author."""
    when = document.made_at.astimezone(dt.UTC).replace(tzinfo=None)
    properties.title, properties.subject = plain(document.title)[:255], plain(document.period)[:255]
    properties.author = properties.last_modified_by = plain(document.organisation or document.made_by)[:255]
    properties.comments, properties.keywords = plain(document.mark)[:255], document.marking
    properties.created = properties.modified = when
    properties.language = "en-GB"


def _leave_theme(style: Any) -> None:
    """The style's own font, where the template names one of its theme besides, which would win."""
    from docx.oxml.ns import qn

    for fonts in style.element.iter(qn("w:rFonts")):
        for name in [name for name in fonts.attrib if name.endswith("Theme")]:
            del fonts.attrib[name]


def _speak_english(file: Any) -> None:
    """The language of the whole text, for whoever has it read out."""
    from docx.oxml.ns import qn

    for language in file.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _page_number(paragraph: Any, title: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.add_run(f"{title}. Page ")
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
        run._r.append(mark)


def _add(file: Any, block: Block, width: int) -> None:
    match block:
        case Paragraph():
            file.add_paragraph().add_run(plain(block.text)).bold = block.strong
        case Bullets():
            for item in block.items:
                file.add_paragraph(plain(item), style="List Bullet")
        case Bars() | Line():
            _add_chart(file, block, width)
        case Table():
            _add_table(file, block, width)


def _add_chart(file: Any, chart: Chart, width: int) -> None:
    from docx.shared import Emu, Mm

    picture, _height = drawing.png(chart)
    file.add_paragraph(plain(chart.title), style="Caption").paragraph_format.keep_with_next = True
    shape = file.add_picture(io.BytesIO(picture), width=Emu(min(width, Mm(174))))
    described = shape._inline.docPr
    described.set("descr", plain(chart.says))
    described.set("title", plain(chart.title))
    described.set("name", "Chart")


def _add_table(file: Any, table: Table, width: int) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Emu, Pt

    file.add_paragraph(plain(table.caption), style="Caption").paragraph_format.keep_with_next = True
    grid = file.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Table Grid")
    small = Pt(7.5) if len(table.columns) > 8 else Pt(9)
    # Cells of the grid are looked up afresh on every access, which is slow: once is enough.
    cells = grid._cells
    across = len(table.columns)
    if across > 2:
        # The first column holds the words; twice the room of the others.
        share = width // (across + 1)
        for place, column in enumerate(grid.columns):
            column.width = Emu(share * (2 if place == 0 else 1))
    # A short table stays on one page. Of a long one the header stays with what follows: LibreOffice drops the rows of
    # a table whose repeated header alone has room on a page.
    held = len(table.rows) if len(table.rows) <= ROWS_TOGETHER else 2
    for number, row in enumerate(((column.title for column in table.columns), *table.rows)):
        last = table.total and number == len(table.rows)
        for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            paragraph = cells[number * across + place].paragraphs[0]
            run = paragraph.add_run(plain(str(value) if number == 0 else column.printed(value)))
            run.font.size = small
            run.bold = number == 0 or last
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.paragraph_format.keep_with_next = number < held
            if column.is_number:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for number, line in enumerate(grid.rows):
        properties = line._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))
    described = OxmlElement("w:tblCaption")
    described.set(qn("w:val"), plain(table.caption))
    grid._tbl.tblPr.append(described)
    for note in table.notes:
        file.add_paragraph().add_run(plain(note)).italic = True
    if not table.notes:
        file.add_paragraph()
