"""The panel in a browser, its pack built by a real worker on a real Redis: from the schedule to the impact check."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from audits.choices import FindingKind, Grade
from audits.models import Finding, Theme
from audits.services.tallies import rebuild
from core.notifications.models import Notice
from core.working_days import add_working_days, is_working_day
from learning.choices import MeetingStatus
from learning.models import AgendaItem, Meeting, Pack
from learning.rules.meetings import months_later
from learning.rules.summaries import month_before
from tests.factories.audits import graded_audit
from tests.faults.processes import celery_processes, wait_until
from tests.journeys.accessibility import assert_accessible, assert_reflows

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def sign_in(page: Page, server: LiveServer, person: User) -> None:
    client = Client()
    client.force_login(person)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])


def looked_at(page: Page) -> None:
    assert_accessible(page)
    assert_reflows(page)


def months_of_audits(theme: Theme) -> None:
    """The theme in three audits of four last month, in one of four three months before."""
    for month, found in ((month_before(timezone.localdate()), 3), (months_later(timezone.localdate(), -4), 1)):
        for place in range(4):
            audit = graded_audit(Grade.GOOD, month=month.replace(day=1))
            row = audit.sections.first()
            assert row is not None
            if place < found:
                Finding.objects.create(
                    audit=audit, audit_section=row, kind=FindingKind.DEVELOPMENT, text="Words"
                ).themes.add(theme)
    rebuild()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.locator("main a").filter(has_text=re.compile(rf"^\s*{re.escape(name)}\s*$")).first.click()


def test_from_the_schedule_to_the_impact_check(
    live_server: LiveServer, page: Page, tmp_path: Path, empty_redis: str, principal_social_worker: User,
    panel_member: User, qa_lead: User,
) -> None:  # fmt: skip
    chair = principal_social_worker
    theme = Theme.objects.create(name="Frequency", parent=Theme.objects.create(name="Supervision"))
    months_of_audits(theme)
    today = timezone.localdate()
    meets = add_working_days(today, 3)

    # Set up and schedule.
    sign_in(page, live_server, chair)
    page.goto(f"{live_server.url}{reverse('learning:panels')}")
    follow(page, "Set up a panel")
    page.get_by_label("Name").fill("Learning and Improvement Panel")
    page.get_by_label("Terms of reference").fill("What audits teach us becomes better practice here.")
    page.get_by_label("Quorum").fill("2")
    looked_at(page)
    press(page, "Save")
    for person, kind in ((chair, "Chair"), (panel_member, "Member")):
        follow(page, "Give somebody a seat")
        page.get_by_label("Who?").select_option(label=person.name)
        page.get_by_label(kind, exact=True).check()
        press(page, "Give the seat")
    follow(page, "Schedule meetings")
    for box, part in (("Day", meets.day), ("Month", meets.month), ("Year", meets.year)):
        page.get_by_label(box, exact=True).fill(str(part))
    page.get_by_label("Time").fill("14:00")
    press(page, "Schedule")
    looked_at(page)

    # A member proposes; a name has to go.
    sign_in(page, live_server, panel_member)
    page.goto(page.url)
    follow(page, "Propose an item")
    page.get_by_label("Theme", exact=True).first.check()
    page.locator("#id_theme").select_option(label="Supervision: Frequency")
    page.get_by_label("Title").fill("Supervision too seldom")
    page.get_by_label("What is the panel to talk about?").fill(f"{qa_lead.name} says that it is too seldom.")
    press(page, "Propose it")
    expect(page.get_by_role("alert")).to_contain_text("looks like the name of somebody who works here")
    looked_at(page)
    page.get_by_label("What is the panel to talk about?").fill("Managers say that supervision is too seldom.")
    press(page, "Propose it")
    item = AgendaItem.objects.get()

    # The chair accepts, and a real worker builds the pack.
    sign_in(page, live_server, chair)
    page.goto(f"{live_server.url}{reverse('learning:item', args=[item.pk])}")
    follow(page, "Put it on the agenda")
    press(page, "Put it on the agenda")
    meeting = Meeting.objects.get()
    with celery_processes(tmp_path, empty_redis) as processes:
        processes.start_ready("worker")
        processes.start_ready("beat")
        page.goto(f"{live_server.url}{reverse('learning:meeting', args=[meeting.pk])}")
        follow(page, "Build the pack")
        press(page, "Build the pack")
        wait_until(lambda: Pack.objects.exists(), seconds=40, what="the pack")
    assert Pack.objects.count() == 1
    assert Notice.objects.filter(kind="panel_pack", person=panel_member).count() == 1
    sign_in(page, live_server, panel_member)
    page.goto(f"{live_server.url}{reverse('learning:pack', args=[Pack.objects.get().pk])}")
    expect(page.get_by_role("link", name="Supervision too seldom")).to_be_visible()
    looked_at(page)

    # The day of the meeting.
    Meeting.objects.update(held_on=today)
    sign_in(page, live_server, chair)
    page.goto(f"{live_server.url}{reverse('learning:meeting', args=[meeting.pk])}")
    follow(page, "Open the meeting")
    page.get_by_label(chair.name).check()
    page.get_by_label(panel_member.name).check()
    press(page, "Open the meeting")
    expect(page.get_by_text("Quorum reached")).to_be_visible()
    follow(page, "Supervision too seldom")
    follow(page, "Write down the discussion")
    page.get_by_label("What was said").fill("Workload keeps managers from it.")
    press(page, "Save")
    follow(page, "Vote")
    for group in page.get_by_role("group").all():
        group.get_by_label("For", exact=True).check()
    looked_at(page)
    press(page, "Save the votes")
    follow(page, "Record the decision")
    page.get_by_label("What did the panel decide?").fill("Managers get time for supervision.")
    page.locator("input[name=follows-0-kind][value=action]").check()
    page.locator("#id_follows-0-text").fill("Put supervision into every diary.")
    page.locator("#id_follows-0-how_we_know").fill("It is in every diary.")
    page.locator("#id_follows-0-owner").select_option(label=qa_lead.name)
    looked_at(page)
    press(page, "Record the decision")
    expect(page.get_by_text("For: 2")).to_be_visible()
    looked_at(page)

    # Minutes, then the close.
    page.goto(f"{live_server.url}{reverse('learning:meeting', args=[meeting.pk])}")
    for step, button in (
        ("End the meeting", "End the meeting"),
        ("Record that the minutes are agreed", "The minutes are agreed"),
        ("Close the meeting", "Close the meeting"),
    ):
        follow(page, step)
        press(page, button)
    meeting.refresh_from_db()
    assert meeting.status == MeetingStatus.CLOSED
    looked_at(page)

    # Three months later.
    held = months_later(today, -3)
    while not is_working_day(held):
        held -= timedelta(days=1)
    Meeting.objects.update(held_on=held)
    AgendaItem.objects.update(review_on=today)
    page.goto(f"{live_server.url}{reverse('learning:item', args=[item.pk])}")
    expect(page.get_by_text("Review due")).to_be_visible()
    follow(page, "Check what came of it")
    expect(page.get_by_text("in 3 of 4 since")).to_be_visible()
    page.get_by_label("What came of the decision?").fill("It came up more often; the diaries were not kept.")
    press(page, "Save the check")
    item.refresh_from_db()
    assert item.impact["n_after"] == 3
    looked_at(page)
