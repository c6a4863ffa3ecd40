"""One case: how it stands, who held it, and what people may do to it."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from cases import access, selectors, services
from cases.forms import AliasForm, PersonForm, RestrictForm, WhyForm
from cases.models import Case
from core.history.middleware import note_refused, note_viewed
from core.page_parts import SummaryRow
from core.panels import panels_for
from core.templatetags.page_parts import day

GET_POST = ["GET", "HEAD", "POST"]


def _user(request: HttpRequest) -> User:
    """Whoever asks; the middleware lets nobody in who has not signed in."""
    return cast(User, request.user)


def _case(request: HttpRequest, pk: uuid.UUID) -> Case:
    """The case, when this person may see it; noted as viewed, or as refused."""
    try:
        case = get_object_or_404(Case.objects.visible_to(request.user).select_related("service", "team"), pk=pk)
    except Http404:
        note_refused(request, "cases.case", [pk])
        raise
    note_viewed(request, "cases.case", [case.pk])
    return case


@require_safe
def case_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A case as it stands, with who held it and when."""
    case = _case(request, pk)
    page = selectors.case_page(case)
    connection = case.connections.filter(user=_user(request)).first()
    may_name = bool(access.can(request.user, "name people", case))
    context = {
        "case": page.line,
        "facts": _facts(page),
        "holdings": page.holdings,
        "references": page.references,
        "connection": connection,
        "may_restrict": bool(access.can(request.user, "restrict", case)) and not case.restricted,
        "may_name": may_name and case.restricted,
        "may_add_reference": bool(access.can(request.user, "add alias", case)),
        "panels": panels_for("cases.case", request.user, case),
    }
    return render(request, "cases/detail.html", context)


def _facts(page: selectors.CasePage) -> list[SummaryRow]:
    line = page.line
    plan = line.plan or "Not recorded"
    rows = [
        SummaryRow("About", line.subject),
        SummaryRow("Plan", f"{plan}, child with disabilities" if line.is_cwd else plan),
        SummaryRow("Age", page.age_band or "Not recorded"),
        SummaryRow("Service", line.service),
        SummaryRow("Team", line.team or "Not recorded"),
        SummaryRow("Held by", line.worker or "Nobody"),
        SummaryRow("Opened", day(line.opened_on) or "Not recorded"),
    ]
    if page.legal_status:
        rows.insert(2, SummaryRow("Legal status", page.legal_status))
    if line.closed_on:
        rows.append(SummaryRow("Closed", day(line.closed_on)))
    return rows


@require_http_methods(GET_POST)
def declare_connection(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Declare a personal connection, after saying what that means."""
    case = _case(request, pk)
    if request.method == "POST":
        services.declare_connection(case=case, by=_user(request))
        messages.success(request, "Your connection is noted. You will not be asked to audit or moderate this case.")
        return redirect("cases:detail", pk=case.pk)
    return render(request, "cases/connection.html", {"case": case})


@require_http_methods(GET_POST)
def restrict(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Restrict a case to named people."""
    case = _case(request, pk)
    access.require(request.user, "restrict", case)
    form = RestrictForm(request.POST if request.method == "POST" else None, people=_people(request))
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        people = [person] if person else []
        services.restrict_case(case=case, people=people, why=form.cleaned_data["why"], by=_user(request))
        messages.success(request, "The case is restricted. Only the people named here can see it.")
        return redirect("cases:people", pk=case.pk)
    return render(request, "cases/restrict.html", {"form": form, "case": case})


@require_http_methods(GET_POST)
def lift(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Lift a restriction."""
    case = _case(request, pk)
    access.require(request.user, "lift restriction", case)
    form = WhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.lift_restriction(case=case, why=form.cleaned_data["why"], by=_user(request))
        messages.success(request, "The case is no longer restricted.")
        return redirect("cases:detail", pk=case.pk)
    return render(request, "cases/lift.html", {"form": form, "case": case})


@require_http_methods(GET_POST)
def people(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who may see a restricted case."""
    case = _case(request, pk)
    access.require(request.user, "name people", case)
    form = PersonForm(request.POST if request.method == "POST" else None, people=_people(request))
    if request.method == "POST" and form.is_valid():
        person = form.cleaned_data["person"]
        services.name_person(case=case, person=person, by=_user(request))
        messages.success(request, f"{person.name} can see this case.")
        return redirect("cases:people", pk=case.pk)
    named = case.named_people.select_related("user").order_by("user__name")
    return render(request, "cases/people.html", {"form": form, "case": case, "named": named})


@require_POST
def remove_person(request: HttpRequest, pk: uuid.UUID, person: uuid.UUID) -> HttpResponse:
    """Take sight of a restricted case away from somebody."""
    case = _case(request, pk)
    access.require(request.user, "name people", case)
    user = get_object_or_404(User.objects.visible_to(request.user), pk=person)
    try:
        services.unname_person(case=case, person=user, by=_user(request))
    except services.CannotChange as problem:
        messages.error(request, str(problem))
        return redirect("cases:people", pk=case.pk)
    messages.success(request, f"{user.name} can no longer see this case.")
    return redirect("cases:list") if user.pk == _user(request).pk else redirect("cases:people", pk=case.pk)


@require_http_methods(GET_POST)
def add_reference(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Add another reference of the same case."""
    case = _case(request, pk)
    access.require(request.user, "add alias", case)
    form = AliasForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_alias(
                case=case,
                reference=form.cleaned_data["reference"],
                system=form.cleaned_data["system"],
                by=_user(request),
            )
        except services.CannotChange as problem:
            form.add_error("reference", str(problem))
        else:
            messages.success(request, "The other reference was added.")
            return redirect("cases:detail", pk=case.pk)
    return render(request, "cases/reference.html", {"form": form, "case": case})


def _people(request: HttpRequest) -> QuerySet[User]:
    return User.objects.visible_to(request.user).filter(is_active=True).order_by("name")
