"""Liveness never depends on anything; readiness says what is missing, in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from django.test import Client, override_settings

from core import health


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose server takes the connection and never says a word, as a frozen Redis does."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        yield listener.getsockname()[1]


def test_alive_without_a_database(client: Client) -> None:
    """No database mark: pytest-django would refuse any query."""
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "alive"}


@pytest.mark.django_db(transaction=True)
def test_ready(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready"}


@pytest.mark.django_db(transaction=True)
def test_degraded_without_redis(client: Client) -> None:
    with override_settings(CELERY_BROKER_URL="redis://127.0.0.1:1/0"):
        response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "degraded"}


@pytest.mark.django_db(transaction=True)
def test_degraded_in_time_when_redis_is_frozen(client: Client, silent_port: int) -> None:
    started = time.monotonic()
    with override_settings(CELERY_BROKER_URL=f"redis://127.0.0.1:{silent_port}/0"):
        response = client.get("/readyz")
    assert response.json() == {"status": "degraded"}
    assert time.monotonic() - started < 5


@pytest.mark.django_db(transaction=True)
def test_ready_with_a_real_redis(client: Client, redis_url: str) -> None:
    with override_settings(CELERY_BROKER_URL=redis_url):
        assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.django_db(transaction=True)
def test_not_ready_when_the_database_refuses(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        def cursor(self) -> None:
            raise OperationalError("refused")

        def close(self) -> None: ...

    monkeypatch.setattr(health, "connection", Refusing())
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready"}


def test_a_question_that_hangs_is_given_up_and_asked_once() -> None:
    asked: list[int] = []
    answer = threading.Event()

    def question() -> bool:
        asked.append(1)
        return answer.wait(10)

    probe = health._Probe(question)
    assert [probe.answer(within=0.05), probe.answer(within=0.05)] == [False, False]
    assert len(asked) == 1
    answer.set()
    probe._asking.join(5)  # type: ignore[union-attr]
    assert probe.answer(within=5)


def test_only_questions_are_answered(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
