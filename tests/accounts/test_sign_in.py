"""Signing in: nothing tells who has an account, sessions end in time, links lead to SITE_URL."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.jobs.models import Job
from core.jobs.services import run_due
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def no_earlier_attempts() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password}, **more)


def without_token(page: bytes, email: str) -> str:
    """A page without what differs by itself: the token of the form and what was typed."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.decode()).replace(email, "")


@pytest.fixture
def gone(db: None) -> User:
    return UserFactory(email="gone@exampleshire.example", is_active=False)


@pytest.fixture
def known(db: None) -> User:
    return UserFactory(email="known@exampleshire.example")


def test_a_wrong_password_an_unknown_address_and_a_leaver_look_the_same(known: User, gone: User) -> None:
    pages = set()
    for email, password in [
        (known.email, "wrong password"),
        ("nobody@exampleshire.example", PASSWORD),
        (gone.email, "wrong password"),
        (gone.email, PASSWORD),
    ]:
        response = sign_in(Client(), email, password)
        assert response.status_code == 200
        pages.add(without_token(response.content, email))
    assert len(pages) == 1
    assert "The e-mail address or the password is wrong" in pages.pop()


def test_a_forgotten_password_looks_the_same_for_everybody(known: User, gone: User) -> None:
    pages = set()
    for email in (known.email, gone.email, "nobody@exampleshire.example"):
        client = Client()
        response = client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        pages.add((response.redirect_chain[0], without_token(response.content, email)))
    assert len(pages) == 1
    jobs = Job.objects.filter(kind="send_password_link")
    assert jobs.count() == 3
    assert not any("@" in str(job.payload) for job in jobs)
    run_due()
    assert [message.to for message in mail.outbox] == [[known.email]]


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "localhost", "HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_HOST": "127.0.0.1:9999"},
        {"HTTP_FORWARDED": "host=evil.example"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_HOST": "evil.example", "HTTP_X_FORWARDED_SERVER": "evil.example"},
        {"HTTP_REFERER": "https://evil.example/"},
        {"HTTP_ORIGIN": "null"},
    ],
)
def test_the_link_leads_to_the_site_whatever_the_request_says(
    client: Client, known: User, settings: Any, headers: dict[str, str]
) -> None:
    settings.SITE_URL = "https://audit.exampleshire.example"
    client.post(reverse("account_reset_password"), {"email": known.email}, **headers)
    run_due()
    links = re.findall(r"https?://\S+", mail.outbox[0].body)
    assert len(links) == 2
    assert all(link.startswith("https://audit.exampleshire.example/account/") for link in links)


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "evil example"])
def test_another_host_is_no_request_of_ours(client: Client, known: User, host: str) -> None:
    url = reverse("account_reset_password")
    assert client.post(url, {"email": known.email}, HTTP_HOST=host).status_code == 400
    assert not Job.objects.exists()


def test_the_link_sets_a_password_once_and_ends_every_session(client: Client, known: User, settings: Any) -> None:
    settings.SITE_URL = "http://testserver"
    theirs = Client()
    theirs.force_login(known)
    client.post(reverse("account_reset_password"), {"email": known.email})
    run_due()
    link = re.findall(r"http://testserver(/account/password/reset/key/\S+)", mail.outbox[0].body)[0]
    form = client.get(link, follow=True)
    action = form.redirect_chain[-1][0]
    new = "another horse battery staple"
    assert client.post(action, {"password1": new, "password2": new}).status_code == 302
    assert theirs.get("/").status_code == 302
    assert b"This link does not work" in Client().get(link, follow=True).content
    assert sign_in(Client(), known.email, new).status_code == 302


def test_changing_the_password_ends_the_other_sessions(known: User) -> None:
    here, there = Client(), Client()
    sign_in(here, known.email)
    sign_in(there, known.email)
    assert there.get("/").status_code == 200
    new = "another horse battery staple"
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert there.get("/").status_code == 302


def test_five_failures_hold_up_that_address_from_there_alone(known: User) -> None:
    for _ in range(5):
        sign_in(Client(), known.email, "wrong password")
    answer = sign_in(Client(), known.email)
    assert answer.status_code in (200, 429)
    assert "_auth_user_id" not in answer.client.session
    elsewhere = sign_in(Client(), known.email, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 302


def test_a_session_ends_after_twelve_hours_however_busy(known: User) -> None:
    client = Client()
    client.force_login(known)
    assert client.get("/").status_code == 200
    session = client.session
    assert session.get_expiry_age() == 30 * 60
    session["signed_in_at"] = time.time() - 12 * 60 * 60 + 60
    session.save()
    assert client.get("/").status_code == 200
    session = client.session
    session["signed_in_at"] = time.time() - 12 * 60 * 60 - 1
    session.save()
    assert client.get("/").status_code == 302
    assert client.get("/").status_code == 302


def test_a_session_from_the_future_is_over(known: User) -> None:
    client = Client()
    client.force_login(known)
    session = client.session
    session["signed_in_at"] = time.time() + 3600
    session.save()
    assert client.get("/").status_code == 302


def test_sessions_are_listed_and_the_others_ended(known: User) -> None:
    here, there = Client(HTTP_USER_AGENT="Here/1"), Client(HTTP_USER_AGENT="There/1")
    sign_in(here, known.email)
    sign_in(there, known.email)
    text = here.get(reverse("usersessions_list")).content.decode()
    assert "Here/1" in text
    assert "There/1" in text
    here.post(reverse("usersessions_list"))
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


def test_signing_in_starts_a_new_session(known: User) -> None:
    client = Client()
    client.get(reverse("account_login"))
    client.session.save()
    before = client.cookies.get("sessionid")
    sign_in(client, known.email)
    assert client.cookies["sessionid"].value != (before.value if before else None)


NEXT = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "https://evil.example", "http:///evil.example", "//evil.example/%2f..", "%2f%2fevil.example", "/%09/evil.example",
    "/\t/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)", "data:text/html,x",
    "//testserver@evil.example", "https://testserver.evil.example", "/\n/evil.example", "ftp://evil.example",
    "\x00//evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", NEXT)
def test_the_way_back_after_signing_in_is_local(known: User, target: str) -> None:
    client = Client()
    response = client.post(reverse("account_login"), {"login": known.email, "password": PASSWORD, "next": target})
    assert response.status_code == 302
    landed = urlsplit(urljoin("http://testserver/account/login/", response.headers["Location"]))
    assert (landed.scheme, landed.netloc) == ("http", "testserver")
    assert not response.headers["Location"].startswith(("//", "/\\", "\\"))


def test_nobody_signs_themselves_up(client: Client) -> None:
    before = User.objects.count()
    url = reverse("account_signup")
    assert b"made by the council" in client.get(url).content
    data = {"email": "x@example.example", "password1": PASSWORD, "password2": PASSWORD}
    client.post(url, data)
    assert User.objects.count() == before
