"""Calibration: when grades are revealed, and how pairs and spread are counted; by hand and against every pair."""

from __future__ import annotations

import random
from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.rules.calibrating import Pairs, is_a_calibration, pairs_of, reveals_its_grades, spread_of

LAST = date(2026, 6, 12)


@pytest.mark.parametrize(("auditors", "enough"), [(0, False), (2, False), (3, True), (9, True)])
def test_is_a_calibration(auditors: int, enough: bool) -> None:
    assert is_a_calibration(auditors) is enough


@pytest.mark.parametrize(
    ("submitted", "expected", "today", "revealed"),
    [
        (2, 3, LAST, False),
        (3, 3, date(2026, 6, 1), True),
        (0, 3, date(2026, 6, 13), True),
        (0, 0, LAST, False),
        (0, 0, date(2026, 6, 13), True),
    ],
)
def test_reveals_its_grades(submitted: int, expected: int, today: date, revealed: bool) -> None:
    assert reveals_its_grades(submitted=submitted, expected=expected, due_on=LAST, today=today) is revealed


@pytest.mark.parametrize(
    ("places", "pairs", "spread"),
    [
        ([], (0, 0, 0), None),
        ([2], (0, 0, 0), None),
        ([1, 1], (1, 1, 1), 0),
        ([0, 1, 3], (3, 0, 1), 3),
        ([1, 1, 2, 3], (6, 1, 4), 2),  # 11 exact; 12 12 23 within one; 13 13 further apart
    ],
)
def test_pairs_of(places: list[int], pairs: tuple[int, int, int], spread: int | None) -> None:
    assert pairs_of(places) == Pairs(*pairs)
    assert spread_of(places) == spread


@given(st.lists(st.integers(0, 3), max_size=9), st.randoms())
def test_spread_of(places: list[int], shuffled: random.Random) -> None:
    found = pairs_of(places)
    every = list(combinations(places, 2))
    assert found == Pairs(len(every), sum(a == b for a, b in every), sum(a - b in (-1, 0, 1) for a, b in every))
    again = list(places)
    shuffled.shuffle(again)
    assert (pairs_of(again), spread_of(again)) == (found, spread_of(places))
    assert (found.exact == found.n) == (not spread_of(places))
