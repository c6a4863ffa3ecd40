"""Who hears of what happens to a grade before feedback. A notice carries the reference and a date, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.access import people_as
from accounts.choices import Role
from accounts.models import User
from audits import access
from audits.choices import Grade, ModerationStatus
from audits.models import Audit, Dispute, Moderation
from core.notifications.services import notify, notify_who_sees


def _tell(people: Iterable[Any], kind: str, event: str, audit: Audit, link: str, due_on: date | None = None) -> int:
    return notify_who_sees(
        record=audit, people=people, kind=kind, event=event, link=link, reference=audit.reference, due_on=due_on
    )


def tell_whoever_does_it(*, audit: Audit, kind: str, at: datetime) -> None:
    """The auditor hears that an audit was given to them, or that it is due on another day, and when it is due."""
    notify(
        people=[audit.auditor] if audit.auditor else [],
        kind=kind,
        event=f"{audit.pk}:{at.isoformat()}",
        object_id=audit.pk,
        link=reverse("audits:detail", args=[audit.pk]),
        reference=audit.reference,
        due_on=audit.due_on,
    )


def tell_auditor(*, held: Moderation, kind: str, due_on: date | None = None) -> None:
    """The auditor hears that the audit came back, that its grade was changed, or what became of a dispute."""
    audit = held.audit
    _tell(
        [audit.auditor], kind, f"{held.pk}:{held.version}", audit, reverse("audits:grade_record", args=[audit.pk]),
        due_on,
    )  # fmt: skip


def tell_heads(*, held: Moderation) -> None:
    """The heads of service who may confirm an inadequate grade hear that one waits; where none may, the QA leads."""
    audit = held.audit
    heads = people_as([Role.HEAD_OF_SERVICE], [audit.team, audit.service])
    free = [head for head in heads if head.is_active and access.can(head, "confirm", held)]
    people = free or people_as([Role.QA_LEAD], [audit.team, audit.service])
    _tell(
        people, "inadequate_to_confirm", f"{held.pk}:{held.version}", audit,
        reverse("audits:confirm", args=[held.pk]), held.confirm_by,
    )  # fmt: skip


def tell_qa_leads(*, held: Moderation, kind: str) -> None:
    """The QA leads hear that an audit would be returned a third time."""
    audit = held.audit
    people = people_as([Role.QA_LEAD], [audit.team, audit.service])
    _tell(people, kind, f"{held.pk}:{held.version}", audit, reverse("audits:guide_return", args=[held.pk]))


def tell_moderator(*, held: Moderation, kind: str) -> None:
    """The moderator hears that the auditor has sent the audit in again, or what became of it."""
    link = reverse("audits:moderate", args=[held.pk])
    _tell([held.moderator], kind, f"{held.pk}:{held.version}", held.audit, link, held.due_on)


def tell_queue(*, held: Moderation) -> int:
    """The moderators who may take the submission hear that it waits, the QA leads where there is none.

    In the morning's digest; at once where the grade is inadequate. Either way the words are the same and say no grade.
    Returns how many notices are new.
    """
    audit = held.audit
    units = [audit.team, audit.service]
    moderators = [
        person
        for person in people_as([Role.MODERATOR], units)
        if person.is_active and access.can(person, "moderate", held)
    ]
    leads = [person for person in people_as([Role.QA_LEAD], units) if person.pk != audit.auditor_id]
    return _tell(
        moderators or leads,
        "audit_in_queue_today" if audit.counted_grade == Grade.INADEQUATE else "audit_in_queue",
        f"{held.pk}:{held.version}", audit, reverse("audits:moderate", args=[held.pk]), held.due_on,
    )  # fmt: skip


def tell_of_submission(*, audit_id: UUID) -> int:
    """As `tell_queue`, for the submission of this audit that waits in the queue; nothing where none does any more."""
    waiting = Moderation.objects.filter(audit=audit_id, status=ModerationStatus.SELECTED, moderator=None)
    held = waiting.select_related("audit__team", "audit__service", "audit__case").first()
    return tell_queue(held=held) if held else 0


def tell_of_dispute(*, dispute: Dispute, kind: str, people: Iterable[User | None]) -> None:
    """These people hear that a dispute was opened, given to them, or decided."""
    notify_who_sees(
        record=dispute,
        people=people,
        kind=kind,
        event=f"{dispute.pk}:{dispute.version}",
        link=reverse("audits:dispute", args=[dispute.pk]),
        reference=dispute.audit.reference,
        due_on=dispute.due_on,
    )


def tell_second_moderators(*, dispute: Dispute) -> None:
    """The moderators who may decide the dispute hear that it waits; where there is none, the heads of service who may;
    where nobody may, the QA leads."""
    audit = dispute.audit
    free = access.free_second_moderators(dispute)
    moderators = [person for person in free if person.holds(Role.MODERATOR)]
    people = moderators or free or people_as([Role.QA_LEAD], [audit.team, audit.service])
    tell_of_dispute(dispute=dispute, kind="dispute_opened", people=people)
