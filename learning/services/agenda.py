"""Items of an agenda: proposed, put on it, talked about, voted on, decided, deferred or withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import must
from accounts.models import OrgUnit, User
from actions.choices import Level, Origin
from actions.models import Action
from actions.services.creating import ActionDraft, From, create_action
from assurance_clinics.models import Indicator
from audits.models import Audit, Theme
from core.council.selectors import setting
from core.history.services import actor_id, record
from core.workflow import IllegalMove
from learning import access
from learning.choices import (
    TO_COME,
    TRACKED,
    ItemKind,
    ItemStatus,
    MeetingStatus,
    OutcomeKind,
    VoteChoice,
)
from learning.models import AgendaItem, Conflict, ItemComment, Meeting, Outcome, Panel, Vote
from learning.rules.meetings import REVIEW_MONTHS, TEXT_AT_LEAST, months_later, reasons_against_decision
from learning.services.briefings import begin_briefing
from learning.services.checking import check_texts, keep_reasons
from learning.services.exemplars import nominate_from_panel
from learning.services.meetings import next_meeting
from learning.services.moves import lock_item, lock_meeting, move_item, move_meeting, note_move, said
from learning.workflow import refusal

Reasons = Mapping[str, str]
NO_REASONS: Reasons = {}


@dataclass(frozen=True)
class ItemDraft:
    """What somebody wants the panel to talk about, without a name."""

    kind: str
    title: str
    paper: str
    theme: Theme | None = None
    audit: Audit | None = None
    indicator: Indicator | None = None
    action: Action | None = None
    dispute_id: UUID | None = None


@dataclass(frozen=True)
class OutcomeDraft:
    """What follows from a decision. Whatever somebody has to do needs an owner and how we will know that it is done."""

    kind: str
    text: str
    how_we_know: str = ""
    owner: User | None = None
    due_on: date | None = None
    why_later: str = ""
    priority: str = "medium"
    unit: OrgUnit | None = None


def propose_item(
    *, panel: Panel, wanted: ItemDraft, by: Any, meeting: Meeting | None = None, reasons: Reasons = NO_REASONS
) -> AgendaItem:
    """Propose an item for a meeting, or for the next one; sent twice, it is proposed once.

    Raises NotAllowed, ValidationError by field, IllegalMove where the meeting has begun, and LeadsToSomebody.
    """
    must(access.can_propose(by, panel))
    _check(wanted)
    hits = check_texts(texts=[wanted.title, wanted.paper], reasons=reasons)
    with transaction.atomic():
        held = lock_meeting(meeting=meeting) if meeting is not None else None
        if held is None and (following := next_meeting(panel=panel)) is not None:
            held = lock_meeting(meeting=following)
        if held is not None:
            _before_it_begins(held)
        twice = AgendaItem.objects.filter(
            panel=panel, meeting=held, proposed_by=actor_id(by), title=wanted.title.strip(),
            paper=wanted.paper.strip(), status=ItemStatus.PROPOSED,
        ).first()  # fmt: skip
        if twice is not None:
            return twice
        item = AgendaItem.objects.create(
            panel=panel, meeting=held, kind=wanted.kind, title=wanted.title.strip(), paper=wanted.paper.strip(),
            theme=wanted.theme, audit=wanted.audit, indicator=wanted.indicator, action=wanted.action,
            dispute_id=wanted.dispute_id, status=ItemStatus.PROPOSED, proposed_by_id=actor_id(by),
            proposed_at=timezone.now(),
        )  # fmt: skip
        note_move(row=item, event="propose", by=by, before="", after=ItemStatus.PROPOSED)
        if held is not None and held.status == MeetingStatus.SCHEDULED:
            move_meeting(meeting=held, event="open_agenda", by=by)
        keep_reasons(hits=hits, reasons=reasons, record=item, by=by)
    return item


def accept_item(*, item: AgendaItem, by: Any, version: int | None = None) -> AgendaItem:
    """Put a proposed item on the agenda of its meeting, or of the next one.

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError where no meeting is scheduled.
    """
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        must(access.can_keep_item(by, held))
        meeting = held.meeting or next_meeting(panel=held.panel)
        if meeting is None:
            raise ValidationError("No meeting is scheduled. Schedule one first.")
        if meeting.status != MeetingStatus.IN_SESSION:
            _before_it_begins(meeting)
        move_item(item=held, event="accept", by=by, version=version, meeting=meeting)
        if meeting.status == MeetingStatus.SCHEDULED:
            move_meeting(meeting=lock_meeting(meeting=meeting), event="open_agenda", by=by)
    return held


def withdraw_item(*, item: AgendaItem, why: str, by: Any, version: int | None = None) -> AgendaItem:
    """Take an item back. Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError without a reason."""
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        must(access.can_withdraw(by, held))
        move_item(item=held, event="withdraw", by=by, why=why, version=version)
    return held


def comment_on_item(*, item: AgendaItem, text: str, by: Any, reasons: Reasons = NO_REASONS) -> ItemComment:
    """Say something about an item before it is decided. Raises NotAllowed, ValidationError and LeadsToSomebody."""
    if not text.strip():
        raise ValidationError({"text": "Write your comment"})
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        must(access.can_comment(by, held))
        if held.status not in (ItemStatus.PROPOSED, ItemStatus.ACCEPTED, ItemStatus.DISCUSSED):
            raise IllegalMove(refusal("item", "comment", held.get_status_display()))
        hits = check_texts(texts=[text], reasons=reasons)
        comment = ItemComment.objects.create(item=held, at=timezone.now(), by_id=actor_id(by), text=text.strip())
        keep_reasons(hits=hits, reasons=reasons, record=held, by=by)
        record(by=by, verb="commented", record=held)
    return comment


def declare_conflict(*, item: AgendaItem, user: User, why: str, by: Any) -> Conflict:
    """Write down that somebody has a conflict: from now on they neither see the item nor vote on it.

    One's own conflict is one's own to declare; whoever keeps the panel declares others'. Raises NotAllowed and
    ValidationError by field.
    """
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        if getattr(by, "pk", None) == user.pk:
            must(access.can_comment(by, held) if not access.can_keep_item(by, held) else access.can_keep_item(by, held))
        else:
            must(access.can_keep_item(by, held))
        if held.status in (ItemStatus.OUTCOME_SET, ItemStatus.WITHDRAWN, ItemStatus.DEFERRED):
            raise ValidationError("The item is decided, so a conflict changes nothing any more.")
        conflict, new = Conflict.objects.get_or_create(
            item=held, user=user, defaults={"why": said(why=why), "at": timezone.now(), "by_id": actor_id(by)}
        )
        if new:
            Vote.objects.filter(item=held, user=user).delete()
            record(by=by, verb="conflict declared", record=held, why=conflict.why, values={"user": str(user.pk)})
    return conflict


def discuss_item(
    *, item: AgendaItem, discussion: str, by: Any, version: int | None = None, reasons: Reasons = NO_REASONS
) -> AgendaItem:
    """Write down what was said, without names. Raises NotAllowed, IllegalMove, StaleVersion, ValidationError and
    LeadsToSomebody.
    """
    if len(discussion.strip()) < TEXT_AT_LEAST:
        raise ValidationError({"discussion": f"Write the discussion down in {TEXT_AT_LEAST} characters or more"})
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        must(access.can_keep_item(by, held))
        _while_it_is_held(held, "discuss")
        hits = _check_texts(held, [discussion], reasons)
        move_item(item=held, event="discuss", by=by, version=version, discussion=discussion.strip())
        keep_reasons(hits=hits, reasons=reasons, record=held, by=by)
    return held


def vote_on_item(*, item: AgendaItem, votes: Mapping[User, str], by: Any) -> None:
    """Write down how members vote; a vote given again replaces the first one, until the item is decided.

    Raises NotAllowed, IllegalMove and ValidationError.
    """
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        if held.meeting is None or held.meeting.status != MeetingStatus.IN_SESSION:
            raise ValidationError("Votes are given during the meeting.")
        if held.status not in (ItemStatus.ACCEPTED, ItemStatus.DISCUSSED):
            raise IllegalMove(refusal("item", "vote", held.get_status_display()))
        for voter, choice in votes.items():
            must(access.can_vote(by, held, voter))
            if choice not in VoteChoice.values:
                raise ValidationError("Choose one of the answers shown.")
            Vote.objects.update_or_create(
                item=held, user=voter, defaults={"choice": choice, "at": timezone.now(), "by_id": actor_id(by)}
            )
        record(by=by, verb="voted", record=held, values={"votes": len(votes)})


def decide_item(
    *, item: AgendaItem, decision: str, outcomes: Sequence[OutcomeDraft], by: Any, review_on: date | None = None,
    version: int | None = None, reasons: Reasons = NO_REASONS,
) -> AgendaItem:  # fmt: skip
    """Record a decision with what follows from it; whatever somebody has to do becomes an action in the tracker.

    A decision on a theme is looked at again on `review_on`, by default three months later. Raises NotAllowed,
    IllegalMove, StaleVersion, ValidationError and LeadsToSomebody.
    """
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        must(access.can_keep_item(by, held))
        meeting = _while_it_is_held(held, "decide")
        if held.dispute_id is not None:
            raise ValidationError("A dispute is decided by the votes of those present.")
        why_not = reasons_against_decision(
            kind=held.kind, quorate=bool(meeting.quorate), decision=decision, outcomes=[each.kind for each in outcomes]
        )
        if why_not:
            raise ValidationError(why_not)
        for each in outcomes:
            if len(each.text.strip()) < TEXT_AT_LEAST:
                raise ValidationError(f"Say what follows in {TEXT_AT_LEAST} characters or more, also why nothing does.")
        texts = [decision, *(each.text for each in outcomes), *(each.how_we_know for each in outcomes)]
        hits = _check_texts(held, texts, reasons)
        if review_on is None and held.theme_id:
            review_on = months_later(meeting.held_on, setting(REVIEW_MONTHS.key))
        if review_on is not None and review_on <= meeting.held_on:
            raise ValidationError({"review_on": "The review date must be after the meeting"})
        move_item(item=held, event="decide", by=by, version=version, decision=decision.strip(), review_on=review_on)
        for each in outcomes:
            _add_outcome(held, meeting, each, by)
        keep_reasons(hits=hits, reasons=reasons, record=held, by=by)
    return held


def defer_item(*, item: AgendaItem, why: str, by: Any, version: int | None = None) -> AgendaItem:
    """Leave an item to the next meeting, where it stands on the agenda again. Returns the new item.

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError without a reason.
    """
    with transaction.atomic():
        held = lock_with_meeting(item=item)
        must(access.can_keep_item(by, held))
        if held.meeting is None or held.meeting.status not in (
            MeetingStatus.IN_SESSION, MeetingStatus.MINUTES_DRAFT, MeetingStatus.MINUTES_AGREED,
        ):  # fmt: skip
            raise IllegalMove("An item is deferred at its meeting. Before it, withdraw the item.")
        meeting = held.meeting
        move_item(item=held, event="defer", by=by, why=why, version=version)
        following = next_meeting(panel=held.panel, after=meeting)
        again = AgendaItem.objects.create(
            panel=held.panel, meeting=following, kind=held.kind, title=held.title, paper=held.paper, theme=held.theme,
            audit=held.audit, indicator=held.indicator, action=held.action, dispute_id=held.dispute_id,
            status=ItemStatus.ACCEPTED if following else ItemStatus.PROPOSED, proposed_by=held.proposed_by,
            proposed_at=timezone.now(), deferred_from=held,
        )  # fmt: skip
        Conflict.objects.bulk_create(
            Conflict(item=again, user=each.user, why=each.why, at=each.at, by=each.by) for each in held.conflicts.all()
        )
        note_move(row=again, event="propose", by=by, before="", after=again.status, why=f"Deferred by {meeting}")
        if following is not None and following.status == MeetingStatus.SCHEDULED:
            move_meeting(meeting=lock_meeting(meeting=following), event="open_agenda", by=by)
    return again


def _check(wanted: ItemDraft) -> None:
    faults = {}
    if not wanted.title.strip():
        faults["title"] = "Enter a title"
    if len(wanted.paper.strip()) < TEXT_AT_LEAST:
        faults["paper"] = f"Say in {TEXT_AT_LEAST} characters or more what the panel is to talk about"
    about = {
        ItemKind.THEME: ("theme", wanted.theme), ItemKind.INDICATOR: ("indicator", wanted.indicator),
        ItemKind.ACTION: ("action", wanted.action), ItemKind.DISPUTE: ("audit", wanted.audit),
    }  # fmt: skip
    if wanted.kind in about and about[ItemKind(wanted.kind)][1] is None:
        name = about[ItemKind(wanted.kind)][0]
        faults[name] = f"Choose the {name} that it is about"
    if faults:
        raise ValidationError(faults)


def _check_texts(item: AgendaItem, texts: Sequence[str], reasons: Reasons) -> Any:
    return check_texts(texts=texts, reasons=reasons, kind=item._meta.label_lower, object_id=item.pk)


def lock_with_meeting(*, item: AgendaItem) -> AgendaItem:
    """The item as it stands now, and its meeting, which is locked first: so nobody closes it meanwhile."""
    if item.meeting_id:
        lock_meeting(meeting=Meeting(pk=item.meeting_id))
    return lock_item(item=item)


def _before_it_begins(meeting: Meeting) -> None:
    if meeting.status not in TO_COME:
        raise IllegalMove(refusal("meeting", "change_agenda", meeting.get_status_display()))


def _while_it_is_held(item: AgendaItem, event: str) -> Meeting:
    meeting = item.meeting
    if meeting is None:
        raise IllegalMove("This item waits for a meeting.")
    if meeting.status not in (MeetingStatus.IN_SESSION, MeetingStatus.MINUTES_DRAFT):
        raise IllegalMove(refusal("meeting", "change_agenda", meeting.get_status_display()))
    return meeting


_SAYS = {
    OutcomeKind.TRAINING: "Training",
    OutcomeKind.BRIEFING: "Briefing",
    OutcomeKind.EXEMPLAR: "Exemplar",
    OutcomeKind.AUDIT_REQUEST: "Request for audits",
}


def _add_outcome(item: AgendaItem, meeting: Meeting, wanted: OutcomeDraft, by: Any) -> None:
    action = None
    if wanted.kind in TRACKED:
        if wanted.owner is None:
            raise ValidationError("Choose who will do it.")
        prefix = _SAYS.get(OutcomeKind(wanted.kind))
        text = wanted.text.strip()
        level = Level.PARTNERSHIP
        if wanted.unit is not None:
            level = Level.TEAM if wanted.unit.kind == "team" else Level.SERVICE
        action = create_action(
            wanted=ActionDraft(
                what=f"{prefix}: {text}" if prefix else text, how_we_know=wanted.how_we_know, owner=wanted.owner,
                priority=wanted.priority, level=level, due_on=wanted.due_on, why_later=wanted.why_later,
                themes=[item.theme.name] if item.theme else [], unit=wanted.unit,
            ),
            by=by,
            origin=From(Origin.PANEL, meeting.reference, reverse("learning:meeting", args=[meeting.pk])),
            despite_duplicates=True,
        )  # fmt: skip
    briefing = begin_briefing(text=wanted.text, by=by) if wanted.kind == OutcomeKind.BRIEFING else None
    exemplar = None
    if wanted.kind == OutcomeKind.EXEMPLAR:
        exemplar = nominate_from_panel(audit=item.audit, why=wanted.text, by=by)
    outcome = Outcome.objects.create(
        item=item, kind=wanted.kind, text=wanted.text.strip(), action=action, briefing=briefing, exemplar=exemplar,
        added_by_id=actor_id(by), added_at=timezone.now(),
    )  # fmt: skip
    record(
        by=by, verb="followed", record=outcome,
        values={"item": str(item.pk), "kind": wanted.kind, "action": str(action.pk) if action else ""},
    )  # fmt: skip
