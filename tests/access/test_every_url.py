"""Every address, as every person, at things near, far, restricted and made up: who gets in, what it shows and changes.

The matrix says what is right (`tests.access.matrix`); the addresses come from the resolver, so that a new one
without a row fails here. Each person walks once, which costs most of the time; several tests judge what they met: the
matrix, the trail of who saw what (`tests.access.written_down`). Run with -s to see how many cells were asked.
"""

from __future__ import annotations

import faulthandler
import logging
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pytest
from django.test import Client
from django.urls import reverse

from tests.access import matrix, written_down
from tests.access.asking import Answer, address, ask, browsers, fingerprint, patterns_once, undone
from tests.access.bodies import BODIES
from tests.access.matrix import OPEN_ROWS, ROWS, Row
from tests.access.people import Person
from tests.access.sight import may_read, sees
from tests.access.world import Thing, World, made_up

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

# A page whose move is not possible any more is 409, and says so.
ALLOWED_GET = {200, 302, 409}
# Done, shown again with what is wrong, moved on since, or nothing that can be stored.
ALLOWED_POST = {200, 302, 409, 422}
# Kept, and printed on no page yet.
SHOWN_NOWHERE = {"progress"}
# Forms of a step that no audit of the world is at; they do their work in tests/audits: test_disputes, test_returns,
# test_responding and test_acting.
AT_NO_SUCH_STEP = {"audits:dispute", "audits:guide_return", "audits:safety", "audits:act_on_decision"}


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


# A method that an address does not offer is asked for by every fourth person, since it is nobody's.
NOT_OFFERED = 4
# The made-up thing, beside a hidden one from which it must not be told, by every third; others where nothing else is.
MADE_UP = 3
# So many of the things that are open to a person, which differ from one to the next; all where a row names some.
OPEN = 2


def in_turn(things: list[Thing], turn: int, most: int) -> list[Thing]:
    """So many of these, beginning with another one for each person."""
    return [things[(turn + step) % len(things)] for step in range(min(most, len(things)))]


def cells(world: World, key: str) -> Iterator[tuple[Row, str, Thing]]:
    """Every row and both methods as this person: things that are open to them, and one of each kind of refusal, in
    turn, so that all are asked for by somebody."""
    person, turn = world.people[key], KEYS.index(key)
    for place, row in enumerate(ROWS):
        things = things_for(world, row)
        for method, rule in (("GET", row.get), ("POST", row.post)):
            if rule is None and (place + turn) % NOT_OFFERED and person.signed_in:
                continue
            alike: dict[frozenset[int], list[Thing]] = {}
            for thing in things[:-1] if rule else ():
                alike.setdefault(frozenset(expected(person, row, method, thing)), []).append(thing)
            for wanted, those in alike.items():
                most = len(those) if row.everything or row.also else OPEN
                yield from ((row, method, thing) for thing in in_turn(those, turn, most if wanted & {200} else 1))
            if not alike or (place + turn) % MADE_UP == 0:
                yield row, method, things[-1]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are not worth a line each."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@dataclass(frozen=True)
class Cell:
    """One request of a walk: what was asked, what came back, and what it left in the trail."""

    row: Row
    method: str
    thing: Thing
    answer: Answer
    events: list[written_down.Written]

    def __str__(self) -> str:
        return f"{self.method} {self.row.key} {self.thing}"


@dataclass
class Walks:
    """The walks of this run, each made when it is first asked for."""

    world: World
    clients: dict[str, Client]
    made: dict[str, list[Cell]] = field(default_factory=dict)
    # Whether the refused requests of a walk have left the database as it was.
    clean: dict[str, bool] = field(default_factory=dict)

    def all(self) -> list[Cell]:
        """Every cell as everybody: minutes, where this is asked for first. It does not hang."""
        faulthandler.cancel_dump_traceback_later()
        return [cell for key in KEYS for cell in self.of(key)]

    def of(self, key: str) -> list[Cell]:
        """Every cell of this person; whatever may be allowed is undone afterwards."""
        if key not in self.made:
            before = fingerprint()
            self.made[key] = [self._ask(key, *cell) for cell in cells(self.world, key)]
            self.clean[key] = fingerprint() == before
        return self.made[key]

    def _ask(self, key: str, row: Row, method: str, thing: Thing) -> Cell:
        body = BODIES[row.key](self.world, thing) if method == "POST" and row.key in BODIES else None
        path = address(row.name, thing if row.about else None, row.parts)
        may = expected(self.world.people[key], row, method, thing) & {200}
        last = written_down.last_number()
        with undone() if may else nullcontext():
            answer = ask(self.clients[key], method, path, body)
            events = written_down.written_since(last) if answer.logged else []
        # Thousands of pages would fill the memory; whether two are the same is told by their digests.
        return Cell(row, method, thing, replace(answer, body=sha256(answer.body).digest()), events)


