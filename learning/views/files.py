"""The panel's papers as files: at once, or by a job where it takes more than a moment."""

from __future__ import annotations

import io
import uuid
from collections.abc import Container
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.documents import FORMS
from core.downloads import at_once, in_background
from learning.models import PanelSummary
from learning.services import files
from learning.services.files import Paper
from learning.views.records import visible_meeting, visible_pack

OFFERED = ("pdf", "docx", "pptx", "xlsx")
AS_TEXT = ("pdf", "docx")


@require_POST
def summary_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One version of a summary as the kind of file that the button names."""
    summary = get_object_or_404(PanelSummary.objects.visible_to(request.user), pk=pk)
    return _give(request, files.SUMMARY, summary, "learning:summary")


@require_POST
def pack_file(request: HttpRequest, pack: uuid.UUID) -> HttpResponse:
    """One version of a meeting's pack as the kind of file that the button names."""
    return _give(request, files.PACK, visible_pack(request, pack), "learning:pack")


@require_POST
def minutes_file(request: HttpRequest, meeting: uuid.UUID) -> HttpResponse:
    """A meeting's minutes as the kind of file that the button names."""
    return _give(request, files.MINUTES, visible_meeting(request, meeting), "learning:meeting", AS_TEXT)


def _give(request: HttpRequest, paper: Paper, row: Any, back: str, offered: Container[str] = OFFERED) -> HttpResponse:
    """The paper of a row that this reader sees; where the paper is not open to them, the page says so."""
    form = FORMS.get(request.POST.get("form", ""))
    if form is None or form.key not in offered:
        raise Http404
    user: Any = request.user
    asked, called = paper.asked(row), paper.called(row)
    name, way_back = f"{called.file}.{form.key}", reverse(back, args=[row.pk])
    if form.slow:
        return in_background(
            request, kind=paper.kind, form=form.key, asked=asked, title=called.title, name=name, back=way_back
        )

    def make() -> tuple[bytes, int]:
        out = io.BytesIO()
        made = paper.make(
            by=user, asked=asked, form=form.key, reason="", at=timezone.now(), out=out,
            on_progress=lambda done, total, text="": None,
        )  # fmt: skip
        return out.getvalue(), made.rows

    return at_once(request, make, name=name, form=form.key, report=name, period=called.period, back=way_back)
