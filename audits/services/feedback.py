"""Issuing an audit's feedback: the step in which the practitioner and their line may see it for the first time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.access import SYSTEM, people_as
from accounts.choices import Role
from accounts.models import User
from actions.choices import ActionStatus
from actions.models import Action
from actions.services.creating import open_action
from audits import access
from audits.choices import AlertStatus, AuditPurpose, AuditStatus, ClockKind, Grade
from audits.models import Audit, Feedback
from audits.rules.grading import characters
from audits.rules.responding import MIN_RELEASE, clocks_on_issue
from audits.rules.timescales import FEEDBACK_DAYS
from audits.services import tallies
from audits.services.clocks import start_clock
from audits.services.moves import Moves, StaleVersion, lock_audit
from core.council.selectors import closing_days, setting
from core.history.services import Entry, actor_id
from core.jobs.services import publish
from core.notifications.services import notify
from core.workflow import IllegalMove
from core.working_days import add_working_days, working_days_between

# Actions that somebody proposed while the audit was written are opened with the feedback, not before (NK-4).
_PROPOSED_IN_AN_AUDIT = ("finding", "alert", "response", "dispute")


def issue_feedback(*, audit: Audit, by: Any, version: int | None = None, why: str = "") -> Feedback:
    """Issue the feedback of a settled audit: it opens to the practitioner and their line, and the clocks start.

    While nobody has acknowledged a safeguarding alert of the audit, only the QA lead may, with a reason of at least
    20 characters. Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError by field.
    """
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "issue", audit)
        moves = Moves(audit=audit, by=by, version=version)
        before = tallies.contribution(audit=audit)
        moves.make("issue", why=why)
        if audit.purpose == AuditPurpose.CALIBRATION:
            raise ValidationError({"why": "A calibration audit has no feedback: it compares auditors."})
        if has_unacknowledged_alert(audit=audit):
            access.require(by, "release", audit)
            if characters(why) < MIN_RELEASE:
                raise ValidationError(
                    {"why": f"Nobody has acknowledged the safeguarding alert yet. Say in at least {MIN_RELEASE} "
                            "characters why the feedback cannot wait for that."}
                )  # fmt: skip
        feedback = write_feedback(moves=moves, why=why)
        moves.set(feedback_issued_at=moves.at)
        by_when = {}
        for kind, days_from in clocks_on_issue(audit.counted_grade).items():
            by_when[kind] = start_clock(
                audit=audit, kind=kind, days_from=days_from, at=moves.at, by=by,
                serious=audit.counted_grade == Grade.INADEQUATE,
            ).due_on  # fmt: skip
        moves.tell(_what_runs(by_when))
        tallies.move(before=before, after=tallies.contribution(audit=audit))
        moves.save()
        _open_proposed_actions(audit)
        tell_of_feedback(audit=audit, feedback=feedback)
        publish("audits.feedback_issued", by=by, audit_id=audit.pk)
    return feedback


_RUNS = (
    (ClockKind.SAFETY, "The statement on the child’s safety is due by"),
    (ClockKind.RESPONSE, "The response is due by"),
    (ClockKind.CHALLENGE, "It can be challenged until"),
)


def _what_runs(by_when: Mapping[ClockKind, date]) -> str:
    """Until when who has to answer, for the audit's story."""
    return ". ".join(f"{words} {date_format(by_when[kind], 'j F Y')}" for kind, words in _RUNS if kind in by_when)


def write_feedback(*, moves: Moves, why: str) -> Feedback:
    """The record of one issue, with the grade that it says."""
    audit = moves.audit
    feedback = Feedback.objects.create(
        audit=audit, number=audit.feedbacks.count() + 1, grade=audit.grade, counted_grade=audit.counted_grade,
        issued_at=moves.at, issued_by_id=actor_id(moves.by), why=why.strip(),
    )  # fmt: skip
    moves.note(Entry(feedback, "issue", values={"audit": str(audit.pk), "number": feedback.number}))
    return feedback


def has_unacknowledged_alert(*, audit: Audit) -> bool:
    """Whether the audit has a safeguarding alert that nobody of the line has in hand."""
    return audit.alerts.filter(status=AlertStatus.RAISED).exists()


def _open_proposed_actions(audit: Audit) -> None:
    drafts = Action.objects.filter(
        status=ActionStatus.DRAFT, origin__in=_PROPOSED_IN_AN_AUDIT, origin_reference=audit.reference
    )
    for action in drafts:
        open_action(action=action, by=SYSTEM)


def readers_of_feedback(*, audit: Audit) -> Sequence[User]:
    """The practitioners who hold or held the case in the audit's window, and its team manager: those who may see it."""
    people = people_as([Role.TEAM_MANAGER], [audit.team])
    if audit.case is not None:
        holders = User.objects.filter(is_active=True, worker_names__holdings__case=audit.case).distinct()
        people = [*holders.order_by("name", "pk"), *people]
    return [person for person in dict.fromkeys(people) if Audit.objects.visible_to(person).filter(pk=audit.pk).exists()]


def tell_of_feedback(*, audit: Audit, feedback: Feedback) -> int:
    """The practitioner and the team manager hear that there is feedback, at once."""
    return notify(
        people=readers_of_feedback(audit=audit),
        kind="feedback_issued" if feedback.number == 1 else "feedback_issued_again",
        event=str(feedback.pk),
        object_id=audit.pk,
        link=reverse("audits:detail", args=[audit.pk]),
        reference=audit.reference,
    )


def issued_on(*, audit: Audit) -> date:
    """The working day on which the feedback of a settled audit is issued if nobody does it before."""
    settled = timezone.localdate(audit.settled_at) if audit.settled_at else timezone.localdate()
    return add_working_days(settled, setting(FEEDBACK_DAYS.key), closing_days())


def issue_all_due(*, today: date) -> dict[str, int]:
    """Issue the feedback of every audit that was settled a working day ago or longer and that nobody has issued.

    Not while an alert is unacknowledged, and never of a shadow or calibration audit: those wait for the QA lead.
    Returns how many were issued and how many wait.
    """
    days = setting(FEEDBACK_DAYS.key, on=today)
    settled = Audit.objects.filter(status=AuditStatus.SETTLED, purpose=AuditPurpose.STANDARD).exclude(settled_at=None)
    issued = waiting = 0
    for audit in settled.order_by("settled_at", "pk"):
        if working_days_between(timezone.localdate(audit.settled_at), today, closing_days()) < days:
            continue
        if has_unacknowledged_alert(audit=audit):
            waiting += 1
            continue
        try:
            issue_feedback(audit=audit, by=SYSTEM)
        except (IllegalMove, StaleVersion):  # somebody was first in this moment
            continue
        issued += 1
    return {"issued": issued, "waiting": waiting}
