"""Who keeps the council's settings, as the user says of itself."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied


def keeps_settings(user: Any) -> bool:
    """Whether this person (or the system) may see and change the settings."""
    return bool(getattr(user, "keeps_settings", False) or getattr(user, "is_system", False))


def must_keep_settings(user: Any) -> None:
    """Raise PermissionDenied with its sentence for anybody who does not keep the settings."""
    if not keeps_settings(user):
        raise PermissionDenied("Only the QA unit can see and change the settings.")
