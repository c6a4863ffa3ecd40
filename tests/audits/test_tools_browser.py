"""A tool's draft in a real browser: a question is added, tied to an answer, moved, previewed and made live."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from audits.models import ToolVersion
from audits.services import publishing
from tests.audits.test_pages_browser import sign_in
from tests.factories.audits import live_tool
from tests.journeys.accessibility import assert_accessible, assert_reflows


def seen_to(page: Page) -> None:
    """The page as it stands is accessible and fits 320 pixels."""
    assert_accessible(page)
    assert_reflows(page)


@pytest.fixture
def draft(transactional_db: None, qa_lead: User) -> ToolVersion:
    return publishing.draft_version(tool=live_tool().tool, by=qa_lead)


def test_a_draft_is_changed_previewed_and_made_live(
    draft: ToolVersion, context: BrowserContext, live_server: Any, qa_lead: User
) -> None:
    sign_in(context, live_server, qa_lead)
    page = context.new_page()
    page.goto(live_server.url + reverse("audits:tools"))
    seen_to(page)
    page.get_by_role("link", name="Version 2").click()
    seen_to(page)
    page.get_by_role("link", name="Add a question to Child's voice").click()
    seen_to(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter question")
    page.get_by_label("Question", exact=True).fill("Why was the child not seen alone?")
    page.get_by_label("A short text").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Condition of Why was the child not seen alone?").click()
    page.get_by_label("Only after some answers to").check()
    page.get_by_role("button", name="Choose the answers").click()
    seen_to(page)
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main")).to_contain_text("Only if “Was the child seen alone?” is answered “No”")
    page.get_by_role("button", name="Move up Why was the child not seen alone?").click()
    expect(page.locator("ol.audit-built li").first).to_contain_text("Why was the child not seen alone?")
    page.get_by_role("link", name="Preview as the auditor sees it").click()
    page.get_by_role("link", name="Child's voice").click()
    seen_to(page)
    expect(page.get_by_label("Why was the child not seen alone?")).to_be_hidden()
    page.get_by_label("No", exact=True).check()
    expect(page.get_by_label("Why was the child not seen alone?")).to_be_visible()
    page.goto(live_server.url + reverse("audits:publish_tool", args=[draft.pk]))
    seen_to(page)
    expect(page.locator("main")).to_contain_text("What is different (1)")
    page.get_by_role("button", name="Make version 2 live").click()
    expect(page.locator("main")).to_contain_text("Example audit, version 2 is live.")
    draft.refresh_from_db()
    assert draft.status == "live"
    page.goto(live_server.url + reverse("reports:answers"))
    seen_to(page)
