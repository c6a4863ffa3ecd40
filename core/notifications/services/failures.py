"""Telling those who keep the jobs that one has failed, or that a file could not be read."""

from __future__ import annotations

import uuid

from django.contrib.auth import get_user_model
from django.urls import reverse

from core.jobs.services import JobRun, handles
from core.notifications.services.telling import notify


@handles("tell_of_failed_job", title="Tell the QA unit that a job failed")
def tell_of_failed_job(run: JobRun, *, job_id: str) -> None:
    """Tell the QA unit and system administrators, once for each failed run of a job."""
    _tell(run, "job_failed", job_id)


@handles("tell_of_failed_import", title="Tell the QA unit that a file could not be read")
def tell_of_failed_import(run: JobRun, *, job_id: str) -> None:
    """Tell the QA unit and system administrators, once for each file; `job_id` is the job that was to read it."""
    _tell(run, "import_failed", job_id)


def _tell(run: JobRun, kind: str, job_id: str) -> None:
    people = [person for person in get_user_model()._default_manager.filter(is_active=True) if person.sees_all_jobs]
    with run.completing():
        notify(
            people=people,
            kind=kind,
            event=str(run.job_id),
            object_id=uuid.UUID(job_id),
            link=reverse("jobs:detail", args=[job_id]),
        )
