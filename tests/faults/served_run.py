"""Faults in front of the product: many editors, late and doubled requests, sessions that go, processes that die.

Run by `make faults`, not by `make test`. FAULT_SEED repeats the luck of a run; FAULT_EDITS, FAULT_SAVES and FAULT_FORMS
its size. Each prints what it counted.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.utils import timezone

from accounts.models import KeptForm, Membership, OrgUnit, User
from audits.choices import AuditStatus
from audits.models import Audit, AuditSection, Moderation
from audits.services.drafting import start_audit
from core.history.models import Event
from core.jobs.models import Job
from core.jobs.services import tick
from core.jobs.tasks import NIGHTLY
from scripts.services import own_postgres
from tests.audits.drafts import fill_in, new_audit, section
from tests.audits.pages import section_url, typed, url
from tests.factories.cases import CaseFactory, held_by
from tests.faults.kills import effects, seed, tables, unfinished
from tests.faults.processes import ROOT, celery_processes, database_url, wait_until
from tests.faults.web import NOBODY_LISTENS, SERVED, Answer, cookie_of, web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.postgres]


def size(name: str, usual: int) -> int:
    """A number of the environment, or the usual one."""
    return int(os.environ.get(name, usual))


@pytest.fixture(autouse=True)
def fault_tables() -> Iterator[None]:
    with tables():
        yield


@pytest.fixture
def ready(qa_lead: User, auditor: User, team: OrgUnit) -> Callable[[], Audit]:
    """Makes an audit that its auditor could submit."""

    def make() -> Audit:
        case = CaseFactory(team=team, service=team.parent)
        held_by(case)
        audit = new_audit(case=case, by=qa_lead, auditor=auditor)
        return fill_in(start_audit(audit=audit, by=auditor), auditor)

    return make


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """The work of so many threads that all begin at the same moment."""
    gate = threading.Barrier(number)

    def one(place: int) -> Any:
        gate.wait()
        return work(place)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


# --- row 1: two people edit one audit ---------------------------------------------------------------------------------


def test_many_editors_overwrite_nothing_unseen(ready: Callable[[], Audit], auditor: User, tmp_path: Path) -> None:
    """Eight windows write in one section. Every text that was stored had seen the one before it; a loser sees both."""
    number, edits, editors = seed(), size("FAULT_EDITS", 400), 8
    row = section(ready(), "voice")
    stored: list[tuple[int, str]] = []
    refused: list[tuple[str, Answer]] = []

    def write(place: int) -> None:
        chance, cookie = random.Random(number + place), cookies[place]
        version = served.ask("GET", path, cookie).version
        for turn in range(edits // editors):
            text = f"Window {place} writes edit {turn} of section voice, with <b> & 'quotes' in it."
            answer = served.ask("POST", path, cookie, typed(row, version=version, reason=text, then="stay"))
            if answer.status == 302:
                stored.append((int(version), text))
            else:
                refused.append((text, answer))
            time.sleep(chance.uniform(0, 0.02))
            version = served.ask("GET", path, cookie).version

    first, path = row.version, section_url(row)
    cookies = [cookie_of(auditor) for _ in range(editors)]
    with web(tmp_path, database=database_url()) as served:
        at_once(editors, write)
    row.refresh_from_db()
    texts = dict(stored)
    overwritten = len(stored) - len(texts)
    both = sum(
        text in answer.words and any(other in answer.words for _, other in stored) for text, answer in refused
    )  # fmt: skip
    print(
        f"\nseed {number}: editors {editors}, submitted {len(stored) + len(refused)}, acknowledged {len(stored)}, "
        f"found {row.version - first}, lost {len(stored) - (row.version - first)}, duplicated 0, "
        f"silent overwrites {overwritten}; refused {len(refused)}, of which {both} showed both texts"
    )
    assert {answer.status for _, answer in refused} <= {409}
    assert (overwritten, both) == (0, len(refused))
    assert row.version - first == len(stored)
    assert row.reason == texts[max(texts)]
    assert refused


def test_one_editor_alone_meets_no_conflict(ready: Callable[[], Audit], auditor: User, tmp_path: Path) -> None:
    """Saving by hand and in the background in turn: no save of one's own is taken for somebody else's."""
    saves = size("FAULT_SAVES", 1000)
    row, statuses = section(ready(), "voice"), Counter[int]()
    first, version = row.version, str(row.version)
    with web(tmp_path, database=database_url()) as served:
        cookie = cookie_of(auditor)
        for turn in range(saves):
            body = typed(row, version=version, reason=f"The only editor has saved {turn} times before.", then="stay")
            if turn % 10:
                answer = served.ask("POST", section_url(row, "section_autosave"), cookie, body)
                version = str(json.loads(answer.body).get("version", "")) if answer.status == 200 else version
            else:
                answer = served.ask("POST", section_url(row), cookie, body)
                version = served.ask("GET", section_url(row), cookie).version
            statuses[answer.status] += 1
    row.refresh_from_db()
    print(f"\none editor: {saves} saves, false conflicts {statuses[409]}, versions {row.version - first}")
    assert statuses.keys() <= {200, 302}
    assert row.version - first == saves


# --- row 2: autosave races submit -------------------------------------------------------------------------------------


def test_a_late_autosave_changes_nothing_that_was_submitted(
    ready: Callable[[], Audit], auditor: User, tmp_path: Path
) -> None:
    number, audits = seed(), [ready() for _ in range(size("FAULT_FORMS", 40) // 2)]
    chance, late, changed, early = random.Random(number), 0, 0, 0
    with web(tmp_path, database=database_url()) as served:
        cookie = cookie_of(auditor)
        for audit in audits:
            row = section(audit, "voice")
            delays = [chance.uniform(0, 0.15) for _ in range(4)]

            def send(place: int, audit: Audit = audit, row: AuditSection = row, delays: Any = delays) -> Any:
                if place == 0:
                    answer = served.ask("POST", url("submit", audit), cookie, {"version": audit.version})
                    then = AuditSection.objects.get(pk=row.pk)
                    connections.close_all()
                    return answer.status, (then.version, then.reason)
                time.sleep(delays[place - 1])
                body = typed(row, reason=f"Autosave {place} came late, or early enough to count.")
                return served.ask("POST", section_url(row, "section_autosave"), cookie, body).status, None

            (status, then), *others = at_once(5, send)
            assert status in (302, 200, 409), status
            row.refresh_from_db()
            submitted = Audit.objects.get(pk=audit.pk).status != AuditStatus.IN_PROGRESS
            changed += submitted and status == 302 and (row.version, row.reason) != then
            late += sum(each == 409 for each, _ in others)
            early += sum(each == 200 for each, _ in others)
            assert all(each in (200, 409, 422) for each, _ in others), others
    print(
        f"\nseed {number}: submitted {len(audits)}, autosaves {4 * len(audits)}: in time {early}, refused {late}, "
        f"changed after the submit {changed}"
    )
    assert changed == 0
    assert late


# --- row 3: double click, retry ---------------------------------------------------------------------------------------


def test_a_form_sent_again_and_again_is_taken_once(ready: Callable[[], Audit], auditor: User, tmp_path: Path) -> None:
    """The same POST two to five times at once, with the same form token; and once more when all is over."""
    number = seed()
    chance, audits = random.Random(number), [ready() for _ in range(size("FAULT_FORMS", 40))]
    sent, statuses, elsewhere = 0, Counter[int](), 0
    with web(tmp_path, database=database_url()) as served:
        cookie = cookie_of(auditor)
        for audit in audits:
            times = chance.randint(2, 5)
            body = {"version": audit.version}
            send: Callable[[int], Answer] = lambda _, audit=audit, body=body: served.ask(  # type: ignore[misc]  # noqa: E731
                "POST", url("submit", audit), cookie, body
            )
            answers = [*at_once(times, send), send(0)]
            sent += len(answers)
            statuses.update(answer.status for answer in answers)
            elsewhere += sum(answer.location != url("detail", audit) for answer in answers)
    submits = Event.objects.filter(verb="submit").count()
    found = Audit.objects.exclude(status=AuditStatus.IN_PROGRESS).count()
    double = submits - found + Moderation.objects.count() - found
    print(
        f"\nseed {number}: submitted {len(audits)} in {sent} requests, acknowledged {statuses[302]}, found {found}, "
        f"lost {len(audits) - found}, duplicated {double}, other answers {elsewhere}"
    )
    assert (found, submits, Moderation.objects.count()) == (len(audits),) * 3
    assert statuses == {302: sent}
    assert elsewhere == 0


# --- row 4: the session goes while something is typed -----------------------------------------------------------------


def test_what_is_typed_when_a_session_goes_is_there_after_signing_in(
    ready: Callable[[], Audit], auditor: User, tmp_path: Path
) -> None:
    """It ran out: the whole form is kept and shown again. It was deleted: what was saved in the background is there."""
    row, times = section(ready(), "voice"), size("FAULT_FORMS", 40) // 2
    kept = saved = 0
    with web(tmp_path, database=database_url()) as served:
        for turn in range(times):
            row.refresh_from_db()
            cookie = cookie_of(auditor)
            before = f"Saved in the background before the session went, turn {turn}."
            answer = served.ask("POST", section_url(row, "section_autosave"), cookie, typed(row, reason=before))
            assert answer.status == 200
            row.refresh_from_db()
            key = cookie.split(";")[0].partition("=")[2]
            session = Session.objects.filter(session_key=key)
            after = f"Typed after the session had gone, turn {turn}, & kept."
            if turn % 2:
                session.delete()
            else:
                session.update(expire_date=timezone.now() - timedelta(seconds=1))
            answer = served.ask("POST", section_url(row), cookie, typed(row, reason=after))
            assert (answer.status, "/account/login/" in answer.location) == (302, True)
            again = cookie_of(auditor)
            page = served.ask("GET", section_url(row), again)
            saved += before in page.words
            if not turn % 2:
                form = KeptForm.objects.latest("kept_at")
                assert str(form.pk) in answer.location
                kept += after in served.ask("GET", f"/people/kept/{form.pk}/", again).words
    print(f"\nsessions gone {times}: saved before and found {saved}, typed after running out {(times + 1) // 2}, "
          f"found {kept}, lost {times - saved + (times + 1) // 2 - kept}")  # fmt: skip
    assert (saved, kept) == (times, (times + 1) // 2)


# --- row 6: dead between commit and enqueue ---------------------------------------------------------------------------

DYING = """
import os, sys, django
django.setup()
from django.db import transaction
from accounts.models import User
from audits.models import Audit
from audits.services.submitting import submit_audit
audit, by = Audit.objects.get(pk=sys.argv[1]), User.objects.get(pk=sys.argv[2])
with transaction.atomic():
    transaction.on_commit(lambda: os._exit(9))
    submit_audit(audit=audit, by=by, version=audit.version)
