"""Reaching the record of a page: only what the reader may see, every sight and every refusal written down."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest

from actions.models import Action, Recommendation
from actions.selectors.pages import ActionLine
from core.history.middleware import note_viewed
from core.pages import Record, missing, pages_about

page = pages_about(
    Record("action", "actions:detail", "actions.action"),
    Record("recommendation", "actions:recommendation", "actions.recommendation"),
    home="actions:list",
)


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
    found.seen_by = request.user.pk
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
