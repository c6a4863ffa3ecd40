"""When a report comes by itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from core.working_days import is_working_day, nth_working_day_of_month
from reports.choices import Cadence

COMES_ON = 6
"""The working day of the month on which it comes: after the panel's summary, when most grades are settled."""

HOUR = 7


def due_for(cadence: str, today: date, closing: Collection[date] = ()) -> str:
    """The period that a report is due for today or has been due for since it began: "2026-05", "2026-W21".

    Each period has one name, so what was missed while the machine was down comes once, late. "" before its day.
    """
    if cadence == Cadence.WEEKLY:
        monday = today - timedelta(days=today.weekday())
        first = next((day for n in range(5) if is_working_day(day := monday + timedelta(days=n), closing)), None)
        return f"{monday:%G-W%V}" if first and today >= first else ""
    quarterly = cadence == Cadence.QUARTERLY
    begins = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) if quarterly else today.replace(day=1)
    return f"{begins:%Y-%m}" if today >= nth_working_day_of_month(begins.year, begins.month, COMES_ON, closing) else ""


def mornings(now: datetime) -> tuple[datetime, datetime]:
    """The last seven o'clock at or before `now`, and the next one."""
    due = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if due > now:
        due -= timedelta(days=1)
    return due, due + timedelta(days=1)
