"""Nothing that somebody typed reaches a log line."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django_structlog.middlewares import RequestMiddleware
from structlog.stdlib import ProcessorFormatter

from accounts.models import User
from config.logs import logging_settings

CANARY = "Zephyrine"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the production formatter writes while the test runs."""
    options = dict(logging_settings(level="DEBUG", as_json=True)["formatters"]["line"])
    del options["()"]
    handler = logging.StreamHandler(output := io.StringIO())
    handler.setFormatter(ProcessorFormatter(**options))
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield output
    root.removeHandler(handler)
    root.setLevel(before)


def events(output: io.StringIO) -> list[dict[str, object]]:
    """The lines as objects; each must be one JSON object."""
    return [json.loads(line) for line in output.getvalue().splitlines()]


def test_a_search_is_not_logged(rf: RequestFactory, lines: io.StringIO) -> None:
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    RequestMiddleware(page)(rf.get("/cases/", {"q": CANARY}))
    assert [event["event"] for event in events(lines)] == ["request_started", "request_finished"]
    assert {event["request"] for event in events(lines)} == {"GET /cases/"}
    assert CANARY not in lines.getvalue()


def test_a_line_break_in_a_message_makes_no_second_line(lines: io.StringIO) -> None:
    logging.getLogger("test").warning("Not found: %s", "/x\n2026-01-01 forged line")
    assert len(events(lines)) == 1


@pytest.mark.django_db
def test_each_line_of_a_request_names_request_person_and_session(
    client: Client, qa_lead: User, lines: io.StringIO
) -> None:
    """What somebody did in one session can be put together, and the lines open no session."""
    client.force_login(qa_lead)
    for _ in range(2):
        assert client.get("/cases/").status_code == 200
    logged = [event for event in events(lines) if str(event["event"]).startswith("request_")]
    assert len(logged) == 4
    assert {event["user_id"] for event in logged} == {str(qa_lead.pk)}
    assert len({event["session"] for event in logged}) == 1
    assert len({event["request_id"] for event in logged}) == 2
    assert re.fullmatch("[0-9a-f]{16}", str(logged[0]["session"]))
    assert str(client.session.session_key) not in lines.getvalue()
