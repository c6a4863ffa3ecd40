"""The pages of people: found, added, changed, given roles, marked as having left; refused twice over to others."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.access import SYSTEM
from accounts.choices import GrantStatus, Role
from accounts.models import GrantRequest, Membership, OrgUnit, User
from core.history.models import Event
from core.jobs.models import Job
from tests.factories.accounts import UserFactory, give_role, person_as

pytestmark = pytest.mark.django_db


def boxes(name: str, day: date) -> dict[str, str]:
    """A date as its three boxes are posted."""
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def role_data(role: str, unit: OrgUnit, **more: str) -> dict[str, str]:
    """A filled-in form for a role from today."""
    return {"role": role, "unit": str(unit.pk), "why": "Needed", **boxes("starts_on", timezone.localdate()), **more}


@pytest.fixture
def as_lead(client: Client, qa_lead: User) -> Client:
    client.force_login(qa_lead)
    return client


def test_the_list_shows_who_works_here_with_their_roles(as_lead: Client, practitioner: User, team: OrgUnit) -> None:
    gone = UserFactory(name="Gone Example", is_active=False)
    text = as_lead.get(reverse("accounts:people")).content.decode()
    assert practitioner.name in text
    assert f"Practitioner, {team.name}" in text
    assert gone.name not in text
    assert gone.name in as_lead.get(reverse("accounts:people"), {"state": "left"}).content.decode()


def test_the_list_is_narrowed_by_role_and_place(
    as_lead: Client, practitioner: User, team_manager: User, service: OrgUnit, other_service: OrgUnit
) -> None:
    url = reverse("accounts:people")
    text = as_lead.get(url, {"role": Role.TEAM_MANAGER}).content.decode()
    assert team_manager.name in text
    assert practitioner.name not in text
    assert practitioner.name in as_lead.get(url, {"unit": str(service.pk)}).content.decode()
    assert practitioner.name not in as_lead.get(url, {"unit": str(other_service.pk)}).content.decode()


def test_a_name_is_searched_by_posting(as_lead: Client, practitioner: User, team_manager: User) -> None:
    text = as_lead.post(reverse("accounts:people"), {"name": "parker ex"}).content.decode()
    assert practitioner.name in text
    assert team_manager.name not in text
    again = as_lead.post(reverse("accounts:people"), {"name": ""})
    assert "Enter part of a name" in again.content.decode()


def test_somebody_is_added_and_invited(as_lead: Client) -> None:
    data = {"name": "Nova Example", "email": "Nova@Exampleshire.example", "job_title": "Auditor"}
    response = as_lead.post(reverse("accounts:add"), data)
    user = User.objects.get(email="nova@exampleshire.example")
    assert response.headers["Location"] == reverse("accounts:grant", args=[user.pk])
    assert user.roles() == set()
    assert not user.has_usable_password()
    assert Job.objects.filter(kind="send_password_link", payload__user_id=str(user.pk)).count() == 1


def test_an_address_that_somebody_has_is_not_taken_twice(as_lead: Client, practitioner: User) -> None:
    before = User.objects.count()
    response = as_lead.post(reverse("accounts:add"), {"name": "Twin", "email": practitioner.email.upper()})
    assert "has this e-mail address already" in response.content.decode()
    assert User.objects.count() == before


def test_a_role_is_given_with_its_dates_and_ended_with_a_reason(as_lead: Client, team: OrgUnit) -> None:
    user = UserFactory()
    as_lead.post(reverse("accounts:grant", args=[user.pk]), role_data(Role.PRACTITIONER, team))
    held = Membership.objects.get(user=user)
    assert (held.starts_on, held.ends_on) == (timezone.localdate(), None)
    end = reverse("accounts:end_role", args=[user.pk, held.pk])
    assert "Say why" in as_lead.post(end, boxes("ends_on", timezone.localdate())).content.decode()
    as_lead.post(end, {**boxes("ends_on", timezone.localdate()), "why": "Moved on"})
    held.refresh_from_db()
    assert held.ends_on == timezone.localdate()
    assert Event.objects.get(kind="accounts.membership", verb="ended").content.why == "Moved on"
    assert "Moved on" in as_lead.get(reverse("accounts:person", args=[user.pk])).content.decode()


def test_a_role_ended_yesterday_gives_nothing_on_the_next_request(as_lead: Client, team: OrgUnit) -> None:
    user = person_as(Role.QA_ADMIN, team)
    other = Client()
    other.force_login(user)
    assert other.get(reverse("accounts:people")).status_code == 200
    held = user.memberships.get()
    yesterday = timezone.localdate() - timedelta(days=1)
    as_lead.post(reverse("accounts:end_role", args=[user.pk, held.pk]), {**boxes("ends_on", yesterday), "why": "x"})
    assert other.get(reverse("accounts:people")).status_code == 403


def test_a_role_is_not_given_twice_for_the_same_time(as_lead: Client, practitioner: User, team: OrgUnit) -> None:
    response = as_lead.post(reverse("accounts:grant", args=[practitioner.pk]), role_data(Role.PRACTITIONER, team))
    assert "already" in response.content.decode()
    assert practitioner.memberships.count() == 1


@pytest.mark.parametrize("role", [Role.QA_LEAD, Role.SYSTEM_ADMINISTRATOR])
def test_a_strong_role_gives_nothing_until_a_second_person_approves(
    as_lead: Client, system_administrator: User, directorate: OrgUnit, role: str
) -> None:
    user = UserFactory()
    as_lead.post(reverse("accounts:grant", args=[user.pk]), role_data(role, directorate))
    asked = GrantRequest.objects.get()
    assert (asked.status, Membership.objects.filter(user=user).count()) == (GrantStatus.PENDING, 0)
    theirs = Client()
    theirs.force_login(user)
    assert theirs.get(reverse("accounts:people")).status_code == 403
    decide = reverse("accounts:decide", args=[asked.pk])

    answer = as_lead.post(decide, {"decision": "approve"})
    assert answer.status_code == 403 or "Choose one of the answers shown" in answer.content.decode()
    assert not Membership.objects.filter(user=user).exists()

    second = Client()
    second.force_login(system_administrator)
    assert second.post(decide, {"decision": "approve"}).status_code == 302
    assert User.objects.get(pk=user.pk).holds(role)
    asked.refresh_from_db()
    assert asked.decided_by == system_administrator
    assert "already" in second.post(decide, {"decision": "decline", "why": "Too late"}).content.decode()


def test_a_qa_admin_is_no_second_person(qa_lead: User, qa_admin: User, directorate: OrgUnit, client: Client) -> None:
    user = UserFactory()
    asked = services.ask_for_role(user=user, role=Role.QA_LEAD, unit=directorate, by=qa_lead, why="Cover")
    assert isinstance(asked, GrantRequest)
    client.force_login(qa_admin)
    assert client.post(reverse("accounts:decide", args=[asked.pk]), {"decision": "approve"}).status_code in (200, 403)
    assert not Membership.objects.filter(user=user).exists()


def test_a_request_can_be_declined_with_a_reason(
    qa_lead: User, system_administrator: User, directorate: OrgUnit, client: Client
) -> None:
    asked = services.ask_for_role(user=UserFactory(), role=Role.QA_LEAD, unit=directorate, by=qa_lead, why="Cover")
    client.force_login(system_administrator)
    url = reverse("accounts:decide", args=[asked.pk])
    assert "Say why you decline" in client.post(url, {"decision": "decline"}).content.decode()
    client.post(url, {"decision": "decline", "why": "Not agreed"})
    asked.refresh_from_db()
    assert asked.status == GrantStatus.DECLINED
    assert not Membership.objects.filter(user=asked.user).exists()


def test_nobody_touches_their_own_account(as_lead: Client, qa_lead: User, directorate: OrgUnit) -> None:
    before = Membership.objects.count()
    held = qa_lead.memberships.get()
    for name, args, data in [
        ("grant", [qa_lead.pk], role_data(Role.AUDITOR, directorate)),
        ("edit", [qa_lead.pk], {"name": "Other", "email": qa_lead.email}),
        ("leave", [qa_lead.pk], {**boxes("last_day", timezone.localdate()), "why": "x"}),
        ("forget_second_factors", [qa_lead.pk], {"why": "x"}),
        ("end_role", [qa_lead.pk, held.pk], {**boxes("ends_on", timezone.localdate()), "why": "x"}),
    ]:
        assert as_lead.post(reverse(f"accounts:{name}", args=args), data).status_code == 403, name
    qa_lead.refresh_from_db()
    assert (Membership.objects.count(), qa_lead.is_active, qa_lead.name) == (before, True, "Quinn Example-Lead")


def test_a_role_of_somebody_else_is_not_reached_through_this_person(
    as_lead: Client, practitioner: User, team_manager: User
) -> None:
    held = team_manager.memberships.get()
    url = reverse("accounts:end_role", args=[practitioner.pk, held.pk])
    assert as_lead.post(url, {**boxes("ends_on", timezone.localdate()), "why": "x"}).status_code == 404
    held.refresh_from_db()
    assert held.ends_on is None


def test_whoever_leaves_is_out_on_the_very_next_request(as_lead: Client, team_manager: User) -> None:
    theirs = Client()
    theirs.force_login(team_manager)
    assert theirs.get("/").status_code == 200
    url = reverse("accounts:leave", args=[team_manager.pk])
    as_lead.post(url, {**boxes("last_day", timezone.localdate()), "why": "New job"})
    assert theirs.get("/").status_code == 302
    team_manager.refresh_from_db()
    held = team_manager.memberships.get()
    assert (team_manager.is_active, team_manager.left_on) == (False, timezone.localdate())
    assert held.ends_on == timezone.localdate()


def test_whoever_comes_back_holds_nothing_and_old_sessions_stay_dead(as_lead: Client, team_manager: User) -> None:
    theirs = Client()
    theirs.force_login(team_manager)
    services.mark_as_left(user=team_manager, by=SYSTEM, why="x", last_day=timezone.localdate() - timedelta(days=1))
    as_lead.post(reverse("accounts:bring_back", args=[team_manager.pk]), {"why": "Returned"})
    assert theirs.get("/").status_code == 302
    assert User.objects.get(pk=team_manager.pk).roles() == set()


def test_a_last_day_to_come_is_kept_until_then(as_lead: Client, team_manager: User) -> None:
    friday = timezone.localdate() + timedelta(days=4)
    url = reverse("accounts:leave", args=[team_manager.pk])
    as_lead.post(url, {**boxes("last_day", friday), "why": "New job"})
    user = User.objects.get(pk=team_manager.pk)
    assert (user.is_active, user.memberships.get().ends_on) == (True, friday)
    assert services.close_accounts_of_leavers(by=SYSTEM, today=friday) == 0
    assert services.close_accounts_of_leavers(by=SYSTEM, today=friday + timedelta(days=1)) == 1
    assert not User.objects.get(pk=team_manager.pk).is_active


def test_the_last_keeper_of_people_stays(qa_lead: User, qa_admin: User, client: Client) -> None:
    client.force_login(qa_admin)
    url = reverse("accounts:leave", args=[qa_lead.pk])
    response = client.post(url, {**boxes("last_day", timezone.localdate()), "why": "x"})
    assert "Nobody would be left" in response.content.decode()
    qa_lead.refresh_from_db()
    assert qa_lead.is_active


def test_a_second_factor_is_taken_away_with_its_sessions(as_lead: Client, team_manager: User) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=team_manager, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=team_manager, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    theirs = Client()
    theirs.force_login(team_manager)
    as_lead.post(reverse("accounts:forget_second_factors", args=[team_manager.pk]), {"why": "Lost her phone"})
    assert not Authenticator.objects.filter(user=team_manager).exists()
    assert theirs.get("/").status_code == 302


PAGES = [
    ("people", False), ("add", False), ("pending", False), ("to_reassign", False), ("structure", False),
    ("add_unit", False), ("person", True), ("edit", True), ("leave", True), ("bring_back", True), ("grant", True),
    ("forget_second_factors", True),
]  # fmt: skip
OTHERS = [
    "auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
    "principal_social_worker", "panel_member", "read_only", "information_governance", "duty_manager",
]  # fmt: skip


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_opens_or_changes_anything(role: str, request: pytest.FixtureRequest, directorate: OrgUnit) -> None:
    user = request.getfixturevalue(role)
    subject = UserFactory()
    client = Client()
    client.force_login(user)
    counts = (User.objects.count(), Membership.objects.count(), Event.objects.count(), OrgUnit.objects.count())
    for name, about_person in PAGES:
        url = reverse(f"accounts:{name}", args=[subject.pk] if about_person else [])
        assert client.get(url).status_code == 403, name
        data = {"why": "x", "name": "X", "email": "x@example.example", **role_data(Role.QA_LEAD, directorate)}
        assert client.post(url, data).status_code in (403, 405), name
    after = (User.objects.count(), Membership.objects.count(), Event.objects.count(), OrgUnit.objects.count())
    assert after == counts


@pytest.mark.parametrize("role", ["qa_lead", "qa_admin", "system_administrator"])
def test_the_keepers_of_people_open_every_page(role: str, request: pytest.FixtureRequest) -> None:
    client = Client()
    client.force_login(request.getfixturevalue(role))
    subject = UserFactory()
    for name, about_person in PAGES:
        url = reverse(f"accounts:{name}", args=[subject.pk] if about_person else [])
        assert client.get(url).status_code == 200, name


def test_no_field_but_the_declared_ones_is_taken_from_a_form(as_lead: Client, practitioner: User) -> None:
    data = {"name": "Parker New", "email": practitioner.email, "is_staff": "on", "is_superuser": "on",
            "is_active": "", "session_epoch": "9", "password": "x"}  # fmt: skip
    as_lead.post(reverse("accounts:edit", args=[practitioner.pk]), data)
    before = practitioner.password
    practitioner.refresh_from_db()
    assert practitioner.name == "Parker New"
    assert (practitioner.is_staff, practitioner.is_superuser, practitioner.is_active) == (False, False, True)
    assert (practitioner.session_epoch, practitioner.password) == (0, before)


def test_a_new_address_ends_the_sessions(as_lead: Client, practitioner: User) -> None:
    theirs = Client()
    theirs.force_login(practitioner)
    as_lead.post(
        reverse("accounts:edit", args=[practitioner.pk]), {"name": practitioner.name, "email": "new@example.example"}
    )
    assert theirs.get("/").status_code == 302


@pytest.mark.parametrize("held", ["asked", "to come", "over"])
def test_a_role_not_in_force_gives_nothing(held: str, qa_lead: User, directorate: OrgUnit, client: Client) -> None:
    user = UserFactory()
    today = timezone.localdate()
    if held == "asked":
        services.ask_for_role(user=user, role=Role.QA_LEAD, unit=directorate, by=qa_lead, why="x")
    elif held == "to come":
        give_role(user, Role.QA_LEAD, directorate, starts_on=today + timedelta(days=1))
    else:
        give_role(user, Role.QA_LEAD, directorate, ends_on=today - timedelta(days=1))
    client.force_login(user)
    before = User.objects.count()
    for name, about_person in PAGES:
        url = reverse(f"accounts:{name}", args=[qa_lead.pk] if about_person else [])
        assert client.get(url).status_code == 403
        assert client.post(url, {"name": "X", "email": "x@example.example", "why": "x"}).status_code in (403, 405)
    assert User.objects.count() == before
