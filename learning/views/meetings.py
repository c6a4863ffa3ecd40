"""One meeting of a panel, and every move of it as a form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import must
from accounts.models import User
from core.council.selectors import closing_days, setting
from core.documents import FORMS
from core.forms import BaseForm
from core.pages import Asking
from core.workflow import IllegalMove, may_follow
from learning import access
from learning.choices import TO_COME, MeetingStatus
from learning.forms import meetings as forms
from learning.models import AgendaItem, Meeting
from learning.rules.meetings import PACK_DAYS, pack_due
from learning.selectors import pages
from learning.services import meetings, packs
from learning.services.checking import LeadsToSomebody, hits_to_confirm
from learning.services.sight import members_of
from learning.views.records import page, say_hits, visible_meeting
from learning.workflow import MEETING_MOVES, refusal

ASKING = {
    "open_agenda": Asking(
        "Open the agenda", "Members can propose items for this meeting.", "Open the agenda", "The agenda is open.",
        forms.PlainForm, meetings.open_agenda,
    ),
    "begin": Asking(
        "Open the meeting", "Tick who is there. Below the quorum items may be talked about, but no dispute is decided.",
        "Open the meeting", "The meeting is open.", forms.PresentForm, meetings.begin_meeting,
    ),
    "present": Asking(
        "Change who is present", "Somebody came late or left. The quorum is looked at again.", "Save", "Saved.",
        forms.PresentForm, meetings.change_present,
    ),
    "end": Asking(
        "End the meeting", "The minutes are drafted from what was written down about each item.", "End the meeting",
        "The meeting is over. Its minutes are in draft.", forms.PlainForm, meetings.end_meeting,
    ),
    "write_minutes": Asking(
        "Change the draft minutes", "They can be changed until they are agreed.", "Save the draft",
        "The draft was saved.", forms.MinutesForm, meetings.write_minutes,
    ),
    "agree_minutes": Asking(
        "Record that the minutes are agreed", "From then on they stay as they are; only corrections can be added.",
        "The minutes are agreed", "The minutes are agreed.", forms.PlainForm, meetings.agree_minutes, warns=True,
    ),
    "correct": Asking(
        "Add a correction", "The minutes were agreed and stay as they are.", "Add the correction",
        "The correction was added.", forms.CorrectionForm, meetings.correct_minutes,
    ),
    "close": Asking(
        "Close the meeting", "Every item has an outcome, and nothing more can be changed.", "Close the meeting",
        "The meeting is closed.", forms.PlainForm, meetings.close_meeting,
    ),
    "postpone": Asking(
        "Postpone the meeting", "A new meeting takes over the items. A pack is built anew for it.",
        "Postpone the meeting", "The meeting was postponed.", forms.PostponeForm, meetings.postpone_meeting, warns=True,
    ),
    "cancel": Asking(
        "Cancel the meeting", "Its items go to the next meeting.", "Cancel the meeting", "The meeting was cancelled.",
        forms.WhyForm, meetings.cancel_meeting, warns=True,
    ),
}  # fmt: skip


@page("GET")
def detail(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """One meeting: its agenda, packs, minutes and what can be done now."""
    found = visible_meeting(request, meeting)
    user: Any = request.user
    today = timezone.localdate()
    keeps = bool(access.can_keep(user, found.panel))
    held_packs = pages.pack_lines(found.packs.select_related("asked_by"))
    items = AgendaItem.objects.visible_to(user).filter(meeting=found)
    shown = pages.item_lines(items, today)
    coming = found.status in TO_COME
    context = {
        "meeting": found,
        "line": pages.meeting_line(found, today=today),
        "items": shown,
        "hidden": found.items.count() - len(shown),
        "packs": held_packs,
        "pack_due": pack_due(found.held_on, setting(PACK_DAYS.key), closing_days()) if coming else None,
        "behind": coming and held_packs and packs.pack_is_behind(meeting=found, built_at=held_packs[0].built_at),
        "build": packs.pack_state(meeting=found) if keeps else None,
        "may_build": keeps and coming,
        "present": list(found.present.order_by("name", "pk")),
        "corrections": found.corrections.select_related("by"),
        "buttons": [(verb, asking) for verb, asking in ASKING.items() if keeps and _is_possible(found, verb)],
        "story": pages.meeting_story(found),
        "keeps": keeps,
        "pdf_problem": FORMS["pdf"].why_not(),
        "sees_panel": True,
        "may_propose": coming and bool(access.can_propose(user, found.panel)),
        "new": found.held_instead.first(),
    }
    return render(request, "learning/meeting.html", context)


def _is_possible(meeting: Meeting, verb: str) -> bool:
    """Whether the meeting's state allows the verb, as the page offers it."""
    if verb == "present":
        return meeting.status == MeetingStatus.IN_SESSION
    if verb == "begin" and meeting.held_on > timezone.localdate():
        return False
    return may_follow(MEETING_MOVES, verb, meeting.status)


