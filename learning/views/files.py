"""The panel's papers as files: at once, or by a job where it takes more than a moment."""

from __future__ import annotations

import io
import uuid
from collections.abc import Container
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.documents import FORMS
from core.jobs.services import ExportRefused, JobFailed, note_export, request_export
from learning.models import PanelSummary
from learning.services import files
from learning.services.files import Paper
from learning.views.records import visible_meeting, visible_pack

OFFERED = ("pdf", "docx", "pptx", "xlsx")
AS_TEXT = ("pdf", "docx")


@require_POST
def summary_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One version of a summary as the kind of file that the button names."""
    summary = get_object_or_404(PanelSummary.objects.visible_to(request.user), pk=pk)
    return _give(request, files.SUMMARY, summary, "learning:summary")


@require_POST
def pack_file(request: HttpRequest, pack: uuid.UUID) -> HttpResponse:
    """One version of a meeting's pack as the kind of file that the button names."""
    return _give(request, files.PACK, visible_pack(request, pack), "learning:pack")


@require_POST
def minutes_file(request: HttpRequest, meeting: uuid.UUID) -> HttpResponse:
    """A meeting's minutes as the kind of file that the button names."""
    return _give(request, files.MINUTES, visible_meeting(request, meeting), "learning:meeting", AS_TEXT)


def _give(request: HttpRequest, paper: Paper, row: Any, back: str, offered: Container[str] = OFFERED) -> HttpResponse:
    """The paper of a row that this reader sees; where the paper is not open to them, the page says so."""
    form = FORMS.get(request.POST.get("form", ""))
    if form is None or form.key not in offered:
        raise Http404
    user: Any = request.user
    asked, called = paper.asked(row), paper.called(row)
    name = f"{called.file}.{form.key}"
    try:
        if form.slow:
            if problem := form.why_not():
                raise ExportRefused(problem)
            export = request_export(
                kind=paper.kind, form=form.key, asked=asked, title=called.title, filename=name, by=user
            )
            return redirect("jobs:export", pk=export.pk)
        out = io.BytesIO()
        made = paper.make(
            by=user, asked=asked, form=form.key, reason="", at=timezone.now(), out=out,
            on_progress=lambda done, total, text="": None,
        )  # fmt: skip
        note_export(by=user, report=name, form=form.key, period=called.period, rows=made.rows)
    except (ExportRefused, JobFailed) as problem:
        messages.error(request, str(problem))
        return redirect(back, row.pk)
    response = HttpResponse(out.getvalue(), content_type=form.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
