"""A document as HTML: headings in order, captions, header cells with scope, charts with their words. All escaped."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.documents.content import Bars, Block, Bullets, Column, Document, Line, Paragraph, Table, with_twins
from core.documents.drawing import svg

_DEEPEST = 6


def fragment(document: Document, *, top: int = 2) -> SafeString:
    """The sections as HTML for a page whose own heading is one level above `top`. No style and no script in it."""
    return _joined(
        part
        for level, section in document.all_sections()
        for part in (
            _heading(level + top - 1, section.heading),
            *(_block(block) for block in with_twins(section)),
        )
    )


def whole_page(document: Document) -> SafeString:
    """The document as one HTML page with no style sheet, as the PDF is made from it."""
    facts = [fact for fact in (document.period, document.scope) if fact]
    return format_html(
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{}</title>'
        '<meta name="author" content="{}"><meta name="description" content="{}"></head><body>'
        '<p class="marking">{}</p><h1>{}</h1>{}{}</body></html>',
        document.title,
        document.organisation or document.made_by,
        document.mark,
        document.mark,
        document.title,
        _joined(format_html('<p class="facts">{}</p>', fact) for fact in facts),
        fragment(document),
    )


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


# A tag's name cannot be an argument of format_html that is escaped; these are all there are.
_HEADINGS = {level: (f"<h{level}>", f"</h{level}>") for level in range(1, _DEEPEST + 1)}


def _heading(level: int, text: str) -> SafeString:
    opened, closed = _HEADINGS[min(level, _DEEPEST)]
    return format_html(opened + "{}" + closed, text)


def _block(block: Block) -> SafeString:
    match block:
        case Paragraph():
            return format_html("<p><strong>{}</strong></p>" if block.strong else "<p>{}</p>", block.text)
        case Bullets():
            return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((item,) for item in block.items)))
        case Bars() | Line():
            return format_html("<figure><figcaption>{}</figcaption>{}</figure>", block.title, svg(block))
    return _table(block)


def _table(table: Table) -> SafeString:
    head = format_html_join(
        "", '<th scope="col"{}>{}</th>', ((_class(column), column.title) for column in table.columns)
    )
    last = len(table.rows) - 1
    rows = format_html_join(
        "",
        '<tr{}><th scope="row">{}</th>{}</tr>',
        (
            (
                format_html(' class="{}"', "total") if table.total and place == last else "",
                table.columns[0].printed(row[0]),
                format_html_join(
                    "",
                    "<td{}>{}</td>",
                    (
                        (_class(column), column.printed(cell))
                        for column, cell in zip(table.columns[1:], row[1:], strict=True)
                    ),
                ),
            )
            for place, row in enumerate(table.rows)
        ),
    )
    notes = format_html_join("", '<p class="note">{}</p>', ((note,) for note in table.notes))
    wide = format_html(' class="{}"', "wide") if len(table.columns) > 8 else ""
    return format_html(
        "<table{}><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}",
        wide,
        table.caption,
        head,
        rows,
        notes,
    )


def _class(column: Column) -> SafeString | str:
    return format_html(' class="{}"', "number") if column.is_number else ""
