"""Storing notices, once for each person and event, and noting that they were read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.council.selectors import closing_days
from core.jobs.services import enqueue
from core.notifications.choices import Route, Wish
from core.notifications.models import Notice, NoticeWish
from core.notifications.rules import route_of
from core.notifications.services.kinds import kind_of
from core.working_hours import next_working_moment


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

    `event` names what happened, once: asked again with the same event nothing new is stored. Whether it is sent at
    once, in the digest or not at all follows from the kind and from what the person wishes; but for alerts nothing is
    sent at weekends and bank holidays.
    Returns how many are new. Raises KeyError for a kind that nobody registered.
    """
    found = kind_of(kind)
    listed = list(people)
    wishes = dict(NoticeWish.objects.filter(person__in=listed).values_list("person", "email")) if listed else {}
    now = timezone.now()
    when = now if found.any_day or not listed else next_working_moment(now, closing_days())
    new = 0
    with transaction.atomic():
        for person in listed:
            route = route_of(urgent=found.urgent, must=found.must, wish=wishes.get(person.pk, Wish.USUAL))
            notice, made = Notice.objects.get_or_create(
                person=person,
                key=f"{kind}:{event}",
                defaults={
                    "kind": kind,
                    "object_id": object_id,
                    "reference": reference,
                    "link": link,
                    "due_on": due_on,
                    "route": route,
                },
            )
            new += made
            if made and route == Route.NOW:
                enqueue("send_notice", run_after=when, notice_id=notice.pk)
    return new


def notify_who_sees(
    *,
    record: Any,
    people: Iterable[Any],
    kind: str,
    event: str,
    link: str,
    reference: str,
    due_on: date | None = None,
) -> int:
    """As `notify`, about this record, to those of these people (or None) who are active and see it. Returns how many
    notices are new."""
    rows = type(record)._default_manager
    return notify(
        people=[
            person
            for person in dict.fromkeys(people)
            if person is not None and person.is_active and rows.visible_to(person).filter(pk=record.pk).exists()
        ],
        kind=kind,
        event=event,
        object_id=record.pk,
        link=link,
        reference=reference,
        due_on=due_on,
    )


def mark_read(*, notice: Notice, by: Any) -> None:
    """Note that the person has opened this notice; somebody else's stays as it is."""
    Notice.objects.visible_to(by).filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(*, by: Any) -> int:
    """Note that the person has read all their notices. Returns how many were unread."""
    return Notice.objects.visible_to(by).unread().update(read_at=timezone.now())


def unread_count(user: Any) -> int:
    """How many of their notices this person has not opened."""
    return Notice.objects.visible_to(user).unread().count()


def wish_of(user: Any) -> str:
    """Which e-mail this person wants."""
    row = NoticeWish.objects.filter(person=user.pk).first()
    return row.email if row else Wish.USUAL


def choose_email(*, by: Any, email: str) -> None:
    """Keep which e-mail a person wants from now on."""
    NoticeWish.objects.update_or_create(person=by, defaults={"email": Wish(email)})
