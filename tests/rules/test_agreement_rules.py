"""Agreement between auditors and moderation: counted exactly, and kappa as published examples have it."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.choices import GRADES, Grade
from audits.rules.agreement import agreement, kappa_words, linear_weighted_kappa

O, G, R, I = Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE  # noqa: E741  as in a table
Table = tuple[tuple[int, ...], ...]

# Two readers judge 110 mammograms as absent, minimal, moderate, severe: Kundel and Polansky, "Measurement of observer
# agreement", Radiology 228, 2003, 303-308, table A1. The table as data:
# https://github.com/vincentarelbundock/Rdatasets/blob/b8ed88208b9ede21a7c6e2ce3d8e0f2608090f25/csv/vcdExtra/Mammograms.csv
# R's vcd::Kappa, whose weights are the linear ("equal-spacing") ones unless told otherwise, prints "Weighted 0.5964":
# https://friendly.github.io/vcdExtra/reference/Mammograms.html
MAMMOGRAMS = ((34, 10, 2, 0), (6, 8, 8, 2), (2, 5, 4, 12), (0, 1, 2, 14))
# Three steps, one of which a rater never gave. SAS prints "Weighted Kappa 0.4701", as statsmodels keeps that printout
# (`table10` and `TestWeightedCohens`, weights 0, 1, 2):
# https://github.com/statsmodels/statsmodels/blob/039c320d9237ac92faed99a0b6fb0cea538457d5/statsmodels/stats/tests/test_inter_rater.py
SAS_PRINTOUT = ((0, 4, 1), (0, 8, 0), (0, 1, 5))


@pytest.mark.parametrize(("table", "published"), [(MAMMOGRAMS, 0.5964), (SAS_PRINTOUT, 0.4701)])
def test_kappa_is_that_of_the_published_examples(table: Table, published: float) -> None:
    kappa = linear_weighted_kappa(table)
    assert kappa is not None
    assert round(kappa, 4) == published


def another_kappa(table: Table) -> float | None:
    """Written anew from the raters' side: one minus the mean distance seen over the mean distance by chance."""
    pairs = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    if not pairs:
        return None
    seen = sum(abs(i - j) for i, j in pairs) / len(pairs)
    chance = sum(abs(i - j) for (i, _), (_, j) in product(pairs, pairs)) / len(pairs) ** 2
    return None if chance == 0 else 1 - seen / chance


@given(st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=4, max_size=4))
def test_kappa_is_that_of_an_implementation_of_its_own(cells: list[list[int]]) -> None:
    table = tuple(tuple(row) for row in cells)
    kappa, other = linear_weighted_kappa(table), another_kappa(table)
    assert (kappa is None) == (other is None)
    assert kappa is None or other is None or kappa == pytest.approx(other)


def test_the_figures_of_a_small_table() -> None:
    figures = agreement({(G, G): 3, (G, R): 2, (O, R): 1, (I, R): 1, (R, R): 0})
    assert (figures.n, figures.exact, figures.within_one, figures.over, figures.under) == (7, 3, 6, 3, 1)
    assert figures.matrix == ((0, 0, 1, 0), (0, 3, 2, 0), (0, 0, 0, 0), (0, 0, 1, 0))
    assert figures.leniency == pytest.approx(3 / 7)
    assert (figures.good_before, figures.good_after) == (6, 3)


def test_kappa_is_shown_from_twenty_audits_on() -> None:
    assert agreement({(G, G): 10, (R, G): 9}).kappa is None
    assert agreement({(G, G): 10, (R, G): 5, (R, R): 5}).kappa is not None


def test_where_everybody_gives_one_grade_kappa_says_nothing() -> None:
    figures = agreement({(G, G): 40})
    assert (figures.exact, figures.kappa) == (40, None)


def test_nothing_moderated_is_no_figure() -> None:
    figures = agreement({})
    assert (figures.n, figures.leniency, figures.kappa) == (0, None, None)


def test_a_grade_that_maps_to_none_of_the_four_is_not_counted() -> None:
    assert agreement({("", G): 4, (G, ""): 2, (G, G): 1}).n == 1


@pytest.mark.parametrize(
    ("kappa", "words"),
    [
        (-0.1, "less than chance"),
        (0.2, "slight"),
        (0.21, "fair"),
        (0.6, "moderate"),
        (0.8, "substantial"),
        (1, "almost perfect"),
    ],
)
def test_kappa_in_words(kappa: float, words: str) -> None:
    assert kappa_words(kappa) == words


def test_the_grades_are_those_of_the_matrix() -> None:
    assert tuple(GRADES) == (O, G, R, I)
