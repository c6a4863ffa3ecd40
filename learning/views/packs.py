"""One version of a meeting's pack, as it was built, and what its figures mean."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import NotAllowed
from core.documents import FORMS
from learning import access
from learning.choices import ItemKind, ThemeMove
from learning.models import AgendaItem
from learning.rules.definitions import DEFINITIONS
from learning.selectors import packs as selectors
from learning.selectors import pages
from learning.selectors.summaries import content_of
from learning.services.packs import readable_items
from learning.views.records import page, visible_pack
from learning.views.summaries import summary_parts


@page("GET")
def detail(request: HttpRequest, pack: UUID) -> HttpResponse:
    """The pack without what this reader must not see."""
    found = visible_pack(request, pack)
    visible = readable_items(meeting=found.meeting, reader=request.user)
    opened = AgendaItem.objects.visible_to(request.user).filter(panel=found.meeting.panel_id)
    whole = selectors.pack_of(found.content)
    content = selectors.shown_to(whole, visible)
    earlier = found.meeting.packs.filter(number=found.number - 1).first()
    versions = pages.pack_lines(found.meeting.packs.select_related("asked_by"))
    changes: tuple[str, ...] = ()
    if earlier is not None:
        changes = selectors.what_changed_in_pack(
            selectors.shown_to(selectors.pack_of(earlier.content), visible), content
        )
    summary = found.summary
    context = {
        "pack": found,
        "meeting": found.meeting,
        "pack_content": content,
        "opened": {str(key) for key in opened.values_list("pk", flat=True)},
        "not_shown": len(whole.items) - len(content.items),
        "versions": versions,
        "earlier": earlier,
        "changes": changes,
        "kinds": dict(ItemKind.choices),
        "moves": dict(ThemeMove.choices),
        "summary": summary,
        "pdf_problem": FORMS["pdf"].why_not(),
        **summary_parts(content_of(summary.content)),
    }
    return render(request, "learning/pack.html", context)


@page("GET")
def definitions(request: HttpRequest) -> HttpResponse:
    """What each figure of a pack and of a summary means."""
    if not access.reads_summaries(request.user):
        raise NotAllowed("The panels are for their members, the Principal Social Worker and the QA unit.")
    return render(request, "learning/definitions.html", {"definitions": DEFINITIONS})
