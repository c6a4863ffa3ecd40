"""Joiners, movers and leavers by file: looked at first, applied once, and the same file twice changes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import Membership, OrgUnit, User
from accounts.readers import read_people
from accounts.services import import_people
from core.history.models import Event
from core.jobs.models import FileImport, Job
from core.jobs.services import ImportOutcome, run_due
from core.spreadsheets import UnreadableFile
from tests.factories.accounts import UserFactory, give_role, person_as
from tests.factories.spreadsheets import workbook

pytestmark = pytest.mark.django_db
HEADER = "change,date,email,name,job_title,role,service,team"
START = "2026-01-05"


def bring_in(by: Any, *lines: str, apply: bool = True, **options: Any) -> ImportOutcome:
    data = "\n".join([HEADER, *lines]).encode()
    return import_people(content=read_people(data=data, filename="people.csv"), by=by, apply=apply, **options)


def everything() -> list[Any]:
    """All that a file may change."""
    return [list(model.objects.order_by("pk").values()) for model in (User, Membership, OrgUnit, Event, Job)]


def test_a_joiner_is_added_invited_and_given_a_role(qa_admin: User, team: OrgUnit) -> None:
    line = f"joiner,05/01/2026,Nova@exampleshire.example,Nova Example,Social worker,Practitioner,,{team.name}"
    outcome = bring_in(qa_admin, line)
    user = User.objects.get(email="nova@exampleshire.example")
    held = user.memberships.get()
    assert (outcome.counts["new"], outcome.counts["rejected"]) == (1, 0)
    assert (held.role, held.unit, held.starts_on, held.ends_on) == (Role.PRACTITIONER, team, date(2026, 1, 5), None)
    assert Job.objects.filter(kind="send_password_link", payload__user_id=str(user.pk)).exists()


def test_looking_at_a_file_writes_nothing(qa_admin: User, team: OrgUnit, practitioner: User) -> None:
    before = everything()
    outcome = bring_in(
        qa_admin,
        f"joiner,{START},nova@exampleshire.example,Nova Example,,Practitioner,,{team.name}",
        f"leaver,{START},{practitioner.email},,,,,",
        apply=False,
    )
    assert (outcome.counts["new"], outcome.counts["closed"]) == (1, 1)
    assert everything() == before


def test_a_mover_keeps_both_roles_with_their_dates(
    qa_admin: User, practitioner: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    bring_in(qa_admin, f"mover,2026-03-02,{practitioner.email},,Senior,practitioner,,{other_team.name}")
    held = [(each.unit, each.starts_on, each.ends_on) for each in practitioner.memberships.order_by("starts_on")]
    assert held == [
        (team, date(2020, 1, 1), date(2026, 3, 1)),
        (other_team, date(2026, 3, 2), None),
    ]
    practitioner.refresh_from_db()
    assert practitioner.job_title == "Senior"


def test_a_leaver_is_out_at_once(qa_admin: User, practitioner: User) -> None:
    theirs = Client()
    theirs.force_login(practitioner)
    assert bring_in(qa_admin, f"leaver,{START},{practitioner.email},,,,,").counts["closed"] == 1
    assert theirs.get("/").status_code == 302


def test_the_same_file_twice_changes_nothing(
    qa_admin: User, practitioner: User, team_manager: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    lines = [
        f"joiner,{START},nova@exampleshire.example,Nova Example,,Practitioner,,{team.name}",
        f"mover,2026-02-02,nova@exampleshire.example,,,Practitioner,,{other_team.name}",
        f"mover,2026-03-02,{practitioner.email},,,Practitioner,,{other_team.name}",
        f"leaver,2026-04-01,{team_manager.email},,,,,",
    ]
    first = bring_in(qa_admin, *lines)
    assert (first.counts["accepted"], first.counts["rejected"]) == (4, 0)
    before = everything()
    second = bring_in(qa_admin, *lines)
    assert second.counts["unchanged"] == 4
    assert everything() == before


def test_a_joiner_after_their_last_day_comes_back(qa_admin: User, practitioner: User, team: OrgUnit) -> None:
    bring_in(qa_admin, f"leaver,{START},{practitioner.email},,,,,")
    bring_in(qa_admin, f"joiner,2026-06-01,{practitioner.email},,,Practitioner,,{team.name}")
    user = User.objects.get(pk=practitioner.pk)
    assert user.is_active
    assert user.memberships.filter(starts_on=date(2026, 6, 1)).count() == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("promoted,2026-01-05,a@example.example,A,,,,", "joiner, mover, leaver"),
        ("joiner,31/02/2026,a@example.example,A,,,,", "real date"),
        ("joiner,05/01/26,a@example.example,A,,,,", "real date"),
        ("joiner,2026-01-05,not an address,A,,,,", "e-mail address"),
        ("joiner,2026-01-05,a@example.example,,,,,", "needs a name"),
        ("joiner,2026-01-05,a@example.example,A,,Wizard,,Heron", "Write one of: Auditor"),
        ("joiner,2026-01-05,a@example.example,A,,QA lead,Family Safeguarding,", "Two people"),
        ("joiner,2026-01-05,a@example.example,A,,SA,Family Safeguarding,", "Two people"),
        ("joiner,2026-01-05,a@example.example,A,,Practitioner,,Nowhere", "no open team called Nowhere"),
        ("joiner,2026-01-05,a@example.example,A,,Practitioner,,", "both a role and where"),
        ("mover,2026-01-05,nobody@example.example,,,Practitioner,,Heron", "Nobody here"),
        ("leaver,2026-01-05,nobody@example.example,,,,,", "Nobody here"),
    ],
)
def test_a_row_that_cannot_be_applied_is_refused_with_its_reason(
    qa_admin: User, team: OrgUnit, line: str, reason: str
) -> None:
    before = everything()
    outcome = bring_in(qa_admin, line, apply=False)
    assert (outcome.counts["rejected"], outcome.refusals[0].row) == (1, 2)
    assert reason in outcome.refusals[0].reason
    assert everything() == before


def test_nobody_changes_their_own_account_by_a_file(qa_admin: User, team: OrgUnit) -> None:
    outcome = bring_in(
        qa_admin,
        f"joiner,{START},{qa_admin.email},,,Head of service,,{team.name}",
        f"leaver,{START},{qa_admin.email},,,,,",
        apply=False,
    )
    assert outcome.counts["rejected"] == 2


def test_many_leavers_have_to_be_confirmed(qa_admin: User, team: OrgUnit) -> None:
    from core.jobs.services import CannotApply

    leavers = [person_as(Role.PRACTITIONER, team) for _ in range(6)]
    lines = [f"leaver,{START},{user.email},,,,," for user in leavers]
    assert bring_in(qa_admin, *lines, apply=False).confirm == 6
    with pytest.raises(CannotApply):
        bring_in(qa_admin, *lines)
    assert User.objects.filter(is_active=False).count() == 0
    bring_in(qa_admin, *lines, confirm=6)
    assert User.objects.filter(is_active=False).count() == 6


def test_others_bring_nobody_in(team_manager: User, practitioner: User) -> None:
    before = everything()
    with pytest.raises(NotAllowed):
        bring_in(team_manager, f"leaver,{START},{practitioner.email},,,,,")
    assert everything() == before


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"change,name\njoiner,A\n"])
def test_a_file_that_is_none_is_refused_whole(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_people(data=data, filename="people.csv")


def test_it_goes_through_the_import_pages(qa_admin: User, team: OrgUnit, client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(qa_admin)
    line = f"joiner,{START},nova@exampleshire.example,Nova Example,,Practitioner,,{team.name}"
    file = SimpleUploadedFile("people.csv", f"\ufeff{HEADER}\r\n{line}\r\n".encode())
    client.post(reverse("jobs:give_file", args=["people"]), {"file": file})
    run_due()
    given = FileImport.objects.get()
    assert client.get(reverse("jobs:import", args=[given.pk])).status_code == 200
    assert not User.objects.filter(email="nova@exampleshire.example").exists()
    client.post(reverse("jobs:apply_import", args=[given.pk]))
    run_due()
    assert User.objects.get(email="nova@exampleshire.example").memberships.count() == 1


def test_a_leaver_of_tomorrow_works_today(qa_admin: User, practitioner: User) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    bring_in(qa_admin, f"leaver,{tomorrow.isoformat()},{practitioner.email},,,,,")
    user = User.objects.get(pk=practitioner.pk)
    assert (user.is_active, user.left_on) == (True, tomorrow)


def test_two_roles_of_one_person_move_apart(qa_admin: User, team: OrgUnit, other_team: OrgUnit) -> None:
    user = UserFactory()
    give_role(user, Role.PRACTITIONER, team)
    give_role(user, Role.AUDITOR, team)
    bring_in(qa_admin, f"mover,{START},{user.email},,,Auditor,,{other_team.name}")
    assert user.memberships.get(role=Role.PRACTITIONER).ends_on is None
    assert user.memberships.get(role=Role.AUDITOR, unit=team).ends_on == date(2026, 1, 4)


def test_a_moment_is_a_day_and_words_for_nothing_are_blank() -> None:
    lines = [
        HEADER,
        "leaver,2026-01-05 09:30:00,a@exampleshire.example,NULL,NULL,NULL,NULL,NULL",
        "leaver,05/01/2026 00:00,b@exampleshire.example,-,-,-,-,-",
    ]
    found = read_people(data="\n".join(lines).encode(), filename="leavers.dat")
    assert [(one.on, one.name, one.role, one.team) for one in found.rows] == [(date(2026, 1, 5), "", "", "")] * 2
    assert [(one.row, one.value) for one in found.warnings] == [(2, "NULL")] * 5 + [(3, "-")] * 5


def test_a_second_sheet_of_people_is_named() -> None:
    header = HEADER.split(",")
    data = workbook({"Joiners": [header], "Leavers": [header, ["leaver", date(2026, 1, 5), "a@exampleshire.example"]]})
    assert [one.column for one in read_people(data=data, filename="a.xlsx").warnings] == ["Leavers"]
