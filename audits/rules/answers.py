"""What answers to one question come to across audits: counts, and the middle of numbers and dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from audits.choices import CHOSEN_KINDS, QuestionKind
from audits.rules.arithmetic import largest_remainder

NUMBER_KINDS = (QuestionKind.NUMBER, QuestionKind.SCALE)
COUNTED_KINDS = (*CHOSEN_KINDS, *NUMBER_KINDS, QuestionKind.DATE)


@dataclass(frozen=True)
class Middle:
    """The median of numbers or dates, with the lowest and the highest."""

    median: float | date
    lowest: float | date
    highest: float | date


def wording(text: str) -> str:
    """A wording as it is compared: the same whatever the spaces and the case of its letters."""
    return " ".join(text.split()).casefold()


def count_of_choices(values: Iterable[tuple[Any, int]]) -> Counter[str]:
    """How often each choice was given. `values` are (key or list of keys, how often); each of a list counts once."""
    found: Counter[str] = Counter()
    for value, times in values:
        for key in set(value) if isinstance(value, list) else {value}:
            found[str(key)] += times
    return found


def middle(kind: str, values: Iterable[tuple[Any, int]]) -> Middle | None:
    """The median of (value, how often). Of an even number of numbers it is the mean of the two in the middle; of an
    even number of dates the earlier of the two. None where there is nothing."""
    counted = Counter[Any]()
    for value, times in values:
        known = _read(kind, value)
        if known is not None:
            counted[known] += times
    total = sum(counted.values())
    if not total:
        return None
    ordered = sorted(counted.items())
    low, high = _at(ordered, (total - 1) // 2), _at(ordered, total // 2)
    median = low if isinstance(low, date) or low == high else (low + high) / 2
    return Middle(median, ordered[0][0], ordered[-1][0])


def _read(kind: str, value: Any) -> float | date | None:
    if kind == QuestionKind.DATE:
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _at(ordered: Iterable[tuple[Any, int]], place: int) -> Any:
    for value, times in ordered:
        if place < times:
            return value
        place -= times
    raise IndexError(place)


def percents(counts: Sequence[int], n: int, *, several: bool) -> tuple[int, ...]:
    """The whole percents of the answers to one question. They add to 100 (as in a grade table, where the later answer
    wins a tie), unless several may be chosen: then each is rounded by itself. Nothing is asked of n = 0."""
    if several:
        return tuple((200 * count + n) // (2 * n) if n else 0 for count in counts)
    return largest_remainder(counts) or tuple(0 for _ in counts)


def hidden_choices(counts: Mapping[str, int], n: int, *, k: int, several: bool) -> set[str]:
    """The choices whose counts are withheld from readers outside the QA unit (product.md NK-8).

    A count from 1 to k-1 goes. Where the counts add up to n, a second one goes with it, the smallest that is shown,
    so that it cannot be worked out. Where several may be chosen, a count that leaves out only 1 to k-1 goes too.
    """
    hidden = {key for key, count in counts.items() if 0 < count < k}
    if several:
        return hidden | {key for key, count in counts.items() if 0 < n - count < k}
    if 0 < n < k:
        return set(counts)
    left = [key for key in counts if key not in hidden and counts[key]]
    while hidden and sum(counts[key] for key in hidden) < k and left:
        hidden.add(left.pop(min(range(len(left)), key=lambda place: counts[left[place]])))
    if len(hidden) == 1:
        hidden |= {min(left, key=lambda key: counts[key])} if left else set(counts)
    return hidden
