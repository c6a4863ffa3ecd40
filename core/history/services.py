"""Writing the trail: always inside the transaction of the change itself."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from core.history.models import AccessEvent, AccessLine, ChainHead, Event, EventContent


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


def _canonical(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, (list, dict)):
        return json.dumps(value, sort_keys=True, default=str, separators=(",", ":"))
    return "" if value is None else str(value)


def link_hash(previous: str, values: Sequence[Any]) -> str:
    """SHA-256 (hexadecimal) over the previous hash and the row's values in a fixed format and time zone."""
    text = "\x1f".join([previous, *(_canonical(value) for value in values)])
    return hashlib.sha256(text.encode()).hexdigest()


def digest(values: Any) -> str:
    """SHA-256 (hexadecimal) of words that stand beside the chain."""
    return hashlib.sha256(_canonical(values).encode()).hexdigest()


def event_values(event: Event) -> list[Any]:
    """What of a change is chained, in order."""
    return [
        event.sequence, event.at, event.actor_id, event.verb, event.kind, event.object_id,
        event.from_state, event.to_state, event.fields, event.content_digest,
    ]  # fmt: skip


def access_values(event: AccessEvent) -> list[Any]:
    """What of an access is chained, in order."""
    return [
        event.sequence, event.at, event.actor_id, event.purpose, event.page, event.request_id,
        event.address, event.content_digest,
    ]  # fmt: skip


def _lock_head(trail: str) -> ChainHead:
    ChainHead.objects.get_or_create(trail=trail)
    heads = ChainHead.objects.filter(trail=trail)
    if connection.features.has_select_for_update:
        heads = heads.select_for_update()
    return heads.get()


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
        events, contents = [], []
        for entry in wanted:
            content = {"why": entry.why, "values": json.loads(json.dumps(entry.values, default=str))}
            event = Event(
                sequence=head.sequence + 1,
                at=at,
                actor_id=actor_id(by),
                verb=entry.verb,
                kind=entry.record._meta.label_lower,
                object_id=entry.record.pk,
                from_state=entry.from_state,
                to_state=entry.to_state,
                fields=sorted(entry.values),
                content_digest=digest(content),
                previous_hash=head.hash,
            )
            event.hash = link_hash(head.hash, event_values(event))
            head.sequence, head.hash = event.sequence, event.hash
            events.append(event)
            contents.append(content)
        saved = Event.objects.bulk_create(events, batch_size=1000)
        EventContent.objects.bulk_create(
            [EventContent(event=event, **content) for event, content in zip(saved, contents, strict=True)],
            batch_size=1000,
        )
        head.save(update_fields=["sequence", "hash"])
    return len(saved)


def _plain_address(address: str | None) -> str | None:
    """An address as both databases write it; None for what is none (a socket's name, say)."""
    with suppress(ValueError):
        return str(ipaddress.ip_address(address)) if address else None
    return None


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
    lines = sorted({(kind, key) for kind, key in records}, key=str)
    with transaction.atomic():
        head = _lock_head("access")
        event = AccessEvent(
            sequence=head.sequence + 1,
            at=timezone.now(),
            actor_id=actor_id(by),
            purpose=purpose,
            page=page,
            request_id=request_id,
            address=_plain_address(address),
            content_digest=digest([[kind, str(key)] for kind, key in lines]),
            previous_hash=head.hash,
        )
        event.hash = link_hash(head.hash, access_values(event))
        event.save(force_insert=True)
        AccessLine.objects.bulk_create(AccessLine(event=event, kind=kind, object_id=key) for kind, key in lines)
        ChainHead.objects.filter(trail="access").update(sequence=event.sequence, hash=event.hash)
    return event


TRAILS = ("history", "access")


def verify(trail: str) -> list[str]:
    """What is wrong with a trail ("history" or "access"), a sentence each; nothing where every link holds.

    Reads the whole chain in order: numbers without a gap, each link's hash over its values and the one before,
    the digests of what stands beside it, and the head. Words that were erased leave their link as it was.
    """
    return list(_faults_of(trail))


def _faults_of(trail: str) -> Iterator[str]:
    head = ChainHead.objects.filter(trail=trail).first() or ChainHead(trail=trail)
    links: Iterable[Any]
    if trail == "history":
        links = Event.objects.select_related("content").order_by("sequence").iterator(chunk_size=2000)
    else:
        links = AccessEvent.objects.prefetch_related("lines").order_by("sequence").iterator(chunk_size=2000)
    previous, expected = "0" * 64, 1
    for link in links:
        if link.sequence != expected:
            yield f"Between {expected - 1} and {link.sequence} links are missing."
        elif link.previous_hash != previous:
            yield f"Link {link.sequence} does not follow the one before it."
        values = event_values(link) if isinstance(link, Event) else access_values(link)
        if link.hash != link_hash(link.previous_hash, values):
            yield f"Link {link.sequence} was changed."
        beside = _beside(link)
        if beside is not None and digest(beside) != link.content_digest:
            yield f"What stands beside link {link.sequence} was changed."
        previous, expected = link.hash, link.sequence + 1
    if (head.sequence, head.hash) != (expected - 1, previous):
        yield f"The trail ends at {expected - 1}, its head says {head.sequence}."


def _beside(link: Event | AccessEvent) -> Any:
    """The words or lines of a link; None where words were erased."""
    if isinstance(link, AccessEvent):
        lines = sorted(((line.kind, line.object_id) for line in link.lines.all()), key=str)
        return [[kind, str(key)] for kind, key in lines]
    content = getattr(link, "content", None)
    return None if content is None else {"why": content.why, "values": content.values}
