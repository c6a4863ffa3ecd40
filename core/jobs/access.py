"""Who may look after the jobs and bring files in, as the user says of itself."""

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


def brings_files(user: Any) -> bool:
    """Whether files are this person's (or the system's) to bring in."""
    return bool(getattr(user, "may_import", False))


def must_bring_files(user: Any) -> None:
    """Raise PermissionDenied with its sentence for anybody who brings no files in."""
    if not brings_files(user):
        raise PermissionDenied("Only the QA unit can import files.")
