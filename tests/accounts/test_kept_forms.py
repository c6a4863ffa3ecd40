"""A form that is sent after its writer's session ran out is kept for them alone, and shown once they have signed in."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import KeptForm, User
from accounts.services import end_sessions, forget_old_kept_forms
from cases.models import Case
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

WHY = "A member of staff is this child's aunt.\n\u202eIt must not be seen."


@pytest.fixture
def case() -> Case:
    return CaseFactory()


def client_of(user: User, **options: bool) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def run_out() -> None:
    """Everybody's session is half an hour old."""
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def send(client: Client, case: Case, **fields: str) -> str:
    """Send the form that declares why a case is to be restricted; the address that it leads to."""
    response = client.post(reverse("cases:restrict", args=[case.pk]), {"why": WHY, "people": ["a", "b"], **fields})
    assert response.status_code == 302
    location = urlsplit(response.headers["Location"])
    assert location.path == reverse("account_login")
    return parse_qs(location.query).get("next", [""])[0]


def test_what_was_typed_is_shown_after_signing_in_and_sent_to_its_page(case: Case, qa_lead: User) -> None:
    client = client_of(qa_lead)
    run_out()
    back = send(client, case, version="3")
    kept = KeptForm.objects.get()
    assert back == reverse("accounts:kept_form", args=[kept.pk])
    assert [name for name, _ in kept.fields] == ["why", "people", "people", "version"]
    client.force_login(qa_lead)
    page = client.get(back).content.decode()
    assert "A member of staff is this child&#x27;s aunt." in page
    assert f'action="{reverse("cases:restrict", args=[case.pk])}"' in page
    assert page.count('name="people"') == 2


def test_it_is_forgotten_once_its_page_has_taken_it(case: Case, qa_lead: User) -> None:
    client = client_of(qa_lead)
    run_out()
    send(client, case)
    client.force_login(qa_lead)
    kept = KeptForm.objects.get()
    fields = {"why": WHY, "people": [], "kept": str(kept.pk)}
    assert client.post(kept.path, {**fields, "why": ""}).status_code == 200
    assert KeptForm.objects.exists()
    assert client.post(kept.path, fields).status_code == 302
    assert not KeptForm.objects.exists()
    case.refresh_from_db()
    assert case.restricted


def test_it_can_be_thrown_away(case: Case, qa_lead: User) -> None:
    client = client_of(qa_lead)
    run_out()
    back = send(client, case)
    client.force_login(qa_lead)
    client.post(back)
    assert not KeptForm.objects.exists()


def test_nobody_else_sees_it_or_throws_it_away(case: Case, qa_lead: User, qa_admin: User) -> None:
    client = client_of(qa_lead)
    run_out()
    back = send(client, case)
    other = client_of(qa_admin)
    for response in (other.get(back), other.post(back)):
        assert response.status_code == 404
        assert b"aunt" not in response.content
    assert KeptForm.objects.exists()


def test_a_stranger_leaves_nothing_behind(case: Case) -> None:
    assert send(Client(), case) == ""
    stranger = Client()
    stranger.cookies["sessionid"] = "a" * 32
    assert send(stranger, case) == ""
    assert not KeptForm.objects.exists()


def test_a_page_of_another_site_leaves_nothing_behind(case: Case, qa_lead: User) -> None:
    client = client_of(qa_lead, enforce_csrf_checks=True)
    run_out()
    assert send(client, case) == ""
    assert not KeptForm.objects.exists()


def test_a_session_that_was_ended_on_purpose_leaves_nothing_behind(case: Case, qa_lead: User, qa_admin: User) -> None:
    client = client_of(qa_lead)
    end_sessions(user=qa_lead)
    assert send(client, case) == ""
    leaver = client_of(qa_admin)
    User.objects.filter(pk=qa_admin.pk).update(is_active=False)
    assert send(leaver, case) == ""
    assert not KeptForm.objects.exists()


def test_a_form_in_which_nothing_was_written_is_not_kept(case: Case, qa_lead: User) -> None:
    client = client_of(qa_lead)
    run_out()
    assert send(client, case, why="  ", people="", version="2") == ""
    assert not KeptForm.objects.exists()


def test_what_nobody_comes_back_for_goes_after_a_week(case: Case, qa_lead: User) -> None:
    client = client_of(qa_lead)
    run_out()
    send(client, case)
    now = timezone.now()
    assert forget_old_kept_forms(now=now + timedelta(days=6)) == 0
    assert forget_old_kept_forms(now=now + timedelta(days=8)) == 1
