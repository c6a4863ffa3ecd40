"""Calibration (product.md PL-12): when grades are revealed, and how far auditors of one case agree among themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

AT_LEAST = 3


def is_a_calibration(auditors: int) -> bool:
    """A calibration takes at least three auditors: of two, each would know the other by the letter."""
    return auditors >= AT_LEAST


def reveals_its_grades(*, submitted: int, expected: int, due_on: date, today: date) -> bool:
    """The grades of a calibration are revealed together: once everybody has submitted, or when the last day is over."""
    return today > due_on or (expected > 0 and submitted >= expected)


@dataclass(frozen=True)
class Pairs:
    """How many pairs of auditors there are, how many gave the same grade, and how many no more than one apart."""

    n: int
    exact: int
    within_one: int

    def __add__(self, other: Pairs) -> Pairs:
        return Pairs(self.n + other.n, self.exact + other.exact, self.within_one + other.within_one)


def pairs_of(places: Sequence[int]) -> Pairs:
    """Every auditor of a calibration is compared with every other: the same grade, or within one grade.

    `places` are where their grades stand in the scheme, best first; whoever gave none is not among them.
    """
    steps = [abs(one - other) for one, other in combinations(places, 2)]
    return Pairs(len(steps), sum(step == 0 for step in steps), sum(step <= 1 for step in steps))


def spread_of(places: Sequence[int]) -> int | None:
    """The spread of a section is how many grades lie between the best and the worst that it was given; none of fewer than two."""  # noqa: E501  the first line is the sentence that the user reads
    return max(places) - min(places) if len(places) > 1 else None
