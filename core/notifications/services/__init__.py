"""Telling people: stored once for each person and event, then sent if they may still see what it is about."""

from core.notifications.services.digest import send_digest, send_digests
from core.notifications.services.exports import may_fetch, tell_of_export
from core.notifications.services.failures import tell_of_failed_import, tell_of_failed_job
from core.notifications.services.kinds import NoticeKind, kind_of, may_open, register_kind, title_of
from core.notifications.services.refusals import refused_people
from core.notifications.services.sending import send_notice
from core.notifications.services.steps import tell_once
from core.notifications.services.telling import (
    choose_email,
    mark_all_read,
    mark_read,
    notify,
    notify_who_sees,
    unread_count,
    wish_of,
)

__all__ = [
    "NoticeKind",
    "choose_email",
    "kind_of",
    "mark_all_read",
    "mark_read",
    "may_fetch",
    "may_open",
    "notify",
    "notify_who_sees",
    "refused_people",
    "register_kind",
    "send_digest",
    "send_digests",
    "send_notice",
    "tell_of_export",
    "tell_of_failed_import",
    "tell_of_failed_job",
    "tell_once",
    "title_of",
    "unread_count",
    "wish_of",
]
