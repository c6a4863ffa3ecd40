"""The grade table and the breakdown, on a page and as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import must
from audits import documents
from audits.choices import Breakdown
from audits.models import GradeTally
from audits.selectors.grades import GradeRow, GradeTable, grade_table, services_of
from core import charts
from core.documents import FORMS
from core.downloads import at_once
from core.page_parts import Tab
from reports import access
from reports.documents.figures import grade_table_csv, grade_table_xlsx, outside_csv, outside_xlsx
from reports.forms.figures import FiguresForm, Question, breakdown_asked
from reports.rules.periods import earlier, months_between
from reports.selectors import figures as selectors
from reports.selectors.figures import PublicTable
from reports.services.figures import worked_out


@dataclass(frozen=True)
class _Answer:
    """The form, what was asked and the figures for it; `scope` says whose audits they hold, `cuts` how they
    can usefully be cut, `outside` whether small numbers have to be withheld when they are printed."""

    form: FiguresForm
    question: Question
    table: GradeTable | PublicTable
    scope: str
    cuts: tuple[Breakdown, ...]
    outside: bool


def _answer(request: HttpRequest, by: str = "") -> _Answer:
    """The figures that were asked for, cut by `by` or else as the address says.

    Raises NotAllowed (403 with its sentence) where no figures are open to the reader.
    """
    user: Any = request.user
    must(access.can_read_figures(user))
    tallies = GradeTally.objects.visible_to(user)
    held = services_of(tallies)
    form = FiguresForm(request.GET, services=held, today=timezone.localdate())
    outside = access.reads_outside(user)
    cuts = tuple(cut for cut in Breakdown if cut != Breakdown.SERVICE or len(held) > 1 or outside)
    if outside:  # the public version is cut by month and by service: two cuts more could be subtracted from each other
        cuts = (Breakdown.MONTH, Breakdown.SERVICE)
    question = form.question(by or breakdown_asked(request.GET, cuts[1]))
    found = worked_out(
        by=user, tallies=tallies, held=held, first=question.first, last=question.last, cut=question.by,
        services=question.services, settled_only=question.settled_only, as_now=question.as_now,
    )  # fmt: skip
    return _Answer(form, question, found.table, found.scope, cuts, outside)


def _link(user: Any, question: Question, table: GradeTable) -> selectors.Link:
    """Leads from a figure to the audits behind it, for readers who may list audits."""
    may_list = access.can_list_audits(user)
    audits = reverse("audits:list")
    asked: dict[tuple[tuple[str, str], ...], tuple[str, str]] = {}

    def link(row: GradeRow, grade: str) -> str:
        if table.counts_sections and "section" not in dict(row.params):
            return ""  # the sum of judgements is no number of audits
        if not may_list or len(row.params) != len(dict(row.params)) or ("team", "none") in row.params:
            return ""
        if row.params not in asked:
            asked[row.params] = _asked(row)
        given, rest = asked[row.params]
        return f"{audits}?{given}{f'&grade={grade}' if grade else ''}{rest}"

    def _asked(row: GradeRow) -> tuple[str, str]:
        """The address of a row before and after the grade: it is the same for all its figures."""
        params = {"month_from": f"{table.first:%Y-%m}", "month_to": f"{table.last:%Y-%m}"} | dict(row.params)
        if question.services:
            params.setdefault("service", str(question.services[0]))
        rest = {"stage": "final", "counted": "on"} if question.settled_only else {"counted": "on"}
        return urlencode(params), f"&{urlencode(rest)}"

    return link


@require_safe
def monthly(request: HttpRequest) -> HttpResponse:
    """The monthly grade table as councils print it: months across."""
    answer = _answer(request, Breakdown.MONTH)
    table = answer.table
    if isinstance(table, PublicTable):
        figures = _outside(table)
    else:
        link = _link(request.user, answer.question, table)
        figures = {
            "printed": selectors.months_across(table, link),
            "said": selectors.said(table),
            "notes": documents.notes(table),
        }
    return render(request, "reports/monthly.html", _frame(request, answer, "monthly") | figures)


@require_safe
def breakdown(request: HttpRequest) -> HttpResponse:
    """How many, what share, against the target, what changed and where; then bars and their table."""
    answer = _answer(request)
    table = answer.table
    if isinstance(table, PublicTable):
        figures = _outside(table)
    else:
        link = _link(request.user, answer.question, table)
        figures = {
            "tiles": selectors.tiles(table, link(table.total, "")),
            "where": [*selectors.where(table), *_year_before(request, answer)],
            "bars": charts.stacked_bars(
                selectors.bars(table, link),
                unit="judgement" if table.counts_sections else "audit",
                empty="No audits were graded in this period.",
            ),
            "printed": selectors.rows_down(table, link),
            "notes": documents.notes(table),
        }
    return render(request, "reports/breakdown.html", _frame(request, answer, "breakdown") | figures)


def _year_before(request: HttpRequest, answer: _Answer) -> list[str]:
    """How the whole stands to the same months a year before; nothing of judgements, which hang together."""
    question, table = answer.question, answer.table
    if isinstance(table, PublicTable) or table.counts_sections or table.total.withheld:
        return []
    if months_between(question.first, question.last) == 12:
        return []  # the period before is the same
    then = grade_table(
        GradeTally.objects.visible_to(request.user),
        first=earlier(question.first, 12),
        last=earlier(question.last, 12),
        services=question.services,
        settled_only=question.settled_only,
        as_now=question.as_now,
    )
    return selectors.on_year_before(table.total, then.total)


def _frame(request: HttpRequest, answer: _Answer, name: str) -> dict[str, Any]:
    """What stands around the figures of either page; nothing of it tells a count."""
    by = Breakdown(answer.table.by)
    query = request.GET.urlencode()
    tail = f"?{query}" if query else ""
    return {
        "form": answer.form,
        "scope": answer.scope,
        "period": documents.period(answer.table),
        "by": by if name == "breakdown" else "",
        "has_rows": bool(answer.table.rows),
        "tabs": _tabs(request, answer.cuts, by if name == "breakdown" else ""),
        "may_draft": bool(access.can_draft_months(request.user)),
        "csv_url": reverse(f"reports:{name}_csv") + tail,
        "may_take_rows": bool(access.can_take_rows(request.user)),
        "may_keep_feed": bool(access.can_keep_feed(request.user)),
        "make_url": _with_cut("reports:make_figures", query, by if name == "breakdown" else Breakdown.MONTH),
        "save_url": _with_cut("reports:save_report", query, by if name == "breakdown" else Breakdown.MONTH),
        "pdf_problem": FORMS["pdf"].why_not(),
        "xlsx_url": reverse(f"reports:{name}_xlsx") + tail,
    }


def _with_cut(name: str, query: str, by: str) -> str:
    """Another address for these very figures: their cut is said there, whichever page they stand on."""
    asked = QueryDict(query, mutable=True)
    asked["by"] = by
    return f"{reverse(name)}?{asked.urlencode()}"


def _outside(table: GradeTable | PublicTable) -> dict[str, Any]:
    return {
        "printed": selectors.printed_outside(table),
        "said": selectors.said_outside(table),
        "notes": selectors.outside_notes(table),
    }


def _tabs(request: HttpRequest, cuts: tuple[Breakdown, ...], by: str) -> list[Tab]:
    """The grade table and each breakdown, with what was asked kept."""
    query = request.GET.copy()
    query.pop("by", None)
    tail = f"?{query.urlencode()}" if query else ""
    tabs = [
        Tab("Reports", reverse("reports:standard_list"), False),
        Tab("Grade table", reverse("reports:monthly") + tail, not by),
    ]
    for cut in cuts:
        query["by"] = cut.value
        tabs.append(Tab(f"By {cut.label.lower()}", f"{reverse('reports:breakdown')}?{query.urlencode()}", by == cut))
    return [*tabs, Tab("Answers by question", reverse("reports:answers"), False)]


@require_safe
def monthly_file(request: HttpRequest, form: str) -> HttpResponse:
    """The monthly grade table as CSV or XLSX."""
    return _file(request, _answer(request, Breakdown.MONTH), "grade-table", form)


@require_safe
def breakdown_file(request: HttpRequest, form: str) -> HttpResponse:
    """A breakdown as CSV or XLSX."""
    answer = _answer(request)
    return _file(request, answer, f"grades-by-{answer.table.by.replace('_', '-')}", form)


def _file(request: HttpRequest, answer: _Answer, name: str, form: str) -> HttpResponse:
    table = answer.table

    def make() -> tuple[bytes, int]:
        if isinstance(table, PublicTable):
            content = outside_csv(table) if form == "csv" else outside_xlsx(table, answer.scope)
        else:
            content = grade_table_csv(table) if form == "csv" else grade_table_xlsx(table, answer.scope)
        return content, len(table.rows)

    period = f"{table.first:%Y-%m}-to-{table.last:%Y-%m}"
    return at_once(
        request, make, name=f"{name}-{period}.{form}", form=form, report=name, period=period,
        back=reverse("reports:monthly"),
    )  # fmt: skip
