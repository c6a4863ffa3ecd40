"""Pseudonyms: an HMAC of a record's key, so that nobody without the key can tell whose it is, or try them all."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

LENGTH = 32
_BLOCK = 64


def pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and the outer half that HMAC-SHA-256 makes of a key; a database can go on from them."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def pseudonym(halves: tuple[bytes, bytes], kind: str, key: UUID | None) -> str | None:
    """The pseudonym of one record of a kind; the same record of two purposes has two. None for no record."""
    if key is None:
        return None
    inner = hashlib.sha256(halves[0] + f"{kind}:{key}".encode()).digest()
    return hashlib.sha256(halves[1] + inner).hexdigest()[:LENGTH]


def plain(key: bytes, kind: str, record: UUID) -> str:
    """The same by the library's own HMAC, which says that the halves are right."""
    return hmac.new(key, f"{kind}:{record}".encode(), hashlib.sha256).hexdigest()[:LENGTH]
