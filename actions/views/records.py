"""Reaching the record of a page: only what the reader may see, every sight and every refusal written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NoReturn
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import NotAllowed
from actions.models import Action, Recommendation
from actions.selectors.pages import ActionLine
from actions.services.moves import StaleVersion
from core.errors import conflict
from core.forms import BaseForm
from core.history.middleware import note_refused, note_viewed
from core.workflow import IllegalMove

View = Callable[..., HttpResponse]


def page(*methods: str) -> Callable[[View], View]:
    """A page that answers these methods. A refusal is logged; a move that is not possible any more is a 409."""

    def decorate(view: View) -> View:
        @require_http_methods([*methods, *(["HEAD"] if "GET" in methods else [])])
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponse:
            try:
                return view(request, *args, **keys)
            except NotAllowed:
                note_refused(request, "actions.action", [key for key in keys.values() if isinstance(key, UUID)])
                raise
            except (IllegalMove, StaleVersion) as moved:
                return conflict(request, str(moved), back_url=_way_back(keys), back_label="See how it stands now")

        return answer

    return decorate


def _way_back(keys: dict[str, Any]) -> str:
    for name, url in (("action", "actions:detail"), ("recommendation", "actions:recommendation")):
        if name in keys:
            return reverse(url, args=[keys[name]])
    return reverse("actions:list")


def missing(request: HttpRequest, kind: str, key: UUID) -> NoReturn:
    """The same answer for a hidden record and for none at all, written down."""
    note_refused(request, kind, [key])
    raise Http404


def visible_action(request: HttpRequest, key: UUID) -> Action:
    """The action, if this reader may see it. Raises Http404."""
    found = (
        Action.objects.visible_to(request.user)
        .select_related(
            "owner", "case__team__parent", "case__service__parent", "team__parent", "service__parent", "created_by",
            "claimed_by", "recommendation",
        )
        .filter(pk=key)
        .first()
    )  # fmt: skip
    if found is None:
        missing(request, "actions.action", key)
    return found


def visible_recommendation(request: HttpRequest, key: UUID) -> Recommendation:
    """The recommendation, if this reader may see it. Raises Http404."""
    found = Recommendation.objects.visible_to(request.user).filter(pk=key).first()
    if found is None:
        missing(request, "actions.recommendation", key)
    return found


def note_cases(request: HttpRequest, actions: Iterable[Action | ActionLine]) -> None:
    """Write down that this response shows these actions' cases."""
    note_viewed(request, "cases.case", [action.case_id for action in actions if action.case_id])


def say(form: BaseForm, refused: ValidationError) -> None:
    """A service's refusal as errors of the form: beside its field, above the form where there is none."""
    if not hasattr(refused, "error_dict"):
        form.add_error(None, refused.messages)
        return
    for field, messages in refused.message_dict.items():
        form.add_error(field if field in form.fields else None, messages)
