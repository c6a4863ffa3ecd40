"""Figures as files: Word and slides at once, a PDF by a job."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import must
from audits.choices import Breakdown
from audits.models import GradeTally
from audits.selectors.grades import services_of
from core.documents import FORMS
from core.jobs.services import ExportRefused, JobFailed, note_export, request_export
from reports import access
from reports.forms.figures import FiguresForm, breakdown_asked
from reports.services import figures

OFFERED = ("pdf", "docx", "pptx")


@require_POST
def make_figures(request: HttpRequest) -> HttpResponse:
    """The grade table or a breakdown, as the address asks for it, as the kind of file that the button names."""
    user: Any = request.user
    must(access.can_read_figures(user))
    form = FORMS.get(request.POST.get("form", ""))
    if form is None or form.key not in OFFERED:
        raise Http404
    by = breakdown_asked(request.GET, Breakdown.MONTH)
    held = services_of(GradeTally.objects.visible_to(user))
    question = FiguresForm(request.GET, services=held, today=timezone.localdate()).question(by)
    asked = figures.asked(
        first=question.first, last=question.last, by=by, services=question.services,
        settled_only=question.settled_only, as_now=question.as_now,
    )  # fmt: skip
    try:
        if form.slow:
            return redirect("jobs:export", pk=_by_job(user, asked, form.key).pk)
        return _at_once(user, asked, form.key)
    except (ExportRefused, JobFailed) as problem:
        messages.error(request, str(problem))
        page = "monthly" if by == Breakdown.MONTH else "breakdown"
        query = urlencode([(key, value) for key, value in request.GET.items() if key != "by" or by != Breakdown.MONTH])
        return redirect(f"{reverse(f'reports:{page}')}?{query}")


def _by_job(user: Any, asked: dict[str, Any], form: str) -> Any:
    if problem := FORMS[form].why_not():
        raise ExportRefused(problem)
    name = figures.file_name(asked=asked, form=form)
    title = figures.title(asked=asked)
    return request_export(kind=figures.KIND, form=form, asked=asked, title=title, filename=name, by=user)


def _at_once(user: Any, asked: dict[str, Any], form: str) -> HttpResponse:
    document = figures.document_for(by=user, asked=asked, at=timezone.now())
    content = figures.written(document=document, form=form)
    rows = sum(len(table.rows) for table in document.tables)
    period = f"{asked['first']}-to-{asked['last']}"
    note_export(by=user, report=figures.file_name(asked=asked, form=form), form=form, period=period, rows=rows)
    response = HttpResponse(content, content_type=FORMS[form].content_type)
    response["Content-Disposition"] = f'attachment; filename="{figures.file_name(asked=asked, form=form)}"'
    return response
