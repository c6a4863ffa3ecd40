"""The structure through a restructure: names and units change from a day on, and what was stays as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.access import SYSTEM, NotAllowed, people_as, unit_scope
from accounts.choices import Role
from accounts.models import OrgUnit, User
from core.history.models import Event
from tests.factories.accounts import TeamFactory
from tests.factories.audits import AuditFactory

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 31)


def test_a_former_name_stays_with_its_last_day(team: OrgUnit) -> None:
    services.rename_unit(unit=team, name="Osprey", by=SYSTEM, since=date(2026, 4, 1))
    services.rename_unit(unit=team, name="Otter", by=SYSTEM, since=date(2026, 9, 1))
    team = OrgUnit.objects.get(pk=team.pk)
    names = [team.name_on(day) for day in (MARCH, date(2026, 4, 1), date(2026, 8, 31), date(2026, 9, 1))]
    assert names == ["Heron", "Osprey", "Osprey", "Otter"]


def test_a_name_is_taken_once_among_open_units_of_a_service(team: OrgUnit, service: OrgUnit) -> None:
    TeamFactory(name="Osprey", parent=service)
    with pytest.raises(ValidationError, match="already an open team"):
        services.rename_unit(unit=team, name=" OSPREY", by=SYSTEM)
    team.refresh_from_db()
    assert team.name == "Heron"


def test_what_was_done_under_a_closed_team_stays_there_and_the_successor_sees_it(
    team: OrgUnit, service: OrgUnit, team_manager: User
) -> None:
    osprey = TeamFactory(name="Osprey", parent=service)
    audit = AuditFactory(team=team, service=service)
    services.close_unit(unit=team, by=SYSTEM, closed_on=MARCH, why="Restructure", successor=osprey)
    audit.refresh_from_db()
    assert audit.team == team
    manager = User.objects.get(pk=team_manager.pk)
    assert [(each.unit, each.starts_on, each.ends_on) for each in manager.memberships.order_by("starts_on")] == [
        (team, date(2020, 1, 1), MARCH),
        (osprey, MARCH + timedelta(days=1), None),
    ]
    assert set(unit_scope(manager, Role.TEAM_MANAGER)) == {team.pk, osprey.pk}
    assert people_as([Role.TEAM_MANAGER], [OrgUnit.objects.get(pk=team.pk)]) == [manager]


def test_without_a_successor_the_roles_end(team: OrgUnit, team_manager: User) -> None:
    services.close_unit(unit=team, by=SYSTEM, closed_on=MARCH, why="Closed")
    assert team_manager.memberships.get().ends_on == MARCH


def test_a_service_with_open_teams_stays_open(service: OrgUnit, team: OrgUnit) -> None:
    with pytest.raises(ValidationError, match=f"Close what is below it first: {team.name}"):
        services.close_unit(unit=service, by=SYSTEM, closed_on=MARCH, why="x")
    service.refresh_from_db()
    assert service.closed_on is None


def test_a_team_does_not_take_over_from_a_service(service: OrgUnit, other_team: OrgUnit) -> None:
    with pytest.raises(ValidationError, match="Only a service"):
        services.close_unit(unit=service, by=SYSTEM, closed_on=MARCH, why="x", successor=other_team)


def test_a_team_stands_in_a_service(directorate: OrgUnit) -> None:
    before = OrgUnit.objects.count()
    with pytest.raises(ValidationError, match="a team in a service"):
        services.open_unit(kind="team", name="Otter", parent=directorate, by=SYSTEM)
    assert OrgUnit.objects.count() == before


def test_the_pages_add_rename_and_close(client: Client, qa_admin: User, service: OrgUnit, team: OrgUnit) -> None:
    client.force_login(qa_admin)
    today = timezone.localdate()
    day = {"_day": str(today.day), "_month": str(today.month), "_year": str(today.year)}

    def on(name: str) -> dict[str, str]:
        return {f"{name}{part}": value for part, value in day.items()}

    data = {"kind": "team", "name": "Otter", "parent": str(service.pk), **on("opened_on")}
    client.post(reverse("accounts:add_unit"), data)
    otter = OrgUnit.objects.get(name="Otter")
    client.post(reverse("accounts:rename_unit", args=[otter.pk]), {"name": "Osprey", **on("since")})
    data = {"successor": str(otter.pk), "move_roles": "on", "why": "Merged", **on("closed_on")}
    client.post(reverse("accounts:close_unit", args=[team.pk]), data)
    text = client.get(reverse("accounts:structure"), {"closed": "1"}).content.decode()
    assert "Osprey" in text
    assert "Taken over by Osprey" in text
    assert Event.objects.get(kind="accounts.orgunit", verb="closed").content.why == "Merged"


def test_a_posted_successor_of_another_kind_is_refused(
    client: Client, qa_admin: User, service: OrgUnit, team: OrgUnit
) -> None:
    client.force_login(qa_admin)
    data = {"successor": str(service.pk), "why": "x", "closed_on_day": "1", "closed_on_month": "4",
            "closed_on_year": "2026"}  # fmt: skip
    assert client.post(reverse("accounts:close_unit", args=[team.pk]), data).status_code == 200
    team.refresh_from_db()
    assert team.closed_on is None


def test_a_team_manager_changes_no_structure(client: Client, team_manager: User, team: OrgUnit) -> None:
    before = (OrgUnit.objects.count(), Event.objects.count())
    with pytest.raises(NotAllowed):
        services.rename_unit(unit=team, name="Mine", by=team_manager)
    client.force_login(team_manager)
    for name in ("rename_unit", "close_unit"):
        assert client.post(reverse(f"accounts:{name}", args=[team.pk]), {"name": "Mine"}).status_code == 403
    team.refresh_from_db()
    assert (team.name, team.closed_on) == ("Heron", None)
    assert (OrgUnit.objects.count(), Event.objects.count()) == before
