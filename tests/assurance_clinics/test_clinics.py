"""A clinic from the rota to its closing: states, packs, notes, actions, notices, and who may."""

from __future__ import annotations

import datetime as dt
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.choices import Level, Priority
from actions.services.creating import ActionDraft
from assurance_clinics.choices import ON_THE_WAY, ClinicStatus, DefinitionStatus, ValueSource
from assurance_clinics.models import (
    Clinic,
    ClinicMove,
    ClinicNote,
    ClinicPack,
    Indicator,
    IndicatorDefinition,
    Target,
    Value,
)
from assurance_clinics.rules import rota
from assurance_clinics.selectors.tables import month_after
from assurance_clinics.services.clinics.clocks import look_at_clinics
from assurance_clinics.services.clinics.meeting import (
    CannotClose,
    NoteChanged,
    Words,
    close_clinic,
    confirm_notes,
    give_reason,
    hold_clinic,
    make_clinic_action,
    save_note,
)
from assurance_clinics.services.clinics.packing import build_pack, load_data
from assurance_clinics.services.clinics.scheduling import (
    Meeting,
    Turn,
    cancel_clinic,
    convene,
    place_on_rota,
    postpone_clinic,
    schedule_clinic,
)
from audits.choices import AuditPurpose, FindingKind, Grade, TallyCut
from audits.models import Finding, GradeTally, Theme
from audits.services.tallies import rebuild
from cases.models import Worker
from core.jobs.services import run_due
from core.notifications.models import Notice
from core.workflow import IllegalMove, StaleVersion
from core.working_days import add_working_days
from tests.factories.accounts import TeamFactory, person_as
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db


def in_two_weeks() -> dt.datetime:
    """A Thursday at 10."""
    day = rota.monday_of(timezone.localdate()) + timedelta(weeks=2, days=3)
    return dt.datetime.combine(day, dt.time(10))


def before(clinic: Clinic, days: int) -> dt.date:
    """So many working days before a clinic."""
    return add_working_days(clinic.day, -days)


@pytest.fixture
def visits(db: None) -> Indicator:
    found = Indicator.objects.create(wording="Children seen in time", section="Visiting")
    IndicatorDefinition.objects.create(
        indicator=found, valid_from=dt.date(2020, 4, 1), status=DefinitionStatus.CONFIRMED, kind="percentage",
        basis="snapshot", polarity="higher",
    )  # fmt: skip
    Target.objects.create(indicator=found, starts_on=dt.date(2020, 4, 1), value=Decimal(90), printed="90%")
    return found


def figure(indicator: Indicator, service: OrgUnit, month: dt.date, n: int, d: int = 100, **place: Any) -> Value:
    value = Decimal(100 * n) / d
    return Value.objects.create(
        indicator=indicator, unit=place.pop("unit", service), month=month, numerator=n, denominator=d, value=value,
        printed=f"{value:.0f}%", source=ValueSource.TYPED, **place,
    )  # fmt: skip


@pytest.fixture
def clinic(service: OrgUnit, visits: Indicator, head_of_service: User, team_manager: User) -> Clinic:
    """Scheduled for a Thursday in two weeks, with the figure of its month in."""
    place_on_rota(service=service, turn=Turn(0, 3, dt.time(10), head_of_service, [visits]), by=head_of_service)
    week = rota.monday_of(in_two_weeks().date())
    made = Clinic.objects.create(service=service, number=1, week=week, chair=head_of_service)
    made = arranged(made, head_of_service, team_manager)
    figure(visits, service, period_of(made), 70)
    return made


def period_of(clinic: Clinic) -> dt.date:
    assert clinic.period is not None
    return clinic.period


def arranged(clinic: Clinic, chair: User, *people: User, later: int = 0) -> Clinic:
    at = in_two_weeks() + timedelta(days=later)
    meeting = Meeting(timezone.make_aware(at), "Room 2", chair, people)
    return schedule_clinic(clinic=clinic, meeting=meeting, by=chair)


