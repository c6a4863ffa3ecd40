"""The one page that a stranger sees, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.journeys.accessibility import assert_accessible, assert_reflows, violations

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_stranger_comes_to_a_sign_in_page_that_everybody_can_use(live_server: LiveServer, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{live_server.url}/audits/")
    assert page.url.startswith(f"{live_server.url}/account/login/")
    assert_accessible(page)
    assert_reflows(page)
    assert not [line for line in said if "Content Security Policy" in line]


def test_axe_sees_a_fault_that_is_put_in(live_server: LiveServer, page: Page) -> None:
    page.goto(f"{live_server.url}/account/login/")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert "html-has-lang" in {violation["id"] for violation in violations(page)}
