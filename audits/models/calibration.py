"""Calibration: one case audited by several auditors, none of whom knows what the others think until all is revealed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from audits.choices import CalibrationStatus
from audits.querysets import CalibrationQuerySet
from cases.models import Case
from core.models import Identified, Versioned


class Calibration(Identified, Versioned):
    """The same case given to several auditors with the same tool; each has an audit of the purpose "calibration".

    `revealed_by` without a person is the system: all had submitted, or the last day was over.
    """

    reference = models.CharField(max_length=60, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="calibrations")
    tool_version = models.ForeignKey("audits.ToolVersion", on_delete=models.PROTECT, related_name="+")
    about = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=CalibrationStatus, default=CalibrationStatus.RUNNING)
    due_on = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revealed_at = models.DateTimeField(null=True)
    revealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)

    objects = CalibrationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["status", "due_on"], name="calibration_running")]

    def __str__(self) -> str:
        return self.reference
