"""The invented council's clinics: a rota, one clinic closed, one held, one with its pack ready, others on the way."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import Membership, OrgUnit, User
from actions.choices import Level, Priority
from actions.services.creating import ActionDraft
from actions.services.doing import update_progress
from assurance_clinics.choices import ClinicStatus, NoteKind, Weekday
from assurance_clinics.models import (
    CaseNote,
    Clinic,
    ClinicAttendee,
    ClinicMove,
    DatedEvent,
    Indicator,
    IndicatorDefinition,
)
from assurance_clinics.rules import rota
from assurance_clinics.selectors.exceptions import exceptions, of_unit
from assurance_clinics.selectors.extracts import latest_extract
from assurance_clinics.services.clinics.meeting import (
    Words,
    close_clinic,
    confirm_notes,
    hold_clinic,
    make_clinic_action,
    save_note,
)
from assurance_clinics.services.clinics.packing import build_pack
from assurance_clinics.services.clinics.scheduling import Turn, add_notes, convene, place_on_rota
from cases.models import Case, Extract
from core.working_days import add_working_days
from worklist.services.demo_people import Council

_EVERYWHERE = ("cin_visit_3w", "cin_visit_6w", "assessment_45wd", "re_referral_12m", "caseload")
_CODES = {
    "Family Safeguarding": ("cin_visit_3w", "cp_visit_10wd", "cp_visit_4w", "icpc_15wd", "assessment_45wd", "caseload"),
    "Pathways Through Care": ("cla_visit_6w", "cla_review", "health_assessment", "cla_3_placements", "caseload"),
}
_UNDER = (
    "Two families were away and one worker was on sick leave for nine days. The visits of that caseload were shared "
    "out late. All but one child has been seen since.",
    "The figure is right. The late ones are of one team that lost its manager in the month.",
    "Recording, not visiting: three visits were made and written up after the extract was drawn.",
)
_STRENGTHS = "Managers know every child behind the red figures. Visits to children on plans are purposeful."
_CONCERNS = "Cover for sickness is arranged too late, and supervision does not pick up visits that are about to be due."


def make_clinics(*, council: Council, today: date) -> None:
    """Give every service its turn, and bring three clinics to their places in the story."""
    lead = council.people["qa.lead"]
    safeguarding, care = council.services[1], council.services[3]
    soon, yesterday = add_working_days(today, 2), today - timedelta(days=1)
    turns = {safeguarding.pk: _slot(soon), care.pk: _slot(yesterday)}
    for place, service in enumerate(council.services):
        codes = _CODES.get(service.name, _EVERYWHERE)
        indicators = list(Indicator.objects.filter(code__in=codes))
        turn = Turn(turns.get(service.pk, place % 5), Weekday.THURSDAY, time(10), _head(service) or lead, indicators)
        place_on_rota(service=service, turn=turn, by=lead)
    IndicatorDefinition.objects.filter(indicator__code__isnull=False).update(owner=council.people["qa.admin"])
    closed = _clinic(safeguarding, soon - timedelta(weeks=5), number=1)
    _hold(closed, notes=3)
    confirm_notes(clinic=closed, by=closed.chair)
    close_clinic(clinic=closed, by=closed.chair)
    held = _clinic(care, yesterday, number=1)
    _hold(held, notes=2)
    ready = _clinic(safeguarding, soon, number=2)
    build_pack(clinic=ready, by=SYSTEM)
    convene(today=today)
    _note_case(council)


def _slot(day: date) -> int:
    """The week of the cycle in which a day lies."""
    return next(slot for slot in range(5) if rota.has_its_turn(slot, day, 5))


def _head(service: OrgUnit) -> User | None:
    row = Membership.objects.filter(unit=service, role=Role.HEAD_OF_SERVICE).select_related("user").first()
    return row.user if row else None


def _clinic(service: OrgUnit, day: date, *, number: int) -> Clinic:
    """A scheduled clinic of a day that may lie behind: time cannot be made to pass here, so it is put down as it is."""
    chair = _head(service)
    clinic = Clinic.objects.create(
        service=service, number=number, week=rota.monday_of(day), chair=chair, place="Meeting room 2",
        meets_at=timezone.make_aware(datetime.combine(day, time(10))), period=rota.period_for(day, 5),
        status=ClinicStatus.SCHEDULED,
    )  # fmt: skip
    at = timezone.now()
    ClinicMove.objects.create(clinic=clinic, at=at, event="schedule", by=chair, to_status=ClinicStatus.SCHEDULED)
    managers = Membership.objects.filter(unit__parent=service, role=Role.TEAM_MANAGER).select_related("user")
    ClinicAttendee.objects.bulk_create(ClinicAttendee(clinic=clinic, user=row.user) for row in managers)
    add_notes(clinic=clinic)
    return clinic


def _hold(clinic: Clinic, *, notes: int) -> None:
    chair: Any = clinic.chair
    build_pack(clinic=clinic, by=SYSTEM)
    people = [one.user for one in clinic.attendees.all()]
    hold_clinic(clinic=clinic, came=[one.pk for one in people[:-1]], by=chair)
    Clinic.objects.filter(pk=clinic.pk).update(held_at=clinic.meets_at)
    for place, note in enumerate(clinic.notes.all()):
        if note.kind == NoteKind.STRENGTHS:
            save_note(note=note, words=Words(_STRENGTHS), by=chair, version=note.version)
        elif note.kind == NoteKind.CONCERNS:
            save_note(note=note, words=Words(_CONCERNS), by=chair, version=note.version)
        elif place < notes:
            save_note(note=note, words=Words(_UNDER[place]), by=people[0] if people else chair, version=note.version)
    _act(clinic, people[0] if people else chair)


def _act(clinic: Clinic, owner: User) -> None:
    """Two actions, one of a number and one of the whole clinic; work on the first has begun."""
    note = clinic.notes.filter(kind=NoteKind.FIGURE).first()
    work = (
        (note, "Plan a visit for every child who was not seen in time, and report the dates each Friday.",
         "No child waits longer than the interval at the next clinic."),
        (None, "Agree how caseloads are covered from the third day of a worker's absence.",
         "A written agreement that all team managers have signed."),
    )  # fmt: skip
    for place, (under, what, sign) in enumerate(work):
        action = make_clinic_action(
            clinic=clinic, note=under, by=clinic.chair, despite_duplicates=True,
            wanted=ActionDraft(
                what=what, how_we_know=sign, owner=owner, priority=Priority.MEDIUM, level=Level.SERVICE,
                unit=clinic.service,
            ),
        )  # fmt: skip
        if place == 0:
            update_progress(action=action, by=owner, text="Dates are agreed for all but two children.")


def _note_case(council: Council) -> None:
    """A note beside one of the cases on the team manager's list."""
    manager = council.people["team.manager"]
    indicator = Indicator.objects.filter(code="cin_visit_3w").first()
    key = _late_case(council)
    if indicator is not None and key is not None:
        CaseNote.objects.create(
            indicator=indicator, case_id=key, text="Family on holiday until Monday. Visit arranged for Tuesday.",
            saved_by=manager, saved_at=timezone.now(),
        )  # fmt: skip


def _late_case(council: Council) -> Any:
    extract = latest_extract(Extract.objects.visible_to(SYSTEM))
    team = next(team for team in council.teams if team.name == "Otter Team")
    if extract is None:
        return None
    found = exceptions(
        extract, Case.objects.visible_to(SYSTEM), only=of_unit(team), agreed=DatedEvent.objects.visible_to(SYSTEM),
        today=timezone.localdate(),
    )  # fmt: skip
    return next((line.case for line in found.late if line.code == "cin_visit_3w"), None)
