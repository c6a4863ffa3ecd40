"""The structure: directorates, services and teams, and what happens to them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import selectors, services
from accounts.forms import CloseUnitForm, RenameForm, UnitForm, first_day
from accounts.models import OrgUnit
from accounts.views.people import managers_page, refuse
from core.templatetags.page_parts import day


@managers_page("GET")
def structure(request: HttpRequest) -> HttpResponse:
    """The tree, with its closed units where asked for."""
    closed = request.GET.get("closed") == "1"
    tree = selectors.unit_tree(OrgUnit.objects.visible_to(request.user), timezone.localdate(), closed=closed)
    return render(request, "accounts/structure.html", {"tree": tree, "closed": closed})


@managers_page("GET", "POST")
def add_unit(request: HttpRequest) -> HttpResponse:
    """A new directorate, service or team."""
    parents = selectors.possible_parents(OrgUnit.objects.visible_to(request.user))
    form = UnitForm(request.POST or None, parents=parents, initial=first_day(timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            unit = services.open_unit(
                kind=data["kind"], name=data["name"], parent=data["parent"], by=request.user,
                opened_on=data["opened_on"],
            )  # fmt: skip
        except ValidationError as refused:
            form.add_error("parent", refused.messages)
        else:
            messages.success(request, f"{unit.name} is part of the structure.")
            return redirect("accounts:structure")
    return render(request, "accounts/add_unit.html", {"form": form})


def _unit(request: HttpRequest, pk: UUID) -> OrgUnit:
    return get_object_or_404(OrgUnit.objects.visible_to(request.user), pk=pk)


@managers_page("GET", "POST")
def rename_unit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another name from a day on."""
    unit = _unit(request, pk)
    form = RenameForm(request.POST or None, initial={"name": unit.name, **first_day(timezone.localdate())})
    if request.method == "POST" and form.is_valid():
        former = unit.name
        try:
            services.rename_unit(unit=unit, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error("name", refused.messages)
        else:
            messages.success(request, f"{former} is now called {unit.name}.")
            return redirect("accounts:structure")
    return render(request, "accounts/rename_unit.html", {"form": form, "unit": unit})


@managers_page("GET", "POST")
def close_unit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a unit and say what takes over."""
    unit = _unit(request, pk)
    successors = selectors.possible_successors(OrgUnit.objects.visible_to(request.user), unit)
    initial = {"move_roles": True, **first_day(timezone.localdate())}
    form = CloseUnitForm(request.POST or None, successors=successors, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.close_unit(unit=unit, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"{unit.name} closes on {day(unit.closed_on)}.")
            return redirect("accounts:structure")
    return render(request, "accounts/close_unit.html", {"form": form, "unit": unit})
