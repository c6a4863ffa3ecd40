"""What the owner does: progress, evidence, and saying that it is done."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from actions import access
from actions.choices import TO_DO, ActionStatus, NoteKind
from actions.models import Action, ActionNote
from actions.services.moves import Moves, lock_action
from actions.services.telling import tell_verifiers
from actions.workflow import refusal
from core.history.services import actor_id, record
from core.workflow import IllegalMove, StaleVersion


def update_progress(
    *, action: Action, by: Any, text: str, document: str = "", dated_on: date | None = None, version: int | None = None
) -> Action:
    """Say how far it is, or where the evidence is; the first word starts the action (anew, where a body rejected it).

    `document` and `dated_on` point to the evidence in the case system. Raises NotAllowed, IllegalMove, StaleVersion,
    and ValidationError where nothing is said or the evidence lies in the future.
    """
    _check_note(text, document, dated_on)
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "update", held)
        if held.status not in TO_DO:
            raise IllegalMove(refusal("action", "update", held.get_status_display()))
        moves = Moves(action=held, by=by, version=version)
        if held.status != ActionStatus.IN_PROGRESS:
            moves.make("start")
            moves.save()
        elif version not in (None, held.version):
            raise StaleVersion(version=held.version)
        _keep_note(held, by, text, document, dated_on)
    return held


def add_note(*, action: Action, by: Any, text: str) -> Action:
    """A note of line management or the QA unit. Raises NotAllowed, and ValidationError where it is blank."""
    _check_note(text, "", None)
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "note", held)
        note = ActionNote.objects.create(
            action=held, at=timezone.now(), by_id=actor_id(by), kind=NoteKind.NOTE, text=text.strip()
        )
        record(by=by, verb="note", record=held, values={"note": note.pk, "kind": note.kind})
    return held


def claim_done(
    *, action: Action, by: Any, text: str, document: str = "", dated_on: date | None = None, version: int | None = None
) -> Action:
    """The owner says that it is done, what was done, and where the evidence is; whoever verifies hears of it.

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError where it is not said what was done.
    """
    if not text.strip():
        raise ValidationError({"text": "Say what was done"})
    _check_note(text, document, dated_on)
    with transaction.atomic():
        held = lock_action(action=action)
        access.require(by, "claim", held)
        moves = Moves(action=held, by=by, version=version)
        if held.status in (ActionStatus.OPEN, ActionStatus.REJECTED):
            moves.make("start")
        moves.make("claim", claimed_by=by, claimed_at=moves.at)
        moves.save()
        _keep_note(held, by, text, document, dated_on)
        tell_verifiers(action=held)
    return held


def _check_note(text: str, document: str, dated_on: date | None) -> None:
    faults = {}
    if not text.strip() and not document.strip():
        faults["text"] = "Say how far it is, or where the evidence is"
    if dated_on is not None and dated_on > timezone.localdate():
        faults["dated_on"] = "The date of the evidence must be today or in the past"
    if dated_on is not None and not document.strip():
        faults["document"] = "Say which document or case note has this date"
    if faults:
        raise ValidationError(faults)


def _keep_note(action: Action, by: Any, text: str, document: str, dated_on: date | None) -> None:
    kind = NoteKind.EVIDENCE if document.strip() else NoteKind.PROGRESS
    note = ActionNote.objects.create(
        action=action, at=timezone.now(), by_id=actor_id(by), kind=kind, text=text.strip(),
        document=document.strip(), dated_on=dated_on,
    )  # fmt: skip
    record(by=by, verb="update", record=action, values={"note": note.pk, "kind": note.kind})
