"""Safeguarding alerts reach the line at once, are answered there, and stay for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.models import User
from audits.choices import AlertStatus, AuditStatus
from audits.models import Audit, SafeguardingAlert
from audits.services import alerts as alert_services
from audits.services.alerts import acknowledge_alert, check_alert, raise_alert, resolve_alert
from audits.services.moves import StaleVersion
from core.history.models import Event
from core.jobs.models import Job
from core.notifications.models import Notice
from core.workflow import IllegalMove

SAID = {"what": "Left alone at night", "where": "Case note of 4 May", "since": "Two weeks"}


@pytest.fixture
def alert(under_way: Audit, auditor: User, team_manager: User, service_lead: User, qa_lead: User) -> SafeguardingAlert:
    """An alert on the audit, with its line in place."""
    return raise_alert(audit=under_way, by=auditor, **SAID)


def test_it_reaches_team_manager_service_lead_and_qa_lead_at_once(
    alert: SafeguardingAlert, team_manager: User, service_lead: User, qa_lead: User, head_of_service: User
) -> None:
    notices = Notice.objects.filter(kind="alert_raised")
    assert {notice.person for notice in notices} == {team_manager, service_lead, qa_lead}
    assert all(notice.object_id == alert.pk for notice in notices)
    assert Job.objects.filter(kind="send_notice").count() >= 3
    for person in (team_manager, service_lead, head_of_service, qa_lead):
        assert SafeguardingAlert.objects.visible_to(person).get() == alert
    assert not Audit.objects.visible_to(team_manager).exists(), "the audit itself stays closed until its feedback"


@pytest.mark.parametrize("status", [status for status in AuditStatus if status != AuditStatus.PLANNED])
def test_it_can_be_raised_whatever_the_state_of_the_audit(
    status: str, under_way: Audit, auditor: User, qa_lead: User, team_manager: User
) -> None:
    Audit.objects.update(status=status)
    by = qa_lead if status == AuditStatus.VOID else auditor
    alert = raise_alert(audit=Audit.objects.get(pk=under_way.pk), by=by, **SAID)
    assert alert.status == AlertStatus.RAISED
    assert Notice.objects.filter(person=team_manager, kind="alert_raised").exists()


@pytest.mark.parametrize("who", ["practitioner", "team_manager", "read_only", "system_administrator", "panel_member"])
def test_who_may_not_see_the_audit_cannot_raise_one(who: str, under_way: Audit, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        raise_alert(audit=under_way, by=request.getfixturevalue(who), **SAID)
    assert not SafeguardingAlert.objects.exists()
    assert not Notice.objects.filter(kind="alert_raised").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": "  "}, "what"),
        ({"where": ""}, "where"),
        ({"since": ""}, "since"),
        ({"told_name": "Dana Example"}, "told_at"),
        ({"told_at": timezone.now() - timedelta(hours=1)}, "told_name"),
        ({"told_name": "Dana Example", "told_at": timezone.now() + timedelta(days=1)}, "told_at"),
    ],
)
def test_what_is_missing_is_said_by_its_field(
    under_way: Audit, auditor: User, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        raise_alert(audit=under_way, by=auditor, **{**SAID, **changes})  # type: ignore[arg-type]
    assert list(refused.value.message_dict) == [field]


def test_it_is_acknowledged_resolved_and_checked(
    alert: SafeguardingAlert, team_manager: User, service_lead: User, qa_lead: User, auditor: User
) -> None:
    alert = acknowledge_alert(alert=alert, by=team_manager)
    alert = resolve_alert(
        alert=alert, by=service_lead, resolution="Visited today; the child is safe.", version=alert.version
    )
    alert = check_alert(alert=alert, by=qa_lead, version=alert.version)
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by, alert.resolved_by) == (
        AlertStatus.CHECKED, team_manager, service_lead,
    )  # fmt: skip
    assert SafeguardingAlert.objects.visible_to(auditor).get().acknowledged_by == team_manager
    verbs = Event.objects.filter(object_id=alert.pk).order_by("sequence").values_list("verb", flat=True)
    assert list(verbs) == ["raise", "acknowledge", "resolve", "check"]


def test_the_duty_manager_acknowledges_and_no_more(alert: SafeguardingAlert, duty_manager: User) -> None:
    alert = acknowledge_alert(alert=alert, by=duty_manager)
    with pytest.raises(NotAllowed):
        resolve_alert(alert=alert, by=duty_manager, resolution="Done.", version=alert.version)


@pytest.mark.parametrize("who", ["auditor", "qa_lead", "practitioner", "moderator", "system_administrator"])
def test_only_the_line_resolves(who: str, alert: SafeguardingAlert, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        resolve_alert(alert=alert, by=request.getfixturevalue(who), resolution="Done.", version=alert.version)
    alert.refresh_from_db()
    assert alert.status == AlertStatus.RAISED


def test_resolving_needs_words_the_right_state_and_the_present_version(
    alert: SafeguardingAlert, team_manager: User, qa_lead: User
) -> None:
    with pytest.raises(ValidationError):
        resolve_alert(alert=alert, by=team_manager, resolution="  ", version=alert.version)
    with pytest.raises(IllegalMove):
        check_alert(alert=alert, by=qa_lead, version=alert.version)
    with pytest.raises(StaleVersion):
        resolve_alert(alert=alert, by=team_manager, resolution="Done.", version=alert.version + 1)
    resolve_alert(alert=alert, by=team_manager, resolution="Done.", version=alert.version)
    with pytest.raises(IllegalMove, match="now “Resolved”"):
        acknowledge_alert(alert=alert, by=team_manager)


def test_it_is_never_deleted(alert: SafeguardingAlert) -> None:
    assert not [name for name in vars(alert_services) if "delete" in name or "remove" in name]
    with pytest.raises(DatabaseError), transaction.atomic():
        alert.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        SafeguardingAlert.objects.all().delete()
    with pytest.raises(ProtectedError):
        alert.audit.delete()
    assert SafeguardingAlert.objects.get().what == SAID["what"]


def test_on_a_restricted_case_only_people_who_may_see_it_are_told(
    under_way: Audit, auditor: User, team_manager: User, service_lead: User, qa_lead: User
) -> None:
    case = under_way.case
    assert case is not None
    case.restricted = True
    case.save()
    case.named_people.create(user=service_lead)
    alert = raise_alert(audit=Audit.objects.get(pk=under_way.pk), by=auditor, **SAID)
    assert {notice.person for notice in Notice.objects.filter(kind="alert_raised")} == {service_lead}
    assert not SafeguardingAlert.objects.visible_to(team_manager).exists()
    with pytest.raises(NotAllowed):
        acknowledge_alert(alert=alert, by=team_manager)
    assert acknowledge_alert(alert=alert, by=service_lead).acknowledged_by == service_lead
