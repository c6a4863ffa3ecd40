"""What is hidden cannot be felt for: by search, by filters, by a part under another whole, by a box in a form."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audits.models import Audit, AuditSection, Conversation
from tests.access.asking import Answer, address, ask, browsers, fingerprint
from tests.access.bodies import BODIES
from tests.access.people import Person
from tests.access.sight import may_read, sees
from tests.access.world import Thing, World, made_up

pytestmark = pytest.mark.django_db

SEARCHERS = ("auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service", "far_manager")
LISTS = (
    "audits:list",
    "audits:alerts",
    "audits:moderation_queue",
    "cases:list",
    "reports:monthly",
    "reports:breakdown",
)
# What somebody may write into an address by hand.
HOSTILE: tuple[dict[str, Any], ...] = (
    {"team": "all", "service": "all"},
    {"team": ["", "all", "x"], "service": ["", ""]},
    {"service": "{far_service}", "team": "{far_team}"},
    {"auditor": "{far_auditor}", "mine": "0", "show": "all"},
    {"case__reference__startswith": "cnry", "case__restricted": "True", "auditor__email__contains": "@"},
    {"sort": "-case__reference", "page": "99999999999999999999"},
    {"sort": "case__holdings__worker__name;--", "page": "\x00", "stage": "provisional", "status": "in_progress"},
    {"month_from": "0000-13", "month_to": "9999-99", "period": "months", "by": "auditor", "grade": "'\"<"},
    {"plan_type": "__all__", "state": "all", "counted": "on", "section": "voice' OR 1=1"},
)


@pytest.fixture
def clients(world: World) -> dict[str, Client]:
    return browsers(world.people)


def only_what_is_theirs(world: World, person: Person, answer: Answer) -> None:
    shown = [world.canaries[word] for word in answer.words]
    foreign = [f"{where} of {thing}" for thing, facet, where in shown if not may_read(world, person, thing, facet)]
    assert not foreign


@pytest.mark.parametrize("key", SEARCHERS)
def test_a_search_for_what_is_hidden_is_a_search_for_nothing(
    key: str, world: World, clients: dict[str, Client]
) -> None:
    person, client = world.people[key], clients[key]

    def search(text: str) -> bytes:
        answer = ask(client, "POST", reverse("worklist:search"), {"text": text})
        assert answer.status == 200
        return answer.body.replace(text.encode(), b"")

    nothing = search("cnry9999x")
    tried = 0
    for word, (thing, facet, _) in world.canaries.items():
        if facet in ("case", "inside", "worker", "reference", "notes") and not may_read(world, person, thing, facet):
            tried += 1
            if tried % 7 == 0:
                assert search(word) == nothing, f"{facet} of {thing}"
    assert tried > 50


def test_a_search_finds_what_is_ones_own(world: World, clients: dict[str, Client]) -> None:
    case = world.the("case", "near in_progress")
    answer = ask(clients["team_manager"], "POST", reverse("worklist:search"), {"text": case.row.reference})
    assert answer.location == address("cases:detail", case)


@pytest.mark.parametrize("key", ["team_manager", "far_manager", "practitioner", "auditor", "moderator", "read_only"])
def test_nothing_typed_into_an_address_widens_a_list(key: str, world: World, clients: dict[str, Client]) -> None:
    names = {
        "far_service": str(world.the("case", "far in_progress").row.service_id),
        "far_team": str(world.the("case", "far in_progress").row.team_id),
        "far_auditor": str(world.user("far_auditor").pk),
    }
    for page in LISTS:
        for query in HOSTILE:
            filled = {
                name: value.format_map(names) if isinstance(value, str) and "{" in value else value
                for name, value in query.items()
            }
            answer = ask(clients[key], "GET", reverse(page), filled)
            assert answer.status in (200, 403), f"{page} {query}: {answer.status}"
            only_what_is_theirs(world, world.people[key], answer)


def test_lookups_in_an_address_narrow_nothing(world: World, clients: dict[str, Client]) -> None:
    plain = ask(clients["qa_lead"], "GET", reverse("audits:list"))
    assert plain.words
    for query in ({"case__reference__startswith": "zzz"}, {"auditor__name": "Nobody"}, {"id__in": "1"}):
        assert ask(clients["qa_lead"], "GET", reverse("audits:list"), query).words == plain.words


@pytest.mark.parametrize("model", [AuditSection, Conversation])
def test_a_part_is_found_under_its_own_audit_alone(model: Any, world: World, clients: dict[str, Client]) -> None:
    """The auditor puts a part of one audit under another one: of theirs under a foreign one, and the other way."""
    kind, names = {
        AuditSection: ("section", ("audits:section", "audits:section_autosave")),
        Conversation: ("conversation", ("audits:conversation", "audits:remove_conversation")),
    }[model]
    things = [world.the(kind, name) for name in ("near in_progress", "near allocated", "far in_progress")]
    before = fingerprint()
    for one, other in [*pairwise(things), (things[2], things[0]), (things[0], things[2])]:
        mixed = Thing(kind, "mixed", "", {"audit": one.ids["audit"], kind: other.ids[kind]}, other.facts, other.row)
        for name in names:
            for key in ("auditor", "qa_lead"):
                for method in ("GET", "POST"):
                    body = BODIES[name](world, mixed) if method == "POST" else None
                    answer = ask(clients[key], method, address(name, mixed), body)
                    assert answer.status == (404 if key == "auditor" else 403), f"{key} {method} {name}"
    assert fingerprint() == before


def test_an_autosave_to_a_foreign_draft_changes_and_tells_nothing(world: World, clients: dict[str, Client]) -> None:
    foreign = world.the("section", "far in_progress")
    body = BODIES["audits:section_autosave"](world, foreign)
    before = fingerprint()
    answer = ask(clients["auditor"], "POST", address("audits:section_autosave", foreign), body)
    assert (answer.status, answer.words) == (404, frozenset())
    assert fingerprint() == before


def test_an_answer_takes_as_many_queries_whether_a_thing_is_hidden_or_missing(
    world: World, clients: dict[str, Client]
) -> None:
    """The time of an answer must not tell either; what it does is counted here, since times differ by themselves."""
    for key, name, kind, hidden in (
        ("team_manager", "audits:detail", "audit", "far in_progress"),
        ("team_manager", "audits:detail", "audit", "near in_progress"),
        ("practitioner", "cases:detail", "case", "far in_progress"),
        ("qa_lead", "cases:detail", "case", "restricted own"),
        ("auditor", "audits:section", "section", "far in_progress"),
        ("read_only", "learning:summary", "summary", "of the month"),
    ):
        thing = world.the(kind, hidden)
        assert not sees(world.people[key], thing)
        nothing = made_up(kind, tuple(thing.ids))
        # Once before: the first answer of all may have something to set up.
        _, *asked = [ask(clients[key], "GET", address(name, each)) for each in (nothing, thing, nothing)]
        assert asked[0].shown == asked[1].shown
        assert asked[0].queries == asked[1].queries, f"{key} {name}"


def test_nobody_is_chosen_who_is_not_offered(world: World, clients: dict[str, Client]) -> None:
    """Boxes take what they offer: no inactive person, no auditor who is none, no tool that is retired."""
    planned, case = world.the("audit", "near planned"), world.the("case", "near in_progress")
    restricted = world.the("case", "restricted own")
    inactive, reader = str(world.user("inactive").pk), str(world.user("read_only").pk)
    for key, name, thing, field, value in (
        ("qa_lead", "audits:allocate", planned, "auditor", inactive),
        ("qa_lead", "audits:allocate", planned, "auditor", reader),
        ("qa_lead", "audits:allocate", planned, "auditor", str(planned.row.pk)),
        ("qa_lead", "audits:plan", case, "tool", str(planned.row.pk)),
        ("qa_lead", "cases:restrict", case, "person", inactive),
        ("named", "cases:people", restricted, "person", inactive),
    ):
        before = fingerprint()
        body = BODIES[name](world, thing) | {field: value}
        answer = ask(clients[key], "POST", address(name, thing), body)
        assert answer.status == 200 and b"govuk-error-summary" in answer.body, f"{name} {field}"
        assert fingerprint() == before


def test_foreign_people_and_cases_stand_in_no_box(world: World, clients: dict[str, Client]) -> None:
    """What forms offer is what their reader may see (the canaries are looked for in every form by the matrix too)."""
    for key in ("team_manager", "head_of_service", "far_manager"):
        answer = ask(clients[key], "GET", reverse("audits:list"))
        foreign = b"Far Team" if key != "far_manager" else b"Near Team"
        assert answer.status == 200 and foreign not in answer.body
    assert Audit.objects.count() > 10
