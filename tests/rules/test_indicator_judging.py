"""Colours and directions: one sentence each, and none where none is honest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assurance_clinics.choices import Basis, DefinitionStatus, FigureKind, IndicatorKind, Polarity
from assurance_clinics.rules.judging import Aim, Figure, Meaning, colour, direction, is_small

MARCH = date(2026, 3, 1)
HIGHER = Meaning(IndicatorKind.PERCENTAGE, Basis.SNAPSHOT, Polarity.HIGHER)
LOWER = Meaning(IndicatorKind.PERCENTAGE, Basis.SNAPSHOT, Polarity.LOWER)
RANGE = Meaning(IndicatorKind.NUMBER, Basis.SNAPSHOT, Polarity.RANGE)
TARGET = Aim(Decimal(90), tolerance=Decimal(5))


def figure(value: str, n: int | None = None, d: int | None = None) -> Figure:
    return Figure(FigureKind.NUMBER, Decimal(value), n, d)


@pytest.mark.parametrize(
    ("value", "meaning", "letter"),
    [
        ("90", HIGHER, "G"), ("89.9", HIGHER, "A"), ("85", HIGHER, "A"), ("84.9", HIGHER, "R"),
        ("90", LOWER, "G"), ("90.1", LOWER, "A"), ("95", LOWER, "A"), ("95.1", LOWER, "R"),
    ],
)  # fmt: skip
def test_green_amber_and_red_by_the_polarity(value: str, meaning: Meaning, letter: str) -> None:
    found = colour(figure(value), TARGET, meaning)
    assert found.letter == letter
    assert found.sentence.startswith(found.words)


@pytest.mark.parametrize(("value", "letter"), [("10", "G"), ("20", "G"), ("9", "A"), ("22", "A"), ("7", "R")])
def test_a_range_has_two_ends(value: str, letter: str) -> None:
    assert colour(figure(value), Aim(Decimal(10), Decimal(20), Decimal(2)), RANGE).letter == letter


def test_the_exact_share_is_judged_and_not_the_printed_one() -> None:
    nearly = figure("90", 8999, 10000)
    assert colour(nearly, Aim(Decimal(90)), HIGHER).letter == "R"


def test_without_a_tolerance_there_is_no_amber() -> None:
    assert colour(figure("89"), Aim(Decimal(90)), HIGHER).letter == "R"


@pytest.mark.parametrize(
    ("now", "aim", "meaning"),
    [
        (figure("80"), None, HIGHER),
        (figure("80"), Aim(None), HIGHER),
        (figure("80"), TARGET, Meaning(IndicatorKind.PERCENTAGE, Basis.SNAPSHOT, Polarity.NONE)),
        (Figure(FigureKind.TO_BE_CONFIRMED), TARGET, HIGHER),
        (Figure(FigureKind.SUPPRESSED), TARGET, HIGHER),
        (Figure(FigureKind.BLANK), TARGET, HIGHER),
        (
            figure("80"),
            Aim(Decimal(90), annual=True),
            Meaning(IndicatorKind.NUMBER, Basis.CUMULATIVE, Polarity.HIGHER),
        ),
        (
            figure("80"),
            TARGET,
            Meaning(IndicatorKind.PERCENTAGE, Basis.SNAPSHOT, Polarity.HIGHER, DefinitionStatus.DRAFT),
        ),
    ],
)
def test_no_colour_where_none_is_honest(now: Figure, aim: Aim | None, meaning: Meaning) -> None:
    found = colour(now, aim, meaning)
    assert found.letter == ""
    assert found.sentence.startswith("No colour: ")


@pytest.mark.parametrize(
    ("before", "now", "meaning", "arrow", "said"),
    [
        ("80", "90", HIGHER, "↑", "better"), ("90", "80", HIGHER, "↓", "worse"), ("80", "80", HIGHER, "→", "no change"),
        ("80", "90", LOWER, "↑", "worse"), ("90", "80", LOWER, "↓", "better"),
        ("80", "90", Meaning(IndicatorKind.NUMBER, Basis.IN_MONTH, Polarity.NONE), "↑", "no judgement"),
        ("80", "90", Meaning(IndicatorKind.NUMBER, Basis.IN_MONTH, Polarity.RANGE), "↑", "no judgement"),
    ],
)  # fmt: skip
def test_the_words_follow_the_polarity(before: str, now: str, meaning: Meaning, arrow: str, said: str) -> None:
    found = direction(figure(before), figure(now), meaning, month=MARCH)
    assert (found.arrow, found.meaning) == (arrow, said)


def test_a_movement_that_chance_would_give_is_no_clear_change() -> None:
    few = direction(figure("50", 2, 4), figure("75", 3, 4), HIGHER, month=MARCH)
    many = direction(figure("50", 200, 400), figure("75", 300, 400), HIGHER, month=MARCH)
    assert (few.meaning, many.meaning) == ("no clear change", "better")


def test_nothing_is_said_across_a_new_definition_or_a_new_year() -> None:
    assert not direction(figure("80"), figure("90"), HIGHER, month=MARCH, changed_definition=True).arrow
    since_april = Meaning(IndicatorKind.NUMBER, Basis.CUMULATIVE, Polarity.HIGHER)
    assert not direction(figure("80"), figure("5"), since_april, month=date(2026, 4, 1)).arrow
    assert direction(figure("5"), figure("9"), since_april, month=date(2026, 5, 1)).arrow
    assert not direction(None, figure("9"), HIGHER, month=MARCH).arrow


@pytest.mark.parametrize(
    ("n", "d", "small"), [(0, 20, False), (1, 20, True), (4, 20, True), (5, 20, False), (16, 20, True), (20, 20, False)]
)
def test_a_small_count_in_either_part_is_small(n: int, d: int, small: bool) -> None:
    assert is_small(IndicatorKind.PERCENTAGE, figure("1", n, d)) is small
