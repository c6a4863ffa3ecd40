"""What the clock brings: the digest of the morning."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from core.council.selectors import closing_days
from core.jobs.services import Schedule
from core.notifications.services.digest import SEND_DIGESTS
from core.working_hours import mornings

DIGEST_AT = time(8)


def _mornings(now: datetime) -> tuple[datetime, datetime]:
    return mornings(now, DIGEST_AT, closing_days())


def _morning(now: datetime) -> tuple[str, dict[str, Any]]:
    day = f"{_mornings(now)[0]:%Y-%m-%d}"
    return day, {"day": day}


EVERY_MORNING = Schedule(
    name="notice_digest",
    kind=SEND_DIGESTS,
    title="Send the morning’s digests",
    says="On working days at 08:00",
    period=_morning,
    moments=_mornings,
)
