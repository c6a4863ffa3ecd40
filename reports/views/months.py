"""Months: drafted, published, restated."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.access import must
from core.errors import conflict
from reports import access
from reports.models import MonthDraft, PublishedMonth
from reports.rules.periods import read_month
from reports.selectors import months as selectors
from reports.services import freezing


def month_of(text: str) -> date:
    """The month of an address. Raises Http404 for what is none."""
    try:
        return read_month(text)
    except ValueError as problem:
        raise Http404 from problem


@require_safe
def month_list(request: HttpRequest) -> HttpResponse:
    """The months, the newest first, each with where it stands."""
    user: Any = request.user
    must(access.can_draft_months(user))
    lines = selectors.month_lines(
        MonthDraft.objects.visible_to(user), PublishedMonth.objects.visible_to(user), today=timezone.localdate()
    )
    return render(request, "reports/months.html", {"lines": lines})


@require_safe
def month(request: HttpRequest, month: str) -> HttpResponse:
    """One month as drafted or published, and what became of it."""
    user: Any = request.user
    must(access.can_draft_months(user))
    wanted = month_of(month)
    page = selectors.month_page(
        MonthDraft.objects.visible_to(user),
        PublishedMonth.objects.visible_to(user),
        month=wanted,
        today=timezone.localdate(),
    )
    context = {
        "month": wanted,
        "key": f"{wanted:%Y-%m}",
        "page": page,
        "heads": selectors.HEADS,
        "rows": page.rows if page else (),
        "may_publish": bool(access.can_publish_months(user)),
        "over": freezing.is_over(month=wanted),
    }
    return render(request, "reports/month.html", context)


@require_POST
def draft(request: HttpRequest, month: str) -> HttpResponse:
    """Draft a month now."""
    must(access.can_draft_months(request.user))
    wanted = month_of(month)
    try:
        made = freezing.draft_month(month=wanted, by=request.user)
    except ValueError as problem:
        return conflict(request, str(problem), back_url="/reports/months/", back_label="Back to the months")
    said = "drafted" if made else "published already, and stay as they are"
    messages.success(request, f"The figures of {wanted:%B %Y} are {said}.")
    return redirect("reports:month", month=f"{wanted:%Y-%m}")


@require_POST
def publish(request: HttpRequest, month: str) -> HttpResponse:
    """Publish a month as its draft was shown."""
    must(access.can_publish_months(request.user))
    wanted = month_of(month)
    try:
        freezing.publish_month(month=wanted, by=request.user, checksum=request.POST.get("checksum", ""))
    except ValueError as problem:
        back = f"/reports/months/{wanted:%Y-%m}/"
        return conflict(request, str(problem), back_url=back, back_label=f"Back to {wanted:%B %Y}")
    messages.success(request, f"The figures of {wanted:%B %Y} are published.")
    return redirect("reports:month", month=f"{wanted:%Y-%m}")