def held(clinic: Clinic) -> Clinic:
    """The pack built and, its day put back to today, the clinic held."""
    chair: Any = clinic.chair
    build_pack(clinic=clinic, by=SYSTEM)
    Clinic.objects.filter(pk=clinic.pk).update(meets_at=timezone.now())
    return hold_clinic(clinic=clinic, came=[], by=chair)


def wanted(owner: User, unit: OrgUnit) -> ActionDraft:
    return ActionDraft(
        what="Plan a visit for every child who is late.", how_we_know="All have been seen.", owner=owner,
        priority=Priority.MEDIUM, level=Level.SERVICE, unit=unit,
    )  # fmt: skip


def the_note(clinic: Clinic) -> ClinicNote:
    return clinic.notes.select_related("clinic").get(kind="figure")


def get(user: User, url: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(url)


def test_the_rota_puts_each_clinic_down_once(service: OrgUnit, other_service: OrgUnit, qa_lead: User) -> None:
    for slot, unit in enumerate((service, other_service)):
        place_on_rota(service=unit, turn=Turn(slot, 3, dt.time(10)), by=qa_lead)
    today = timezone.localdate()
    assert convene(today=today) >= 2
    assert convene(today=today) == 0
    gaps = [one.week for one in Clinic.objects.filter(service=service).order_by("week")]
    assert all((later - earlier).days == 35 for earlier, later in pairwise(gaps))
    assert {one.status for one in Clinic.objects.all()} == {ClinicStatus.TO_BE_CONVENED}


def test_a_head_of_service_keeps_their_own_turn_only(
    service: OrgUnit, other_service: OrgUnit, head_of_service: User, team_manager: User
) -> None:
    place_on_rota(service=service, turn=Turn(2, 3, dt.time(10)), by=head_of_service)
    for by, unit in ((head_of_service, other_service), (team_manager, service)):
        with pytest.raises(NotAllowed):
            place_on_rota(service=unit, turn=Turn(1, 3, dt.time(10)), by=by)


def test_a_clinic_runs_from_scheduled_to_closed(clinic: Clinic, head_of_service: User, team_manager: User) -> None:
    assert (clinic.status, clinic.period) == (ClinicStatus.SCHEDULED, rota.period_for(clinic.day, 5))
    assert load_data(clinic=clinic)
    done = held(clinic)
    note = save_note(note=the_note(done), words=Words("Two families were away."), by=team_manager, version=1)
    assert (note.text, note.saved_by) == ("Two families were away.", team_manager)
    confirmed = confirm_notes(clinic=done, by=head_of_service)
    closed = close_clinic(clinic=confirmed, by=head_of_service)
    assert closed.status == ClinicStatus.CLOSED
    events = list(ClinicMove.objects.order_by("id").values_list("event", flat=True))
    assert events == ["schedule", "load", "build", "hold", "confirm", "close"]
    with pytest.raises(IllegalMove, match="This clinic is now “Closed”; you cannot write notes"):
        save_note(note=note, words=Words("Later."), by=team_manager, version=2)


def test_a_clinic_is_not_held_before_its_day_nor_moved_out_of_turn(clinic: Clinic, head_of_service: User) -> None:
    with pytest.raises(IllegalMove):
        hold_clinic(clinic=clinic, came=[], by=head_of_service)
    build_pack(clinic=clinic, by=SYSTEM)
    with pytest.raises(ValidationError):
        hold_clinic(clinic=clinic, came=[], by=head_of_service)
    clinic.refresh_from_db()
    assert clinic.status == ClinicStatus.PACK_READY


def test_the_chair_alone_confirms(clinic: Clinic, qa_lead: User, team_manager: User) -> None:
    done = held(clinic)
    for person in (qa_lead, team_manager):
        with pytest.raises(NotAllowed):
            confirm_notes(clinic=done, by=person)
    done.refresh_from_db()
    assert done.status == ClinicStatus.HELD


def test_where_the_chair_has_left_whoever_leads_the_clinic_confirms(
    clinic: Clinic, head_of_service: User, qa_lead: User, team_manager: User
) -> None:
    done = held(clinic)
    User.objects.filter(pk=head_of_service.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        confirm_notes(clinic=done, by=team_manager)
    assert confirm_notes(clinic=done, by=qa_lead).status == ClinicStatus.CONFIRMED


def test_without_an_indicator_to_look_at_nothing_counts_as_loaded(service: OrgUnit, head_of_service: User) -> None:
    made = Clinic.objects.create(service=service, number=1, week=rota.monday_of(in_two_weeks().date()))
    made = arranged(made, head_of_service)
    assert not load_data(clinic=made)
    build_pack(clinic=made, by=SYSTEM)
    made.refresh_from_db()
    assert made.data_late


def test_a_postponed_clinic_gets_a_new_day_and_a_cancelled_one_none(clinic: Clinic, head_of_service: User) -> None:
    with pytest.raises(ValidationError):
        postpone_clinic(clinic=clinic, by=head_of_service, why=" ")
    later = postpone_clinic(clinic=clinic, by=head_of_service, why="The chair is ill.")
    again = arranged(later, head_of_service, later=7)
    assert again.status == ClinicStatus.SCHEDULED
    cancelled = cancel_clinic(clinic=again, by=head_of_service, why="The service closes.")
    with pytest.raises(IllegalMove):
        arranged(cancelled, head_of_service)


def test_of_two_who_change_a_clinic_the_second_is_told(clinic: Clinic, head_of_service: User, qa_lead: User) -> None:
    read = clinic.version
    postpone_clinic(clinic=clinic, by=qa_lead, why="Snow.", version=read)
    with pytest.raises((StaleVersion, IllegalMove)):
        cancel_clinic(clinic=clinic, by=head_of_service, why="Snow.", version=read)
    clinic.refresh_from_db()
    assert clinic.status == ClinicStatus.POSTPONED


def test_of_two_who_write_a_note_the_second_reads_both_texts(
    clinic: Clinic, head_of_service: User, team_manager: User
) -> None:
    note = the_note(clinic)
    save_note(note=note, words=Words("The first text."), by=head_of_service, version=1)
    with pytest.raises(NoteChanged):
        save_note(note=note, words=Words("The second text."), by=team_manager, version=1)
    client = Client()
    client.force_login(team_manager)
    url = reverse("assurance_clinics:note", args=[clinic.pk, note.pk])
    page = client.post(url, {"text": "The second text.", "version": "1"}).content.decode()
    assert "The first text." in page
    assert "The second text." in page
    assert ClinicNote.objects.get(pk=note.pk).text == "The first text."
    assert client.post(url, {"text": "Both texts.", "version": "2"}).status_code == 302
    assert ClinicNote.objects.get(pk=note.pk).text == "Both texts."


# --- the pack ------------------------------------------------------------------------------------------------------


def test_the_pack_is_built_by_a_job_two_working_days_before(clinic: Clinic, team_manager: User) -> None:
    assert look_at_clinics(today=before(clinic, 3))["packs"] == 0
    assert look_at_clinics(today=before(clinic, 2))["packs"] == 1
    run_due()
    clinic.refresh_from_db()
    assert clinic.status == ClinicStatus.PACK_READY
    assert not clinic.data_late
    assert Notice.objects.filter(person=team_manager, kind="clinic_pack").count() == 1
    assert look_at_clinics(today=before(clinic, 2))["packs"] == 0


def test_audits_of_a_calibration_are_in_no_pack(clinic: Clinic, team: OrgUnit) -> None:
    case, period = CaseFactory(team=team, service=team.parent), period_of(clinic)
    seen, drift = Theme.objects.create(name="Seen alone"), Theme.objects.create(name="Drift")
    # Their feedback is never issued. Here it is, so that nothing but their purpose keeps them out.
    for purpose, grade, theme in (
        (AuditPurpose.STANDARD, Grade.GOOD, seen), (AuditPurpose.CALIBRATION, Grade.INADEQUATE, drift),
    ):  # fmt: skip
        audit = graded_audit(grade, case=case, month=period, purpose=purpose)
        found = Finding.objects.create(
            audit=audit, audit_section=audit.sections.all()[0], kind=FindingKind.DEVELOPMENT, text="x"
        )
        found.themes.add(theme)
    rebuild()
    held = GradeTally.objects.filter(unit=team.parent, month=period, cut=TallyCut.EXCLUDED)
    assert held.get().key == AuditPurpose.CALIBRATION, "it is there, in this month"
    content = build_pack(clinic=clinic, by=SYSTEM).content
    whole = next(line for line in content["grades"] if line["is_service"])
    assert whole["year"] == whole["month"] == {grade.value: int(grade == Grade.GOOD) for grade in Grade}
    assert (content["themes"]["of"], content["themes"][FindingKind.DEVELOPMENT]) == (
        1,
        [{"theme": "Seen alone", "n": 1}],
    )


def test_built_twice_it_is_one_pack_and_another_figure_makes_the_next(clinic: Clinic, visits: Indicator) -> None:
    build_pack(clinic=clinic, by=SYSTEM)
    build_pack(clinic=clinic, by=SYSTEM)
    assert ClinicPack.objects.count() == 1
    Value.objects.filter(indicator=visits).update(printed="71%", numerator=71, value=71)
    assert build_pack(clinic=clinic, by=SYSTEM).number == 2
    first = ClinicPack.objects.get(number=1)
    assert first.content["lines"][0]["cells"][-1]["shown"] == "70%"


@pytest.mark.parametrize("statement", ["UPDATE {table} SET event='x'", "DELETE FROM {table}"])
def test_the_database_refuses_to_change_a_clinics_story(clinic: Clinic, statement: str) -> None:
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement.format(table=ClinicMove._meta.db_table))


def test_a_figure_that_is_late_is_told_to_its_owner_then_to_the_head(
    clinic: Clinic, visits: Indicator, qa_admin: User, head_of_service: User
) -> None:
    Value.objects.all().delete()
    IndicatorDefinition.objects.update(owner=qa_admin)

    def told() -> list[tuple[str, str]]:
        rows = Notice.objects.filter(kind__in=("clinic_figure_missing", "clinic_data_late")).order_by("created_at")
        return [(notice.kind, notice.person.name) for notice in rows]

    look_at_clinics(today=before(clinic, 4))
    assert told() == []
    look_at_clinics(today=before(clinic, 3))
    look_at_clinics(today=before(clinic, 3))
    assert told() == [("clinic_figure_missing", qa_admin.name)]
    look_at_clinics(today=before(clinic, 1))
    run_due()
    assert told()[1:] == [("clinic_data_late", head_of_service.name)]
    clinic.refresh_from_db()
    assert clinic.data_late
    assert ClinicPack.objects.get().content["late"] == [visits.wording]
    figure(visits, clinic.service, period_of(clinic), 70)
    look_at_clinics(today=clinic.day)
    run_due()
    clinic.refresh_from_db()
    assert not clinic.data_late
    assert ClinicPack.objects.count() == 2


def test_a_missed_clinic_is_told_to_the_head_of_service_once(clinic: Clinic, head_of_service: User) -> None:
    look_at_clinics(today=clinic.day)
    assert not Notice.objects.filter(kind="clinic_missed").exists()
    for days in (1, 1, 4):
        look_at_clinics(today=clinic.day + timedelta(days=days))
    assert Notice.objects.filter(person=head_of_service, kind="clinic_missed").count() == 1


def test_one_that_was_never_convened_is_missed_after_its_week(service: OrgUnit, head_of_service: User) -> None:
    Clinic.objects.create(service=service, number=1, week=rota.monday_of(timezone.localdate() - timedelta(weeks=2)))
    look_at_clinics(today=timezone.localdate())
    assert Notice.objects.filter(person=head_of_service, kind="clinic_missed").count() == 1
    page = get(head_of_service, reverse("assurance_clinics:clinics")).content.decode()
    assert "To be convened" in page
    assert "Missed" in page


def test_one_that_was_never_convened_is_cancelled_with_a_reason(service: OrgUnit, head_of_service: User) -> None:
    week = rota.monday_of(timezone.localdate() - timedelta(weeks=2))
    clinic = Clinic.objects.create(service=service, number=1, week=week)
    page = get(head_of_service, reverse("assurance_clinics:clinic", args=[clinic.pk])).content.decode()
    address = reverse("assurance_clinics:move", args=[clinic.pk, "cancel"])
    assert address in page
    with pytest.raises(ValidationError):
        cancel_clinic(clinic=clinic, by=head_of_service, why=" ")
    client = Client()
    client.force_login(head_of_service)
    client.post(address, {"version": clinic.version, "why": "The week of the inspection."})
    clinic.refresh_from_db()
    assert (clinic.status, clinic.moves.latest("at").why) == ("cancelled", "The week of the inspection.")
    look_at_clinics(today=timezone.localdate())
    assert not Notice.objects.filter(kind="clinic_missed").exists()
    assert Clinic.objects.filter(service=service, week=week).count() == 1


@pytest.mark.parametrize("status", ON_THE_WAY)
def test_a_clinic_is_postponed_from_each_state_before_it_is_held(
    clinic: Clinic, head_of_service: User, status: str
) -> None:
    Clinic.objects.filter(pk=clinic.pk).update(status=status)
    postponed = postpone_clinic(clinic=clinic, by=head_of_service, why="The chair is ill.")
    assert postponed.status == "postponed"
    with pytest.raises(IllegalMove):
        postpone_clinic(clinic=clinic, by=head_of_service, why="The chair is still ill.")


def test_workers_figures_in_the_pack_are_read_by_their_own_line_only(
    clinic: Clinic, team: OrgUnit, visits: Indicator, head_of_service: User, qa_lead: User
) -> None:
    elsewhere = TeamFactory(name="Wren", parent=clinic.service)
    other = person_as(Role.TEAM_MANAGER, elsewhere, name="Wren Example-Manager")
    worker = Worker.objects.create(name="Parker Example-Worker")
    figure(visits, clinic.service, period_of(clinic), 3, 6, unit=team, worker=worker)
    arranged(clinic, head_of_service, other)
    build_pack(clinic=clinic, by=SYSTEM)
    url = reverse("assurance_clinics:pack", args=[clinic.pk])
    for person, sees in ((head_of_service, True), (qa_lead, True), (other, False)):
        page = get(person, url)
        assert page.status_code == 200
        assert ("Parker Example-Worker" in page.content.decode()) == sees, person.name


def test_a_small_number_in_the_pack_is_hidden_from_who_may_not_read_the_cases(
    clinic: Clinic, visits: Indicator, team_manager: User, head_of_service: User
) -> None:
    Value.objects.filter(indicator=visits).update(numerator=2, denominator=9, value=22, printed="22%")
    build_pack(clinic=clinic, by=SYSTEM)
    url = reverse("assurance_clinics:pack", args=[clinic.pk])
    assert "fewer than 5" in get(team_manager, url).content.decode()
    assert "2 of 9" not in get(team_manager, url).content.decode()
    assert "2 of 9" in get(head_of_service, url).content.decode()


# --- who -----------------------------------------------------------------------------------------------------------


def test_who_reads_a_clinic(clinic: Clinic, other_service: OrgUnit, service_lead: User, team_manager: User) -> None:
    outsider = person_as(Role.HEAD_OF_SERVICE, other_service, name="Other Example-Head")
    for name in ("clinic", "schedule"):
        assert get(outsider, reverse(f"assurance_clinics:{name}", args=[clinic.pk])).status_code == 404
    assert get(service_lead, reverse("assurance_clinics:clinic", args=[clinic.pk])).status_code == 200
    assert get(team_manager, reverse("assurance_clinics:clinic", args=[clinic.pk])).status_code == 200
    assert get(team_manager, reverse("assurance_clinics:schedule", args=[clinic.pk])).status_code == 403
    team_manager.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert get(team_manager, reverse("assurance_clinics:clinic", args=[clinic.pk])).status_code == 404


# --- red for two running, and what came of it ----------------------------------------------------------------------


@pytest.fixture
def second(clinic: Clinic, visits: Indicator, head_of_service: User, team_manager: User) -> Clinic:
    """The next clinic, a month on, red as the first was. The first made one action and was closed."""
    done = held(clinic)
    make_clinic_action(
        clinic=done, note=the_note(done), wanted=wanted(team_manager, clinic.service), by=head_of_service
    )
    close_clinic(clinic=confirm_notes(clinic=done, by=head_of_service), by=head_of_service)
    month = month_after(period_of(clinic), 1)
    figure(visits, clinic.service, month, 72)
    made = Clinic.objects.create(service=clinic.service, number=2, week=clinic.week + timedelta(weeks=5))
    made = arranged(made, head_of_service, team_manager, later=35)
    Clinic.objects.filter(pk=made.pk).update(period=month)
    return Clinic.objects.get(pk=made.pk)


def confirmed(second: Clinic, chair: User) -> Clinic:
    return confirm_notes(clinic=held(second), by=chair)


def test_the_next_clinic_shows_what_came_of_the_last_ones_actions(second: Clinic, team_manager: User) -> None:
    build_pack(clinic=second, by=SYSTEM)
    page = get(team_manager, reverse("assurance_clinics:clinic", args=[second.pk])).content.decode()
    assert "What came of the last clinic" in page
    assert "Plan a visit for every child who is late." in page
    months = [f"{shown} in {month_after(period_of(second), back):%B %Y}" for shown, back in (("70%", -1), ("72%", 0))]
    assert f"Red for two clinics running: {' and '.join(months)}." in page


def test_the_overview_counts_what_is_red_in_the_newest_pack(second: Clinic, head_of_service: User) -> None:
    def line() -> tuple[date | None, int, int]:
        page = get(head_of_service, reverse("assurance_clinics:clinics"))
        one = next(each["line"] for each in page.context["lines"] if each["line"].name == second.service.name)
        return one.read, one.red, one.red_twice

    before = month_after(period_of(second), -1)
    assert line() == (before, 1, 0)
    build_pack(clinic=second, by=SYSTEM)
    assert line() == (period_of(second), 1, 1)


def test_a_clinic_red_twice_is_not_closed_without_an_action_or_a_reason(
    second: Clinic, head_of_service: User, team_manager: User
) -> None:
    ready = confirmed(second, head_of_service)
    with pytest.raises(CannotClose, match="“Children seen in time” was red for two clinics running"):
        close_clinic(clinic=ready, by=head_of_service)
    ready.refresh_from_db()
    assert ready.status == ClinicStatus.CONFIRMED
    with pytest.raises(ValidationError):
        give_reason(note=the_note(ready), why="too short", by=head_of_service, version=1)
    give_reason(note=the_note(ready), why="The action of the last clinic runs on.", by=head_of_service, version=1)
    assert close_clinic(clinic=ready, by=head_of_service).status == ClinicStatus.CLOSED


def test_the_refusal_to_close_leads_to_the_number_that_it_speaks_of(second: Clinic, head_of_service: User) -> None:
    ready = confirmed(second, head_of_service)
    client = Client()
    client.force_login(head_of_service)
    page = client.post(reverse("assurance_clinics:move", args=[ready.pk, "close"]), {"version": ready.version})
    there = reverse("assurance_clinics:clinic", args=[ready.pk])
    anchor = f"note-{the_note(ready).pk}"
    assert f'<a href="{there}#{anchor}">“Children seen in time” was red for two clinics' in page.content.decode()
    assert "<title>Error: " in page.content.decode()
    assert f'id="{anchor}"' in client.get(there).content.decode()


def test_an_action_under_the_number_lets_it_be_closed(
    second: Clinic, head_of_service: User, team_manager: User
) -> None:
    ready = confirmed(second, head_of_service)
    action = make_clinic_action(
        clinic=ready, note=the_note(ready), wanted=wanted(team_manager, ready.service), by=head_of_service
    )
    assert (action.origin, action.origin_reference) == ("clinic", str(ready))
    assert close_clinic(clinic=ready, by=head_of_service).status == ClinicStatus.CLOSED


def test_a_clinic_of_the_same_month_is_not_red_twice(second: Clinic, head_of_service: User) -> None:
    Clinic.objects.filter(pk=second.pk).update(period=month_after(period_of(second), -1))
    ready = confirmed(second, head_of_service)
    assert close_clinic(clinic=ready, by=head_of_service).status == ClinicStatus.CLOSED
