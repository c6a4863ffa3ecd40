"""Who may look after the jobs: the QA unit and system administrators, as the user says of itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied


def keeps_jobs(user: Any) -> bool:
    """Whether this person (or the system) sees all jobs and may start a failed one again."""
    return bool(getattr(user, "sees_all_jobs", False))


def must_keep_jobs(user: Any) -> None:
    """Raise PermissionDenied with its sentence for anybody who does not keep the jobs."""
    if not keeps_jobs(user):
        raise PermissionDenied("Only the QA unit and system administrators can manage jobs.")
