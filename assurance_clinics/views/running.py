"""Running a clinic: its day and people, its moves, notes, actions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import must
from accounts.choices import LINE_ROLES, QA_ROLES
from accounts.models import OrgUnit, User
from actions.access import possible_owners
from actions.forms.moving import PlainForm, WhyForm
from assurance_clinics import access
from assurance_clinics.choices import OPEN_FOR_NOTES, NoteKind
from assurance_clinics.forms.clinics import HeldForm, MeetingForm, NoteForm
from assurance_clinics.models import Clinic, ClinicNote, RotaPlace
from assurance_clinics.rules import rota
from assurance_clinics.services.clinics import meeting, packing, scheduling
from assurance_clinics.services.clinics.meeting import CannotClose, NoteChanged, Words
from assurance_clinics.services.clinics.scheduling import Meeting
from assurance_clinics.views.acting import ask_for_action, must_make
from assurance_clinics.views.clinics import page_of_clinic, read_pack, visible_clinic
from assurance_clinics.workflow import CLINIC_MOVES, refusal
from core.council.selectors import closing_days
from core.forms import BaseForm, ErrorLink
from core.workflow import IllegalMove, may_follow


@page_of_clinic("GET", "POST")
def schedule(request: HttpRequest, clinic: uuid.UUID) -> HttpResponse:
    """Settle the day, place and people of a clinic, or change them."""
    user: Any = request.user
    found = visible_clinic(request, clinic)
    event = "schedule" if may_follow(CLINIC_MOVES, "schedule", found.status) else "change"
    must(access.can(user, event, found))
    if not may_follow(CLINIC_MOVES, event, found.status):
        raise IllegalMove(refusal(event, found.get_status_display()))
    form = MeetingForm(
        request.POST if request.method == "POST" else None, initial=_meeting(user, found),
        chairs=access.possible_chairs(found.service), attendees=access.possible_attendees(found.service),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        at = timezone.make_aware(dt.datetime.combine(cleaned["day"], cleaned["at"]))
        try:
            scheduling.schedule_clinic(
                clinic=found, by=user, version=cleaned["version"],
                meeting=Meeting(at, cleaned["place"], cleaned["chair"], tuple(cleaned["attendees"])),
            )  # fmt: skip
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The clinic is scheduled. The people asked have been told.")
            return redirect("assurance_clinics:clinic", found.pk)
    return render(request, "assurance_clinics/schedule.html", {"form": form, "clinic": found, "event": event})


def _meeting(user: Any, clinic: Clinic) -> dict[str, Any]:
    """What the form proposes: what is settled, else what the rota says."""
    place = RotaPlace.objects.visible_to(user).filter(service=clinic.service_id).first()
    if clinic.meets_at is not None:
        at = timezone.localtime(clinic.meets_at).replace(tzinfo=None)
    elif place is not None:
        at = rota.moment(clinic.week, place.weekday, place.starts_at, closing_days())
    else:
        at = dt.datetime.combine(clinic.week, dt.time(10))
    return {
        "day": at.date(), "at": at.time(), "place": clinic.place, "chair": clinic.chair_id, "version": clinic.version,
        "attendees": [one.user_id for one in clinic.attendees.all()],
    }  # fmt: skip


_MOVES: dict[str, tuple[str, str, str, str]] = {
    "postpone": ("Postpone the clinic", "It waits for a new day. Its people are told.", "Postpone it",
                 "The clinic was postponed."),
    "cancel": ("Cancel the clinic", "It will not take place. The rota brings the service's next one.", "Cancel it",
               "The clinic was cancelled."),
    "hold": ("The clinic took place", "The chair is asked to confirm the notes.", "It took place",
             "Noted that the clinic took place."),
    "confirm": ("Confirm the notes", "From now on the notes stay as they are.", "Confirm the notes",
                "The notes are confirmed."),
    "close": ("Close the clinic", "Its actions go on in the tracker, and the next clinic shows what came of them.",
              "Close the clinic", "The clinic is closed."),
}  # fmt: skip


@page_of_clinic("GET", "POST")
def move(request: HttpRequest, clinic: uuid.UUID, verb: str) -> HttpResponse:
    """One move of a clinic: its form, then its service."""
    if verb not in _MOVES:
        raise Http404
    user: Any = request.user
    found = visible_clinic(request, clinic)
    must(access.can(user, verb, found))
    if not may_follow(CLINIC_MOVES, verb, found.status):
        raise IllegalMove(refusal(verb, found.get_status_display()))
    form, page_errors = _form(request, found, verb), []
    if request.method == "POST" and form.is_valid():
        try:
            _make(found, verb, user, form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        except CannotClose as refused:
            numbers = reverse("assurance_clinics:clinic", args=[found.pk])
            page_errors = [ErrorLink("", said, f"{numbers}#note-{note}") for note, said in refused.reasons]
        else:
            messages.success(request, _MOVES[verb][3])
            return redirect("assurance_clinics:clinic", found.pk)
    heading, intro, button, _done = _MOVES[verb]
    context = {
        "form": form, "clinic": found, "verb": verb, "heading": heading, "intro": intro, "button": button,
        "warns": verb in ("postpone", "cancel"), "page_errors": page_errors,
    }  # fmt: skip
    return render(request, "assurance_clinics/move.html", context)


def _form(request: HttpRequest, clinic: Clinic, verb: str) -> BaseForm:
    posted = request.POST if request.method == "POST" else None
    initial = {"version": clinic.version}
    if verb == "hold":
        asked = User.objects.visible_to(request.user).filter(pk__in=clinic.attendees.values("user")).order_by("name")
        return HeldForm(posted, initial=initial | {"came": [one.pk for one in asked]}, attendees=asked)
    return (WhyForm if verb in ("postpone", "cancel") else PlainForm)(posted, initial=initial)


def _make(clinic: Clinic, verb: str, user: Any, cleaned: dict[str, Any]) -> None:
    version = cleaned["version"]
    if verb == "postpone":
        scheduling.postpone_clinic(clinic=clinic, by=user, why=cleaned["why"], version=version)
    elif verb == "cancel":
        scheduling.cancel_clinic(clinic=clinic, by=user, why=cleaned["why"], version=version)
    elif verb == "hold":
        came = [person.pk for person in cleaned.get("came", ())]
        meeting.hold_clinic(clinic=clinic, came=came, by=user, version=version)
    elif verb == "confirm":
        meeting.confirm_notes(clinic=clinic, by=user, version=version)
    else:
        meeting.close_clinic(clinic=clinic, by=user, version=version)


@page_of_clinic("POST")
def build(request: HttpRequest, clinic: uuid.UUID) -> HttpResponse:
    """Ask for the pack to be built now."""
    user: Any = request.user
    found = visible_clinic(request, clinic)
    must(access.can(user, "build", found))
    packing.request_pack(clinic=found, by=user)
    messages.success(request, "The pack is being built. It stands here in a few moments.")
    return redirect("assurance_clinics:clinic", found.pk)


# --- notes -----------------------------------------------------------------------------------------------------------


def _note_of(request: HttpRequest, clinic: Clinic, key: uuid.UUID) -> ClinicNote:
    notes = ClinicNote.objects.visible_to(request.user).filter(clinic=clinic)
    return get_object_or_404(notes.select_related("indicator", "clinic", "saved_by"), pk=key)


@page_of_clinic("GET", "POST")
def write_note(request: HttpRequest, clinic: uuid.UUID, note: uuid.UUID) -> HttpResponse:
    """What is under a number, strengths, or concerns; once confirmed only why a red number needs no action."""
    user: Any = request.user
    found = visible_clinic(request, clinic)
    held = _note_of(request, found, note)
    late = found.status == "confirmed" and bool(access.can(user, "close", found)) and held.kind == NoteKind.FIGURE
    must(access.can(user, "close" if late else "note", found))
    if not late and found.status not in OPEN_FOR_NOTES:
        raise IllegalMove(refusal("note", found.get_status_display()))
    red_twice = held.pk in meeting.red_twice_notes(clinic=found)
    label = "What is under the number?" if held.kind == NoteKind.FIGURE else held.get_kind_display()
    form = NoteForm(
        request.POST if request.method == "POST" else None, label=label, asks_why=red_twice,
        initial={"text": held.text, "why_no_action": held.why_no_action, "version": held.version},
    )  # fmt: skip
    if late:
        del form.fields["text"]
        if not red_twice:
            raise IllegalMove(refusal("note", found.get_status_display()))
    theirs: ClinicNote | None = None
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            if late:
                meeting.give_reason(note=held, why=cleaned["why_no_action"], by=user, version=cleaned["version"])
            else:
                words = Words(cleaned["text"], cleaned.get("why_no_action", held.why_no_action))
                meeting.save_note(note=held, words=words, by=user, version=cleaned["version"])
        except ValidationError as refused:
            form.say(refused)
        except NoteChanged as changed:
            theirs = changed.note
            form.add_error(None, str(changed))
            form.see_again(theirs.version)
        else:
            messages.success(request, "The note was saved.")
            return redirect(reverse("assurance_clinics:clinic", args=[found.pk]) + f"#note-{held.pk}")
    _stored, page = read_pack(request, found)
    lines = {line.indicator: line for line in page.lines} if page else {}
    context = {
        "form": form, "clinic": found, "note": held, "theirs": theirs, "line": lines.get(str(held.indicator_id)),
        "red_twice": red_twice, "title": held.indicator.wording if held.indicator else held.get_kind_display(),
    }  # fmt: skip
    return render(request, "assurance_clinics/note.html", context)


# --- actions ---------------------------------------------------------------------------------------------------------


@page_of_clinic("GET", "POST")
def act(request: HttpRequest, clinic: uuid.UUID, note: uuid.UUID | None = None) -> HttpResponse:
    """Make an action from the clinic, or from one of its numbers."""
    user: Any = request.user
    found = visible_clinic(request, clinic)
    held = _note_of(request, found, note) if note else None
    must(access.can(user, "act", found))
    must_make(user)
    if found.status not in (*OPEN_FOR_NOTES, "confirmed"):
        raise IllegalMove(refusal("act", found.get_status_display()))
    back = reverse("assurance_clinics:clinic", args=[found.pk]) + (f"#note-{held.pk}" if held else "")
    return ask_for_action(
        request, back=back, template="assurance_clinics/act.html", context={"clinic": found, "note": held},
        make=lambda wanted, despite: meeting.make_clinic_action(
            clinic=found, note=held, wanted=wanted, by=user, despite_duplicates=despite
        ),
        owners=possible_owners(case=None, service=found.service, team=None), units=_units(user, found),
        initial={"level": "service", "unit": found.service_id},
    )  # fmt: skip


def _units(user: Any, clinic: Clinic) -> Any:
    """The clinic's service and its teams, as far as this person may make actions for them."""
    units = OrgUnit.objects.visible_to(user).open_on(timezone.localdate()).under([clinic.service])
    if not user.holds(*QA_ROLES) and user.holds(*LINE_ROLES):
        own = OrgUnit.objects.visible_to(user).under(user.units_as(*LINE_ROLES))
        units = units.filter(pk__in=own.values("pk"))
    return units.order_by("kind", "name", "pk")
