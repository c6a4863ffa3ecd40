"""Roles come and go by their dates, several add up, and nobody grants their own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import services
from accounts.access import SYSTEM, NotAllowed, people_as, unit_scope
from accounts.choices import Role
from accounts.models import Membership, OrgUnit, User
from tests.factories.accounts import UserFactory, give_role, person_as

pytestmark = pytest.mark.django_db


def test_several_roles_add_up(team: OrgUnit, directorate: OrgUnit) -> None:
    user = person_as(Role.PRACTITIONER, team)
    give_role(user, Role.AUDITOR, directorate)
    assert user.roles() == {Role.PRACTITIONER, Role.AUDITOR}


@pytest.mark.parametrize(
    ("starts", "ends", "holds"),
    [(-10, None, True), (0, 0, True), (-10, 0, True), (-10, -1, False), (1, None, False)],
)
def test_a_role_holds_on_its_first_and_last_day_and_between(
    team: OrgUnit, starts: int, ends: int | None, holds: bool
) -> None:
    today = timezone.localdate()
    user = person_as(
        Role.TEAM_MANAGER,
        team,
        starts_on=today + timedelta(days=starts),
        ends_on=None if ends is None else today + timedelta(days=ends),
    )
    assert user.holds(Role.TEAM_MANAGER) is holds
    assert (user in people_as([Role.TEAM_MANAGER], [team])) is holds


def test_somebody_who_left_holds_nothing(team: OrgUnit) -> None:
    user = person_as(Role.TEAM_MANAGER, team)
    user.is_active = False
    user.save()
    assert User.objects.get(pk=user.pk).roles() == set()
    assert people_as([Role.TEAM_MANAGER], [team]) == []


def test_a_head_of_service_reaches_the_teams_below_and_nothing_beside(
    head_of_service: User, service: OrgUnit, team: OrgUnit, other_service: OrgUnit, other_team: OrgUnit
) -> None:
    assert other_team.parent == other_service
    assert set(unit_scope(head_of_service, Role.HEAD_OF_SERVICE)) == {service.pk, team.pk}


def test_people_above_a_team_are_found_for_it(
    team: OrgUnit, team_manager: User, service_lead: User, head_of_service: User
) -> None:
    assert people_as([Role.TEAM_MANAGER, Role.SERVICE_LEAD], [team]) == sorted(
        [team_manager, service_lead], key=lambda user: user.name
    )


def test_nobody_grants_themselves_a_role(qa_lead: User, directorate: OrgUnit) -> None:
    before = Membership.objects.count()
    with pytest.raises(NotAllowed, match="your own roles"):
        services.grant_role(user=qa_lead, role=Role.SYSTEM_ADMINISTRATOR, unit=directorate, by=qa_lead)
    assert Membership.objects.count() == before


def test_a_practitioner_grants_nobody_anything(practitioner: User, team: OrgUnit) -> None:
    other = UserFactory()
    before = Membership.objects.count()
    with pytest.raises(NotAllowed):
        services.grant_role(user=other, role=Role.TEAM_MANAGER, unit=team, by=practitioner)
    assert Membership.objects.count() == before


def test_a_grant_is_written_once_and_recorded(team: OrgUnit) -> None:
    from core.history.models import Event

    user = UserFactory()
    for _ in range(2):
        services.grant_role(user=user, role=Role.PRACTITIONER, unit=team, by=SYSTEM, starts_on=date(2026, 1, 5))
    assert Event.objects.filter(kind="accounts.membership", verb="granted").count() == 1


def test_a_unit_of_the_same_name_is_found_not_made_again(service: OrgUnit) -> None:
    first = services.open_unit(kind="team", name="Otter", parent=service, by=SYSTEM)
    assert services.open_unit(kind="team", name="  OTTER ", parent=service, by=SYSTEM) == first


def test_the_first_people_come_by_a_command(db: None) -> None:
    from io import StringIO

    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match="Name the directorate"):
        call_command("add_person", "quinn@exampleshire.example", "Quinn Example")
    with pytest.raises(CommandError, match="in the right form"):
        call_command("add_person", "quinn", "Quinn Example", directorate="Children")
    assert not OrgUnit.objects.exists()
    for _ in range(2):
        said = StringIO()
        call_command("add_person", "quinn@exampleshire.example", "Quinn Example", directorate="Children", stdout=said)
        assert "/account/password/reset/key/" in said.getvalue()
    assert User.objects.get().roles() == {Role.QA_LEAD}
    assert Membership.objects.count() == 1


def test_only_the_system_gives_a_strong_role_by_itself(qa_lead: User, directorate: OrgUnit) -> None:
    other = UserFactory()
    for role in (Role.QA_LEAD, Role.SYSTEM_ADMINISTRATOR):
        with pytest.raises(NotAllowed, match="Two people"):
            services.grant_role(user=other, role=role, unit=directorate, by=qa_lead)
    assert not other.memberships.exists()
