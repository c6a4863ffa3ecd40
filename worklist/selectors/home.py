"""My work: what waits for a person, in the order in which it matters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from audits.choices import ISSUED, OPEN_TO_AUDITOR, AuditStatus, DisputeStatus, ModerationStatus
from audits.querysets import AlertQuerySet, AuditQuerySet, DisputeQuerySet, ModerationQuerySet
from audits.selectors.pages import STATUS_COLOURS
from core.jobs.choices import ImportStatus, JobStatus
from core.jobs.querysets import FileImportQuerySet, JobQuerySet
from core.page_parts import TaskItem, Tile
from core.working_days import add_working_days, when_due

SHOWN = 8


@dataclass(frozen=True)
class WorkGroup:
    """One heading of the home page: how many wait, the first of them, and where the rest is.

    `for_me`: whether they wait for this person to do something, so that they count at the top of the page.
    `late`: how many of them are overdue.
    """

    key: str
    title: str
    count: int
    items: tuple[TaskItem, ...]
    all_url: str = ""
    nothing: str = ""
    for_me: bool = True
    late: int = 0


def first_of(rows: models.QuerySet[Any, Any]) -> tuple[list[Any], int]:
    """The rows that a group shows, and how many there are. Only where there are more than shown are they counted."""
    found = list(rows[: SHOWN + 1])
    return found[:SHOWN], len(found) if len(found) <= SHOWN else rows.count()


def late_among(rows: models.QuerySet[Any, Any], shown: list[Any], field: str, today: date) -> int:
    """How many rows are overdue by `field`, when the soonest due come first; counted only where all shown are."""
    late = sum(1 for row in shown if (getattr(row, field) or today) < today)
    return rows.filter(**{f"{field}__lt": today}).count() if late == SHOWN else late


def due_phrase(due_on: date | None, today: date) -> str:
    """When something is due, in words with the working days: "due 4 March 2026, in 3 working days"."""
    if due_on is None:
        return "No due date"
    return f"Due {date_format(due_on, 'j F Y')}, {when_due(due_on, today)}"


def alerts_group(alerts: AlertQuerySet) -> WorkGroup:
    """Safeguarding alerts on which somebody still has to act, newest first."""
    waiting = alerts.unresolved().select_related("audit")
    shown, count = first_of(waiting)
    return WorkGroup(
        key="alerts",
        title="Safeguarding alerts",
        count=count,
        items=tuple(
            TaskItem(
                label=f"Alert on audit {alert.audit.reference}",
                status=alert.get_status_display(),
                url=reverse("audits:alert", args=[alert.pk]),
                colour="red",
            )
            for alert in shown
        ),
        all_url=reverse("audits:alerts"),
        nothing="No safeguarding alerts are open.",
        for_me=False,
    )


def own_audits_group(audits: AuditQuerySet, *, auditor: User, today: date) -> WorkGroup:
    """The audits that an auditor has to do, the most urgent first."""
    mine = audits.filter(auditor=auditor, status__in=OPEN_TO_AUDITOR).order_by("due_on", "reference")
    shown, count = first_of(mine)
    return WorkGroup(
        key="to_do",
        title="Audits to do",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}",
                status="Overdue" if audit.due_on and audit.due_on < today else audit.get_status_display(),
                colour="red"
                if audit.due_on and audit.due_on < today
                else "blue"
                if audit.status == AuditStatus.IN_PROGRESS
                else "grey",
                url=reverse("audits:detail", args=[audit.pk]),
                hint=due_phrase(audit.due_on, today),
            )
            for audit in shown
        ),
        all_url=reverse("audits:list") + "?mine=1",
        nothing="No audits are waiting for you. When one is allocated to you, it appears here.",
    )


def own_submitted_group(audits: AuditQuerySet, *, auditor: User) -> WorkGroup:
    """An auditor's submissions that wait for somebody else."""
    asked = (ModerationStatus.RETURNED, ModerationStatus.AWAITING_ACCEPTANCE)
    waiting = (
        audits.filter(auditor=auditor, status=AuditStatus.SUBMITTED)
        .exclude(moderations__status__in=asked)
        .order_by("submitted_at", "reference")
    )
    shown, count = first_of(waiting)
    return WorkGroup(
        key="with_others",
        title="Waiting for others",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}",
                status="In moderation",
                colour="purple",
                url=reverse("audits:detail", args=[audit.pk]),
            )
            for audit in shown
        ),
        nothing="Nothing of yours is waiting for anybody else.",
        for_me=False,
    )


