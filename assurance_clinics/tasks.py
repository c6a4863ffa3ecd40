"""Work that is done in the background."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from actions.rules.clock import SWEEP_AT
from assurance_clinics.models import Clinic
from assurance_clinics.services import keep_figures, work_out
from assurance_clinics.services.clinics.clocks import look_at_clinics
from assurance_clinics.services.clinics.packing import BUILD, build_pack
from cases.models import Extract
from core.council.selectors import closing_days
from core.jobs.services import JobFailed, JobRun, Schedule, handles
from core.workflow import IllegalMove
from core.working_hours import mornings

COMPUTE = "compute_indicators"


@handles(COMPUTE, title="Compute the indicators of an extract")
def compute_indicators(run: JobRun, *, extract_id: str) -> None:
    """Compute the indicators of an extract that has been applied."""
    extract = Extract.objects.filter(pk=extract_id).first()
    if extract is None:
        raise JobFailed("The extract is no longer kept, so its indicators cannot be computed.")
    found = work_out(extract=extract, by=SYSTEM, on_progress=run.progress)
    with run.completing() as result:
        counts = keep_figures(found=found, by=SYSTEM)
        result.update(made=counts.made, changed=counts.changed, removed=counts.removed)


LOOK = "look_at_clinics"


@handles(LOOK, title="Look at the clinics: rota, figures, packs and notices")
def look_at_all_clinics(run: JobRun, *, day: str = "") -> None:
    """Look at the clinics as they stand today, however late the job runs; `day` names the morning that it is for."""
    done = look_at_clinics(today=timezone.localdate())
    with run.completing(**done):
        pass


@handles(BUILD, title="Build the pack of a clinic")
def build_clinic_pack(run: JobRun, *, clinic_id: str) -> None:
    """Build the pack of a clinic for whoever asked, with the rights that they have now."""
    clinic = Clinic.objects.filter(pk=clinic_id).first()
    if clinic is None:
        raise JobFailed("The clinic is not there any more.")
    try:
        build_pack(clinic=clinic, by=run.asked_by or SYSTEM, run=run)
    except (NotAllowed, IllegalMove) as problem:
        raise JobFailed(str(problem)) from problem


def _mornings(now: datetime) -> tuple[datetime, datetime]:
    return mornings(now, SWEEP_AT, closing_days())


def _morning(now: datetime) -> tuple[str, dict[str, Any]]:
    day = f"{_mornings(now)[0]:%Y-%m-%d}"
    return day, {"day": day}


EVERY_MORNING = Schedule(
    name="clinics",
    kind=LOOK,
    title="Look at the clinics: rota, figures, packs and notices",
    says="On working days at 07:30",
    period=_morning,
    moments=_mornings,
)
