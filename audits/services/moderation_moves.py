"""How a moderation and a dispute move: held with their audit, guarded by the tables, written down at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from django.db import models
from django.db.models import F
from django.utils import timezone

from audits import access
from audits.models import Dispute, Moderation, Transition
from audits.services.moves import StaleVersion, lock_audit, with_facts
from audits.workflow import DISPUTE_MOVES, MODERATION_MOVES, refusal
from core.history.services import actor_id, record
from core.workflow import IllegalMove, Move, may_follow, move

_R = TypeVar("_R", Moderation, Dispute)
_TABLES: dict[type, tuple[tuple[Move, ...], str]] = {
    Moderation: (MODERATION_MOVES, "moderation"),
    Dispute: (DISPUTE_MOVES, "dispute"),
}


def hold_moderation(*, moderation: Moderation, event: str, by: Any = None, verb: str = "") -> Moderation:
    """The moderation as it stands now, with its audit locked first.

    Raises NotAllowed where `by` may not do `verb` (asked first, so that nobody learns a state that is not theirs to
    know), then IllegalMove where `event` cannot follow. Without a verb the caller has asked.
    """
    return _hold(Moderation.objects, moderation, event, by, verb)


def hold_dispute(*, dispute: Dispute, event: str, by: Any = None, verb: str = "") -> Dispute:
    """The dispute as it stands now, with its audit locked first. Raises as `hold_moderation` does."""
    return _hold(Dispute.objects, dispute, event, by, verb)


def _hold(rows: models.QuerySet[_R] | models.Manager[_R], record: _R, event: str, by: Any, verb: str) -> _R:
    audit = lock_audit(audit=record.audit)
    held = rows.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
    held.audit = audit
    if verb:
        access.require(by, verb, held)
    table, what = _TABLES[type(held)]
    if not may_follow(table, event, held.status):
        raise IllegalMove(refusal(what, event, held.get_status_display()))
    return held


def the_one_read(*, held: Moderation | Dispute, version: int | None) -> None:
    """Raise StaleVersion where somebody moved the record after the person read it."""
    if version is not None and version != held.version:
        raise StaleVersion(version=held.version)


def move_held(
    *,
    held: Moderation | Dispute,
    event: str,
    by: Any,
    at: datetime | None = None,
    facts: str = "",
    why: str = "",
    values: dict[str, Any] | None = None,
    **changes: Any,
) -> None:
    """Move a held moderation or dispute, and append the move to its audit's story and to the trail.

    `facts` are the values in words, for the story.
    """
    target = move(_TABLES[type(held)][0], event).target
    before, why = held.status, why.strip()
    changed = (
        type(held)
        ._default_manager.filter(pk=held.pk, version=held.version, status=before)
        .update(status=target, version=F("version") + 1, **changes)
    )
    if not changed:
        raise StaleVersion(version=held.version)
    held.status, held.version = target, held.version + 1
    for name, value in changes.items():
        setattr(held, name, value)
    write_down(held=held, event=event, by=by, before=before, at=at, facts=facts, why=why, values=values)


def write_down(
    *,
    held: Moderation | Dispute,
    event: str,
    by: Any,
    before: str = "",
    at: datetime | None = None,
    facts: str = "",
    why: str = "",
    values: dict[str, Any] | None = None,
    told_before: bool = False,
) -> None:
    """Append what happened to the audit's story and to the trail.

    `told_before`: the reason stands in the story already, with the move that led to this one.
    """
    Transition.objects.create(
        audit=held.audit, at=at or timezone.now(), by_id=actor_id(by), event=event, from_status=before,
        to_status=held.status, why=with_facts(facts=facts, why="" if told_before else why),
    )  # fmt: skip
    record(by=by, verb=event, record=held, from_state=before, to_state=held.status, why=why, values=values)
