"""Addresses that the mail server refuses: kept until a message gets through or the address is changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from core.notifications.models import Notice, RefusedAddress


def note_refused(*, person: Any, notices: Iterable[uuid.UUID]) -> None:
    """Keep that this person's address was refused, so that the QA unit can see it."""
    RefusedAddress.objects.update_or_create(person=person, defaults={"address": person.email, "at": timezone.now()})
    Notice.objects.filter(pk__in=list(notices)).update(failed_at=timezone.now())


def note_delivered(*, person: Any) -> None:
    """A message got through: the address works."""
    RefusedAddress.objects.filter(person=person).delete()


def refused_people() -> list[Any]:
    """The active people whose present address was refused, by name."""
    rows = RefusedAddress.objects.filter(person__is_active=True).select_related("person").order_by("at")
    return [row.person for row in rows if row.address == row.person.email]
