"""Every address, as every person, at things near, far, restricted and made up: who gets in, what it shows and changes.

The matrix says what is right (`tests.access.matrix`); the addresses come from the resolver, so that a new one
without a row fails here. Run with -s to see how many cells were asked.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from tests.access import matrix
from tests.access.asking import Answer, address, ask, browsers, fingerprint, patterns_once, undone
from tests.access.bodies import BODIES
from tests.access.matrix import OPEN_ROWS, ROWS, Row
from tests.access.people import Person
from tests.access.sight import may_read, sees
from tests.access.world import Thing, World, made_up

pytestmark = pytest.mark.django_db

# A page whose move is not possible any more is 409, and says so.
ALLOWED_GET = {200, 302, 409}
# Done, shown again with what is wrong, moved on since, or nothing that can be stored.
ALLOWED_POST = {200, 302, 409, 422}
ASKED: Counter[str] = Counter()
# Kept, and printed on no page yet.
SHOWN_NOWHERE = {"progress"}


def test_every_address_of_the_product_is_decided() -> None:
    named = {row.name for row in ROWS} | {row.name for row in OPEN_ROWS}
    known = patterns_once()
    assert not set(known) - named, "decide these in tests/access/matrix.py"
    assert not named - set(known), "these are in the matrix and nowhere else"


def test_every_form_has_a_proper_body() -> None:
    assert {row.key for row in ROWS if row.post} == set(BODIES)


NO_SUCH_NAME = {
    "kind of file": {"kind": "unknown"},
    "month": {"month": "never"},
    "standard report": {"key": "unknown"},
    "setting": {"key": "unknown"},
    "year": {"year": 1066},
}


def things_for(world: World, row: Row) -> list[Thing]:
    """What a row is tried with: existing things of its kind, and one that does not exist."""
    if not row.about:
        return [Thing("page", "itself", "", {})]
    things = world.things[row.about]
    if row.only:
        things = [thing for thing in things if thing.level == row.only]
    tried = matrix.TRIED.get(row.about)
    if tried and not row.everything:
        things = [thing for thing in things if thing.name in (*tried, *row.also)]
    return [*things, unknown(row)]


def unknown(row: Row) -> Thing:
    """A thing of the row's kind that does not exist."""
    thing = made_up(row.about, patterns_once()[row.name][0])
    thing.ids |= NO_SUCH_NAME.get(row.about, {})
    return thing


def expected(person: Person, row: Row, method: str, thing: Thing) -> set[int]:
    """The statuses that the matrix allows for this cell."""
    if not person.signed_in:
        return {302}
    rule = row.get if method == "GET" else row.post
    if rule is None:
        return {405}
    there = not row.about or sees(person, thing)
    if row.first and not row.first.allows(person, thing):
        return {row.refused}
    if not there:
        return {404}
    if not rule.allows(person, thing):
        return {row.refused}
    if row.switched_off:
        return {404}
    return ALLOWED_GET if method == "GET" else ALLOWED_POST


def cells(world: World) -> Iterator[tuple[Row, str, Thing]]:
    """Every row, both methods, every thing that it is tried with."""
    for row in ROWS:
        things = things_for(world, row)
        for method, rule in (("GET", row.get), ("POST", row.post)):
            for thing in things if rule else things[-1:]:
                yield row, method, thing


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are not worth a line each."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def clients(world: World) -> dict[str, Client]:
    return browsers(world.people)


@pytest.fixture(scope="module")
def met() -> set[str]:
    """Every canary that anybody has met."""
    return set()


@pytest.fixture(scope="module")
def changed() -> set[str]:
    """Every row whose form has changed something for somebody."""
    return set()


def _wrong(world: World, person: Person, row: Row, method: str, thing: Thing, answer: Answer) -> Iterator[str]:
    cell = f"{person.key} {method} {row.key} {thing}"
    wanted = expected(person, row, method, thing)
    if answer.status not in wanted:
        yield f"{cell}: {answer.status}, not {sorted(wanted)}"
    if not person.signed_in and not answer.location.startswith(reverse("account_login")):
        yield f"{cell}: sent to {answer.location}, not to the sign-in page"
    for word in answer.words:
        owner, facet, where = world.canaries[word]
        if not may_read(world, person, owner, facet):
            yield f"{cell}: shows the {where} of {owner}"
    refused = not wanted & {200}
    logged = row.get_is_logged and not refused
    if answer.written and (refused or (method == "GET" and not logged)):
        yield f"{cell}: writes {sorted(answer.written)}"


KEYS = (
    "auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
    "principal_social_worker", "qa_lead", "qa_admin", "panel_member", "partner_auditor", "read_only",
    "information_governance", "duty_manager", "system_administrator", "far_manager", "named", "ended", "tomorrow",
    "inactive", "anonymous",
)  # fmt: skip


def test_everybody_in_the_world_is_asked(world: World) -> None:
    assert set(KEYS) == set(world.people)


@pytest.mark.parametrize("key", KEYS)
def test_every_door(key: str, world: World, clients: dict[str, Client], met: set[str], changed: set[str]) -> None:
    person, client = world.people[key], clients[key]
    wrong: list[str] = []
    before = fingerprint()
    missing: dict[tuple[str, str], Answer] = {}
    hidden: list[tuple[str, str, str, Answer]] = []
    for row, method, thing in cells(world):
        body = BODIES[row.key](world, thing) if method == "POST" and row.key in BODIES else None
        path = address(row.name, thing if row.about else None, row.parts)
        if expected(person, row, method, thing) & {200}:
            with undone():
                answer = ask(client, method, path, body)
        else:
            answer = ask(client, method, path, body)
        ASKED[key] += 1
        wrong += _wrong(world, person, row, method, thing, answer)
        met |= answer.words
        if method == "POST" and answer.written:
            changed.add(row.key)
        if thing.name == "made up":
            missing[row.key, method] = answer
        elif row.about and person.signed_in and not sees(person, thing):
            hidden.append((row.key, method, str(thing), answer))
    for name, method, thing_name, answer in hidden:
        if answer.shown != missing[name, method].shown:
            wrong.append(f"{key} {method} {name} {thing_name}: can be told from what does not exist")
    if fingerprint() != before:
        wrong.append(f"{key}: something in the database has changed through refused requests")
    assert not wrong, f"{len(wrong)} wrong cells\n" + "\n".join(wrong[:40])


def test_the_doors_are_real(world: World, met: set[str], changed: set[str]) -> None:
    """Every canary was met by somebody and every form changed something: no refusal above passed on an empty world."""
    if len(ASKED) < len(KEYS):
        pytest.skip("only some people were asked")
    print(f"\n{sum(ASKED.values())} cells, {len(world.canaries)} canaries, {len(met)} met")
    planted = {(thing.site, where) for thing, _, where in world.canaries.values()}
    read = {(world.canaries[word][0].site, world.canaries[word][2]) for word in met}
    assert planted - read == {(site, where) for site, where in planted if where in SHOWN_NOWHERE}
    assert {row.key for row in ROWS if row.post and not row.unchanging_post and not row.switched_off} <= changed
    assert sum(ASKED.values()) >= 5000
