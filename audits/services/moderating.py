"""Moderating a submission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from audits.models import Moderation


def open_moderation(*, moderation: Moderation, by: Any) -> Moderation:
    """Take a submission from the queue."""
    raise NotImplementedError


def decide_moderation(
    *,
    moderation: Moderation,
    by: Any,
    outcome: str,
    grade: str = "",
    reason: str = "",
    section_grades: Mapping[UUID, tuple[str, str]] | None = None,
    override_reason: str = "",
    version: int,
) -> Moderation:
    """Agree with the grade or change it."""
    raise NotImplementedError
