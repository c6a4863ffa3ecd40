"""The rota, and a clinic's day, place and people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.access import SYSTEM, must, people_as
from accounts.choices import Role, UnitKind
from accounts.models import OrgUnit, User
from assurance_clinics import access
from assurance_clinics.choices import ClinicStatus, NoteKind
from assurance_clinics.models import Clinic, ClinicAttendee, ClinicMove, ClinicNote, Indicator, RotaPlace, Value
from assurance_clinics.rules import rota, timescales
from assurance_clinics.services.clinics.moves import lock_clinic, make_move
from assurance_clinics.services.clinics.telling import tell
from core.council.selectors import closing_days, setting
from core.history.services import record
from core.workflow import StaleVersion

PEOPLE_AT_MOST = 40
LAST = 900
"""Strengths and concerns stand after every number."""


@dataclass(frozen=True)
class Turn:
    """A service's place on the rota: the week of the cycle (from 0), day and time, chair, and the indicators."""

    slot: int
    weekday: int
    starts_at: dt.time
    chair: User | None = None
    indicators: Sequence[Indicator] = ()


@dataclass(frozen=True)
class Meeting:
    """When and where a clinic meets, who chairs and who is asked."""

    meets_at: dt.datetime
    place: str
    chair: User
    attendees: Sequence[User] = ()


@transaction.atomic
def place_on_rota(*, service: OrgUnit, turn: Turn, by: Any, version: int | None = None) -> RotaPlace:
    """Give a service its turn, or change it. Clinics that are on the rota already keep their day.

    Raises NotAllowed, StaleVersion, and ValidationError by field.
    """
    must(access.can_keep_rota(by, service))
    if service.kind != UnitKind.SERVICE:
        raise ValidationError({"slot": "Only a service has a clinic."})
    cycle = setting(timescales.WEEKS.key)
    if not 0 <= turn.slot < cycle:
        raise ValidationError({"slot": f"Choose a week from 1 to {cycle}"})
    if turn.chair and not access.possible_chairs(service).filter(pk=turn.chair.pk).exists():
        raise ValidationError({"chair": "Choose somebody who may chair this service's clinic"})
    place = RotaPlace.objects.select_for_update().filter(service=service).first()
    stamp = place.version if place else 0
    if version not in (None, stamp):
        raise StaleVersion(version=stamp)
    verb = "changed" if place else "placed"
    place = place or RotaPlace(service=service, version=0)
    place.slot, place.weekday, place.starts_at, place.chair = turn.slot, turn.weekday, turn.starts_at, turn.chair
    place.version += 1
    place.save()
    place.indicators.set(turn.indicators)
    values = {
        "slot": turn.slot, "weekday": turn.weekday, "starts_at": f"{turn.starts_at:%H:%M}",
        "chair": str(turn.chair.pk) if turn.chair else "", "indicators": [str(one.pk) for one in turn.indicators],
    }  # fmt: skip
    record(by=by, verb=verb, record=place, values=values)
    return place


def convene(*, today: dt.date) -> int:
    """Put the clinics of this week and of one cycle ahead on the rota, each once; how many are new.

    A service whose turn fell in a week that has a clinic of it already gets no second one. The head of service hears
    that there is a clinic to be scheduled.
    """
    cycle, made = setting(timescales.WEEKS.key), 0
    weeks = rota.weeks_ahead(today, cycle)
    places = list(RotaPlace.objects.select_related("service__parent"))
    there = set(Clinic.objects.filter(week__in=weeks).values_list("service", "week"))
    for place in places:
        if place.service.closed_on is not None and place.service.closed_on < today:
            continue
        for week in weeks:
            if rota.has_its_turn(place.slot, week, cycle) and (place.service_id, week) not in there:
                made += _convene_one(place, week)
    return made


def _convene_one(place: RotaPlace, week: dt.date) -> bool:
    try:
        with transaction.atomic():
            last = Clinic.objects.filter(service=place.service).aggregate(last=Max("number"))["last"] or 0
            clinic = Clinic.objects.create(service=place.service, number=last + 1, week=week, chair=place.chair)
            ClinicMove.objects.create(
                clinic=clinic, at=timezone.now(), event="convene", to_status=ClinicStatus.TO_BE_CONVENED
            )
            heads = people_as([Role.HEAD_OF_SERVICE], [place.service])
            tell(clinic=clinic, kind="clinic_to_schedule", event="convened", people=heads)
            record(by=SYSTEM, verb="convene", record=clinic, to_state=clinic.status, values={"week": week.isoformat()})
    except IntegrityError:  # another sweep was first
        return False
    return True