@page("GET", "POST")
def change(request: HttpRequest, meeting: UUID, verb: str) -> HttpResponse:
    """One move of one meeting: its form, then its service."""
    if verb not in ASKING:
        raise Http404
    found = visible_meeting(request, meeting)
    minutes = verb in ("write_minutes", "agree_minutes", "correct")
    must(access.can_minute(request.user, found) if minutes else access.can_keep(request.user, found.panel))
    asking = ASKING[verb]
    if not _is_possible(found, verb):
        raise IllegalMove(refusal("meeting", "begin" if verb == "present" else verb, found.get_status_display()))
    form = _form(request, asking, found)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in asking.form.base_fields if name in form.cleaned_data}
        if reasons := getattr(form, "reasons", None):
            values["reasons"] = reasons
        try:
            result = asking.service(meeting=found, by=request.user, **values)
        except ValidationError as refused:
            form.say(refused)
        except LeadsToSomebody as refused:
            say_hits(form, refused)
        else:
            messages.success(request, asking.done)
            return redirect("learning:meeting", result.pk)
    return render(request, "learning/move.html", {"form": form, "asking": asking, "meeting": found, "verb": verb})


def _form(request: HttpRequest, asking: Asking, meeting: Meeting) -> BaseForm:
    posted = request.POST if request.method == "POST" else None
    initial: dict[str, Any] = {"version": meeting.version}
    if asking.form is forms.PresentForm:
        keys = [user.pk for user in members_of(panel=meeting.panel)]
        members = User.objects.visible_to(request.user).filter(pk__in=keys).order_by("name", "pk")
        initial["present"] = list(meeting.present.values_list("pk", flat=True))
        return forms.PresentForm(posted, members=members, initial=initial)
    if asking.form is forms.MinutesForm:
        initial["minutes"] = meeting.minutes
        return forms.MinutesForm(
            posted, initial=initial,
            check=lambda texts: meetings.minutes_to_confirm(meeting=meeting, minutes=texts[0]),
        )  # fmt: skip
    if asking.form is forms.CorrectionForm:
        return forms.CorrectionForm(posted, initial=initial, check=lambda texts: hits_to_confirm(texts=texts))
    if asking.form is forms.PostponeForm:
        initial["starts_at"] = f"{meeting.starts_at:%H:%M}"
    return asking.form(posted, initial=initial)


@page("GET", "POST")
def build(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Ask whether to build the pack; then ask for it and lead to the page with its progress."""
    found = visible_meeting(request, meeting)
    must(access.can_keep(request.user, found.panel))
    if found.status not in TO_COME:
        raise IllegalMove(refusal("meeting", "build_pack", found.get_status_display()))
    if request.method == "POST":
        job = packs.request_pack(meeting=found, by=request.user)
        if job.asked_by_id == request.user.pk:
            return redirect("jobs:detail", pk=job.pk)
        messages.success(request, "The pack is being built already.")
        return redirect("learning:meeting", found.pk)
    newest = found.packs.order_by("-number").first()
    return render(request, "learning/build_pack.html", {"meeting": found, "newest": newest})
