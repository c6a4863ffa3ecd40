"""Search finds what a person may see, opens an exact reference, and hints at nothing else."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import OrgUnit, User
from audits.models import Audit
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(team: OrgUnit) -> Audit:
    return graded_audit(case=CaseFactory(team=team, reference="EX700001"), reference="A-2026-07001")


@pytest.fixture
def foreign(other_team: OrgUnit) -> Audit:
    return graded_audit(case=CaseFactory(team=other_team, reference="EX800001"), reference="A-2026-08001")


def _page(client: Client, user: User, text: str) -> str:
    client.force_login(user)
    response = client.post(reverse("worklist:search"), {"text": text})
    assert response.status_code == 200
    page: str = response.content.decode()
    return re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "", page).replace(text, "")


def test_an_exact_case_reference_opens_the_case(client: Client, team_manager: User, own: Audit) -> None:
    client.force_login(team_manager)
    response = client.post(reverse("worklist:search"), {"text": " ex 700001 "})
    assert response.status_code == 302
    assert response["Location"] == reverse("cases:detail", args=[own.case_id])


def test_an_exact_audit_reference_opens_the_audit(client: Client, team_manager: User, own: Audit) -> None:
    client.force_login(team_manager)
    response = client.post(reverse("worklist:search"), {"text": "a-2026-07001"})
    assert response["Location"] == reverse("audits:detail", args=[own.pk])


def test_a_foreign_reference_answers_like_one_that_does_not_exist(
    client: Client, team_manager: User, own: Audit, foreign: Audit
) -> None:
    assert Audit.objects.filter(pk=foreign.pk).exists()
    assert foreign.case is not None
    for hidden in (foreign.reference, foreign.case.reference, foreign.reference[:8]):
        made_up = "Z" * len(hidden)
        if own.reference.startswith(hidden):
            continue
        assert _page(client, team_manager, hidden) == _page(client, team_manager, made_up)


def test_part_of_a_reference_lists_what_may_be_seen(
    client: Client, team_manager: User, own: Audit, foreign: Audit
) -> None:
    page = _page(client, team_manager, "A-2026")
    assert str(own.pk) in page
    assert str(foreign.pk) not in page


def test_what_is_typed_never_stands_in_an_address(client: Client, team_manager: User) -> None:
    client.force_login(team_manager)
    response = client.get(reverse("worklist:search"), {"text": "EX700001"})
    assert b"EX700001" not in response.content


@pytest.mark.parametrize("text", ["", "   ", "x", "x" * 101])
def test_too_little_or_too_much_is_said_beside_the_box(client: Client, team_manager: User, text: str) -> None:
    client.force_login(team_manager)
    response = client.post(reverse("worklist:search"), {"text": text})
    assert b"There is a problem" in response.content
