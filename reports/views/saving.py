"""Saved reports: one's own list, keeping one, opening one, and having it come by itself."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import must
from accounts.models import User
from audits.choices import Breakdown
from audits.models import GradeTally
from audits.selectors.grades import services_of
from core.documents import FORMS
from reports import access
from reports.choices import Period
from reports.forms.figures import FiguresForm, breakdown_asked
from reports.forms.saving import SaveForm, SubscribeForm
from reports.models import SavedReport, Subscription
from reports.services import figures
from reports.services import saving as services


@require_safe
def saved_list(request: HttpRequest) -> HttpResponse:
    """The reports that one has saved, and what comes to one by itself."""
    user: Any = request.user
    must(access.can_read_figures(user))
    today = timezone.localdate()
    own = SavedReport.objects.visible_to(user).filter(owner=user).prefetch_related("subscriptions__person")
    lines = [
        {
            "report": report,
            "title": figures.title(asked=services.asked_now(report=report, today=today)),
            "running": [each for each in report.subscriptions.all() if each.ended_at is None],
        }
        for report in own
    ]
    mine = Subscription.objects.visible_to(user).running().filter(person=user).select_related("report", "asked_by")
    context = {"lines": lines, "mine": mine, "forms": services.FORMS}
    return render(request, "reports/saved.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def save_report(request: HttpRequest) -> HttpResponse:
    """Keep what the address asks for under a name."""
    user: Any = request.user
    must(access.can_read_figures(user))
    by = breakdown_asked(request.GET, Breakdown.MONTH)
    asking = FiguresForm(
        request.GET, services=services_of(GradeTally.objects.visible_to(user)), today=timezone.localdate()
    )
    question = asking.question(by)
    period = asking.cleaned_data.get("period") or Period.LAST_12 if asking.is_valid() else Period.LAST_12
    asked = figures.asked(
        first=question.first, last=question.last, by=by, services=question.services,
        settled_only=question.settled_only, as_now=question.as_now,
    ) | {"period": str(period)}  # fmt: skip
    form = SaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            report = services.save_report(name=form.cleaned_data["name"], asked=asked, by=user)
            messages.success(request, f"“{report.name}” is saved.")
            return redirect("reports:saved")
        except services.NotSaved as problem:
            form.add_error("name", str(problem))
    words = f"{figures.title(asked=asked)} ({Period(period).label.lower()})"
    return render(request, "reports/save.html", {"form": form, "words": words})


@require_safe
def open_report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Lead to the figures that a saved report asks for, which everybody reads with their own rights."""
    must(access.can_read_figures(request.user))
    report = get_object_or_404(SavedReport.objects.visible_to(request.user), pk=pk)
    return redirect(services.address(report=report))


@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Have a saved report come by itself."""
    user: Any = request.user
    must(access.can_read_figures(user))
    report = get_object_or_404(SavedReport.objects.visible_to(user).filter(owner=user), pk=pk)
    offered = {key: words for key, words in services.FORMS.items() if not key or not FORMS[key].why_not()}
    others = access.can_subscribe_others(user)
    people = (
        User.objects.visible_to(user).filter(is_active=True).exclude(pk=user.pk).order_by("name") if others else None
    )
    form = SubscribeForm(request.POST if request.method == "POST" else None, forms_offered=offered, people=people)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        person = cleaned.get("person") or user
        try:
            services.subscribe(report=report, person=person, cadence=cleaned["cadence"], form=cleaned["form"], by=user)
            messages.success(request, f"“{report.name}” comes to {'you' if person == user else person.name} by itself.")
            return redirect("reports:saved")
        except services.NotSaved as problem:
            form.add_error(None, str(problem))
    return render(request, "reports/subscribe.html", {"form": form, "report": report})


@require_POST
def delete_report(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Throw one's own saved report away."""
    user: Any = request.user
    must(access.can_read_figures(user))
    report = get_object_or_404(SavedReport.objects.visible_to(user).filter(owner=user), pk=pk)
    name = report.name
    services.delete_report(report=report, by=user)
    messages.success(request, f"“{name}” is deleted.")
    return redirect("reports:saved")


@require_POST
def unsubscribe(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Let a report come no more."""
    user: Any = request.user
    must(access.can_read_figures(user))
    subscription = get_object_or_404(Subscription.objects.visible_to(user).select_related("report"), pk=pk)
    if services.unsubscribe(subscription=subscription, by=user):
        messages.success(request, f"“{subscription.report.name}” comes no more.")
    return redirect("reports:saved")
