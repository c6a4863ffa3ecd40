"""Issue 5 item 7: no small number follows from the counts that are published of neighbouring quarters."""

from __future__ import annotations

import random
from datetime import date
from itertools import product

import pytest

from audits.rules.suppression import Dimension, Place, cube_of, withheld_cells
from reports.rules.editions import is_quarter
from reports.rules.periods import earlier
from tests.rules.test_suppressed_cubes import Cube, worked_out

MONTHS = [earlier(date(2027, 3, 1), back) for back in range(36)]


def published(rng: random.Random, *, halves: bool) -> tuple[Cube, frozenset[Place]]:
    """The counts of two quarters, each withheld by itself as the files are; `halves`: and those of both together."""
    times = ["q1", "q2", *(["half"] if halves else [])]
    names = [f"n{place}" for place in range(rng.randint(1, 5))]
    bands = [f"b{place}" for place in range(rng.randint(2, 3))]
    dimensions = (
        Dimension({"q1": "half" if halves else "", "q2": "half" if halves else "", **({"half": ""} if halves else {})}),
        Dimension({**dict.fromkeys(names, "all"), "all": ""}),
        Dimension({**dict.fromkeys(bands, "n"), "n": ""}),
    )
    leaves = {place: rng.choice((0, rng.randint(0, 12), rng.randint(0, 30))) for place in product(
        ("q1", "q2"), names, bands
    )}  # fmt: skip
    counts = cube_of(dimensions, leaves)
    withheld: set[Place] = set()
    for time in times:
        rows = [[counts[time, name, band] for band in bands] for name in names]
        for row, column in withheld_cells(rows):
            withheld.add((time, [*names, "all"][row], [*bands, "n"][column]))
    return (dimensions, counts), frozenset(withheld)


def test_any_two_periods_that_can_be_published_are_the_same_or_share_no_month() -> None:
    periods = [(first, last) for first, last in product(MONTHS, MONTHS) if is_quarter(first, last)]
    assert len(periods) == 12
    for one, other in product(periods, periods):
        assert one == other or one[1] < other[0] or other[1] < one[0]


@pytest.mark.parametrize("seed", range(4))
def test_no_small_number_follows_from_the_counts_of_neighbouring_quarters(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(250):
        cube, withheld = published(rng, halves=False)
        assert worked_out(cube, withheld) == set()


def test_counts_of_both_together_would_give_small_numbers_away() -> None:
    """Why a longer time is not published beside its quarters, and a quarter not twice: they could be subtracted."""
    rng = random.Random(1)
    assert any(worked_out(*published(rng, halves=True)) for _ in range(50))
