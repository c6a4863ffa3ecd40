"""How a figure is coloured and which way it moved: one sentence each. No colour where none is honest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from assurance_clinics.choices import Basis, DefinitionStatus, FigureKind, IndicatorKind, Polarity, Rag
from audits.rules.arithmetic import newcombe_difference
from audits.rules.suppression import told_along, with_the_rest

SMALL = 5
"""Counts of 1 to SMALL - 1 are not shown outside the QA unit (product.md, NK-8)."""

BETTER, WORSE, SAME, UNCLEAR = "better", "worse", "no change", "no clear change"
NO_JUDGEMENT = "no judgement"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What of a definition a figure is judged by."""

    kind: str
    basis: str
    polarity: str
    status: str = DefinitionStatus.CONFIRMED


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is judged: `numerator` and `denominator` where both are known."""

    kind: str
    value: Decimal | None = None
    numerator: int | None = None
    denominator: int | None = None

    def exact(self, kind: str) -> Fraction | None:
        """The exact figure: of a percentage with both its counts their quotient, never the printed one."""
        if self.kind != FigureKind.NUMBER or self.value is None:
            return None
        if kind == IndicatorKind.PERCENTAGE and self.numerator is not None and self.denominator:
            return Fraction(100 * self.numerator, self.denominator)
        return Fraction(self.value)


@dataclass(frozen=True, slots=True)
class Aim:
    """A target: `upper` is the top of a range, `tolerance` how far from it still counts as near."""

    value: Decimal | None
    upper: Decimal | None = None
    tolerance: Decimal | None = None
    annual: bool = False


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour with its letter and words, or None; `sentence` says why in either case."""

    rag: Rag | None
    sentence: str

    @property
    def letter(self) -> str:
        """R, A or G; "" where there is no colour."""
        return self.rag.value if self.rag else ""

    @property
    def words(self) -> str:
        """Red, Amber or Green; "" where there is no colour."""
        return str(self.rag.label) if self.rag else ""


def colour(figure: Figure, aim: Aim | None, meaning: Meaning) -> Colour:
    """A figure is green where it meets its target, amber where it misses it by no more than the tolerance, else red.

    The exact figure is compared, never the rounded one. There is no colour without a target, for an indicator of which
    neither way is better, for what is not a number, for a definition that is still a draft, and for a sum since April
    against a target for the whole year.
    """
    exact = figure.exact(meaning.kind)
    if exact is None:
        return Colour(None, "No colour: there is no number to judge.")
    if meaning.polarity == Polarity.NONE:
        return Colour(None, "No colour: neither higher nor lower is better.")
    if aim is None or aim.value is None:
        return Colour(None, "No colour: there is no target.")
    if meaning.status == DefinitionStatus.DRAFT:
        return Colour(None, "No colour: the definition is a draft, and nobody has confirmed which way is better.")
    if meaning.basis == Basis.CUMULATIVE and aim.annual:
        return Colour(None, "No colour: the figure runs from April and the target is for the whole year.")
    if meaning.polarity == Polarity.RANGE and aim.upper is None:
        return Colour(None, "No colour: the target has no upper end.")
    missed = _missed_by(exact, aim, meaning.polarity)
    if missed <= 0:
        return Colour(Rag.GREEN, "Green: meets the target.")
    if aim.tolerance and missed <= Fraction(aim.tolerance):
        return Colour(Rag.AMBER, f"Amber: misses the target by no more than the tolerance of {_plain(aim.tolerance)}.")
    return Colour(Rag.RED, "Red: misses the target.")


def _missed_by(exact: Fraction, aim: Aim, polarity: str) -> Fraction:
    """By how much a figure misses its target; 0 or less where it meets it."""
    target = Fraction(aim.value or 0)
    if polarity == Polarity.HIGHER:
        return target - exact
    if polarity == Polarity.LOWER:
        return exact - target
    return max(target - exact, exact - Fraction(aim.upper or 0))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


@dataclass(frozen=True, slots=True)
class Direction:
    """Which way a figure moved: an arrow, and what the movement means in words; both "" where nothing can be said."""

    arrow: str
    meaning: str
    sentence: str


