"""Good practice: the month's list for the Principal Social Worker, the library, and one exemplar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.text import Truncator

from audits.choices import GRADE_FINAL, AuditPurpose, Grade
from audits.querysets import AuditQuerySet
from core.page_parts import TimelineEntry
from core.workflow import move
from learning.choices import Consent, ExemplarStatus
from learning.models import Exemplar
from learning.querysets import ExemplarQuerySet
from learning.workflow import EXEMPLAR_MOVES

EXEMPLAR_COLOURS = {
    ExemplarStatus.NOMINATED: "grey",
    ExemplarStatus.ACCEPTED: "blue",
    ExemplarStatus.CONSENT_ASKED: "light-blue",
    ExemplarStatus.PUBLISHED: "green",
    ExemplarStatus.DECLINED: "grey",
    ExemplarStatus.WITHDRAWN: "orange",
}


@dataclass(frozen=True)
class PracticeLine:
    """An audit on the month's list, by its own reference, and what has become of it. `key` is the audit's own."""

    key: str
    reference: str
    audit_type: str
    service: str
    grade: str
    nominated: bool
    exemplar: UUID | None = None
    status: str = ""
    colour: str = ""


@dataclass(frozen=True)
class ExemplarLine:
    """An exemplar in a list."""

    id: UUID
    title: str
    opening: str
    tags: tuple[str, ...]
    status: str
    colour: str
    consent: str
    published_at: datetime | None


def practice_lines(audits: AuditQuerySet, *, month: date) -> list[dict[str, Any]]:
    """The settled audits of a month that are good, outstanding or nominated by their auditor, as data, the nominated
    and the outstanding first; none of a restricted case."""
    found = (
        audits.in_period(month, month)
        .filter(status__in=GRADE_FINAL, purpose=AuditPurpose.STANDARD)
        .filter(Q(counted_grade__in=(Grade.OUTSTANDING, Grade.GOOD)) | Q(exemplar_nominated=True))
        .exclude(case__restricted=True)
        .order_by()
        .values_list("pk", "reference", "audit_type", "service__name", "counted_grade", "exemplar_nominated")
    )
    order = [grade.value for grade in Grade]
    rows = sorted(found, key=lambda row: (not row[5], order.index(row[4]) if row[4] in order else 9, row[1]))
    names = ("key", "reference", "audit_type", "service", "grade", "nominated")
    return [dict(zip(names, (str(row[0]), *row[1:]), strict=True)) for row in rows]


def lines_of(data: Iterable[dict[str, Any]], exemplars: ExemplarQuerySet) -> list[PracticeLine]:
    """The stored lines, each with its exemplar where there is one."""
    rows = list(data)
    held = {str(each.audit_id): each for each in exemplars.filter(audit__in=[row["key"] for row in rows])}
    lines = []
    for row in rows:
        exemplar = held.get(row["key"])
        status = ExemplarStatus(exemplar.status) if exemplar else None
        lines.append(
            PracticeLine(
                **row,
                exemplar=exemplar.pk if exemplar else None,
                status=status.label if status else "",
                colour=EXEMPLAR_COLOURS[status] if status else "",
            )
        )
    return lines


def called(exemplars: ExemplarQuerySet, words: str) -> ExemplarQuerySet:
    """The exemplars that have all these words in their title or text."""
    for word in words.split():
        exemplars = exemplars.filter(Q(title__icontains=word) | Q(text__icontains=word))
    return exemplars


def exemplar_lines(exemplars: Iterable[Exemplar]) -> list[ExemplarLine]:
    """The exemplars of one page as printed; ask for `tags` beforehand."""
    return [
        ExemplarLine(
            id=each.pk,
            title=each.title or "Not written yet",
            opening=Truncator(" ".join(each.text.split())).chars(200),
            tags=tuple(sorted(tag.name for tag in each.tags.all())),
            status=each.get_status_display(),
            colour=EXEMPLAR_COLOURS[ExemplarStatus(each.status)],
            consent=Consent(each.consent).label if each.consent else "",
            published_at=each.published_at,
        )
        for each in exemplars
    ]


def exemplar_story(exemplar: Exemplar) -> list[TimelineEntry]:
    """What happened to an exemplar, the latest first."""
    told = []
    for row in exemplar.moves.select_related("by").order_by("-at", "-id"):
        says = move(EXEMPLAR_MOVES, row.event).says
        by = row.by.name if row.by else "The panel"
        told.append(TimelineEntry(title=says[:1].upper() + says[1:], at=row.at, by=by, text=row.why))
    return told
