"""Walking through the product as people do: sign in, read a page, and look at it as those do who see or hear it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from tests.journeys.accessibility import assert_accessible, assert_reflows

PASSWORD = "correct horse battery"
SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")
REASON = "The record shows this clearly in every visit since May."


class Walk:
    """One person in one browser. `said` is what the browser complained of."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.context = context
        self.server = server
        self.said: list[str] = []
        self.page = self.tab()

    def tab(self) -> Page:
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.on("console", lambda message: self.said.append(message.text))
        return page

    def go(self, path: str) -> Page:
        """Open an address of the product."""
        self.page.goto(self.server + path)
        return self.page

    def look(self, heading: str | re.Pattern[str] = "", page: Page | None = None) -> Page:
        """The page is the one expected, passes axe, and fits 320 pixels."""
        page = page or self.page
        if heading:
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        assert_accessible(page)
        assert_reflows(page)
        assert not [line for line in self.said if "Content Security Policy" in line]
        return page

    def saved(self, page: Page | None = None) -> None:
        """The line at the foot says when the page was saved: within three seconds (UX-1) where nothing else runs."""
        expect((page or self.page).locator("[data-saved]")).to_have_text(SAVED)


def sign_in_by_hand(walk: Walk, person: User) -> None:
    """Through the sign-in page, as everybody does."""
    page = walk.go(reverse("account_login"))
    page.get_by_label("Email", exact=True).fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@contextmanager
def walking(browser: Browser, server: str, person: User | None = None, *, scripts: bool = True) -> Iterator[Walk]:
    """A browser of one's own, signed in as `person`, gone afterwards."""
    context = browser.new_context(
        locale="en-GB",
        timezone_id="Europe/London",
        viewport={"width": 1280, "height": 900},
        java_script_enabled=scripts,
    )
    if person is not None:
        client = Client()
        client.force_login(person)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": server}])
    try:
        yield Walk(context, server)
    finally:
        context.close()
