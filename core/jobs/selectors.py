"""The jobs as a person reads them: what runs, what failed, what returns with the calendar, and what is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Max
from django.utils import timezone

from core.jobs.choices import JobStatus, Sign
from core.jobs.models import Job, Pulse
from core.jobs.querysets import JobQuerySet, PulseQuerySet

if TYPE_CHECKING:
    from core.jobs.services.registry import Schedule

# What work of a kind is, in words; the services know.
Titles = Callable[[str], str]

# Beat ticks every 30 seconds: two periods and a little.
SCHEDULER_SILENCE = timedelta(seconds=75)
# A worker shows itself every 10 seconds.
WORKER_SILENCE = timedelta(seconds=45)
# How long a job of a schedule may take before its period counts as missed.
GRACE = timedelta(minutes=10)
RECENT = 20
# What was done is counted over this many days.
DAYS = 7
_COLOURS = {
    JobStatus.QUEUED: "blue",
    JobStatus.RUNNING: "light-blue",
    JobStatus.DONE: "",
    JobStatus.FAILED: "red",
}


@dataclass(frozen=True)
class JobLine:
    """One job in words. Of what it works on only ids are kept, and none is shown.

    `says` is the result in a sentence, for the person who asked, or for everybody where the calendar did.
    """

    id: uuid.UUID
    title: str
    status: str
    words: str
    colour: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    done: int
    total: int
    text: str
    error: str
    says: str

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.status in (JobStatus.DONE, JobStatus.FAILED)

    @property
    def failed(self) -> bool:
        """Whether it waits for a person."""
        return self.status == JobStatus.FAILED


@dataclass(frozen=True)
class ScheduleLine:
    """One schedule: what it is, when it runs, how its last period went, and when the next falls due.

    `last` is the job of the newest period that was ever asked for; `behind` says that two periods
    went by without their job being done.
    """

    name: str
    title: str
    says: str
    last: JobLine | None
    next_due: datetime
    behind: bool


@dataclass(frozen=True)
class KindLine:
    """How many jobs of one kind were done in the last days, and when the last one was."""

    title: str
    done: int
    last: datetime


@dataclass(frozen=True)
class Trouble:
    """Something that keeps jobs from running: what, and what that means."""

    title: str
    text: str


@dataclass(frozen=True)
class JobsPage:
    """Everything on the jobs page."""

    troubles: list[Trouble]
    schedules: list[ScheduleLine]
    failed: list[JobLine]
    running: list[JobLine]
    waiting: list[JobLine]
    waiting_in_all: int
    done: list[KindLine]


def job_line(job: Job, titles: Titles) -> JobLine:
    """One job as it is printed; `titles` gives the words for its kind."""
    status = JobStatus(job.status)
    return JobLine(
        id=job.pk,
        title=titles(job.kind),
        status=status,
        words=status.label,
        colour=_COLOURS[status],
        asked_by=job.asked_by.name if job.asked_by else "",
        asked_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        attempts=job.attempts,
        done=job.progress_done,
        total=job.progress_total,
        text=job.progress_text,
        error=job.error,
        says=str(job.result.get("says", "")),
    )


def jobs_page(
    *,
    jobs: JobQuerySet,
    pulses: PulseQuerySet,
    schedules: Iterable[Schedule],
    titles: Titles,
    broker_answers: bool,
    now: datetime | None = None,
) -> JobsPage:
    """The jobs page from all jobs and signs of life; `broker_answers` says whether Redis does."""
    now = now or timezone.localtime()
    signs = {pulse.name: pulse for pulse in pulses}
    lines = [schedule_line(schedule, jobs=jobs, signs=signs, titles=titles, now=now) for schedule in schedules]
    jobs = jobs.select_related("asked_by")
    waiting = jobs.filter(status=JobStatus.QUEUED)
    return JobsPage(
        troubles=troubles(signs=signs, schedules=lines, broker_answers=broker_answers, now=now),
        schedules=lines,
        failed=[job_line(job, titles) for job in jobs.filter(status=JobStatus.FAILED).order_by("-finished_at")[:100]],
        running=[job_line(job, titles) for job in jobs.filter(status=JobStatus.RUNNING).order_by("started_at")[:100]],
        waiting=[job_line(job, titles) for job in waiting.order_by("run_after")[:RECENT]],
        waiting_in_all=waiting.count(),
        done=_done(jobs, titles, now),
    )


def _done(jobs: JobQuerySet, titles: Titles, now: datetime) -> list[KindLine]:
    held = jobs.filter(status=JobStatus.DONE, finished_at__gt=now - timedelta(days=DAYS)).order_by()
    kinds = held.values_list("kind").annotate(Count("pk"), Max("finished_at"))
    return sorted((KindLine(titles(kind), n, last) for kind, n, last in kinds), key=lambda line: line.title)


def schedule_line(
    schedule: Schedule, *, jobs: JobQuerySet, signs: dict[str, Pulse], titles: Titles, now: datetime
) -> ScheduleLine:
    """One schedule as it stands at `now`."""
    last_due, next_due = schedule.moments(now)
    newest = jobs.select_related("asked_by").filter(key__startswith=f"{schedule.name}:").order_by("-created_at").first()
    return ScheduleLine(
        name=schedule.name,
        title=schedule.title,
        says=schedule.says,
        last=job_line(newest, titles) if newest else None,
        next_due=next_due,
        behind=_behind(schedule, last_due, jobs=jobs, signs=signs, now=now),
    )


def _behind(
    schedule: Schedule, last_due: datetime, *, jobs: JobQuerySet, signs: dict[str, Pulse], now: datetime
) -> bool:
    """Whether the last two periods that fell due since the scheduler first ran are both undone."""
    before = last_due - timedelta(seconds=1)
    previous_due = schedule.moments(before)[0]
    first = signs.get(Sign.SCHEDULER)
    if first is None or previous_due < first.first_at or now < last_due + GRACE:
        return False
    keys = [schedule.key(now), schedule.key(before)]
    return not jobs.filter(key__in=[key for key in keys if key], status=JobStatus.DONE).exists()


def troubles(
    *, signs: dict[str, Pulse], schedules: list[ScheduleLine], broker_answers: bool, now: datetime
) -> list[Trouble]:
    """What keeps jobs from running at `now`, the most basic thing first."""
    found = []
    if not broker_answers:
        found.append(
            Trouble(
                "Redis cannot be reached",
                "Pages keep working and no job is lost: jobs wait and start by themselves when Redis is back.",
            )
        )
    worker, scheduler = signs.get(Sign.WORKER), signs.get(Sign.SCHEDULER)
    if worker is None or now - worker.at > WORKER_SILENCE:
        found.append(
            Trouble(
                "No worker is running",
                f"{_since(worker, 'A worker')} Jobs wait until one is started, and none is lost.",
            )
        )
    if scheduler is None or now - scheduler.at > SCHEDULER_SILENCE:
        found.append(
            Trouble(
                "The scheduler is not running",
                f"{_since(scheduler, 'The scheduler')} It should run every 30 seconds. Work that returns with the "
                "calendar waits; what fell due in the meantime is done when it runs again.",
            )
        )
    found += [
        Trouble(
            f"“{line.title}” has not been done for two periods",
            "Look for it among the failed jobs below, or ask a system administrator to look at the worker.",
        )
        for line in schedules
        if line.behind
    ]
    return found


def _since(pulse: Pulse | None, who: str) -> str:
    if pulse is None:
        return f"{who} has never given a sign of life here."
    at = timezone.localtime(pulse.at)
    return f"{who} last gave a sign of life on {at.day} {at:%B %Y} at {at:%H:%M}."
