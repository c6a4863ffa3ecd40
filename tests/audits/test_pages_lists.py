"""The list of audits: each reader's own, narrowed and sorted by the address alone, at a constant price."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, Grade
from audits.models import Audit
from tests.audits.pages import browser, text_of
from tests.factories.accounts import person_as
from tests.factories.audits import AuditFactory, graded_audit
from tests.factories.cases import CaseFactory

LIST = reverse("audits:list")


def listed(client: Client, query: str = "") -> list[str]:
    """The references on the page, in order."""
    answer = client.get(f"{LIST}{query}")
    assert answer.status_code == 200
    return re.findall(r">(A-2026-\d{5})</a>", text_of(answer))


@pytest.fixture
def audits(team: OrgUnit, other_team: OrgUnit) -> dict[str, Audit]:
    """Issued, submitted and unfinished audits of two services."""
    here, there = CaseFactory(team=team), CaseFactory(team=other_team)
    return {
        "good": graded_audit(Grade.GOOD, case=here, month=date(2026, 10, 1)),
        "weak": graded_audit(Grade.INADEQUATE, case=here, month=date(2026, 9, 1)),
        "there": graded_audit(Grade.GOOD, case=there, month=date(2026, 10, 1)),
        "submitted": graded_audit(Grade.OUTSTANDING, case=here, status=AuditStatus.SUBMITTED),
        "open": AuditFactory(case=here, due_on=timezone.localdate() - timedelta(days=3)),
        "shadow": graded_audit(Grade.GOOD, case=here, purpose="shadow"),
    }


def refs(audits: dict[str, Audit], *names: str) -> set[str]:
    return {audits[name].reference for name in names}


def test_each_reader_sees_their_own(
    audits: dict[str, Audit],
    qa_lead: User,
    team_manager: User,
    head_of_service: User,
    read_only: User,
    system_administrator: User,
    panel_member: User,
) -> None:
    assert set(listed(browser(qa_lead))) == refs(audits, *audits)
    assert set(listed(browser(team_manager))) == refs(audits, "good", "weak", "shadow")
    assert set(listed(browser(head_of_service))) == refs(audits, "good", "weak", "shadow", "submitted")
    for nobody in (read_only, system_administrator, panel_member):
        assert listed(browser(nobody)) == []


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?grade=good", ("good", "there", "shadow")),
        ("?grade=good&counted=1", ("good", "there")),
        ("?month_from=2026-09&month_to=2026-09", ("weak",)),
        ("?month_from=2026-10&month_to=2026-10&counted=on", ("good", "there", "submitted")),
        ("?month_from=2026-10&month_to=2026-10&counted=on&stage=final", ("good", "there")),
        ("?stage=provisional", ("submitted",)),
        ("?status=in_progress", ("open",)),
        ("?overdue=1", ("open",)),
        ("?plan_type=cla", ()),
        ("?plan_type=cin", ("good", "weak", "there", "submitted", "open", "shadow")),
        ("?plan_type=none", ()),
        ("?tool=Example+audit&grade=inadequate", ("weak",)),
        ("?tool=Something+else", ()),
    ],
)
def test_the_address_narrows_the_list(
    audits: dict[str, Audit], qa_lead: User, query: str, names: tuple[str, ...]
) -> None:
    assert set(listed(browser(qa_lead), query)) == refs(audits, *names)


def test_units_people_and_sections_narrow_it_too(
    audits: dict[str, Audit], qa_lead: User, team: OrgUnit, other_service: OrgUnit, auditor: User
) -> None:
    client = browser(qa_lead)
    assert set(listed(client, f"?team={team.pk}")) == refs(audits, "good", "weak", "submitted", "open", "shadow")
    assert set(listed(client, f"?service={other_service.pk}")) == refs(audits, "there")
    Audit.objects.filter(pk=audits["good"].pk).update(auditor=auditor)
    assert set(listed(client, f"?auditor={auditor.pk}")) == refs(audits, "good")
    audits["good"].sections.filter(section__key="voice").update(grade="good", settled_grade="inadequate")
    audits["weak"].sections.filter(section__key="voice").update(grade="good")
    assert set(listed(client, "?section=voice&grade=good&counted=1")) == refs(audits, "weak")
    assert set(listed(client, "?section=voice&grade=inadequate&counted=1")) == refs(audits, "good")
    assert set(listed(client, "?section=voice&counted=1")) == refs(audits, "good", "weak")


def test_a_team_manager_cannot_filter_what_they_may_not_see(audits: dict[str, Audit], team_manager: User) -> None:
    client = browser(team_manager)
    assert listed(client, "?grade=outstanding") == []
    assert listed(client, "?stage=provisional") != refs(audits, "submitted")
    assert audits["submitted"].reference not in text_of(client.get(LIST))


def test_mine_is_what_i_have_to_do(auditor: User, team: OrgUnit) -> None:
    case = CaseFactory(team=team)
    later = AuditFactory(case=case, auditor=auditor, due_on=date(2026, 12, 9))
    sooner = AuditFactory(case=case, auditor=auditor, due_on=date(2026, 12, 8))
    graded_audit(case=case, auditor=auditor)
    client = browser(auditor)
    assert listed(client, "?mine=1") == [sooner.reference, later.reference]
    assert len(listed(client)) == 3


def test_sorting_is_by_listed_columns_and_stable(audits: dict[str, Audit], qa_lead: User) -> None:
    client = browser(qa_lead)
    up, down = listed(client, "?sort=reference"), listed(client, "?sort=-reference")
    assert up == sorted(up)
    assert down == up[::-1]
    plain = listed(client)
    for hostile in ("case__restricted", "-auditor__password", "?", "id;drop", "auditor_grade", "\x00"):
        assert listed(client, f"?sort={hostile}") == plain


def test_fifty_a_page_and_no_audit_twice(team: OrgUnit, qa_lead: User) -> None:
    case = CaseFactory(team=team)
    for _ in range(53):
        AuditFactory(case=case, due_on=date(2026, 12, 4))
    client = browser(qa_lead)
    first, second = listed(client, "?sort=due"), listed(client, "?sort=due&page=2")
    assert (len(first), len(second)) == (50, 3)
    assert len({*first, *second}) == 53
    assert listed(client, "?sort=due&page=999") == second
    assert listed(client, "?sort=due&page=x") == first


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(
        ["service", "team", "auditor", "month_from", "grade", "status", "tool", "section", "sort", "page"]
    ),
    value=st.text(max_size=40),
)
def test_no_parameter_breaks_the_list(qa_lead: User, name: str, value: str) -> None:
    assert browser(qa_lead).get(LIST, {name: value}).status_code == 200


def test_an_empty_list_says_why(auditor: User, qa_lead: User, team_manager: User) -> None:
    assert "No audit has been given to you yet." in text_of(browser(auditor).get(LIST))
    assert "No audit has been planned yet." in text_of(browser(qa_lead).get(LIST))
    assert "It appears here when its feedback is issued." in text_of(browser(team_manager).get(LIST))
    assert "Nothing matches these filters." in text_of(browser(qa_lead).get(f"{LIST}?grade=good"))


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len([each for each in seen.captured_queries if "INSERT" not in each["sql"]])


@pytest.mark.parametrize("role", [Role.QA_LEAD, Role.TEAM_MANAGER, Role.HEAD_OF_SERVICE, Role.AUDITOR])
def test_the_list_costs_the_same_however_long(team: OrgUnit, role: str) -> None:
    person = person_as(role, team.parent.parent if role in (Role.QA_LEAD, Role.AUDITOR) else team)
    extra: dict[str, Any] = {"auditor": person} if role == Role.AUDITOR else {}
    graded_audit(case=CaseFactory(team=team), **extra)
    client = browser(person)
    client.get(LIST)
    few = queries(client, LIST)
    for _ in range(12):
        graded_audit(case=CaseFactory(team=team), **extra)
    assert queries(client, LIST) == few
