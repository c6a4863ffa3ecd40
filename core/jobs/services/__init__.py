"""Background work: asking for it, doing it once, and bringing back what was interrupted."""

from core.jobs.services.asking import enqueue, publish, retry
from core.jobs.services.importing import (
    CannotApply,
    Importer,
    ImportOutcome,
    ImportRefused,
    applied_before,
    apply_import,
    discard_import,
    give_file,
    importer_of,
    register_importer,
)
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
    "CannotApply",
    "ImportOutcome",
    "ImportRefused",
    "Importer",
    "JobFailed",
    "JobRun",
    "LeaseLost",
    "NotNow",
    "Schedule",
    "applied_before",
    "apply_import",
    "discard_import",
    "enqueue",
    "give_file",
    "handles",
    "importer_of",
    "note_sign",
    "on_event",
    "publish",
    "register_importer",
    "register_schedule",
    "retry",
    "run_due",
    "run_job",
    "schedules",
    "sweep",
    "tick",
    "title_of",
]