"""


def test_a_process_that_dies_between_commit_and_bell_loses_nothing(
    ready: Callable[[], Audit], auditor: User, tmp_path: Path, empty_redis: str
) -> None:
    audits = [ready() for _ in range(6)]
    quick = {"DJANGO_SETTINGS_MODULE": SERVED, "JOB_LEASE_SECONDS": "3", "FAULT_SWEEP_SECONDS": "1"}
    with celery_processes(tmp_path, empty_redis, **quick) as processes:
        for audit in audits:
            command = [sys.executable, "-c", DYING, str(audit.pk), str(auditor.pk)]
            done = subprocess.run(command, cwd=ROOT, env=processes.environ, capture_output=True, check=False)
            assert done.returncode == 9, done.stderr.decode()
        # What was committed is waiting, and no bell has rung for it.
        assert unfinished() >= len(audits)
        processes.start_ready("worker")
        processes.start("beat")
        recovery = wait_until(lambda: unfinished() == 0, seconds=60, what="the end of all jobs")
    done_jobs = effects()
    found = Audit.objects.exclude(status=AuditStatus.IN_PROGRESS).count()
    print(
        f"\nprocesses dead after their commit {len(audits)}: submitted {len(audits)}, found {found}, "
        f"jobs done {len(done_jobs)}, lost {len(audits) - len(done_jobs)}, "
        f"duplicated {sum(done_jobs.values()) - len(done_jobs)}, max recovery {recovery:.1f} s"
    )
    assert done_jobs == {str(audit.pk): 1 for audit in audits}


# --- row 10: anything in the cache and in Redis -----------------------------------------------------------------------


def test_random_bytes_in_every_key_break_no_page_and_no_job(
    ready: Callable[[], Audit], auditor: User, qa_lead: User, tmp_path: Path, empty_redis: str
) -> None:
    import redis

    number, audits = seed(), [ready() for _ in range(10)]
    chance, statuses, keys = random.Random(number), Counter[int](), 0
    quick = {"DJANGO_SETTINGS_MODULE": SERVED, "JOB_LEASE_SECONDS": "3", "FAULT_SWEEP_SECONDS": "1"}
    with (
        celery_processes(tmp_path, empty_redis, **quick) as processes,
        web(tmp_path, database=database_url(), redis=empty_redis) as served,
        redis.Redis.from_url(empty_redis) as client,
    ):
        cookie, lead = cookie_of(auditor), cookie_of(qa_lead)
        for turn, audit in enumerate(audits):
            # Failed sign-ins fill the shared cache; a submit rings Redis.
            wrong = {"login": auditor.email, "password": f"wrong {turn}"}
            asked = [served.ask("POST", "/account/login/", f"csrftoken={'a' * 32}", wrong) for _ in range(2)]
            asked.append(served.ask("POST", url("submit", audit), cookie, {"version": audit.version}))
            keys += _poison(client, chance)
            asked += [served.ask("POST", "/account/login/", f"csrftoken={'a' * 32}", wrong)]
            asked += [served.ask("GET", path, lead) for path in ("/", "/audits/", "/reports/", "/jobs/", "/cases/")]
            statuses.update(answer.status for answer in asked)
        client.flushdb()
        processes.start_ready("worker")
        processes.start("beat")
        # A worker that meets them while it works may end; its keeper starts it again.
        for _ in range(3):
            keys += _poison(client, chance)
            time.sleep(0.5)
            if processes.running["worker"].poll() is not None:
                client.flushdb()
                processes.start_ready("worker")
        client.flushdb()
        processes.kill("worker")
        processes.start_ready("worker")
        recovery = wait_until(lambda: unfinished() == 0, seconds=60, what="the end of all jobs")
    done = effects()
    print(
        f"\nseed {number}: keys poisoned {keys}, answers {dict(statuses)}, 500s {statuses[500]}; submitted "
        f"{len(audits)}, found {len(done)}, duplicated {sum(done.values()) - len(done)}, recovery {recovery:.1f} s"
    )
    assert keys > 20
    assert not [status for status in statuses if status >= 500 or not status]
    assert done == {str(audit.pk): 1 for audit in audits}


def _poison(client: Any, chance: random.Random) -> int:
    """Random bytes into every row of the shared cache and every key of Redis. Returns how many."""
    keys = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM shared_cache")
        for (key,) in cursor.fetchall():
            value = chance.choice(
                ["", "AAAA", "no base64 at all", "gASVCgAAAAAAAACMBHNwYW2ULg==", chance.randbytes(30).hex()]
            )
            cursor.execute("UPDATE shared_cache SET value = %s WHERE cache_key = %s", [value, key])
            keys += 1
    for key in client.keys("*"):
        kind = client.type(key)
        if kind == b"list":
            client.lpush(key, chance.randbytes(40))
        elif kind == b"string":
            client.set(key, chance.randbytes(40))
        elif kind == b"hash":
            for name in client.hkeys(key):
                client.hset(key, name, chance.randbytes(40))
        elif kind in (b"set", b"zset"):
            client.delete(key)
            client.set(key, chance.randbytes(40))
        keys += 1
    return keys


# --- row 12: the clock jumps ------------------------------------------------------------------------------------------


def test_a_clock_that_jumps_asks_for_each_period_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three schedulers tick together over the night in which the clocks go back, with jumps of an hour either way."""
    number = seed()
    chance = random.Random(number)
    real, start, ticks = timezone.now, dt.datetime(2026, 10, 23, 12, tzinfo=dt.UTC), 0

    def ask(_: int) -> None:
        try:
            tick()
        finally:
            connections.close_all()

    nights: set[str] = set()
    for step in range(0, 60 * 60, 180):
        for jump in (0, 60, -60, chance.randint(-60, 60)):
            moment = start + timedelta(minutes=step + jump)
            monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
            due = NIGHTLY.period(timezone.localtime())
            nights |= {due[0]} if due else set()
            at_once(3, ask)
            ticks += 3
    monkeypatch.setattr(timezone, "now", real)
    keys = Counter(Job.objects.exclude(key=None).values_list("key", flat=True))
    night = [payload["night"] for payload in Job.objects.filter(kind=NIGHTLY.kind).values_list("payload", flat=True)]
    print(f"\nseed {number}: ticks {ticks}, periods {len(keys)}, asked twice {sum(keys.values()) - len(keys)}, "
          f"nights {len(set(night))}, jobs of theirs {len(night)}")  # fmt: skip
    assert set(keys.values()) == {1}
    assert len(night) == len(set(night)) == len(nights)


