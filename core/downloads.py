"""Files handed to a person: as the answer itself, or made in the background. Each is written down and counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.documents import FORMS
from core.jobs.services import ExportRefused, JobFailed, note_export, request_export


def attachment(content: bytes, *, name: str, form: str) -> HttpResponse:
    """A file as the answer: `form` is its key in FORMS."""
    response = HttpResponse(content, content_type=FORMS[form].content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def at_once(
    request: HttpRequest,
    make: Callable[[], tuple[bytes, int]],
    *,
    name: str,
    form: str,
    report: str,
    period: str,
    back: str,
) -> HttpResponse:
    """The file that `make` gives with its number of rows, written down as taken out (a HEAD takes nothing).

    Where it cannot be made, or the person has taken out too many today, back to the page `back`, which says so.
    """
    try:
        content, rows = make()
        if request.method != "HEAD":
            note_export(by=request.user, report=report, form=form, period=period, rows=rows)
    except (ExportRefused, JobFailed) as problem:
        return _refused(request, problem, back)
    return attachment(content, name=name, form=form)


def in_background(
    request: HttpRequest, *, kind: str, form: str, asked: dict[str, Any], title: str, name: str, back: str
) -> HttpResponse:
    """Ask for the file and lead to its page; where it cannot be had, back to the page `back`, which says so."""
    try:
        export = request_export(kind=kind, form=form, asked=asked, title=title, filename=name, by=request.user)
    except ExportRefused as problem:
        return _refused(request, problem, back)
    return redirect("jobs:export", pk=export.pk)


def _refused(request: HttpRequest, problem: Exception, back: str) -> HttpResponse:
    messages.error(request, str(problem))
    return redirect(back)
