"""What holds for files that leave the product (how long, how many a day, when cleared), and for deaf workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.council.rules import Setting

KEPT = timedelta(hours=24)
"""A file can be fetched for a day after it was made."""

CLEARED_AT = 3
"""The hour at which files that are no longer kept are deleted, each night."""

EXPORTS_A_DAY = Setting(
    "exports_a_day", "Files that one person may take out in a day", 40, "files", "Files that leave the product", low=1,
    high=500, hint="Downloads and files that are made in the background count alike.",
)  # fmt: skip


def nights(now: datetime) -> tuple[datetime, datetime]:
    """The last moment at or before `now` when the night's clearing fell due, and the next one."""
    due = now.replace(hour=CLEARED_AT, minute=0, second=0, microsecond=0)
    if due > now:
        due -= timedelta(days=1)
    return due, due + timedelta(days=1)


def left_today(taken: int, allowed: int) -> int:
    """How many more files a person may take out today."""
    return max(allowed - taken, 0)


LOOP_SILENCE = 15.0
"""Seconds after which a worker whose loop does not turn no longer says that it lives."""

BROKER_BACK = 35.0
"""Seconds that such a worker is given to find a broker that answers: Celery waits up to 30 between two tries."""


def hears_nobody(silence: float, answered: float) -> bool:
    """A worker ends, to be started again, once its loop has stood still while the broker answered for 35 seconds.

    `silence`: seconds since the loop turned; `answered`: seconds for which the broker has answered meanwhile.
    """
    return silence >= LOOP_SILENCE and answered >= BROKER_BACK
