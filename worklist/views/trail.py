"""Who looked at what: the access log, one case, one's own work, views outside caseload, break-glass."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SYSTEM, must
from accounts.choices import Role
from accounts.models import RecordGrant, User
from audits.choices import ISSUED
from audits.models import Audit
from audits.querysets import held_in_window
from cases.models import Case
from cases.querysets import CaseQuerySet
from core.history.middleware import note_exported, note_refused, note_viewed
from core.history.models import AccessEvent
from core.page_parts import Tab
from core.spreadsheets import safe_cell
from worklist import access
from worklist.forms import BreakGlassForm, FindCaseForm, LogForm, PeriodForm
from worklist.selectors import trail as selectors
from worklist.services import breaking_glass
from worklist.services.breaking_glass import break_glass, find_case, note_wrong_reference

LOG_DAYS, OUTSIDE_DAYS = 28, 7
GLASS_SHOWN = 200
CSV_HEADER = ("When", "Who", "Roles", "What was done", "Page", "Records", "More records", "Address")


class _Line:
    """A file that hands back what the CSV writer writes to it."""

    def write(self, text: str) -> str:
        return text


def _readable(user: Any) -> CaseQuerySet:
    """The cases whose references this reader may know; information governance knows all but restricted ones."""
    if user.holds(Role.INFORMATION_GOVERNANCE) and not user.holds(Role.QA_LEAD):
        return Case.objects.visible_to(SYSTEM).filter(restricted=False)
    return Case.objects.visible_to(user)


def _tabs(request: HttpRequest) -> list[Tab]:
    user: Any = request.user
    pages = []
    if access.reads_log(user):
        pages += [
            ("Access log", "trail_log"),
            ("Who looked at a case", "trail_find"),
            ("Outside caseload", "trail_outside"),
        ]
    if access.reads_log(user) or access.breaks_glass(user):
        pages.append(("Break-glass", "trail_glass"))
    here = request.resolver_match.url_name if request.resolver_match else ""
    return [Tab(label, reverse(f"worklist:{name}"), name == here) for label, name in pages]


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _older(request: HttpRequest, page: selectors.LogPage) -> str:
    """The address of the page with the lines before these; "" where there are none."""
    if page.older is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(page.older)
    return f"?{query.urlencode()}"


def _newest(request: HttpRequest) -> str:
    """The query string without the place in the list."""
    query = request.GET.copy()
    query.pop("before", None)
    return query.urlencode()


def _log_form(request: HttpRequest) -> LogForm:
    people = [(str(user.pk), user.name) for user in User.objects.visible_to(SYSTEM).order_by("name")]
    return LogForm(request.GET, people=people)


def _asked(form: LogForm) -> Any:
    """The events that the form asks for."""
    first, last = form.period(timezone.localdate(), LOG_DAYS)
    chosen = form.cleaned_data
    return selectors.narrowed(
        AccessEvent.objects.visible_to(SYSTEM),
        person=uuid.UUID(chosen["person"]) if chosen.get("person") else None,
        first=first,
        last=last,
        purpose=chosen.get("purpose", ""),
    )


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The access log, newest first, 50 lines a page."""
    must(access.can_read_log(request.user))
    form = _log_form(request)
    page = selectors.log_page(_asked(form), _readable(request.user), before=_before(request))
    note_viewed(request, selectors.CASE, page.shown)
    first, last = form.period(timezone.localdate(), LOG_DAYS)
    query = request.GET.urlencode()
    context = {
        "filter_form": form,
        "log": page,
        "older_url": _older(request, page),
        "is_first": not _before(request),
        "newest_query": _newest(request),
        "first": first,
        "last": last,
        "csv_url": reverse("worklist:trail_csv") + (f"?{query}" if query else ""),
        "tabs": _tabs(request),
    }
    return render(request, "worklist/trail_log.html", context)


@require_safe
def log_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same lines as a file, as many as there are: what a person has looked at, for the decision of 72 hours.

    It is sent as it is read, so that a file of any length needs little memory.
    """
    must(access.can_read_log(request.user))
    events, readable = _asked(_log_form(request)), _readable(request.user)
    if request.method == "GET":
        note_exported(request, selectors.CASE, selectors.cases_in(events))
    writer = csv.writer(_Line())

    def rows() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(CSV_HEADER)
        for piece in selectors.log_lines(events, readable):
            yield "".join(writer.writerow(_cells(line)) for line in piece)

    response = StreamingHttpResponse(rows() if request.method == "GET" else (), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="access-log.csv"'
    return response


def _cells(line: selectors.LogLine) -> list[object]:
    """A line of the log as the file has it: text that somebody wrote is no formula."""
    records = "; ".join(record.words for record in line.records)
    when = timezone.localtime(line.at).isoformat(" ", "seconds")[:19]
    cells = (line.who, line.roles, line.purpose_words, line.page, records, str(line.more or ""), line.address)
    return [when, *map(safe_cell, cells)]


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Lead from a reference to who looked at that case."""
    must(access.can_read_log(request.user))
    form = FindCaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        case = find_case(reference=form.cleaned_data["reference"])
        if case is not None and access.can_see_who_looked(request.user, case):
            return redirect("worklist:trail_case", case.pk)
        form.add_error("reference", "No case that you may ask about has this reference. Check it and try again")
    return render(request, "worklist/trail_find.html", {"form": form, "tabs": _tabs(request)})


