"""Checking a trail: every row that was changed, deleted, inserted, put in another order or cut off."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, Max, OuterRef

from core.history.models import AccessEvent, AccessLine, ChainHead, Event, EventContent, SignedHead
from core.history.services.chain import (
    ACCESS_FIELDS,
    EVENT_FIELDS,
    START,
    content_digest,
    lines_digest,
    link_hash,
)
from core.history.services.signing import SignedLine, is_signed, kept_outside

TRAILS = ("history", "access")
_AT_ONCE = 2000


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a trail.

    `sequence` is the number of the link that shows it (None where it is no link's). `kind` is one of changed,
    deleted, inserted, reordered, truncated, words, lines, head.
    """

    sequence: int | None
    kind: str
    says: str


@dataclass
class Report:
    """What a check of one trail found. `erased` counts links whose words were erased, which is no fault."""

    trail: str
    links: int = 0
    erased: int = 0
    signed_heads: int = 0
    seconds: float = 0.0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class _Link:
    sequence: int
    values: list[Any]
    previous_hash: str
    hash: str
    beside: str | None  # the digest of what stands beside it now; None where it was erased
    promised: str


def verify(trail: str) -> list[str]:
    """What is wrong with a trail ("history" or "access"), a sentence each; nothing where every link holds."""
    return [fault.says for fault in check_trail(trail).faults]


def check_trail(trail: str) -> Report:
    """Read a whole trail in order and say what is wrong with it. Nothing is held in memory but the signed heads.

    Checked are: numbers without a gap, each link's hash over its values and the one before, the digests of what
    stands beside it, the head and its signature, and every signed head in the database and in the second place.
    People may go on writing meanwhile: what they append after the check began is left for the next one.
    """
    started = time.monotonic()
    report = Report(trail)
    report.faults.extend(_faults_of(trail, report))
    report.seconds = time.monotonic() - started
    return report


def _faults_of(trail: str, report: Report) -> Iterator[Fault]:
    model: Any = Event if trail == "history" else AccessEvent
    # In this order: whoever writes moves the head in the transaction of the link, so no head is behind a link seen.
    top = model.objects.aggregate(top=Max("sequence"))["top"] or 0
    head = ChainHead.objects.filter(trail=trail).first() or ChainHead(trail=trail)
    if (head.sequence or head.hash != START) and not is_signed(head.signature, trail, head.sequence, head.hash):
        yield Fault(head.sequence, "head", f"The head at {head.sequence} does not bear our signature.")
    signed = yield from _signed_heads(trail, report)
    links = _events(head.sequence, top) if trail == "history" else _accesses(head.sequence, top)
    previous, expected = START, 1
    for link in links:
        report.links += 1
        yield from _faults_of_link(link, previous, expected, head)
        report.erased += link.beside is None
        for at, hash_ in signed.pop(link.sequence, ()):
            if hash_ != link.hash:
                yield Fault(link.sequence, "changed", f"Link {link.sequence} is not the one that was signed on {at}.")
        previous, expected = link.hash, max(link.sequence + 1, expected)
    last = expected - 1
    if (head.sequence, head.hash) != (last, previous):
        kind = "truncated" if last < head.sequence else "head"
        yield Fault(last, kind, f"The trail ends at {last}, its head says {head.sequence}.")
    for sequence, heads in sorted(signed.items()):
        kind = "truncated" if sequence > last else "deleted"
        yield Fault(sequence, kind, f"Link {sequence} was signed on {heads[0][0]} and is not there any more.")
    yield from _left_over(trail)


def _faults_of_link(link: _Link, previous: str, expected: int, head: ChainHead) -> Iterator[Fault]:
    at = link.sequence
    if at < expected:
        yield Fault(at, "inserted", f"Link {at} stands where no link can be.")
    elif at > head.sequence:
        yield Fault(at, "inserted", f"Link {at} was added behind the head, which says {head.sequence}.")
    elif at > expected:
        yield Fault(expected, "deleted", f"Between {expected - 1} and {at} links are missing.")
    elif link.previous_hash != previous:
        yield Fault(at, "reordered", f"Link {at} does not follow the one before it.")
    if link.hash != link_hash(link.previous_hash, link.values):
        yield Fault(at, "changed", f"Link {at} was changed.")
    if link.beside is not None and link.beside != link.promised:
        yield Fault(at, "words", f"What stands beside link {at} was changed.")


