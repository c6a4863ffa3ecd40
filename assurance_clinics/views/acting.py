"""The form of an action that is made from a clinic, or for a child for whom something is overdue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import must, no
from actions.access import can_create, can_make
from actions.forms.making import ActionForm
from actions.models import Action
from actions.selectors.pages import action_lines
from actions.selectors.themes import theme_groups
from actions.services.creating import ActionDraft, PossibleDuplicates
from cases.models import Case
from core.history.middleware import note_viewed


def must_make(user: Any) -> None:
    """Raise NotAllowed for whoever creates no actions."""
    if not can_make(user):
        must(no("Only line management and the QA unit can create actions."))


def ask_for_action(
    request: HttpRequest, *, make: Callable[[ActionDraft, bool], Action], back: str, template: str,
    context: dict[str, Any], owners: Any, units: Any = None, case: Case | None = None,
    initial: dict[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """The form of a new action; `make(wanted, despite_duplicates)` makes it, and then the page is `back`."""
    form = ActionForm(
        request.POST if request.method == "POST" else None, units=units, groups=theme_groups(), owners=owners,
        everywhere=bool(can_create(request.user, case=None, service=None, team=None)), initial=initial,
    )  # fmt: skip
    duplicates: list[Action] = []
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        wanted = ActionDraft(
            what=cleaned["what"], how_we_know=cleaned["how_we_know"], owner=cleaned["owner"],
            priority=cleaned["priority"], level=cleaned["level"], due_on=cleaned["due_on"],
            why_later=cleaned["why_later"], themes=cleaned.get("themes", ()), case=case, unit=cleaned.get("unit"),
        )  # fmt: skip
        try:
            action = make(wanted, cleaned["despite_duplicates"])
        except ValidationError as refused:
            form.say(refused)
        except PossibleDuplicates as pointed_out:
            duplicates = pointed_out.found
            note_viewed(request, "cases.case", [one.case_id for one in duplicates if one.case_id])
            form.show_duplicates()
        else:
            messages.success(request, f"Action {action.reference} was created. {action.owner.name} has been told.")
            return redirect(back)
    lines = action_lines(duplicates, timezone.localdate())
    return render(request, template, {**context, "form": form, "duplicates": lines})
