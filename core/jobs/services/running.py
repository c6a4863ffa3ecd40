"""Doing the work: claim with a lease, give signs of life, complete only while the lease is still one's own."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Case, F, When
from django.utils import timezone

from core.jobs.choices import JobStatus, Sign
from core.jobs.models import Job, Pulse
from core.jobs.querysets import JobQuerySet
from core.jobs.services import bell
from core.jobs.services.asking import enqueue, publish
from core.jobs.services.registry import JobFailed, NotNow, listeners_of, run_handler, schedules

logger = logging.getLogger(__name__)

# Progress reaches the page within this many seconds.
PROGRESS_SECONDS = 1.0
# How long a worker that was woken goes on taking jobs before it hears the next bell.
ANSWER_SECONDS = 5.0


class LeaseLost(Exception):
    """Another worker has taken this job over; whatever was done is rolled back."""


@dataclass
class JobRun:
    """A claimed job, handed to its handler."""

    job_id: uuid.UUID
    kind: str
    payload: dict[str, Any]
    token: uuid.UUID
    asked_by: Any
    completed: bool = False
    lost: bool = False
    _progress: tuple[int, int, str] | None = field(default=None, repr=False)
    _shown: tuple[int, int, str] | None = field(default=None, repr=False)

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Say how far the work is (`done` of `total` steps); shown on the page within a few seconds.

        Raises LeaseLost once it is known that another worker has taken the job over, so that long work ends early.
        """
        if self.lost:
            raise LeaseLost(f"job {self.job_id} was taken over")
        self._progress = (done, total, text)

    @property
    def progress_to_show(self) -> bool:
        """Whether there is progress that the page does not know of yet."""
        return self._progress != self._shown

    @contextmanager
    def completing(self, **result: Any) -> Iterator[dict[str, Any]]:
        """One transaction for the effect and for the job being done: both happen, or neither.

        Yields the result to be stored, which the block may fill in: ids and counts, `says` (a sentence)
        and `link` (a path of this site) for the person who asked. Raises LeaseLost, and rolls the block
        back, when another worker has meanwhile taken the job over.
        """
        with transaction.atomic():
            yield result
            done = Job.objects.filter(pk=self.job_id, lease_token=self.token, status=JobStatus.RUNNING).update(
                status=JobStatus.DONE, finished_at=timezone.now(), lease_until=None, lease_token=None,
                result=result, error="",
            )  # fmt: skip
            if not done:
                raise LeaseLost(f"job {self.job_id} was taken over")
        self.completed = True

    def sign_of_life(self) -> bool:
        """Extend the lease and store the progress. False when the job is no longer this worker's."""
        values: dict[str, Any] = {"lease_until": timezone.now() + _lease()}
        progress = self._progress
        if progress is not None:
            done, total, text = progress
            values |= {"progress_done": done, "progress_total": total, "progress_text": text[:200]}
        held = bool(Job.objects.filter(pk=self.job_id, lease_token=self.token).update(**values))
        self._shown = progress
        self.lost = not held
        return held


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def claim(job_id: uuid.UUID | str) -> JobRun | None:
    """Take a job that is due, or None when it is not due or somebody else has it.

    The attempt is counted before the work begins, so that a job which kills its worker is parked in the end.
    """
    now = timezone.now()
    token = uuid.uuid4()
    taken = (
        Job.objects.filter(pk=job_id)
        .claimable(now)
        .update(
            status=JobStatus.RUNNING, lease_token=token, lease_until=now + _lease(), attempts=F("attempts") + 1,
            started_at=now, progress_done=0, progress_total=0, progress_text="",
        )
    )  # fmt: skip
    if not taken:
        return None
    job = Job.objects.select_related("asked_by").get(pk=job_id)
    run = JobRun(job.pk, job.kind, job.payload, token, job.asked_by)
    if job.attempts > settings.JOB_MAX_ATTEMPTS:
        _park(run, "It was interrupted or failed too many times and needs a person to look at it.")
        return None
    return run


def run_job(job_id: uuid.UUID | str) -> bool:
    """Claim and do one job. True when it was done here; errors are stored on the job, not raised."""
    run = claim(job_id)
    return run is not None and _do(run)


def answer_bell(job_id: uuid.UUID | str) -> None:
    """Do the job that the bell named, then whatever else is due, for a while; interrupted jobs come first.

    So a job whose bell was lost, or one that a dead worker left, does not wait behind a long queue of bells.
    """
    until = time.monotonic() + ANSWER_SECONDS
    run_job(job_id)
    while time.monotonic() < until and _do_next():
        pass


def _do_next() -> bool:
    """Do the next job that is due. False when there is none to be had."""
    for job_id in _due().values_list("pk", flat=True)[:10]:
        run = claim(job_id)
        if run is not None:
            _do(run)
            return True
    return False


