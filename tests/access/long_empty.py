"""`make pages`: every list, report and start page of a council that has people and a tool, and nothing else yet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.access.album import Album, Looking, rows
from tests.access.asking import browsers
from tests.access.people import FAR, NEAR, Person, Structure, further_people, one_for_each_role
from tests.access.test_every_url import expected
from tests.access.world import Thing
from tests.factories.accounts import DirectorateFactory, ServiceFactory, TeamFactory
from tests.factories.audits import live_tool

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def empty(album: Album) -> None:
    """Every page that is about no one thing, of a council with people and a tool and nothing else."""
    directorate = DirectorateFactory()
    services = {site: ServiceFactory(name=f"{site} service", parent=directorate) for site in (NEAR, FAR)}
    teams = {site: TeamFactory(name=f"{site} team", parent=service) for site, service in services.items()}
    structure = Structure(directorate, services, teams)
    people: dict[str, Person] = {
        person.key: person for person in (*one_for_each_role(structure), *further_people(structure))
    }
    live_tool()
    clients = browsers(people)
    page = Thing("page", "itself", "", {})
    for row in rows():
        if row.get is None or row.about:
            continue
        for key, person in people.items():
            if 200 in expected(person, row, "GET", page):
                album.open("empty", clients[key], row, key, page)


def test_every_page_of_an_empty_council(browser: Browser) -> None:
    album = Album()
    empty(album)
    Looking(browser).through(album)
