"""Writing the trail: always inside the transaction of the change itself."""

from __future__ import annotations

import ipaddress
import json
import secrets
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from core.history.models import AccessEvent, AccessLine, ChainHead, Event, EventContent
from core.history.services.chain import access_values, content_digest, event_values, lines_digest, link_hash
from core.history.services.signing import signature_of


@dataclass(frozen=True)
class Entry:
    """One change, as it is to stand in the trail. `record` is any model row with a UUID key."""

    record: models.Model
    verb: str
    from_state: str = ""
    to_state: str = ""
    why: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def actor_id(by: Any) -> uuid.UUID | None:
    """The key of the person who acts, or None for the system."""
    return getattr(by, "pk", None)


@dataclass(frozen=True)
class _Head:
    """Where a trail ends, while nobody else may append to it."""

    sequence: int
    hash: str


# Written by hand: everybody who looks at a record waits for whoever holds the head, so it is held for as few and as
# short statements as can be.
_HEAD = "SELECT sequence, hash FROM history_chainhead WHERE trail = %s"
_MOVE = "UPDATE history_chainhead SET sequence = %s, hash = %s, signature = %s WHERE trail = %s"
# An access with its lines and the head's move, in one statement; SQLite, where nobody waits, takes three.
_APPEND = f"""
    WITH event AS (
        INSERT INTO history_accessevent (sequence, at, actor_id, roles, purpose, page, request_id, address,
                                         content_digest, previous_hash, hash)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
    ), lines AS (
        INSERT INTO history_accessline (event_id, kind, object_id)
        SELECT event.id, line.kind, line.object_id
        FROM event, unnest(%s::text[], %s::uuid[]) AS line (kind, object_id)
    )
    {_MOVE} RETURNING (SELECT id FROM event)
"""  # noqa: S608  nothing but what stands above


def _lock_head(trail: str) -> _Head:
    """The head of a trail, held until commit. It is there from the second link on: one query."""
    locked = _HEAD + (" FOR UPDATE" if connection.features.has_select_for_update else "")
    with connection.cursor() as cursor:
        cursor.execute(locked, [trail])
        row = cursor.fetchone()
        if row is None:
            ChainHead.objects.get_or_create(trail=trail)
            cursor.execute(locked, [trail])
            row = cursor.fetchone()
    return _Head(*row)


def _moved(trail: str, sequence: int, hash_: str) -> list[Any]:
    """The values of _MOVE."""
    return [sequence, hash_, signature_of(trail, sequence, hash_, key=settings.HISTORY_KEY), trail]


def _move_head(trail: str, sequence: int, hash_: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, _moved(trail, sequence, hash_))


def record(
    *,
    by: Any,
    verb: str,
    record: models.Model,
    from_state: str = "",
    to_state: str = "",
    why: str = "",
    values: dict[str, Any] | None = None,
) -> None:
    """Append one change to the trail. `by` is a user or the system actor."""
    record_many(by=by, entries=[Entry(record, verb, from_state, to_state, why, values or {})])


def record_many(*, by: Any, entries: Iterable[Entry]) -> int:
    """Append many changes; call it last in a long transaction, since it holds the chain's head until commit.

    Returns how many were appended.
    """
    wanted = list(entries)
    if not wanted:
        return 0
    with transaction.atomic():
        head = _lock_head("history")
        at = timezone.now()
        sequence, previous = head.sequence, head.hash
        events, contents = [], []
        for entry in wanted:
            sequence += 1
            content = {
                "why": entry.why,
                "values": json.loads(json.dumps(entry.values, default=str)),
                "salt": secrets.token_hex(16),
            }
            event = Event(
                sequence=sequence,
                at=at,
                actor_id=actor_id(by),
                verb=entry.verb,
                kind=entry.record._meta.label_lower,
                object_id=entry.record.pk,
                from_state=entry.from_state,
                to_state=entry.to_state,
                fields=sorted(entry.values),
                content_digest=content_digest(**content),
                previous_hash=previous,
            )
            previous = event.hash = link_hash(previous, event_values(event))
            events.append(event)
            contents.append(content)
        saved = Event.objects.bulk_create(events, batch_size=1000)
        EventContent.objects.bulk_create(
            [EventContent(event=event, **content) for event, content in zip(saved, contents, strict=True)],
            batch_size=1000,
        )
        _move_head("history", sequence, previous)
    return len(saved)


def _plain_address(address: str | None) -> str | None:
    """An address as both databases write it; None for what is none (a socket's name, say)."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(address)) if address else None
    return None


def _roles_of(by: Any) -> str:
    """The role codes that the person held at that moment, comma separated."""
    roles = getattr(by, "roles", None)
    return ",".join(sorted(roles())) if callable(roles) else ""


def record_access(
    *,
    by: Any,
    purpose: str,
    page: str,
    records: Iterable[tuple[str, uuid.UUID]],
    request_id: str = "",
    address: str | None = None,
) -> AccessEvent:
    """Append one access event with a line for each record: (kind, key), kind as in `cases.case`."""
    lines = sorted(set(records), key=str)
    roles = _roles_of(by)
    with transaction.atomic():
        head = _lock_head("access")
        event = AccessEvent(
            sequence=head.sequence + 1,
            at=timezone.now(),
            actor_id=actor_id(by),
            roles=roles,
            purpose=purpose,
            page=page,
            request_id=request_id,
            address=_plain_address(address),
            content_digest=lines_digest(lines),
            previous_hash=head.hash,
        )
        event.hash = link_hash(head.hash, access_values(event))
        if connection.vendor == "postgresql":
            _append(event, lines)
        else:
            event.save(force_insert=True)
            AccessLine.objects.bulk_create(AccessLine(event=event, kind=kind, object_id=key) for kind, key in lines)
            _move_head("access", event.sequence, event.hash)
    return event


def _append(event: AccessEvent, lines: list[tuple[str, uuid.UUID]]) -> None:
    values = [
        event.sequence, event.at, event.actor_id, event.roles, event.purpose, event.page, event.request_id,
        event.address, event.content_digest, event.previous_hash, event.hash,
        [kind for kind, _ in lines], [key for _, key in lines], *_moved("access", event.sequence, event.hash),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, values)
        event.pk = cursor.fetchone()[0]
        event._state.adding = False
