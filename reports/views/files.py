"""Figures as files: Word and slides at once, a PDF by a job. And the rows behind the figures."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

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
from core.downloads import at_once, attachment, in_background
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
    page = "monthly" if by == Breakdown.MONTH else "breakdown"
    query = urlencode([(key, value) for key, value in request.GET.items() if key != "by" or by != Breakdown.MONTH])
    back = f"{reverse(f'reports:{page}')}?{query}"
    name = figures.file_name(asked=asked, form=form.key)
    if form.slow:
        return in_background(
            request, kind=figures.KIND, form=form.key, asked=asked, title=figures.title(asked=asked), name=name,
            back=back,
        )  # fmt: skip

    def make() -> tuple[bytes, int]:
        document = figures.document_for(by=user, asked=asked, at=timezone.now())
        rows = sum(len(table.rows) for table in document.tables)
        return figures.written(document=document, form=form.key), rows

    period = f"{asked['first']}-to-{asked['last']}"
    return at_once(request, make, name=name, form=form.key, report=name, period=period, back=back)


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
    return attachment(out.getvalue(), name=name, form=form)
