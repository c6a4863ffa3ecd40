"""My work: what waits to be issued, answered, countersigned. Each count equals the list that it leads to."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse

from audits.choices import ClockKind, ClockState
from audits.models import Clock
from audits.querysets import AuditQuerySet
from core.page_parts import TaskItem
from worklist.selectors.home import WorkGroup, due_phrase, first_of, late_among


def to_issue_group(audits: AuditQuerySet) -> WorkGroup:
    """Settled audits whose feedback nobody has issued yet; they issue themselves after a working day."""
    settled = audits.awaiting("issue", None).order_by("settled_at", "reference")
    waiting, count = first_of(settled.select_related("team", "service"))
    return WorkGroup(
        key="to_issue",
        title="Feedback to issue",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}", status="Settled", colour="teal",
                url=reverse("audits:detail", args=[audit.pk]), hint=str(audit.team or audit.service),
            )
            for audit in waiting
        ),
        all_url=f"{reverse('audits:list')}?awaiting=issue",
        nothing="No settled audit waits for its feedback to be issued.",
    )  # fmt: skip


def to_answer_group(audits: AuditQuerySet, *, today: date) -> WorkGroup:
    """Feedback that waits for the manager's response, the soonest due first."""
    nothing = "No feedback waits for a response."
    return _group(audits, "response", "to_answer", "Responses to give", today, nothing, status="To answer")


def to_countersign_group(audits: AuditQuerySet, *, today: date) -> WorkGroup:
    """Responses that wait for a countersignature."""
    nothing = "No response waits."
    return _group(
        audits, "countersign", "to_countersign", "Responses to countersign", today, nothing, status="To countersign"
    )


def _group(
    audits: AuditQuerySet, what: str, key: str, title: str, today: date, nothing: str, *, status: str
) -> WorkGroup:
    clocks = Clock.objects.filter(audit=OuterRef("pk"), kind__in=(ClockKind.SAFETY, ClockKind.RESPONSE))
    soonest = clocks.filter(state=ClockState.RUNNING).order_by("due_on").values("due_on")[:1]
    waiting = audits.awaiting(what, today).annotate(answer_by=Subquery(soonest)).select_related("team")
    ordered = waiting.order_by(F("answer_by").asc(nulls_last=True), "reference")
    found, count = first_of(ordered)
    paused = set(
        Clock.objects.filter(audit__in=[audit.pk for audit in found if not audit.answer_by])
        .filter(kind__in=(ClockKind.SAFETY, ClockKind.RESPONSE), state=ClockState.PAUSED)
        .values_list("audit", flat=True)
    )

    def when(audit: Any) -> str:
        if audit.pk in paused:
            return "Paused while a challenge is open"
        return due_phrase(audit.answer_by, today)

    return WorkGroup(
        key=key,
        title=title,
        count=count,
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}",
                status="Overdue" if (audit.answer_by or today) < today else status,
                colour="red" if (audit.answer_by or today) < today else "yellow",
                url=reverse("audits:detail", args=[audit.pk]),
                hint=f"{audit.team or ''}. {when(audit)}".strip(". "),
            )
            for audit in found
        ),
        all_url=f"{reverse('audits:list')}?awaiting={what}",
        nothing=nothing,
        late=late_among(ordered, found, "answer_by", today),
    )
