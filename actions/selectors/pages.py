"""Actions as lists and pages print them. Takes rows that are already scoped; never asks who reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Case, F, IntegerField, Value, When

from actions.choices import SETTLED, TO_DO, ActionStatus, Priority
from actions.models import Action, ActionMove, ActionNote
from actions.querysets import ActionQuerySet
from actions.workflow import ACTION_MOVES
from core.page_parts import TimelineEntry
from core.workflow import move
from core.working_days import when_due

PAGE_SIZE = 50
COLOURS = {
    ActionStatus.DRAFT: "grey",
    ActionStatus.OPEN: "blue",
    ActionStatus.IN_PROGRESS: "light-blue",
    ActionStatus.CLAIMED: "purple",
    ActionStatus.VERIFIED: "green",
    ActionStatus.CANCELLED: "grey",
    ActionStatus.WITH_BODY: "purple",
    ActionStatus.ACCEPTED: "green",
    ActionStatus.REJECTED: "red",
}
_URGENCY = Case(
    *(When(priority=priority, then=Value(place)) for place, priority in enumerate(Priority)),
    output_field=IntegerField(),
)
SORTS = {
    "due": ("due_on", "reference"),
    "-due": ("-due_on", "reference"),
    "reference": ("reference",),
    "-reference": ("-reference",),
    "priority": (_URGENCY.asc(), "due_on", "reference"),
    "-priority": (_URGENCY.desc(), "due_on", "reference"),
    "owner": ("owner__name", "due_on", "reference"),
    "-owner": ("-owner__name", "due_on", "reference"),
    "status": ("status", "due_on", "reference"),
    "-status": ("-status", "due_on", "reference"),
    "team": (F("team__name").asc(nulls_last=True), "due_on", "reference"),
    "-team": (F("team__name").desc(nulls_last=True), "due_on", "reference"),
}


@dataclass(frozen=True)
class ActionFilters:
    """What a list is narrowed to; nothing where a filter is not set."""

    status: str = ""
    priority: str = ""
    level: str = ""
    origin: str = ""
    service: UUID | None = None
    team: UUID | None = None
    owner: UUID | None = None
    needs_owner: bool = False
    moved: bool = False


@dataclass(frozen=True)
class ActionLine:
    """One action in a list. `when` counts working days while the owner has something to do, "" afterwards."""

    id: UUID
    reference: str
    what: str
    case_id: UUID | None
    case_reference: str
    owner: str
    owner_gone: bool
    due_on: date
    original_due_on: date
    due_moves: int
    when: str
    overdue: bool
    priority: str
    level: str
    origin: str
    team: str
    service: str
    status: str
    colour: str


@dataclass(frozen=True)
class ActionPage:
    """One action with its story, the latest first."""

    line: ActionLine
    how_we_know: str
    themes: tuple[str, ...]
    origin_reference: str
    origin_link: str
    verifier: str
    created_by: str
    created_on: date
    claimed_by: str
    story: tuple[TimelineEntry, ...] = field(default=())


def narrowed(actions: ActionQuerySet, filters: ActionFilters) -> ActionQuerySet:
    """The actions that fit all the filters."""
    if filters.needs_owner:
        actions = actions.needing_owner()
    for name in ("status", "priority", "level", "origin", "service", "team", "owner"):
        value = getattr(filters, name)
        if value:
            actions = actions.filter(**{name: value})
    return actions.filter(due_moves__gt=0) if filters.moved else actions


def in_order(actions: ActionQuerySet, sort: str, default: str = "due") -> ActionQuerySet:
    """The actions in the order asked for, with what a line prints, in one query."""
    return actions.select_related("owner", "case", "team", "service").order_by(*SORTS.get(sort, SORTS[default]))


def action_line(action: Action, today: date) -> ActionLine:
    """One action as printed; from `in_order` it costs no query."""
    running = action.status in TO_DO
    overdue = running and action.due_on < today
    return ActionLine(
        id=action.pk,
        reference=action.reference,
        what=action.what,
        case_id=action.case_id,
        case_reference=action.case.reference if action.case else "",
        owner=action.owner.name,
        owner_gone=not action.owner.is_active and action.status not in SETTLED,
        due_on=action.due_on,
        original_due_on=action.original_due_on,
        due_moves=action.due_moves,
        when=when_due(action.due_on, today) if running else "",
        overdue=overdue,
        priority=action.get_priority_display(),
        level=action.get_level_display(),
        origin=action.get_origin_display(),
        team=action.team.name if action.team else "",
        service=action.service.name if action.service else "",
        status=action.get_status_display(),
        colour=COLOURS[ActionStatus(action.status)],
    )


def action_lines(actions: Iterable[Action], today: date) -> list[ActionLine]:
    """The actions of one page as printed."""
    return [action_line(action, today) for action in actions]


def action_page(action: Action, today: date) -> ActionPage:
    """One action with its moves and notes."""
    moves = list(action.moves.select_related("by", "owner_from", "owner_to"))
    notes = list(action.notes.select_related("by"))
    entries = [_told(found) for found in moves] + [_noted(note) for note in notes]
    return ActionPage(
        line=action_line(action, today),
        how_we_know=action.how_we_know,
        themes=tuple(action.themes),
        origin_reference=action.origin_reference,
        origin_link=action.origin_link,
        verifier=action.get_verifier_display(),
        created_by=action.created_by.name if action.created_by else "System",
        created_on=moves[0].at.date() if moves else action.created_at.date(),
        claimed_by=action.claimed_by.name if action.claimed_by else "",
        story=tuple(sorted(entries, key=lambda entry: entry.at, reverse=True)),
    )


def _told(found: ActionMove) -> TimelineEntry:
    title = move(ACTION_MOVES, found.event).says
    title = title[:1].upper() + title[1:]
    facts = []
    if found.event == "move_due" and found.due_from and found.due_to:
        facts.append(f"From {_in_words(found.due_from)} to {_in_words(found.due_to)}.")
    if found.event == "reassign" and found.owner_from and found.owner_to:
        facts.append(f"From {found.owner_from.name} to {found.owner_to.name}.")
    text = "\n".join([*facts, *([found.why] if found.why else [])])
    return TimelineEntry(title=title, at=found.at, by=found.by.name if found.by else "System", text=text)


def _noted(note: ActionNote) -> TimelineEntry:
    where = note.document + (f", {_in_words(note.dated_on)}" if note.dated_on else "")
    text = "\n".join(part for part in (note.text, f"Evidence: {where}" if where else "") if part)
    return TimelineEntry(title=note.get_kind_display(), at=note.at, by=note.by.name if note.by else "System", text=text)


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
