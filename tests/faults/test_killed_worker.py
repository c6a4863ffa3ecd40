"""A worker killed with -9 in the middle loses nothing and doubles nothing. The long run of it: `make faults`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import OrgUnit, User
from core.jobs.choices import ExportStatus
from core.jobs.services import ExportRefused, exporting, open_export
from learning.models import Pack
from learning.services.packs import request_pack
from tests.faults import papers
from tests.faults.kills import SETTINGS, run_kills, tables, unfinished
from tests.faults.processes import celery_processes, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.postgres]


def test_a_killed_worker_loses_and_doubles_nothing(tmp_path: Path, empty_redis: str) -> None:
    environ = {"DJANGO_SETTINGS_MODULE": SETTINGS, "JOB_LEASE_SECONDS": "5"}
    with tables(), celery_processes(tmp_path, empty_redis, **environ) as processes:
        outcome = run_kills(processes, jobs=120, kills=3, seconds_a_job=0.12)
    print(f"\n{outcome}")
    assert (outcome.found, outcome.lost, outcome.duplicated) == (outcome.submitted, 0, 0), outcome
    assert outcome.max_recovery <= 30, outcome


def test_a_worker_killed_inside_a_pack_and_a_file_leaves_one_whole_one_of_each(
    tmp_path: Path,
    empty_redis: str,
    settings: Any,
    team: OrgUnit,
    qa_lead: User,
    principal_social_worker: User,
    panel_member: User,
) -> None:
    """The pack's row is written and not committed, and half the file lies on disk, when the kill comes."""
    environ = papers.stopping(tmp_path, papers.PACK_STOPS[2], papers.ROWS_STOPS[0])
    settings.EXPORTS_DIR = environ["EXPORTS_DIR"]
    month = timezone.localdate().replace(day=1)
    papers.findings(team, month)
    meeting = papers.panel_meeting(qa_lead, principal_social_worker, panel_member)
    with celery_processes(tmp_path, empty_redis, **environ) as processes:
        request_pack(meeting=meeting, by=qa_lead)
        export = papers.ask_for_rows(qa_lead, month)
        processes.start_ready("worker")
        papers.kill_at(processes, papers.PACK_STOPS[2], papers.ROWS_STOPS[0])
        (half,) = exporting.folder().iterdir()
        began = half.stat().st_size
        export.refresh_from_db()
        assert not Pack.objects.exists()
        assert (export.status, began > 0) == (ExportStatus.MAKING, True)
        with pytest.raises(ExportRefused, match="still being made"):
            open_export(export=export, by=qa_lead)
        processes.start_ready("worker")
        wait_until(lambda: unfinished() == 0, seconds=30, what="the end of all jobs")
    export.refresh_from_db()
    assert papers.left() == papers.Left(
        summaries=1, packs=1, pack_notices=2, ready=1, file_notices=1, on_disk=1, whole=1, failed=0
    )
    assert export.rows == papers.FINDINGS
    assert export.size > began
