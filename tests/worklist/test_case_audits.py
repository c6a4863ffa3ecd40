"""A case's page shows its audits, those that the reader may see."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import OrgUnit, User
from audits.choices import AuditStatus
from tests.factories.audits import AuditFactory, graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db


def test_a_team_manager_sees_issued_audits_of_the_case_alone(client: Client, team: OrgUnit, team_manager: User) -> None:
    case = CaseFactory(team=team)
    issued = graded_audit(case=case)
    provisional = AuditFactory(case=case, status=AuditStatus.SUBMITTED)
    client.force_login(team_manager)
    page = client.get(reverse("cases:detail", args=[case.pk])).content.decode()
    assert issued.reference in page
    assert provisional.reference not in page
    assert reverse("audits:plan", args=[case.pk]) not in page


def test_the_qa_lead_plans_an_audit_from_the_case(client: Client, team: OrgUnit, qa_lead: User) -> None:
    case = CaseFactory(team=team)
    client.force_login(qa_lead)
    page = client.get(reverse("cases:detail", args=[case.pk])).content.decode()
    assert "There is no audit of this case that you can see." in page
    assert reverse("audits:plan", args=[case.pk]) in page
