"""The second factor: asked of everybody where it is required, and never left usable once it is taken away."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.history.models import Event
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def required(settings: Any) -> None:
    settings.MFA_REQUIRED = True
    cache.clear()


@pytest.fixture
def user(db: None) -> User:
    return UserFactory(email="known@exampleshire.example")


def code_of(secret: str, ahead: int = 0) -> str:
    """What an authenticator app shows now (or in the next half minute)."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def password_in(user: User) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


@pytest.fixture
def enrolled(user: User) -> tuple[Client, str]:
    """Somebody signed in who has just set up an app, and its secret."""
    client = password_in(user)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r'<strong class="app-text">([A-Z2-7]+)</strong>', page)
    assert found
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(found[1])})
    assert response.headers["Location"] == reverse("mfa_view_recovery_codes")
    return client, found[1]


def codes_on(client: Client) -> list[str]:
    return re.findall(r"<code>(\d+)</code>", client.get(reverse("mfa_view_recovery_codes")).content.decode())


def test_nobody_gets_past_setting_one_up(user: User) -> None:
    client = password_in(user)
    for path in ("/", "/people/", "/cases/", "/search", "/jobs/"):
        response = client.get(path)
        assert (response.status_code, response.headers["Location"]) == (302, reverse("mfa_index"))
    assert client.post("/search", {"query": "x"}).status_code == 302
    assert client.get("/audits/", headers={"Sec-Fetch-Dest": "empty"}).status_code == 403
    assert client.get(reverse("mfa_index")).status_code == 200


def test_an_app_is_set_up_and_then_asked_for(enrolled: tuple[Client, str], user: User) -> None:
    client, secret = enrolled
    assert client.get("/").status_code == 200
    assert len(codes_on(client)) == 10
    again = password_in(user)
    assert again.get("/").status_code == 302
    assert "_auth_user_id" not in again.session
    assert again.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    cache.clear()
    response = again.post(reverse("mfa_authenticate"), {"code": code_of(secret, ahead=1)})
    assert response.status_code == 302
    assert again.get("/").status_code == 200


def test_the_picture_is_served_and_the_secret_is_kept_encrypted(user: User) -> None:
    client = password_in(user)
    url = reverse("totp_picture")
    assert client.get(url).status_code == 404
    client.get(reverse("mfa_activate_totp"))
    picture = client.get(url)
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in picture.content
    assert Client().get(url).status_code == 404
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert "data:image" not in page
    assert url in page


def test_the_secret_is_not_readable_in_the_database(enrolled: tuple[Client, str]) -> None:
    _, secret = enrolled
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_a_code_works_once(enrolled: tuple[Client, str], user: User) -> None:
    _, secret = enrolled
    cache.clear()
    code = code_of(secret)
    first, second = password_in(user), password_in(user)
    assert first.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_a_recovery_code_works_once(enrolled: tuple[Client, str], user: User) -> None:
    client, _ = enrolled
    code = codes_on(client)[0]
    first, second = password_in(user), password_in(user)
    assert first.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_removing_the_app_kills_its_codes_the_recovery_codes_and_other_sessions(
    enrolled: tuple[Client, str], user: User
) -> None:
    client, secret = enrolled
    codes = codes_on(client)
    cache.clear()
    other = password_in(user)
    other.post(reverse("mfa_authenticate"), {"code": code_of(secret, ahead=1)})
    assert other.get("/").status_code == 200
    waiting = password_in(user)
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert other.get("/").status_code == 302
    assert "_auth_user_id" not in other.session
    assert not Authenticator.objects.filter(user=user).exists()
    for code in [code_of(secret), codes[0], codes[1]]:
        waiting.post(reverse("mfa_authenticate"), {"code": code})
        assert "_auth_user_id" not in waiting.session
    # The session in which it was removed goes on, as far as the page that sets another one up.
    assert client.get("/").headers["Location"] == reverse("mfa_index")
    assert Event.objects.filter(kind="accounts.user", verb="second factor changed").exists()


def test_new_recovery_codes_kill_the_old_ones(enrolled: tuple[Client, str], user: User) -> None:
    client, _ = enrolled
    old = codes_on(client)
    client.post(reverse("mfa_generate_recovery_codes"))
    assert not set(old) & set(codes_on(client))
    waiting = password_in(user)
    assert waiting.post(reverse("mfa_authenticate"), {"code": old[0]}).status_code == 200


def test_what_touches_the_factor_asks_for_proof_again_after_a_while(enrolled: tuple[Client, str]) -> None:
    client, _ = enrolled
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    response = client.get(reverse("mfa_deactivate_totp"))
    assert response.status_code == 302
    assert "reauthenticate" in response.headers["Location"]
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()
    wrong = client.post(reverse("account_reauthenticate"), {"password": "wrong password"})
    assert wrong.status_code == 200
    right = client.post(f"{reverse('account_reauthenticate')}?next=/", {"password": PASSWORD})
    assert right.status_code == 302
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200


PAGES = [
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "usersessions_list",
    "account_change_password", "account_reauthenticate",
]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_hold_nothing_inline(user: User, name: str) -> None:
    response = password_in(user).get(reverse(name))
    assert response.status_code == 200
    text = response.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\sstyle=|\son[a-z]+=", text)


def test_demo_people_need_none(user: User, settings: Any) -> None:
    settings.MFA_REQUIRED = False
    assert password_in(user).get("/").status_code == 200


def test_production_asks_for_one() -> None:
    from config.settings import base

    assert base.MFA_REQUIRED is True
