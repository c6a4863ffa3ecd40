"""What somebody other than the owner does with an action that is claimed done."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from actions import access
from actions.models import Action
from actions.services.moves import Moves, lock_action
from actions.services.telling import tell_of_answer

_NOT_CLAIMED: dict[str, Any] = {"claimed_by": None, "claimed_at": None}


def verify_action(*, action: Action, by: Any, version: int | None = None, why: str = "") -> Action:
    """Somebody other than the owner has seen that it is done. Raises NotAllowed, IllegalMove and StaleVersion."""
    return _answer(action, "verify", by, version, why, ends=True)


def send_back(*, action: Action, by: Any, why: str, version: int | None = None) -> Action:
    """It is not done yet: back to the owner, who hears of it. Raises ValidationError without a reason, and as above."""
    return _answer(action, "send_back", by, version, why, tells="action_sent_back", **_NOT_CLAIMED)


def send_to_body(*, action: Action, by: Any, version: int | None = None, why: str = "") -> Action:
    """What was done goes to the outside body, which decides. Raises NotAllowed, IllegalMove and StaleVersion."""
    return _answer(action, "send_to_body", by, version, why)


def record_acceptance(*, action: Action, by: Any, version: int | None = None, why: str = "") -> Action:
    """The outside body accepts what was done. Raises NotAllowed, IllegalMove and StaleVersion."""
    return _answer(action, "accept", by, version, why, ends=True)


def record_rejection(*, action: Action, by: Any, why: str, version: int | None = None) -> Action:
    """The outside body rejects what was done: the owner goes on. Raises ValidationError without a reason."""
    return _answer(action, "reject", by, version, why, tells="action_sent_back", **_NOT_CLAIMED)


def _answer(
    action: Action, event: str, by: Any, version: int | None, why: str, *, ends: bool = False, tells: str = "",
    **changes: Any,
) -> Action:  # fmt: skip
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, event, held)
        moves = Moves(action=held, by=by, version=version)
        if ends:
            changes |= {"closed_at": moves.at, "closed_by": by}
        moves.make(event, why=why, **changes)
        moves.save()
        if tells:
            tell_of_answer(action=held, kind=tells)
    return held
