"""Safeguarding alerts: raised from any page of an audit, acknowledged and resolved by the line of the case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import must
from audits import access
from audits.choices import AlertStatus
from audits.forms.alerts import AlertForm, ResolveAlertForm
from audits.models import Audit, SafeguardingAlert
from audits.selectors import pages
from audits.services import alerts
from audits.views.records import note_cases, page, show, visible_alert, visible_audit
from audits.workflow import ALERT_MOVES
from core.workflow import may_follow


@page("GET", "POST")
def raise_alert(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Say that a child may be at risk of harm now."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "raise_alert", found))
    form = AlertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            alert = alerts.raise_alert(
                audit=found,
                by=request.user,
                what=cleaned["what"],
                where=cleaned["where"],
                since=cleaned["since"],
                told_name=cleaned["told_name"],
                told_at=form.told_at(),
            )
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, "The alert was raised. The team manager and the service lead have been told.")
            if SafeguardingAlert.objects.visible_to(request.user).filter(pk=alert.pk).exists():
                return redirect("audits:alert", alert.pk)
            return redirect("audits:detail", found.pk)
    return show(request, "audits/raise_alert.html", found, {"form": form})


@page("GET")
def alert_list(request: HttpRequest) -> HttpResponse:
    """The alerts that this person may see: those on which somebody has to act, or all."""
    found = SafeguardingAlert.objects.visible_to(request.user).select_related(
        "audit__case", "audit__service", "audit__team", "raised_by", "acknowledged_by"
    )
    everything = request.GET.get("show") == "all"
    if not everything:
        found = found.unresolved()
    rows = Paginator(found.order_by("-raised_at", "id"), pages.PAGE_SIZE).get_page(request.GET.get("page"))
    note_cases(request, [alert.audit for alert in rows])
    colours = {status.value: colour for status, colour in pages.ALERT_COLOURS.items()}
    shown = [(alert, colours[alert.status], pages.case_reference(alert.audit)) for alert in rows]
    return render(request, "audits/alerts.html", {"page": rows, "rows": shown, "everything": everything})


@page("GET")
def alert(request: HttpRequest, alert: UUID) -> HttpResponse:
    """One alert: what was found, who was told, and what has been done."""
    return _alert_page(request, visible_alert(request, alert))


def _alert_page(request: HttpRequest, found: SafeguardingAlert, form: ResolveAlertForm | None = None) -> HttpResponse:
    user = request.user
    may = {
        verb: bool(may_follow(ALERT_MOVES, verb, found.status) and access.can(user, verb, found))
        for verb in ("acknowledge", "resolve", "check")
    }
    may["act"] = bool(access.can(user, "act_on_alert", found))
    note_cases(request, [found.audit])
    context: dict[str, Any] = {
        "alert": found,
        "colour": pages.ALERT_COLOURS[AlertStatus(found.status)],
        "case_reference": pages.case_reference(found.audit),
        "may": may,
        "form": form or (ResolveAlertForm(initial={"version": found.version}) if may["resolve"] else None),
        "sees_audit": Audit.objects.visible_to(user).filter(pk=found.audit_id).exists(),
        "own": found.audit.auditor_id == user.pk,
    }
    return render(request, "audits/alert.html", context)


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


@page("POST")
def acknowledge(request: HttpRequest, alert: UUID) -> HttpResponse:
    """Somebody of the line has it in hand."""
    found = visible_alert(request, alert)
    alerts.acknowledge_alert(alert=found, by=request.user, version=_version(request))
    messages.success(request, "You have acknowledged the alert. The auditor can see it.")
    if SafeguardingAlert.objects.visible_to(request.user).filter(pk=found.pk).exists():
        return redirect("audits:alert", found.pk)
    return redirect("audits:alerts")


@page("POST")
def resolve(request: HttpRequest, alert: UUID) -> HttpResponse:
    """Say what was done."""
    found = visible_alert(request, alert)
    form = ResolveAlertForm(request.POST)
    must(access.can(request.user, "resolve", found))
    if not form.is_valid():
        return _alert_page(request, found, form)
    try:
        alerts.resolve_alert(
            alert=found,
            by=request.user,
            resolution=form.cleaned_data["resolution"],
            version=form.cleaned_data["version"],
        )
    except ValidationError as refused:
        form.add_error("resolution", refused.messages)
        return _alert_page(request, found, form)
    messages.success(request, "The alert was resolved. The QA unit will check what was done.")
    return redirect("audits:alert", found.pk)


@page("POST")
def check(request: HttpRequest, alert: UUID) -> HttpResponse:
    """The QA unit has checked what was done."""
    found = visible_alert(request, alert)
    alerts.check_alert(alert=found, by=request.user, version=_version(request))
    messages.success(request, "The alert was marked as checked.")
    return redirect("audits:alert", found.pk)
