"""The list of cases."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import OrgUnit
from cases import selectors
from cases.access import can_import
from cases.forms import CaseFilterForm
from cases.models import Case
from core.history.middleware import note_viewed
from core.paging import LongListPaginator

PAGE = 50


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """The cases that this person may see, narrowed by the address, 50 a page."""
    units = selectors.unit_choices(OrgUnit.objects.visible_to(request.user))
    form = CaseFilterForm(request.GET, units=units)
    chosen = form.cleaned_data if form.is_valid() else {}
    cases = selectors.narrowed(
        Case.objects.visible_to(request.user),
        on=timezone.localdate(),
        service=chosen.get("service"),
        team=chosen.get("team"),
        plan_type=chosen.get("plan_type", ""),
        state=chosen.get("state", "") or "open",
        sort=request.GET.get("sort", ""),
    )
    page = LongListPaginator(selectors.with_holders(cases), PAGE).get_page(request.GET.get("page"))
    lines = [selectors.case_line(case) for case in page.object_list]
    note_viewed(request, "cases.case", [line.id for line in lines])
    context = {
        "page": page,
        "lines": lines,
        "shows_closed": bool(chosen.get("state")) or any(line.closed_on for line in lines),
        "filter_form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "may_import": bool(can_import(request.user)),
    }
    return render(request, "cases/list.html", context)