@require_safe
def who_looked(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """Everybody who looked at one case or an audit of it, newest first."""
    user: Any = request.user
    found = Case.objects.visible_to(SYSTEM).filter(pk=case).first()
    sees_case = Case.objects.visible_to(user).filter(pk=case).exists()
    if found is None or not (sees_case or user.holds(Role.INFORMATION_GOVERNANCE)):
        note_refused(request, selectors.CASE, [case])
        raise Http404
    must(access.can_see_who_looked(user, found))
    readable = _readable(user)
    page = selectors.case_page(AccessEvent.objects.visible_to(SYSTEM), found, readable, before=_before(request))
    knows = readable.filter(pk=case).exists()
    note_viewed(request, selectors.CASE, {found.pk, *page.shown})
    context = {
        "log": page,
        "case_name": found.reference if knows else f"Restricted case {str(found.pk)[:8]}",
        "case_url": reverse("cases:detail", args=[case])
        if Case.objects.visible_to(user).filter(pk=case).exists()
        else "",
        "older_url": _older(request, page),
        "is_first": not _before(request),
        "newest_query": _newest(request),
    }
    return render(request, "worklist/trail_case.html", context)


@require_safe
def own_work(request: HttpRequest) -> HttpResponse:
    """Who opened the audits of one's own work, once their feedback is issued."""
    user: Any = request.user
    must(access.can_see_who_read_own_work(user))
    audits = Audit.objects.visible_to(user).filter(held_in_window(user), status__in=ISSUED)
    page = selectors.audits_page(
        AccessEvent.objects.visible_to(SYSTEM), audits, Case.objects.visible_to(user), before=_before(request)
    )
    context = {
        "log": page,
        "older_url": _older(request, page),
        "is_first": not _before(request),
        "newest_query": _newest(request),
    }
    return render(request, "worklist/trail_own.html", context)


@require_safe
def outside(request: HttpRequest) -> HttpResponse:
    """Looks at cases to which nothing in the viewer's work tied them."""
    must(access.can_read_log(request.user))
    form = PeriodForm(request.GET)
    first, last = form.period(timezone.localdate(), OUTSIDE_DAYS)
    events = selectors.narrowed(AccessEvent.objects.visible_to(SYSTEM), first=first, last=last)
    report = selectors.outside_report(events, _readable(request.user))
    note_viewed(request, selectors.CASE, report.shown)
    context = {"filter_form": form, "report": report, "first": first, "last": last, "tabs": _tabs(request)}
    return render(request, "worklist/trail_outside.html", context)


@require_safe
def glass_list(request: HttpRequest) -> HttpResponse:
    """Openings by break-glass: all of them for those who read the log, one's own for a head of service."""
    user: Any = request.user
    if not access.reads_log(user):
        must(access.can_break_glass(user))
    grants = RecordGrant.objects.visible_to(SYSTEM if access.reads_log(user) else user)
    lines = selectors.glass_lines(selectors.glass_of(grants)[:GLASS_SHOWN], _readable(user), now=timezone.now())
    note_viewed(request, selectors.CASE, [line.case.case_id for line in lines if line.case.case_id])
    context = {"lines": lines, "may_open": access.breaks_glass(user), "tabs": _tabs(request)}
    return render(request, "worklist/trail_glass.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def glass_open(request: HttpRequest) -> HttpResponse:
    """Open one case for 24 hours, against a reason."""
    must(access.can_break_glass(request.user))
    form = BreakGlassForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        case = find_case(reference=form.cleaned_data["reference"])
        if case is None:
            note_wrong_reference(by=request.user, why=why)
            form.add_error("reference", "No case has this reference. Check it and try again")
        elif Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
            messages.info(request, "You can see this case already.")
            return redirect("cases:detail", case.pk)
        else:
            try:
                break_glass(case=case, why=why, by=request.user)
            except ValidationError as problem:
                form.add_error("why", problem.message_dict["why"])
            else:
                messages.success(
                    request, "The case is open to you for 24 hours. The QA lead and information governance were told."
                )
                return redirect("cases:detail", case.pk)
    context = {"form": form, "hours": breaking_glass.HOURS}
    return render(request, "worklist/trail_glass_open.html", context)
