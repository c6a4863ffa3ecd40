"""How far auditors and moderation agree: a page and its CSV."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import must
from accounts.choices import UnitKind
from accounts.models import OrgUnit
from audits import access
from audits.choices import Grade
from audits.documents import CONSISTENCY_HEADER, consistency_rows
from audits.forms.judging import PeriodForm
from audits.models import Audit
from audits.rules.agreement import AUDITOR_FROM, KAPPA_FROM, kappa_words
from audits.selectors.consistency import ConsistencyReport
from audits.selectors.consistency import consistency as consistency_report
from audits.views.records import page
from core.history.middleware import note_exported, note_viewed
from core.spreadsheets import write_csv

MONTHS_OFFERED, USUAL_MONTHS = 36, 12


def _asked(request: HttpRequest) -> tuple[PeriodForm, ConsistencyReport]:
    """The form and the report for what stands in the address; the usual period where that is not valid."""
    user: Any = request.user
    must(access.can(user, "see_consistency"))
    today = timezone.localdate()
    place = today.year * 12 + today.month - 1
    firsts = [dt.date(each // 12, each % 12 + 1, 1) for each in range(place, place - MONTHS_OFFERED, -1)]
    services = OrgUnit.objects.visible_to(user).filter(kind=UnitKind.SERVICE).order_by("name", "pk")
    form = PeriodForm(
        request.GET,
        months=[(f"{first:%Y-%m}", f"{first:%B %Y}") for first in firsts],
        services=[(str(key), name) for key, name in services.values_list("pk", "name")],
    )
    wanted = form.cleaned_data if form.is_valid() else {}
    first = _month(wanted.get("first")) or firsts[USUAL_MONTHS - 1]
    last = _month(wanted.get("last")) or max(firsts[0], first)
    audits = Audit.objects.visible_to(user)
    if wanted.get("service"):
        audits = audits.filter(service=wanted["service"])
    report = consistency_report(audits, first=first, last=last, by_auditor=bool(access.can(user, "see_individuals")))
    return form, report


def _month(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(f"{text}-01") if text else None


@page("GET")
def consistency(request: HttpRequest) -> HttpResponse:
    """The consistency report of a period."""
    form, report = _asked(request)
    figures = report.moderated.figures
    note_viewed(request, "cases.case", [each.case_id for each in report.overrides if each.case_id])
    context = {
        "form": form,
        "report": report,
        "figures": figures,
        "kappa_words": kappa_words(figures.kappa) if figures.kappa is not None else "",
        "kappa_from": KAPPA_FROM,
        "auditor_from": AUDITOR_FROM,
        "matrix": list(zip(Grade, figures.matrix, strict=True)),
        "grades": list(Grade),
        "sees_individuals": bool(access.can(request.user, "see_individuals")),
        "query": request.GET.urlencode(),
    }
    return render(request, "audits/consistency.html", context)


@page("GET")
def consistency_csv(request: HttpRequest) -> HttpResponse:
    """The same figures as a file."""
    _, report = _asked(request)
    note_exported(request, "audits.consistency", [])
    body = write_csv(CONSISTENCY_HEADER, consistency_rows(report))
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = (
        f'attachment; filename="consistency-{report.first:%Y-%m}-to-{report.last:%Y-%m}.csv"'
    )
    return answer
