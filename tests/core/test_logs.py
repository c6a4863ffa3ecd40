"""Nothing that somebody typed reaches a log line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_structlog.middlewares import RequestMiddleware
from structlog.stdlib import ProcessorFormatter

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
