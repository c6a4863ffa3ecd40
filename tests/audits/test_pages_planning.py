"""Planning and giving out: refusals stand beside the field and name the category only."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus
from audits.models import Audit
from audits.services.planning import create_audit
from cases.models import Case
from core.working_days import add_working_days
from tests.audits.pages import browser, text_of, url
from tests.factories.accounts import give_role, person_as
from tests.factories.audits import live_tool
from tests.factories.cases import CaseFactory


def boxes(name: str, day: Any) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


@pytest.fixture
def planned(case: Case, qa_lead: User) -> Audit:
    return create_audit(case=case, version=live_tool(), by=qa_lead)


def test_an_audit_is_planned_from_a_case(case: Case, qa_lead: User) -> None:
    tool = live_tool()
    client = browser(qa_lead)
    address = reverse("audits:plan", args=[case.pk])
    page = text_of(client.get(address))
    assert "Example audit" in page
    assert case.reference not in page.split("</title>")[0]
    data = {"tool": str(tool.pk), "mode": "desk", "purpose": "standard", **boxes("window_to", timezone.localdate())}
    answer = client.post(address, data)
    audit = Audit.objects.get()
    assert (audit.status, audit.case) == (AuditStatus.PLANNED, case)
    assert answer.url == url("allocate", audit)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tool": ""}, "Choose an audit tool"),
        ({"tool": str(uuid4())}, "Choose one of the answers shown"),
        ({"mode": "by_pigeon"}, "Choose one of the answers shown"),
        ({"window_to_year": "2199"}, "The last day of the period must be on or before"),
        ({"window_to_day": "31", "window_to_month": "2"}, "The last day of the period must be a real date"),
    ],
)
def test_what_cannot_be_planned_is_said(case: Case, qa_lead: User, change: dict[str, str], words: str) -> None:
    tool = live_tool()
    data = {"tool": str(tool.pk), "mode": "desk", "purpose": "standard", **boxes("window_to", timezone.localdate())}
    assert words in text_of(browser(qa_lead).post(reverse("audits:plan", args=[case.pk]), data | change))
    assert not Audit.objects.exists()


def test_a_case_without_a_fitting_tool_says_so(team: OrgUnit, qa_lead: User) -> None:
    live_tool()
    carer = CaseFactory(team=team, service=team.parent, subject_kind="carer")
    page = text_of(browser(qa_lead).get(reverse("audits:plan", args=[carer.pk])))
    assert "No audit tool that is in use fits this kind of record." in page


def test_the_due_date_is_ten_working_days_on_and_auditors_show_their_workload(
    planned: Audit, qa_lead: User, auditor: User, team: OrgUnit
) -> None:
    manager = person_as(Role.TEAM_MANAGER, team, name="Conflicted Example")
    give_role(manager, Role.AUDITOR, team)
    page = text_of(browser(qa_lead).get(url("allocate", planned)))
    due_on = add_working_days(timezone.localdate(), 10)
    for box, value in boxes("due_on", due_on).items():
        assert re.search(rf'<input[^>]*name="{box}"[^>]*value="{value}"', page)
    assert f"{auditor.name} – no open audits" in page
    assert "Conflicted Example" not in page


def test_an_auditor_with_a_conflict_is_refused_by_category_alone(planned: Audit, qa_lead: User, team: OrgUnit) -> None:
    manager = person_as(Role.TEAM_MANAGER, team, name="Private Person")
    give_role(manager, Role.AUDITOR, team)
    data = {"version": planned.version, "auditor": str(manager.pk), **boxes("due_on", timezone.localdate())}
    page = text_of(browser(qa_lead).post(url("allocate", planned), data))
    assert "This audit cannot go to a person who works in or manages the team. Choose somebody else." in page
    assert 'href="#id_auditor"' in page
    assert "Private Person" not in page
    planned.refresh_from_db()
    assert planned.status == AuditStatus.PLANNED


@pytest.mark.parametrize("key", ["", "not-a-key", str(uuid4())])
def test_an_unknown_auditor_is_refused(planned: Audit, qa_lead: User, key: str) -> None:
    data = {"version": planned.version, "auditor": key, **boxes("due_on", timezone.localdate())}
    assert "Choose an auditor" in text_of(browser(qa_lead).post(url("allocate", planned), data))


def test_a_person_who_is_no_auditor_or_has_left_is_refused(
    planned: Audit, qa_lead: User, auditor: User, moderator: User
) -> None:
    client = browser(qa_lead)
    day = boxes("due_on", timezone.localdate())
    data = {"version": planned.version, "auditor": str(moderator.pk), **day}
    assert "This person is not an auditor" in text_of(client.post(url("allocate", planned), data))
    auditor.is_active = False
    auditor.save()
    page = text_of(client.post(url("allocate", planned), {**data, "auditor": str(auditor.pk)}))
    assert "There is a problem" in page
    planned.refresh_from_db()
    assert planned.auditor is None


def test_a_due_date_in_the_past_is_refused(planned: Audit, qa_lead: User, auditor: User) -> None:
    day = boxes("due_on", timezone.localdate() - timedelta(days=1))
    data = {"version": planned.version, "auditor": str(auditor.pk), **day}
    assert "The due date must be on or after" in text_of(browser(qa_lead).post(url("allocate", planned), data))


def test_two_leads_do_not_both_give_it_out(planned: Audit, qa_lead: User, auditor: User, directorate: OrgUnit) -> None:
    data = {"version": planned.version, "auditor": str(auditor.pk), **boxes("due_on", timezone.localdate())}
    assert browser(qa_lead).post(url("allocate", planned), data).status_code == 302
    answer = browser(person_as(Role.QA_LEAD, directorate)).post(url("allocate", planned), data)
    assert answer.status_code == 409
    assert "This audit is now “Allocated”; you cannot allocate it." in text_of(answer)


def test_the_auditor_hands_it_back_with_a_reason(allocated: Audit, auditor: User) -> None:
    client = browser(auditor)
    assert "Enter the reason" in text_of(
        client.post(url("decline", allocated), {"version": allocated.version, "why": " \t "})
    )
    data = {"version": allocated.version, "why": "No time before the due date."}
    assert client.post(url("decline", allocated), data).url == reverse("audits:list")
    allocated.refresh_from_db()
    assert (allocated.status, allocated.auditor) == (AuditStatus.PLANNED, None)
    assert client.get(url("detail", allocated)).status_code == 404


def test_an_audit_under_way_goes_to_somebody_else_with_or_without_what_was_written(
    under_way: Audit, qa_lead: User, directorate: OrgUnit
) -> None:
    other = person_as(Role.AUDITOR, directorate)
    client = browser(qa_lead)
    data = {"version": under_way.version, "auditor": str(other.pk), "why": "Long absence."}
    page = text_of(client.post(url("reassign", under_way), data))
    assert "Choose what should happen to what was written" in page
    client.post(url("reassign", under_way), {**data, "keep_answers": "no"})
    under_way.refresh_from_db()
    assert (under_way.auditor, under_way.status) == (other, AuditStatus.ALLOCATED)
    assert not under_way.sections.exists()


def test_a_void_audit_needs_a_reason_and_is_void_for_good(under_way: Audit, qa_lead: User) -> None:
    client = browser(qa_lead)
    client.post(url("void", under_way), {"version": under_way.version, "why": "The wrong case was chosen."})
    under_way.refresh_from_db()
    assert under_way.status == AuditStatus.VOID
    page = text_of(client.get(url("detail", under_way)))
    assert "This audit is void. It counts nowhere." in page
    assert "The wrong case was chosen." in page
    assert client.post(url("void", under_way), {"version": under_way.version, "why": "Again"}).status_code == 409


@pytest.mark.parametrize("page", ["allocate", "reassign", "void"])
def test_only_the_qa_unit_gives_out_and_takes_away(
    under_way: Audit, auditor: User, team_manager: User, page: str
) -> None:
    data = {"version": under_way.version, "why": "Because", "auditor": str(auditor.pk), "keep_answers": "yes"}
    assert browser(auditor).post(url(page, under_way), data).status_code == 403
    assert browser(team_manager).post(url(page, under_way), data).status_code == 404
    under_way.refresh_from_db()
    assert under_way.status == AuditStatus.IN_PROGRESS


def test_nobody_else_plans_and_a_restricted_case_is_not_there(
    case: Case, auditor: User, team_manager: User, qa_lead: User
) -> None:
    address = reverse("audits:plan", args=[case.pk])
    assert browser(auditor).get(address).status_code == 404
    assert browser(team_manager).get(address).status_code == 403
    Case.objects.filter(pk=case.pk).update(restricted=True)
    assert browser(qa_lead).get(address).status_code == 404
