"""Written reports: the improvement board's page and the return to the partnership."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import must
from core.documents import FORMS
from core.downloads import at_once, in_background
from learning.forms.checked import KEEP, Check
from learning.rules.free_text import Hit
from reports import access
from reports.choices import WrittenKind, WrittenStatus
from reports.forms.writing import BeginForm, WritingForm
from reports.models import WrittenReport
from reports.rules.periods import earlier, read_month
from reports.selectors.showing import shown
from reports.selectors.written import period_words, written_page
from reports.services import writing
from reports.services import written as files

AT_ONCE = ("docx", "pptx", "xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
def written_list(request: HttpRequest) -> HttpResponse:
    """The written reports, the newest first; whoever writes may begin another."""
    must(access.can_read_written(request.user))
    may_write = bool(access.can_write_reports(request.user))
    today = timezone.localdate()
    months = [earlier(today, back) for back in range(1, 13)]
    form = BeginForm(
        request.POST if request.method == "POST" else None,
        months=[(f"{month:%Y-%m}", f"{month:%B %Y}") for month in months],
    )
    if request.method == "POST":
        must(access.can_write_reports(request.user))
        if form.is_valid():
            month = read_month(form.cleaned_data["month"])
            report = writing.begin_report(kind=form.cleaned_data["kind"], month=month, by=request.user)
            return redirect("reports:write", pk=report.pk)
    lines = [
        (report, period_words(report))
        for report in WrittenReport.objects.visible_to(request.user).select_related("saved_by")[:50]
    ]
    return render(request, "reports/written_list.html", {"lines": lines, "form": form, "may_write": may_write})


def _report(request: HttpRequest, pk: uuid.UUID) -> WrittenReport:
    return get_object_or_404(WrittenReport.objects.visible_to(request.user).select_related("saved_by"), pk=pk)


@require_safe
def written(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One written report."""
    report = _report(request, pk)
    page = written_page(report)
    context = {
        "report": report,
        "page": page,
        "scope": files.SCOPES[WrittenKind(report.kind)],
        "sections": shown(page.sections),
        "may_write": bool(access.can_write_reports(request.user)) and not page.finished,
        "files": [(FORMS[form].label, form) for form in AT_ONCE],
        "pdf_problem": FORMS["pdf"].why_not(),
    }
    return render(request, "reports/written.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write under the headings; save, or save and finish."""
    must(access.can_write_reports(request.user))
    report = _report(request, pk)
    if report.status == WrittenStatus.FINISHED:
        return redirect("reports:written", pk=report.pk)
    theirs: list[tuple[str, str]] = []

    def check(texts: Sequence[str]) -> Sequence[Hit]:
        return writing.words_to_confirm(report=report, texts=texts)

    if request.method == "POST":
        form = WritingForm(request.POST, kind=report.kind, check=check)
        if form.is_valid():
            finish = request.POST.get("then") == "finish"
            try:
                writing.save_report(
                    report=report, texts=form.written, by=request.user, version=form.cleaned_data["version"],
                    finish=finish, reasons=form.reasons,
                )  # fmt: skip
            except writing.Overtaken as overtaken:
                form, theirs = _both(form, overtaken, check)
            except ValidationError as problem:
                form.add_error(None, problem)
            else:
                messages.success(request, "The report is finished." if finish else "Saved.")
                return redirect("reports:written", pk=report.pk)
    else:
        form = WritingForm(initial={**report.texts, "version": report.version}, kind=report.kind, check=check)
    context = {"report": report, "form": form, "period": period_words(report), "theirs": theirs}
    return render(request, "reports/write.html", context, status=409 if theirs else 200)


def _both(form: WritingForm, overtaken: writing.Overtaken, check: Check) -> tuple[WritingForm, list[tuple[str, str]]]:
    """The form with what this person wrote, to be saved over the version of the other, and what the other wrote."""
    said = {f"{KEEP}{key}": reason for key, reason in form.reasons.items()}
    data: dict[str, Any] = {**form.written, **said, "version": overtaken.report.version}
    again = WritingForm(data, kind=overtaken.report.kind, check=check)
    again.is_valid()
    again.add_error(None, str(overtaken))
    labels = {name: str(field.label) for name, field in again.fields.items()}
    differs = [
        (labels[key], text)
        for key, text in overtaken.report.texts.items()
        if text.split() != form.written.get(key, "").split()
    ]
    return again, differs or [("Everything", "They wrote what you did.")]


@require_safe
def written_file(request: HttpRequest, pk: uuid.UUID, form: str) -> HttpResponse:
    """A written report as a file."""
    report = _report(request, pk)
    if form not in AT_ONCE:
        raise Http404

    def make() -> tuple[bytes, int]:
        document = files.document_of(report=report, by=request.user, at=timezone.now())
        return FORMS[form].write(document), len(document.sections)

    return at_once(
        request, make, name=files.file_name(report=report, form=form), form=form, report=report.kind,
        period=f"{report.last:%Y-%m}", back=reverse("reports:written", args=[report.pk]),
    )  # fmt: skip


@require_POST
def written_pdf(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A written report as a PDF, made by a job."""
    report = _report(request, pk)
    return in_background(
        request, kind=files.KIND, form="pdf", asked=files.asked(report=report),
        title=f"{report.get_kind_display()}, {period_words(report)}", name=files.file_name(report=report, form="pdf"),
        back=reverse("reports:written", args=[report.pk]),
    )  # fmt: skip
