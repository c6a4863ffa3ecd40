"""A clinic in a browser, from convened to closed, by a head of service with two team managers; and the next one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.models import Action
from actions.services.doing import claim_done, update_progress
from assurance_clinics.models import Clinic, Comparator, Indicator, Value
from assurance_clinics.rules import rota
from assurance_clinics.services import compute_extract
from assurance_clinics.services.clinics.scheduling import Turn, convene, place_on_rota
from core.jobs.services import run_due
from tests.assurance_clinics.conftest import keep, small_workbook
from tests.factories.accounts import TeamFactory, person_as
from tests.journeys.accessibility import assert_accessible, assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page: Page, server: LiveServer, person: User) -> None:
    client = Client()
    client.force_login(person)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])


def checked(page: Page) -> None:
    assert_accessible(page)
    assert_reflows(page)


def schedule(page: Page, chair: User, *people: User) -> None:
    today = timezone.localdate()
    page.get_by_role("link", name="Schedule the clinic").click()
    page.get_by_label("Day", exact=True).fill(str(today.day))
    page.get_by_label("Month", exact=True).fill(str(today.month))
    page.get_by_label("Year", exact=True).fill(str(today.year))
    page.get_by_label("At what time?").fill("10:00")
    page.get_by_label("Who chairs?").select_option(str(chair.pk))
    for person in people:
        page.get_by_label(person.name).check()
    checked(page)
    page.get_by_role("button", name="Schedule the clinic").click()


def test_a_clinic_from_convened_to_closed_and_what_came_of_it(
    live_server: LiveServer, page: Page, service: OrgUnit, team: OrgUnit, head_of_service: User, team_manager: User
) -> None:
    other = person_as(Role.TEAM_MANAGER, TeamFactory(name="Wren", parent=service), name="Wren Example-Manager")
    compute_extract(extract=keep(small_workbook()), by=SYSTEM)
    visits = Indicator.objects.get(code="cin_visit_3w")
    today = timezone.localdate()
    month = rota.period_for(today, 5)
    Value.objects.create(
        indicator=visits, unit=service, month=month, numerator=14, denominator=20, value=Decimal(70), printed="70%",
        source="typed",
    )  # fmt: skip
    Comparator.objects.create(indicator=visits, label="England", value=Decimal(81), printed="81")
    slot = next(slot for slot in range(5) if rota.has_its_turn(slot, today, 5))
    turn = Turn(slot, 3, dt.time(10), head_of_service, [visits])
    place_on_rota(service=service, turn=turn, by=head_of_service)
    convene(today=today)

    # The head of service finds it to be convened, schedules it and has the pack built.
    sign_in(page, live_server, head_of_service)
    page.goto(live_server.url + reverse("assurance_clinics:clinics"))
    expect(page.get_by_text("To be convened", exact=True)).to_be_visible()
    checked(page)
    page.get_by_role("row", name="Family Safeguarding").get_by_role("link").click()
    schedule(page, head_of_service, team_manager, other)
    expect(page.get_by_text("The clinic is scheduled.")).to_be_visible()
    page.get_by_role("button", name="Build the pack now").click()
    run_due()
    page.reload()
    page.get_by_role("link", name="Read the pack").click()
    expect(page.get_by_role("cell", name="14 of 20")).to_be_visible()
    checked(page)
    page.get_by_role("link", name="The clinic").click()
    clinic = page.url

    # A team manager works from the list of exceptions and says what is under the number.
    sign_in(page, live_server, team_manager)
    page.goto(live_server.url + reverse("assurance_clinics:indicators"))
    expect(page.get_by_text("Compared with England: 81")).to_be_visible()
    checked(page)
    page.goto(live_server.url + reverse("assurance_clinics:exceptions"))
    expect(page.get_by_role("row", name="C2")).to_contain_text("Child in need visit")
    checked(page)
    page.get_by_role("row", name="C2").get_by_role("link", name="Write a note").click()
    page.get_by_label("Note", exact=True).fill("Family away until Monday.")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_role("row", name="C2")).to_contain_text("Family away until Monday.")

    # They make an action for the child, which stands beside the child and leads back to the list.
    page.get_by_role("row", name="C2").get_by_role("link", name="Create an action").click()
    page.get_by_label("What has to be done?").fill("Visit the child on Monday.")
    page.get_by_label("How will we know that it is done?").fill("The visit is recorded.")
    page.get_by_label("Who will do it?").select_option(str(team_manager.pk))
    checked(page)
    page.get_by_role("button", name="Create the action").click()
    for_child = Action.objects.get(origin="indicator")
    expect(page.get_by_role("row", name="C2")).to_contain_text(for_child.reference)
    page.get_by_role("link", name=for_child.reference).first.click()
    page.get_by_role("link", name="Child in need visit").click()
    expect(page.get_by_role("heading", name="What is overdue")).to_be_visible()
    page.goto(clinic)
    page.get_by_role("link", name="Write what is under it").click()
    page.get_by_label("What is under the number?").fill("Two families were away; one worker was ill.")
    checked(page)
    page.get_by_role("button", name="Save the note").click()

    # The other one adds a strength.
    sign_in(page, live_server, other)
    page.goto(clinic)
    page.get_by_role("link", name="Write strengths").click()
    page.get_by_label("Strengths").fill("Every child behind the figure is known.")
    page.get_by_role("button", name="Save the note").click()

    # The head makes an action under the number, and closes the clinic.
    sign_in(page, live_server, head_of_service)
    page.goto(clinic)
    page.get_by_role("link", name="Create an action for").click()
    page.get_by_label("What has to be done?").fill("Plan a visit for every child who is late.")
    page.get_by_label("How will we know that it is done?").fill("Each has been seen by the next clinic.")
    page.get_by_label("Who will do it?").select_option(str(team_manager.pk))
    page.get_by_role("button", name="Create the action").click()
    page.get_by_role("link", name="The clinic took place").click()
    page.get_by_role("button", name="It took place").click()
    page.get_by_role("link", name="Confirm the notes").click()
    page.get_by_role("button", name="Confirm the notes").click()
    page.get_by_role("link", name="Close the clinic").click()
    page.get_by_role("button", name="Close the clinic").click()
    expect(page.get_by_text("The clinic is closed.")).to_be_visible()
    expect(page.get_by_text("Two families were away; one worker was ill.")).to_be_visible()
    expect(page.get_by_text("Every child behind the figure is known.")).to_be_visible()
    checked(page)

    # The next clinic shows what came of the action.
    action = Action.objects.get(origin="clinic")
    update_progress(action=action, by=team_manager, text="All are arranged.")
    claim_done(action=action, by=team_manager, text="All have been seen.", document="Case notes", dated_on=today)
    following = Clinic.objects.get(service=service, number=2)
    page.goto(live_server.url + reverse("assurance_clinics:clinic", args=[following.pk]))
    row = page.get_by_role("row", name=action.reference)
    expect(row).to_contain_text("Plan a visit for every child who is late.")
    expect(row).to_contain_text("Claimed done")
    checked(page)


def test_a_note_is_written_without_script_and_by_keyboard(
    live_server: LiveServer, browser: Browser, service: OrgUnit, head_of_service: User
) -> None:
    clinic = Clinic.objects.create(
        service=service, number=1, week=rota.monday_of(timezone.localdate()), chair=head_of_service,
        status="pack_ready", period=dt.date(2026, 1, 1),
    )  # fmt: skip
    note = clinic.notes.create(kind="concerns")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, head_of_service)
    page.goto(live_server.url + reverse("assurance_clinics:note", args=[clinic.pk, note.pk]))
    page.get_by_label("Concerns").focus()
    page.keyboard.type("Cover is arranged too late.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cover is arranged too late.")).to_be_visible()
    context.close()