def answers_group(audits: AuditQuerySet, *, auditor: User, today: date) -> WorkGroup:
    """What moderation asks of an auditor: audits that came back with questions, grades to accept or dispute."""
    states = (ModerationStatus.RETURNED, ModerationStatus.AWAITING_ACCEPTANCE)
    mine = audits.filter(auditor=auditor, status=AuditStatus.SUBMITTED, moderations__status__in=states)
    rows = mine.values_list("pk", "reference", "audit_type", "moderations__status", "moderations__answer_by").order_by(
        "moderations__answer_by", "reference"
    )
    shown, count = first_of(rows)
    return WorkGroup(
        key="answers",
        title="Moderation asks you",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{reference}: {audit_type}",
                status="Returned with questions" if status == ModerationStatus.RETURNED else "Grade to accept",
                colour="orange",
                url=reverse(
                    "audits:detail" if status == ModerationStatus.RETURNED else "audits:grade_record", args=[key]
                ),
                hint="Submit it again when you have answered"
                if status == ModerationStatus.RETURNED
                else f"{due_phrase(answer_by, today)}. Silence counts as acceptance",
            )
            for key, reference, audit_type, status, answer_by in shown
        ),
        nothing="No audit came back to you, and no grade of yours was changed.",
    )


def confirmations_group(moderations: ModerationQuerySet, *, head: User, today: date) -> WorkGroup:
    """Inadequate grades that a head of service has to confirm, those that they moderated left out."""
    waiting = (
        moderations.in_list("confirm")
        .exclude(moderator=head)
        .exclude(disputes__second_moderator=head)
        .select_related("audit")
    )
    shown, count = first_of(waiting)
    return WorkGroup(
        key="confirm",
        title="Grades to confirm",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{each.audit.reference}: {each.audit.audit_type}",
                status=each.get_status_display(),
                colour="magenta",
                url=reverse("audits:confirm", args=[each.pk]),
                hint=due_phrase(each.confirm_by, today),
            )
            for each in shown
        ),
        all_url=reverse("audits:moderation_queue") + "?show=confirm",
        nothing="No grade waits for your confirmation.",
    )


def disputes_group(disputes: DisputeQuerySet, *, moderator: User, today: date) -> WorkGroup:
    """Disputes that wait for a second moderator, and those that this person has taken up."""
    theirs = disputes.filter(
        Q(status=DisputeStatus.OPEN) | Q(status=DisputeStatus.WITH_SECOND_MODERATOR, second_moderator=moderator)
    ).exclude(moderation__moderator=moderator)
    waiting = theirs.exclude(raised_by=moderator).select_related("audit").order_by("due_on", "raised_at")
    shown, count = first_of(waiting)
    return WorkGroup(
        key="disputes",
        title="Disputes to decide",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{each.audit.reference}: {each.audit.audit_type}",
                status=each.get_status_display(),
                colour="purple" if each.second_moderator_id else "yellow",
                url=reverse("audits:dispute", args=[each.pk]),
                hint=due_phrase(each.due_on, today),
            )
            for each in shown
        ),
        all_url=reverse("audits:moderation_queue") + "?show=disputes",
        nothing="No dispute waits for a second moderator.",
    )


