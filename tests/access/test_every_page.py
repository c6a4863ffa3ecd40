"""Every page and download is opened once by somebody who may, with hostile text in every stored text.

Several tests judge what came back: its headers as production sends them, that text stayed text, that no cell is a
formula. Then each list is asked with hostile words in its address, and each form is sent with hostile text.
"""

from __future__ import annotations

import csv
import importlib
import io
import os
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from django.conf import settings as current
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from tests.access.asking import address, ask, browsers, patterns_once, undone
from tests.access.bodies import BODIES
from tests.access.hostile import FORMULA, FORMULAS, POLYGLOTS, harm_in, plant
from tests.access.matrix import OPEN_ROWS, ROWS, Row
from tests.access.test_every_url import expected, things_for
from tests.access.test_open_pages import PARTS
from tests.access.world import Thing, World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What has no page of its own: only a form's answer.
DATASETS = ("audits", "sections", "findings", "actions")


def production() -> dict[str, Any]:
    """The settings of cookies and transport that production has."""
    needed = {"SECRET_KEY": "x", "HISTORY_KEY": "x", "HISTORY_HEADS_FILE": "x", "EXPORTS_DIR": "x", "REDIS_URL": "x"}
    with mock.patch.dict(os.environ, needed | {"DATABASE_URL": "sqlite://:memory:"}):
        module = importlib.import_module("config.settings.production")
    names = [name for name in dir(module) if name.startswith(("SESSION_COOKIE_", "CSRF_COOKIE_", "SECURE_"))]
    return {name: getattr(module, name) for name in names}


@dataclass(frozen=True)
class Opened:
    """One answer: of which row or page, to whom."""

    row: str
    who: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    def __str__(self) -> str:
        return f"{self.row} as {self.who}"


def who_may(world: World, row: Row, method: str) -> Iterator[tuple[str, Thing]]:
    """Who may ask for what of a row; somebody who sees much first."""
    first = ("qa_lead", "qa_admin", "auditor", "moderator", "head_of_service", "team_manager", "practitioner", "named")
    for key in (*first, *(key for key in world.people if key not in first)):
        for thing in things_for(world, row):
            if thing.name != "made up" and expected(world.people[key], row, method, thing) & {200}:
                yield key, thing


def opened(client: Client, name: str, who: str, path: str, method: str = "get", **body: Any) -> Opened:
    response = getattr(client, method)(path, body or None, secure=True)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    headers = dict(response.headers)
    return Opened(name, who, response.status_code, headers, content)


def is_file(row: Row) -> bool:
    """Whether a row is a download, by its name."""
    return any(word in row.key for word in ("csv", "xlsx", "file", "faults"))


def walk(world: World, *, files_only: bool) -> list[Opened]:
    """Every row once as somebody who gets an answer of 200, the open pages as a stranger, and each refusal."""
    found = []
    clients = browsers(world.people)
    for row in ROWS:
        if row.get is None or (files_only and not is_file(row)):
            continue
        for place, (key, thing) in enumerate(who_may(world, row, "GET")):
            with undone():
                answer = opened(clients[key], row.key, key, address(row.name, thing if row.about else None, row.parts))
            if answer.status == 200 or place == 3:
                found.append(answer)
                break
    for dataset in DATASETS:
        for form in ("csv", "xlsx"):
            body = BODIES["reports:rows"](world, Thing("page", "itself", "", {})) | {"dataset": dataset, "form": form}
            with undone():
                found.append(
                    opened(
                        clients["qa_lead"], f"rows {dataset} {form}", "qa_lead", reverse("reports:rows"), "post", **body
                    )
                )
    if files_only:
        return found
    stranger = Client(enforce_csrf_checks=True)
    for open_row in OPEN_ROWS:
        path = reverse(open_row.name, kwargs=PARTS.get(open_row.name, {}))
        found.append(opened(stranger, open_row.name, "a stranger", path))
    found.append(opened(stranger, "no sign-in", "a stranger", reverse("audits:list")))
    found.append(opened(stranger, "no token", "a stranger", reverse("account_login"), "post", login="x"))
    found.append(opened(clients["qa_lead"], "not found", "qa_lead", "/no/such/page"))
    found.append(opened(clients["practitioner"], "forbidden", "practitioner", reverse("audits:tools")))
    found.append(opened(clients["qa_lead"], "method", "qa_lead", reverse("audits:list"), "delete"))
    bad_host = Client(headers={"Host": "evil.example"})
    found.append(opened(bad_host, "bad host", "a stranger", reverse("account_login")))
    return found


