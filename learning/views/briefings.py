"""Briefings: what is published to one's teams, and writing them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import NotAllowed, must
from accounts.choices import UnitKind
from accounts.models import OrgUnit
from core.pages import missing
from core.workflow import IllegalMove
from learning import access
from learning.choices import BriefingStatus
from learning.forms import practice as forms
from learning.forms.meetings import WhyForm
from learning.models import Briefing
from learning.querysets import learns, prepares
from learning.services import briefings
from learning.services.checking import LeadsToSomebody, hits_to_confirm
from learning.views.records import page, say_hits
from learning.workflow import refusal

PAGE_SIZE = 50


@page("GET")
def briefing_list(request: HttpRequest) -> HttpResponse:
    """The briefings that this person may read, the newest first."""
    user: Any = request.user
    if not learns(user):
        raise NotAllowed("Briefings are for those who work with practice.")
    found = Briefing.objects.visible_to(user)
    rows = Paginator(found.order_by("-published_at", "-written_at", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    read = set(user.pk and Briefing.objects.visible_to(user).filter(receipts__user=user).values_list("pk", flat=True))
    context = {
        "page": rows, "read": read, "may_write": bool(access.can_publish_practice(user)), "prepares": prepares(user),
    }  # fmt: skip
    return render(request, "learning/briefings.html", context)


def _visible(request: HttpRequest, key: UUID) -> Briefing:
    found = Briefing.objects.visible_to(request.user).select_related("written_by").filter(pk=key).first()
    if found is None:
        missing(request, "learning.briefing", key)
    return found


@page("GET")
def detail(request: HttpRequest, briefing: UUID) -> HttpResponse:
    """One briefing. How many have read it is for those who write; who has, for nobody."""
    found = _visible(request, briefing)
    user: Any = request.user
    inside = prepares(user)
    context = {
        "briefing": found,
        "inside": inside,
        "may_write": bool(access.can_publish_practice(user)),
        "units": found.units.order_by("name") if inside else (),
        "read_by": found.receipts.count() if inside else None,
        "sent_to": len(briefings.readers_of(briefing=found)) if inside else None,
        "has_read": found.receipts.filter(user=user).exists(),
    }
    return render(request, "learning/briefing.html", context)


@page("GET", "POST")
def write(request: HttpRequest) -> HttpResponse:
    """A new briefing."""
    must(access.can_publish_practice(request.user))
    return _write(request, None)


@page("GET", "POST")
def edit(request: HttpRequest, briefing: UUID) -> HttpResponse:
    """Change a draft."""
    found = _visible(request, briefing)
    must(access.can_publish_practice(request.user))
    if found.status != BriefingStatus.DRAFT:
        raise IllegalMove(refusal("briefing", "edit", found.get_status_display()))
    return _write(request, found)


def _write(request: HttpRequest, briefing: Briefing | None) -> HttpResponse:
    initial: dict[str, Any] = {}
    if briefing is not None:
        initial = {"version": briefing.version, "title": briefing.title, "text": briefing.text}
        initial |= {f"message{place}": text for place, text in enumerate(briefing.messages, 1)}
    form = forms.BriefingForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        check=lambda texts: hits_to_confirm(
            texts=texts, kind=Briefing._meta.label_lower, object_id=briefing.pk if briefing else None
        ),
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            held = briefings.write_briefing(
                title=cleaned["title"], messages=form.messages, text=cleaned["text"], by=request.user,
                briefing=briefing, version=cleaned["version"], reasons=form.reasons,
            )  # fmt: skip
        except ValidationError as refused:
            form.say(refused)
        except LeadsToSomebody as refused:
            say_hits(form, refused)
        else:
            messages.success(request, "The briefing was saved as a draft.")
            return redirect("learning:briefing", held.pk)
    return render(request, "learning/briefing_form.html", {"form": form, "briefing": briefing})


@page("GET", "POST")
def publish(request: HttpRequest, briefing: UUID) -> HttpResponse:
    """Choose to whom it goes, and publish it."""
    found = _visible(request, briefing)
    must(access.can_publish_practice(request.user))
    if found.status != BriefingStatus.DRAFT:
        raise IllegalMove(refusal("briefing", "publish", found.get_status_display()))
    offered = (
        OrgUnit.objects.visible_to(request.user)
        .open_on(timezone.localdate())
        .filter(kind__in=(UnitKind.SERVICE, UnitKind.TEAM))
        .order_by("kind", "name", "pk")
    )
    form = forms.PublishForm(
        request.POST if request.method == "POST" else None, offered=offered, initial={"version": found.version}
    )
    if request.method == "POST" and form.is_valid():
        try:
            briefings.publish_briefing(
                briefing=found, units=list(form.cleaned_data["units"]), by=request.user,
                version=form.cleaned_data["version"],
            )  # fmt: skip
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The briefing is published.")
            return redirect("learning:briefing", found.pk)
    return render(
        request,
        "learning/briefing_move.html",
        {"form": form, "briefing": found, "heading": "Publish the briefing", "button": "Publish"},
    )


@page("GET", "POST")
def withdraw(request: HttpRequest, briefing: UUID) -> HttpResponse:
    """Take a briefing back."""
    found = _visible(request, briefing)
    must(access.can_publish_practice(request.user))
    if found.status == BriefingStatus.WITHDRAWN:
        raise IllegalMove(refusal("briefing", "withdraw", found.get_status_display()))
    form = WhyForm(request.POST if request.method == "POST" else None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            briefings.withdraw_briefing(briefing=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The briefing was withdrawn.")
            return redirect("learning:briefing", found.pk)
    return render(
        request,
        "learning/briefing_move.html",
        {"form": form, "briefing": found, "heading": "Withdraw the briefing", "button": "Withdraw"},
    )


@page("POST")
def read(request: HttpRequest, briefing: UUID) -> HttpResponse:
    """Say that one has read it."""
    found = _visible(request, briefing)
    try:
        briefings.note_read(briefing=found, by=request.user)  # type: ignore[arg-type]  # nobody comes here unknown
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, "Thank you. It counts that you have read it; nobody sees who has.")
    return redirect("learning:briefing", found.pk)
