"""Storing notices, once for each person and event, and noting that they were read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.jobs.services import enqueue
from core.notifications.models import Notice
from core.notifications.services.kinds import kind_of


def notify(
    *,
    people: Iterable[Any],
    kind: str,
    event: str,
    object_id: uuid.UUID,
    link: str,
    reference: str = "",
    due_on: date | None = None,
) -> int:
    """Store one notice for each person, in this transaction, and ask for it to be sent.

    `event` names what happened, once: asked again with the same event nothing new is stored.
    Returns how many are new. Raises KeyError for a kind that nobody registered.
    """
    kind_of(kind)
    new = 0
    with transaction.atomic():
        for person in people:
            notice, made = Notice.objects.get_or_create(
                person=person,
                key=f"{kind}:{event}",
                defaults={
                    "kind": kind,
                    "object_id": object_id,
                    "reference": reference,
                    "link": link,
                    "due_on": due_on,
                },
            )
            if made:
                enqueue("send_notice", notice_id=notice.pk)
                new += 1
    return new


def mark_read(*, notice: Notice, by: Any) -> None:
    """Note that the person has opened this notice; somebody else's stays as it is."""
    Notice.objects.visible_to(by).filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(*, by: Any) -> int:
    """Note that the person has read all their notices. Returns how many were unread."""
    return Notice.objects.visible_to(by).unread().update(read_at=timezone.now())


def unread_count(user: Any) -> int:
    """How many of their notices this person has not opened."""
    return Notice.objects.visible_to(user).unread().count()