def schedule_clinic(*, clinic: Clinic, meeting: Meeting, by: Any, version: int | None = None) -> Clinic:
    """Settle day, place, chair and people of a clinic that is to be convened or was postponed, or change them.

    The month that it looks at follows from the day. Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError
    by field.
    """
    with transaction.atomic():
        held = lock_clinic(clinic=clinic)
        first = held.status in (ClinicStatus.TO_BE_CONVENED, ClinicStatus.POSTPONED)
        event = "schedule" if first else "change"
        access.require(by, event, held)
        _check(held, meeting)
        day = timezone.localdate(meeting.meets_at)
        period = rota.period_for(day, setting(timescales.DATA_DAY.key), closing_days())
        make_move(
            clinic=held, event=event, by=by, version=version, meets_at=meeting.meets_at, place=meeting.place.strip(),
            chair=meeting.chair, period=period,
        )  # fmt: skip
        _ask(held, meeting, by)
        add_notes(clinic=held)
    return held


def _check(clinic: Clinic, meeting: Meeting) -> None:
    faults: dict[str, str] = {}
    if timezone.localdate(meeting.meets_at) < timezone.localdate():
        faults["day"] = "Choose today or a later day"
    if not access.possible_chairs(clinic.service).filter(pk=meeting.chair.pk).exists():
        faults["chair"] = "Choose somebody who may chair this service's clinic"
    wanted = {person.pk for person in meeting.attendees}
    if len(wanted) > PEOPLE_AT_MOST:
        faults["attendees"] = f"Choose {PEOPLE_AT_MOST} people at most"
    if access.possible_attendees(clinic.service).filter(pk__in=wanted).count() != len(wanted):
        faults["attendees"] = "Choose people who work with this service"
    if faults:
        raise ValidationError(faults)


def _ask(clinic: Clinic, meeting: Meeting, by: Any) -> None:
    wanted = {person.pk: person for person in meeting.attendees}
    there = set(clinic.attendees.values_list("user", flat=True))
    clinic.attendees.exclude(user__in=wanted).delete()
    ClinicAttendee.objects.bulk_create(
        ClinicAttendee(clinic=clinic, user=person) for key, person in wanted.items() if key not in there
    )
    asked: Iterable[User] = [*wanted.values(), meeting.chair]
    if there != set(wanted):
        record(by=by, verb="asked", record=clinic, values={"people": sorted(str(key) for key in wanted)})
    tell(clinic=clinic, kind="clinic_scheduled", event=f"scheduled:{clinic.meets_at:%Y%m%d%H%M}", people=asked)


def add_notes(*, clinic: Clinic) -> None:
    """A note under each indicator that the clinic looks at, and one each for strengths and concerns; none twice."""
    chosen = chosen_indicators(clinic=clinic)
    there = {(note.kind, note.indicator_id) for note in clinic.notes.all()}
    wanted: list[tuple[NoteKind, Indicator | None, int]] = [
        *((NoteKind.FIGURE, indicator, place) for place, indicator in enumerate(chosen)),
        (NoteKind.STRENGTHS, None, LAST),
        (NoteKind.CONCERNS, None, LAST + 1),
    ]
    ClinicNote.objects.bulk_create(
        ClinicNote(clinic=clinic, kind=kind, indicator=indicator, position=place)
        for kind, indicator, place in wanted
        if (kind, indicator.pk if indicator else None) not in there
    )


def chosen_indicators(*, clinic: Clinic) -> list[Indicator]:
    """The indicators that a clinic looks at: those of its place on the rota, else those of which its service has
    figures in the 13 months to its own; without the retired ones."""
    place = RotaPlace.objects.filter(service=clinic.service_id).first()
    chosen = list(place.indicators.all()) if place else []
    if not chosen and clinic.period is not None:
        held = Value.objects.filter(unit=clinic.service_id, worker=None, month__lte=clinic.period)
        held = held.filter(month__gt=clinic.period - dt.timedelta(days=396))
        chosen = list(Indicator.objects.filter(pk__in=held.values("indicator")).order_by("position", "wording_key"))
    return [one for one in chosen if one.retired_on is None]


def postpone_clinic(*, clinic: Clinic, by: Any, why: str, version: int | None = None) -> Clinic:
    """Postpone a clinic: it waits for a new day. Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError
    without a reason."""
    return _stop(clinic, "postpone", "clinic_postponed", by, why, version)


def cancel_clinic(*, clinic: Clinic, by: Any, why: str, version: int | None = None) -> Clinic:
    """Cancel a clinic for good: the rota brings the next one. Raises as postpone_clinic."""
    return _stop(clinic, "cancel", "clinic_cancelled", by, why, version)


def _stop(clinic: Clinic, event: str, kind: str, by: Any, why: str, version: int | None) -> Clinic:
    with transaction.atomic():
        held = lock_clinic(clinic=clinic)
        access.require(by, event, held)
        make_move(clinic=held, event=event, by=by, why=why, version=version)
        tell(clinic=held, kind=kind, event=f"{event}:{held.version}", people=people_of(clinic=held))
    return held


def people_of(*, clinic: Clinic) -> list[User]:
    """The chair and the people asked."""
    asked = [one.user for one in clinic.attendees.select_related("user")]
    return list(dict.fromkeys([*asked, *([clinic.chair] if clinic.chair else [])]))
