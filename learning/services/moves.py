"""How meetings and items move: guarded by the tables of moves, written down in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from core.history.services import actor_id, record
from core.workflow import IllegalMove, StaleVersion, may_follow, move
from learning.models import AgendaItem, Briefing, BriefingMove, Exemplar, ExemplarMove, ItemMove, Meeting, MeetingMove
from learning.services.checking import found_in
from learning.workflow import BRIEFING_MOVES, EXEMPLAR_MOVES, ITEM_MOVES, MEETING_MOVES, refusal

_BACK: ContextVar[timedelta] = ContextVar("moves_back", default=timedelta())


@contextmanager
def set_back(*, by: timedelta) -> Iterator[None]:
    """Moves made inside are written as of so long ago: for a past that is told afterwards, as the demo council's is.

    A move that is written cannot be dated otherwise later: the database refuses it.
    """
    token = _BACK.set(by)
    try:
        yield
    finally:
        _BACK.reset(token)


def lock_meeting(*, meeting: Meeting) -> Meeting:
    """The meeting as it stands now, held until the transaction ends. Must be called inside a transaction."""
    return Meeting.objects.select_for_update(of=("self",), no_key=True).select_related("panel").get(pk=meeting.pk)


def lock_item(*, item: AgendaItem) -> AgendaItem:
    """The item as it stands now, held until the transaction ends. Must be called inside a transaction."""
    return (
        AgendaItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("panel", "meeting", "theme", "audit")
        .get(pk=item.pk)
    )


def said(*, why: str) -> str:
    """The reason for a move, without blanks around it. Members read it, so it names nobody.

    Raises ValidationError where there is none, or where something in it looks as if it led to a person.
    """
    if not why.strip():
        raise ValidationError({"why": "Say why"})
    hits = found_in(text=why)
    if hits:
        raise ValidationError({"why": [f"Leave out “{hit.words}”: it looks like {hit.kind.label}" for hit in hits]})
    return why.strip()


def move_meeting(
    *, meeting: Meeting, event: str, by: Any, why: str = "", version: int | None = None, **changes: Any
) -> None:
    """One move of a locked meeting, with the fields that change in it.

    Raises IllegalMove with its sentence, StaleVersion, and ValidationError where a reason is due.
    """
    _move(
        row=meeting, table=MEETING_MOVES, what="meeting", event=event, by=by, why=why, version=version, fields=changes
    )


def move_item(
    *, item: AgendaItem, event: str, by: Any, why: str = "", version: int | None = None, **changes: Any
) -> None:
    """One move of a locked item, with the fields that change in it.

    Raises IllegalMove with its sentence, StaleVersion, and ValidationError where a reason is due.
    """
    _move(row=item, table=ITEM_MOVES, what="item", event=event, by=by, why=why, version=version, fields=changes)


def move_exemplar(
    *, exemplar: Exemplar, event: str, by: Any, why: str = "", version: int | None = None, **changes: Any
) -> None:
    """One move of a locked exemplar. Raises as `move_item`."""
    _move(
        row=exemplar,
        table=EXEMPLAR_MOVES,
        what="exemplar",
        event=event,
        by=by,
        why=why,
        version=version,
        fields=changes,
    )


def move_briefing(
    *, briefing: Briefing, event: str, by: Any, why: str = "", version: int | None = None, **changes: Any
) -> None:
    """One move of a locked briefing. Raises as `move_item`."""
    _move(
        row=briefing,
        table=BRIEFING_MOVES,
        what="briefing",
        event=event,
        by=by,
        why=why,
        version=version,
        fields=changes,
    )


def _move(
    *, row: Any, table: Any, what: str, event: str, by: Any, why: str, version: int | None, fields: dict[str, Any]
) -> None:
    found = move(table, event)
    if not may_follow(table, event, row.status):
        raise IllegalMove(refusal(what, event, row.get_status_display()))
    if version not in (None, row.version):
        raise StaleVersion(version=row.version)
    why = said(why=why) if found.needs_reason else why.strip()
    before, after = row.status, found.target or row.status
    unchanged = type(row).objects.filter(pk=row.pk, version=row.version, status=before)
    if not unchanged.update(version=F("version") + 1, status=after, **fields):
        raise StaleVersion(version=row.version)
    for name, value in {**fields, "status": after}.items():
        setattr(row, name, value)
    row.version += 1
    note_move(row=row, event=event, by=by, before=before, after=after, why=why)


def note_move(*, row: Any, event: str, by: Any, before: str, after: str, why: str = "") -> None:
    """Write down one move: its own row and the trail's."""
    model, name = _ROWS[type(row)]
    model.objects.create(
        **{name: row},
        at=timezone.now() - _BACK.get(),
        by_id=actor_id(by),
        event=event,
        from_status=before,
        to_status=after,
        why=why,
    )
    record(by=by, verb=event, record=row, from_state=before, to_state=after, why=why)


_ROWS: dict[type, tuple[Any, str]] = {
    Meeting: (MeetingMove, "meeting"),
    AgendaItem: (ItemMove, "item"),
    Exemplar: (ExemplarMove, "exemplar"),
    Briefing: (BriefingMove, "briefing"),
}
