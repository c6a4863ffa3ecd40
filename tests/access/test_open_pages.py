"""The pages that ask nobody to sign in: each is listed with its answers, and none of them shows or changes anything."""

from __future__ import annotations

import time

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.access.asking import ask, browsers, patterns_once, undone
from tests.access.matrix import OPEN_ROWS, OpenRow
from tests.access.world import World

pytestmark = pytest.mark.django_db

PARTS = {
    "reports:feed_csv": {"table": "audits"},
    "account_confirm_email": {"key": "unknown"},
    "account_reset_password_from_key": {"uidb36": "1", "key": "unknown-key"},
    "mfa_remove_webauthn": {"pk": 1},
    "mfa_edit_webauthn": {"pk": 1},
    "openid_connect_login": {"provider_id": "unknown"},
    "openid_connect_callback": {"provider_id": "unknown"},
}


def _just_signed_in(client: Client) -> None:
    """With a password a moment ago, so that no page asks for it again."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


@pytest.mark.parametrize("row", OPEN_ROWS, ids=lambda row: row.name)
def test_an_open_page_answers_as_listed(row: OpenRow, world: World) -> None:
    assert row.name in patterns_once()
    path = reverse(row.name, kwargs=PARTS.get(row.name, {}))
    answers = {}
    people = User.objects.count()
    for method in ("GET", "POST"):
        for key in ("anonymous", "read_only"):
            with undone():
                # A browser each: signing out must not reach the next question.
                client = browsers(world.people)[key]
                if key != "anonymous":
                    _just_signed_in(client)
                answer = ask(client, method, path, {} if method == "POST" else None)
                assert User.objects.count() == people
            answers[method, key] = answer.status
            assert not answer.words, f"{method} as {key} shows {answer.words}"
    assert answers == {
        ("GET", "anonymous"): row.get[0], ("GET", "read_only"): row.get[1],
        ("POST", "anonymous"): row.post[0], ("POST", "read_only"): row.post[1],
    }  # fmt: skip
