"""Autosave in a real browser: what is typed reaches the server, and nothing typed is ever lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from audits.models import Audit, AuditSection, Finding, Theme
from tests.audits.drafts import section
from tests.audits.pages import section_url
from tests.journeys.accessibility import assert_accessible, assert_reflows

SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")
REASON = "textarea[name=reason]"


def sign_in(context: BrowserContext, live_server: Any, user: User) -> None:
    client = Client()
    client.force_login(user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])


def line(page: Page) -> Any:
    return expect(page.locator("[data-saved]"))


@pytest.fixture
def row(transactional_db: None, under_way: Audit) -> AuditSection:
    Theme.objects.create(name="Supervision")
    return section(under_way, "voice")


@pytest.fixture
def open_page(context: BrowserContext, live_server: Any, row: AuditSection, auditor: User) -> Page:
    sign_in(context, live_server, auditor)
    page = context.new_page()
    page.goto(live_server.url + section_url(row))
    return page


def test_a_pause_saves_and_a_killed_browser_loses_nothing(
    open_page: Page, context: BrowserContext, live_server: Any, row: AuditSection
) -> None:
    assert_accessible(open_page)
    assert_reflows(open_page)
    open_page.fill(REASON, "Typed and left alone for a moment.")
    line(open_page).to_have_text(SAVED)
    open_page.click("[data-add-finding]")
    open_page.keyboard.type("A strength that was added without a new page")
    open_page.locator("[data-finding=strength-1] summary").click()
    open_page.locator("[data-finding=strength-1]").get_by_label("Find a theme").fill("super")
    open_page.locator("[data-finding=strength-1]").get_by_label("Supervision", exact=True).check()
    line(open_page).to_have_text(SAVED)
    expect(open_page.locator("[name=strength-1-id]")).not_to_have_value("")
    open_page.close(run_before_unload=False)
    again = context.new_page()
    again.goto(live_server.url + section_url(row))
    assert again.input_value(REASON) == "Typed and left alone for a moment."
    finding = Finding.objects.get()
    assert finding.text == "A strength that was added without a new page"
    assert [theme.name for theme in finding.themes.all()] == ["Supervision"]


def test_the_second_tab_is_led_to_both_texts(
    open_page: Page, context: BrowserContext, live_server: Any, row: AuditSection
) -> None:
    second = context.new_page()
    second.goto(live_server.url + section_url(row))
    second.fill(REASON, "What the second tab says, at length.")
    line(second).to_have_text(SAVED)
    open_page.bring_to_front()
    open_page.fill(REASON, "What the first tab says, at length.")
    line(open_page).to_contain_text("Somebody changed this while you were writing")
    open_page.click("button[value=continue]")
    expect(open_page.locator("h1")).to_have_text("This was changed while you were writing")
    assert_accessible(open_page)
    assert_reflows(open_page)
    open_page.get_by_label("Keep what I typed").check()
    open_page.get_by_role("button", name="Save my choice").click()
    expect(open_page.locator(REASON)).to_have_value("What the first tab says, at length.")
    row.refresh_from_db()
    assert row.reason == "What the first tab says, at length."


def test_somebody_signed_out_keeps_the_text_and_goes_on_after_signing_in(
    open_page: Page, context: BrowserContext, live_server: Any, row: AuditSection, auditor: User
) -> None:
    context.clear_cookies()
    open_page.fill(REASON, "Typed while signed out, and kept.")
    line(open_page).to_contain_text("You have been signed out.")
    open_page.click("button[value=back]")
    expect(open_page.locator(REASON)).to_have_value("Typed while signed out, and kept.")
    sign_in(context, live_server, auditor)
    open_page.evaluate("window.dispatchEvent(new Event('focus'))")
    line(open_page).to_have_text(SAVED)
    row.refresh_from_db()
    assert row.reason == "Typed while signed out, and kept."


def test_a_network_that_comes_back_is_used_again(open_page: Page, context: BrowserContext, row: AuditSection) -> None:
    context.set_offline(True)
    open_page.fill(REASON, "Typed without a network, patiently.")
    line(open_page).to_have_text("Not saved – trying again")
    context.set_offline(False)
    line(open_page).to_have_text(SAVED)
    row.refresh_from_db()
    assert row.reason == "Typed without a network, patiently."


def test_a_button_pressed_at_once_takes_what_was_typed_along(open_page: Page, row: AuditSection) -> None:
    open_page.get_by_label("Yes").first.check()
    open_page.get_by_label("Good", exact=True).check()
    open_page.fill(REASON, "Typed, and the button pressed at once.")
    open_page.click("button[value=continue]")
    expect(open_page.locator("h1")).to_have_text("Safeguarding and risk")
    row.refresh_from_db()
    assert (row.reason, row.state) == ("Typed, and the button pressed at once.", "complete")
