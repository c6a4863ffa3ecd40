"""Who hears of what happens to an action. A notice carries its reference and its date, nothing of what it says."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from accounts.models import User
from actions import access
from actions.models import Action
from core.notifications.services import notify_who_sees


def tell(*, action: Action, kind: str, event: str, people: Iterable[User]) -> int:
    """One notice of `kind` to each of these people who may see the action; `event` keeps it from being told twice.

    Returns how many are new.
    """
    return notify_who_sees(
        record=action,
        people=people,
        kind=kind,
        event=f"{action.pk}:{event}",
        link=reverse("actions:detail", args=[action.pk]),
        reference=action.reference,
        due_on=action.due_on,
    )


def tell_owner(*, action: Action) -> None:
    """The owner hears that the action is theirs."""
    tell(action=action, kind="action_assigned", event=f"{action.version}:{action.owner_id}", people=[action.owner])


def tell_verifiers(*, action: Action) -> None:
    """Whoever verifies hears that the action is claimed done."""
    tell(action=action, kind="action_claimed", event=str(action.version), people=access.verifiers_of(action))


def tell_of_answer(*, action: Action, kind: str) -> None:
    """The owner hears that the action was sent back, reopened or rejected by the body."""
    tell(action=action, kind=kind, event=str(action.version), people=[action.owner])
