"""A written report as a document: with the texts and figures that it has when somebody takes it out."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings

from accounts.access import YES, Decision, no, sight_of
from core.documents import Document
from core.jobs.services import JobFailed, Made
from reports.choices import WrittenKind
from reports.models import WrittenReport
from reports.selectors.written import written_page
from reports.services.figures import written

KIND = "written_report"
_STEPS = 2
SCOPES = {
    WrittenKind.BOARD: "The whole department.",
    WrittenKind.PARTNERSHIP: (
        "The whole department. Grades are those of published months, and small numbers are withheld, since this leaves "
        "the department."
    ),
}
_AUDIENCES = {
    WrittenKind.BOARD: "the QA unit and senior managers",
    WrittenKind.PARTNERSHIP: "the safeguarding partnership",
}


def document_of(*, report: WrittenReport, by: Any, at: datetime) -> Document:
    """A report as a document, marked with who takes it out and when; a draft says that it is one."""
    page = written_page(report)
    return Document(
        title=page.title if page.finished else f"{page.title} (draft)", audience=_AUDIENCES[WrittenKind(report.kind)],
        period=page.period, made_by=str(by), made_at=at, sections=page.sections, scope=SCOPES[WrittenKind(report.kind)],
        organisation=settings.COUNCIL_NAME,
    )  # fmt: skip


def file_name(*, report: WrittenReport, form: str) -> str:
    """What its file is called: the kind of report and its month."""
    return f"{report.kind}-{report.last:%Y-%m}.{form}"


def asked(*, report: WrittenReport) -> dict[str, Any]:
    """Which report is asked for, as data that a job can keep."""
    return {"report": str(report.pk)}


def _report(by: Any, asked: dict[str, Any]) -> WrittenReport | None:
    return WrittenReport.objects.visible_to(by).filter(pk=uuid.UUID(asked["report"])).first()


def may(*, by: Any, asked: dict[str, Any]) -> Decision:
    """Whether this person may read this report."""
    return YES if _report(by, asked) else no("This report is not open to you.")


def scope(*, by: Any, asked: dict[str, Any]) -> str:
    """What decides that: the roles they hold, and where."""
    return sight_of(by)


def make(
    *, by: Any, asked: dict[str, Any], form: str, reason: str, at: datetime, out: BinaryIO, on_progress: Any
) -> Made:
    """Write the report as a file, with the rights that `by` has now."""
    report = _report(by, asked)
    if report is None:
        raise JobFailed("This report is not open to the person who asked for the file.")
    on_progress(0, _STEPS, "Counting")
    document = document_of(report=report, by=by, at=at)
    on_progress(1, _STEPS, "Writing the file")
    out.write(written(document=document, form=form))
    return Made(rows=len(document.sections))
