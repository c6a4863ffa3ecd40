"""The random plays of tests/audits, many and long. Part of `make faults` (ROUTE_EXAMPLES=60, ROUTE_STEPS=40)."""

from __future__ import annotations

import os

from tests.audits.conftest import allocated, case, under_way
from tests.audits.route import Cast, drive
from tests.audits.test_random_routes import cast

__all__ = ["allocated", "case", "cast", "under_way"]  # the fixtures of that folder


def test_many_long_random_plays(cast: Cast) -> None:
    drive(cast, examples=int(os.environ.get("ROUTE_EXAMPLES", "60")), steps=int(os.environ.get("ROUTE_STEPS", "40")))
