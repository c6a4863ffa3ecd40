"""The cases behind an indicator's figure: references only, by scope."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import SYSTEM
from assurance_clinics import access
from assurance_clinics.models import DatedEvent, Indicator, IndicatorDefinition
from assurance_clinics.rules.indicators import FORMULAS
from assurance_clinics.selectors.drilling import CaseLine, CaseList, case_list
from assurance_clinics.selectors.extracts import latest_extract
from assurance_clinics.selectors.tables import in_force, meaning_of
from assurance_clinics.views.indicators import place_of
from assurance_clinics.views.tables import indicator_url
from cases.models import Case, Extract
from core.history.middleware import note_refused, note_viewed
from core.page_parts import Tab

PAGE = 100
SHOWN = {"act": "To act on", "next": "Due next", "out": "Left out"}


@require_safe
def case_lines(
    request: HttpRequest, indicator: uuid.UUID, unit: uuid.UUID | None = None, worker: uuid.UUID | None = None
) -> HttpResponse:
    """Who is overdue and since when, who is due next, and who was left out, in the latest extract."""
    user: Any = request.user
    found = get_object_or_404(Indicator.objects.visible_to(user), pk=indicator, code__in=FORMULAS)
    try:
        place = place_of(user, unit, worker)
        if not access.sees_exceptions_of(user, place.unit, place.worker):
            raise Http404
    except Http404:
        if unit is not None:
            note_refused(request, "accounts.orgunit", [unit])
        raise
    # Everybody's figures come from the latest extract; whose cases are listed is decided by `cases` below.
    extract = latest_extract(Extract.objects.visible_to(SYSTEM))
    definitions = IndicatorDefinition.objects.visible_to(user).filter(indicator=found).order_by("valid_from")
    shown = request.GET.get("show", "act")
    context: dict[str, Any] = {
        "indicator": found,
        "place": place,
        "back": indicator_url("indicator", found.pk, *place.keys),
    }
    if extract is not None:
        meaning = meaning_of(in_force(list(definitions), extract.as_at.replace(day=1)))
        listed = case_list(
            extract, Case.objects.visible_to(user), code=found.code or "", polarity=meaning.polarity, unit=place.unit,
            worker=place.worker.pk if place.worker else None, agreed=DatedEvent.objects.visible_to(SYSTEM),
        )  # fmt: skip
        page = Paginator(_lines(listed, shown), PAGE).get_page(request.GET.get("page"))
        note_viewed(request, "cases.case", [line.case for line in page.object_list if line.case is not None])
        context |= {"listed": listed, "page": page, "tabs": _tabs(listed, shown), "shown": shown}
    return render(request, "assurance_clinics/cases.html", context)


def _lines(listed: CaseList, shown: str) -> tuple[CaseLine, ...]:
    if shown not in SHOWN:
        raise Http404
    return {"act": listed.exceptions, "next": listed.others, "out": listed.left_out}[shown]


def _tabs(listed: CaseList, shown: str) -> list[Tab]:
    return [
        Tab(f"{words} ({len(_lines(listed, key)):,})", f"?show={key}", key == shown) for key, words in SHOWN.items()
    ]
