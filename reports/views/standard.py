"""The standard reports: a list of them, each on a page, and as files."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import must
from audits.models import GradeTally
from audits.selectors.grades import services_of
from core.documents import FORMS
from core.downloads import at_once, in_background
from reports import access
from reports.forms.standard import StandardForm
from reports.selectors.showing import shown
from reports.selectors.standard import report_of, reports_for
from reports.services import standard
from reports.services.standard import Made

AT_ONCE = ("csv", "xlsx", "docx", "pptx")


@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """The standard reports that are for this reader."""
    must(access.can_read_figures(request.user))
    context = {
        "reports": reports_for(access.reader_groups(request.user)),
        "may_draft": bool(access.can_draft_months(request.user)),
        "may_read_written": bool(access.can_read_written(request.user)),
    }
    return render(request, "reports/standard_list.html", context)


@require_safe
def report(request: HttpRequest, key: str) -> HttpResponse:
    """One report: the answer first, then figures, each with its table."""
    made, form = _made(request, key)
    query = request.GET.urlencode()
    tail = f"?{query}" if query else ""
    context = {
        "report": made.report,
        "form": form,
        "period": made.asked.in_words,
        "scope": made.scope,
        "sections": shown(made.sections),
        "files": [(FORMS[form].label, reverse("reports:standard_file", args=[key, form]) + tail) for form in AT_ONCE],
        "pdf_url": reverse("reports:standard_pdf", args=[key]) + tail,
        "pdf_problem": FORMS["pdf"].why_not(),
        "plain_url": reverse("reports:standard", args=[key]),
    }
    return render(request, "reports/standard.html", context)


@require_POST
def report_pdf(request: HttpRequest, key: str) -> HttpResponse:
    """One report as a PDF, made by a job."""
    made, _ = _made(request, key)
    return in_background(
        request, kind=standard.KIND, form="pdf", asked=standard.as_data(made=made), name=_name(made, "pdf"),
        title=f"{made.report.title}, {made.asked.in_words}", back=reverse("reports:standard", args=[key]),
    )  # fmt: skip


def _period(made: Made) -> str:
    return f"{made.asked.first:%Y-%m}-to-{made.asked.last:%Y-%m}"


def _name(made: Made, form: str) -> str:
    return f"{made.report.key}-{_period(made)}{'-public' if made.asked.public else ''}.{form}"


@require_safe
def report_file(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """One report as a file."""
    if form not in AT_ONCE:
        raise Http404
    made, _ = _made(request, key)
    user: Any = request.user

    def make() -> tuple[bytes, int]:
        return FORMS[form].write(standard.document_of(made=made, by=user, at=timezone.now())), made.rows

    return at_once(
        request, make, name=_name(made, form), form=form, report=f"{key} report", period=_period(made),
        back=reverse("reports:standard", args=[key]),
    )  # fmt: skip


def _made(request: HttpRequest, key: str) -> tuple[Made, StandardForm]:
    """The report that the address asks for. Raises Http404 where there is none of this key, NotAllowed where it is
    not for this reader."""
    user: Any = request.user
    must(access.can_read_figures(user))
    found = report_of(key)
    if found is None:
        raise Http404
    form = StandardForm(
        request.GET,
        services=services_of(GradeTally.objects.visible_to(user)),
        today=timezone.localdate(),
        default=found.period,
        versions=found.public and not access.reads_outside(user),
    )
    question = form.question()
    made = standard.make_report(
        by=user, key=key, first=question.first, last=question.last, services=question.services,
        version=form.chosen_version,
    )  # fmt: skip
    return made, form
