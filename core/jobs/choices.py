"""The words of background work."""

from django.db import models


class JobStatus(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Sign(models.TextChoices):
    """Who gives signs of life."""

    WORKER = "worker", "Worker"
    SCHEDULER = "scheduler", "Scheduler"


class ImportStatus(models.TextChoices):
    READING = "reading", "Being read"
    PREVIEWED = "previewed", "Ready to check"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    UNREADABLE = "unreadable", "Could not be read"
    DISCARDED = "discarded", "Discarded"


class ExportStatus(models.TextChoices):
    MAKING = "making", "Being made"
    READY = "ready", "Ready"
    EXPIRED = "expired", "No longer kept"
    WITHDRAWN = "withdrawn", "Withdrawn"


class FaultSeverity(models.TextChoices):
    REFUSAL = "refusal", "Refused"
    WARNING = "warning", "Warning"
