"""Safeguarding alerts: from every page of an audit, answered by the line of the case, never deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audits.choices import AlertStatus
from audits.models import Audit, SafeguardingAlert
from audits.services.alerts import raise_alert
from tests.audits.drafts import section
from tests.audits.pages import browser, section_url, text_of, url

TYPED = {"what": "A child may be hurt at home.", "where": "Case note of 3 March 2026", "since": "The visit of 3 March"}


@pytest.fixture
def alert(under_way: Audit, auditor: User) -> SafeguardingAlert:
    return raise_alert(audit=under_way, by=auditor, **TYPED)


def of(alert: SafeguardingAlert, name: str = "alert") -> str:
    return reverse(f"audits:{name}", args=[alert.pk])


def test_every_page_of_an_audit_leads_to_the_alert(under_way: Audit, auditor: User) -> None:
    client = browser(auditor)
    pages = [url(name, under_way) for name in ("detail", "overall", "conversations", "submit")]
    for address in [*pages, section_url(section(under_way, "voice"))]:
        assert url("raise_alert", under_way) in text_of(client.get(address)), address


def test_an_alert_is_raised_whatever_the_state_and_shown_on_every_page(under_way: Audit, auditor: User) -> None:
    Audit.objects.filter(pk=under_way.pk).update(status="submitted", submitted_at=timezone.now())
    client = browser(auditor)
    earlier = timezone.localtime() - timedelta(minutes=5)
    told = {"told_name": "Taylor, team manager", "told_time": f"{earlier:%H:%M}"}
    told |= {"told_on_day": earlier.day, "told_on_month": earlier.month, "told_on_year": earlier.year}
    answer = client.post(url("raise_alert", under_way), TYPED | told)
    alert = SafeguardingAlert.objects.get()
    assert answer.url == of(alert)
    assert alert.told_at is not None
    page = text_of(client.get(of(alert)))
    assert "Taylor, team manager" in page
    assert "Not yet" in page
    assert "A safeguarding alert on this audit is open." in text_of(client.get(url("detail", under_way)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"what": " \n "}, "Enter what the risk is"),
        ({"where": ""}, "Enter where in the record you found it"),
        ({"since": ""}, "Enter since when, as far as you can tell"),
        ({"told_name": "Taylor"}, "Enter the time of the call, like 14:30"),
        ({"told_name": "Taylor", "told_time": "25:00"}, "Enter the time of the call, like 14:30"),
        ({"told_time": "09:00"}, "Enter who you told"),
        ({"since": "x" * 151}, "Shorten this to 150 characters"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    under_way: Audit, auditor: User, change: dict[str, Any], words: str
) -> None:
    page = text_of(browser(auditor).post(url("raise_alert", under_way), {**TYPED, **change}))
    assert words in page
    kept = next(text for name, text in TYPED.items() if name not in change)
    assert kept in page
    assert not SafeguardingAlert.objects.exists()


def test_a_call_cannot_lie_in_the_future(under_way: Audit, auditor: User) -> None:
    day = timezone.localdate() + timedelta(days=1)
    told = {"told_name": "Taylor", "told_time": "10:00"}
    told |= {"told_on_day": str(day.day), "told_on_month": str(day.month), "told_on_year": str(day.year)}
    assert "The date of the call must be on or before" in text_of(
        browser(auditor).post(url("raise_alert", under_way), TYPED | told)
    )


def test_the_line_acknowledges_and_resolves_and_the_qa_unit_checks(
    alert: SafeguardingAlert, auditor: User, team_manager: User, service_lead: User, qa_lead: User
) -> None:
    manager, lead, qa = browser(team_manager), browser(service_lead), browser(qa_lead)
    page = text_of(manager.get(of(alert)))
    assert "I have it in hand" in page
    assert url("detail", alert.audit) not in page  # the audit itself is not theirs to see yet
    assert "good" not in page.partition("<main")[2].lower()
    manager.post(of(alert, "acknowledge_alert"), {"version": alert.version})
    assert f"by {team_manager.name}" in text_of(browser(auditor).get(of(alert)))
    alert.refresh_from_db()
    page = text_of(lead.post(of(alert, "resolve_alert"), {"version": alert.version, "resolution": " "}))
    assert "Enter what was done" in page
    done = {"version": alert.version, "resolution": "The child was seen today and is safe."}
    lead.post(of(alert, "resolve_alert"), done)
    alert.refresh_from_db()
    assert alert.status == AlertStatus.RESOLVED
    assert "The child was seen today and is safe." in text_of(browser(auditor).get(of(alert)))
    qa.post(of(alert, "check_alert"), {"version": alert.version})
    alert.refresh_from_db()
    assert alert.status == AlertStatus.CHECKED


def test_a_second_answer_finds_that_it_has_moved_on(
    alert: SafeguardingAlert, duty_manager: User, team_manager: User
) -> None:
    browser(duty_manager).post(of(alert, "acknowledge_alert"), {"version": alert.version})
    answer = browser(team_manager).post(of(alert, "acknowledge_alert"), {"version": alert.version})
    assert answer.status_code == 409
    assert "This alert is now “Acknowledged”; you cannot acknowledge it again." in text_of(answer)


def test_the_auditor_cannot_resolve_and_a_stranger_sees_nothing(
    alert: SafeguardingAlert, auditor: User, moderator: User, practitioner: User, system_administrator: User
) -> None:
    done = {"version": alert.version, "resolution": "I say that it is done."}
    assert browser(auditor).post(of(alert, "resolve_alert"), done).status_code == 403
    for stranger in (moderator, practitioner, system_administrator):
        client = browser(stranger)
        for name in ("alert", "acknowledge_alert", "resolve_alert", "check_alert"):
            answer = client.post(of(alert, name), done) if name != "alert" else client.get(of(alert))
            assert answer.status_code == 404, (stranger, name)
    alert.refresh_from_db()
    assert alert.status == AlertStatus.RAISED


def test_the_duty_manager_acknowledges_and_sees_it_no_more(alert: SafeguardingAlert, duty_manager: User) -> None:
    client = browser(duty_manager)
    assert client.get(of(alert)).status_code == 200
    answer = client.post(of(alert, "acknowledge_alert"), {"version": alert.version})
    assert answer.url == reverse("audits:alerts")
    assert client.get(of(alert)).status_code == 404


def test_the_list_shows_open_alerts_and_all_on_request(
    alert: SafeguardingAlert, team_manager: User, moderator: User
) -> None:
    client = browser(team_manager)
    address = reverse("audits:alerts")
    assert of(alert) in text_of(client.get(address))
    SafeguardingAlert.objects.update(status=AlertStatus.CHECKED)
    assert "No open alerts" in text_of(client.get(address))
    assert of(alert) in text_of(client.get(f"{address}?show=all"))
    assert of(alert) not in text_of(browser(moderator).get(f"{address}?show=all"))
