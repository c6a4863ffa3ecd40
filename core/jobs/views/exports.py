"""The files that were made for a person: how far they are, and fetching them."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.documents import FORMS
from core.errors import conflict
from core.history.middleware import note_exported
from core.jobs import services
from core.jobs.choices import ExportStatus, JobStatus
from core.jobs.models import ExportFile
from core.page_parts import SummaryRow
from core.templatetags.page_parts import moment

PAGE = 50
REFRESH_SECONDS = 3
COLOURS = {
    ExportStatus.MAKING: "light-blue",
    ExportStatus.READY: "green",
    ExportStatus.EXPIRED: "grey",
    ExportStatus.WITHDRAWN: "orange",
}


def _state(export: ExportFile) -> tuple[str, str]:
    """The words and the colour of a file's status; one whose job has failed says so."""
    if export.status == ExportStatus.MAKING and export.job and export.job.status == JobStatus.FAILED:
        return "Failed", "red"
    if export.status == ExportStatus.READY and export.expires_at and export.expires_at <= timezone.now():
        return ExportStatus.EXPIRED.label, COLOURS[ExportStatus.EXPIRED]
    return export.get_status_display(), COLOURS[ExportStatus(export.status)]


@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    """One's own files, the latest first."""
    exports = ExportFile.objects.visible_to(request.user).listed()
    page = Paginator(exports, PAGE).get_page(request.GET.get("page"))
    lines = [
        {"file": each, "words": words, "colour": colour, "form": _form(each)}
        for each in page.object_list
        for words, colour in (_state(each),)
    ]
    return render(request, "exports/list.html", {"page": page, "lines": lines})


def _form(export: ExportFile) -> str:
    return FORMS[export.form].label if export.form in FORMS else export.form.upper()


@require_safe
def export_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One file: how far it is, then where to fetch it and until when."""
    export = get_object_or_404(ExportFile.objects.visible_to(request.user).listed(), pk=pk)
    words, colour = _state(export)
    job = export.job
    making = export.status == ExportStatus.MAKING and words != "Failed"
    context: dict[str, Any] = {
        "export": export,
        "job": job,
        "words": words,
        "colour": colour,
        "making": making,
        "ready": words == ExportStatus.READY.label,
        "failed": words == "Failed",
        "said": services.exporting.SAID.get(ExportStatus(export.status), ""),
        "facts": _facts(export),
        "refresh": REFRESH_SECONDS if making else None,
    }
    return render(request, "exports/detail.html", context)


def _facts(export: ExportFile) -> list[SummaryRow]:
    rows = [SummaryRow("Kind", _form(export)), SummaryRow("Asked for", moment(export.asked_at))]
    if export.reason:
        rows.append(SummaryRow("Reason", export.reason))
    if export.ready_at:
        rows += [SummaryRow("Made", moment(export.ready_at)), SummaryRow("Rows", f"{export.rows:,}")]
        rows += [SummaryRow("Size", filesizeformat(export.size)), SummaryRow("Kept until", moment(export.expires_at))]
    return rows


@require_safe
def export_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse | FileResponse:
    """The file itself, for its owner, with the rights that they have now."""
    export = get_object_or_404(ExportFile.objects.visible_to(request.user), pk=pk)
    try:
        file = services.open_export(export=export, by=request.user)
    except services.ExportRefused as problem:
        return conflict(request, str(problem), back_url=reverse("jobs:exports"), back_label="Back to your files")
    records = [(kind, uuid.UUID(key)) for kind, key in export.records]
    for kind in sorted({kind for kind, _ in records}):
        note_exported(request, kind, [key for each, key in records if each == kind])
    content_type = FORMS[export.form].content_type if export.form in FORMS else "application/octet-stream"
    return FileResponse(file, as_attachment=True, filename=export.filename, content_type=content_type)
