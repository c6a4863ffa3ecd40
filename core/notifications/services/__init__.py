"""Telling people: stored once for each person and event, then sent if they may still see what it is about."""

from core.notifications.services.failures import tell_of_failed_job
from core.notifications.services.kinds import NoticeKind, kind_of, may_open, register_kind, title_of
from core.notifications.services.sending import send_notice
from core.notifications.services.telling import mark_all_read, mark_read, notify, unread_count

__all__ = [
    "NoticeKind",
    "kind_of",
    "mark_all_read",
    "mark_read",
    "may_open",
    "notify",
    "register_kind",
    "send_notice",
    "tell_of_failed_job",
    "title_of",
    "unread_count",
]
