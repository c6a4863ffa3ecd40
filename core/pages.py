"""The frame of pages about records: what they answer to, and what they say where a record has moved on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.errors import conflict
from core.history.middleware import note_refused
from core.workflow import IllegalMove, StaleVersion

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Record:
    """A record that pages are about: the name of its key in their addresses, its own page, and its kind in the trail
    (as in "audits.audit")."""

    key: str
    url: str
    kind: str


@dataclass(frozen=True)
class Step:
    """One step of a record as a page: what it is called, what it says before and after, whether it warns."""

    heading: str
    intro: str
    button: str
    done: str
    warns: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Asking(Step):
    """A step that one form asks for and one service takes."""

    form: type[Any]
    service: Callable[..., Any]


def pages_about(*records: Record, home: str) -> Callable[..., Callable[[View], View]]:
    """The `page` of an app's views, as in `@page("GET", "POST")`: it answers these methods alone.

    A refusal is written down under the record that the address names. A move that is not possible any more is a 409
    that leads back to that record's page, or to `home`.
    """

    def page(*methods: str) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            @require_http_methods([*methods, *(["HEAD"] if "GET" in methods else [])])
            @wraps(view)
            def answer(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponse:
                try:
                    return view(request, *args, **keys)
                except PermissionDenied:
                    for record in records:
                        if isinstance(keys.get(record.key), uuid.UUID):
                            note_refused(request, record.kind, [keys[record.key]])
                    raise
                except (IllegalMove, StaleVersion) as moved:
                    return conflict(request, str(moved), back_url=back(keys), back_label="See how it stands now")

            return answer

        return decorate

    def back(keys: dict[str, Any]) -> str:
        for record in records:
            if record.key in keys:
                return reverse(record.url, args=[keys[record.key]])
        return reverse(home)

    return page


def missing(request: HttpRequest, kind: str, key: uuid.UUID) -> NoReturn:
    """The same answer for a hidden record and for none at all, written down."""
    note_refused(request, kind, [key])
    raise Http404
