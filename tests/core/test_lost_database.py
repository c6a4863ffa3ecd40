"""A database that goes away in the middle of a request is a 503 that says when to ask again, not a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


def failing(error: type[Exception], at: int) -> Any:
    """An execute wrapper whose query number `at` fails."""
    asked = 0

    def execute(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked >= at:
            raise error("terminating connection due to administrator command")
        return run(sql, params, many, context)

    return connection.execute_wrapper(execute)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("at", [1, 2, 4], ids=lambda at: f"at query {at}")
def test_a_page_says_that_it_may_be_asked_for_again(at: int, error: type[Exception], qa_lead: User) -> None:
    """From the first query on (the session), the second (the person), and one of the page's own."""
    client = Client(raise_request_exception=False)
    client.force_login(qa_lead)
    with failing(error, at):
        response = client.get("/audits/")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert response.headers["Cache-Control"] == "no-store, private"
    text = response.content.decode()
    assert "not available for a moment" in text
    assert "administrator" not in text


def test_any_other_fault_is_a_500(qa_lead: User) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(qa_lead)
    with failing(ProgrammingError, 4):
        assert client.get("/audits/").status_code == 500
