"""The list of cases and a case's page: who sees what, and what people do there."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import SYSTEM, NotAllowed
from accounts.models import OrgUnit, User
from cases.access import can
from cases.models import Case, CaseAlias, Connection, NamedPerson
from cases.services import (
    CannotChange,
    add_alias,
    declare_connection,
    lift_restriction,
    name_person,
    restrict_case,
    unname_person,
)
from core.history.models import AccessEvent, Event
from tests.cases.importing import table_counts
from tests.factories.cases import CaseFactory, held_by

pytestmark = pytest.mark.django_db
LIST = "/cases/"


@pytest.fixture
def case(team: OrgUnit) -> Case:
    return CaseFactory(reference="OWN1", team=team)


@pytest.fixture
def foreign(other_team: OrgUnit) -> Case:
    return CaseFactory(reference="FOREIGN1", team=other_team)


def seen(client: Client, user: User, address: str = LIST) -> str:
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def detail(case: Case, name: str = "detail") -> str:
    return reverse(f"cases:{name}", args=[case.pk])


@pytest.mark.parametrize(
    ("who", "own", "other"),
    [
        ("qa_lead", True, True),
        ("qa_admin", True, True),
        ("team_manager", True, False),
        ("service_lead", True, False),
        ("head_of_service", True, False),
        ("practitioner", False, False),
        ("auditor", False, False),
        ("moderator", False, False),
        ("system_administrator", False, False),
        ("information_governance", False, False),
        ("read_only", False, False),
        ("principal_social_worker", False, False),
    ],
)
def test_a_role_opens_its_cases_and_no_other(
    who: str, own: bool, other: bool, case: Case, foreign: Case, client: Client, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    text = seen(client, user)
    assert ("OWN1" in text, "FOREIGN1" in text) == (own, other)
    assert client.get(detail(case)).status_code == (200 if own else 404)
    assert client.get(detail(foreign)).status_code == (200 if other else 404)
    assert (bool(can(user, "see", case)), bool(can(user, "see", foreign))) == (own, other)


def test_a_practitioner_sees_the_cases_that_they_hold(
    case: Case, foreign: Case, practitioner: User, client: Client
) -> None:
    held_by(case, practitioner)
    text = seen(client, practitioner)
    assert "OWN1" in text
    assert "FOREIGN1" not in text


def test_every_answer_with_a_case_is_in_the_access_log(
    case: Case, foreign: Case, team_manager: User, client: Client
) -> None:
    seen(client, team_manager)
    seen(client, team_manager, detail(case))
    client.get(detail(foreign))
    events = list(AccessEvent.objects.order_by("sequence"))
    assert [(event.page, event.purpose) for event in events] == [
        ("cases:list", "view"), ("cases:detail", "view"), ("cases:detail", "refused"),
    ]  # fmt: skip
    assert [line.object_id for line in events[2].lines.all()] == [foreign.pk]


def test_the_list_is_narrowed_by_its_address(team: OrgUnit, other_team: OrgUnit, qa_lead: User, client: Client) -> None:
    CaseFactory(reference="OPENCIN", team=team)
    CaseFactory(reference="OPENCP", team=other_team, plan_type="cp")
    CaseFactory(reference="SHUT", team=team, closed_on=date(2026, 1, 5))

    def shown(query: str) -> set[str]:
        text = seen(client, qa_lead, LIST + query)
        return {name for name in ("OPENCIN", "OPENCP", "SHUT") if name in text}

    assert shown("") == {"OPENCIN", "OPENCP"}
    assert shown("?state=closed") == {"SHUT"}
    assert shown("?state=all") == {"OPENCIN", "OPENCP", "SHUT"}
    assert shown(f"?team={team.pk}") == {"OPENCIN"}
    assert shown(f"?service={other_team.parent_id}") == {"OPENCP"}
    assert shown("?plan_type=cp") == {"OPENCP"}
    assert shown("?plan_type=cp&page=99&sort=-team") == {"OPENCP"}
    assert "Choose one of the answers shown" in seen(client, qa_lead, LIST + "?team=nonsense")


def test_the_day_of_closing_has_a_column_where_a_case_may_be_closed(
    team: OrgUnit, qa_lead: User, client: Client
) -> None:
    CaseFactory(team=team)
    heading = ">Closed</th>"
    assert heading not in seen(client, qa_lead, LIST)
    for query in ("?state=closed", "?state=all"):
        CaseFactory(team=team, closed_on=date(2026, 1, 5))
        assert heading in seen(client, qa_lead, LIST + query)
    CaseFactory(team=team, closed_on=date(2999, 1, 5))
    assert heading in seen(client, qa_lead, LIST), "open today, with a day on which it closes"


def test_the_list_is_sorted_as_asked(team: OrgUnit, qa_lead: User, client: Client) -> None:
    for reference, opened in (("A", date(2025, 1, 1)), ("B", None), ("C", date(2024, 1, 1))):
        CaseFactory(reference=f"REF{reference}", team=team, opened_on=opened)

    def order(query: str) -> list[str]:
        text = seen(client, qa_lead, LIST + query)
        return sorted(("REFA", "REFB", "REFC"), key=text.index)

    assert order("") == ["REFA", "REFB", "REFC"]
    assert order("?sort=-reference") == ["REFC", "REFB", "REFA"]
    assert order("?sort=opened") == ["REFC", "REFA", "REFB"]
    assert order("?sort=-opened") == ["REFA", "REFC", "REFB"]


def test_the_list_costs_the_same_however_many_cases(team: OrgUnit, qa_lead: User, client: Client) -> None:
    held_by(CaseFactory(team=team))
    client.force_login(qa_lead)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _ in range(60):
        held_by(CaseFactory(team=team))
    with CaptureQueriesContext(connection) as many:
        text = client.get(LIST).content.decode()
    assert "Showing 1 to 50 of 61" in text
    # The access log writes its fifty lines in one statement or, on SQLite, a few.
    assert len(many) - len(few) <= 1


def test_an_empty_list_leads_to_the_import(qa_admin: User, client: Client) -> None:
    assert "/jobs/imports/new/cases/" in seen(client, qa_admin)


def test_a_reference_stands_in_no_title(case: Case, qa_lead: User, client: Client) -> None:
    for name in ("detail", "connection", "restrict", "add_reference"):
        text = seen(client, qa_lead, detail(case, name))
        assert "OWN1" in text
        assert "OWN1" not in text.split("</title>")[0]


# --- restricted cases --------------------------------------------------------------------------------------------


def test_a_restricted_case_is_for_named_people_only(
    case: Case, qa_lead: User, qa_admin: User, team_manager: User, head_of_service: User, client: Client
) -> None:
    client.force_login(qa_admin)
    answer = client.post(detail(case, "restrict"), {"person": str(team_manager.pk), "why": "A colleague's family."})
    assert answer["Location"] == detail(case, "people")
    for user, sees in ((qa_admin, True), (team_manager, True), (qa_lead, False), (head_of_service, False)):
        assert ("OWN1" in seen(client, user)) is sees
        assert client.get(detail(case)).status_code == (200 if sees else 404)
        assert bool(can(user, "see", case)) is sees
    event = Event.objects.get(verb="restricted")
    assert event.content.why == "A colleague's family."


def test_a_reason_is_asked_for(case: Case, qa_admin: User, client: Client) -> None:
    client.force_login(qa_admin)
    answer = client.post(detail(case, "restrict"), {"why": "  "})
    assert "Say why" in answer.content.decode()
    case.refresh_from_db()
    assert not case.restricted


def test_people_are_named_and_removed(case: Case, qa_admin: User, auditor: User, client: Client) -> None:
    restrict_case(case=case, people=[], why="Adoption.", by=qa_admin)
    client.force_login(qa_admin)
    client.post(detail(case, "people"), {"person": str(auditor.pk)})
    assert can(auditor, "see", case)
    client.post(reverse("cases:remove_person", args=[case.pk, auditor.pk]))
    assert not can(auditor, "see", case)
    answer = client.post(reverse("cases:remove_person", args=[case.pk, qa_admin.pk]), follow=True)
    assert "Name somebody else first" in answer.content.decode()
    assert can(qa_admin, "see", case)


def test_a_lifted_restriction_gives_the_case_back(case: Case, qa_admin: User, qa_lead: User, client: Client) -> None:
    restrict_case(case=case, people=[], why="Adoption.", by=qa_admin)
    client.force_login(qa_admin)
    client.post(detail(case, "lift"), {"why": "No longer needed."})
    assert can(qa_lead, "see", case)
    assert not NamedPerson.objects.exists()


# --- references and connections ----------------------------------------------------------------------------------


def test_another_reference_is_added_once(case: Case, foreign: Case, qa_admin: User, client: Client) -> None:
    client.force_login(qa_admin)
    client.post(detail(case, "add_reference"), {"reference": "OLD 9", "system": "The old system"})
    assert "OLD 9 (The old system)" in seen(client, qa_admin, detail(case))
    for taken in ("old9", "foreign1", "OWN 1"):
        answer = client.post(detail(case, "add_reference"), {"reference": taken})
        assert "already belongs to a case" in answer.content.decode()
    assert CaseAlias.objects.count() == 1


def test_a_connection_is_declared_and_shown_to_nobody_else(
    case: Case, team_manager: User, qa_lead: User, client: Client
) -> None:
    client.force_login(team_manager)
    for _ in range(2):
        client.post(detail(case, "connection"))
    assert Connection.objects.get().user == team_manager
    assert "You declared a personal connection" in seen(client, team_manager, detail(case))
    assert "You declared" not in seen(client, qa_lead, detail(case))
    assert Event.objects.filter(verb="declared connection").count() == 1


# --- denials -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["team_manager", "service_lead", "head_of_service"])
def test_only_the_qa_unit_changes_a_case(who: str, case: Case, request: pytest.FixtureRequest, client: Client) -> None:
    user = request.getfixturevalue(who)
    client.force_login(user)
    before = table_counts()
    for name in ("restrict", "lift", "people", "add_reference"):
        assert client.get(detail(case, name)).status_code == 403
        answer = client.post(detail(case, name), {"why": "x", "reference": "y", "person": str(user.pk)})
        assert answer.status_code == 403
        assert "Only the QA unit can" in answer.content.decode()
    assert client.post(reverse("cases:remove_person", args=[case.pk, user.pk])).status_code == 403
    after = table_counts()
    assert {name for name in after if after[name] != before[name]} <= {
        "history.AccessEvent",
        "history.AccessLine",
        "history.ChainHead",
    }
    for change in (
        lambda: restrict_case(case=case, people=[user], why="x", by=user),
        lambda: lift_restriction(case=case, why="x", by=user),
        lambda: name_person(case=case, person=user, by=user),
        lambda: unname_person(case=case, person=user, by=user),
        lambda: add_alias(case=case, reference="Z9", by=user),
    ):
        with pytest.raises(NotAllowed, match="Only the QA unit can"):
            change()
    assert not CaseAlias.objects.exists()


def test_what_one_may_not_see_one_may_not_touch(foreign: Case, team_manager: User, client: Client) -> None:
    client.force_login(team_manager)
    for name in ("connection", "restrict", "lift", "people", "add_reference"):
        assert client.get(detail(foreign, name)).status_code == 404
        assert client.post(detail(foreign, name)).status_code == 404
    assert not Connection.objects.exists()


def test_the_system_declares_no_connection(case: Case) -> None:
    with pytest.raises(NotAllowed):
        declare_connection(case=case, by=SYSTEM)  # type: ignore[arg-type]  # that is the point


def test_a_reference_that_is_too_long_is_refused(case: Case) -> None:
    with pytest.raises(CannotChange):
        add_alias(case=case, reference="x" * 61, by=SYSTEM)
