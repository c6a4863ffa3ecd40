"""The month's summary as a file: at once, or by a job where it takes more than a moment."""

from __future__ import annotations

import io
import uuid
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

OFFERED = ("pdf", "docx", "pptx", "xlsx")


@require_POST
def summary_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One version of a summary as the kind of file that the button names."""
    user: Any = request.user
    summary = get_object_or_404(PanelSummary.objects.visible_to(user), pk=pk)
    form = FORMS.get(request.POST.get("form", ""))
    if form is None or form.key not in OFFERED:
        raise Http404
    asked, month = files.asked(summary=summary), f"{summary.month:%Y-%m}"
    name = f"panel-summary-{month}-version-{summary.number}.{form.key}"
    try:
        if form.slow:
            if problem := form.why_not():
                raise ExportRefused(problem)
            title = f"Panel summary for {summary.month:%B %Y}, version {summary.number}"
            export = request_export(kind=files.KIND, form=form.key, asked=asked, title=title, filename=name, by=user)
            return redirect("jobs:export", pk=export.pk)
        out = io.BytesIO()
        made = files.make(
            by=user, asked=asked, form=form.key, reason="", at=timezone.now(), out=out,
            on_progress=lambda done, total, text="": None,
        )  # fmt: skip
        note_export(by=user, report=name, form=form.key, period=month, rows=made.rows)
    except (ExportRefused, JobFailed) as problem:
        messages.error(request, str(problem))
        return redirect("learning:summary", pk=summary.pk)
    response = HttpResponse(out.getvalue(), content_type=form.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
