"""Making an action by hand: stand-alone, about a case, or for a recommendation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import must, no
from accounts.choices import LINE_ROLES, QA_ROLES, UnitKind
from accounts.models import OrgUnit
from actions import access
from actions.choices import Origin
from actions.forms.making import ActionForm
from actions.models import Action
from actions.selectors.pages import action_lines
from actions.selectors.themes import theme_groups
from actions.services.creating import STAND_ALONE, ActionDraft, From, PossibleDuplicates, create_action
from actions.views.records import note_cases, page, visible_recommendation
from cases.models import Case
from core.history.middleware import note_viewed
from core.pages import missing


@page("GET", "POST")
def create(request: HttpRequest) -> HttpResponse:
    """A stand-alone action for a team, a service or the partnership."""
    return _make(request, case=None, origin=STAND_ALONE, about="")


@page("GET", "POST")
def create_for_case(request: HttpRequest, case: UUID) -> HttpResponse:
    """A stand-alone action about a case."""
    found = Case.objects.visible_to(request.user).select_related("team", "service").filter(pk=case).first()
    if found is None:
        missing(request, "cases.case", case)
    note_viewed(request, "cases.case", [found.pk])
    must(access.can_create(request.user, case=found, service=found.service, team=found.team))
    return _make(request, case=found, origin=STAND_ALONE, about=f"Case {found.reference}")


@page("GET", "POST")
def create_for_recommendation(request: HttpRequest, recommendation: UUID) -> HttpResponse:
    """An action that answers a recommendation of an outside body."""
    found = visible_recommendation(request, recommendation)
    must(access.can_keep_recommendations(request.user))
    origin = From(
        kind=Origin.BODY,
        reference=f"{found.get_source_display()} {found.item_number}",
        link=reverse("actions:recommendation", args=[found.pk]),
        recommendation=found,
    )
    return _make(request, case=None, origin=origin, about=f"{found.body_name}, item {found.item_number}")


def _make(request: HttpRequest, *, case: Case | None, origin: From, about: str) -> HttpResponse:
    user: Any = request.user
    if not access.can_make(user):
        must(no("Only line management and the QA unit can create actions."))
    form = ActionForm(
        request.POST if request.method == "POST" else None,
        owners=access.possible_owners(
            case=case, service=case.service if case else None, team=case.team if case else None
        ),
        units=None if case else _units(user),
        groups=theme_groups(),
        everywhere=bool(access.can_create(user, case=None, service=None, team=None)),
    )
    duplicates: list[Action] = []
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            action = create_action(
                wanted=ActionDraft(
                    what=cleaned["what"],
                    how_we_know=cleaned["how_we_know"],
                    owner=cleaned["owner"],
                    priority=cleaned["priority"],
                    level=cleaned["level"],
                    due_on=cleaned["due_on"],
                    why_later=cleaned["why_later"],
                    themes=cleaned.get("themes", ()),
                    case=case,
                    unit=cleaned.get("unit"),
                ),
                by=user,
                origin=origin,
                despite_duplicates=cleaned["despite_duplicates"],
            )
        except ValidationError as refused:
            form.say(refused)
        except PossibleDuplicates as pointed_out:
            duplicates = pointed_out.found
            note_cases(request, duplicates)
            form.show_duplicates()
        else:
            messages.success(request, f"Action {action.reference} was created. {action.owner.name} has been told.")
            if Action.objects.visible_to(user).filter(pk=action.pk).exists():
                return redirect("actions:detail", action.pk)
            return redirect("actions:list")
    context = {"form": form, "about": about, "duplicates": action_lines(duplicates, timezone.localdate())}
    return render(request, "actions/create.html", context)


def _units(user: Any) -> Any:
    """The open services and teams for which this person may make an action."""
    units = OrgUnit.objects.visible_to(user).open_on(timezone.localdate())
    if not user.holds(*QA_ROLES) and user.holds(*LINE_ROLES):
        units = units.under(user.units_as(*LINE_ROLES))
    return units.filter(kind__in=(UnitKind.SERVICE, UnitKind.TEAM)).order_by("kind", "name", "pk")
