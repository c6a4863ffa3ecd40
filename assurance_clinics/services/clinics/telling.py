"""Who hears of what happens to a clinic. A notice carries the service's name and the day, nothing of what was said."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from accounts.models import User
from assurance_clinics.models import Clinic
from core.notifications.services import notify_who_sees

REFERENCE = 60


def tell(*, clinic: Clinic, kind: str, event: str, people: Iterable[User]) -> int:
    """One notice of `kind` to each of these people who may see the clinic; `event` keeps it from being told twice.

    Returns how many are new.
    """
    return notify_who_sees(
        record=clinic,
        people=people,
        kind=kind,
        event=f"{clinic.pk}:{event}",
        link=reverse("assurance_clinics:clinic", args=[clinic.pk]),
        reference=str(clinic)[:REFERENCE],
        due_on=clinic.day,
    )
