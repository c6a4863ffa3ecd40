"""The record of background work. Written in the transaction that asks for it; Redis only rings the bell."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.jobs.choices import ExportStatus, FaultSeverity, ImportStatus, JobStatus, Sign
from core.jobs.querysets import ExportFileQuerySet, FileImportQuerySet, JobQuerySet, PulseQuerySet
from core.models import Identified


class Job(Identified):
    """One piece of work: what to do, for whom, who holds it and how far it is.

    A worker claims the row by a conditional UPDATE that sets a lease and a fresh token;
    only the holder of the present token can complete it.
    """

    kind = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=160, null=True, unique=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    run_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    progress_text = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["status", "run_after"], name="job_due"),
            models.Index(fields=["kind", "-created_at"], name="job_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_status_display()})"


class Pulse(models.Model):
    """When a worker and the scheduler last showed that they live, and when they first did."""

    name = models.CharField(max_length=12, choices=Sign, primary_key=True)
    first_at = models.DateTimeField(auto_now_add=True)
    at = models.DateTimeField()

    objects = PulseQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.at:%Y-%m-%d %H:%M:%S}"


class FileImport(Identified):
    """A file that somebody gave to be imported: its bytes, what was found in it, and what became of it."""

    kind = models.CharField(max_length=40)
    filename = models.CharField(max_length=255)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    options = models.JSONField(default=dict)
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.READING)
    counts = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = FileImportQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at"]

    def __str__(self) -> str:
        return f"{self.filename} ({self.get_status_display()})"


class ImportFault(models.Model):
    """One line of a refusal or a warning, as a person finds it in the file."""

    file_import = models.ForeignKey(FileImport, on_delete=models.CASCADE, related_name="faults")
    severity = models.CharField(max_length=8, choices=FaultSeverity)
    list = models.CharField(max_length=60, blank=True)
    row = models.PositiveIntegerField(null=True)
    column = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=200, blank=True)
    reason = models.TextField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["file_import", "severity", "id"], name="fault_by_import")]

    def __str__(self) -> str:
        return self.reason


class ExportFile(Identified):
    """A file that was made for one person: what was asked for, why, and until when it is kept.

    `asked` is the question as ids and words of the product, never free text; `scope` is a digest of what its owner
    could see when it was made; `records` are (kind, key) of the records in it, for the log of who viewed what, and
    go when the file goes. The bytes lie outside the database, under the name `stored_as`.
    """

    kind = models.CharField(max_length=40)
    form = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    filename = models.CharField(max_length=120)
    asked = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, blank=True)
    scope = models.CharField(max_length=64, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ExportStatus, default=ExportStatus.MAKING)
    asked_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    stored_as = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField(default=0)
    records = models.JSONField(default=list)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ExportFileQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "id"]
        indexes = [
            models.Index(fields=["owner", "-asked_at"], name="export_by_owner"),
            models.Index(fields=["status", "expires_at"], name="export_to_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.get_status_display()})"
