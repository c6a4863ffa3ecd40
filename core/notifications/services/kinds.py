"""The kinds of notice that exist. Apps register theirs when they are ready."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.notifications.models import Notice


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice: its words, and the question whether a person may still see what it is about.

    `title` may hold `{reference}` and nothing else: a notice never carries a grade, a name or free text.
    `may_see(user, object_id)` is asked again at the moment of sending and of opening. What is not `urgent` goes into
    the morning's digest. `must`: sent at once whatever a person wishes. `any_day`: also at weekends and bank holidays.
    """

    name: str
    title: str
    may_see: Callable[[Any, uuid.UUID], bool]
    urgent: bool = True
    must: bool = False
    any_day: bool = False


_kinds: dict[str, NoticeKind] = {}


def register_kind(kind: NoticeKind) -> None:
    """Make a kind of notice known; apps call it when they are ready."""
    _kinds[kind.name] = kind


def kind_of(name: str) -> NoticeKind:
    """The kind of this name. Raises KeyError where none is known."""
    if name not in _kinds:
        raise KeyError(f"no kind of notice is called {name}")
    return _kinds[name]


def title_of(notice: Notice) -> str:
    """The one sentence that a notice says; a notice of a kind that this release has forgotten says so."""
    kind = _kinds.get(notice.kind)
    if kind is None:
        return "A notice of an earlier release"
    return kind.title.format(reference=notice.reference)


def may_open(notice: Notice, person: Any) -> bool:
    """Whether this person may (still) see what the notice is about."""
    kind = _kinds.get(notice.kind)
    return kind is not None and bool(kind.may_see(person, notice.object_id))
