"""Every response with a child's data writes exactly one access event, and no other response writes any.

The council, the people and the addresses are those of tests/access: every page, as everybody, at every thing. What is
a child's data is told by the canaries in the response. An audit's own number on a list of work is none: it names no
child, and the page that it leads to is written down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from audits.models import Audit
from core.history.models import AccessEvent
from tests.access.asking import Answer, address, ask, browsers, undone
from tests.access.matrix import ROWS, Row
from tests.access.people import Person
from tests.access.test_every_url import things_for
from tests.access.world import Thing, World, build

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# Facets of the canaries that are about a child or somebody's work with one.
CHILDS = {"case", "worker", "inside", "notes", "strengths", "story", "moderation", "alert"}
ASKED: Counter[str] = Counter()


def case_of(thing: Thing) -> UUID:
    """The key of the case that a thing belongs to."""
    if thing.kind == "case":
        return thing.row.pk
    audit = thing if thing.kind == "audit" else thing.audit
    return audit.row.case_id


def shown_in(world: World, answer: Answer) -> set[UUID]:
    """The cases of which the response holds something."""
    owners = (world.canaries[word] for word in answer.words)
    return {case_of(owner) for owner, facet, _ in owners if facet in CHILDS}


def files_in(world: World, answer: Answer) -> set[UUID]:
    """The imported files of which the response holds a row."""
    owners = (world.canaries[word] for word in answer.words)
    return {owner.row.pk for owner, facet, where in owners if facet == "import" and where != "file name"}


def written_since(sequence: int) -> list[tuple[AccessEvent, set[tuple[str, UUID]]]]:
    """The access events after that number, with their lines."""
    events = AccessEvent.objects.filter(sequence__gt=sequence).prefetch_related("lines")
    return [(event, {(line.kind, line.object_id) for line in event.lines.all()}) for event in events]


def last_number() -> int:
    return AccessEvent.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0


def wrong(world: World, row: Row, answer: Answer, events: list[Any]) -> Iterator[str]:
    """What is wrong with what one response left in the log."""
    cases, files = shown_in(world, answer), files_in(world, answer)
    if answer.status in (403, 404):
        if cases or files:
            yield "a refusal shows a child's data"
        if [event.purpose for event, _ in events] != (["refused"] if row.about and events else []):
            yield f"a refusal leaves {[event.purpose for event, _ in events]}"
        return
    if answer.status != 200 or not (cases or files):
        if events and not (answer.status == 200 and _is_looked_at(row)):
            yield f"writes {len(events)} events and shows no child"
        return
    if len(events) != 1:
        yield f"shows {len(cases)} children and writes {len(events)} events"
        return
    event, lines = events[0]
    noted = {key for kind, key in lines if kind == "cases.case"}
    noted |= set(
        Audit.objects.filter(pk__in=[key for kind, key in lines if kind == "audits.audit"]).values_list(
            "case", flat=True
        )
    )
    if event.purpose == "refused":
        yield "shows a child and writes that it was refused"
    if missing := cases - noted:
        yield f"shows {len(missing)} children without a line"
    if files - {key for kind, key in lines if kind == "jobs.fileimport"}:
        yield "shows rows of a file without a line"


def _is_looked_at(row: Row) -> bool:
    """A page of one record is written down even where it happens to print nothing of the child (a confirmation)."""
    about = ("case", "looked-at case", "audit", "section", "moderation", "alert", "conversation", "import", "check")
    return row.about in about or row.key in WRITTEN_DOWN


# Pages with the words of actions about a child, and a case's trail: written down though they print no reference.
WRITTEN_DOWN = (
    "actions:checks", "actions:recommendations_csv", "actions:recommendations_xlsx", "actions:recommendation",
    "worklist:trail_case",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The whole council, in a transaction that is rolled back when the module is done."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def clients(world: World) -> dict[str, Client]:
    return browsers(world.people)


PEOPLE = (
    "auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
    "principal_social_worker", "qa_lead", "qa_admin", "panel_member", "partner_auditor", "read_only",
    "information_governance", "duty_manager", "system_administrator", "named",
)  # fmt: skip


@pytest.mark.parametrize("key", PEOPLE)
def test_what_is_shown_is_written_down(key: str, world: World, clients: dict[str, Client]) -> None:
    person: Person = world.people[key]
    found: list[str] = []
    for row in ROWS:
        if row.get is None:
            continue
        for thing in things_for(world, row):
            with undone():
                before = last_number()
                answer = ask(clients[key], "GET", address(row.name, thing if row.about else None))
                events = written_since(before)
                ASKED["pages"] += 1
                ASKED["with a child"] += bool(answer.status == 200 and shown_in(world, answer))
                ASKED["refused"] += answer.status in (403, 404)
                for event, _ in events:
                    ASKED["events"] += 1
                    if event.actor_id != person.user.pk:  # type: ignore[union-attr]  # everybody here has an account
                        found.append(f"{row.name} {thing}: written as somebody else")
                found += [f"{row.name} {thing}: {what}" for what in wrong(world, row, answer, events)]
    assert not found, f"{len(found)} of {key}\n" + "\n".join(found[:30])


def test_the_crawl_has_met_children() -> None:
    """No page above passed because there was nothing to see."""
    if ASKED["pages"] < 1500:
        pytest.skip("only some people were asked")
    print(f"\n{dict(ASKED)}")
    assert ASKED["with a child"] > 300
    assert ASKED["refused"] > 500
