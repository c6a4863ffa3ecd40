"""The month's summary as a file, for whoever may read it at that moment."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings

from accounts.access import YES, Decision, no, sight_of
from core.documents import FORMS, Document, PdfProblem
from core.jobs.services import JobFailed, Made
from learning.documents import as_document
from learning.models import PanelSummary
from learning.selectors.summaries import content_of

KIND = "panel_summary"


def _summary(by: Any, asked: dict[str, Any]) -> PanelSummary | None:
    return PanelSummary.objects.visible_to(by).filter(pk=uuid.UUID(asked["summary"])).first()


def asked(*, summary: PanelSummary) -> dict[str, Any]:
    """Which version is asked for, as data that a job can keep."""
    return {"summary": str(summary.pk)}


def may(*, by: Any, asked: dict[str, Any]) -> Decision:
    """Whether this person may read this version."""
    return YES if _summary(by, asked) else no("The panel's summaries are for the panel and the QA unit.")


def scope(*, by: Any, asked: dict[str, Any]) -> str:
    """What decides that: the roles they hold, and where."""
    return sight_of(by)


def document_for(*, by: Any, asked: dict[str, Any], at: datetime) -> Document:
    """The version as a document. Raises JobFailed where it is not for this person."""
    summary = _summary(by, asked)
    if summary is None:
        raise JobFailed("This summary is not open to the person who asked for the file.")
    return as_document(
        content_of(summary.content), number=summary.number, built_at=summary.built_at, made_by=str(by), made_at=at,
        organisation=settings.COUNCIL_NAME,
    )  # fmt: skip


def make(
    *, by: Any, asked: dict[str, Any], form: str, reason: str, at: datetime, out: BinaryIO, on_progress: Any
) -> Made:
    """Write the version as a file."""
    document = document_for(by=by, asked=asked, at=at)
    on_progress(1, 2, "Writing the file")
    try:
        out.write(FORMS[form].write(document))
    except PdfProblem as problem:
        raise JobFailed(str(problem)) from problem
    return Made(rows=sum(len(table.rows) for table in document.tables))
