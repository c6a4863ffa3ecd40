"""Telling people: stored once for each person and event, then sent if they may still see what it is about."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from core.jobs.services import JobRun, enqueue, handles
from core.notifications.models import Notice


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice: its words, and the question whether a person may still see what it is about.

    `title` may hold `{reference}` and nothing else: a notice never carries a grade, a name or free text.
    `may_see(user, object_id)` is asked again at the moment of sending.
    """

    name: str
    title: str
    may_see: Callable[[Any, uuid.UUID], bool]


_kinds: dict[str, NoticeKind] = {}


def register_kind(kind: NoticeKind) -> None:
    """Make a kind of notice known; apps call it when they are ready."""
    _kinds[kind.name] = kind


def title_of(notice: Notice) -> str:
    """The one sentence that a notice says."""
    return _kinds[notice.kind].title.format(reference=notice.reference)


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
    Returns how many are new.
    """
    if kind not in _kinds:
        raise KeyError(f"no kind of notice is called {kind}")
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
    """Note that the person has opened this notice."""
    Notice.objects.visible_to(by).filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


@handles("send_notice")
def send_notice(run: JobRun, *, notice_id: str) -> None:
    """Send one notice by e-mail, unless the person has left or may no longer see what it is about."""
    notice = Notice.objects.select_related("person").filter(pk=notice_id, sent_at=None, withheld_at=None).first()
    if notice is None:
        return
    person = get_user_model().objects.get(pk=notice.person_id)
    if not (person.is_active and _kinds[notice.kind].may_see(person, notice.object_id)):
        with run.completing(withheld=True):
            Notice.objects.filter(pk=notice.pk).update(withheld_at=timezone.now())
        return
    message = EmailMessage(
        subject=f"{settings.SERVICE_NAME}: {title_of(notice)}",
        body=f"{title_of(notice)}\n\nSign in to read it: {settings.SITE_URL}{notice.link}\n",
        to=[person.email],
        headers={"Message-ID": f"<{notice.pk}@case-audit>"},
    )
    with run.completing(withheld=False):
        Notice.objects.filter(pk=notice.pk).update(sent_at=timezone.now())
        message.send()