# --- row 14: PostgreSQL restarts under load ---------------------------------------------------------------------------


def _prepare(url: str, *what: str) -> dict[str, Any]:
    """What tests.faults.preparing says of another database."""
    environ = {
        **os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SERVED, "REDIS_URL": NOBODY_LISTENS,
        "SECRET_KEY": settings.SECRET_KEY, "HISTORY_KEY": settings.HISTORY_KEY, "DATABASE_POOL": "0",
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.faults.preparing", *what]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize("pool", ["0", "1"], ids=["connections kept", "pool"])
def test_a_database_that_restarts_loses_nothing_acknowledged(pool: str, tmp_path: Path) -> None:
    """Fast and immediate, under readers and submitters: reads are 200 or 503 with Retry-After, submits are sent again
    until they are acknowledged, and every one of them is there, once."""
    number, audits = seed(), size("FAULT_FORMS", 40)
    chance = random.Random(number)
    reads, sends = Counter[int](), Counter[int]()
    acknowledged: list[str] = []
    unsaid, gaps, over, give_up = 0, [], threading.Event(), time.monotonic() + 300
    with own_postgres(durable=True) as (server, _):
        council = _prepare(server.url, "fill", str(audits))
        waiting = list(council["audits"])
        with web(tmp_path, database=server.url, DATABASE_POOL=pool) as served:

            def read() -> None:
                nonlocal unsaid
                last = time.monotonic()
                while not over.is_set():
                    answer = served.ask("GET", "/audits/", council["lead"])
                    reads[answer.status] += 1
                    unsaid += answer.status == 503 and "retry-after" not in answer.headers
                    if answer.status == 200:
                        gaps.append(time.monotonic() - last)
                        last = time.monotonic()
                    else:
                        time.sleep(0.1)

            def submit() -> None:
                while True:
                    try:
                        key, version = waiting.pop()
                    except IndexError:
                        return
                    while time.monotonic() < give_up:
                        answer = served.ask("POST", f"/audits/{key}/submit/", council["auditor"], {"version": version})
                        sends[answer.status] += 1
                        if answer.status == 302 and answer.location == f"/audits/{key}/":
                            acknowledged.append(key)
                            break
                        time.sleep(0.1)

            readers = [threading.Thread(target=read, daemon=True) for _ in range(3)]
            submitters = [threading.Thread(target=submit, daemon=True) for _ in range(2)]
            for thread in (*readers, *submitters):
                thread.start()
            for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGINT, signal.SIGQUIT):
                time.sleep(chance.uniform(1, 2))
                server.restart(sig)
            for thread in submitters:
                thread.join()
            time.sleep(2)
            over.set()
            for thread in readers:
                thread.join()
        found = _prepare(server.url, "count")
    there = set(found["submitted"])
    double = found["events"] - len(there) + found["moderations"] - len(there)
    print(
        f"\nseed {number}: 4 restarts; submitted {audits}, acknowledged {len(acknowledged)}, found {len(there)}, "
        f"lost {len(set(acknowledged) - there)}, duplicated {double}, faults of the trail {found['faults']}, "
        f"max recovery {max(gaps):.1f} s; reads {dict(reads)}, sends {dict(sends)}"
    )
    assert set(acknowledged) == there
    assert len(there) == audits
    assert (double, found["faults"], unsaid) == (0, 0, 0)
    assert set(reads) <= {200, 503}
    assert set(sends) <= {302, 503}


