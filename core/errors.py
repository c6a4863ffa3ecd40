"""The pages for requests that could not be answered.

Bad request, forbidden, not found, server error, no database and the CSRF page are printed without
the request: no user, no session, no database. So they work when the database does not,
and the page for "not found" is the same bytes whether a thing is missing or hidden.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseForbidden,
    HttpResponseNotFound,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template import loader

from core.context import names


def _page(template: str, **context: Any) -> str:
    return loader.get_template(template).render({**names(), **context})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400: the request could not be understood. The exception is not shown."""
    return HttpResponseBadRequest(_page("400.html"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403: this person may not do this. Prints the reason when the refusal gave one."""
    reason = str(exception.args[0]) if exception is not None and exception.args else ""
    return HttpResponseForbidden(_page("403.html", reason=reason))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404 with the same bytes for every address and every reason."""
    return HttpResponseNotFound(_page("404.html"))


# Seconds after which a browser or a program may ask again.
RETRY_AFTER = 5


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 with Retry-After where the database did not answer. Nothing about the fault is shown.

    Django calls this while it handles the exception, wherever it was raised: in a view, in the session, in a
    middleware. A change that was asked for is rolled back or was never begun, so it may be asked for again.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return HttpResponse(_page("503.html"), status=503, headers={"Retry-After": str(RETRY_AFTER)})
    return HttpResponseServerError(_page("500.html"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 when a form came without its security token, and say how to go on."""
    return HttpResponseForbidden(_page("csrf.html"))


@dataclass(frozen=True)
class Typed:
    """One answer of a form that came too late: what it was asked for, and the words."""

    label: str
    text: str


def conflict(request: HttpRequest, message: str, *, back_url: str, back_label: str = "Back") -> HttpResponse:
    """Answer 409: the thing has moved on since the page was opened. What was typed into it stays on the page.

    `message` says what it is now and so what cannot be done, for example "This audit is now In
    moderation; you cannot submit it again." `back_url` is a page of this site to go on from.
    """
    context = {"message": message, "back_url": back_url, "back_label": back_label, "typed": typed_in(request)}
    return render(request, "409.html", context, status=409)


def name_keys(request: HttpRequest, names: Iterable[tuple[UUID, str]]) -> None:
    """Say what the keys in the names of this page's fields stand for (a section's title), should it come too late."""
    request.key_names = {str(key): name for key, name in names}  # type: ignore[attr-defined]  # read by typed_in


_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOT_TYPED = {"csrfmiddlewaretoken", "version", "then"}


def typed_in(request: HttpRequest) -> list[Typed]:
    """What was answered in the form that was sent, in the order of its page, labelled by the names of its fields."""
    known: dict[str, str] = getattr(request, "key_names", {})
    found: list[Typed] = []
    for name, texts in request.POST.lists():
        words = [text.strip() for text in texts if text.strip() and not _KEY.fullmatch(text.strip())]
        if name not in _NOT_TYPED and words:
            found.append(Typed(_label(name, known), "\n".join(_as_read(each) for each in words)))
    return found


def _label(name: str, known: dict[str, str]) -> str:
    """ "s-<key>-reason" becomes "Safeguarding and risk: reason", "how_we_know" becomes "How we know"."""
    key = _KEY.search(name)
    words = " ".join(part for part in re.split(r"[-_]+", _KEY.sub("", name)) if len(part) > 1)
    about = known.get(key[0], "") if key else ""
    return (f"{about}: {words}" if about and words else about or words.capitalize()) or "Answer"


def _as_read(text: str) -> str:
    """A choice comes as its key: "requires_improvement" reads "requires improvement"."""
    return text.replace("_", " ") if re.fullmatch(r"[a-z]+(?:_[a-z]+)+", text) else text