@pytest.fixture(scope="module")
def walks(world: World) -> Walks:
    return Walks(world, browsers(world.people))


def _wrong(world: World, person: Person, cell: Cell) -> Iterator[str]:
    row, answer = cell.row, cell.answer
    wanted = expected(person, row, cell.method, cell.thing)
    if answer.status not in wanted:
        yield f"{answer.status}, not {sorted(wanted)}"
    if not person.signed_in and not answer.location.startswith(reverse("account_login")):
        yield f"sent to {answer.location}, not to the sign-in page"
    for word in answer.words:
        owner, facet, where = world.canaries[word]
        if not may_read(world, person, owner, facet):
            yield f"shows the {where} of {owner}"
    refused = not wanted & {200}
    logged = row.get_is_logged and not refused
    if answer.written and (refused or (cell.method == "GET" and not logged)):
        yield f"writes {sorted(answer.written)}"


KEYS = (
    "auditor", "moderator", "practitioner", "team_manager", "service_lead", "head_of_service",
    "principal_social_worker", "qa_lead", "qa_admin", "panel_member", "partner_auditor", "read_only",
    "information_governance", "duty_manager", "system_administrator", "far_manager", "named", "ended", "tomorrow",
    "inactive", "anonymous",
)  # fmt: skip


# Whose walk meets nearly every page. The others walk once, on PostgreSQL, where both databases are tried: who may do
# what does not depend on the database, whether a page works on it does.
FEW = ("qa_lead",)
WALKERS = [pytest.param(key, marks=() if key in FEW else pytest.mark.once) for key in KEYS]


def test_everybody_in_the_world_is_asked(world: World) -> None:
    assert set(KEYS) == set(world.people)


@pytest.mark.parametrize("key", WALKERS)
def test_every_door(key: str, world: World, walks: Walks) -> None:
    person = world.people[key]
    walk = walks.of(key)
    wrong = [f"{key} {cell}: {what}" for cell in walk for what in _wrong(world, person, cell)]
    missing = {(cell.row.key, cell.method): cell.answer for cell in walk if cell.thing.name == "made up"}
    for cell in walk:
        hidden = cell.thing.name != "made up" and cell.row.about and person.signed_in and not sees(person, cell.thing)
        nothing = missing.get((cell.row.key, cell.method), cell.answer)
        if hidden and cell.answer.shown != nothing.shown:
            wrong.append(f"{key} {cell}: can be told from what does not exist")
    if not walks.clean[key]:
        wrong.append(f"{key}: something in the database has changed through refused requests")
    assert not wrong, f"{len(wrong)} wrong cells\n" + "\n".join(wrong[:40])


@pytest.mark.parametrize("key", WALKERS)
def test_what_is_shown_is_written_down(key: str, world: World, walks: Walks) -> None:
    user, found = world.people[key].user, []
    for cell in walks.of(key):
        if cell.method != "GET":
            continue
        if any(event.actor_id != (user and user.pk) for event, _ in cell.events):
            found.append(f"{cell}: written as somebody else")
        found += [f"{cell}: {what}" for what in written_down.wrong(world, cell.row, cell.answer, cell.events)]
    assert not found, f"{len(found)} of {key}\n" + "\n".join(found[:30])


@pytest.mark.once
def test_the_doors_are_real(world: World, walks: Walks) -> None:
    """Every canary was met by somebody and every form changed something: no refusal above passed on an empty world."""
    everything = walks.all()
    met = {word for cell in everything for word in cell.answer.words}
    changed = {cell.row.key for cell in everything if cell.method == "POST" and cell.answer.written}
    print(f"\n{len(everything)} cells, {len(world.canaries)} canaries, {len(met)} met")
    planted = {(thing.site, where) for thing, _, where in world.canaries.values()}
    read = {(world.canaries[word][0].site, world.canaries[word][2]) for word in met}
    assert planted - read == {(site, where) for site, where in planted if where in SHOWN_NOWHERE}
    forms = {row.key for row in ROWS if row.post and not row.unchanging_post and not row.switched_off}
    assert forms - AT_NO_SUCH_STEP <= changed
    assert len(everything) >= 5000


@pytest.mark.once
def test_the_walk_has_met_children(world: World, walks: Walks) -> None:
    """No page was found to be written down because there was nothing to see."""
    pages = [cell for cell in walks.all() if cell.method == "GET"]
    with_a_child = [cell for cell in pages if cell.answer.status == 200 and written_down.shown_in(world, cell.answer)]
    refused = [cell for cell in pages if cell.answer.status in (403, 404)]
    events = sum(len(cell.events) for cell in pages)
    print(f"\n{len(pages)} pages, {len(with_a_child)} with a child, {len(refused)} refused, {events} events")
    assert len(with_a_child) > 300
    assert len(refused) > 500
