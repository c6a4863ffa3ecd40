"""The random plays of tests/audits, many and long. Part of `make faults` (ROUTE_EXAMPLES=60, ROUTE_STEPS=40)."""

from __future__ import annotations

import os

import pytest

from accounts.models import User
from cases.models import Case
from tests.audits.answering import play
from tests.audits.conftest import allocated, case, under_way
from tests.audits.route import Cast, drive
from tests.audits.test_random_answers import people
from tests.audits.test_random_routes import cast

__all__ = ["allocated", "case", "cast", "people", "under_way"]  # the fixtures of that folder

# Ten minutes once are enough; SQLite plays the short ones.
pytestmark = [pytest.mark.slow, pytest.mark.postgres]

EXAMPLES, STEPS = int(os.environ.get("ROUTE_EXAMPLES", "60")), int(os.environ.get("ROUTE_STEPS", "40"))


def test_many_long_random_plays(cast: Cast) -> None:
    drive(cast, examples=EXAMPLES, steps=STEPS)


def test_many_long_random_plays_of_what_follows_the_feedback(case: Case, people: dict[str, User]) -> None:
    play(case, people, examples=EXAMPLES, steps=STEPS)
