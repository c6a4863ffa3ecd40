"""Clinics as pages print them: the overview of all services, one clinic's numbers, and what came of the last one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.choices import UnitKind
from accounts.models import OrgUnit
from actions.choices import OPEN_STATUSES, ActionStatus
from actions.models import Action
from actions.querysets import ActionQuerySet
from actions.selectors.pages import COLOURS as ACTION_COLOURS
from assurance_clinics.choices import BEFORE_IT_IS_HELD, ON_THE_WAY, WAS_HELD, ClinicStatus, NoteKind
from assurance_clinics.models import Clinic, ClinicMove, ClinicNote, ClinicPack, RotaPlace
from assurance_clinics.querysets import ClinicQuerySet
from assurance_clinics.rules import rota
from assurance_clinics.selectors.packs import PackLine, PackPage
from assurance_clinics.workflow import CLINIC_MOVES
from core.council.selectors import closing_days
from core.page_parts import TimelineEntry
from core.workflow import move
from core.working_days import when_due

PAGE_SIZE = 50
COLOURS = {
    ClinicStatus.TO_BE_CONVENED: "yellow",
    ClinicStatus.SCHEDULED: "blue",
    ClinicStatus.DATA_LOADED: "light-blue",
    ClinicStatus.PACK_READY: "purple",
    ClinicStatus.HELD: "teal",
    ClinicStatus.CONFIRMED: "teal",
    ClinicStatus.CLOSED: "green",
    ClinicStatus.POSTPONED: "orange",
    ClinicStatus.CANCELLED: "grey",
}
SORTS = {
    "week": ("week", "service__name"),
    "-week": ("-week", "service__name"),
    "service": ("service__name", "-week"),
    "-service": ("-service__name", "-week"),
    "status": ("status", "-week"),
    "-status": ("-status", "-week"),
}


@dataclass(frozen=True)
class ClinicLine:
    """One clinic in a list."""

    id: UUID
    name: str
    service: str
    week: date
    meets_at: datetime | None
    period: date | None
    status: str
    colour: str
    missed: bool
    data_late: bool
    chair: str


@dataclass(frozen=True)
class ServiceLine:
    """A service on the overview. `next` is the clinic that comes or waits to be finished; `late_since` the day after
    which it should have met again, None where it is in time. `red` and `red_twice` are of the newest pack, whose month
    is `read`; None where there is none. Actions are those of every clinic."""

    name: str
    on_rota: bool
    last: ClinicLine | None
    last_held: date | None
    next: ClinicLine | None
    due_by: date | None
    late: bool
    read: date | None
    red: int
    red_twice: int
    open_actions: int
    overdue_actions: int


def clinic_line(clinic: Clinic, today: date) -> ClinicLine:
    """A clinic as a line; comes with its service and chair."""
    settled = clinic.day if clinic.status in ON_THE_WAY else None
    return ClinicLine(
        id=clinic.pk,
        name=str(clinic),
        service=clinic.service.name,
        week=clinic.week,
        meets_at=clinic.meets_at,
        period=clinic.period,
        status=clinic.get_status_display(),
        colour=COLOURS[ClinicStatus(clinic.status)],
        missed=clinic.status in BEFORE_IT_IS_HELD and rota.is_missed(clinic.week, settled, today),
        data_late=clinic.data_late,
        chair=clinic.chair.name if clinic.chair else "",
    )


def overview(
    clinics: ClinicQuerySet, places: QuerySet[RotaPlace], actions: ActionQuerySet, packs: QuerySet[Any], *, today: date,
    weeks: int,
) -> list[ServiceLine]:  # fmt: skip
    """Every open service: its last clinic, the one to come, whether it is late, what was red, and its actions."""
    services = list(OrgUnit.objects.open_on(today).filter(kind=UnitKind.SERVICE).order_by("name", "pk"))
    on_rota = set(places.values_list("service", flat=True))
    by_service: dict[Any, list[Clinic]] = defaultdict(list)
    for clinic in clinics.select_related("service", "chair").order_by("week"):
        by_service[clinic.service_id].append(clinic)
    extra = closing_days()
    return [
        _service_line(one, one.pk in on_rota, by_service[one.pk], actions, packs, today, weeks, extra)
        for one in services
    ]


def _service_line(
    service: OrgUnit, on_rota: bool, clinics: list[Clinic], actions: ActionQuerySet, packs: QuerySet[Any], today: date,
    weeks: int, extra: frozenset[date],
) -> ServiceLine:  # fmt: skip
    held = [one for one in clinics if one.status in WAS_HELD]
    last = held[-1] if held else None
    waiting = [one for one in clinics if one.status in BEFORE_IT_IS_HELD]
    pack: ClinicPack | None = packs.filter(clinic__in=clinics).order_by("-clinic__week", "-number").first()
    lines: list[Mapping[str, Any]] = pack.content["lines"] if pack else []
    made = actions.filter(origin="clinic", pk__in=_action_keys(held)) if held else actions.none()
    since = last.day if last else clinics[0].week if clinics else None
    due_by = rota.latest_by(since, weeks, extra) if since and on_rota else None
    return ServiceLine(
        name=service.name,
        on_rota=on_rota,
        last=clinic_line(last, today) if last else None,
        last_held=last.day if last else None,
        next=clinic_line(waiting[0], today) if waiting else None,
        due_by=due_by,
        late=due_by is not None and due_by < today,
        read=date.fromisoformat(f"{pack.content['period']}-01") if pack else None,
        red=sum(line["rag"] == "R" for line in lines),
        red_twice=sum(bool(line["red_twice"]) for line in lines),
        open_actions=made.open().count(),
        overdue_actions=made.overdue(today).count(),
    )


def _action_keys(clinics: Iterable[Clinic]) -> list[Any]:
    keys: list[Any] = []
    for clinic in clinics:
        keys += clinic.action_links.values_list("action", flat=True)
    return keys


# --- one clinic ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ActionLine:
    """An action of a clinic. `what` is "" where it is about a case that is not open to the reader; `open_to_reader`
    says whether its page is."""

    id: UUID
    reference: str
    what: str
    owner: str
    due_on: date
    when: str
    overdue: bool
    status: str
    colour: str
    case_id: UUID | None
    open_to_reader: bool
    note: Any


@dataclass(frozen=True)
class NoteLine:
    """A number of a clinic with what is said under it and its actions; `line` is None where the pack has none yet."""

    id: UUID
    title: str
    text: str
    why_no_action: str
    saved_by: str
    saved_at: datetime | None
    red_twice: bool
    needs_action: bool
    line: PackLine | None
    actions: tuple[ActionLine, ...]


@dataclass(frozen=True)
class ClinicPage:
    """One clinic: its people, its numbers with notes, strengths and concerns, its actions, those of the clinics before,
    and its story, the latest first."""

    line: ClinicLine
    people: tuple[tuple[str, str], ...]
    numbers: tuple[NoteLine, ...]
    others: tuple[NoteLine, ...]
    actions: tuple[ActionLine, ...]
    before: Clinic | None
    came_of: tuple[ActionLine, ...]
    still_open: tuple[ActionLine, ...]
    story: tuple[TimelineEntry, ...]

    @property
    def cases(self) -> list[UUID]:
        """The cases of the actions that are shown with their words."""
        lines = [*self.actions, *self.came_of, *self.still_open]
        return [line.case_id for line in lines if line.case_id is not None and line.what]


def clinic_page(
    clinic: Clinic,
    *,
    pack: PackPage | None,
    red_twice: Iterable[Any],
    earlier: Sequence[Clinic],
    seen: ActionQuerySet,
    every: ActionQuerySet,
    today: date,
) -> ClinicPage:
    """One clinic as its people read it.

    `seen` are the actions that the reader may see, `every` all of them: an action of a clinic that is about no case is
    part of the clinic's own record, and is read by whoever reads the clinic. `red_twice` are the keys of the notes
    whose indicator is red for two clinics running.
    """
    own = _lines(clinic.action_links.values_list("action", "note"), seen, every, today)
    lines = {line.indicator: line for line in pack.lines} if pack else {}
    twice = set(red_twice)
    notes = [
        _note(note, lines, own, note.pk in twice)
        for note in clinic.notes.select_related("indicator", "saved_by").order_by("position", "id")
    ]
    last = earlier[0] if earlier else None
    came_of = _lines(last.action_links.values_list("action", "note"), seen, every, today) if last else ()
    older = [line for one in earlier[1:] for line in _lines(one.action_links.values_list("action", "note"), seen,
             every, today)]  # fmt: skip
    open_words = {str(ActionStatus(status).label) for status in OPEN_STATUSES}
    return ClinicPage(
        line=clinic_line(clinic, today),
        people=_people(clinic),
        numbers=tuple(line for note, line in notes if note.kind == NoteKind.FIGURE),
        others=tuple(line for note, line in notes if note.kind != NoteKind.FIGURE),
        actions=own,
        before=last,
        came_of=came_of,
        still_open=tuple(line for line in older if line.status in open_words),
        story=story_of(clinic),
    )


def _people(clinic: Clinic) -> tuple[tuple[str, str], ...]:
    came = {True: "Came", False: "Did not come", None: ""}
    rows = [(one.user.name, came[one.came]) for one in clinic.attendees.select_related("user")]
    return ((f"{clinic.chair.name} (chair)", ""), *rows) if clinic.chair else tuple(rows)


def _note(
    note: ClinicNote, lines: Mapping[str, PackLine], actions: Iterable[ActionLine], red_twice: bool
) -> tuple[ClinicNote, NoteLine]:
    own = tuple(line for line in actions if line.note == note.pk)
    alive = [line for line in own if line.status != str(ActionStatus.CANCELLED.label)]
    return note, NoteLine(
        id=note.pk,
        title=note.indicator.wording if note.indicator else note.get_kind_display(),
        text=note.text,
        why_no_action=note.why_no_action,
        saved_by=note.saved_by.name if note.saved_by else "",
        saved_at=note.saved_at,
        red_twice=red_twice,
        needs_action=red_twice and not alive and not note.why_no_action.strip(),
        line=lines.get(str(note.indicator_id)),
        actions=own,
    )


def _lines(
    links: Iterable[tuple[Any, Any]], seen: ActionQuerySet, every: ActionQuerySet, today: date
) -> tuple[ActionLine, ...]:
    notes = dict(links)
    open_to = set(seen.filter(pk__in=notes).values_list("pk", flat=True))
    rows = every.filter(pk__in=notes).select_related("owner").order_by("due_on", "reference")
    return tuple(_action_line(one, notes[one.pk], one.pk in open_to, today) for one in rows)


def _action_line(action: Action, note: Any, open_to_reader: bool, today: date) -> ActionLine:
    runs = action.status in OPEN_STATUSES and action.status not in (ActionStatus.CLAIMED, ActionStatus.WITH_BODY)
    return ActionLine(
        id=action.pk,
        reference=action.reference,
        what=action.what if open_to_reader or action.case_id is None else "",
        owner=action.owner.name,
        due_on=action.due_on,
        when=when_due(action.due_on, today) if runs else "",
        overdue=runs and action.due_on < today,
        status=action.get_status_display(),
        colour=ACTION_COLOURS[ActionStatus(action.status)],
        case_id=action.case_id,
        open_to_reader=open_to_reader,
        note=note,
    )


def story_of(clinic: Clinic) -> tuple[TimelineEntry, ...]:
    """What happened to a clinic, the latest first."""
    rows: QuerySet[ClinicMove] = clinic.moves.select_related("by").order_by("-at", "-id")
    return tuple(
        TimelineEntry(
            title=move(CLINIC_MOVES, row.event).says.capitalize(),
            at=row.at,
            by=row.by.name if row.by else "System",
            text=row.why,
        )
        for row in rows
    )


# --- the rota --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RotaLine:
    """A service on the rota page; `slot` counts from 1, None where it has no place yet."""

    service: UUID
    name: str
    slot: int | None
    when: str
    chair: str
    indicators: int
    coming: date | None


def rota_lines(places: QuerySet[RotaPlace], *, today: date, cycle: int) -> list[RotaLine]:
    """Every open service with its turn, by week of the cycle; those without a place last."""
    held = {place.service_id: place for place in places.select_related("chair").prefetch_related("indicators")}
    services = OrgUnit.objects.open_on(today).filter(kind=UnitKind.SERVICE).order_by("name", "pk")
    lines = [_rota_line(service, held.get(service.pk), today, cycle) for service in services]
    return sorted(lines, key=lambda line: (line.slot is None, line.slot or 0, line.name.casefold()))


def _rota_line(service: OrgUnit, place: RotaPlace | None, today: date, cycle: int) -> RotaLine:
    if place is None:
        return RotaLine(service.pk, service.name, None, "", "", 0, None)
    day = rota.next_turn(place.slot, place.weekday, today, cycle)
    return RotaLine(
        service.pk, service.name, place.slot + 1, f"{place.get_weekday_display()} {place.starts_at:%H:%M}",
        place.chair.name if place.chair else "", place.indicators.count(), day,
    )  # fmt: skip
