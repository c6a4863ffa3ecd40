"""The panel's papers as files: a month's summary, a meeting's pack, its minutes, for whoever may read them then."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings

from accounts.access import YES, Decision, no, sight_of
from core.documents import FORMS, Document, PdfProblem
from core.jobs.services import JobFailed, Made
from learning import documents
from learning.models import AgendaItem, Meeting, Pack, PanelSummary
from learning.selectors.packs import pack_of, shown_to
from learning.selectors.summaries import content_of
from learning.services.packs import readable_items


@dataclass(frozen=True)
class Called:
    """What a paper is called: its title on the product's pages, its file's name without the ending, its period."""

    title: str
    file: str
    period: str


@dataclass(frozen=True)
class Paper:
    """A kind of paper, as an exporter has it.

    `find(by, key)` gives the row where `by` may read the paper of it, else None; `document(row, by, at)` writes it for
    them; `seen(row, by)` says as any text what of it they may read; `key` is what a job keeps the row's key as.
    """

    kind: str
    title: str
    key: str
    refused: str
    find: Callable[[Any, uuid.UUID], Any]
    called: Callable[[Any], Called]
    document: Callable[[Any, Any, datetime], Document]
    seen: Callable[[Any, Any], str] = lambda row, by: ""

    def asked(self, row: Any) -> dict[str, Any]:
        """Which paper is asked for, as data that a job can keep."""
        return {self.key: str(row.pk)}

    def _row(self, by: Any, asked: dict[str, Any]) -> Any:
        return self.find(by, uuid.UUID(asked[self.key]))

    def may(self, *, by: Any, asked: dict[str, Any]) -> Decision:
        """Whether this person may read it."""
        return YES if self._row(by, asked) else no(self.refused)

    def scope(self, *, by: Any, asked: dict[str, Any]) -> str:
        """What decides what they read in it: the roles they hold and where, and which items are open to them."""
        row = self._row(by, asked)
        return f"{sight_of(by)} {self.seen(row, by) if row else ''}".strip()

    def make(
        self, *, by: Any, asked: dict[str, Any], form: str, reason: str, at: datetime, out: BinaryIO, on_progress: Any
    ) -> Made:
        """Write it as a file. Raises JobFailed where it is not for this person any more, or cannot be made here."""
        row = self._row(by, asked)
        if row is None:
            raise JobFailed(self.refused)
        document = self.document(row, by, at)
        on_progress(1, 2, "Writing the file")
        try:
            out.write(FORMS[form].write(document))
        except PdfProblem as problem:
            raise JobFailed(str(problem)) from problem
        return Made(rows=sum(len(table.rows) for table in document.tables))


def _taken(by: Any, at: datetime) -> documents.Taken:
    return documents.Taken(str(by), at, settings.COUNCIL_NAME)


# --- the month's summary ---------------------------------------------------------------------------------------------


def _summary_called(summary: PanelSummary) -> Called:
    month = f"{summary.month:%Y-%m}"
    return Called(
        f"Panel summary for {summary.month:%B %Y}, version {summary.number}",
        f"panel-summary-{month}-version-{summary.number}", month,
    )  # fmt: skip


SUMMARY = Paper(
    "panel_summary", "The panel's summary", "summary", "The panel's summaries are for the panel and the QA unit.",
    lambda by, key: PanelSummary.objects.visible_to(by).filter(pk=key).first(),
    _summary_called,
    lambda summary, by, at: documents.as_document(
        content_of(summary.content), number=summary.number, built_at=summary.built_at, taken=_taken(by, at)
    ),
)  # fmt: skip


# --- a meeting's pack ------------------------------------------------------------------------------------------------


def _pack(by: Any, key: uuid.UUID) -> Pack | None:
    return Pack.objects.visible_to(by).select_related("meeting__panel", "summary").filter(pk=key).first()


def _pack_document(pack: Pack, by: Any, at: datetime) -> Document:
    whole = pack_of(pack.content)
    return documents.pack_document(
        shown_to(whole, readable_items(meeting=pack.meeting, reader=by)), content_of(pack.summary.content),
        of=len(whole.items), number=pack.number, built_at=pack.built_at, taken=_taken(by, at),
    )  # fmt: skip


def _open_in_pack(pack: Pack, by: Any) -> str:
    content = shown_to(pack_of(pack.content), readable_items(meeting=pack.meeting, reader=by))
    return " ".join([*(item.key for item in content.items), *(decision.key for decision in content.decisions)])


PACK = Paper(
    "panel_pack", "The pack of a meeting of the panel", "pack", "This pack is not open to you.",
    _pack,
    lambda pack: Called(
        f"Pack of {pack.meeting.reference}, version {pack.number}",
        f"panel-pack-{pack.meeting.reference}-version-{pack.number}", f"{pack.summary.month:%Y-%m}",
    ),
    _pack_document,
    _open_in_pack,
)  # fmt: skip


# --- a meeting's minutes ---------------------------------------------------------------------------------------------


def _with_minutes(by: Any, key: uuid.UUID) -> Meeting | None:
    """The meeting, where it has minutes and no item of it is hidden from this reader: they hold every item."""
    meeting = Meeting.objects.visible_to(by).select_related("panel").filter(pk=key).first()
    if meeting is None or not meeting.minutes:
        return None
    open_items = AgendaItem.objects.visible_to(by).filter(meeting=meeting)
    return None if meeting.items.exclude(pk__in=open_items.values("pk")).exists() else meeting


MINUTES = Paper(
    "panel_minutes", "The minutes of a meeting of the panel", "meeting", "These minutes are not open to you.",
    _with_minutes,
    lambda meeting: Called(
        f"Minutes of {meeting.reference}", f"panel-minutes-{meeting.reference}", f"{meeting.held_on:%Y-%m}"
    ),
    lambda meeting, by, at: documents.minutes_document(meeting, taken=_taken(by, at)),
)  # fmt: skip

PAPERS = (SUMMARY, PACK, MINUTES)
