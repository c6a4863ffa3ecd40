"""Reaching the record of a page: only what the reader may see, and every refusal written down."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.errors import conflict
from core.forms import BaseForm
from core.history.middleware import note_refused
from core.workflow import IllegalMove
from learning.models import AgendaItem, Meeting, Pack, Panel
from learning.services.checking import LeadsToSomebody
from learning.services.moves import StaleVersion

View = Callable[..., HttpResponse]


def page(*methods: str) -> Callable[[View], View]:
    """A page that answers these methods; a move that is not possible any more is a 409."""

    def decorate(view: View) -> View:
        @require_http_methods([*methods, *(["HEAD"] if "GET" in methods else [])])
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponse:
            try:
                return view(request, *args, **keys)
            except (IllegalMove, StaleVersion) as moved:
                return conflict(request, str(moved), back_url=_way_back(keys), back_label="See how it stands now")

        return answer

    return decorate


def _way_back(keys: dict[str, Any]) -> str:
    for name in ("meeting", "item", "panel", "exemplar", "briefing"):
        if name in keys:
            return reverse(f"learning:{name}", args=[keys[name]])
    return reverse("learning:panels")


def missing(request: HttpRequest, kind: str, key: UUID) -> NoReturn:
    """The same answer for a hidden record and for none at all, written down."""
    note_refused(request, kind, [key])
    raise Http404


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


def say(form: BaseForm, refused: ValidationError) -> None:
    """A service's refusal as errors of the form: beside its field, above the form where there is none."""
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused.messages)
        return
    for field, messages in refused.message_dict.items():
        form.add_error(field if field in form.fields else None, messages)


def say_hits(form: BaseForm, refused: LeadsToSomebody) -> None:
    """Words that lead to somebody and that the form did not ask about, because they were just added elsewhere."""
    words = ", ".join(f"“{hit.words}”" for hit in refused.hits)
    form.add_error(None, f"These words look as if they led to a person: {words}. Remove them, or send the form again.")
