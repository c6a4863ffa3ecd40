"""The panel's pages: the months, one version of a summary, and having one built."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import NotAllowed, must
from core import charts
from core.documents import FORMS
from core.page_parts import Tile
from learning.access import can_build, reads_summaries
from learning.choices import ThemeMove
from learning.models import PanelSummary
from learning.rules import summaries as rules
from learning.selectors import summaries as selectors
from learning.selectors.summaries import Figures, PanelSummaryContent
from learning.selectors.trend import shown_trend
from learning.services import summaries as services

# How many themes of a kind stand open on the page.
THEMES_SHOWN = 10


def _must_read(request: HttpRequest) -> None:
    if not reads_summaries(request.user):
        raise NotAllowed("The panel's summaries are for panel members, the Principal Social Worker and the QA unit.")


@require_safe
def summary_list(request: HttpRequest) -> HttpResponse:
    """The months and their versions."""
    _must_read(request)
    may_build = bool(can_build(request.user))
    months = selectors.month_lines(PanelSummary.objects.visible_to(request.user), today=timezone.localdate())
    lines = [(line, services.build_state(month=line.month) if may_build else None) for line in months]
    return render(request, "learning/list.html", {"lines": lines, "may_build": may_build})


@require_safe
def summary(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One version of a month's summary, as it was built."""
    held = get_object_or_404(PanelSummary.objects.visible_to(request.user).select_related("asked_by"), pk=pk)
    content = selectors.content_of(held.content)
    versions = selectors.version_lines(PanelSummary.objects.visible_to(request.user), held.month)
    earlier = PanelSummary.objects.visible_to(request.user).filter(month=held.month, number=held.number - 1).first()
    may_build = bool(can_build(request.user))
    context = {
        "summary": held,
        "versions": versions,
        "newest": versions[0],
        "earlier": earlier,
        "changes": selectors.what_changed(selectors.content_of(earlier.content), content) if earlier else (),
        **summary_parts(content),
        "may_build": may_build,
        "pdf_problem": FORMS["pdf"].why_not(),
        "build": services.build_state(month=held.month) if may_build else None,
    }
    return render(request, "learning/summary.html", context)


def summary_parts(content: PanelSummaryContent) -> dict[str, Any]:
    """What the pages of a summary and of a pack print of its content."""
    trend = shown_trend(content.trend, target=content.target)
    return {
        "content": content,
        "tiles": _tiles(content),
        "months_chart": charts.stacked_bars(_month_bars(content)),
        "services_chart": charts.stacked_bars(
            [charts.BarRow(row.service, row.figures.counts) for row in content.services if not row.figures.hidden]
        ),
        "themes": [
            (key, title, rows[:THEMES_SHOWN], rows[THEMES_SHOWN:])
            for key, title, rows in (
                ("development", "Development points", content.development),
                ("strengths", "Strengths", content.strengths),
            )
        ],
        "moves": dict(ThemeMove.choices),
        "trend": trend,
        "trend_chart": charts.line(trend.line.points, title=trend.line.title, target=trend.line.target)
        if trend
        else "",
        "trend_rows": [
            [column.printed(cell) for column, cell in zip(trend.table.columns, row, strict=True)]
            for row in reversed(trend.table.rows)
        ]
        if trend
        else [],
    }


def _tiles(content: PanelSummaryContent) -> list[Tile]:
    total = content.total
    percent = total.percent
    tiles = [Tile(str(total.audited), "audits counted", _meaning("audits-counted"), note=_provisional(total))]
    if percent is not None:
        note = f"Target {content.target}%: {'met' if total.meets_target else 'not met'}"
        tone = "good" if total.meets_target else "alert"
        share, url = f"{percent['good_or_outstanding']}%", _meaning("good-or-outstanding")
        tiles.append(Tile(share, "good or outstanding", url, note=note, tone=tone))
        note = f"{percent['inadequate']}% of those counted"
        tiles.append(Tile(str(total.inadequate), "inadequate", _meaning("inadequate"), note=note))
    tone, url = "alert" if content.open_alerts else "", _meaning("alerts")
    tiles.append(Tile(str(content.open_alerts), "open safeguarding alerts", url, "When this was built", tone))
    return tiles


def _meaning(key: str) -> str:
    """Where the figure's definition stands (product.md LP-2)."""
    return f"{reverse('learning:definitions')}#{key}"


def _provisional(figures: Figures) -> str:
    return f"Includes {figures.provisional} provisional" if figures.provisional else "None of them provisional"


def _month_bars(content: PanelSummaryContent) -> list[charts.BarRow]:
    return [
        charts.BarRow(f"{content.starts_on:%B %Y}", content.total.counts),
        charts.BarRow(f"{content.before_starts_on:%B %Y}", content.before.counts),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def build(request: HttpRequest, month: str) -> HttpResponse:
    """Ask whether to build a month's summary; then ask for it and lead to the page with its progress."""
    must(can_build(request.user))
    wanted = _month(month)
    if request.method == "POST":
        try:
            job = services.request_summary(month=wanted, by=request.user)
        except services.NotYet as problem:
            messages.error(request, str(problem))
            return redirect("learning:list")
        return redirect("jobs:detail", pk=job.pk)
    versions = selectors.version_lines(PanelSummary.objects.visible_to(request.user), wanted)
    today = timezone.localdate()
    context = {
        "month": wanted,
        "newest": versions[0] if versions else None,
        "begun": wanted <= today,
        "over": today >= rules.month_after(wanted),
    }
    return render(request, "learning/build.html", context)


def _month(text: str) -> date:
    try:
        return rules.read_month(text)
    except ValueError as problem:
        raise Http404 from problem
