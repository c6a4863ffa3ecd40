"""The pages for requests that could not be answered.

Bad request, forbidden, not found, server error, no database and the CSRF page are printed without
the request: no user, no session, no database. So they work when the database does not,
and the page for "not found" is the same bytes whether a thing is missing or hidden.
"""

from __future__ import annotations

import sys
from typing import Any

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


def conflict(request: HttpRequest, message: str, *, back_url: str, back_label: str = "Back") -> HttpResponse:
    """Answer 409: the thing has moved on since the page was opened.

    `message` says what it is now and so what cannot be done, for example "This audit is now In
    moderation; you cannot submit it again." `back_url` is a page of this site to go on from.
    """
    context = {"message": message, "back_url": back_url, "back_label": back_label}
    return render(request, "409.html", context, status=409)