def direction(
    before: Figure | None, now: Figure, meaning: Meaning, *, month: date, changed_definition: bool = False,
    aim: Aim | None = None,
) -> Direction:  # fmt: skip
    """How a month's figure stands to the month before: up, down or level, and better or worse by the polarity.

    Where both counts of both months are known, a movement of a share is called a change only where the data support it
    (the 95% Newcombe interval of the difference leaves out 0). Where neither way is better there is no judgement.
    Nothing is said across a change of definition, nor between March and April of a sum that starts again.
    """
    exact = now.exact(meaning.kind)
    earlier = before.exact(meaning.kind) if before else None
    if exact is None or earlier is None:
        return Direction("", "", "There are not two numbers to compare.")
    if changed_definition:
        return Direction("", "", "The definition changed, so the two months cannot be compared.")
    if meaning.basis == Basis.CUMULATIVE and month.month == 4:
        return Direction("", "", "The count began again in April.")
    if exact == earlier:
        return Direction("→", SAME, "The same as the month before.")
    arrow, word = ("↑", "Up") if exact > earlier else ("↓", "Down")
    if meaning.kind == IndicatorKind.PERCENTAGE and before and not _is_clear(before, now):
        return Direction(arrow, UNCLEAR, f"{word} on the month before: no clear change.")
    meant = verdict(earlier, exact, meaning.polarity, aim) or NO_JUDGEMENT
    return Direction(arrow, meant, f"{word} on the month before: {meant}.")


def _is_clear(before: Figure, now: Figure) -> bool:
    if before.numerator is None or not before.denominator or now.numerator is None or not now.denominator:
        return True
    interval = newcombe_difference(now.numerator, now.denominator, before.numerator, before.denominator)
    return interval is None or interval[0] > 0 or interval[1] < 0


def verdict(before: Fraction, now: Fraction, polarity: str, aim: Aim | None) -> str:
    """Better, worse or no change by the polarity; "" where neither way is better."""
    if now == before:
        return SAME
    if polarity == Polarity.HIGHER:
        return BETTER if now > before else WORSE
    if polarity == Polarity.LOWER:
        return BETTER if now < before else WORSE
    if polarity == Polarity.RANGE and aim is not None and aim.value is not None and aim.upper is not None:
        then, there = (max(Fraction(0), _missed_by(each, aim, polarity)) for each in (before, now))
        if then == there:
            return SAME
        return BETTER if there < then else WORSE
    return ""


def counts_in(kind: str, figure: Figure) -> dict[str, int]:
    """The counts that a figure tells: its numerator, its denominator and the rest of it, or the number that it is."""
    if figure.kind != FigureKind.NUMBER or figure.value is None:
        return {}
    if figure.numerator is not None and figure.denominator is not None:
        counts = {"n": figure.numerator, "of": figure.denominator}
        return counts | {"rest": figure.denominator - figure.numerator} if kind == IndicatorKind.PERCENTAGE else counts
    whole = figure.value == int(figure.value)
    return {"n": int(figure.value)} if kind == IndicatorKind.NUMBER and whole else {}


def is_small(kind: str, figure: Figure) -> bool:
    """Whether a figure would show a count of 1 to 4: in its numerator, in the rest of its denominator, or itself."""
    if figure.kind != FigureKind.NUMBER or figure.value is None:
        return False
    if figure.numerator is None or figure.denominator is None:
        return kind == IndicatorKind.NUMBER and 0 < figure.value < SMALL
    return any(0 < count < SMALL for count in counts_in(kind, figure).values())


def told(
    kind: str, months: Sequence[Figure | None], parts: Sequence[Mapping[Any, Figure]], *, cumulative: bool
) -> tuple[bool, ...]:
    """Which months of a figure of the department are told outside the QA unit: those that show no count of 1 to 4,
    neither in the figure nor in what is left of it without any one service, whose managers know the service's own. A
    figure that counts from April must not have moved by so few since the last one that is told, either.

    `months` are in order, of a figure that counts from April those of one financial year from April on. `parts` has
    for each month the figure of each service that has one.
    """
    known = {service for services in parts for service in services}
    runs: list[dict[str, int] | None] = []
    for figure, services in zip(months, parts, strict=True):
        counts = counts_in(kind, figure) if figure else {}
        own = {service: counts_in(kind, part) for service, part in services.items()}
        runs.append(with_the_rest(counts, own, known) if counts else None)
    grown = told_along(runs, SMALL) if cumulative else (True,) * len(runs)
    return tuple(
        run is None or (far and not any(0 < count < SMALL for count in run.values()))
        for run, far in zip(runs, grown, strict=True)
    )