@pytest.fixture(scope="module")
def planted(world: World) -> Iterator[Callable[[tuple[str, ...]], list[Opened]]]:
    """Opens everything with these texts planted, once for a module."""
    made: dict[tuple[str, ...], list[Opened]] = {}

    def once(texts: tuple[str, ...]) -> list[Opened]:
        if texts not in made:
            with override_settings(**production()), transaction.atomic():
                assert plant(texts) > 1000
                made[texts] = walk(world, files_only=texts is FORMULAS)
                transaction.set_rollback(True)
        return made[texts]

    yield once


Planted = Callable[[tuple[str, ...]], list[Opened]]


def test_every_page_was_opened(planted: Planted) -> None:
    pages = planted(POLYGLOTS)
    wrong = [f"{page}: {page.status}" for page in pages if page.status >= 500]
    assert not wrong
    shown = {page.row for page in pages if page.status == 200}
    missed = {row.key for row in ROWS if row.get and not row.switched_off} - shown
    print(f"\n{len(pages)} answers, {len(shown)} of them 200; not opened: {sorted(missed)}")
    assert len(missed) <= 12
    assert {page.status for page in pages} >= {200, 302, 400, 403, 404, 405}


def test_every_answer_has_the_headers_of_production(planted: Planted) -> None:
    wrong = []
    for page in planted(POLYGLOTS):
        policy = dict(
            part.strip().partition(" ")[::2] for part in page.headers.get("Content-Security-Policy", "").split(";")
        )
        said = {name.lower(): value for name, value in page.headers.items()}
        for what, right in (
            ("default-src", policy.get("default-src") == "'none'"),
            ("frame-ancestors", policy.get("frame-ancestors") == "'none'"),
            ("base-uri", policy.get("base-uri") == "'none'"),
            ("form-action", policy.get("form-action") == "'self'"),
            ("only our own", set(" ".join(policy.values()).split()) <= {"'self'", "'none'"}),
            ("HSTS", said.get("strict-transport-security") == "max-age=31536000; includeSubDomains; preload"),
            ("nosniff", said.get("x-content-type-options") == "nosniff"),
            ("referrer", said.get("referrer-policy") in ("same-origin", "no-referrer")),
            ("frames", said.get("x-frame-options") == "DENY"),
            ("COOP", said.get("cross-origin-opener-policy") == "same-origin"),
            ("CORP", said.get("cross-origin-resource-policy") == "same-origin"),
            ("kept nowhere", said.get("cache-control") == "no-store, private"),
            ("permissions", "camera=()" in said.get("permissions-policy", "")),
            ("charset", page.kind != "text/html" or "utf-8" in said["content-type"].lower()),
            ("nobody else's origin", "access-control-allow-origin" not in said),
            ("no names of programs", not {"server", "x-powered-by"} & set(said)),
        ):
            if not right:
                wrong.append(f"{page}: {what}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:40])


def test_downloads_are_saved_not_shown(planted: Planted) -> None:
    files = [page for page in planted(POLYGLOTS) if page.status == 200 and page.kind not in ("text/html", "text/plain")]
    files = [page for page in files if page.kind != "application/json"]
    assert len(files) > 15
    for page in files:
        assert page.headers["Content-Disposition"].startswith("attachment; filename="), str(page)
        assert not re.search(r"[\r\n]", page.headers["Content-Disposition"])


def test_cookies_are_bound_to_the_host_and_hidden_from_scripts(world: World) -> None:
    with override_settings(**production(), PASSWORD_HASHERS=current.PASSWORD_HASHERS):
        client, user = Client(), User.objects.get(pk=world.user("qa_lead").pk)
        plain = client.get(reverse("account_login"))
        assert plain.status_code == 301
        assert plain.headers["Location"].startswith("https://")
        assert not plain.cookies
        user.set_password("correct horse battery")
        user.save()
        client.get(reverse("account_login"), secure=True)
        body = {"login": user.email, "password": "correct horse battery"}
        client.post(reverse("account_login"), body, secure=True, headers={"Referer": "https://testserver/"})
        assert set(client.cookies) >= {"__Host-session", "__Host-csrf"}
        for name, cookie in client.cookies.items():
            if not cookie.value:
                continue
            assert name.startswith("__Host-"), name
            assert cookie["secure"], name
            assert cookie["httponly"], name
            assert (cookie["path"], cookie["domain"]) == ("/", ""), name
            assert cookie["samesite"] in ("Lax", "Strict"), name


def test_text_stays_text_on_every_page(planted: Planted) -> None:
    pages = [page for page in planted(POLYGLOTS) if page.kind == "text/html"]
    wrong, met = [], 0
    for page in pages:
        text = page.body.decode()
        wrong += [f"{page}: {what}" for what in harm_in(text)]
        wrong += [f"{page}: {raw}" for raw in POLYGLOTS if "<" in raw and raw in text]
        met += len(re.findall(r"&lt;(?:script|svg|img|b x|i)|&quot;&gt;", text))
    print(f"\n{len(pages)} pages, {met} hostile texts met")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:40])
    assert met > 500


