"""What somebody leaves open waits for the QA unit to give it to somebody else."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.access import SYSTEM
from accounts.models import User
from audits.choices import AuditStatus
from tests.factories.audits import AuditFactory

pytestmark = pytest.mark.django_db


def test_open_audits_of_a_leaver_wait_to_be_reassigned(client: Client, qa_lead: User, auditor: User) -> None:
    mine = AuditFactory(auditor=auditor, status=AuditStatus.IN_PROGRESS)
    done = AuditFactory(auditor=auditor, status=AuditStatus.CLOSED)
    client.force_login(qa_lead)
    assert "Nothing to reassign" in client.get(reverse("accounts:to_reassign")).content.decode()
    services.mark_as_left(user=auditor, by=SYSTEM, why="New job")
    for url in (reverse("accounts:to_reassign"), reverse("accounts:person", args=[auditor.pk])):
        text = client.get(url).content.decode()
        assert "Left with 1 open audit" in text
        assert mine.reference in text
        assert done.reference not in text
        assert reverse("audits:reassign", args=[mine.pk]) in text


def test_a_system_administrator_sees_no_audit(client: Client, system_administrator: User, auditor: User) -> None:
    mine = AuditFactory(auditor=auditor, status=AuditStatus.IN_PROGRESS)
    services.mark_as_left(user=auditor, by=SYSTEM, why="New job")
    client.force_login(system_administrator)
    for url in (reverse("accounts:to_reassign"), reverse("accounts:person", args=[auditor.pk])):
        assert mine.reference not in client.get(url).content.decode()
