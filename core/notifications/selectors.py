"""A person's notices as they read them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from core.notifications.models import Notice
from core.notifications.querysets import NoticeQuerySet


@dataclass(frozen=True)
class NoticeLine:
    """One notice in words."""

    id: uuid.UUID
    title: str
    at: datetime
    due_on: date | None
    unread: bool


def newest_unread_first(notices: NoticeQuerySet) -> NoticeQuerySet:
    """The notices in the order of the page: unread ones first, and the newest first among each."""
    return notices.annotate(was_read=Q(read_at__isnull=False)).order_by("was_read", "-created_at", "id")


def notice_lines(notices: Iterable[Notice], titles: Callable[[Notice], str]) -> list[NoticeLine]:
    """The notices of one page as they are printed; `titles` gives the sentence of each."""
    return [
        NoticeLine(notice.pk, titles(notice), notice.created_at, notice.due_on, notice.read_at is None)
        for notice in notices
    ]
