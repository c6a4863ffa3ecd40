"""Reaching the record of a page: only what the reader may see, and every refusal written down."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from core.forms import BaseForm
from core.pages import Record, missing, pages_about
from learning.models import AgendaItem, Meeting, Pack, Panel
from learning.services.checking import LeadsToSomebody

page = pages_about(
    Record("meeting", "learning:meeting", "learning.meeting"),
    Record("item", "learning:item", "learning.agendaitem"),
    Record("panel", "learning:panel", "learning.panel"),
    Record("exemplar", "learning:exemplar", "learning.exemplar"),
    Record("briefing", "learning:briefing", "learning.briefing"),
    home="learning:panels",
)


def visible_panel(request: HttpRequest, key: UUID) -> Panel:
    """The panel, if this reader may see it. Raises Http404."""
    found = Panel.objects.visible_to(request.user).filter(pk=key).first()
    if found is None:
        missing(request, "learning.panel", key)
    return found


def visible_meeting(request: HttpRequest, key: UUID) -> Meeting:
    """The meeting, if this reader may see it. Raises Http404."""
    found = Meeting.objects.visible_to(request.user).select_related("panel", "instead_of").filter(pk=key).first()
    if found is None:
        missing(request, "learning.meeting", key)
    return found


def visible_item(request: HttpRequest, key: UUID) -> AgendaItem:
    """The item, if this reader may see it. Raises Http404."""
    related = ("panel", "meeting", "theme__parent", "audit", "indicator", "action", "proposed_by", "deferred_from")
    found = AgendaItem.objects.visible_to(request.user).select_related(*related).filter(pk=key).first()
    if found is None:
        missing(request, "learning.agendaitem", key)
    return found


def visible_pack(request: HttpRequest, key: UUID) -> Pack:
    """The pack, if this reader may see it. Raises Http404."""
    found = (
        Pack.objects.visible_to(request.user)
        .select_related("meeting__panel", "summary", "asked_by")
        .filter(pk=key)
        .first()
    )
    if found is None:
        missing(request, "learning.pack", key)
    return found


def say_hits(form: BaseForm, refused: LeadsToSomebody) -> None:
    """Words that lead to somebody and that the form did not ask about, because they were just added elsewhere."""
    words = ", ".join(f"“{hit.words}”" for hit in refused.hits)
    form.add_error(None, f"These words look as if they led to a person: {words}. Remove them, or send the form again.")
