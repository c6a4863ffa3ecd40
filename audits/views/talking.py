"""What practitioner and line say to the feedback beside the response: a challenge, a reflection, a talk, thanks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.access import must
from audits import access
from audits.forms.responding import ChallengeForm, MeetingForm, ReflectionForm, ThanksForm
from audits.models import Audit
from audits.selectors import loop
from audits.services import challenging, reflecting
from audits.services.moves import StaleVersion
from audits.views.records import page, show, visible_audit
from audits.workflow import CHALLENGEABLE, refusal
from core.workflow import IllegalMove


def _must_be_open(audit: Audit, doing: str) -> None:
    if audit.status not in CHALLENGEABLE or audit.historic:
        raise IllegalMove(refusal("audit", doing, audit.get_status_display()))


@page("GET", "POST")
def challenge(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Challenge the facts or the grade, while there is time."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "challenge", found))
    challenging.must_have_time(audit=found)
    form = ChallengeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            challenging.challenge_feedback(audit=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "Your challenge was opened. Somebody who was not involved decides it.")
            return redirect("audits:detail", found.pk)
    return show(request, "audits/challenge.html", found, {"form": form})


@page("GET", "POST")
def reflection(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The practitioner's own reflection, kept or shared."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "reflect", found))
    _must_be_open(found, "reflect")
    own = loop.reflection_of(found, request.user)
    if request.method != "POST":
        initial = {"version": own.version, "text": own.text} if own else {"version": 0}
        return show(request, "audits/reflection.html", found, {"form": ReflectionForm(initial=initial), "own": own})
    form = ReflectionForm(request.POST)
    if not form.is_valid():
        return show(request, "audits/reflection.html", found, {"form": form, "own": own})
    try:
        reflecting.save_reflection(
            audit=found, by=request.user, text=form.cleaned_data["text"], version=form.cleaned_data["version"]
        )
        if request.POST.get("then") == "share":
            reflecting.share_reflection(audit=found, by=request.user)
    except StaleVersion as stale:
        again = request.POST.copy()
        again["version"] = str(stale.version)
        context = {"form": ReflectionForm(again), "own": own, "theirs": stale.theirs}
        return show(request, "audits/reflection.html", found, context, status=409)
    except ValidationError as refused:
        form.say(refused)
        return show(request, "audits/reflection.html", found, {"form": form, "own": own})
    messages.success(request, "Your reflection was kept.")
    return redirect("audits:detail", found.pk)


@page("GET", "POST")
def meeting(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Record the talk about the feedback."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "meet", found))
    _must_be_open(found, "meet")
    form = MeetingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reflecting.record_meeting(audit=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The meeting was recorded.")
            return redirect("audits:detail", found.pk)
    return show(request, "audits/meeting.html", found, {"form": form})


@page("GET", "POST")
def thanks(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Thank the practitioner and the team manager for good work."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "thank", found))
    if not access.is_good_work(found):
        raise IllegalMove("Thanks are for an audit with good or outstanding practice whose feedback is issued.")
    form = ThanksForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reflecting.say_thanks(audit=found, by=request.user, text=form.cleaned_data["text"])
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "Your thanks were sent. The practitioner and the team manager have been told.")
            return redirect("audits:detail", found.pk)
    return show(request, "audits/thanks.html", found, {"form": form})


@page("POST")
def ask_consent(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Ask the practitioners whether the work may be shown as an example."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "ask_consent", found))
    asked = reflecting.ask_consent(audit=found, by=request.user)
    words = f"{asked} asked." if asked else "Everybody concerned has been asked already."
    messages.success(request, words)
    return redirect("audits:detail", found.pk)


@page("POST")
def consent(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The practitioner agrees that the work is shown as an example, or does not."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "reflect", found))
    agrees: Any = {"yes": True, "no": False}.get(request.POST.get("agrees", ""))
    if agrees is None:
        messages.error(request, "Choose whether you agree.")
    else:
        reflecting.answer_consent(audit=found, by=request.user, agrees=agrees)
        messages.success(request, "Your answer was kept. You can change it at any time.")
    return redirect("audits:detail", found.pk)
