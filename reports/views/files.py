"""Figures as files: Word and slides at once, a PDF by a job. And the rows behind the figures."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import must
from audits.choices import Breakdown
from audits.models import GradeTally
from audits.selectors.grades import services_of
from core.documents import FORMS
from core.history.middleware import note_exported
from core.jobs.services import ExportRefused, JobFailed, note_export, request_export
from reports import access
from reports.forms.figures import FiguresForm, breakdown_asked
from reports.forms.rows import RowsForm
from reports.rules.editions import AT_ONCE
from reports.services import figures
from reports.services import rows as row_services

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


@require_http_methods(["GET", "HEAD", "POST"])
def rows(request: HttpRequest) -> HttpResponse:
    """Ask for rows; a short list comes at once, a long one is made in the background."""
    user: Any = request.user
    must(access.can_take_rows(user))
    form = RowsForm(
        request.POST if request.method == "POST" else None,
        services=services_of(GradeTally.objects.visible_to(user)),
        today=timezone.localdate(),
        may_publish=bool(access.can_publish_counts(user)),
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        first, last = form.months
        asked = row_services.asked(
            dataset=cleaned["dataset"], edition=form.for_whom, first=first, last=last, services=form.service_keys
        )
        try:
            if row_services.how_many(by=user, asked=asked) > AT_ONCE:
                name = row_services.file_name(asked=asked, form=cleaned["form"])
                export = request_export(
                    kind=row_services.KIND, form=cleaned["form"], asked=asked, by=user, filename=name,
                    title=row_services.title(asked=asked), reason=cleaned["reason"],
                )  # fmt: skip
                return redirect("jobs:export", pk=export.pk)
            return _rows_at_once(request, asked, cleaned["form"], cleaned["reason"])
        except (ExportRefused, JobFailed) as problem:
            form.add_error(None, str(problem))
    return render(request, "reports/rows.html", {"form": form, "at_once": AT_ONCE})


def _rows_at_once(request: HttpRequest, asked: dict[str, Any], form: str, reason: str) -> HttpResponse:
    user: Any = request.user
    out = io.BytesIO()
    made = row_services.make(
        by=user, asked=asked, form=form, reason=reason, at=timezone.now(), out=out,
        on_progress=lambda done, total, text="": None,
    )  # fmt: skip
    name = row_services.file_name(asked=asked, form=form)
    period = f"{asked['first']}-to-{asked['last']}"
    note_export(by=user, report=name, form=form, period=period, rows=made.rows, why=reason)
    for kind in sorted({kind for kind, _ in made.records}):
        note_exported(request, kind, [key for each, key in made.records if each == kind])
    response = HttpResponse(out.getvalue(), content_type=FORMS[form].content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
