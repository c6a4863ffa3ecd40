"""How an action moves: guarded by the table of moves, written down in the same transaction."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from actions.choices import SETTLED, WELL_DONE
from actions.models import Action, ActionMove
from actions.workflow import ACTION_MOVES, refusal
from core.history.services import Entry, actor_id, record_many
from core.jobs.services import enqueue, publish
from core.workflow import IllegalMove, StaleVersion, may_follow, move

LOOK_FOR_REST = "look_for_unverified_actions"


def lock_action(*, action: Action) -> Action:
    """The action as it stands now, held until the transaction ends; whoever else wants it waits.

    Comes with its owner, case and units. Must be called inside a transaction.
    """
    return (
        Action.objects.select_for_update(of=("self",), no_key=True)
        .select_related("owner", "case__team__parent", "case__service__parent", "service__parent", "team__parent")
        .get(pk=action.pk)
    )


def said(*, why: str) -> str:
    """The reason for a move, without blanks around it. Raises ValidationError where there is none."""
    if not why.strip():
        raise ValidationError({"why": "Say why"})
    return why.strip()


class Moves:
    """The moves that one verb makes with one locked action: checked one by one, stored together.

    `make` checks a move and sets the fields on the action; `save` writes one UPDATE, the rows of the moves, the trail
    and the events for the apps above. `version` is what the person had read (None where it does not matter).
    """

    def __init__(self, *, action: Action, by: Any, version: int | None = None) -> None:
        self.action = action
        self.by = by
        self.at = timezone.now()
        self._wanted = version
        self._read_version, self._read_status = action.version, action.status
        self._changes: dict[str, Any] = {}
        self._rows: list[ActionMove] = []
        self._entries: list[Entry] = []

    def make(
        self, event: str, *, why: str = "", due_to: date | None = None, owner_to: Any = None, **changes: Any
    ) -> None:
        """One move. `due_to` and `owner_to` are the new values of a move that changes those; `changes` other fields.

        Raises IllegalMove with its sentence, StaleVersion, and ValidationError where a reason is due.
        """
        found, action = move(ACTION_MOVES, event), self.action
        if not may_follow(ACTION_MOVES, event, action.status):
            raise IllegalMove(refusal("action", event, action.get_status_display()))
        if self._wanted not in (None, self._read_version):
            raise StaleVersion(version=self._read_version)
        why = said(why=why) if found.needs_reason else why.strip()
        before, after = action.status, found.target or action.status
        values: dict[str, Any] = {}
        row = ActionMove(
            action=action,
            at=self.at,
            by_id=actor_id(self.by),
            event=event,
            from_status=before,
            to_status=after,
            why=why,
        )
        if due_to is not None:
            row.due_from, row.due_to = action.due_on, due_to
            values["due_on"] = [action.due_on.isoformat(), due_to.isoformat()]
            changes["due_on"] = due_to
        if owner_to is not None:
            row.owner_from_id, row.owner_to_id = action.owner_id, owner_to.pk
            values["owner"] = [str(action.owner_id), str(owner_to.pk)]
            changes["owner"] = owner_to
        self.set(status=after, **changes)
        self._rows.append(row)
        self._entries.append(Entry(action, event, before, after, why, values))

    def set(self, **changes: Any) -> None:
        """Fields of the action that change with the moves."""
        for name, value in changes.items():
            setattr(self.action, name, value)
        self._changes.update(changes)

    def save(self) -> None:
        """Write it all down. Raises StaleVersion where somebody else was first all the same."""
        unchanged = Action.objects.filter(pk=self.action.pk, version=self._read_version, status=self._read_status)
        if not unchanged.update(version=F("version") + 1, **self._changes):
            raise StaleVersion(version=self._read_version)
        self.action.version = self._read_version + 1
        ActionMove.objects.bulk_create(self._rows)
        tell_apps_above(action=self.action, before=self._read_status, by=self.by)
        record_many(by=self.by, entries=self._entries)


def tell_apps_above(*, action: Action, before: str, by: Any) -> None:
    """Publish what became of an action, with where it came from; the apps above may act on it.

    `actions.verified` when it was verified or accepted, `actions.reopened` when it came back from its end. Whether
    with this all of its origin are at an end is asked after the commit, so that of two last ones that are verified at
    once neither overlooks the other; `actions.all_verified` may therefore be published twice.
    """
    ids = {"action_id": action.pk, "origin": action.origin, "origin_reference": action.origin_reference}
    if before in SETTLED and action.status not in SETTLED:
        publish("actions.reopened", by=by, **ids)
    if action.status not in SETTLED or before in SETTLED:
        return
    if action.status in WELL_DONE:
        publish("actions.verified", by=by, **ids)
    if action.origin_reference:
        enqueue(LOOK_FOR_REST, by=by, origin=action.origin, origin_reference=action.origin_reference)


def waiting_of_origin(*, origin: str, origin_reference: str) -> int:
    """How many actions of this origin are not verified, accepted or cancelled yet; drafts wait too."""
    return Action.objects.of_origin(origin, origin_reference).exclude(status__in=SETTLED).count()
