"""A worker killed with -9 in the middle loses nothing and doubles nothing. The long run of it: `make faults`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.kills import SETTINGS, run_kills, tables
from tests.faults.processes import celery_processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.postgres]


def test_a_killed_worker_loses_and_doubles_nothing(tmp_path: Path, empty_redis: str) -> None:
    environ = {"DJANGO_SETTINGS_MODULE": SETTINGS, "JOB_LEASE_SECONDS": "5"}
    with tables(), celery_processes(tmp_path, empty_redis, **environ) as processes:
        outcome = run_kills(processes, jobs=120, kills=3, seconds_a_job=0.12)
    print(f"\n{outcome}")
    assert (outcome.found, outcome.lost, outcome.duplicated) == (outcome.submitted, 0, 0), outcome
    assert outcome.max_recovery <= 30, outcome
