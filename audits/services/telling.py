"""Who hears of what happens to a grade before feedback. A notice carries the reference and a date, nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.access import people_as
from accounts.choices import Role
from accounts.models import User
from audits import access
from audits.models import Audit, Dispute, Moderation
from core.notifications.services import notify


def _tell(people: Iterable[Any], kind: str, event: str, audit: Audit, link: str, due_on: date | None = None) -> int:
    """One notice to each of these people who can see the audit."""
    return notify(
        people=[
            person
            for person in dict.fromkeys(people)
            if person is not None and person.is_active and Audit.objects.visible_to(person).filter(pk=audit.pk).exists()
        ],
        kind=kind,
        event=event,
        object_id=audit.pk,
        link=link,
        reference=audit.reference,
        due_on=due_on,
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


def tell_of_dispute(*, dispute: Dispute, kind: str, people: Iterable[User | None]) -> None:
    """These people hear that a dispute was opened, given to them, or decided."""
    link = reverse("audits:dispute", args=[dispute.pk])
    seen = [
        person
        for person in dict.fromkeys(people)
        if person is not None and Dispute.objects.visible_to(person).filter(pk=dispute.pk).exists()
    ]
    notify(
        people=[person for person in seen if person.is_active],
        kind=kind,
        event=f"{dispute.pk}:{dispute.version}",
        object_id=dispute.pk,
        link=link,
        reference=dispute.audit.reference,
        due_on=dispute.due_on,
    )


def tell_second_moderators(*, dispute: Dispute) -> None:
    """Those who may decide the dispute hear that it waits; where nobody may, the QA leads do."""
    audit = dispute.audit
    free = access.free_second_moderators(dispute)
    people = free or people_as([Role.QA_LEAD], [audit.team, audit.service])
    tell_of_dispute(dispute=dispute, kind="dispute_opened", people=people)
