"""What an indicator did over clinics: red for two running, better for three; and what may not be left at that.

A reading is what an indicator said at one clinic. Two clinics that looked at the same month are one reading: nothing
new was known at the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from assurance_clinics.choices import FigureKind, Polarity, Rag
from assurance_clinics.rules.judging import BETTER, Aim, Figure, Meaning, verdict

NO_ACTION_AT_LEAST = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What an indicator said at a clinic: the month looked at, the figure as judged, its colour, and as printed."""

    period: date
    figure: Figure
    rag: Rag | None
    shown: str = ""


def by_period(readings: Iterable[Reading]) -> list[Reading]:
    """Readings of different months, the latest month first; of two of one month the first given stands."""
    found: dict[date, Reading] = {}
    for reading in readings:
        found.setdefault(reading.period, reading)
    return [found[period] for period in sorted(found, reverse=True)]


def red_twice(readings: Iterable[Reading]) -> str:
    """An indicator is red for two clinics running where it was red at this clinic and at the last one before it that
    looked at another month. "" where it was not."""
    two = by_period(readings)[:2]
    if len(two) < 2 or any(each.rag != Rag.RED for each in two):
        return ""
    now, before = two
    return f"Red for two clinics running: {_said(before)} and {_said(now)}."


def better_for_three(readings: Iterable[Reading], meaning: Meaning, aim: Aim | None) -> str:
    """An indicator is better for three clinics running where it improved at each of the last three that looked at
    different months, against the one before. "" where it did not."""
    four = list(reversed(by_period(readings)[:4]))
    if len(four) < 4 or meaning.polarity == Polarity.NONE:
        return ""
    exact: list[Fraction] = []
    for each in four:
        number = each.figure.exact(meaning.kind) if each.figure.kind == FigureKind.NUMBER else None
        if number is None:
            return ""
        exact.append(number)
    steps = pairwise(exact)
    if any(verdict(before, now, meaning.polarity, aim) != BETTER for before, now in steps):
        return ""
    return f"Better for three clinics running: {', '.join(_said(each) for each in four)}."


def _said(reading: Reading) -> str:
    return f"{reading.shown or '-'} in {reading.period:%B %Y}"


@dataclass(frozen=True, slots=True)
class Number:
    """One indicator at the end of a clinic: whether it is red twice running, its actions, and why it has none. `key` is
    what the caller knows it by."""

    key: Any
    wording: str
    red_twice: bool
    actions: int
    why_no_action: str


def reasons_not_to_close(numbers: Sequence[Number]) -> list[tuple[Any, str]]:
    """A clinic cannot be closed with an indicator that was red for two clinics running and has neither an action nor a
    reason of at least 20 characters. Each is given by its key, with the sentence."""
    return [
        (
            each.key,
            f"“{each.wording}” was red for two clinics running. Give it an action, or say why it needs none "
            f"(at least {NO_ACTION_AT_LEAST} characters).",
        )
        for each in numbers
        if each.red_twice and not each.actions and len(each.why_no_action.strip()) < NO_ACTION_AT_LEAST
    ]
