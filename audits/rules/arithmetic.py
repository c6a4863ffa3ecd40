"""The arithmetic of grade tables (product.md section 15): integers where a reader sees integers, nothing for n = 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, sqrt
from typing import Literal

TARGET = 70  # percent good or outstanding
SMALL = 5  # fewer audits than this are marked as a small number
_Z = 1.959963984540054  # the 97.5th percentile of the normal distribution, for 95% intervals

Verdict = Literal["better", "worse", "no clear change"]


@dataclass(frozen=True)
class Percentages:
    """Whole percents of one row. The three bands add to 100; outstanding and good add to their band."""

    good_or_outstanding: int
    requires_improvement: int
    inadequate: int
    outstanding: int
    good: int


def largest_remainder(counts: Sequence[int], points: int = 100) -> tuple[int, ...] | None:
    """Share `points` over `counts`, given best first: integers that add to `points`; None where there is nothing.

    Each gets `points*count // n`; what is left goes to the largest remainders, and a tie goes to the
    more serious grade, which is the later one. Raises ValueError on a negative count.
    """
    if any(count < 0 for count in counts):
        raise ValueError("A count cannot be negative.")
    total = sum(counts)
    if not total:
        return None
    shares = [points * count // total for count in counts]
    remainders = [points * count % total for count in counts]
    by_need = sorted(range(len(counts)), key=lambda place: (remainders[place], place), reverse=True)
    for place in by_need[: points - sum(shares)]:
        shares[place] += 1
    return tuple(shares)


def percentages(outstanding: int, good: int, requires_improvement: int, inadequate: int) -> Percentages | None:
    """The printed percents of four counts; None where n is 0.

    Bands first, then grades: the three bands are rounded to 100, then the points of good or outstanding
    are shared between the two, so that a page never shows two figures for good or better.
    """
    bands = largest_remainder((outstanding + good, requires_improvement, inadequate))
    if bands is None:
        return None
    best, second = largest_remainder((outstanding, good), bands[0]) or (0, 0)
    return Percentages(bands[0], bands[1], bands[2], outstanding=best, good=second)


def meets_target(good_or_better: int, n: int, target: int = TARGET) -> bool | None:
    """Whether the exact share reaches `target` percent: never tested on a rounded figure. None where n is 0."""
    return 100 * good_or_better >= target * n if n else None


def exact_percent(count: int, n: int, against: int = TARGET) -> str | None:
    """The share to one place, or to as many as show on which side of `against` it lies: "69.6", "69.98".

    A share below the target never reads as the target. None where n is 0.
    """
    if not n:
        return None
    places = 1
    while True:
        scale = 10**places
        rounded = (200 * count * scale + n) // (2 * n)
        if (rounded >= against * scale) == (100 * count >= against * n):
            return f"{rounded // scale}.{rounded % scale:0{places}}"
        places += 1


def wilson(count: int, n: int) -> tuple[int, int] | None:
    """The 95% Wilson interval of `count` of `n`, in whole percents; None where n is 0. 11 of 17 gives 41 to 83."""
    if not n:
        return None
    low, high = _wilson(count, n)
    return floor(100 * low + 0.5), floor(100 * high + 0.5)


def newcombe_difference(count: int, n: int, count_before: int, n_before: int) -> tuple[float, float] | None:
    """The 95% interval of the difference of two shares, now less before, each from -1 to 1; None where an n is 0.

    Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10): built from the two Wilson intervals.
    """
    if not n or not n_before:
        return None
    now, before = count / n, count_before / n_before
    low, high = _wilson(count, n)
    low_before, high_before = _wilson(count_before, n_before)
    difference = now - before
    return (
        difference - sqrt((now - low) ** 2 + (high_before - before) ** 2),
        difference + sqrt((high - now) ** 2 + (before - low_before) ** 2),
    )


def change(good_or_better: int, n: int, good_or_better_before: int, n_before: int) -> Verdict | None:
    """Whether the share of good or better moved: called a change only where the interval excludes 0.

    None where one of the two periods has no audits.
    """
    interval = newcombe_difference(good_or_better, n, good_or_better_before, n_before)
    if interval is None:
        return None
    if interval[0] > 0:
        return "better"
    return "worse" if interval[1] < 0 else "no clear change"


def is_small(n: int) -> bool:
    """Whether a figure rests on so few audits that it must be marked."""
    return 0 < n < SMALL


def _wilson(count: int, n: int) -> tuple[float, float]:
    """The interval as two shares from 0 to 1."""
    if not 0 <= count <= n:
        raise ValueError(f"{count} of {n} is not a share.")
    share, spread = count / n, _Z * _Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # At the ends the formula gives exactly 0 and 1; the machine's arithmetic may miss them by a hair.
    return (0.0 if count == 0 else middle - half), (1.0 if count == n else middle + half)
