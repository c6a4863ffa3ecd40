"""Asking for work: a row in the same transaction as the change that needs it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.history.services import record
from core.jobs.access import must_keep_jobs
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import bell
from core.jobs.services.registry import listeners_of


def enqueue(
    kind: str, *, by: Any = None, key: str | None = None, run_after: datetime | None = None, **payload: Any
) -> Job:
    """Write down work of `kind` with ids as payload; it runs after the present transaction commits.

    `by` is the person it serves (None or the system actor for nobody's). `key` makes it unique: asked
    twice with one key, the first row is returned and nothing new is written.
    """
    job = Job(
        kind=kind,
        payload={name: str(value) if isinstance(value, uuid.UUID) else value for name, value in payload.items()},
        key=key,
        asked_by_id=getattr(by, "pk", None),
        run_after=run_after or timezone.now(),
    )
    if key is not None:
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:
            return Job.objects.get(key=key)
    else:
        job.save(force_insert=True)
    transaction.on_commit(lambda: bell.ring(job.pk))
    return job


def publish(event: str, *, by: Any = None, **ids: Any) -> None:
    """Tell the apps above that something happened: one job for each that listens, in this transaction."""
    for kind in listeners_of(event):
        enqueue(kind, by=by, **ids)


def retry(*, job: Job, by: Any) -> bool:
    """Put a failed job back in the queue. True if it was failed; False changes nothing.

    Raises PermissionDenied for whoever does not keep the jobs.
    """
    must_keep_jobs(by)
    with transaction.atomic():
        moved = Job.objects.filter(pk=job.pk, status=JobStatus.FAILED).update(
            status=JobStatus.QUEUED, attempts=0, run_after=timezone.now(), error="", finished_at=None
        )
        if moved:
            record(by=by, verb="retried", record=job, from_state=JobStatus.FAILED, to_state=JobStatus.QUEUED)
            transaction.on_commit(lambda: bell.ring(job.pk))
    return bool(moved)
