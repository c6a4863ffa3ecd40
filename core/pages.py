"""The frame of pages about records: what they answer to, and what they say where a record has moved on."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NoReturn

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
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
    that keeps what was typed and leads back to that record's page, or to `home`; the very page that was done already
    (a double click, "back" and once more) leads quietly to where it led.
    """

    def page(*methods: str) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            @require_http_methods([*methods, *(["HEAD"] if "GET" in methods else [])])
            @wraps(view)
            def answer(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponse:
                try:
                    answered = view(request, *args, **keys)
                except PermissionDenied:
                    for record in records:
                        if isinstance(keys.get(record.key), uuid.UUID):
                            note_refused(request, record.kind, [keys[record.key]])
                    raise
                except (IllegalMove, StaleVersion) as moved:
                    done = _done_already(request)
                    return done or conflict(
                        request, str(moved), back_url=back(keys), back_label="See how it stands now"
                    )
                if request.method == "POST" and isinstance(answered, HttpResponseRedirect):
                    request.session[_LAST_DONE] = [_mark(request), answered.url]
                return answered

            return answer

        return decorate

    def back(keys: dict[str, Any]) -> str:
        for record in records:
            if record.key in keys:
                return reverse(record.url, args=[keys[record.key]])
        return reverse(home)

    return page


# In the session: the mark of the last page that was sent and done, and where it led.
_LAST_DONE = "last_done"


def _mark(request: HttpRequest) -> str:
    """The same for the same page sent again with the same answers; says nothing about them."""
    return hashlib.sha256(f"{request.path}\n{request.POST.urlencode()}".encode()).hexdigest()


def _done_already(request: HttpRequest) -> HttpResponse | None:
    """Where this very page led when it was done, if that was the last thing this session did."""
    # Read anew: this request may have waited for the one that did it.
    stored = type(request.session)(request.session.session_key)
    mark, led_to = stored.get(_LAST_DONE, ("", ""))
    return HttpResponseRedirect(led_to) if request.method == "POST" and mark == _mark(request) else None


def missing(request: HttpRequest, kind: str, key: uuid.UUID) -> NoReturn:
    """The same answer for a hidden record and for none at all, written down."""
    note_refused(request, kind, [key])
    raise Http404
