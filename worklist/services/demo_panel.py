"""The invented council's Learning and Improvement Panel: two meetings behind it, one to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F

from accounts.choices import Role
from accounts.models import Membership, User
from actions.models import Action
from audits.models import Theme
from core.working_days import LONDON, add_working_days, is_working_day
from learning.choices import ItemKind, OutcomeKind, SeatKind, VoteChoice
from learning.models import AgendaItem, Meeting, Panel
from learning.services.agenda import (
    ItemDraft,
    OutcomeDraft,
    accept_item,
    comment_on_item,
    decide_item,
    discuss_item,
    propose_item,
    vote_on_item,
)
from learning.services.meetings import agree_minutes, begin_meeting, close_meeting, end_meeting, schedule_meetings
from learning.services.moves import set_back
from learning.services.packs import build_pack
from learning.services.panels import seat_member, set_up_panel
from worklist.services.demo_people import Council

_TERMS = (
    "The panel brings together what audits, feedback and reviews say about practice. It decides what the service "
    "will do about it, looks whether that made a difference, and settles disputes about grades.\n\n"
    "It meets each month and reports to the Improvement Board. It names no child, family or worker."
)


@dataclass(frozen=True)
class Told:
    """One item of a past meeting, from its paper to what followed."""

    kind: str
    title: str
    paper: str
    theme: str
    discussion: str
    decision: str
    follows: tuple[tuple[str, str, str], ...]


_FIRST = (
    Told(
        ItemKind.THEME, "Chronologies that stop too early",
        "The chronology was an area for development in many audits of the last quarter. It stops months before the "
        "audit and plays no part in the analysis.",
        "Chronology and history",
        "Workers write the chronology at the start and have no prompt to go on with it. Managers look at it in "
        "supervision only where a plan changes.",
        "A prompt in supervision, and a short guide to using the chronology in the analysis.",
        (
            (OutcomeKind.ACTION, "Add a question about the chronology to the supervision template.",
             "The template is in use in every team."),
            (OutcomeKind.BRIEFING, "Write one page on using the chronology in the analysis.",
             "The briefing is published to all teams."),
        ),
    ),
    Told(
        ItemKind.CASE, "What a late strategy discussion taught us",
        "A discussion of practice in one audit, without names: risk was recognised, and the strategy discussion was "
        "held three working days later.",
        "Strategy discussions and enquiries",
        "The delay came from waiting for one agency. The protocol allows the discussion to begin without it.",
        "No change to the protocol. The example goes into the induction of new managers.",
        ((OutcomeKind.TRAINING, "Use the example in the induction of new managers.", "It is in the induction pack."),),
    ),
)  # fmt: skip
_SECOND = (
    Told(
        ItemKind.THEME, "Children's own words in plans",
        "Wishes and feelings are recorded well and seldom shape the plan. It is the most frequent area for "
        "development of the month.",
        "Wishes and feelings shape the plan",
        "Plans are written from the agencies' point of view. Where children help to write them, they move faster.",
        "Each team tries one plan written together with a child, and brings what it learned to the panel.",
        ((OutcomeKind.ACTION, "Try one plan written together with a child in each team.",
          "Each team has shown its plan to the practice forum."),),
    ),
    Told(
        ItemKind.PROGRAMME, "A thematic audit of supervision",
        "The last thematic audit of supervision is a year old, and supervision comes up in most actions.",
        "Frequency of supervision",
        "The tool for supervision records is ready. Twelve records from six teams are enough to see a pattern.",
        "A thematic audit of twelve supervision records next quarter.",
        ((OutcomeKind.AUDIT_REQUEST, "Plan a thematic audit of twelve supervision records.",
          "The audits are allocated."),),
    ),
)  # fmt: skip


def make_panel(*, council: Council, today: date) -> None:
    """A panel with five members, two meetings that are closed and one whose pack is built."""
    lead, chair = council.people["qa.lead"], council.people["psw"]
    panel = set_up_panel(name="Learning and Improvement Panel", terms=_TERMS, quorum=3, by=lead)
    members = [council.people["panel"], *council.moderators[1:3]]
    directorate = council.services[0].parent
    for person in members[1:]:
        if directorate is not None:
            Membership.objects.create(
                user=person, role=Role.PANEL_MEMBER, unit=directorate, starts_on=date(2020, 4, 1), granted_by=lead
            )
    seat_member(panel=panel, user=chair, kind=SeatKind.CHAIR, by=lead)
    seat_member(panel=panel, user=lead, kind=SeatKind.DEPUTY, by=lead)
    for person in members:
        seat_member(panel=panel, user=User.objects.get(pk=person.pk), kind=SeatKind.MEMBER, by=lead)
    panel.seats.update(starts_on=today - timedelta(days=400))
    present = [chair, lead, members[0], members[1]]
    for days, told in ((100, _FIRST), (35, _SECOND)):
        on = _working_day(today - timedelta(days=days))
        with set_back(by=today - on):
            _held(panel, on, told, present, chair, lead, today)
    _to_come(panel, add_working_days(today, 4), members[0], chair, lead)


def _working_day(day: date) -> date:
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def _held(
    panel: Panel, on: date, told: tuple[Told, ...], present: list[User], chair: User, lead: User, today: date
) -> None:
    """A meeting from its agenda to its close. Its moves are written at their own time; other dates are set back."""
    meeting = schedule_meetings(
        panel=panel, first=add_working_days(today, 20), starts_at=time(14), place="Committee room 2", by=chair
    )[0]
    Meeting.objects.filter(pk=meeting.pk).update(held_on=on, reference=f"LIP-{on.year}-{on.month:02}")
    meeting.refresh_from_db()
    items = [_propose(panel, meeting, each, lead) for each in told]
    for item in items:
        accept_item(item=item, by=chair)
    meeting.refresh_from_db()
    build_pack(meeting=meeting, by=chair)
    meeting = begin_meeting(meeting=meeting, present=present, by=chair)
    for item, each in zip(items, told, strict=True):
        discuss_item(item=item, discussion=each.discussion, by=chair)
        votes = dict.fromkeys(present[:-1], VoteChoice.FOR) | {present[-1]: VoteChoice.ABSTAIN}
        vote_on_item(item=item, votes=votes, by=chair)
        outcomes = [
            OutcomeDraft(kind=kind, text=text, how_we_know=sign, owner=lead, priority="low")
            for kind, text, sign in each.follows
        ]
        decide_item(item=item, decision=each.decision, outcomes=outcomes, by=chair)
    meeting = end_meeting(meeting=meeting, by=chair)
    meeting = agree_minutes(meeting=meeting, by=chair)
    close_meeting(meeting=meeting, by=chair)
    _set_back(meeting, items, today - on)


def _set_back(meeting: Meeting, items: list[AgendaItem], by: timedelta) -> None:
    keys = [item.pk for item in items]
    for item in AgendaItem.objects.filter(pk__in=keys).prefetch_related("outcomes__action"):
        for outcome in item.outcomes.all():
            action = outcome.action
            if action is None:
                continue
            due = max(action.due_on - by, meeting.held_on + timedelta(days=14))
            Action.objects.filter(pk=action.pk).update(due_on=due, original_due_on=due, created_at=F("created_at") - by)
    AgendaItem.objects.filter(pk__in=keys).update(proposed_at=F("proposed_at") - by)
    at = datetime.combine(meeting.held_on - timedelta(days=7), time(6), tzinfo=LONDON)
    meeting.packs.update(built_at=at)


def _to_come(panel: Panel, on: date, member: User, chair: User, lead: User) -> None:
    """The next meeting: two items on the agenda, one proposed, the pack built."""
    meeting = schedule_meetings(
        panel=panel, first=on, starts_at=time(14), place="Committee room 2", number=3, by=chair
    )[0]
    first = _propose(
        panel, meeting,
        Told(ItemKind.THEME, "Fathers in assessments",
             "Fathers and male carers are missing from assessments more often than from anything else that audits look "
             "at. What keeps us from reaching them?", "Fathers and male carers", "", "", ()),
        lead,
    )  # fmt: skip
    second = _propose(
        panel, meeting,
        Told(ItemKind.EXEMPLAR, "Direct work that changed a plan",
             "An outstanding audit shows direct work that led to another plan. Shall it become an exemplar?",
             "Direct work", "", "", ()),
        lead,
    )  # fmt: skip
    for item in (first, second):
        accept_item(item=item, by=chair)
    comment_on_item(item=first, text="Visits take place in working hours. Could evening visits be tried?", by=lead)
    meeting.refresh_from_db()
    build_pack(meeting=meeting, by=chair)
    _propose(
        panel, meeting,
        Told(ItemKind.THEME, "Contingency plans that families know",
             "Plans name a contingency, and families seldom know it. I should like to hear how other teams do it.",
             "Contingency plan", "", "", ()),
        member,
    )  # fmt: skip


def _propose(panel: Panel, meeting: Meeting, told: Told, by: User) -> AgendaItem:
    theme = Theme.objects.filter(parent__isnull=False, name=told.theme).first()
    return propose_item(
        panel=panel, meeting=meeting, by=by,
        wanted=ItemDraft(kind=told.kind, title=told.title, paper=told.paper, theme=theme),
    )  # fmt: skip
