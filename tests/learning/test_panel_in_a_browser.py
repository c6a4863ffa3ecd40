"""The panel's pages, the jobs page and the notices in a real browser: axe, 320 pixels, no script, and a job watched."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.access import SYSTEM
from accounts.models import User
from audits.choices import FindingKind, Grade
from audits.models import Finding, Theme
from audits.services.tallies import rebuild
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import enqueue, run_due
from core.notifications.models import Notice
from learning.rules.summaries import month_before
from learning.services.summaries import build_summary
from tests.factories.audits import graded_audit
from tests.faults.processes import wait_until
from tests.journeys.accessibility import assert_accessible, assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(page: Page, server: LiveServer, person: User) -> None:
    client = Client()
    client.force_login(person)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": server.url}])


def a_full_month(panel_member: User) -> str:
    """Two months with more themes than stand open, and two versions. Returns the address of the second."""
    month = month_before(timezone.localdate())
    for place, grade in enumerate((Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE) * 3):
        audit = graded_audit(grade, month=month)
        graded_audit(Grade.GOOD, month=month_before(month))
        for kind in FindingKind.values:
            row = audit.sections.first()
            assert row is not None
            finding = Finding.objects.create(audit=audit, audit_section=row, kind=kind, text="Words")
            finding.themes.add(Theme.objects.get_or_create(name=f"Theme {place}")[0])
    rebuild()
    build_summary(month=month, by=SYSTEM)
    graded_audit(Grade.GOOD, month=month)
    rebuild()
    return reverse("learning:summary", args=[build_summary(month=month, by=SYSTEM).pk])


def test_every_page_is_accessible_and_fits_a_phone(
    live_server: LiveServer, page: Page, qa_lead: User, panel_member: User
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    summary = a_full_month(panel_member)
    failed = enqueue("of_the_next_release", by=qa_lead)
    run_due()
    running = enqueue("build_panel_summary", by=qa_lead, month="2026-01")
    Job.objects.filter(pk=running.pk).update(
        status=JobStatus.RUNNING, progress_done=1, progress_total=2, started_at=timezone.now(),
        lease_until=timezone.now() + timezone.timedelta(hours=1),
    )  # fmt: skip
    sign_in(page, live_server, qa_lead)
    addresses = [
        reverse("learning:list"), summary, reverse("learning:build", args=["2026-01"]), reverse("jobs:list"),
        reverse("jobs:detail", args=[failed.pk]), reverse("jobs:detail", args=[running.pk]),
        reverse("notifications:list"),
    ]  # fmt: skip
    for address in addresses:
        page.goto(f"{live_server.url}{address}")
        assert_accessible(page)
        assert_reflows(page)
    page.goto(f"{live_server.url}{summary}")
    page.get_by_text("2 more development points").click()
    assert_accessible(page)
    assert_reflows(page)
    assert not [line for line in said if "Content Security Policy" in line]


def test_a_build_is_watched_to_its_end_with_a_script(live_server: LiveServer, page: Page, qa_lead: User) -> None:
    sign_in(page, live_server, qa_lead)
    page.goto(f"{live_server.url}{reverse('learning:list')}")
    page.get_by_role("link", name="Build the summary for").first.click()
    page.get_by_role("button", name="Build the summary").click()
    expect(page.get_by_text("Waiting", exact=True)).to_be_visible()
    Job.objects.update(
        status=JobStatus.RUNNING, progress_done=1, progress_total=2, progress_text="Storing the summary",
        lease_until=timezone.now() + timezone.timedelta(hours=1),
    )  # fmt: skip
    expect(page.get_by_text("Storing the summary: 1 of 2")).to_be_visible()
    assert page.title().startswith("Build the month")
    Job.objects.update(status=JobStatus.QUEUED)
    run_due()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Summary for")


def test_a_build_is_watched_to_its_end_without_a_script(
    live_server: LiveServer, browser: Browser, qa_lead: User
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, qa_lead)
    page.goto(f"{live_server.url}{reverse('learning:list')}")
    page.get_by_role("link", name="Build the summary for").first.click()
    page.get_by_role("button", name="Build the summary").click()
    run_due()
    expect(page.get_by_role("link", name="See the result")).to_be_visible()
    context.close()


def test_a_notice_is_opened_by_keyboard_and_is_read_then(
    live_server: LiveServer, page: Page, panel_member: User
) -> None:
    a_full_month(panel_member)
    sign_in(page, live_server, panel_member)
    page.goto(f"{live_server.url}{reverse('notifications:list')}")
    expect(page.get_by_text("2 unread.")).to_be_visible()
    page.get_by_role("button", name="The panel's summary is ready").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Summary for")
    wait_until(lambda: Notice.objects.unread().count() == 1, seconds=5, what="one notice read")
