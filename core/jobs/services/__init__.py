"""Background work: asking for it, doing it once, and bringing back what was interrupted."""

from core.jobs.services.asking import enqueue, publish, retry
from core.jobs.services.registry import JobFailed, Schedule, handles, on_event, register_schedule, schedules
from core.jobs.services.running import JobRun, LeaseLost, run_due, run_job, sweep, tick

__all__ = [
    "JobFailed",
    "JobRun",
    "LeaseLost",
    "Schedule",
    "enqueue",
    "handles",
    "on_event",
    "publish",
    "register_schedule",
    "retry",
    "run_due",
    "run_job",
    "schedules",
    "sweep",
    "tick",
]