def _due() -> JobQuerySet:
    """The jobs that are due, those that a worker left unfinished first."""
    first = Case(When(status=JobStatus.RUNNING, then=0), default=1)
    return Job.objects.claimable(timezone.now()).order_by(first, "run_after")


def _do(run: JobRun) -> bool:
    """Do a claimed job. True when it was completed here."""
    with _signs_of_life(run):
        try:
            run_handler(run)
            if not run.completed:
                with run.completing():
                    pass
        except LeaseLost:
            logger.warning("job %s lost its lease", run.job_id)
        except JobFailed as problem:
            _park(run, str(problem))
        except NotNow as problem:
            _hold(run, problem)
        except Exception as problem:  # stored for the jobs page and tried again later
            logger.exception("job %s (%s) failed", run.job_id, run.kind)
            _try_later(run, type(problem).__name__)
    return run.completed


@contextmanager
def _signs_of_life(run: JobRun) -> Iterator[None]:
    """A thread that extends the lease while the work runs. Not where the connection is shared (a test's).

    It writes when there is progress to show or a third of the lease is over: on SQLite each sign takes
    the one write lock. While the work itself holds that lock no sign can be given, and no claim either.
    """
    if connection.in_atomic_block:
        yield
        return
    over = threading.Event()

    def beat() -> None:
        last = time.monotonic()
        while not over.wait(min(PROGRESS_SECONDS, settings.JOB_LEASE_SECONDS / 6)):
            if not run.progress_to_show and time.monotonic() - last < settings.JOB_LEASE_SECONDS / 3:
                continue
            try:
                if not run.sign_of_life():
                    break
                last = time.monotonic()
            except DatabaseError as problem:
                logger.warning("no sign of life for job %s: %s", run.job_id, type(problem).__name__)
                # A broken connection is not mended by asking it again.
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, name=f"job-{run.job_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=5)


def _park(run: JobRun, sentence: str) -> None:
    """Give up: the job waits for a person, and those who keep the jobs are told."""
    with transaction.atomic():
        parked = Job.objects.filter(pk=run.job_id, lease_token=run.token).update(
            status=JobStatus.FAILED, error=sentence, finished_at=timezone.now(), lease_token=None, lease_until=None
        )
        # The telling may fail too; it does not tell of itself.
        if parked and run.kind not in listeners_of("job_failed"):
            publish("job_failed", job_id=run.job_id)


def _hold(run: JobRun, problem: NotNow) -> None:
    """Put the job back without counting the attempt."""
    Job.objects.filter(pk=run.job_id, lease_token=run.token).update(
        status=JobStatus.QUEUED, error=str(problem), run_after=timezone.now() + problem.wait,
        attempts=F("attempts") - 1, lease_token=None, lease_until=None,
    )  # fmt: skip


def _try_later(run: JobRun, error: str) -> None:
    """Put the job back for later, or give up after the last attempt."""
    try:
        job = Job.objects.get(pk=run.job_id)
        if job.attempts >= settings.JOB_MAX_ATTEMPTS:
            _park(run, f"It failed {job.attempts} times, last with {error}.")
            return
        Job.objects.filter(pk=run.job_id, lease_token=run.token).update(
            status=JobStatus.QUEUED,
            error=f"Attempt {job.attempts} failed with {error}; it will be tried again.",
            run_after=timezone.now() + timedelta(seconds=2**job.attempts),
            lease_token=None,
            lease_until=None,
        )
    except DatabaseError as problem:
        # The database itself is away. The lease runs out and the sweep finds the job.
        logger.warning("job %s waits for its lease to end: %s", run.job_id, type(problem).__name__)


def run_due(limit: int = 1000) -> int:
    """Do every job that is due, here and now, and those that they ask for. Returns how many were done."""
    done = 0
    for _ in range(limit):
        job_id = _due().values_list("pk", flat=True).first()
        if job_id is None:
            break
        done += run_job(job_id)
    return done


def sweep(limit: int = 20) -> int:
    """Ring the bell again where jobs are due and held by nobody living. Returns how often.

    A few bells are enough: who answers one goes on with whatever else is due. More would only queue up behind a
    backlog that has bells of its own.
    """
    waiting = list(_due().values_list("pk", flat=True)[:limit])
    for job_id in waiting:
        bell.ring(job_id)
    return len(waiting)


def tick() -> int:
    """Ask for the work of every schedule whose period has come. Safe to call at any time, by any number of beats."""
    asked = 0
    now = timezone.localtime()
    for schedule in schedules():
        due, key = schedule.period(now), schedule.key(now)
        if due is not None and not Job.objects.filter(key=key).exists():
            enqueue(schedule.kind, key=key, **due[1])
            asked += 1
    note_sign(Sign.SCHEDULER)
    return asked


def note_sign(sign: str) -> None:
    """Store that the worker or the scheduler lived just now."""
    Pulse.objects.update_or_create(name=sign, defaults={"at": timezone.now()})
