"""Which audits are done again, by when, and what moved."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from audits.choices import SERIOUSNESS, Grade, Movement
from core.working_days import working_day_by

_NONE: frozenset[date] = frozenset()


def is_audited_again(grade: str) -> bool:
    """Every inadequate audit is done again."""
    return grade == Grade.INADEQUATE


def inadequate_again_by(settled_on: date, weeks: int, extra: Collection[date] = _NONE) -> date:
    """An inadequate audit is done again within so many weeks of the day on which its grade settled: by the last working
    day of them."""
    return working_day_by(settled_on + timedelta(weeks=weeks), extra)


def sampled_again_by(settled_on: date, months: int, extra: Collection[date] = _NONE) -> date:
    """An audit of the sample is done again within so many months of the day on which its grade settled: by the same
    day of the month, or the last working day before it."""
    year, month = divmod(settled_on.year * 12 + settled_on.month - 1 + months, 12)
    day = min(settled_on.day, monthrange(year, month + 1)[1])
    return working_day_by(date(year, month + 1, day), extra)


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
