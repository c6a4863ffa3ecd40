"""Ten thousand random cubes against the attacker of tests/rules/test_suppressed_cubes.py: `make faults` runs this."""

from __future__ import annotations

import pytest

from tests.rules.test_suppressed_cubes import attack

# It asks no database, so once is enough.
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


def test_no_small_number_of_ten_thousand_random_cubes_is_shown_or_follows() -> None:
    attack(10_000, seed=70710678)