# --- row 18: deploy under load ----------------------------------------------------------------------------------------


def test_workers_replaced_or_killed_under_load_lose_nothing_acknowledged(
    ready: Callable[[], Audit], auditor: User, qa_lead: User, tmp_path: Path
) -> None:
    """HUP three times: no request fails. kill -9 of a worker three times: what was acknowledged is there."""
    number = seed()
    row = section(ready(), "voice")
    chance, first = random.Random(number), row.version
    statuses: dict[str, Counter[int]] = {"hung up": Counter(), "killed": Counter()}
    acknowledged: list[str] = []
    state, over = "hung up", threading.Event()
    with web(tmp_path, database=database_url()) as served:
        lead, own = cookie_of(qa_lead), cookie_of(auditor)

        def read() -> None:
            while not over.is_set():
                statuses[state][served.ask("GET", "/audits/", lead).status] += 1

        def save() -> None:
            turn = 0
            while not over.is_set():
                page = served.ask("GET", section_url(row), own)
                text = f"Save {turn} while processes come and go."
                answer = served.ask("POST", section_url(row), own, typed(row, version=page.version, reason=text))
                statuses[state][answer.status] += 1
                if answer.status == 302:
                    acknowledged.append(text)
                turn += 1

        threads = [threading.Thread(target=work, daemon=True) for work in (read, read, read, save)]
        for thread in threads:
            thread.start()

        def more(number: int) -> None:
            """Let so many more answers come, however slow the machine is."""
            until = sum(statuses[state].values()) + number
            wait_until(lambda: sum(statuses[state].values()) >= until, seconds=120, what="more answers")

        for _ in range(3):
            more(20)
            time.sleep(chance.uniform(0, 0.5))
            served.hang_up()
        more(40)
        state, kills = "killed", 0
        for _ in range(3):
            more(10)
            os.kill(chance.choice(served.workers()), signal.SIGKILL)
            kills += 1
        more(20)
        over.set()
        for thread in threads:
            thread.join()
        row.refresh_from_db()
    failed = {
        name: sum(n for status, n in counts.items() if status not in (200, 302)) for name, counts in statuses.items()
    }
    asked = {name: sum(counts.values()) for name, counts in statuses.items()}
    print(
        f"\nseed {number}: HUP 3 times: failed {failed['hung up']} of {asked['hung up']}; kill -9 {kills} times: "
        f"failed {failed['killed']} of {asked['killed']}; saves acknowledged {len(acknowledged)}, "
        f"found {row.version - first}, lost {max(0, len(acknowledged) - (row.version - first))}"
    )
    assert failed["hung up"] == 0
    # A worker has four threads: what they were at is cut off with it.
    assert failed["killed"] <= 4 * kills
    assert row.version - first >= len(acknowledged)


# --- and what a role opens --------------------------------------------------------------------------------------------


def test_a_role_taken_away_is_gone_in_every_process_with_the_next_request(
    auditor: User, ready: Callable[[], Audit], tmp_path: Path
) -> None:
    """T9: two processes that both know the person; after each flip the very next answers of both are right."""
    audit, flips, stale = ready(), size("FAULT_FLIPS", 200), 0
    with web(tmp_path, database=database_url()) as served:
        cookie = cookie_of(auditor)
        for turn in range(flips):
            yesterday = timezone.localdate() - timedelta(days=1)
            Membership.objects.filter(user=auditor).update(ends_on=None if turn % 2 else yesterday)
            wanted = 200 if turn % 2 else 404
            for answer in at_once(3, lambda _: served.ask("GET", url("detail", audit), cookie)):
                stale += answer.status != wanted
    print(f"\nflips {flips}, answers {3 * flips}, stale {stale}")
    assert stale == 0
