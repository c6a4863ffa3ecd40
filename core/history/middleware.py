"""One access event for each response that shows a child's record or refuses one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse

from core.history.models import AccessEvent
from core.history.services import record_access


def note_viewed(request: HttpRequest, kind: str, keys: Iterable[uuid.UUID]) -> None:
    """Say that this response shows the records `keys` of `kind` (as in `cases.case`)."""
    _noted(request).update((kind, key) for key in keys)


def note_exported(request: HttpRequest, kind: str, keys: Iterable[uuid.UUID]) -> None:
    """Say that this response carries the records out in a file."""
    note_viewed(request, kind, keys)
    request.access_purpose = AccessEvent.Purpose.EXPORT  # type: ignore[attr-defined]  # read by AccessLog below


def note_refused(request: HttpRequest, kind: str, keys: Iterable[uuid.UUID]) -> None:
    """Say that this response refuses a record that was asked for, whether or not it exists."""
    note_viewed(request, kind, keys)
    request.access_purpose = AccessEvent.Purpose.REFUSED  # type: ignore[attr-defined]  # read by AccessLog below


def _noted(request: HttpRequest) -> set[tuple[str, uuid.UUID]]:
    if not hasattr(request, "noted_records"):
        request.noted_records = set()  # type: ignore[attr-defined]  # collected while the view runs
    noted: set[tuple[str, uuid.UUID]] = request.noted_records  # type: ignore[attr-defined]
    return noted


# Whatever the view had noted by then, these answers show nothing of it.
_REFUSALS = (403, 404)


def _leads_elsewhere(response: HttpResponse) -> bool:
    """Whether the answer is a redirect, which shows nothing: the page that it leads to is written down for itself."""
    return 300 <= response.status_code < 400


class AccessLog:
    """Writes what the view noted, once, before the response leaves: no record, no page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        noted = getattr(request, "noted_records", None)
        user: Any = getattr(request, "user", None)
        if noted and user is not None and user.is_authenticated and not _leads_elsewhere(response):
            match = request.resolver_match
            purpose = getattr(request, "access_purpose", AccessEvent.Purpose.VIEW)
            record_access(
                by=user,
                purpose=AccessEvent.Purpose.REFUSED if response.status_code in _REFUSALS else purpose,
                page=match.view_name if match else "",
                records=noted,
                request_id=request.headers.get("X-Request-Id", "")[:64],
                address=request.META.get("REMOTE_ADDR") or None,
            )
        return response
