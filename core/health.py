"""Can this process reach what it needs? Asked by whatever watches the service, so the answer must come in time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection

DATABASE_SECONDS = 2.0
BROKER_SECONDS = 1.0


class _Probe:
    """Runs one question at a time in a thread of its own, and gives up waiting for the answer after a while.

    A server that takes the connection and then says nothing would hold the asker for
    ever; while one question hangs no other thread is spent on the same silence.
    """

    def __init__(self, question: Callable[[], bool]) -> None:
        self._question = question
        self._asking: threading.Thread | None = None
        self._answer = False

    def _ask(self) -> None:
        self._answer = self._question()

    def answer(self, within: float) -> bool:
        """True when the question was answered with yes within so many seconds."""
        if self._asking is None or not self._asking.is_alive():
            self._answer = False
            self._asking = threading.Thread(target=self._ask, daemon=True, name="health")
            self._asking.start()
        asked = self._asking
        asked.join(within)
        return self._answer and not asked.is_alive()


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone())
    except DatabaseError:
        return False
    finally:
        # This thread's own connection; the thread ends here.
        connection.close()


_database = _Probe(_database_answers)


def database_answers() -> bool:
    """True when the database answered a query within DATABASE_SECONDS, over a connection of its own."""
    return _database.answer(DATABASE_SECONDS)


def broker_answers() -> bool:
    """True when Redis answered within BROKER_SECONDS, or when Celery runs inside this process and needs none."""
    url: str = settings.CELERY_BROKER_URL
    if url.startswith("memory:"):
        return True
    import redis

    try:
        with redis.Redis.from_url(
            url, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS, retry=None
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
