"""A panel's pack and files of a report, built by a real worker that is killed with -9 in the middle of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import OrgUnit, User
from audits.choices import FindingKind
from audits.models import Finding
from audits.services.tallies import rebuild
from core.jobs.choices import ExportStatus, JobStatus
from core.jobs.models import ExportFile, Job
from core.jobs.services import exporting, open_export, request_export
from core.notifications.models import Notice
from core.working_days import is_working_day
from learning.choices import SeatKind
from learning.models import Meeting, Pack, PanelSummary
from learning.services import meetings, panels
from reports.choices import Dataset, Edition
from reports.services import rows, standard
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory
from tests.faults.kills import SETTINGS
from tests.faults.processes import CeleryProcesses, wait_until

LEASE_SECONDS = 2
FINDINGS = 1100
"""So many lines has the file of rows: more than any buffer holds, so that half of it lies on disk when a kill comes."""

PACK_STOPS = (
    "1 Collecting the agenda, actions and earlier decisions",
    "2 Storing the pack",
    "INSERT learning_pack",
    "INSERT notifications_notice",
)
"""Where a pack's build is killed: after the summary; before the row; after row and notices, uncommitted."""
ROWS_STOPS = ("500 Rows written", "1000 Rows written", "UPDATE jobs_exportfile")
"""Where a file of rows is killed: twice half-written; and whole, with the row that names it uncommitted."""
REPORT_STOPS = ("1 Writing the file",)


def stopping(folder: Path, *places: str) -> dict[str, str]:
    """The environment of a worker that stops once at each of these places; `folder` keeps its marks and its files."""
    (folder / "marks").mkdir(exist_ok=True)
    return {
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        "EXPORTS_DIR": str(folder / "exports"),
        "FAULT_STOPS": "|".join(places),
        "FAULT_MARKS": str(folder / "marks"),
    }


def kill_at(processes: CeleryProcesses, *places: str) -> None:
    """Wait until the worker stands at all these places, kill it, and wait until its leases are over."""
    marks = processes.folder / "marks"
    wait_until(lambda: all((marks / place).exists() for place in places), seconds=30, what=f"work at {places}")
    processes.kill("worker")
    leased = Job.objects.filter(status=JobStatus.RUNNING)
    wait_until(
        lambda: not leased.filter(lease_until__gt=timezone.now()).exists(), seconds=30, what="the end of the leases"
    )


def panel_meeting(qa_lead: User, chair: User, member: User, *, days: int = 8) -> Meeting:
    """A panel of two with a meeting in so many days, or on the next working day."""
    panel = panels.set_up_panel(
        name=f"Panel in {days} days", terms="It learns from audits, month by month.", quorum=2, by=qa_lead
    )
    panels.seat_member(panel=panel, user=chair, kind=SeatKind.CHAIR, by=qa_lead)
    panels.seat_member(panel=panel, user=member, kind=SeatKind.MEMBER, by=qa_lead)
    day = timezone.localdate() + timedelta(days=days)
    while not is_working_day(day):
        day += timedelta(days=1)
    return meetings.schedule_meetings(panel=panel, first=day, starts_at=time(14), place="Room 1", by=qa_lead)[0]


def findings(team: OrgUnit, month: date) -> None:
    """An audit of this month with many findings."""
    audit = graded_audit(case=CaseFactory(team=team, service=team.parent), month=month)
    section = audit.sections.first()
    Finding.objects.bulk_create(
        Finding(audit=audit, audit_section=section, kind=FindingKind.STRENGTH, text=f"Finding {number} of many.")
        for number in range(FINDINGS)
    )
    rebuild()


def ask_for_rows(by: User, month: date) -> ExportFile:
    """The findings of a month as CSV, asked for."""
    asked = rows.asked(dataset=Dataset.FINDINGS, edition=Edition.INTERNAL, first=month, last=month, services=())
    return request_export(
        kind=rows.KIND, form="csv", asked=asked, title="Findings", filename="findings.csv", by=by, reason="A test"
    )


def ask_for_report(by: User, month: date, form: str) -> ExportFile:
    """The monthly report as a file, asked for."""
    made = standard.make_report(by=by, key="monthly", first=month, last=month)
    return request_export(
        kind=standard.KIND, form=form, asked=standard.as_data(made=made), title="Monthly", filename=f"m.{form}", by=by
    )


@dataclass(frozen=True)
class Left:
    """What stands in the end of packs and files that were asked for and struck."""

    summaries: int
    packs: int
    pack_notices: int
    ready: int
    file_notices: int
    on_disk: int
    whole: int
    failed: int

    def __str__(self) -> str:
        return (
            f"summaries {self.summaries}, packs {self.packs} with {self.pack_notices} notices; files ready "
            f"{self.ready} with {self.file_notices} notices, on disk {self.on_disk}, whole {self.whole}; "
            f"jobs failed {self.failed}"
        )


def left() -> Left:
    """Count it. A file is whole where its size and its checksum are those of its row and its owner can open it."""
    ready = list(ExportFile.objects.filter(status=ExportStatus.READY).select_related("owner"))
    return Left(
        summaries=PanelSummary.objects.count(),
        packs=Pack.objects.count(),
        pack_notices=Notice.objects.filter(kind="panel_pack").count(),
        ready=len(ready),
        file_notices=Notice.objects.filter(kind="export_ready").count(),
        on_disk=len(list(exporting.folder().iterdir())),
        whole=sum(_whole(export) for export in ready),
        failed=Job.objects.filter(status=JobStatus.FAILED).count(),
    )


def _whole(export: ExportFile) -> bool:
    owner: Any = export.owner
    with open_export(export=export, by=owner) as file:
        content = file.read()
    lines = content.count(b"\r\n") if export.form == "csv" else None
    return (
        len(content) == export.size
        and hashlib.sha256(content).hexdigest() == export.sha256
        and lines in (None, export.rows + 1)
    )
