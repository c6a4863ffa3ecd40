"""Documents that leave the product: said once as a frozen `Document`, written as HTML, PDF, Word, slides and sheets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.documents.content import (
    OFFICIAL,
    OFFICIAL_SENSITIVE,
    Bars,
    Bullets,
    Column,
    Document,
    Line,
    Paragraph,
    Section,
    Table,
    watermark,
)
from core.documents.page import fragment
from core.documents.pdf import PdfProblem, as_pdf, why_not
from core.documents.slides import pptx
from core.documents.word import docx
from core.documents.workbook import as_csv, as_xlsx

__all__ = [
    "FORMS",
    "OFFICIAL",
    "OFFICIAL_SENSITIVE",
    "Bars",
    "Bullets",
    "Column",
    "Document",
    "Form",
    "Line",
    "Paragraph",
    "PdfProblem",
    "Section",
    "Table",
    "fragment",
    "watermark",
]


@dataclass(frozen=True)
class Form:
    """A kind of file: its key and extension, what it is called, and how a document becomes one.

    `slow` ones take more than a person should wait for a page: they are made by a job. `why_not` says why the kind
    cannot be made on this machine, "" where it can.
    """

    key: str
    label: str
    content_type: str
    write: Callable[[Document], bytes]
    slow: bool = False
    why_not: Callable[[], str] = lambda: ""


_OFFICE = "application/vnd.openxmlformats-officedocument"

FORMS: dict[str, Form] = {
    form.key: form
    for form in (
        Form("pdf", "PDF", "application/pdf", as_pdf, slow=True, why_not=why_not),
        Form("docx", "Word", f"{_OFFICE}.wordprocessingml.document", docx),
        Form("pptx", "PowerPoint", f"{_OFFICE}.presentationml.presentation", pptx),
        Form("xlsx", "Excel", f"{_OFFICE}.spreadsheetml.sheet", as_xlsx),
        Form("csv", "CSV", "text/csv; charset=utf-8", as_csv),
    )
}
