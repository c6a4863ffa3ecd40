"""Panels: who sits on them, what they are for, when they meet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import NotAllowed, must
from accounts.models import User
from accounts.querysets import current
from actions.choices import Origin
from actions.models import Action
from actions.selectors.pages import action_lines, in_order
from assurance_clinics.models import Indicator
from audits.models import Audit, Theme
from core.pages import missing
from learning import access
from learning.choices import ITEM_DONE, TO_COME, ItemStatus
from learning.forms.items import ProposeForm
from learning.forms.panels import PanelForm, ScheduleForm, SeatForm
from learning.models import AgendaItem, Meeting, Panel
from learning.querysets import SITTERS
from learning.selectors import pages
from learning.services import agenda, meetings, panels
from learning.services.checking import LeadsToSomebody, hits_to_confirm
from learning.views.records import page, say_hits, visible_panel

PAST_SHOWN = 50


@page("GET")
def panel_list(request: HttpRequest) -> HttpResponse:
    """The panels that this person sees, each with its next meeting."""
    user: Any = request.user
    if not access.reads_summaries(user):
        raise NotAllowed("The panels are for their members, the Principal Social Worker and the QA unit.")
    today = timezone.localdate()
    lines = []
    for panel in Panel.objects.visible_to(user).order_by("name"):
        seats = pages.seat_lines(panel.seats.filter(current(today)).select_related("user"))
        following = panel.meetings.filter(status__in=TO_COME, held_on__gte=today).order_by("held_on").first()
        lines.append(pages.panel_line(panel, seats, following.held_on if following else None))
    context = {"lines": lines, "may_set_up": bool(access.can_set_up(user))}
    return render(request, "learning/panels.html", context)


@page("GET", "POST")
def set_up(request: HttpRequest) -> HttpResponse:
    """A new panel."""
    must(access.can_set_up(request.user))
    form = PanelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = {key: form.cleaned_data[key] for key in ("name", "terms", "quorum")}
        try:
            panel = panels.set_up_panel(by=request.user, **values)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The panel was set up. Give its members their seats.")
            return redirect("learning:panel", panel.pk)
    return render(request, "learning/panel_form.html", {"form": form, "heading": "Set up a panel"})


@page("GET")
def detail(request: HttpRequest, panel: UUID) -> HttpResponse:
    """One panel: its members, meetings, waiting items and actions."""
    found = visible_panel(request, panel)
    user: Any = request.user
    today = timezone.localdate()
    visible = set(Meeting.objects.visible_to(user).filter(panel=found).values_list("pk", flat=True))
    coming = pages.meeting_lines(_meetings(found).filter(status__in=TO_COME).order_by("held_on"), visible, today)
    past = Paginator(_meetings(found).exclude(status__in=TO_COME), PAST_SHOWN).get_page(request.GET.get("page"))
    items = AgendaItem.objects.visible_to(user).filter(panel=found)
    waiting = items.filter(meeting=None).exclude(status__in=ITEM_DONE)
    reviews = items.filter(
        status=ItemStatus.OUTCOME_SET, review_on__isnull=False, impact_checked_on=None, meeting__in=visible
    )
    actions = Action.objects.visible_to(user).filter(
        origin=Origin.PANEL, origin_reference__in=found.meetings.values("reference")
    )
    keeps = bool(access.can_keep(user, found))
    context = {
        "panel": found,
        "seats": pages.seat_lines(found.seats.filter(current(today)).select_related("user")),
        "coming": coming,
        "past": past,
        "past_lines": pages.meeting_lines(
            Meeting.objects.visible_to(user).filter(pk__in=[row.pk for row in past]), visible, today
        ),
        "waiting": pages.item_lines(waiting, today),
        "reviews": pages.item_lines(reviews, today),
        "actions": action_lines(in_order(actions.open(), "due")[:PAST_SHOWN], today),
        "keeps": keeps,
        "may_seat": keeps or bool(access.can_set_up(user)),
        "may_propose": bool(access.can_propose(user, found)),
    }
    return render(request, "learning/panel.html", context)


def _meetings(panel: Panel) -> Any:
    return panel.meetings.order_by("-held_on", "-starts_at")


@page("GET", "POST")
def edit(request: HttpRequest, panel: UUID) -> HttpResponse:
    """Change what a panel is for and its quorum."""
    found = visible_panel(request, panel)
    must(access.can_keep(request.user, found))
    initial = {"name": found.name, "terms": found.terms, "quorum": found.quorum, "version": found.version}
    form = PanelForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            panels.change_panel(panel=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The panel was changed.")
            return redirect("learning:panel", found.pk)
    return render(request, "learning/panel_form.html", {"form": form, "panel": found, "heading": "Change the panel"})


@page("GET", "POST")
def seat(request: HttpRequest, panel: UUID) -> HttpResponse:
    """Give somebody a seat."""
    found = visible_panel(request, panel)
    if not access.can_set_up(request.user):
        must(access.can_keep(request.user, found))
    today = timezone.localdate()
    seated = found.seats.filter(Q(ends_on=None) | Q(ends_on__gte=today)).values("user")
    people = (
        User.objects.visible_to(request.user)
        .filter(current(today, start="memberships__starts_on", end="memberships__ends_on"), is_active=True,
                memberships__role__in=SITTERS)
        .exclude(pk__in=seated)
        .distinct()
        .order_by("name", "pk")
    )  # fmt: skip
    form = SeatForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        try:
            panels.seat_member(panel=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, f"{form.cleaned_data['user'].name} has a seat on the panel.")
            return redirect("learning:panel", found.pk)
    return render(request, "learning/seat.html", {"form": form, "panel": found})


@page("GET", "POST")
def end_seat(request: HttpRequest, panel: UUID, seat: UUID) -> HttpResponse:
    """End a seat."""
    found = visible_panel(request, panel)
    if not access.can_set_up(request.user):
        must(access.can_keep(request.user, found))
    held = found.seats.select_related("user", "panel").filter(pk=seat).first()
    if held is None:
        missing(request, "learning.seat", seat)
    if request.method == "POST":
        try:
            panels.end_seat(seat=held, by=request.user)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, f"The seat of {held.user.name} has ended.")
        return redirect("learning:panel", found.pk)
    return render(request, "learning/end_seat.html", {"panel": found, "seat": held})


@page("GET", "POST")
def schedule(request: HttpRequest, panel: UUID) -> HttpResponse:
    """Schedule one meeting, or a series of monthly ones."""
    found = visible_panel(request, panel)
    must(access.can_keep(request.user, found))
    form = ScheduleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = meetings.schedule_meetings(panel=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        else:
            number = "1 meeting was" if len(made) == 1 else f"{len(made)} meetings were"
            messages.success(request, f"{number} scheduled.")
            return redirect("learning:panel", found.pk)
    return render(request, "learning/schedule.html", {"form": form, "panel": found})


@page("GET", "POST")
def propose(request: HttpRequest, panel: UUID) -> HttpResponse:
    """Propose something for the next meeting."""
    found = visible_panel(request, panel)
    user: Any = request.user
    must(access.can_propose(user, found))
    form = ProposeForm(
        request.POST if request.method == "POST" else None,
        check=lambda texts: hits_to_confirm(texts=texts),
        themes=Theme.objects.visible_to(user).in_use().select_related("parent"),
        indicators=Indicator.objects.visible_to(user).filter(retired_on=None),
        actions=Action.objects.visible_to(user).filter(case=None).open().order_by("reference"),
        audits=Audit.objects.visible_to(user),
    )
    if request.method == "POST" and form.is_valid():
        names = ("kind", "title", "paper", "theme", "indicator", "action", "audit")
        wanted = agenda.ItemDraft(**{name: form.cleaned_data[name] for name in names})
        try:
            item = agenda.propose_item(panel=found, wanted=wanted, by=user, reasons=form.reasons)
        except ValidationError as refused:
            form.say(refused)
        except LeadsToSomebody as refused:
            say_hits(form, refused)
        else:
            messages.success(request, "The item was proposed. The chair decides whether it goes on the agenda.")
            return redirect("learning:item", item.pk)
    return render(request, "learning/propose.html", {"form": form, "panel": found})
