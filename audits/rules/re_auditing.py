"""Which audits are done again, by when, and what moved."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from audits.choices import SERIOUSNESS, Grade, Movement


def is_audited_again(grade: str) -> bool:
    """Every inadequate audit is done again."""
    return grade == Grade.INADEQUATE


def inadequate_again_by(settled_on: date, weeks: int) -> date:
    """An inadequate audit is done again within so many weeks of the day on which its grade settled."""
    return settled_on + timedelta(weeks=weeks)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def sample_of(audits: Iterable[UUID], *, month: date, share: int) -> list[UUID]:
    """Of a month's audits that require improvement so many in a hundred are done again, rounded up; which ones follows
    from their keys and the month, so that drawing twice draws the same and nobody picks."""
    keys = list(audits)
    size = min(len(keys), -(-len(keys) * share // 100))
    return sorted(keys, key=lambda key: hashlib.sha256(f"{month:%Y-%m}:{key}".encode()).hexdigest())[:size]


def movement(first: str, second: str) -> str:
    """What moved between the first audit and the second: improved, the same or worse; "" where one has no grade."""
    if first not in SERIOUSNESS or second not in SERIOUSNESS:
        return ""
    step = SERIOUSNESS[first] - SERIOUSNESS[second]
    return Movement.IMPROVED if step > 0 else Movement.WORSE if step < 0 else Movement.SAME
