"""One action, and every move of it as a form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import must
from actions import access
from actions.choices import TO_DO
from actions.forms import moving as forms
from actions.models import Action, Recommendation
from actions.selectors import pages
from actions.services import changing, creating, doing, verifying
from actions.views.records import note_cases, page, visible_action
from actions.workflow import ACTION_MOVES, refusal
from cases.models import Case
from core.forms import BaseForm
from core.pages import Asking
from core.workflow import IllegalMove, may_follow

ASKING = {
    "update": Asking(
        "Add progress", "Say how far it is, or where the evidence is. You can do this as often as you like.",
        "Save progress", "Progress was saved.", forms.ProgressForm, doing.update_progress,
    ),
    "claim": Asking(
        "Say that it is done", "Somebody other than you will check it. They get a notice.",
        "It is done", "The action is claimed done. It waits for a check.", forms.ClaimForm, doing.claim_done,
    ),
    "verify": Asking(
        "Verify the action", "You have seen that it is done, as it says under “How we will know”.",
        "Verify", "The action is verified.", forms.PlainForm, verifying.verify_action,
    ),
    "send_back": Asking(
        "Send it back", "It is not done yet. The owner gets a notice and reads your reason.",
        "Send it back", "The action was sent back to its owner.", forms.WhyForm, verifying.send_back,
    ),
    "send_to_body": Asking(
        "Send it to the outside body", "The outside body decides whether it is done.",
        "Send it", "The action is with the outside body.", forms.PlainForm, verifying.send_to_body,
    ),
    "accept": Asking(
        "The outside body accepts it", "Write down only what the body has decided.",
        "It was accepted", "The action was accepted by the outside body.", forms.PlainForm,
        verifying.record_acceptance,
    ),
    "reject": Asking(
        "The outside body rejects it", "The owner goes on working. Write down the body's reason.",
        "It was rejected", "The rejection was noted.", forms.WhyForm, verifying.record_rejection,
    ),
    "cancel": Asking(
        "Cancel the action", "Nobody will have to do it any more. It stays readable, with your reason.",
        "Cancel the action", "The action was cancelled.", forms.WhyForm, changing.cancel_action, warns=True,
    ),
    "reopen": Asking(
        "Reopen the action",
        "It goes back to its owner as work in progress. If it comes from an audit that is closed, the audit opens "
        "again with it and keeps your reason; that takes the QA lead.",
        "Reopen", "The action was reopened.", forms.WhyForm, changing.reopen_action, warns=True,
    ),
    "move_due": Asking(
        "Move the due date", "The original due date stays on the page, and each move is counted.",
        "Move the due date", "The due date was moved.", forms.MoveDueForm, changing.move_due_date,
    ),
    "reassign": Asking(
        "Give it to another owner", "The new owner gets a notice.",
        "Give it to them", "The action has a new owner.", forms.ReassignForm, changing.reassign_action,
    ),
    "open": Asking(
        "Open the proposed action", "Its owner gets a notice and can start.",
        "Open the action", "The action is open.", forms.PlainForm, creating.open_action,
    ),
    "discard": Asking(
        "Withdraw the proposal", "Nobody will have to do it.",
        "Withdraw it", "The proposal was withdrawn.", forms.WhyForm, creating.discard_action, warns=True,
    ),
    "note": Asking(
        "Add a note", "The owner and everybody who sees this action can read it.",
        "Save the note", "The note was saved.", forms.NoteForm, doing.add_note,
    ),
}  # fmt: skip


@page("GET")
def detail(request: HttpRequest, action: UUID) -> HttpResponse:
    """One action: what, who, by when, how far, and what happened."""
    found = visible_action(request, action)
    user = request.user
    note_cases(request, [found])
    context = {
        "action": found,
        "page": pages.action_page(found, timezone.localdate()),
        "buttons": [
            (verb, asking)
            for verb, asking in ASKING.items()
            if _is_possible(found, verb) and access.can(user, verb, found)
        ],
        "sees_case": found.case_id and Case.objects.visible_to(user).filter(pk=found.case_id).exists(),
        "sees_recommendation": found.recommendation_id
        and Recommendation.objects.visible_to(user).filter(pk=found.recommendation_id).exists(),
        "needs_owner": Action.objects.visible_to(user).filter(pk=found.pk).needing_owner().exists(),
        "is_owner": found.owner_id == user.pk,
    }
    return render(request, "actions/detail.html", context)


def _is_possible(action: Action, verb: str) -> bool:
    """Whether the action's state allows the verb, as the page offers it."""
    if verb == "note":
        return True
    if verb == "update":
        return action.status in TO_DO
    if verb == "claim":
        return action.status in TO_DO
    return may_follow(ACTION_MOVES, verb, action.status)


@page("GET", "POST")
def change(request: HttpRequest, action: UUID, verb: str) -> HttpResponse:
    """One move of one action: its form, then its service."""
    if verb not in ASKING:
        raise Http404
    asking = ASKING[verb]
    found = visible_action(request, action)
    must(access.can(request.user, verb, found))
    if not _is_possible(found, verb):
        raise IllegalMove(refusal("action", verb, found.get_status_display()))
    posted = request.POST if request.method == "POST" else None
    initial = {"version": found.version}
    if asking.form is forms.ReassignForm:
        owners = access.possible_owners(case=found.case, service=found.service, team=found.team)
        form: BaseForm = forms.ReassignForm(posted, owners=owners.exclude(pk=found.owner_id), initial=initial)
    else:
        form = asking.form(posted, initial=initial)
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = dict(form.cleaned_data)
        try:
            asking.service(action=found, by=request.user, **values)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, asking.done)
            if Action.objects.visible_to(request.user).filter(pk=found.pk).exists():
                return redirect("actions:detail", found.pk)
            return redirect("actions:list")
    note_cases(request, [found])
    context = {
        "form": form,
        "asking": asking,
        "action": found,
        "line": pages.action_line(found, timezone.localdate()),
        "verb": verb,
    }
    return render(request, "actions/move.html", context)
