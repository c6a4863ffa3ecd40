"""Signing the end of a trail, so that a trail which was cut off there, or written anew, shows it.

A chain proves that nothing inside it was changed, to somebody who knows how it ends. Two things tell: the head
itself is signed with a key that the database does not hold, and on a timer a signed head is kept in a second place.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.history.models import ChainHead, SignedHead


@dataclass(frozen=True)
class SignedLine:
    """One signed head as the second place keeps it, a JSON object on a line. `at` is ISO 8601 in UTC."""

    trail: str
    sequence: int
    hash: str
    at: str
    key_id: str
    signature: str


def key_id_of(key: str) -> str:
    """Which key that is, without giving it away: eight hexadecimal digits."""
    return hashlib.sha256(b"history key id:" + key.encode()).hexdigest()[:8]


def signature_of(trail: str, sequence: int, hash_: str, *parts: str, key: str) -> str:
    """HMAC-SHA-256 (hexadecimal) over the trail's name, its last number and hash, and `parts`."""
    text = json.dumps([trail, sequence, hash_, *parts])
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def keys() -> list[str]:
    """The key that signs, then those that signed before it."""
    return [settings.HISTORY_KEY, *settings.HISTORY_KEY_FALLBACKS]


def is_signed(signature: str, trail: str, sequence: int, hash_: str, *parts: str) -> bool:
    """Whether one of our keys made this signature."""
    return any(hmac.compare_digest(signature, signature_of(trail, sequence, hash_, *parts, key=key)) for key in keys())


def sign_heads() -> list[SignedLine]:
    """Sign where each trail ends now, and keep it in the database and in the file of HISTORY_HEADS_FILE.

    A trail that has not grown since it was last signed is left out. Returns what is new. Raises OSError where the
    file cannot be written; then nothing is kept in the database either.
    """
    key = settings.HISTORY_KEY
    new: list[SignedLine] = []
    with transaction.atomic():
        heads = ChainHead.objects.order_by("trail")
        if connection.features.has_select_for_update:
            heads = heads.select_for_update()
        for head in heads:
            last = SignedHead.objects.filter(trail=head.trail).order_by("-sequence").first()
            if head.sequence == 0 or (last is not None and last.sequence >= head.sequence):
                continue
            at = timezone.now().isoformat(timespec="microseconds")
            signature = signature_of(head.trail, head.sequence, head.hash, at, key=key)
            line = SignedLine(head.trail, head.sequence, head.hash, at, key_id_of(key), signature)
            SignedHead.objects.create(**asdict(line))
            new.append(line)
        _append(new)
    return new


def _append(lines: list[SignedLine]) -> None:
    if not lines or not settings.HISTORY_HEADS_FILE:
        return
    path = Path(settings.HISTORY_HEADS_FILE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(line)) + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())


def kept_outside(trail: str) -> Iterator[SignedLine | str]:
    """The signed heads of a trail in the second place; for a line that cannot be read, its number in a sentence.

    Yields nothing where no second place is set. Raises FileNotFoundError where it is set and gone.
    """
    if not settings.HISTORY_HEADS_FILE:
        return
    with Path(settings.HISTORY_HEADS_FILE).open(encoding="utf-8", errors="replace") as file:
        for number, text in enumerate(file, start=1):
            try:
                line = SignedLine(**json.loads(text))
            except (ValueError, TypeError):
                yield f"Line {number} of the file of signed heads cannot be read."
                continue
            if line.trail == trail:
                yield line
