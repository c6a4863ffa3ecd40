"""Keeping watch over the trail: signing its ends, and asking people to look at what lies outside caseload."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from core.history.services import SignedLine, sign_heads
from core.notifications.services import notify
from worklist.access import LOG_READERS


def sign_trail() -> list[SignedLine]:
    """Sign where both trails end. Returns what is new; raises OSError where the second place cannot be written."""
    return sign_heads()


def tell_of_many_exports(*, person_id: uuid.UUID, day: str) -> int:
    """Tell those who read the log that a person has reached the day's limit of files taken out, once a day.

    Returns how many were told.
    """
    return notify(
        people=_log_readers(),
        kind="many_exports",
        event=f"{person_id}:{day}",
        object_id=person_id,
        link=reverse("worklist:trail_log"),
    )


def _log_readers() -> list[User]:
    readers = Membership.objects.active(timezone.localdate()).filter(role__in=LOG_READERS).select_related("user")
    return sorted({membership.user for membership in readers}, key=lambda person: str(person.pk))


def tell_of_week(*, week: str, event_id: uuid.UUID) -> int:
    """Tell those who read the log that the report of the seven days before the week ("2026-W47") can be read.

    Returns how many were told.
    """
    monday = date.fromisoformat(f"{week}-1")
    first, last = monday - timedelta(days=7), monday - timedelta(days=1)
    return notify(
        people=_log_readers(),
        kind="outside_views",
        event=week,
        object_id=event_id,
        link=f"{reverse('worklist:trail_outside')}?first={first}&last={last}",
    )