def test_no_cell_of_any_file_is_a_formula(planted: Planted) -> None:
    files, cells = 0, 0
    wrong = []
    for page in planted(FORMULAS):
        if page.status != 200:
            continue
        if page.kind == "text/csv":
            files += 1
            for line in csv.reader(io.StringIO(page.body.decode("utf-8-sig"))):
                cells += len(line)
                wrong += [f"{page}: {cell[:30]!r}" for cell in line if FORMULA.match(cell) and not _is_number(cell)]
        elif page.body[:2] == b"PK":
            files += 1
            with zipfile.ZipFile(io.BytesIO(page.body)) as parts:
                for name in parts.namelist():
                    content = parts.read(name)
                    cells += content.count(b"<c ")
                    if re.search(rb"<f[ >]|<hyperlink|TargetMode=.External", content):
                        wrong.append(f"{page}: {name}")
    print(f"\n{files} files, {cells} cells")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:40])
    assert files > 15


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?( points?)?", cell) is not None


def test_a_form_that_is_refused_shows_what_was_typed_as_text(world: World) -> None:
    """Every form, with hostile text in each of its fields; the page that comes back, or the one that it leads to."""
    clients = browsers(world.people)
    sent, wrong = 0, []
    for row in ROWS:
        if row.post is None or row.switched_off:
            continue
        first = next(who_may(world, row, "POST"), None)
        if first is None:
            continue
        key, thing = first
        body = BODIES[row.key](world, thing)
        for step, (name, value) in enumerate(body.items()):
            if isinstance(value, str):
                body[name] = POLYGLOTS[(sent + step) % len(POLYGLOTS)] + value
        with undone():
            answer = ask(clients[key], "POST", address(row.name, thing if row.about else None, row.parts), body)
            if answer.status == 302 and answer.location.startswith("/"):
                answer = ask(clients[key], "GET", answer.location)
        sent += 1
        if answer.status >= 500:
            wrong.append(f"{key} {row.key}: {answer.status}")
        text = answer.body.decode("utf-8", "replace")
        if "<html" in text:
            wrong += [f"{key} {row.key}: {what}" for what in harm_in(text)]
    print(f"\n{sent} forms sent")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:40])
    assert sent > 150


# --- hostile words in an address --------------------------------------------------------------------------------------

# Words that no page knows. A page that gives such a word to a query would narrow, widen, sort or break.
UNKNOWN: dict[str, Any] = {
    "case__reference__startswith": "zzz", "id__in": "1", "auditor__password__startswith": "a", "pk": ["", "0"],
    "child__surname__startswith": "A", "prefetch": "auditor", "order_by": "-auditor__password", "o": "1.2;--",
    "fields": "password", "extra": "1=1", "expand": "~all", "include": "*", "limit": "-1", "offset": "x' OR 1=1 --",
    "__class__": "x", "_state": "\x00", "q'\"": "\u202e\x1b[31m", "case.reference": "(SELECT 1)", "format": "json",
    "restricted": "False", "is_staff": "1", "visible_to": "all", "distinct": "on", "using": "default",
    "sort": "auditor__password;--",
}  # fmt: skip
# For the words that a page does know.
VALUES = (
    "all", "", "\x00", "'\"<\\", "x' OR '1'='1", "99999999999999999999", "-1", "0", "NaN", "1e309", "\u202e\x1b[31m",
    "__all__", "id__in", "-auditor__password", "{{7*7}}", "%00%0a", "2026-13", "0000-00", "9999-12-31", "[]", "None",
    "f47ac10b-58cc-4372-a567-0e02b2c3d479", "\U0001f600" * 50, "a" * 5000,
)  # fmt: skip
_ORDER = re.compile(r"ORDER BY (.+?)(?= LIMIT|\)|$)")


