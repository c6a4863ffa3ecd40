"""One change of many actions, each on its own: what was done and what was refused, with the reason (AC-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from accounts.access import NotAllowed
from accounts.models import User
from actions.models import Action
from actions.services.changing import cancel_action, move_due_date, reassign_action
from actions.services.doing import add_note
from core.bulk import BulkResult, change_each
from core.workflow import StaleVersion


def reassign_many(*, actions: Iterable[Action], owner: User, why: str, by: Any) -> BulkResult[Action]:
    """Give each of these actions to one owner."""
    return _each(actions, why, lambda action: reassign_action(action=action, owner=owner, why=why, by=by))


def move_due_dates(*, actions: Iterable[Action], due_on: date, why: str, by: Any) -> BulkResult[Action]:
    """Move the due date of each of these actions to one day."""
    return _each(actions, why, lambda action: move_due_date(action=action, due_on=due_on, why=why, by=by))


def note_many(*, actions: Iterable[Action], why: str, by: Any) -> BulkResult[Action]:
    """Add the same note to each of these actions; its text is `why`."""
    return _each(actions, why, lambda action: add_note(action=action, text=why, by=by))


def cancel_many(*, actions: Iterable[Action], why: str, by: Any) -> BulkResult[Action]:
    """Cancel each of these actions."""
    return _each(actions, why, lambda action: cancel_action(action=action, why=why, by=by))


def _each(actions: Iterable[Action], why: str, change: Callable[[Action], Action]) -> BulkResult[Action]:
    return change_each(actions, change, why=why, noun="action", refusals=(NotAllowed, StaleVersion))
