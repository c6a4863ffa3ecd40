"""Disputes that go before the panel: on its agenda by themselves, decided by its vote, finally."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access import SYSTEM, must
from accounts.models import User
from audits.choices import DisputeStatus
from audits.models import Dispute
from audits.selectors.readiness import grade_meanings
from audits.services.disputing import Vote, decide_dispute_by_panel
from core.history.services import actor_id, record
from core.workflow import IllegalMove
from learning import access
from learning.choices import ItemKind, ItemStatus, MeetingStatus, OutcomeKind
from learning.models import AgendaItem, Outcome, Panel
from learning.rules.free_text import masked
from learning.rules.meetings import reasons_against_decision
from learning.services.agenda import NO_REASONS, Reasons, lock_with_meeting
from learning.services.checking import check_texts, found_in, keep_reasons
from learning.services.meetings import next_meeting
from learning.services.moves import lock_meeting, move_item, move_meeting, note_move
from learning.workflow import refusal


def put_before_panel(*, dispute: Dispute, panel: Panel | None = None) -> AgendaItem | None:
    """An item for the dispute on the next agenda, made once; None where no panel is set up yet or it is decided.

    What was written in the dispute is put on the agenda without names, numbers and references.
    """
    with transaction.atomic():
        panel = panel or Panel.objects.order_by("created_at", "pk").first()
        if panel is None or dispute.status != DisputeStatus.WITH_PANEL:
            return None
        Panel.objects.select_for_update(no_key=True).get(pk=panel.pk)
        before = AgendaItem.objects.filter(dispute_id=dispute.pk).exclude(
            status__in=(ItemStatus.DEFERRED, ItemStatus.WITHDRAWN)
        )
        if held := before.first():
            return held
        meeting = next_meeting(panel=panel)
        said = "\n\n".join(text for text in (dispute.why, dispute.referred_why) if text)
        grades = " or ".join(_words(grade) for grade in (dispute.grade_one, dispute.grade_two) if grade)
        paper = f"The grade is in dispute{f': {grades}' if grades else ''}.\n\n{masked(said, found_in(text=said))}"
        item = AgendaItem.objects.create(
            panel=panel, meeting=meeting, kind=ItemKind.DISPUTE, title=f"Dispute about audit {dispute.audit.reference}",
            paper=paper, audit=dispute.audit, dispute_id=dispute.pk,
            status=ItemStatus.ACCEPTED if meeting else ItemStatus.PROPOSED, proposed_at=timezone.now(),
        )  # fmt: skip
        note_move(row=item, event="propose", by=SYSTEM, before="", after=item.status)
        if meeting is not None and meeting.status == MeetingStatus.SCHEDULED:
            move_meeting(meeting=lock_meeting(meeting=meeting), event="open_agenda", by=SYSTEM)
    return item


def put_waiting_disputes_before(*, panel: Panel) -> None:
    """The disputes that went to the panel before there was one."""
    for dispute in Dispute.objects.filter(status=DisputeStatus.WITH_PANEL).select_related("audit"):
        put_before_panel(dispute=dispute, panel=panel)


def dispute_of(*, item: AgendaItem) -> Dispute | None:
    """The dispute that an item is about."""
    if item.dispute_id is None:
        return None
    return Dispute.objects.select_related("audit").filter(pk=item.dispute_id).first()


def grades_of(*, dispute: Dispute) -> list[tuple[str, str]]:
    """The grades that the panel may decide for, best first: key and words."""
    return [(key, _words(key)) for key in grade_meanings(dispute.audit.scheme_id)]


def decide_dispute_item(
    *, item: AgendaItem, grade: str, reason: str, votes: Mapping[User, str], by: Any, override_reason: str = "",
    version: int | None = None, reasons: Reasons = NO_REASONS,
) -> AgendaItem:  # fmt: skip
    """Decide a dispute by the votes of those present; the dispute and the item are decided together, or neither.

    Below the quorum it cannot be decided. Whoever is present with a conflict is written down as such and has no vote.
    Raises NotAllowed, IllegalMove, StaleVersion, ValidationError by field, and LeadsToSomebody.
    """
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        must(access.can_keep_item(by, held))
        dispute = dispute_of(item=held)
        meeting = held.meeting
        if dispute is None or meeting is None or meeting.status != MeetingStatus.IN_SESSION:
            raise IllegalMove(refusal("item", "decide", held.get_status_display()))
        why_not = reasons_against_decision(
            kind=held.kind, quorate=bool(meeting.quorate), decision=reason, outcomes=[OutcomeKind.DISPUTE]
        )
        if why_not:
            raise ValidationError(why_not)
        hits = check_texts(texts=[reason], reasons=reasons, kind=held._meta.label_lower, object_id=held.pk)
        present = list(meeting.present.all())
        if any(voter not in present for voter in votes):
            raise ValidationError("Only members who are present can vote.")
        cast = []
        for member in present:
            apart = not AgendaItem.objects.filter(pk=held.pk).without_conflict(member).exists()
            cast.append(
                Vote(member=member, grade=votes.get(member, ""), conflict="Has a conflict of interest" if apart else "")
            )
        decide_dispute_by_panel(
            dispute=dispute, by=by, grade=grade, reason=reason, votes=cast, override_reason=override_reason
        )
        move_item(item=held, event="decide", by=by, version=version, decision=f"{_words(grade)}. {reason.strip()}")
        outcome = Outcome.objects.create(
            item=held, kind=OutcomeKind.DISPUTE, text=f"The grade is {_words(grade).lower()}. This is final.",
            added_by_id=actor_id(by), added_at=timezone.now(),
        )  # fmt: skip
        keep_reasons(hits=hits, reasons=reasons, record=held, by=by)
        record(by=by, verb="followed", record=outcome, values={"item": str(held.pk), "kind": OutcomeKind.DISPUTE})
    return held


def _words(grade: str) -> str:
    return grade.replace("_", " ").capitalize()
