"""Which jobs and imports: due ones, and those that a person may see."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from core.jobs.choices import JobStatus

if TYPE_CHECKING:
    from core.jobs.models import ExportFile, FileImport, Job, Pulse  # noqa: F401  for the type parameters only


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> Self:
        """The jobs that this person asked for; all of them for those who keep the jobs running."""
        if getattr(user, "sees_all_jobs", False):
            return self
        return self.filter(asked_by=user.pk) if user.pk else self.none()

    def claimable(self, at: datetime) -> Self:
        """Jobs that are due, or whose worker has given no sign of life within its lease."""
        return self.filter(
            Q(status=JobStatus.QUEUED, run_after__lte=at) | Q(status=JobStatus.RUNNING, lease_until__lt=at)
        )


class PulseQuerySet(models.QuerySet["Pulse"]):
    def visible_to(self, user: Any) -> Self:
        """The signs of life are for those who keep the jobs running."""
        return self if getattr(user, "sees_all_jobs", False) else self.none()


class FileImportQuerySet(models.QuerySet["FileImport"]):
    def visible_to(self, user: Any) -> Self:
        """The imports that this person may see: all for the QA unit and the system, else none."""
        return self if getattr(user, "may_import", False) else self.none()


class ExportFileQuerySet(models.QuerySet["ExportFile"]):
    def visible_to(self, user: Any) -> Self:
        """A file that was made for somebody is that person's alone, whatever anybody's role."""
        return self.filter(owner=user.pk) if user.pk else self.none()

    def listed(self) -> Self:
        """As a list shows them: without the keys of what they hold."""
        return self.select_related("job").defer("records")
