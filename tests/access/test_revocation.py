"""Whatever somebody may do ends with the very next request after it was taken away, in the session that is open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, RecordGrant, User
from audits.models import Audit, Moderation
from cases.models import Case, NamedPerson, Worker
from tests.access.asking import address, ask, browsers
from tests.access.bodies import BODIES
from tests.access.world import World

pytestmark = pytest.mark.django_db


def _role_ends(world: World, key: str) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=world.user(key)).update(ends_on=yesterday)


def _unit_moves(world: World, key: str) -> None:
    far = world.the("case", "far in_progress").row
    unit = far.team if key in ("team_manager", "practitioner") else far.service
    Membership.objects.filter(user=world.user(key)).update(unit=unit)


def _deactivated(world: World, key: str) -> None:
    User.objects.filter(pk=world.user(key).pk).update(is_active=False)


def _reassigned(world: World, key: str) -> None:
    Audit.objects.filter(auditor=world.user(key)).update(auditor=world.user("far_auditor"))


def _holds_no_more(world: World, key: str) -> None:
    Worker.objects.filter(user=world.user(key)).update(user=None)


def _restricted(world: World, key: str) -> None:
    Case.objects.update(restricted=True)


def _unnamed(world: World, key: str) -> None:
    NamedPerson.objects.filter(user=world.user(key)).delete()


def _taken_by_another(world: World, key: str) -> None:
    Moderation.objects.update(status="opened", moderator=world.user("far_moderator"))


TAKEN: tuple[tuple[str, str, str, str, Callable[[World, str], None], int], ...] = (
    ("qa_lead", "audits:detail", "audit", "far in_progress", _role_ends, 404),
    ("qa_lead", "audits:allocate", "audit", "near planned", _role_ends, 404),
    ("qa_lead", "audits:detail", "audit", "near in_progress", _restricted, 404),
    ("qa_lead", "jobs:import", "import", "ready", _role_ends, 404),
    ("qa_lead", "audits:detail", "audit", "far in_progress", _deactivated, 302),
    ("team_manager", "audits:detail", "audit", "near feedback_issued", _role_ends, 404),
    ("team_manager", "audits:detail", "audit", "near feedback_issued", _unit_moves, 404),
    ("team_manager", "audits:alert", "alert", "near in_progress", _unit_moves, 404),
    ("team_manager", "cases:detail", "case", "near in_progress", _restricted, 404),
    ("head_of_service", "audits:detail", "audit", "near submitted", _unit_moves, 404),
    ("practitioner", "audits:detail", "audit", "near feedback_issued", _holds_no_more, 404),
    ("practitioner", "cases:detail", "case", "near in_progress", _role_ends, 404),
    ("auditor", "audits:section", "section", "near in_progress", _role_ends, 404),
    ("auditor", "audits:section", "section", "near in_progress", _reassigned, 404),
    ("auditor", "audits:section", "section", "near in_progress", _deactivated, 302),
    ("moderator", "audits:moderate", "moderation", "near submitted", _role_ends, 404),
    ("moderator", "audits:moderate", "moderation", "near submitted", _taken_by_another, 404),
    ("named", "cases:detail", "case", "restricted own", _unnamed, 404),
    ("named", "cases:detail", "case", "restricted own", _role_ends, 404),
    ("panel_member", "learning:summary", "summary", "of the month", _role_ends, 404),
    ("duty_manager", "audits:alert", "alert", "far in_progress", _role_ends, 404),
)


@pytest.mark.parametrize(("key", "name", "kind", "thing", "take", "status"), TAKEN)
def test_the_next_request_is_refused(
    key: str, name: str, kind: str, thing: str, take: Callable[[World, str], None], status: int, world: World
) -> None:
    client, path = browsers(world.people)[key], address(name, world.the(kind, thing))
    assert ask(client, "GET", path).status == 200
    take(world, key)
    answer = ask(client, "GET", path)
    assert (answer.status, answer.words) == (status, frozenset())


def test_a_draft_cannot_be_saved_after_it_was_given_to_somebody_else(world: World) -> None:
    client, section = browsers(world.people)["auditor"], world.the("section", "near in_progress")
    body = BODIES["audits:section_autosave"](world, section)
    assert ask(client, "POST", address("audits:section_autosave", section), body).status == 200
    _reassigned(world, "auditor")
    section.row.refresh_from_db()
    answer = ask(client, "POST", address("audits:section_autosave", section), body | {"version": section.row.version})
    assert (answer.status, answer.written) == (404, frozenset())


def test_sight_that_was_lent_ends_at_its_hour_and_with_the_role(world: World) -> None:
    client, case = browsers(world.people)["far_manager"], world.the("case", "near in_progress")
    path = address("cases:detail", case)
    assert ask(client, "GET", path).status == 404
    lent = RecordGrant.objects.create(
        user=world.user("far_manager"), kind="cases.case", object_id=case.row.pk, why="For a test of an hour",
        until=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    assert ask(client, "GET", path).status == 200
    RecordGrant.objects.filter(pk=lent.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert ask(client, "GET", path).status == 404
    RecordGrant.objects.filter(pk=lent.pk).update(until=timezone.now() + timedelta(hours=1))
    _role_ends(world, "far_manager")
    assert ask(client, "GET", path).status == 404


def test_a_session_of_somebody_deactivated_is_gone_for_good(world: World) -> None:
    client = browsers(world.people)["qa_lead"]
    assert ask(client, "GET", reverse("worklist:home")).status == 200
    _deactivated(world, "qa_lead")
    assert ask(client, "GET", reverse("worklist:home")).location.startswith(reverse("account_login"))
    User.objects.filter(pk=world.user("qa_lead").pk).update(is_active=True)
    assert ask(client, "GET", reverse("worklist:home")).location.startswith(reverse("account_login"))
