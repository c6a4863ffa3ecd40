"""Building what a panel reads, a summary or a pack: by a job, from one state of the database, numbered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import IntegrityError, connection, models, transaction

from accounts.access import SYSTEM
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.querysets import JobQuerySet
from core.jobs.services import JobRun, enqueue

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class BuildState:
    """How the newest build goes: waiting or running, or what went wrong."""

    under_way: bool
    error: str


def builds(*, kind: str, **payload: str) -> JobQuerySet:
    """The jobs that build this, the newest first."""
    about = {f"payload__{name}": value for name, value in payload.items()}
    return Job.objects.visible_to(SYSTEM).filter(kind=kind, **about).order_by("-created_at")


def state_of(*, jobs: JobQuerySet) -> BuildState | None:
    """What readers of a page need to know of the newest of these builds; None where all is done."""
    job = jobs.first()
    if job is None or job.status == JobStatus.DONE:
        return None
    return BuildState(job.status != JobStatus.FAILED, job.error)


def ask_for(*, jobs: JobQuerySet, kind: str, by: Any, **payload: Any) -> Job:
    """Ask for a build; the one of these that is at it already, where there is one."""
    at_work = jobs.filter(status__in=(JobStatus.QUEUED, JobStatus.RUNNING)).first()
    return at_work or enqueue(kind, by=by, **payload)


def say(*, run: JobRun | None, done: int, steps: int, text: str) -> None:
    """Say how far the work is, where a job does it."""
    if run is not None:
        run.progress(done, steps, text)


@contextmanager
def completing(*, run: JobRun | None) -> Iterator[dict[str, Any]]:
    """One transaction for the effect, and with a job for its being done; yields the job's result to fill in."""
    if run is not None:
        with run.completing() as result:
            yield result
    else:
        with transaction.atomic():
            yield {}


@contextmanager
def one_state_of_the_database() -> Iterator[None]:
    """A transaction that sees one state from its first query to its last.

    PostgreSQL is asked for one, where the transaction is our own to shape; SQLite's transactions are all of the kind.
    """
    ours = not connection.in_atomic_block
    with transaction.atomic():
        if ours and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def store_version(*, rows: models.QuerySet[Row], same: dict[str, Any], fields: dict[str, Any]) -> tuple[Row, bool]:
    """The newest of these versions where it is the `same`, else a new one with the next number; and whether it is new.

    Of two that store at once one gets the number; the other looks again, and finds the same content or takes the next
    number.
    """
    while True:
        newest: Any = rows.order_by("-number").first()
        if newest is not None and all(getattr(newest, name) == value for name, value in same.items()):
            return newest, False
        try:
            with transaction.atomic():
                return rows.create(number=newest.number + 1 if newest else 1, **same, **fields), True
        except IntegrityError:
            continue
