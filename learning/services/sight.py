"""Sight of a meeting's pack: lent to the members for its life, and taken back with the seat."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.utils import timezone

from accounts.models import RecordGrant, User
from accounts.querysets import current
from core.council.selectors import setting
from core.working_days import LONDON
from learning.models import Meeting, Panel
from learning.querysets import SIGHT
from learning.rules.meetings import PACK_LIFE, sight_until

WHY = "Sits on the panel"


def members_of(*, panel: Panel) -> list[User]:
    """Those who sit on the panel today and can sign in, by name."""
    seats = panel.seats.filter(current(timezone.localdate()), user__is_active=True).select_related("user")
    return sorted((seat.user for seat in seats), key=lambda user: (user.name, str(user.pk)))


def open_pack(*, meeting: Meeting, by: Any) -> list[User]:
    """Let every member read the meeting until its pack's life ends; returns the members."""
    members = members_of(panel=meeting.panel)
    for user in members:
        _lend(meeting=meeting, user=user, by=by)
    return members


def open_packs_to(*, panel: Panel, user: User, by: Any) -> None:
    """Let somebody new read the packs that are alive."""
    for meeting in panel.meetings.filter(packs__isnull=False).distinct():
        if _until(meeting=meeting) > timezone.now():
            _lend(meeting=meeting, user=user, by=by)


def _lend(*, meeting: Meeting, user: User, by: Any) -> None:
    until = _until(meeting=meeting)
    held = RecordGrant.objects.filter(user=user, kind=SIGHT, object_id=meeting.pk)
    if not held.update(until=until):
        RecordGrant.objects.create(
            user=user, kind=SIGHT, object_id=meeting.pk, until=until, why=WHY, granted_by_id=getattr(by, "pk", None)
        )


def _until(*, meeting: Meeting) -> datetime:
    last = sight_until(meeting.held_on, setting(PACK_LIFE.key))
    return datetime.combine(last, time(23, 59, 59), tzinfo=LONDON)
