"""`make pages`: every page as everybody who may open it, in a real browser, filled, hostile, refused and forbidden."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser

from tests.access.album import Album, Looking, rows
from tests.access.asking import address, browsers, undone
from tests.access.bodies import BODIES
from tests.access.hostile import POLYGLOTS, plant
from tests.access.matrix import OPEN_ROWS
from tests.access.test_every_page import who_may
from tests.access.test_open_pages import PARTS
from tests.access.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def filled(world: World, album: Album) -> None:
    """Each page as everybody who may, of each thing that its row is tried with."""
    clients = browsers(world.people)
    for row in rows():
        for key, thing in who_may(world, row, "GET"):
            album.open("filled", clients[key], row, key, thing)


def hostile(world: World, album: Album) -> None:
    """Each page once, as somebody who sees much."""
    clients = browsers(world.people)
    for row in rows():
        if found := next(who_may(world, row, "GET"), None):
            key, thing = found
            album.open("hostile", clients[key], row, key, thing)


def errors(world: World, album: Album) -> None:
    """Each form sent empty, then with hostile text in every field: the page that comes back."""
    clients = browsers(world.people)
    for row in rows():
        found = next(who_may(world, row, "POST"), None) if row.post else None
        if found is None:
            continue
        key, thing = found
        path = address(row.name, thing if row.about else None, row.parts)
        body = BODIES[row.key](world, thing)
        bad = {name: POLYGLOTS[-1] + value if isinstance(value, str) else value for name, value in body.items()}
        for sent in ({}, bad):
            with undone():
                response = clients[key].post(path, sent, secure=True)
                if response.status_code != 302:
                    album.keep("errors", row.key, key, path, response)


def refusals(world: World, album: Album) -> None:
    """The pages that ask nobody to sign in, and what somebody reads who may not."""
    clients = browsers(world.people)
    for row in OPEN_ROWS:
        path = reverse(row.name, kwargs=PARTS.get(row.name, {}))
        for key in ("anonymous", "read_only"):
            with undone():
                album.keep("refusals", row.name, key, path, clients[key].get(path, secure=True))
                album.keep("refusals", row.name, key, path, clients[key].post(path, {}, secure=True))
    qa_lead = clients["qa_lead"]
    album.keep("refusals", "404", "qa_lead", "/no/such/page", qa_lead.get("/no/such/page", secure=True))
    tools = reverse("audits:tools")
    album.keep("refusals", "403", "practitioner", tools, clients["practitioner"].get(tools, secure=True))
    audits = reverse("audits:list")
    album.keep("refusals", "405", "qa_lead", audits, qa_lead.delete(audits, secure=True))
    strict = Client(enforce_csrf_checks=True)
    sign_in = reverse("account_login")
    album.keep("refusals", "no token", "anonymous", sign_in, strict.post(sign_in, {}, secure=True))


def test_every_page_as_everybody(world: World, browser: Browser) -> None:
    album = Album()
    filled(world, album)
    Looking(browser).through(album)


def test_every_page_with_hostile_and_long_text_in_every_text(world: World, browser: Browser) -> None:
    album = Album()
    with transaction.atomic():
        assert plant(POLYGLOTS) > 1000
        hostile(world, album)
        transaction.set_rollback(True)
    Looking(browser).through(album)


def test_every_form_that_is_refused(world: World, browser: Browser) -> None:
    album = Album()
    errors(world, album)
    Looking(browser).through(album)


def test_every_open_page_and_every_refusal(world: World, browser: Browser) -> None:
    album = Album()
    refusals(world, album)
    Looking(browser).through(album)
