"""The list of what is overdue: the same on "My work", and an action made from it remembers where it comes from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.models import Action
from assurance_clinics.models import Indicator
from cases.models import Case, Extract, Worker
from core.working_days import add_working_days
from tests.assurance_clinics.conftest import AS_AT, keep, small_workbook
from tests.factories.accounts import person_as
from tests.factories.spreadsheets import headings, row

pytestmark = pytest.mark.django_db

PAGE = reverse("assurance_clinics:exceptions")


def as_person(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def group_of(person: User) -> Any:
    groups = as_person(person).get(reverse("worklist:home")).context["groups"]
    return next(group for group in groups if group.key == "overdue_children")


@pytest.fixture
def computed(extract: Extract, qa_lead: User) -> Extract:
    from assurance_clinics.services import compute_extract

    compute_extract(extract=extract, by=qa_lead)
    return extract


def test_what_my_work_counts_is_what_the_list_shows(computed: Extract, team_manager: User) -> None:
    group = group_of(team_manager)
    client = as_person(team_manager)
    found = client.get(group.all_url).context["found"]
    assert group.count == len(found.late) > 0
    for item in group.items:
        listed = client.get(item.url).context
        assert item.status == f"{len(listed['rows'])} overdue"
        assert {each["line"].what for each in listed["rows"]} == {item.label}


def test_a_practitioner_finds_their_own_children_alone(computed: Extract, team: OrgUnit) -> None:
    ada = person_as(Role.PRACTITIONER, team, name="Ada Example")
    Worker.objects.filter(name="Ada Example").update(user=ada)
    group = group_of(ada)
    rows = as_person(ada).get(PAGE).context["rows"]
    assert {each["line"].reference for each in rows} == {"C2"}
    assert group.count == len(rows)


def test_without_an_extract_it_says_so(db: None, team_manager: User) -> None:
    assert (group_of(team_manager).count, "No extract" in group_of(team_manager).nothing) == (0, True)


def test_an_action_from_the_list_carries_its_origin_and_stands_beside_the_child(
    computed: Extract, team: OrgUnit, team_manager: User
) -> None:
    client, case = as_person(team_manager), Case.objects.get(reference="C2")
    indicator = Indicator.objects.get(code="cin_visit_3w")
    address = reverse("assurance_clinics:act_on_case", args=[indicator.pk, case.pk])
    assert address in client.get(PAGE).content.decode()
    told = {"what": "Visit the child this week.", "how_we_know": "The visit is recorded.", "priority": "high",
            "owner": str(team_manager.pk), "level": "case"}  # fmt: skip
    answer = client.post(address, told)
    action = Action.objects.get()
    assert (action.origin, action.origin_reference, action.case) == ("indicator", "Child in need visit", case)
    assert answer["Location"] == action.origin_link == f"{PAGE}?place={team.pk}&duty=cin_visit"
    listed = client.get(action.origin_link)
    [line] = [each for each in listed.context["rows"] if each["line"].reference == "C2"]
    assert [one.pk for one in line["actions"]] == [action.pk]
    page = client.get(reverse("actions:detail", args=[action.pk])).content.decode()
    assert "What is overdue for a child" in page
    assert f'href="{action.origin_link.replace("&", "&amp;")}"' in page


def test_an_action_without_words_is_asked_for_again_and_nothing_is_kept(computed: Extract, team_manager: User) -> None:
    case, indicator = Case.objects.get(reference="C2"), Indicator.objects.get(code="cin_visit_3w")
    address = reverse("assurance_clinics:act_on_case", args=[indicator.pk, case.pk])
    answer = as_person(team_manager).post(address, {"what": "", "how_we_know": "It is recorded."})
    assert "It is recorded." in answer.content.decode()
    assert not Action.objects.exists()


def test_only_a_duty_can_be_acted_on(computed: Extract, team_manager: User) -> None:
    case, other = Case.objects.get(reference="C2"), Indicator.objects.get(code="re_referral_12m")
    address = reverse("assurance_clinics:act_on_case", args=[other.pk, case.pk])
    assert as_person(team_manager).get(address).status_code == 404


def test_a_foreign_list_is_not_found(computed: Extract, team_manager: User, other_team: OrgUnit) -> None:
    assert as_person(team_manager).get(PAGE, {"place": str(other_team.pk)}).status_code == 404
    ada = person_as(Role.PRACTITIONER, team_manager.units_as(Role.TEAM_MANAGER)[0], name="Ada Example")
    assert as_person(ada).get(PAGE, {"place": str(other_team.pk)}).status_code == 404


def test_an_open_assessment_past_its_day_is_on_the_list(team: OrgUnit, qa_lead: User) -> None:
    started = [add_working_days(AS_AT, -days) for days in (46, 45)]
    rows = [headings(4, layout="2024"), *(row(4, f"S{place}", layout="2024", start_date=day, authorised_date="")
            for place, day in enumerate(started))]  # fmt: skip
    keep(small_workbook(list_4=rows))
    listed = as_person(qa_lead).get(PAGE, {"place": str(team.pk), "duty": "assessment"}).context["rows"]
    [line] = [each["line"] for each in listed]
    assert (line.reference, line.overdue_since) == ("S0", line.due + timedelta(days=1))
