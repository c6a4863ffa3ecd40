"""A form changes what it declares and nothing else, only when it was sent from the page, and only by its own method."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.access.asking import LOG, address, ask, browsers, undone
from tests.access.bodies import BODIES
from tests.access.matrix import ROWS, Row
from tests.access.world import Thing, World

pytestmark = pytest.mark.django_db

# One form of each kind, with somebody who may send it, and the thing that it is about.
FORMS = (
    ("qa_lead", "audits:plan", "case", "near in_progress"),
    ("qa_lead", "audits:allocate", "audit", "near planned"),
    ("qa_lead", "audits:reassign", "audit", "near in_progress"),
    ("qa_lead", "audits:move_due", "audit", "near in_progress"),
    ("qa_lead", "audits:void", "audit", "near in_progress"),
    ("auditor", "audits:decline", "audit", "near allocated"),
    ("auditor", "audits:start", "audit", "near allocated"),
    ("auditor", "audits:section", "section", "near in_progress"),
    ("auditor", "audits:section_autosave", "section", "near in_progress"),
    ("auditor", "audits:overall", "audit", "near in_progress"),
    ("auditor", "audits:overall_autosave", "audit", "near in_progress"),
    ("auditor", "audits:conversations", "audit", "near in_progress"),
    ("auditor", "audits:submit", "audit", "near in_progress"),
    ("auditor", "audits:raise_alert", "audit", "near in_progress"),
    ("moderator", "audits:moderate", "moderation", "far opened"),
    ("moderator", "audits:open_moderation", "moderation", "far submitted"),
    ("team_manager", "audits:acknowledge_alert", "alert", "near in_progress"),
    ("team_manager", "audits:resolve_alert", "alert", "near in_progress"),
    ("qa_lead", "cases:restrict", "case", "near in_progress"),
    ("qa_lead", "cases:add_reference", "case", "near in_progress"),
    ("team_manager", "cases:connection", "case", "near in_progress"),
    ("qa_admin", "jobs:discard_import", "import", "ready"),
    ("team_manager", "notifications:open", "notice", "to team_manager"),
    ("practitioner", "actions:change note", "action", "near open"),
    ("system_administrator", "accounts:edit", "person", "spare"),
)
# Made anew for each row, or when it is written; they differ by themselves. So do the numbers that are drawn.
_CHANGING = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.\d+:]*|[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}|[0-9a-f]{64}|"
    r'(?<="draw": )\d+|(?<="note": )\d+'
)
# Numbers of PostgreSQL's sequences, too: they are not given back with what was undone.
_DRAWN = {"draw", "id", "event_id"}


def _names_of_models() -> set[str]:
    return {field.name for model in apps.get_models() for field in model._meta.get_fields()} | {"id", "pk", "user_id"}


def _rows() -> dict[tuple[str, int], tuple[Any, ...]]:
    """Every row of every table but the log, with what changes by itself left out."""
    found: dict[tuple[str, int], tuple[Any, ...]] = {}
    with connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - LOG):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            drawn = [column[0] in _DRAWN for column in cursor.description]
            rows = sorted(
                tuple(
                    "~" if is_drawn else _CHANGING.sub("~", str(value))
                    for is_drawn, value in zip(drawn, row, strict=True)
                )
                for row in cursor
            )
            found |= {(table, place): row for place, row in enumerate(rows)}
    return found


def _row(name: str) -> Row:
    return next(row for row in ROWS if row.key == name)


# What is saved in the background is asked for by the page that saves it.
_PAGE_OF = {"audits:section_autosave": "audits:section", "audits:overall_autosave": "audits:overall"}
# Asked for where a grade is above a soft ceiling.
_AT_TIMES = {"override_reason"}


def _declared(client: Client, name: str, thing: Thing, body: dict[str, Any]) -> set[str]:
    """The names that the form itself asks for: those of the page's controls and of a proper body."""
    row = _row(_PAGE_OF.get(name, name))
    page = ask(client, "GET", address(row.name, thing, row.parts)).body.decode() if row.get else ""
    return set(re.findall(r'name="([^"]+)"', page)) | set(body) | _AT_TIMES


@pytest.mark.parametrize(("key", "name", "kind", "thing_name"), FORMS)
def test_fields_that_the_form_does_not_have_change_nothing(
    key: str, name: str, kind: str, thing_name: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The same number is drawn both times, so that a submission takes the same way.
    monkeypatch.setattr("secrets.randbelow", lambda below: below // 2)
    client, thing = browsers(world.people)[key], world.the(kind, thing_name)
    body, row = BODIES[name](world, thing), _row(name)
    path = address(row.name, thing, row.parts)
    slipped = _names_of_models() - _declared(client, name, thing, body)
    assert len(slipped) > 100
    values = {name: str(world.user("far_auditor").pk) for name in slipped}
    values |= {
        "status": "closed", "month": "2001-01-01", "is_staff": "on", "is_superuser": "on", "restricted": "on",
        "grade_after": "outstanding", "settled_grade": "outstanding", "counted_grade": "outstanding",
        "draw": "0", "submission": "9", "historic": "on",
    }  # fmt: skip
    before = _rows()
    with undone():
        plain = ask(client, "POST", path, body)
        done = _rows()
    with undone():
        stuffed = ask(client, "POST", path, {field: values[field] for field in slipped if field in values} | body)
        done_stuffed = _rows()
    assert plain.status == stuffed.status
    assert done != before, "the form itself does nothing"
    assert {place: row for place, row in done_stuffed.items() if done.get(place) != row} == {}


def test_no_form_is_taken_without_its_token(world: World) -> None:
    """Each form, sent by somebody who may, from a page that is not ours."""
    lead = Client(enforce_csrf_checks=True)
    lead.force_login(world.user("qa_lead"))
    asked = 0
    for row in ROWS:
        if row.post is None:
            continue
        things = world.things[row.about] if row.about else [None]
        thing = next((each for each in things if not row.only or each is None or each.level == row.only), None)
        path = address(row.name, thing, row.parts)
        body = BODIES[row.key](world, thing or Thing("page", "itself", "", {}))
        answer = ask(lead, "POST", path, body)
        assert (answer.status, answer.written) == (403, frozenset()), row.key
        assert b"csrf" not in answer.body.lower() and b"govuk" in answer.body
        asked += 1
    assert asked >= 35


def test_no_address_takes_a_method_that_it_does_not_offer(world: World) -> None:
    clients = browsers(world.people)
    for row in ROWS:
        thing = None
        if row.about:
            thing = next(each for each in world.things[row.about] if not row.only or each.level == row.only)
        path = address(row.name, thing, row.parts)
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"):
            assert ask(clients["qa_lead"], method, path).status == 405, f"{method} {row.key}"
            assert ask(clients["anonymous"], method, path).location.startswith(reverse("account_login"))
