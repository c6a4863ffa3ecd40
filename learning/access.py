"""Who may have a summary built, who prepares a panel, and who may do what with its meetings and items."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.access import YES, Decision, no
from accounts.choices import QA_ROLES, Role
from accounts.querysets import current
from learning.choices import SeatKind
from learning.models import AgendaItem, Exemplar, Meeting, Panel
from learning.querysets import prepares

READERS = (*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER)
TOLD = (Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER)
CHAIRS = (Role.PRINCIPAL_SOCIAL_WORKER, Role.QA_LEAD)
"""Whoever chairs a panel holds one of these: what it decides becomes actions in their name."""

_KEEPING = "Only the panel's chair and the QA unit can do this."


def can_build(by: Any) -> Decision:
    """The QA lead and the Principal Social Worker have summaries built, and the system by its calendar."""
    if getattr(by, "is_system", False) or by.holds(Role.QA_LEAD, Role.PRINCIPAL_SOCIAL_WORKER):
        return YES
    return no("Only the QA lead and the Principal Social Worker can have a summary built.")


def reads_summaries(user: Any) -> bool:
    """Whether the summaries are for this person."""
    return bool(getattr(user, "pk", None)) and user.holds(*READERS)


def sees_panels(user: Any) -> bool:
    """Whether the panels are of any use to this person; it hides a link and guards nothing."""
    return reads_summaries(user)


def can_set_up(by: Any) -> Decision:
    """The QA unit and the Principal Social Worker set panels up."""
    return YES if prepares(by) else no("Only the QA unit and the Principal Social Worker can set up a panel.")


def can_keep(by: Any, panel: Panel) -> Decision:
    """A panel is kept by its chair or deputy, and by the QA unit."""
    if getattr(by, "is_system", False) or by.holds(*QA_ROLES):
        return YES
    today = timezone.localdate()
    chairs = panel.seats.filter(current(today), user=by.pk, kind__in=(SeatKind.CHAIR, SeatKind.DEPUTY))
    return YES if by.holds(*CHAIRS) and chairs.exists() else no(_KEEPING)


def sits_on(user: Any, panel: Panel) -> bool:
    """Whether this person has a seat on the panel today."""
    return bool(getattr(user, "pk", None)) and panel.seats.filter(current(timezone.localdate()), user=user.pk).exists()


def can_propose(by: Any, panel: Panel) -> Decision:
    """Members and those who prepare panels propose items."""
    if prepares(by) or sits_on(by, panel):
        return YES
    return no("Only members of the panel, the QA unit and the Principal Social Worker can propose an item.")


def can_keep_item(by: Any, item: AgendaItem) -> Decision:
    """As the panel, and never somebody with a conflict."""
    if not AgendaItem.objects.visible_to(by).filter(pk=item.pk).exists():
        return no("You cannot see this item.")
    return can_keep(by, item.panel)


def can_withdraw(by: Any, item: AgendaItem) -> Decision:
    """Whoever proposed an item may withdraw it, and whoever keeps the panel."""
    if not AgendaItem.objects.visible_to(by).filter(pk=item.pk).exists():
        return no("You cannot see this item.")
    return YES if item.proposed_by_id == by.pk else can_keep(by, item.panel)


def can_comment(by: Any, item: AgendaItem) -> Decision:
    """Whoever sees an item on the agenda may say something about it."""
    if item.meeting is None or not Meeting.objects.visible_to(by).filter(pk=item.meeting.pk).exists():
        return no("Comments are for items on the agenda of a meeting that you attend.")
    if not AgendaItem.objects.visible_to(by).filter(pk=item.pk).exists():
        return no("You cannot see this item.")
    return YES


def can_vote(by: Any, item: AgendaItem, voter: Any) -> Decision:
    """A member votes for themself, and whoever keeps the panel writes down how those present voted.

    Nobody with a conflict votes, and nobody is written down as having voted who has one.
    """
    if not AgendaItem.objects.visible_to(by).filter(pk=item.pk).exists():
        return no("You cannot see this item.")
    if not AgendaItem.objects.filter(pk=item.pk).without_conflict(voter).exists():
        return no("Somebody with a conflict cannot vote on this item.")
    if item.meeting is None or not item.meeting.present.filter(pk=voter.pk).exists():
        return no("Only members who are present can vote.")
    if by.pk == voter.pk:
        return YES
    return can_keep(by, item.panel)


def can_minute(by: Any, meeting: Meeting) -> Decision:
    """Minutes are kept by whoever keeps the panel and sees every item of the meeting."""
    decision = can_keep(by, meeting.panel)
    seen = AgendaItem.objects.visible_to(by).filter(meeting=meeting).count()
    if decision and seen < meeting.items.count():
        return no("You have a conflict with an item of this meeting, so somebody else keeps its minutes.")
    return decision


def can_nominate(by: Any) -> Decision:
    """The QA unit and the Principal Social Worker nominate practice, and the panel through them."""
    if prepares(by):
        return YES
    return no("Only the QA unit and the Principal Social Worker can nominate an exemplar.")


def can_publish_practice(by: Any) -> Decision:
    """The Principal Social Worker and the QA lead write and publish what others learn from."""
    if getattr(by, "is_system", False) or by.holds(Role.PRINCIPAL_SOCIAL_WORKER, Role.QA_LEAD):
        return YES
    return no("Only the Principal Social Worker and the QA lead can do this.")


def can_answer_consent(by: Any, exemplar: Exemplar) -> Decision:
    """The practitioner answers for themselves; for one who cannot sign in, whoever asked them writes it down."""
    if exemplar.practitioner_id is None:
        return can_publish_practice(by)
    if getattr(by, "pk", None) == exemplar.practitioner_id:
        return YES
    return no("Only the practitioner can agree or refuse.")


def can_withdraw_exemplar(by: Any, exemplar: Exemplar) -> Decision:
    """Whoever publishes, and the practitioner, at any time."""
    if getattr(by, "pk", None) is not None and by.pk == exemplar.practitioner_id:
        return YES
    return can_publish_practice(by)


def cannot_see() -> Decision:
    """The refusal of something that this person must not see."""
    return no("You cannot see this.")
