"""Lists of actions, and one change of many."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.access import unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, UnitKind
from accounts.models import OrgUnit, User
from actions import access
from actions.forms.listing import BulkForm, FilterForm, ListChoices
from actions.models import Action, LoopCheck
from actions.querysets import ActionQuerySet
from actions.selectors import pages
from actions.services import bulk
from actions.views.records import note_cases, page
from core.bulk import BulkResult, keys_of, typed_of
from core.page_parts import Tab
from core.paging import list_as_left

_LABELS = {
    "mine": "Mine",
    "team": "My team's",
    "overdue": "Overdue",
    "week": "Due this week",
    "verify": "To verify",
    "all": "All",
}
_NOTHING = {
    "mine": "You have no action to do. When one is given to you, it appears here and you get a notice.",
    "team": "No action of your teams is open.",
    "overdue": "No action that you can see is overdue.",
    "week": "No action that you can see is due between today and Sunday.",
    "verify": "No action waits for your check.",
    "all": "There is no action that you can see.",
}


@page("GET")
def action_list(request: HttpRequest) -> HttpResponse:
    """The actions that this person may see: which list, narrowed and sorted by what stands in the address."""
    today = timezone.localdate()
    user: Any = request.user
    lists = _lists(user)
    show = request.GET.get("show", "")
    show = show if show in lists else _first_list(user)
    chosen = lists[show]
    form = FilterForm(request.GET, choices=_choices(user))
    form.is_valid()
    wanted = pages.in_order(pages.narrowed(chosen, form.filters()), request.GET.get("sort", ""))
    found = Paginator(wanted, pages.PAGE_SIZE).get_page(request.GET.get("page"))
    lines = pages.action_lines(found.object_list, today)
    note_cases(request, lines)
    tabs = [
        Tab(f"{_label(user, name)} ({rows.count()})", f"?show={name}", name == show) for name, rows in lists.items()
    ]
    context = {
        "page": found,
        "lines": lines,
        "tabs": tabs,
        "show": show,
        "heading": _label(user, show),
        "filter_form": form,
        "narrowed": form.narrows,
        "open_filter": form.narrows or bool(form.errors),
        "nothing": "Nothing matches these filters. Clear a filter to see more." if form.narrows else _NOTHING[show],
        "may_change_many": user.holds(*QA_ROLES, *LINE_ROLES),
        "may_make": access.can_make(user),
        "may_check": user.holds(*QA_ROLES),
        "checks": LoopCheck.objects.visible_to(user).waiting().count() if user.holds(*QA_ROLES) else 0,
    }
    return render(request, "actions/list.html", context)


def _lists(user: Any) -> dict[str, ActionQuerySet]:
    """The lists that are of use to this reader, each of what they may see."""
    today = timezone.localdate()
    seen = Action.objects.visible_to(user)
    lists = {"mine": seen.to_do_by(user)}
    if user.holds(*QA_ROLES, *LINE_ROLES):
        units = unit_scope(user, *LINE_ROLES)
        lists["team"] = seen.of_team_of(user, units)
        lists["verify"] = seen.to_verify_by(user, units)
    return lists | {"overdue": seen.overdue(today), "week": seen.due_this_week(today), "all": seen}


def _first_list(user: Any) -> str:
    return "team" if user.holds(*QA_ROLES, *LINE_ROLES) else "mine"


def _label(user: Any, name: str) -> str:
    if name == "team" and user.holds(*QA_ROLES):
        return "All open"
    if name == "all" and user.holds(*QA_ROLES):
        return "All, closed too"
    return _LABELS[name]


def _choices(user: Any) -> ListChoices:
    if not user.holds(*QA_ROLES, *LINE_ROLES):
        return ListChoices()
    units = OrgUnit.objects.visible_to(user)
    if not user.holds(*QA_ROLES):
        units = units.under(user.units_as(*LINE_ROLES))
    listed = list(units.values_list("pk", "kind", "name").order_by("name", "pk"))
    owners = (
        User.objects.visible_to(user)
        .filter(pk__in=Action.objects.visible_to(user).order_by().values("owner"))
        .order_by("name", "pk")
        .values_list("pk", "name")
    )
    return ListChoices(
        services=tuple((str(key), name) for key, kind, name in listed if kind == UnitKind.SERVICE),
        teams=tuple((str(key), name) for key, kind, name in listed if kind == UnitKind.TEAM),
        owners=tuple((str(key), name) for key, name in owners),
    )


@page("POST")
def change_many(request: HttpRequest) -> HttpResponse:
    """Change many actions at once: first what and why, then the list of what was done and what was refused."""
    user: Any = request.user
    keys = keys_of(request.POST.getlist("action"))
    chosen = list(pages.in_order(Action.objects.visible_to(user).filter(pk__in=keys), ""))
    note_cases(request, chosen)
    step = request.POST.get("step")
    form = BulkForm(
        request.POST if step else None,
        owners=access.possible_owners(case=None, service=None, team=None),
    )
    context: dict[str, Any] = {
        "form": form,
        "chosen": pages.action_lines(chosen, timezone.localdate()),
        "left_out": len(keys) - len(chosen),
        "typed": typed_of(request.POST, "action"),
        "back_url": list_as_left(reverse("actions:list"), request.GET.urlencode()),
    }
    if step == "change" and chosen and form.is_valid():
        try:
            result = _change(chosen, form.cleaned_data, user)
        except ValidationError as refused:
            form.say(refused)
        else:
            return render(request, "actions/changed.html", context | {"result": result})
    return render(request, "actions/change_many.html", context)


def _change(chosen: list[Action], cleaned: dict[str, Any], by: Any) -> BulkResult[Action]:
    why = cleaned["why"]
    match cleaned["change"]:
        case "reassign":
            return bulk.reassign_many(actions=chosen, owner=cleaned["owner"], why=why, by=by)
        case "move_due":
            return bulk.move_due_dates(actions=chosen, due_on=cleaned["due_on"], why=why, by=by)
        case "note":
            return bulk.note_many(actions=chosen, why=why, by=by)
        case _:
            return bulk.cancel_many(actions=chosen, why=why, by=by)
