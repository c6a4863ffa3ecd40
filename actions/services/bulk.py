"""One change of many actions, each on its own: what was done and what was refused, with the reason (AC-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from accounts.access import NotAllowed
from accounts.models import User
from actions.models import Action
from actions.services.changing import cancel_action, move_due_date, reassign_action
from actions.services.doing import add_note
from actions.services.moves import StaleVersion
from core.workflow import IllegalMove

AT_MOST = 50


@dataclass(frozen=True)
class Refused:
    """An action that stayed as it was, and why."""

    action: Action
    why: str


@dataclass(frozen=True)
class BulkResult:
    """What became of each action, in the order given."""

    done: tuple[Action, ...]
    refused: tuple[Refused, ...]


def reassign_many(*, actions: Iterable[Action], owner: User, why: str, by: Any) -> BulkResult:
    """Give each of these actions to one owner."""
    return _each(actions, why, lambda action: reassign_action(action=action, owner=owner, why=why, by=by))


def move_due_dates(*, actions: Iterable[Action], due_on: date, why: str, by: Any) -> BulkResult:
    """Move the due date of each of these actions to one day."""
    return _each(actions, why, lambda action: move_due_date(action=action, due_on=due_on, why=why, by=by))


def note_many(*, actions: Iterable[Action], why: str, by: Any) -> BulkResult:
    """Add the same note to each of these actions; its text is `why`."""
    return _each(actions, why, lambda action: add_note(action=action, text=why, by=by))


def cancel_many(*, actions: Iterable[Action], why: str, by: Any) -> BulkResult:
    """Cancel each of these actions."""
    return _each(actions, why, lambda action: cancel_action(action=action, why=why, by=by))


def _each(actions: Iterable[Action], why: str, change: Callable[[Action], Action]) -> BulkResult:
    """Change each in a transaction of its own. Raises ValidationError for no reason, no action or too many."""
    wanted = list(actions)
    if not why.strip():
        raise ValidationError({"why": "Say why"})
    if not wanted:
        raise ValidationError({"action": "Choose at least one action"})
    if len(wanted) > AT_MOST:
        raise ValidationError({"action": f"Choose at most {AT_MOST} actions at a time"})
    done, refused = [], []
    for action in wanted:
        try:
            done.append(change(action))
        except (NotAllowed, IllegalMove, StaleVersion) as problem:
            refused.append(Refused(action, str(problem)))
        except ValidationError as problem:
            refused.append(Refused(action, " ".join(problem.messages)))
    return BulkResult(tuple(done), tuple(refused))
