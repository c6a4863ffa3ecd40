"""Telling those who keep the jobs that one has failed."""

from __future__ import annotations

import uuid

from django.contrib.auth import get_user_model
from django.urls import reverse

from core.jobs.services import JobRun, handles
from core.notifications.services.telling import notify


@handles("tell_of_failed_job", title="Tell the QA unit that a job failed")
def tell_of_failed_job(run: JobRun, *, job_id: str) -> None:
    """Tell the QA unit and system administrators, once for each failed run of a job."""
    people = [person for person in get_user_model()._default_manager.filter(is_active=True) if person.sees_all_jobs]
    with run.completing():
        notify(
            people=people,
            kind="job_failed",
            event=str(run.job_id),
            object_id=uuid.UUID(job_id),
            link=reverse("jobs:detail", args=[job_id]),
        )
