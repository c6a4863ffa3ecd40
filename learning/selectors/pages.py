"""The panel's pages as frozen lines, from rows that were scoped before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.page_parts import TimelineEntry
from core.workflow import move
from core.working_days import when_due
from learning.choices import ITEM_DONE, TO_COME, ItemStatus, MeetingStatus, SeatKind
from learning.models import AgendaItem, Meeting, Pack, Panel, Seat
from learning.querysets import ItemQuerySet, MeetingQuerySet
from learning.selectors.packs import about
from learning.workflow import ITEM_MOVES, MEETING_MOVES

MEETING_COLOURS = {
    MeetingStatus.SCHEDULED: "grey",
    MeetingStatus.AGENDA_OPEN: "blue",
    MeetingStatus.PACK_BUILT: "light-blue",
    MeetingStatus.IN_SESSION: "purple",
    MeetingStatus.MINUTES_DRAFT: "yellow",
    MeetingStatus.MINUTES_AGREED: "teal",
    MeetingStatus.CLOSED: "green",
    MeetingStatus.POSTPONED: "orange",
    MeetingStatus.CANCELLED: "red",
}
ITEM_COLOURS = {
    ItemStatus.PROPOSED: "grey",
    ItemStatus.ACCEPTED: "blue",
    ItemStatus.DISCUSSED: "light-blue",
    ItemStatus.OUTCOME_SET: "green",
    ItemStatus.DEFERRED: "orange",
    ItemStatus.WITHDRAWN: "grey",
}


@dataclass(frozen=True)
class MeetingLine:
    """A meeting in a list. `readable` is whether this reader may open it."""

    id: UUID
    reference: str
    held_on: date
    starts_at: str
    place: str
    status: str
    colour: str
    when: str
    readable: bool
    items: int
    undecided: int


@dataclass(frozen=True)
class ItemLine:
    """An item in a list."""

    id: UUID
    kind: str
    title: str
    about: str
    status: str
    colour: str
    review_on: date | None
    review_due: bool
    done: bool


@dataclass(frozen=True)
class SeatLine:
    """A member of a panel."""

    id: UUID
    name: str
    kind: str
    starts_on: date


@dataclass(frozen=True)
class PanelLine:
    """A panel in a list."""

    id: UUID
    name: str
    chair: str
    members: int
    next_on: date | None


@dataclass(frozen=True)
class PackLine:
    """One version of a pack."""

    id: UUID
    number: int
    built_at: datetime
    by: str


def meeting_lines(meetings: MeetingQuerySet, visible: Iterable[UUID], today: date) -> list[MeetingLine]:
    """The meetings as printed; `visible` are the keys of those that the reader may open."""
    may_open = set(visible)
    return [
        meeting_line(meeting, today=today, readable=meeting.pk in may_open)
        for meeting in meetings.prefetch_related("items")
    ]


def meeting_line(meeting: Meeting, *, today: date, readable: bool = True) -> MeetingLine:
    """One meeting as printed."""
    items = list(meeting.items.all())
    coming = meeting.status in TO_COME
    return MeetingLine(
        id=meeting.pk,
        reference=meeting.reference,
        held_on=meeting.held_on,
        starts_at=f"{meeting.starts_at:%H:%M}",
        place=meeting.place,
        status=meeting.get_status_display(),
        colour=MEETING_COLOURS[MeetingStatus(meeting.status)],
        when=when_due(meeting.held_on, today) if coming and meeting.held_on >= today else "",
        readable=readable,
        items=sum(item.status != ItemStatus.WITHDRAWN for item in items),
        undecided=sum(item.status not in ITEM_DONE for item in items),
    )


def item_lines(items: ItemQuerySet, today: date) -> list[ItemLine]:
    """The items as printed, in the order of the agenda."""
    rows = items.select_related("theme__parent", "audit", "indicator", "action").order_by("proposed_at", "pk")
    return [item_line(item, today) for item in rows]


def item_line(item: AgendaItem, today: date) -> ItemLine:
    """One item as printed."""
    due = item.review_on is not None and item.review_on <= today and item.impact_checked_on is None
    return ItemLine(
        id=item.pk,
        kind=item.get_kind_display(),
        title=item.title,
        about=about(item),
        status=item.get_status_display(),
        colour=ITEM_COLOURS[ItemStatus(item.status)],
        review_on=item.review_on,
        review_due=due and item.status == ItemStatus.OUTCOME_SET,
        done=item.status in ITEM_DONE,
    )


def seat_lines(seats: Iterable[Seat]) -> list[SeatLine]:
    """The seats, the chair first, then by name."""
    order = list(SeatKind)
    held = sorted(seats, key=lambda seat: (order.index(SeatKind(seat.kind)), seat.user.name, str(seat.pk)))
    return [SeatLine(seat.pk, seat.user.name, seat.get_kind_display(), seat.starts_on) for seat in held]


def panel_line(panel: Panel, seats: list[SeatLine], next_on: date | None) -> PanelLine:
    """One panel in a list."""
    chair = next((seat.name for seat in seats if seat.kind == SeatKind.CHAIR.label), "")
    return PanelLine(panel.pk, panel.name, chair, len(seats), next_on)


def pack_lines(packs: Iterable[Pack]) -> list[PackLine]:
    """The versions of a pack, newest first."""
    held = sorted(packs, key=lambda pack: -pack.number)
    return [
        PackLine(pack.pk, pack.number, pack.built_at, pack.asked_by.name if pack.asked_by else "The calendar")
        for pack in held
    ]


def meeting_story(meeting: Meeting) -> list[TimelineEntry]:
    """What happened to a meeting, the latest first."""
    rows = meeting.moves.select_related("by").order_by("-at", "-id")
    return [_told(row.event, MEETING_MOVES, row.at, row.by, row.why) for row in rows]


def item_story(item: AgendaItem) -> list[TimelineEntry]:
    """What happened to an item, the latest first."""
    rows = item.moves.select_related("by").order_by("-at", "-id")
    return [_told(row.event, ITEM_MOVES, row.at, row.by, row.why) for row in rows]


def _told(event: str, table: object, at: datetime, by: object, why: str) -> TimelineEntry:
    says = move(table, event).says  # type: ignore[arg-type]  # one of the two tables above
    return TimelineEntry(title=says[:1].upper() + says[1:], at=at, by=str(by) if by else "The calendar", text=why)
