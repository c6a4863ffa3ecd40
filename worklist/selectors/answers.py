"""My work: what waits to be issued, answered, countersigned. Each count equals the list that it leads to."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from audits.choices import ClockKind, ClockState
from audits.models import Audit, Clock
from audits.querysets import AuditQuerySet
from core.page_parts import TaskItem
from worklist.selectors.home import SHOWN, WorkGroup, due_phrase


def to_issue_group(audits: AuditQuerySet) -> WorkGroup:
    """Settled audits whose feedback nobody has issued yet; they issue themselves after a working day."""
    settled = audits.awaiting("issue", None).order_by("settled_at", "reference")
    waiting = list(settled.select_related("team", "service"))
    return WorkGroup(
        key="to_issue",
        title="Feedback to issue",
        count=len(waiting),
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}", status="Settled", colour="teal",
                url=reverse("audits:detail", args=[audit.pk]), hint=str(audit.team or audit.service),
            )
            for audit in waiting[:SHOWN]
        ),
        all_url=f"{reverse('audits:list')}?awaiting=issue",
        nothing="No settled audit waits for its feedback to be issued.",
    )  # fmt: skip


def to_answer_group(audits: AuditQuerySet, *, today: date) -> WorkGroup:
    """Feedback that waits for the manager's response, the soonest due first."""
    return _group(audits, "response", "to_answer", "Responses to give", today, "No feedback waits for a response.")


def to_countersign_group(audits: AuditQuerySet, *, today: date) -> WorkGroup:
    """Responses that wait for a countersignature."""
    return _group(audits, "countersign", "to_countersign", "Responses to countersign", today, "No response waits.")


def _group(audits: AuditQuerySet, what: str, key: str, title: str, today: date, nothing: str) -> WorkGroup:
    waiting = audits.awaiting(what, today)
    going = Clock.objects.filter(
        audit__in=waiting.values("pk"),
        kind__in=(ClockKind.SAFETY, ClockKind.RESPONSE),
        state__in=(ClockState.RUNNING, ClockState.PAUSED),
    )
    due: dict[object, date] = {}
    paused: set[object] = set()
    for audit, day, state in going.order_by("-due_on").values_list("audit", "due_on", "state"):
        if state == ClockState.PAUSED:
            paused.add(audit)
        else:
            due[audit] = day  # the soonest is the last

    def when(audit: Audit) -> str:
        if audit.pk in paused and audit.pk not in due:
            return "Paused while a challenge is open"
        return due_phrase(due.get(audit.pk), today)

    found = sorted(waiting.select_related("team"), key=lambda audit: (due.get(audit.pk, date.max), audit.reference))
    return WorkGroup(
        key=key,
        title=title,
        count=len(found),
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}",
                status="Late" if due.get(audit.pk, today) < today else audit.get_status_display(),
                colour="red" if due.get(audit.pk, today) < today else "green",
                url=reverse("audits:detail", args=[audit.pk]),
                hint=f"{audit.team or ''}. {when(audit)}".strip(". "),
            )
            for audit in found[:SHOWN]
        ),
        all_url=f"{reverse('audits:list')}?awaiting={what}",
        nothing=nothing,
    )
