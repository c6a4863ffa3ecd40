"""Signing in through the council's identity provider: by issuer and subject, never by an e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.access import SYSTEM
from accounts.models import User
from config.settings.sign_in import oidc_provider_id, oidc_providers
from tests.accounts.provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
SUBJECT = "0c9d7c1e-subject"


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    cache.clear()
    with running_provider() as running:
        settings.OIDC_ISSUER = running.issuer
        settings.OIDC_NAME = "Exampleshire account"
        settings.SOCIALACCOUNT_PROVIDERS = oidc_providers(
            running.issuer, "Exampleshire account", CLIENT_ID, CLIENT_SECRET
        )
        yield running


@pytest.fixture
def linked(provider: Provider) -> User:
    user = UserFactory(email="linked@exampleshire.example")
    services.link_to_provider(user=user, subject=SUBJECT, by=SYSTEM)
    return user


def sign_in(client: Client, provider: Provider, **claims: Any) -> Any:
    """Go to the provider and come back with these claims."""
    provider.claims = claims
    name = oidc_provider_id(provider.issuer)
    there = client.post(reverse("openid_connect_login", args=[name]))
    assert there.status_code == 302
    state = provider.authorise(there.headers["Location"])
    return client.get(reverse("openid_connect_callback", args=[name]), {"code": "a-code", "state": state})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_sign_in_page_offers_it_and_the_policy_allows_the_way_there(client: Client, provider: Provider) -> None:
    page = client.get(reverse("account_login"))
    assert "Sign in with Exampleshire account" in page.content.decode()


def test_a_linked_subject_is_let_in(client: Client, provider: Provider, linked: User) -> None:
    response = sign_in(client, provider, sub=SUBJECT, email="whatever@elsewhere.example")
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(linked.pk)
    assert "openid" in provider.asked["scope"][0]
    linked.refresh_from_db()
    assert linked.email == "linked@exampleshire.example"


def test_an_address_alone_opens_nothing(client: Client, provider: Provider, linked: User) -> None:
    other = UserFactory(email="known@exampleshire.example")
    before = User.objects.count()
    for claims in (
        {"sub": "another", "email": other.email, "email_verified": True},
        {"sub": "another", "email": linked.email, "email_verified": True},
    ):
        response = sign_in(client, provider, **claims)
        assert response.status_code == 403
        assert "another" in response.content.decode()
        assert not is_in(client)
    assert User.objects.count() == before
    assert SocialAccount.objects.count() == 1


def test_a_new_address_at_the_provider_links_nobody_else(client: Client, provider: Provider, linked: User) -> None:
    other = UserFactory(email="known@exampleshire.example")
    sign_in(client, provider, sub=SUBJECT, email=other.email, email_verified=True)
    assert client.session["_auth_user_id"] == str(linked.pk)
    assert not SocialAccount.objects.filter(user=other).exists()


def test_the_same_subject_of_another_issuer_is_somebody_else(
    client: Client, provider: Provider, linked: User, settings: Any
) -> None:
    with running_provider() as other:
        settings.OIDC_ISSUER = other.issuer
        settings.SOCIALACCOUNT_PROVIDERS = oidc_providers(other.issuer, "Other", CLIENT_ID, CLIENT_SECRET)
        response = sign_in(client, other, sub=SUBJECT)
    assert response.status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize("claims", [{"iss": "https://evil.example"}, {"aud": "another-client"}, {"exp": 1000}])
def test_a_token_that_is_not_for_us_opens_nothing(
    client: Client, provider: Provider, linked: User, claims: dict[str, Any]
) -> None:
    sign_in(client, provider, sub=SUBJECT, **claims)
    assert not is_in(client)


def test_an_answer_that_nobody_asked_for_opens_nothing(client: Client, provider: Provider, linked: User) -> None:
    provider.claims = {"sub": SUBJECT}
    url = reverse("openid_connect_callback", args=[oidc_provider_id(provider.issuer)])
    client.get(url, {"code": "a-code", "state": "made-up"})
    assert not is_in(client)


def test_whoever_has_left_is_not_let_in(client: Client, provider: Provider, linked: User) -> None:
    services.mark_as_left(user=linked, by=SYSTEM, why="Left")
    assert sign_in(client, provider, sub=SUBJECT).status_code == 403
    assert not is_in(client)


def test_a_get_starts_no_sign_in(client: Client, provider: Provider) -> None:
    response = client.get(reverse("openid_connect_login", args=[oidc_provider_id(provider.issuer)]))
    assert response.status_code != 302


def test_nobody_links_themselves(client: Client, provider: Provider) -> None:
    user = UserFactory()
    client.force_login(user)
    provider.claims = {"sub": "mine"}
    name = oidc_provider_id(provider.issuer)
    there = client.post(f"{reverse('openid_connect_login', args=[name])}?process=connect")
    state = provider.authorise(there.headers["Location"])
    back = client.get(reverse("openid_connect_callback", args=[name]), {"code": "a-code", "state": state})
    assert back.status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_second_factor_is_asked_for_unless_the_provider_assures_it(
    client: Client, provider: Provider, linked: User, settings: Any
) -> None:
    settings.MFA_REQUIRED = True
    sign_in(client, provider, sub=SUBJECT)
    assert client.get("/").headers["Location"] == reverse("mfa_index")
    settings.OIDC_ASSURES_SECOND_FACTOR = True
    assert client.get("/").status_code == 200


def test_a_subject_is_linked_by_a_colleague_and_to_one_person_only(
    client: Client, provider: Provider, linked: User, qa_lead: User
) -> None:
    client.force_login(qa_lead)
    other = UserFactory()
    url = reverse("accounts:link_to_provider", args=[other.pk])
    assert "Somebody else signs in as this" in client.post(url, {"subject": SUBJECT}).content.decode()
    client.post(url, {"subject": "other-subject"})
    assert SocialAccount.objects.get(user=other).uid == "other-subject"
    client.post(url, {"subject": ""})
    assert not SocialAccount.objects.filter(user=other).exists()
    assert client.post(reverse("accounts:link_to_provider", args=[qa_lead.pk]), {"subject": "x"}).status_code == 403


def test_without_a_provider_there_is_no_such_page(client: Client, qa_lead: User) -> None:
    client.force_login(qa_lead)
    assert client.get(reverse("accounts:link_to_provider", args=[UserFactory().pk])).status_code == 404
    assert Client().post(reverse("openid_connect_login", args=["oidc-x"])).status_code == 404
