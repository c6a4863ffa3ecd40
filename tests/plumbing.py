"""How tests reach Redis and the browser. The database is pytest-django's, of the leg that scripts/test.py chose."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from scripts import services

VENDOR = Path(__file__).parent / "journeys" / "vendor"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _chromium() -> str | None:
    """Path of the browser, or None. scripts/test.py names one; alone, pytest takes what is installed."""
    if "TEST_CHROMIUM" in os.environ:
        return os.environ["TEST_CHROMIUM"] or None
    return next(filter(None, map(shutil.which, services.CHROMIUM_NAMES)), None)


def pytest_configure() -> None:
    """Let SQLite empty the append-only tables between transactional tests.

    Django empties tables there by DELETE, which their guards refuse; they are lifted for that moment alone.
    (PostgreSQL is emptied by TRUNCATE, which production denies by grants.)
    """
    from django.db.backends.sqlite3.base import DatabaseOperations
    from hypothesis import HealthCheck, settings

    # A random test takes as long as it does where much else runs.
    settings.register_profile("busy", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")

    flush = DatabaseOperations.execute_sql_flush

    def flush_with_guards_lifted(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_refuse_delete'")
            guards = cursor.fetchall()
            for name, _ in guards:
                cursor.execute(f"DROP TRIGGER {self.quote_name(name)}")
        try:
            flush(self, sql_list)
        finally:
            with self.connection.cursor() as cursor:
                for _, sql in guards:
                    cursor.execute(sql)

    DatabaseOperations.execute_sql_flush = flush_with_guards_lifted  # type: ignore[method-assign]  # tests alone


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Mark what drives a browser or needs Redis by the fixtures it asks for; skip what this run cannot do.

    Before other plugins look, so that `-m "not browser"` sees the marks. Browser tests go
    last, after everybody has sorted: Playwright leaves an event loop in the main thread,
    in which Django refuses the ORM to the tests that follow.
    """
    no_browser = None if _chromium() else pytest.mark.skip(reason="Chromium was not found")
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "browser" in fixtures or "context" in fixtures:
            item.add_marker(pytest.mark.browser)
        if "redis_url" in fixtures:
            item.add_marker(pytest.mark.redis)
        if no_browser and item.get_closest_marker("browser"):
            item.add_marker(no_browser)
    yield
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test of the other database; let a browser test use the ORM in Playwright's thread."""
    vendor = connection.vendor
    if item.get_closest_marker("postgres") and vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    if item.get_closest_marker("sqlite") and vendor != "sqlite":
        pytest.skip("needs SQLite")
    if item.get_closest_marker("browser"):
        # For these tests only, and they are the last ones: before any fixture, since one of them makes the database.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, headless. What is expected of a page may take long where much else runs."""
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)
    return {**browser_type_launch_args, "executable_path": _chromium(), "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """British English, London time, a desktop window; a test may change the window with set_viewport_size."""
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/London",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a real Redis that belongs to this run: TEST_REDIS_URL, else a private server for this session."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    try:
        with services.redis() as server:
            yield server.url
    except services.NotAvailable as error:
        pytest.skip(str(error))


@pytest.fixture
def empty_redis(redis_url: str) -> str:
    """The same Redis with nothing in it. Returns its URL."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    return redis_url
