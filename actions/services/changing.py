"""What those who answer for an action may change: its due date, its owner, whether it stands at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from actions import access
from actions.models import Action
from actions.services.moves import Moves, lock_action
from actions.services.telling import tell_of_answer, tell_owner

Follow = Callable[..., None]  # called as follow(action=..., by=..., why=...)
_followers: dict[str, Follow] = {}


def when_reopened(*, origin: str, follow: Follow) -> None:
    """Register what follows, in the same transaction, when an action of this origin is reopened.

    It may refuse with NotAllowed or IllegalMove; then the action stays as it is.
    """
    _followers[origin] = follow


def cancel_action(*, action: Action, by: Any, why: str, version: int | None = None) -> Action:
    """Say that it is not to be done any more. Raises NotAllowed, IllegalMove, StaleVersion and ValidationError."""
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "cancel", held)
        moves = Moves(action=held, by=by, version=version)
        moves.make("cancel", why=why, closed_at=moves.at, closed_by=by)
        moves.save()
    return held


def reopen_action(*, action: Action, by: Any, why: str, version: int | None = None) -> Action:
    """Back to work, though it was verified; the due date stays. What it came from may open again with it.

    Raises as `cancel_action` does.
    """
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "reopen", held)
        moves = Moves(action=held, by=by, version=version)
        moves.make("reopen", why=why, closed_at=None, closed_by=None, claimed_at=None, claimed_by=None)
        moves.save()
        if held.origin in _followers:
            _followers[held.origin](action=held, by=by, why=why.strip())
        tell_of_answer(action=held, kind="action_reopened")
    return held


def move_due_date(*, action: Action, by: Any, due_on: date, why: str, version: int | None = None) -> Action:
    """Move the due date, with a reason; the original one stays and the moves are counted (AC-4).

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError for a day in the past or the same day.
    """
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "move_due", held)
        if due_on < timezone.localdate():
            raise ValidationError({"due_on": "The due date must be today or later"})
        if due_on == held.due_on:
            raise ValidationError({"due_on": "This is the due date already. Choose another date"})
        moves = Moves(action=held, by=by, version=version)
        moves.make("move_due", why=why, due_to=due_on, due_moves=F("due_moves") + 1)
        moves.save()
        held.refresh_from_db(fields=["due_moves"])
        tell_of_answer(action=held, kind="action_due_moved")
    return held


def reassign_action(*, action: Action, owner: User, by: Any, why: str, version: int | None = None) -> Action:
    """Give the action to another owner, who hears of it. Raises as `move_due_date` does."""
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "reassign", held)
        if owner.pk == held.owner_id:
            raise ValidationError({"owner": f"{owner.name} owns this action already. Choose somebody else"})
        fitting = access.possible_owners(case=held.case, service=held.service, team=held.team)
        if not fitting.filter(pk=owner.pk).exists():
            raise ValidationError(
                {"owner": "Choose somebody who works with this case, team or service and can sign in"}
            )
        moves = Moves(action=held, by=by, version=version)
        moves.make("reassign", why=why, owner_to=owner)
        moves.save()
        tell_owner(action=held)
    return held
