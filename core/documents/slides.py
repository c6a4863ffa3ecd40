"""A document as slides for a board: a first page, then one page for each chart and each table."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

from core.documents import drawing
from core.documents.content import Bars, Bullets, Chart, Document, Line, Paragraph, Section, Table
from core.documents.word import plain

ROWS_A_PAGE = 12
_TITLE_ONLY, _TITLE_AND_TEXT = 5, 1


def pptx(document: Document) -> bytes:
    """The document as PPTX, wide pages. The marking stands at the foot of every one."""
    from pptx import Presentation
    from pptx.util import Mm

    file = Presentation()
    file.slide_width, file.slide_height = Mm(338.7), Mm(190.5)
    properties = file.core_properties
    properties.title, properties.subject = plain(document.title)[:255], plain(document.period)[:255]
    properties.author = properties.last_modified_by = plain(document.organisation or document.made_by)[:255]
    properties.comments, properties.keywords = plain(document.mark)[:255], document.marking
    properties.created = properties.modified = document.made_at.astimezone(dt.UTC).replace(tzinfo=None)
    properties.language = "en-GB"
    sections = [section for _level, section in document.all_sections()]
    opening = [text for text in (document.period, document.scope) if text]
    # The first page gives the answer, where the first section is nothing but words and there is room.
    if sections and all(isinstance(block, Paragraph | Bullets) for block in sections[0].blocks):
        both = [*opening, *_texts(sections[0])]
        if len(list(_cut(both))) == 1:
            opening, sections = both, sections[1:]
    _say(_page(file, document, document.title, _TITLE_AND_TEXT), opening)
    for section in sections:
        _add_section(file, document, section)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _texts(section: Section) -> list[str]:
    texts: list[str] = []
    for block in section.blocks:
        if isinstance(block, Paragraph):
            texts.append(block.text)
        elif isinstance(block, Bullets):
            texts += block.items
    return texts


def _add_section(file: Any, document: Document, section: Section) -> None:
    texts = _texts(section)
    if texts:
        for number, some in enumerate(_cut(texts)):
            heading = section.heading if number == 0 else f"{section.heading} (continued)"
            _say(_page(file, document, heading, _TITLE_AND_TEXT), some)
    has_table = any(isinstance(block, Table) for block in section.blocks)
    for block in section.blocks:
        if isinstance(block, Bars | Line):
            _add_chart(_page(file, document, block.title), block)
            if not has_table:
                _add_table(file, document, block.table)
        elif isinstance(block, Table):
            _add_table(file, document, block)


def _cut(texts: list[str]) -> Iterator[list[str]]:
    """As many texts as a page holds without small print: nine, or about 900 characters."""
    page: list[str] = []
    for text in texts:
        if page and (len(page) >= 9 or sum(map(len, page)) + len(text) > 900):
            yield page
            page = []
        page.append(text)
    if page:
        yield page


def _page(file: Any, document: Document, title: str, layout: int = _TITLE_ONLY) -> Any:
    from pptx.dml.color import RGBColor
    from pptx.util import Mm, Pt

    page = file.slides.add_slide(file.slide_layouts[layout])
    heading = page.shapes.title
    heading.left, heading.top, heading.width, heading.height = Mm(12), Mm(6), Mm(314), Mm(20)
    heading.text_frame.text = plain(title)
    heading.text_frame.word_wrap = True
    heading.text_frame.paragraphs[0].font.size = Pt(24 if len(title) < 90 else 16)
    heading.text_frame.paragraphs[0].font.bold = True
    foot = page.shapes.add_textbox(Mm(12), Mm(181), Mm(314), Mm(8))
    foot.name = "Marking"
    foot.text_frame.word_wrap = True
    foot.text_frame.text = plain(document.mark)
    foot.text_frame.paragraphs[0].font.size = Pt(9)
    foot.text_frame.paragraphs[0].font.color.rgb = RGBColor(0x50, 0x5A, 0x5F)
    return page


def _say(page: Any, texts: list[str]) -> None:
    from pptx.util import Mm, Pt

    body = page.placeholders[1]
    body.left, body.top, body.width, body.height = Mm(12), Mm(30), Mm(314), Mm(146)
    frame = body.text_frame
    frame.word_wrap = True
    for number, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = plain(text)
        paragraph.font.size = Pt(16)


def _add_chart(page: Any, chart: Chart) -> None:
    from pptx.util import Mm

    picture, height = drawing.png(chart)
    width = 300.0
    tall = width * height / drawing.WIDTH
    if tall > 146:
        width, tall = width * 146 / tall, 146.0
    shape = page.shapes.add_picture(io.BytesIO(picture), Mm(19), Mm(30), Mm(width), Mm(tall))
    shape.name = "Chart"
    shape._element.nvPicPr.cNvPr.set("descr", plain(chart.says))


def _add_table(file: Any, document: Document, table: Table) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Mm, Pt

    across = len(table.columns)
    size = Pt(14 if across <= 6 else 11 if across <= 10 else 9)
    pages = [table.rows[start : start + ROWS_A_PAGE] for start in range(0, len(table.rows), ROWS_A_PAGE)] or [()]
    for number, rows in enumerate(pages):
        title = table.caption if number == 0 else f"{table.caption} (continued)"
        page = _page(file, document, title)
        frame = page.shapes.add_table(1 + len(rows), across, Mm(12), Mm(30), Mm(314), Mm(9 * (1 + len(rows))))
        frame.name = "Table"
        frame._element.nvGraphicFramePr.cNvPr.set("descr", plain(table.caption))
        grid = frame.table
        grid.first_row = True
        grid.last_row = table.total and number == len(pages) - 1
        if across > 2:
            # The first column holds the words; twice the room of the others.
            share = 314 / (across + 1)
            for place, column in enumerate(grid.columns):
                column.width = Mm(share * (2 if place == 0 else 1))
        for line, row in enumerate(((column.title for column in table.columns), *rows)):
            for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                cell = grid.cell(line, place)
                cell.margin_left = cell.margin_right = Mm(1.5)
                cell.margin_top = cell.margin_bottom = Mm(0.8)
                cell.text_frame.text = plain(str(value) if line == 0 else column.printed(value))
                paragraph = cell.text_frame.paragraphs[0]
                paragraph.font.size = size
                if column.is_number:
                    paragraph.alignment = PP_ALIGN.RIGHT
        if number == len(pages) - 1 and table.notes:
            page.notes_slide.notes_text_frame.text = plain("\n".join(table.notes))
