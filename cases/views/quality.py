"""What the records of open cases lack, for the QA unit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import must
from cases import selectors
from cases.access import can_import
from cases.choices import DataFault
from cases.models import Case, CaseAlias, Extract, Worker
from cases.views.listing import PAGE
from core.history.middleware import note_viewed
from core.paging import LongListPaginator


@require_safe
def data_quality(request: HttpRequest) -> HttpResponse:
    """How many open cases lack what, how old the extracts are; with `?fault=`, the cases that lack it."""
    must(can_import(request.user))
    today = timezone.localdate()
    cases = Case.objects.visible_to(request.user)
    fault = request.GET.get("fault", "")
    context = {
        "quality": selectors.data_quality(
            cases=cases,
            extracts=Extract.objects.visible_to(request.user),
            workers=Worker.objects.visible_to(request.user),
            aliases=CaseAlias.objects.visible_to(request.user),
            today=today,
        ),
        "fault": DataFault(fault).label if fault in DataFault.values else "",
    }
    if context["fault"]:
        wanted = selectors.with_holders(cases.open_on(today).with_fault(fault).order_by(*selectors.SORTS["reference"]))
        page = LongListPaginator(wanted, PAGE).get_page(request.GET.get("page"))
        lines = [selectors.case_line(case) for case in page.object_list]
        note_viewed(request, "cases.case", [line.id for line in lines])
        context |= {"page": page, "lines": lines}
    return render(request, "cases/data_quality.html", context)