def third_returns_group(moderations: ModerationQuerySet) -> WorkGroup:
    """Audits that would be returned a third time: a QA lead decides."""
    waiting = moderations.in_list("third").select_related("audit")
    shown, count = first_of(waiting)
    return WorkGroup(
        key="third_returns",
        title="Third returns to decide",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{each.audit.reference}: {each.audit.audit_type}",
                status=each.get_status_display(),
                colour="orange",
                url=reverse("audits:guide_return", args=[each.pk]),
            )
            for each in shown
        ),
        all_url=reverse("audits:moderation_queue") + "?show=third",
        nothing="No audit would be returned a third time.",
    )


def moderation_group(moderations: ModerationQuerySet, *, today: date) -> WorkGroup:
    """Submissions that wait for a moderator, the soonest due first."""
    waiting = moderations.waiting().select_related("audit").order_by("due_on", "created_at")
    shown, count = first_of(waiting)
    return WorkGroup(
        key="moderation",
        title="Waiting for moderation",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{moderation.audit.reference}: {moderation.audit.audit_type}",
                status=moderation.get_status_display(),
                colour="purple" if moderation.status == ModerationStatus.OPENED else "yellow",
                url=reverse("audits:moderate", args=[moderation.pk]),
                hint=due_phrase(moderation.due_on, today),
            )
            for moderation in shown
        ),
        all_url=reverse("audits:moderation_queue"),
        nothing="No submissions are waiting to be moderated.",
    )


def unallocated_group(audits: AuditQuerySet) -> WorkGroup:
    """Audits that are planned and have no auditor yet."""
    waiting = audits.filter(status=AuditStatus.PLANNED).select_related("service", "team").order_by("created_at")
    shown, count = first_of(waiting)
    return WorkGroup(
        key="unallocated",
        title="Planned, not yet allocated",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}",
                status="Needs an auditor",
                colour="yellow",
                url=reverse("audits:allocate", args=[audit.pk]),
                hint=str(audit.team or audit.service),
            )
            for audit in shown
        ),
        all_url=reverse("audits:list") + f"?status={AuditStatus.PLANNED}",
        nothing="Every planned audit has an auditor.",
    )


def overdue_group(audits: AuditQuerySet, *, today: date) -> WorkGroup:
    """Audits that should have been submitted by now, the longest overdue first."""
    late = audits.overdue(today).select_related("auditor").order_by("due_on", "reference")
    shown, count = first_of(late)
    return WorkGroup(
        key="overdue",
        title="Overdue audits",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}",
                status="Overdue",
                colour="red",
                url=reverse("audits:detail", args=[audit.pk]),
                hint=f"{audit.auditor or 'No auditor'}. {due_phrase(audit.due_on, today)}",
            )
            for audit in shown
        ),
        all_url=reverse("audits:list") + "?overdue=1",
        nothing="No audit is overdue.",
        for_me=False,
    )


def imports_group(imports: FileImportQuerySet) -> WorkGroup:
    """Imported files that somebody has to check before they take effect."""
    waiting = imports.filter(status=ImportStatus.PREVIEWED)
    shown, count = first_of(waiting)
    return WorkGroup(
        key="imports",
        title="Imports to check",
        count=count,
        items=tuple(
            TaskItem(
                label=given.filename,
                status="Ready to check",
                colour="yellow",
                url=reverse("jobs:import", args=[given.pk]),
            )
            for given in shown
        ),
        all_url=reverse("jobs:imports"),
        nothing="No file is waiting to be checked.",
    )


def failed_jobs_group(jobs: JobQuerySet) -> WorkGroup:
    """Background work that needs a person."""
    failed = jobs.filter(status=JobStatus.FAILED)
    shown, count = first_of(failed)
    return WorkGroup(
        key="jobs",
        title="Failed jobs",
        count=count,
        items=tuple(
            TaskItem(label=job.kind.replace("_", " "), status="Failed", colour="red", url=reverse("jobs:list"))
            for job in shown
        ),
        all_url=reverse("jobs:list"),
        nothing="Every background job has done its work.",
        for_me=False,
    )


def _day(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "j F Y") if at else ""


