"""The home page shows each person their own work, and its figures equal the lists behind them."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import DjangoAssertNumQueries

from accounts.access import SYSTEM
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, ClockKind
from core.working_days import add_working_days
from learning.choices import SeatKind
from learning.models import Meeting, Pack
from learning.services import meetings, packs, panels
from tests.factories.actions import ActionFactory
from tests.factories.audits import AuditFactory, graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

ROLES = (
    "qa_lead", "qa_admin", "auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
    "principal_social_worker", "panel_member", "partner_auditor", "read_only", "information_governance",
    "duty_manager", "system_administrator",
)  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_home_on_an_empty_database(client: Client, request: pytest.FixtureRequest, role: str) -> None:
    client.force_login(request.getfixturevalue(role))
    response = client.get(reverse("worklist:home"))
    assert response.status_code == 200
    assert b"My work" in response.content


def test_somebody_without_a_role_is_told_whom_to_ask(client: Client, db: None) -> None:
    from tests.factories.accounts import UserFactory

    client.force_login(UserFactory())
    assert b"Ask your QA unit" in client.get(reverse("worklist:home")).content


def _group(response: Any, key: str) -> Any:
    return next(group for group in response.context["groups"] if group.key == key)


def test_an_auditor_sees_their_own_audits_and_nobody_elses(client: Client, auditor: User) -> None:
    today = timezone.localdate()
    late = AuditFactory(auditor=auditor, due_on=today - timedelta(days=10))
    AuditFactory(auditor=auditor, due_on=today)
    foreign = AuditFactory(status=AuditStatus.ALLOCATED)
    client.force_login(auditor)
    response = client.get(reverse("worklist:home"))
    assert _group(response, "to_do").count == 2
    assert _group(response, "to_do").items[0].url == reverse("audits:detail", args=[late.pk])
    assert "overdue" in _group(response, "to_do").items[0].hint
    assert foreign.reference not in response.content.decode()
    assert [tile.figure for tile in response.context["tiles"]] == ["1", "1", "2", "0", "0"]
    for tile in response.context["tiles"][:2]:
        assert str(client.get(tile.url).context["page"].paginator.count) == tile.figure, tile.label


def test_the_count_equals_the_list_that_it_leads_to(client: Client, auditor: User) -> None:
    for _ in range(11):
        AuditFactory(auditor=auditor)
    client.force_login(auditor)
    group = _group(client.get(reverse("worklist:home")), "to_do")
    listed = client.get(group.all_url)
    assert group.count == 11
    assert listed.context["page"].paginator.count == 11


def test_everything_that_waits_for_a_person_is_counted_at_the_top(client: Client, auditor: User) -> None:
    AuditFactory(auditor=auditor)
    ActionFactory(owner=auditor)
    client.force_login(auditor)
    response = client.get(reverse("worklist:home"))
    tile = next(tile for tile in response.context["tiles"] if tile.label == "waiting for me")
    assert _group(response, "to_do").count == _group(response, "actions").count == 1
    assert (tile.figure, tile.url) == ("2", "#group-to_do")


def test_a_team_manager_sees_feedback_only_once_it_is_issued(client: Client, team_manager: User, team: OrgUnit) -> None:
    issued = graded_audit(case=CaseFactory(team=team), feedback_issued_at=timezone.now())
    provisional = graded_audit(case=CaseFactory(team=team), status=AuditStatus.SUBMITTED)
    client.force_login(team_manager)
    page = client.get(reverse("worklist:home")).content.decode()
    assert issued.reference in page
    assert provisional.reference not in page


def test_the_page_asks_the_database_no_more_when_there_is_more_work(
    client: Client, qa_lead: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        AuditFactory(status=AuditStatus.PLANNED)
    client.force_login(qa_lead)
    with django_assert_max_num_queries(30):
        client.get(reverse("worklist:home"))


def _next_meetings(client: Client, person: User) -> Any:
    client.force_login(person)
    return _group(client.get(reverse("worklist:home")), "panels")


def test_members_of_a_panel_see_when_it_meets_and_whether_its_pack_is_ready(
    client: Client, qa_lead: User, principal_social_worker: User, panel_member: User
) -> None:
    chair, today = principal_social_worker, timezone.localdate()
    assert not _next_meetings(client, chair).items
    held = panels.set_up_panel(name="The panel", terms="What audits say about practice.", quorum=2, by=qa_lead)
    panels.seat_member(panel=held, user=chair, kind=SeatKind.CHAIR, by=qa_lead)
    on = add_working_days(today, 12)
    later = meetings.schedule_meetings(panel=held, first=on + timedelta(days=30), starts_at=time(9), place="", by=chair)
    (meeting,) = meetings.schedule_meetings(panel=held, first=on, starts_at=time(14), place="Room 1", by=chair)
    assert not _next_meetings(client, panel_member).items, "the role alone is no seat"
    panels.seat_member(panel=held, user=panel_member, kind=SeatKind.MEMBER, by=qa_lead)
    (line,) = _next_meetings(client, panel_member).items
    assert line.label == f"The panel, {date_format(on, 'j F Y')}"
    assert (line.status, line.hint) == (
        f"Pack expected on {date_format(add_working_days(on, -5), 'j F')}", "14:00, Room 1, in 12 working days"
    )  # fmt: skip
    assert line.url == reverse("learning:panel", args=[held.pk]), "the meeting opens to a member with its pack"
    assert _next_meetings(client, chair).items[0].url == reverse("learning:meeting", args=[meeting.pk])
    meetings.open_agenda(meeting=meeting, by=chair)
    packs.build_pack(meeting=meeting, by=SYSTEM)
    for person in (panel_member, chair):
        (line,) = _next_meetings(client, person).items
        assert (line.status, line.url) == (
            "Pack ready", reverse("learning:pack", args=[Pack.objects.get(meeting=meeting).pk])
        )  # fmt: skip
        assert client.get(line.url).status_code == 200
    meetings.cancel_meeting(meeting=Meeting.objects.get(pk=meeting.pk), why="Nobody can come.", by=chair)
    (line,) = _next_meetings(client, panel_member).items
    assert date_format(later[0].held_on, "j F Y") in line.label
    client.force_login(qa_lead)
    assert not any(group.key == "panels" for group in client.get(reverse("worklist:home")).context["groups"])


def test_overdue_actions_stand_at_the_top_and_equal_their_list(
    client: Client, team: OrgUnit, practitioner: User, team_manager: User
) -> None:
    today = timezone.localdate()
    case = CaseFactory(team=team)
    for days in (-3, -1, 3):
        ActionFactory(owner=practitioner, case=case, due_on=today + timedelta(days=days))
    ActionFactory(owner=team_manager, case=case, due_on=today - timedelta(days=2))
    for who, figure, url in (
        (team_manager, 3, reverse("actions:list") + "?show=overdue"),
        (practitioner, 2, "#group-actions"),
    ):
        client.force_login(who)
        tiles = {tile.label: tile for tile in client.get(reverse("worklist:home")).context["tiles"]}
        assert (tiles["actions overdue"].figure, tiles["actions overdue"].url) == (str(figure), url)
        if not url.startswith("#"):
            assert len(client.get(url).context["lines"]) == figure


def test_a_late_response_is_counted_at_the_top(client: Client, team: OrgUnit, team_manager: User) -> None:
    audit = graded_audit(team=team, status=AuditStatus.FEEDBACK_ISSUED)
    start = timezone.localdate() - timedelta(days=30)
    due = start + timedelta(days=20)
    audit.clocks.create(kind=ClockKind.RESPONSE, started_on=start, days=15, due_on=due, first_due_on=due)
    client.force_login(team_manager)
    response = client.get(reverse("worklist:home"))
    tile = next(tile for tile in response.context["tiles"] if tile.label == "response overdue")
    assert tile.figure == "1"
    assert _group(response, "to_answer").items[0].status == "Overdue"
    listed = client.get(tile.url).context["page"]
    assert [row.pk for row in listed] == [audit.pk]
