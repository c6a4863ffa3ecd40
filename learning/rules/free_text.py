"""What must not stand in a text that others learn from: patterns that lead to a child, a family or a worker (NK-10)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from learning.choices import HitKind

# Surnames that are everyday words: alone they are no name. With a first name or a title they are found all the same.
_WORDS = frozenset(
    word
    for line in (
        "best black brown case child church cook cross day dean field ford good grant green grey hall hill home hope",
        "king lake lane law long love march marsh may moon north park parent parish price rose school short south",
        "stone street summer west white wise wood young",
    )
    for word in line.split()
)
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor"])
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NHS = re.compile(r"(?<![\dA-Za-z])\d{3}[ .-]?\d{3}[ .-]?\d{4}(?![\dA-Za-z])")
_PHONE = re.compile(r"(?<![\w+])(?:\+44[ -]?\(?0?\)?[ -]?|\(?0)\d(?:[ ()-]{0,2}\d){8,9}(?!\d)")
_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,2}\d[A-Za-z\d]?\s{0,2}\d[ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}|GIR ?0AA)(?![A-Za-z0-9])"
)
_REFERENCE = re.compile(r"(?<![\w/-])(?=[\w/-]*\d)[A-Za-z0-9](?:[\w/-]*[A-Za-z0-9])?(?![\w/-]*[\w])")
SHORTEST_REFERENCE = 4


@dataclass(frozen=True)
class Hit:
    """Something found in a text: of which kind, where, and the words as they stand there."""

    kind: HitKind
    start: int
    end: int
    words: str

    @property
    def key(self) -> str:
        """What names these words in a form and in what was confirmed: the same however often they stand there."""
        said = f"{self.kind}:{' '.join(self.words.casefold().split())}"
        return hashlib.sha256(said.encode()).hexdigest()[:20]


def hits_in(text: str, *, staff: Iterable[str] = (), cases: Collection[str] = ()) -> tuple[Hit, ...]:
    """Everything in the text that must be removed, or confirmed with a reason, in the order of the text.

    A number of ten digits (a mistyped NHS number leads to a child all the same), a postcode, a telephone number, an
    e-mail address, the name of somebody who works here (in full, with an initial or a title, or the surname alone
    where it is no everyday word), and the reference of a case (`cases` are those among the words of `references_in`
    that exist).
    """
    found = [
        *_matches(_EMAIL, HitKind.EMAIL, text),
        *_matches(_NHS, HitKind.NHS_NUMBER, text),
        *_matches(_PHONE, HitKind.PHONE, text),
        *_matches(_POSTCODE, HitKind.POSTCODE, text),
        *_references(text, cases),
        *_names(text, staff),
    ]
    kept: list[Hit] = []
    for hit in sorted(found, key=lambda each: (each.start, -each.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return tuple(kept)


def unconfirmed(hits: Iterable[Hit], reasons: Mapping[str, str]) -> tuple[Hit, ...]:
    """The hits that nobody has given a reason for, each words once."""
    left = {hit.key: hit for hit in hits if not reasons.get(hit.key, "").strip()}
    return tuple(left.values())


def masked(text: str, hits: Iterable[Hit]) -> str:
    """The text with every hit put out of sight, saying of what kind it was: “[name removed]”."""
    words = {
        HitKind.NHS_NUMBER: "number", HitKind.POSTCODE: "postcode", HitKind.PHONE: "number",
        HitKind.EMAIL: "e-mail", HitKind.NAME: "name", HitKind.CASE: "reference",
    }  # fmt: skip
    for hit in sorted(hits, key=lambda each: each.start, reverse=True):
        text = f"{text[: hit.start]}[{words[hit.kind]} removed]{text[hit.end :]}"
    return text


def references_in(text: str) -> set[str]:
    """The words of the text that might be the reference of a case: those with a digit in them."""
    return {match.group() for match in _REFERENCE.finditer(text) if len(match.group()) >= SHORTEST_REFERENCE}


def _matches(pattern: re.Pattern[str], kind: HitKind, text: str) -> list[Hit]:
    return [Hit(kind, match.start(), match.end(), match.group()) for match in pattern.finditer(text)]


def _references(text: str, cases: Collection[str]) -> list[Hit]:
    known = {case.casefold() for case in cases}
    if not known:
        return []
    return [hit for hit in _matches(_REFERENCE, HitKind.CASE, text) if hit.words.casefold() in known]


def _names(text: str, staff: Iterable[str]) -> list[Hit]:
    """The names in the text: first and last name in either order, initial or title and surname, a rare surname.

    A double surname counts as one; its halves are names only after a first name, an initial or a title.
    """
    words = list(_WORD.finditer(text))
    spelt = [match.group().casefold() for match in words]
    surnames, halves = _surnames(staff)

    def near(one: int, other: int) -> bool:
        return one >= 0 and other < len(words) and _close(text, words[one].end(), words[other].start())

    def called(place: int, firsts: set[str]) -> bool:
        """Whether the word before is a first name, an initial or a title."""
        if not near(place - 1, place):
            return False
        before, word = spelt[place - 1], words[place - 1].group()
        initial = len(word) == 1 and word.isupper() and words[place].group()[:1].isupper()
        return before in firsts or before in _TITLES or (initial and before in {first[:1] for first in firsts})

    found = []
    for place, word in enumerate(spelt):
        for surname, firsts in surnames.get(word, {}).items():
            last = place + len(surname) - 1
            if tuple(spelt[place : last + 1]) != surname:
                continue
            start, end = words[place].start(), words[last].end()
            rare = words[place].group()[:1].isupper() and (len(surname) > 1 or (word not in _WORDS and len(word) > 2))
            if called(place, firsts):
                start = words[place - 1].start()
            elif near(last, last + 1) and spelt[last + 1] in firsts:
                end = words[last + 1].end()
            elif not rare:
                continue
            found.append(Hit(HitKind.NAME, start, end, text[start:end]))
        if word in halves and called(place, halves[word]):
            found.append(
                Hit(HitKind.NAME, words[place - 1].start(), words[place].end(),
                    text[words[place - 1].start() : words[place].end()])
            )  # fmt: skip
    return found


Surnames = dict[str, dict[tuple[str, ...], set[str]]]  # first word of a surname to the surname to the first names


def _surnames(staff: Iterable[str]) -> tuple[Surnames, dict[str, set[str]]]:
    surnames: Surnames = {}
    halves: dict[str, set[str]] = {}
    for name in staff:
        parts = name.split()
        if len(parts) < 2:
            continue
        first = tuple(match.group().casefold() for match in _WORD.finditer(parts[0]))
        last = tuple(match.group().casefold() for match in _WORD.finditer(parts[-1]))
        if not first or not last:
            continue
        surnames.setdefault(last[0], {}).setdefault(last, set()).add(first[0])
        if len(last) > 1:
            for half in last:
                halves.setdefault(half, set()).add(first[0])
    return surnames, halves


def _close(text: str, end: int, start: int) -> bool:
    """Whether two words stand side by side: only spaces, a full stop, a comma or a hyphen between them."""
    return bool(re.fullmatch(r"[ .,\-\n]{1,3}", text[end:start]))
