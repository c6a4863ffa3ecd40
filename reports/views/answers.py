"""Answers by question across the audits done with one tool, on a page and as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SYSTEM, must
from audits.choices import ToolStatus
from audits.models import Answer, GradeTally, ToolVersion
from audits.selectors.answers import AnswerTable, answer_table, busiest_tool, tools_to_choose
from audits.selectors.grades import services_of
from core.downloads import at_once
from reports import access
from reports.documents.answers import answers_csv, answers_xlsx
from reports.forms.answers import AnswersForm
from reports.forms.figures import Question
from reports.models import PublishedMonth
from reports.rules.editions import published_quarters
from reports.rules.periods import in_words
from reports.selectors import answers as selectors


@dataclass(frozen=True)
class _Found:
    form: AnswersForm
    question: Question
    table: AnswerTable
    outside: bool
    notes: list[str]
    period: str


def _found(request: HttpRequest) -> _Found:
    """The answers that were asked for. Raises NotAllowed where no figures are open to the reader."""
    user: Any = request.user
    must(access.can_read_figures(user))
    outside = access.reads_outside(user)
    # The questions of a tool that is or was live are no secret: what is scoped are the answers.
    versions = ToolVersion.objects.visible_to(SYSTEM).exclude(status=ToolStatus.DRAFT)
    data = request.GET.copy()
    if not data.get("tool"):
        data["tool"] = busiest_tool(versions)
    published = PublishedMonth.objects.visible_to(SYSTEM)
    form = AnswersForm(
        data,
        tools=tools_to_choose(versions),
        services=services_of(GradeTally.objects.visible_to(user)),
        today=timezone.localdate(),
        quarters=published_quarters(published.values_list("month", flat=True)) if outside else None,
    )
    question = form.question("")
    answers = Answer.objects.visible_to(user).in_period(question.first, question.last)
    if outside:
        # The audits of the months as published: as later ones are issued, two looks could be subtracted.
        whole = published.in_period(question.first, question.last) if form.quarters else published.none()
        answers = answers.of_audits(whole.issued_audits())
    if question.services:
        answers = answers.of_services(list(question.services))
    tool = form.tool_asked() or busiest_tool(versions)
    table = answer_table(answers, versions=versions.filter(tool__in=[tool] if tool else []), cut=form.across_asked())
    period = in_words(question.first, question.last)
    return _Found(form, question, table, outside, _notes(user, table, period, outside), period)


def _notes(user: Any, table: AnswerTable, period: str, outside: bool) -> list[str]:
    notes = [
        f"{table.tool or 'No tool'}, audits submitted in {period}.",
        "n is how many answers were given. Questions that an audit did not ask, and sections that did not apply, are "
        "left out; “not applicable” is an answer.",
        "Answers to a question are counted together across versions as long as its wording and its choices stay the "
        "same.",
        "Shadow audits, calibrations and void audits are not counted.",
    ]
    if access.sees_issued_only(user):
        notes.append("Only audits whose feedback has been issued.")
    if outside:
        notes.append("Whole quarters of which every month is published, with the audits that were issued then.")
        notes.append("Counts from 1 to 4 are withheld, and others with them so that they cannot be worked out.")
    return notes


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """How often each answer was given, and the medians of numbers and dates."""
    found = _found(request)
    tail = f"?{request.GET.urlencode()}" if request.GET else ""
    context = {
        "form": found.form,
        "table": found.table,
        "groups": selectors.printed(found.table, outside=found.outside),
        "period": found.period,
        "notes": found.notes,
        "outside": found.outside,
        "csv_url": reverse("reports:answers_csv") + tail,
        "xlsx_url": reverse("reports:answers_xlsx") + tail,
    }
    return render(request, "reports/answers.html", context)


@require_safe
def answers_file(request: HttpRequest, form: str) -> HttpResponse:
    """The same as CSV or XLSX."""
    found = _found(request)
    months = f"{found.question.first:%Y-%m}-to-{found.question.last:%Y-%m}"

    def make() -> tuple[bytes, int]:
        if form == "csv":
            return answers_csv(found.table, outside=found.outside), len(found.table.questions)
        return answers_xlsx(found.table, found.notes, outside=found.outside), len(found.table.questions)

    return at_once(
        request, make, name=f"answers-{months}.{form}", form=form, report="answers", period=months,
        back=reverse("reports:answers"),
    )  # fmt: skip
