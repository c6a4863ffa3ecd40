"""The panel's pages: for whom they are, and that they say what was built."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM
from accounts.models import User
from audits.choices import FindingKind, Grade
from audits.models import Finding, Theme
from audits.services.tallies import rebuild
from core.jobs.models import Job
from core.jobs.services import run_due
from learning.models import PanelSummary
from learning.rules.summaries import month_before
from learning.services.summaries import build_summary
from tests.factories.audits import graded_audit

pytestmark = pytest.mark.django_db

LAST_MONTH = month_before(timezone.localdate())
READERS = ["qa_lead", "qa_admin", "principal_social_worker", "panel_member"]
OTHERS = ["auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service", "read_only",
          "information_governance", "duty_manager", "system_administrator"]  # fmt: skip


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def built() -> PanelSummary:
    audit = graded_audit(Grade.OUTSTANDING, month=LAST_MONTH)
    section = audit.sections.get(section__key="voice")
    finding = Finding.objects.create(
        audit=audit, audit_section=section, kind=FindingKind.STRENGTH, text="Drawings, kept on the file."
    )
    finding.themes.add(Theme.objects.create(name="Child's voice"))
    graded_audit(Grade.INADEQUATE, month=LAST_MONTH)
    graded_audit(Grade.GOOD, month=month_before(LAST_MONTH))
    rebuild()
    return build_summary(month=LAST_MONTH, by=SYSTEM)


@pytest.mark.parametrize("who", READERS)
def test_readers_see_the_months_and_a_summary(who: str, request: pytest.FixtureRequest) -> None:
    summary = built()
    client = signed_in(request.getfixturevalue(who))
    listed = client.get(reverse("learning:list"))
    assert f'href="{reverse("learning:summary", args=[summary.pk])}"' in listed.content.decode()
    text = client.get(reverse("learning:summary", args=[summary.pk])).content.decode()
    for words in (
        "1 of 2 audits",
        "Child&#x27;s voice",
        "1 of 2",
        "Outstanding",
        "Inadequate",
        "50%",
        "No clear change",
    ):
        assert words in text
    assert "Drawings" not in text


@pytest.mark.parametrize("who", OTHERS)
def test_others_see_neither(who: str, request: pytest.FixtureRequest) -> None:
    summary = built()
    client = signed_in(request.getfixturevalue(who))
    refused = client.get(reverse("learning:list"))
    assert refused.status_code == 403
    assert "panel members" in refused.content.decode()
    assert client.get(reverse("learning:summary", args=[summary.pk])).status_code == 404
    assert client.post(reverse("learning:build", args=["2026-10"])).status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("who", ["panel_member", "qa_admin"])
def test_readers_who_may_not_build_are_shown_no_button(who: str, request: pytest.FixtureRequest) -> None:
    summary = built()
    client = signed_in(request.getfixturevalue(who))
    for url in (reverse("learning:list"), reverse("learning:summary", args=[summary.pk])):
        assert "/build/" not in client.get(url).content.decode()
    assert client.get(reverse("learning:build", args=["2026-10"])).status_code == 403


def test_the_qa_lead_builds_and_is_led_to_the_progress_and_then_to_the_result(qa_lead: User) -> None:
    client = signed_in(qa_lead)
    url = reverse("learning:build", args=[f"{LAST_MONTH:%Y-%m}"])
    assert "Build the summary" in client.get(url).content.decode()
    progress = client.post(url)["Location"]
    assert "Being built" in client.get(reverse("learning:list")).content.decode()
    assert "Waiting" in client.get(progress).content.decode()
    run_due()
    summary = PanelSummary.objects.get()
    text = client.get(progress).content.decode()
    assert f'href="{reverse("learning:summary", args=[summary.pk])}"' in text
    assert "Version 1 of the summary" in text


def test_a_month_to_come_cannot_be_built(qa_lead: User) -> None:
    client = signed_in(qa_lead)
    url = reverse("learning:build", args=["2999-01"])
    assert "has not begun" in client.get(url).content.decode()
    assert "has not begun" in client.post(url, follow=True).content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize("month", ["2026-13", "now", "1999-01"])
def test_what_is_no_month_is_not_found(month: str, qa_lead: User) -> None:
    assert signed_in(qa_lead).get(reverse("learning:build", args=[month])).status_code == 404


def test_an_empty_department_has_pages(qa_lead: User) -> None:
    client = signed_in(qa_lead)
    assert "Not built" in client.get(reverse("learning:list")).content.decode()
    summary = build_summary(month=LAST_MONTH, by=SYSTEM)
    text = client.get(reverse("learning:summary", args=[summary.pk])).content.decode()
    assert "No audit counted" in text
    assert "None." in text


def test_a_later_version_says_what_changed_and_an_earlier_one_that_it_is_earlier(panel_member: User) -> None:
    first = built()
    added = graded_audit(Grade.GOOD, month=LAST_MONTH)
    rebuild()
    second = build_summary(month=LAST_MONTH, by=SYSTEM)
    client = signed_in(panel_member)
    text = client.get(reverse("learning:summary", args=[second.pk])).content.decode()
    assert "What changed since version 1" in text
    assert f"Added to the good and outstanding audits: {added.reference}." in text
    assert "This is an earlier version" in client.get(reverse("learning:summary", args=[first.pk])).content.decode()


def test_a_summary_is_printed_as_it_was_built(panel_member: User) -> None:
    """Figures, lists and words come from the stored version, whatever happened since."""
    summary = built()
    graded_audit(Grade.GOOD, month=LAST_MONTH)
    rebuild()
    text = signed_in(panel_member).get(reverse("learning:summary", args=[summary.pk])).content.decode()
    assert "1 of 2 audits" in text
