"""What is hashed, and how. Writing and checking agree because both come here."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from core.history.models import AccessEvent, Event

START = "0" * 64

# The columns that a link's hash covers, in order.
EVENT_FIELDS = (
    "sequence", "at", "actor_id", "verb", "kind", "object_id", "from_state", "to_state", "fields", "content_digest",
)  # fmt: skip
ACCESS_FIELDS = (
    "sequence", "at", "actor_id", "roles", "purpose", "page", "request_id", "address", "content_digest",
)  # fmt: skip


def _canonical(value: Any) -> Any:
    """A value as JSON can hold it, the same on both databases and in every time zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, uuid.UUID):
        return str(value)
    return value


def _text(values: Any) -> bytes:
    return json.dumps(values, sort_keys=True, default=str, separators=(",", ":")).encode()


def link_hash(previous: str, values: Sequence[Any]) -> str:
    """SHA-256 (hexadecimal) over the previous hash and the row's values, as a JSON list: no two rows read alike."""
    return hashlib.sha256(_text([previous, *(_canonical(value) for value in values)])).hexdigest()


def digest(values: Any) -> str:
    """SHA-256 (hexadecimal) of what stands beside a link."""
    return hashlib.sha256(_text(values)).hexdigest()


def content_digest(*, why: str, values: Any, salt: str) -> str:
    """The digest of a change's words. The salt goes with the words, so that nothing erased can be guessed from it."""
    return digest([salt, why, values])


def lines_digest(lines: Iterable[tuple[str, Any]]) -> str:
    """The digest of the records (kind, key) of an access, in whatever order they come."""
    return digest(sorted([kind, str(key)] for kind, key in lines))


def event_values(event: Event) -> list[Any]:
    """What of a change is chained, in order."""
    return [getattr(event, name) for name in EVENT_FIELDS]


def access_values(event: AccessEvent) -> list[Any]:
    """What of an access is chained, in order."""
    return [getattr(event, name) for name in ACCESS_FIELDS]
