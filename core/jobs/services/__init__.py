"""Background work: asking for it, doing it once, and bringing back what was interrupted."""

from core.jobs.services.asking import enqueue, publish, retry
from core.jobs.services.registry import (
    JobFailed,
    NotNow,
    Schedule,
    handles,
    on_event,
    register_schedule,
    schedules,
    title_of,
)
from core.jobs.services.running import JobRun, LeaseLost, note_sign, run_due, run_job, sweep, tick

__all__ = [
    "JobFailed",
    "JobRun",
    "LeaseLost",
    "NotNow",
    "Schedule",
    "enqueue",
    "handles",
    "note_sign",
    "on_event",
    "publish",
    "register_schedule",
    "retry",
    "run_due",
    "run_job",
    "schedules",
    "sweep",
    "tick",
    "title_of",
]
