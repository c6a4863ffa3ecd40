"""`access.can` and `visible_to` say the same for every role, every state of an audit, one's own service and others."""

from __future__ import annotations

import pytest

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits import access
from audits.choices import GRADE_GIVEN, ISSUED, AlertStatus, AuditStatus, Grade, ModerationStatus
from audits.models import Audit, Moderation, SafeguardingAlert
from cases.models import Case
from tests.audits.drafts import submitted
from tests.factories.accounts import person_as

WHO = [
    "auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
    "principal_social_worker", "qa_lead", "qa_admin", "panel_member", "partner_auditor", "read_only",
    "information_governance", "duty_manager", "system_administrator",
]  # fmt: skip
AUDIT_VERBS = [
    "allocate",
    "reassign",
    "void",
    "decline",
    "start",
    "fill",
    "submit",
    "recall",
    "see_draft",
    "raise_alert",
]


@pytest.fixture
def audit(case: Case, qa_lead: User, auditor: User) -> Audit:
    """A submitted audit with an alert, waiting for a moderator."""
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE)
    SafeguardingAlert.objects.create(
        audit=audit, what="x", where="y", since="z", raised_by=auditor, raised_at=audit.submitted_at
    )
    return audit


def test_every_role_is_asked() -> None:
    assert len(WHO) == len(Role)


@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.parametrize("who", WHO)
def test_nobody_may_do_anything_with_an_audit_that_they_do_not_see(
    who: str, restricted: bool, audit: Audit, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    Case.objects.update(restricted=restricted)
    for status in AuditStatus:
        Audit.objects.update(status=status)
        row = Audit.objects.select_related("case").get(pk=audit.pk)
        seen = Audit.objects.visible_to(person).filter(pk=row.pk).exists()
        allowed = {verb for verb in AUDIT_VERBS if access.can(person, verb, row)}
        own = who == "auditor" and status in (AuditStatus.PLANNED, AuditStatus.VOID)
        if not own:  # the workflow refuses these, whoever asks
            assert seen or not allowed, (status, allowed)
        assert ("raise_alert" in allowed) == seen
        if status in GRADE_GIVEN:
            assert ("see_draft" in allowed) == seen
        elif who not in ("auditor", "qa_lead", "qa_admin"):
            assert "see_draft" not in allowed
        assert bool({"fill", "submit", "start", "recall", "decline"} & allowed) == (who == "auditor")
        if who not in ("auditor", "qa_lead", "qa_admin", "moderator", "head_of_service"):
            assert seen <= (status in ISSUED)


@pytest.mark.parametrize("who", [name for name in WHO if name not in ("qa_lead", "qa_admin")])
@pytest.mark.parametrize("restricted", [False, True])
def test_who_may_moderate_is_who_sees_the_queue(
    who: str, restricted: bool, audit: Audit, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    Case.objects.update(restricted=restricted)
    for status in (ModerationStatus.SELECTED, ModerationStatus.OPENED):
        Moderation.objects.update(status=status, moderator=person if status == ModerationStatus.OPENED else None)
        row = Moderation.objects.get(audit=audit)
        seen = Moderation.objects.visible_to(person).filter(pk=row.pk).exists()
        assert bool(access.can(person, "moderate", row)) == seen
        assert bool(access.can(person, "see_moderation_reasons", row)) == seen


def test_the_auditor_never_sees_why_it_was_chosen_also_with_another_role(audit: Audit, directorate: OrgUnit) -> None:
    both = person_as(Role.QA_LEAD, directorate)
    assert access.can(both, "see_moderation_reasons", audit)
    Audit.objects.update(auditor=both)
    row = Audit.objects.get(pk=audit.pk)
    assert not access.can(both, "see_moderation_reasons", row)
    assert not access.can(both, "moderate", row.moderations.get())


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("restricted", [False, True])
def test_nobody_answers_an_alert_that_they_do_not_see(
    who: str, restricted: bool, audit: Audit, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    Case.objects.update(restricted=restricted)
    for status in AlertStatus:
        SafeguardingAlert.objects.update(status=status)
        alert = SafeguardingAlert.objects.select_related("audit__case").get()
        seen = SafeguardingAlert.objects.visible_to(person).filter(pk=alert.pk).exists()
        for verb in ("acknowledge", "resolve", "check"):
            assert seen or not access.can(person, verb, alert)
        line = who in ("team_manager", "service_lead", "head_of_service") and not restricted
        assert bool(access.can(person, "resolve", alert)) == line
        duty = who == "duty_manager" and status == AlertStatus.RAISED and not restricted
        assert bool(access.can(person, "acknowledge", alert)) == (line or duty)


@pytest.mark.parametrize("who", ["team_manager", "service_lead", "head_of_service"])
def test_the_line_of_another_service_has_no_part_in_it(
    who: str, audit: Audit, other_team: OrgUnit, other_service: OrgUnit
) -> None:
    roles = {"team_manager": Role.TEAM_MANAGER, "service_lead": Role.SERVICE_LEAD}
    role = roles.get(who, Role.HEAD_OF_SERVICE)
    person = person_as(role, other_team if who == "team_manager" else other_service)
    Audit.objects.update(status=AuditStatus.FEEDBACK_ISSUED)
    row = Audit.objects.get(pk=audit.pk)
    assert not Audit.objects.visible_to(person).exists()
    assert not any(access.can(person, verb, row) for verb in AUDIT_VERBS)
    assert not access.can(person, "resolve", row.alerts.get())
    assert not access.can(person, "moderate", row.moderations.get())


def test_the_system_plans_but_fills_in_nothing(audit: Audit) -> None:
    assert access.can(SYSTEM, "allocate", audit)
    for verb in ("fill", "submit", "start", "recall", "decline"):
        assert not access.can(SYSTEM, verb, audit)


def test_an_unknown_verb_is_a_mistake_not_a_refusal(audit: Audit, qa_lead: User) -> None:
    with pytest.raises(KeyError):
        access.can(qa_lead, "delete", audit)