def _signed_heads(trail: str, report: Report) -> Generator[Fault, None, dict[int, list[tuple[str, str]]]]:
    """Faults of the signed heads themselves; returns those that hold, as {sequence: [(when, hash), ...]}."""
    signed: dict[int, list[tuple[str, str]]] = defaultdict(list)
    inside = {
        (head.sequence, head.signature): SignedLine(
            head.trail, head.sequence, head.hash, head.at, head.key_id, head.signature
        )
        for head in SignedHead.objects.filter(trail=trail).order_by("sequence")
    }
    outside: set[tuple[int, str]] = set()
    lines: list[SignedLine] = list(inside.values())
    try:
        for line in kept_outside(trail):
            if isinstance(line, str):
                yield Fault(None, "head", line)
                continue
            outside.add((line.sequence, line.signature))
            lines.append(line)
            if (line.sequence, line.signature) not in inside:
                says = f"The head at {line.sequence}, signed on {line.at[:10]}, is missing from the database."
                yield Fault(line.sequence, "deleted", says)
    except FileNotFoundError:
        if inside:
            yield Fault(None, "head", "The file of signed heads is gone from its second place.")
    for line in lines:
        if not is_signed(line.signature, trail, line.sequence, line.hash, line.at):
            yield Fault(line.sequence, "head", f"The head at {line.sequence} was not signed by us.")
        elif (line.at[:10], line.hash) not in signed[line.sequence]:
            signed[line.sequence].append((line.at[:10], line.hash))
    if outside:
        first = min(sequence for sequence, _ in outside)
        for sequence, signature in inside:
            if sequence >= first and (sequence, signature) not in outside:
                yield Fault(sequence, "head", f"The head at {sequence} is missing from the second place.")
    report.signed_heads = len(inside)
    return signed


def _left_over(trail: str) -> Iterator[Fault]:
    """What stands beside no link at all."""
    if trail == "history":
        lost = EventContent.objects.filter(~Exists(Event.objects.filter(pk=OuterRef("event_id")))).count()
    else:
        lost = AccessLine.objects.filter(~Exists(AccessEvent.objects.filter(pk=OuterRef("event_id")))).count()
    if lost:
        yield Fault(None, "inserted", f"{lost} rows stand beside no link.")


def _events(to: int, top: int) -> Iterator[_Link]:
    names = (*EVENT_FIELDS, "previous_hash", "hash", "content__event_id", "content__why", "content__values")
    rows = Event.objects.filter(sequence__lte=max(to, top)).order_by("sequence", "pk")
    size = len(EVENT_FIELDS)
    for row in rows.values_list(*names, "content__salt").iterator(chunk_size=_AT_ONCE):
        previous_hash, hash_, kept, why, values, salt = row[size:]
        beside = None if kept is None else content_digest(why=why, values=values, salt=salt)
        yield _Link(row[0], list(row[:size]), previous_hash, hash_, beside, row[size - 1])


def _accesses(to: int, top: int) -> Iterator[_Link]:
    rows = AccessEvent.objects.filter(sequence__lte=max(to, top)).order_by("sequence", "pk")
    size = len(ACCESS_FIELDS)
    names = (*ACCESS_FIELDS, "previous_hash", "hash", "pk")
    for chunk in _chunks(rows.values_list(*names).iterator(chunk_size=_AT_ONCE)):
        lines: dict[int, list[tuple[str, Any]]] = defaultdict(list)
        beside = AccessLine.objects.filter(event_id__in=[row[-1] for row in chunk])
        for event, kind, key in beside.values_list("event_id", "kind", "object_id"):
            lines[event].append((kind, key))
        for row in chunk:
            digest = lines_digest(lines.get(row[-1], ()))
            yield _Link(row[0], list(row[:size]), row[size], row[size + 1], digest, row[size - 1])


def _chunks(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    chunk: list[tuple[Any, ...]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
