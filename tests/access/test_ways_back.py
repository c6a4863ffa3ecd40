"""Signing in leads back to a page of this product, whatever stands in `next`."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db

ELSEWHERE = (
    "//evil.example", "///evil.example", "////evil.example/x", "https://evil.example", "http:evil.example",
    "https:evil.example", "https:/evil.example", "\\\\evil.example", "/\\evil.example", "\\/evil.example",
    "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "//evil.example\\@testserver",
    "//testserver@evil.example", "//testserver.evil.example", "%2F%2Fevil.example", "/%5Cevil.example",
    "javascript:alert(1)", "data:text/html,x", "https://testserver:443@evil.example/", "//evil%E3%80%82example",
)  # fmt: skip


@pytest.mark.parametrize("way", ELSEWHERE)
@pytest.mark.parametrize("where", ["query", "body"])
def test_no_next_leads_out(way: str, where: str, qa_lead: User) -> None:
    client = Client()
    body = {"login": qa_lead.email, "password": "correct horse battery"}
    if where == "query":
        response = client.post(reverse("account_login"), body, QUERY_STRING=f"next={way}")
    else:
        response = client.post(reverse("account_login"), body | {"next": way})
    assert response.status_code == 302
    leads_to = response.headers["Location"]
    # As a browser reads it: without control characters, a backslash as a slash.
    read = "".join(sign for sign in leads_to.strip() if sign not in "\t\r\n").replace("\\", "/")
    parts = urlsplit(urljoin("http://testserver/account/login/", read))
    assert (parts.scheme, parts.netloc) == ("http", "testserver"), leads_to
    assert leads_to == read, leads_to


def test_a_page_of_ours_is_returned_to(qa_lead: User) -> None:
    client = Client()
    asked = client.get(reverse("audits:list") + "?status=planned")
    sign_in = asked.headers["Location"]
    response = client.post(sign_in, {"login": qa_lead.email, "password": "correct horse battery"})
    assert response.headers["Location"] == reverse("audits:list") + "?status=planned"


@pytest.mark.parametrize("way", ELSEWHERE)
def test_a_foreign_page_is_not_returned_to_after_a_form(way: str) -> None:
    """Somebody signed out sends a form; the way back comes from the page it stood on, when that was one of ours."""
    response = Client().post(reverse("worklist:search"), {"text": "x"}, headers={"Referer": f"https://{way}"})
    assert response.headers["Location"] == reverse("account_login")
