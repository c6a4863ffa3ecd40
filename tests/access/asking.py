"""Knocking at a door: one request as one person, what came back and what it changed."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.regex_helper import normalize

from core.history.models import AccessEvent, AccessLine, ChainHead
from tests.access.people import Person
from tests.access.world import Thing, words_in

# What a refused request may write: that it was refused, and the session's new end.
LOG = {model._meta.db_table for model in (AccessEvent, AccessLine, ChainHead)} | {"django_session"}
# At the beginning of a statement, or of a part of it in brackets.
_WRITE = re.compile(r'(?:^|\()\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
# Differs between two requests of the same page, and says nothing about it.
_PASSING_HEADERS = {"set-cookie", "content-length", "x-request-id"}
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the body, the headers that matter, the canaries in it, and the tables written.

    `logged`: whether the trail of who saw what was written to.
    """

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]
    words: frozenset[str]
    written: frozenset[str]
    logged: bool
    queries: int
    location: str

    @property
    def shown(self) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
        """All of it that the person can tell from another answer."""
        return self.status, self.body, self.headers


def browsers(people: dict[str, Person]) -> dict[str, Client]:
    """A browser for each person, signed in where they have an account."""
    made = {}
    for key, person in people.items():
        made[key] = Client()
        if person.user is not None:
            made[key].force_login(person.user)
    return made


def ask(client: Client, method: str, path: str, data: dict[str, Any] | None = None) -> Answer:
    """Send one request and watch the database while it is answered."""
    written: set[str] = set()
    count = 0

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        written.update(_WRITE.findall(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        response = client.generic(method, path) if method not in _SENDERS else _SENDERS[method](client, path, data)
        body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = tuple(sorted((k.lower(), v) for k, v in response.items() if k.lower() not in _PASSING_HEADERS))
    words = frozenset(words_in(" ".join([_text(body), *(f"{k}: {v}" for k, v in response.items())])))
    cookies = response.cookies.output()
    return Answer(
        response.status_code, _TOKEN.sub(b"", body), headers, words | frozenset(words_in(cookies)),
        frozenset(written - LOG), AccessEvent._meta.db_table in written, count, response.headers.get("Location", ""),
    )  # fmt: skip


_SENDERS: dict[str, Any] = {
    "GET": lambda client, path, data: client.get(path, data or {}),
    "POST": lambda client, path, data: client.post(path, data or {}),
}


def _text(body: bytes) -> str:
    """The words of a response; of a workbook those of its parts."""
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b" ".join(parts.read(name) for name in parts.namelist())
    return body.decode("utf-8", errors="replace")


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside has not happened afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def patterns() -> dict[str, list[tuple[str, ...]]]:
    """Every name that the resolver knows, with the parts that each of its addresses asks for. Unnamed ones as '?'."""
    found: dict[str, list[tuple[str, ...]]] = {}

    def walk(resolver: URLResolver, namespace: str) -> None:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                walk(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
            elif isinstance(entry, URLPattern):
                name = f"{namespace}{entry.name}" if entry.name else f"? {namespace}{entry.pattern}"
                found.setdefault(name, []).append(_parts(entry))

    walk(get_resolver(), "")
    return found


def _parts(entry: URLPattern) -> tuple[str, ...]:
    if hasattr(entry.pattern, "converters") and entry.pattern.converters:
        return tuple(entry.pattern.converters)
    return tuple(normalize(entry.pattern.regex.pattern)[0][1])


def address(name: str, thing: Thing | None = None, more: dict[str, str] | None = None) -> str:
    """The address of this name for a thing, with `more` parts; `pk` is the thing's own key."""
    if thing is None:
        return reverse(name, kwargs=more or None)
    ids = thing.ids | (more or {})
    parts = patterns_once()[name][-1]
    return reverse(name, kwargs={part: ids.get(part, ids.get("id")) for part in parts})


_known: dict[str, list[tuple[str, ...]]] = {}


def patterns_once() -> dict[str, list[tuple[str, ...]]]:
    """As `patterns`, walked once for a run."""
    if not _known:
        _known.update(patterns())
    return _known


def fingerprint() -> str:
    """SHA-256 (hexadecimal) over every row of every table but those in LOG."""
    digest = hashlib.sha256()
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - LOG)
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {quote(table)}")
            rows = sorted(repr(row) for row in cursor.fetchall())
            digest.update(f"{table}: {rows}\n".encode())
    return digest.hexdigest()