def sorted_by(client: Client, path: str, query: dict[str, Any]) -> tuple[Any, list[str], str]:
    """The answer, what the database was asked to sort by, and all that it was asked."""
    asked: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with undone(), connection.execute_wrapper(watch):
        answer = ask(client, "GET", path, query)
    return answer, [order for sql in asked for order in _ORDER.findall(sql)], "\n".join(asked)


def lists(world: World) -> Iterator[tuple[Row, str]]:
    """The pages and downloads that are about no one thing, with somebody who may."""
    for row in ROWS:
        if row.get is not None and not row.about:
            first = next(who_may(world, row, "GET"), None)
            if first is not None:
                yield row, first[0]


def test_words_that_a_page_does_not_know_change_no_row_and_no_order(world: World) -> None:
    clients, tried = browsers(world.people), 0
    for row, key in lists(world):
        path = address(row.name, None, row.parts)
        plain, order, _ = sorted_by(clients[key], path, {})
        hostile, order_then, sql = sorted_by(clients[key], path, UNKNOWN)
        assert (hostile.status, hostile.words) == (plain.status, plain.words), row.key
        assert order_then == order, row.key
        assert "auditor__password" not in sql
        assert not re.search(r"ORDER BY[^)\n]*password", sql), row.key
        tried += 1
    assert tried > 60


def test_words_that_a_page_knows_take_any_value(world: World) -> None:
    """Every control of a list's own form and every word of its links, with values out of a hat; the seed is printed."""
    seed = random.randrange(10**6)
    chance, clients, tried = random.Random(seed), browsers(world.people), 0
    print(f"\nseed {seed}")
    allowed: set[str] = set()
    for row, key in lists(world):
        path = address(row.name, None, row.parts)
        page = clients[key].get(path)
        if page.streaming or page.status_code != 200:
            continue
        text = page.content.decode("utf-8", "replace")
        known = set(re.findall(r'<(?:input|select)[^>]* name="([a-z_]+)"', text))
        known |= set(re.findall(r"[?&;]([a-z_]+)=", text)) | {"page"}
        known -= {"csrfmiddlewaretoken", "next"}
        for _ in range(2):
            query = {name: chance.choice(VALUES) for name in sorted(known)}
            if chance.random() < 0.3:
                query = {name: [value, chance.choice(VALUES)] for name, value in query.items()}
            answer, order, sql = sorted_by(clients[key], path, query)
            assert answer.status in (200, 302, 400, 403, 404), f"seed {seed}: {row.key} {query}: {answer.status}"
            assert answer.words <= frozenset(world.canaries)
            assert "__password" not in sql and "OR '1'='1" not in sql, f"seed {seed}: {row.key} {query}"
            allowed.update(order)
            tried += 1
    assert tried > 80
    # Columns and positions of ours, nothing that somebody wrote.
    odd = [each for each in allowed if not re.fullmatch(r"[\w\s\"'.,()%<>=*+-]+", each)]
    assert not odd


# --- files that nobody was given --------------------------------------------------------------------------------------


def test_no_address_serves_a_folder(world: World) -> None:
    """A file is reached through the view that asks who wants it, never by a path."""
    export = next(thing for thing in world.things["export"])
    client = browsers(world.people)["qa_lead"]
    stored = export.row.stored_as or "x"
    for path in (
        f"/media/{stored}", f"/exports/{stored}", f"/static/../.local/exports/{stored}", "/static/%2e%2e/manage.py",
        "/.git/config", "/.env", "/.local/secret_key", "/static/", "/manage.py", "/static/..%2fmanage.py",
    ):  # fmt: skip
        answer = ask(client, "GET", path)
        assert answer.status == 404, path
    served = [name for name in patterns_once() if name.startswith("?")]
    assert not served, "an address without a name"


# --- words that look like a reference ---------------------------------------------------------------------------------


def test_a_reference_in_a_text_leads_nowhere(world: World) -> None:
    """What somebody wrote about another child's record stays words: no link, no title, no state of that record."""
    hidden, audit = world.the("case", "restricted own").row, world.the("audit", "near feedback_issued")
    words = f"See {hidden.reference} and /cases/{hidden.pk}/ as well."
    audit.row.findings.update(text=words)
    client = browsers(world.people)["team_manager"]
    text = ask(client, "GET", address("audits:detail", audit)).body.decode()
    assert words in text
    assert f'href="/cases/{hidden.pk}' not in text
    assert not [link for link in re.findall(r"<a\b.*?</a>", text, re.DOTALL) if hidden.reference in link]
