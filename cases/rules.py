"""What the policy says of case records."""

from __future__ import annotations

from datetime import date

STALE_DAYS = 7


def is_stale(as_at: date | None, today: date) -> bool:
    """An extract that is more than seven days old no longer tells who holds which case."""
    return as_at is None or (today - as_at).days > STALE_DAYS
