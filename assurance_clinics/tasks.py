"""Work that is done in the background."""

from __future__ import annotations

from accounts.access import SYSTEM
from assurance_clinics.services import compute_extract
from cases.models import Extract
from core.jobs.services import JobFailed, JobRun, handles

COMPUTE = "compute_indicators"


@handles(COMPUTE, title="Compute the indicators of an extract")
def compute_indicators(run: JobRun, *, extract_id: str) -> None:
    """Compute the indicators of an extract that has been applied."""
    extract = Extract.objects.filter(pk=extract_id).first()
    if extract is None:
        raise JobFailed("The extract is no longer kept, so its indicators cannot be computed.")
    with run.completing() as result:
        counts = compute_extract(extract=extract, by=SYSTEM, on_progress=run.progress)
        result.update(made=counts.made, changed=counts.changed, removed=counts.removed)
