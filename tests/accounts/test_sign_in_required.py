"""Every page asks for a sign-in but those on one short list."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import SESSION_KEY, get_user_model
from django.test import Client
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.middleware import PUBLIC_PATHS, PUBLIC_PREFIXES

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client) -> Client:
    user = get_user_model()._default_manager.create(email="someone@exampleshire.example")
    client.force_login(user)
    return client


def next_of(location: str) -> str | None:
    """The page that a redirect to the sign-in page promises to return to."""
    parts = urlsplit(location)
    assert parts.path == reverse("account_login")
    return parse_qs(parts.query).get("next", [None])[0]


@pytest.mark.parametrize("path", ["/", "/audits/", "/people/", "/no-such-page", "/accounts/login", "/healthz/x"])
def test_a_stranger_is_sent_to_sign_in_and_back(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert next_of(response.headers["Location"]) == path


def test_the_list_of_open_pages_is_short() -> None:
    # The feed for programs asks for a token of its own.
    assert PUBLIC_PREFIXES == ("/account/", "/static/", "/reports/feed/data/")
    assert {"/healthz", "/readyz", "/accessibility"} == PUBLIC_PATHS


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example/x", "///evil.example"])
def test_the_way_back_stays_on_this_site(client: Client, path: str) -> None:
    response = client.get("/", PATH_INFO=path)
    assert response.status_code == 302
    back = next_of(response.headers["Location"])
    assert back is None or url_has_allowed_host_and_scheme(back, allowed_hosts=None)


def test_a_form_sent_after_signing_out_leads_back_to_its_page(client: Client) -> None:
    page = "http://testserver/audits/new?step=2"
    response = client.post("/audits/save", headers={"Referer": page})
    assert next_of(response.headers["Location"]) == "/audits/new"


def test_another_sites_page_is_no_way_back(client: Client) -> None:
    response = client.post("/audits/save", headers={"Referer": "https://evil.example/audits/new"})
    assert next_of(response.headers["Location"]) is None


def test_a_script_is_told_rather_than_redirected(client: Client) -> None:
    response = client.post("/audits/save", headers={"Sec-Fetch-Dest": "empty"})
    assert response.status_code == 401


def test_a_user_made_inactive_is_signed_out_on_the_next_request(signed_in: Client) -> None:
    assert SESSION_KEY in signed_in.session
    get_user_model()._default_manager.update(is_active=False)
    assert signed_in.get("/").status_code == 302
    assert SESSION_KEY not in signed_in.session