def feedback_group(audits: AuditQuerySet, *, today: date) -> WorkGroup:
    """Feedback issued in the last twenty working days, newest first."""
    recent = audits.filter(status__in=ISSUED, feedback_issued_at__date__gte=add_working_days(today, -20)).order_by(
        "-feedback_issued_at"
    )
    shown, count = first_of(recent.select_related("team", "service"))
    return WorkGroup(
        key="feedback",
        title="Feedback issued in the last 20 working days",
        count=count,
        items=tuple(
            TaskItem(
                label=f"{audit.reference}: {audit.audit_type}",
                status=audit.get_status_display(),
                colour=STATUS_COLOURS[AuditStatus(audit.status)],
                url=reverse("audits:detail", args=[audit.pk]),
                hint=f"{audit.team or audit.service}, issued {_day(audit.feedback_issued_at)}",
            )
            for audit in shown
        ),
        all_url=reverse("audits:list"),
        nothing="No feedback was issued in the last 20 working days.",
        for_me=False,
    )


def tiles(
    groups: list[WorkGroup], audits: AuditQuerySet, *, auditor: User, today: date, late_actions: int | None = None
) -> list[Tile]:
    """The figures at the top of the page; each equals the list that it stands for.

    `late_actions` are those of everybody whom the reader answers for; None counts the reader's own.
    """
    counts = {group.key: group.count for group in groups}
    shown = []
    if "to_do" in counts:
        mine = audits.filter(auditor=auditor, status__in=OPEN_TO_AUDITOR).aggregate(
            today=models.Count("pk", filter=Q(due_on=today)), late=models.Count("pk", filter=Q(due_on__lt=today))
        )
        late = mine["late"]
        shown.append(Tile(str(mine["today"]), "due today", f"{reverse('audits:list')}?mine=1&due_today=1"))
        shown.append(
            Tile(
                str(late),
                "audits overdue",
                f"{reverse('audits:list')}?mine=1&overdue=1",
                tone="alert" if late else "",
            )
        )
    elif "overdue" in counts:
        shown.append(
            Tile(
                str(counts["overdue"]),
                "audits overdue",
                f"{reverse('audits:list')}?overdue=1",
                tone="alert" if counts["overdue"] else "",
            )
        )
    late_in = {group.key: group.late for group in groups}
    if late_in.get("to_answer"):
        late_list = f"{reverse('audits:list')}?awaiting=late"
        shown.append(Tile(*_late(late_in["to_answer"], "response"), late_list, tone="alert"))
    if late_actions:
        late_list = f"{reverse('actions:list')}?show=overdue"
        shown.append(Tile(*_late(late_actions, "action"), late_list, tone="alert"))
    elif late_actions is None and late_in.get("actions"):
        shown.append(Tile(*_late(late_in["actions"], "action"), "#group-actions", tone="alert"))
    waiting = [group for group in groups if group.for_me]
    if waiting:
        first = next((group for group in waiting if group.count), waiting[0])
        shown.append(Tile(str(sum(group.count for group in waiting)), "waiting for me", f"#group-{first.key}"))
    if "with_others" in counts:
        shown.append(Tile(str(counts["with_others"]), "waiting for others"))
    if "alerts" in counts:
        shown.append(
            Tile(
                str(counts["alerts"]), "open alerts", reverse("audits:alerts"), tone="alert" if counts["alerts"] else ""
            )
        )
    return shown


def _late(count: int, noun: str) -> tuple[str, str]:
    return str(count), f"{noun} overdue" if count == 1 else f"{noun}s overdue"


def found_audits(audits: AuditQuerySet, text: str) -> AuditQuerySet:
    """Audits by reference, auditor, worker or theme, within what the reader may see; newest first."""
    words = text.strip()
    return (
        audits.filter(
            Q(reference__icontains=words)
            | Q(auditor__name__icontains=words)
            | Q(auditor_name__icontains=words)
            | Q(case__holdings__worker__name__icontains=words)
            | Q(findings__themes__name__icontains=words)
        )
        .distinct()
        .order_by("-created_at", "id")
    )
