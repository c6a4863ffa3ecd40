"""The measurements of `make bench`, on the database that DATABASE_URL names (scripts/bench.py starts one for it)."""

from __future__ import annotations

import argparse
import http.client
import io
import os
import subprocess
import sys
import threading
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent
TURNS = 200
CSV_ROWS = 100_000
DASHBOARD_QUERIES, LIST_QUERIES = 12, 8


def prepare() -> None:
    """Make Django ready; the tables are made where there are none."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()


class Bench:
    """One run: a small council first, then the large one, every figure in the table."""

    def __init__(self, *, small: int, large: int, turns: int) -> None:
        from bench.measuring import Table

        self.small, self.large, self.turns = small, large, turns
        self.cases = max(2_000, large // 10)
        self.table = Table()
        self.queries: dict[str, tuple[int, int]] = {}

    # The people and their pages

    def browser(self, user: Any) -> Any:
        from django.test import Client

        client = Client()
        client.force_login(user)
        return client

    def page(self, client: Any, path: str, *, status: int = 200) -> Callable[[], object]:
        def ask() -> object:
            answer = client.get(path)
            if answer.status_code != status:
                raise RuntimeError(f"{path} answered {answer.status_code}")
            return answer

        return ask

    def run(self) -> None:
        from bench import world

        started = time.perf_counter()
        world.lay_ground(self.cases)
        world.give_work(world.persona("practitioner"), 25)
        self.lead = self.browser(world.persona("qa.lead"))
        self.worker = self.browser(world.persona("practitioner"))
        self.admin = self.browser(world.superuser())
        world.grow(self.small, self.cases)
        self.table.say(f"{self.small:,} audits made in {time.perf_counter() - started:.0f} s")
        self.count_queries(0)
        world.fetch("CREATE DATABASE small TEMPLATE postgres")
        started = time.perf_counter()
        world.grow(self.large, self.cases)
        took = time.perf_counter() - started
        size = sum(world.sizes(["audits_audit", "audits_gradetally"]).values()) / 1e6
        self.table.say(f"{self.large:,} audits made and tallied in {took:.0f} s, {size:,.0f} MB with their indexes")
        self.count_queries(1)
        self.growth()
        self.against_sql()
        self.lists()
        self.log_cost()
        self.telling_times()
        self.section_page()
        self.submitting()
        self.trail()
        self.export()
        self.while_tallies_rebuild()

    # B1, B3, B11

    MONTHLY, BREAKDOWN = "/reports/", "/reports/breakdown/"

    def growth(self) -> None:
        """Both councils in turn, since the machine may be busier now than it was a minute ago."""
        from bench.measuring import medians

        with small_council() as ask:
            works: dict[str, Any] = {
                "trivial": self.page(self.lead, "/bench/trivial"),
                "table": self.page(self.lead, self.MONTHLY),
                "small table": lambda: ask(self.MONTHLY),
                "breakdown": self.page(self.lead, self.BREAKDOWN),
                "small breakdown": lambda: ask(self.BREAKDOWN),
            }
            got = medians(works, times=self.turns)
        for name, words in (("table", "grade table"), ("breakdown", "breakdown")):
            what = f"{words} at {self.large:,} / at {self.small:,} audits"
            self.add("B1", what, got[name], got[f"small {name}"], 1.10)
        for name, words in (("table", "grade table"), ("breakdown", "breakdown")):
            self.add("B3", f"{words} / trivial signed-in view", got[name], got["trivial"], 4)

    def asked(self, ask: Callable[[], object]) -> int:
        """How many statements a page takes, those of its transactions included."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        ask()
        with CaptureQueriesContext(connection) as seen:
            ask()
        return len(seen)

    def count_queries(self, place: int) -> None:
        for name, client, path in (
            ("grade table", self.lead, self.MONTHLY),
            ("breakdown", self.lead, self.BREAKDOWN),
            ("list of audits, QA lead", self.lead, "/audits/"),
            ("list of audits, practitioner", self.worker, "/audits/"),
        ):
            number = self.asked(self.page(client, path))
            before = self.queries.get(name, (0, 0))
            self.queries[name] = (number, 0) if place == 0 else (before[0], number)

    # B2

    def against_sql(self) -> None:
        from django.utils import timezone

        from bench.measuring import medians
        from bench.world import fetch

        today = timezone.localdate()
        first = today.replace(year=today.year - 2, day=1)
        months = f"?period=months&month_from={first:%Y-%m}&month_to={today:%Y-%m}"
        raw = (
            "SELECT service_id, month, counted_grade, count(*) FROM audits_audit "
            "WHERE purpose = 'standard' AND counted_grade <> '' AND month IS NOT NULL GROUP BY 1, 2, 3"
        )
        works: dict[str, Any] = {
            "page": self.page(self.lead, self.BREAKDOWN + months + "&by=service"),
            "sql": lambda: fetch(raw),
        }
        got = medians(works, times=self.turns, warm=3)
        self.add("B2", "breakdown page of 25 months / raw GROUP BY of all audits", got["page"], got["sql"], 0.10)

    # B4, B5

    def lists(self) -> None:
        from bench.measuring import medians

        works = {
            "ours": self.page(self.lead, "/audits/"),
            "admin": self.page(self.admin, "/bench/admin/audits/audit/"),
            "scoped": self.page(self.worker, "/audits/"),
        }
        got = medians(works, times=self.turns)
        self.add("B4", "list of audits / Django admin's list", got["ours"], got["admin"], 0.05)
        self.add("B5", "list of a practitioner / list of the QA lead", got["scoped"], got["ours"], 1.25)
        for name, (small, large) in self.queries.items():
            self.add("B11", f"queries of the {name} at {self.large:,} / at {self.small:,}", large, small, 1.0, unit="")
            most = LIST_QUERIES if name.startswith("list") else DASHBOARD_QUERIES
            self.add("B11", f"queries of the {name} / the most that such a page may ask", large, most, 1.0, unit="")

    # B6

    def submitting(self) -> None:
        from audits.models import Audit
        from audits.services.submitting import submit_audit
        from bench.measuring import in_turns
        from bench.world import _renewed, persona, ready_audits

        number = self.turns + 5
        ready, bare = iter(ready_audits(number)), iter(range(number))
        pattern = Audit.objects.filter(reference__startswith="B-").first()
        auditor = persona("auditor")

        def submit() -> object:
            audit = next(ready)
            return submit_audit(audit=audit, by=auditor, version=audit.version)

        def insert() -> object:
            return _renewed(pattern, reference=f"D-{next(bare):06d}").save(force_insert=True)

        got = in_turns({"submit": submit, "insert": insert}, times=self.turns)
        ours, peer = (sorted(got[name])[self.turns // 2] for name in ("submit", "insert"))
        self.add("B6", "submit with its checks and side effects / bare insert", ours, peer, 3.0)

    # B7

    def log_cost(self) -> None:
        from django.conf import settings
        from django.test import override_settings

        from audits.models import Audit
        from bench.measuring import medians
        from bench.world import persona

        path = f"/audits/{Audit.objects.filter(status='feedback_issued', reference__startswith='B-').first().pk}/"
        middleware = [name for name in settings.MIDDLEWARE if "AccessLog" not in name]
        unlogged = self.browser(persona("qa.lead"))
        with override_settings(MIDDLEWARE=middleware):
            unlogged.get(path)
        got = medians(
            {
                "logged": self.page(self.lead, path), "unlogged": self.page(unlogged, path),
                "list": self.page(self.lead, "/audits/"), "list unlogged": self.page(unlogged, "/audits/"),
            },
            times=self.turns,
        )  # fmt: skip
        self.add("B7", "page of an audit, logged / not logged", got["logged"], got["unlogged"], 1.25)
        self.add("B7", "list of 50 audits, logged / not logged", got["list"], got["list unlogged"], 1.25)

    # S4 and T24 of the bars: what the time of an answer tells

    def telling_times(self) -> None:
        """Hidden and missing, known and unknown: each should take as long as the other (0.9 to 1.1)."""
        from django.contrib.auth.hashers import make_password
        from django.test import Client, override_settings

        from accounts.models import User
        from audits.models import Audit
        from bench.measuring import medians
        from config.settings import base

        hidden = Audit.objects.filter(reference__startswith="B-", status="feedback_issued").last()
        works = {
            name: self.page(self.worker, f"/audits/{key}/", status=404)
            for name, key in (("hidden", hidden.pk), ("missing", uuid.uuid4()))
        }
        got = medians(works, times=self.turns)
        what = "an audit that is hidden / one that does not exist"
        self.add("S4", what, got["hidden"], got["missing"], 1.1, least=0.9)

        strangers = Client()

        def sign_in(address: str) -> Callable[[], object]:
            def ask() -> object:
                return strangers.post("/account/login/", {"login": address, "password": "not the password"})

            return ask

        with override_settings(PASSWORD_HASHERS=base.PASSWORD_HASHERS, ACCOUNT_RATE_LIMITS=False):
            for address in ("readonly@exampleshire.example", "partner@exampleshire.example"):
                person = User.objects.get(email=address)
                person.password = make_password("the password")
                person.is_active = not address.startswith("partner")
                person.save()
            got = medians(
                {
                    "known": sign_in("readonly@exampleshire.example"),
                    "inactive": sign_in("partner@exampleshire.example"),
                    "unknown": sign_in("nobody@exampleshire.example"),
                },
                times=min(self.turns, 100),
            )
        for name, words in (("unknown", "nobody's address"), ("inactive", "a leaver's address")):
            what = f"a wrong password with {words} / with a known one"
            self.add("T24", what, got[name], got["known"], 1.1, least=0.9)

    # B9

    def section_page(self) -> None:
        from django import forms

        from audits.models import Audit
        from bench.measuring import medians
        from bench.world import persona

        auditor = persona("auditor")
        draft = Audit.objects.filter(auditor=auditor, status="in_progress", reference__startswith="A-").first()
        row = draft.sections.order_by("section__position").first()
        client = self.browser(auditor)
        fields: dict[str, forms.Field] = {}
        for place in range(40):
            fields[f"q{place}"] = forms.ChoiceField(
                label=f"Question {place}",
                choices=[("yes", "Yes"), ("partly", "Partly"), ("no", "No"), ("na", "Not applicable")],
                widget=forms.RadioSelect,
            )
            fields[f"c{place}"] = forms.CharField(label="Comment", widget=forms.Textarea, required=False)
        whole = type("WholeForm", (forms.Form,), fields)
        works: dict[str, Any] = {
            "section": self.page(client, f"/audits/{draft.pk}/sections/{row.pk}/"),
            "as_div": lambda: str(whole().as_div()),
        }
        self.add("B11", "queries of the page of a section / the most", self.asked(works["section"]), 10, 1, unit="")
        got = medians(works, times=self.turns)
        self.add("B9", "page of one section / as_div of a form of 40 questions", got["section"], got["as_div"], 0.25)

    # The trail: B7's second half, and the speed of a check

    def trail(self) -> None:
        from django.db import connection

        from bench.world import persona
        from core.history.services import check_trail

        user = persona("qa.lead")
        for clients, goal in ((1, 0.75), (4, 0.40)):
            rates = {}
            connection.close()
            for kind in ("chained", "plain", "chained", "plain"):
                with ProcessPoolExecutor(clients, mp_context=get_context("fork")) as pool:
                    started = time.perf_counter()
                    list(pool.map(_write_access, [(kind, str(user.pk), 1500)] * clients))
                    rate = clients * 1500 / (time.perf_counter() - started)
                rates[kind] = max(rates.get(kind, 0), rate)
            what = f"access events, chained / plain insert, {clients} client{'s' if clients > 1 else ''}"
            self.add("B7", what, rates["chained"], rates["plain"], goal, at_least=True, unit="1/s")
        _fill_chain(user, CSV_ROWS)
        report = check_trail("access")
        faults = len(report.faults)
        self.table.say(
            f"verify_history: {report.links:,} links of the access log in {report.seconds:.2f} s "
            f"({report.links / report.seconds:,.0f} a second), {faults} faults"
        )
        if faults:
            raise RuntimeError(report.faults[:3])

    # B8

    def export(self) -> None:
        from django.db import connection

        from core.history.models import AccessEvent

        path = "/trail/access.csv"
        total = AccessEvent.objects.count()
        copy = (
            "COPY (SELECT e.at, u.name, e.roles, e.purpose, e.page, e.address, count(l.id) FROM history_accessevent e "
            "JOIN accounts_user u ON u.id = e.actor_id JOIN history_accessline l ON l.event_id = e.id "
            "GROUP BY e.id, u.name ORDER BY e.sequence DESC) TO STDOUT WITH CSV"
        )

        def take() -> int:
            return sum(len(part) for part in self.lead.get(path).streaming_content)

        def copy_out() -> int:
            with connection.cursor() as cursor, cursor.copy(copy) as out:
                return sum(len(part) for part in out)

        if self.lead.get(path).status_code != 200:
            self.table.say("B8 was left out: there is no such export.")
            return
        ours, peer = [], []
        for _ in range(5):
            for work, took in ((take, ours), (copy_out, peer)):
                started = time.perf_counter()
                work()
                took.append((time.perf_counter() - started) * 1000)
        self.add(
            "B8", f"CSV of {total:,} accesses / COPY of the same (medians of 5)", sorted(ours)[2], sorted(peer)[2], 5
        )
        most, early = self.memory_of(path)
        self.add("B8", f"memory of the CSV, all {total:,} rows / the first 10,000", most, early, 1.2, unit="MB")

    def memory_of(self, path: str) -> tuple[float, float]:
        """The most memory that a streamed file took, in MB: for all of it, and for its first 10,000 rows."""
        tracemalloc.start()
        rows, early = 0, 0.0
        for part in self.lead.get(path).streaming_content:
            rows += part.count(b"\n")
            if not early and rows >= 10_000:
                early = tracemalloc.get_traced_memory()[1] / 1e6
        most = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        return most, early or most

    # B10

    def while_tallies_rebuild(self) -> None:
        from bench.measuring import percentile

        cookie = "; ".join(f"{name}={part.value}" for name, part in self.lead.cookies.items())
        with served() as port:
            ask_many(port, cookie, self.BREAKDOWN, clients=2, times=10)
            calm = ask_many(port, cookie, self.BREAKDOWN, clients=8, times=self.turns)
            with rebuilding() as rounds:
                busy = ask_many(port, cookie, self.BREAKDOWN, clients=8, times=self.turns)
        half, most = percentile(busy, 0.50), percentile(busy, 0.99)
        self.add("B10", "breakdown, 8 connections while tallies rebuild, p99 / p50", most, half, 3.0)
        self.table.say(
            f"Without a rebuild: p50 {percentile(calm, 0.5):.1f} ms, p99 {percentile(calm, 0.99):.1f} ms. "
            f"{len(busy)} requests, {rounds[0]} rebuilds meanwhile."
        )

    def add(self, key: str, what: str, ours: float, peer: float, goal: float, **more: Any) -> None:
        from bench.measuring import Measure

        self.table.add(Measure(key, what, ours, peer, goal, turns=self.turns, **more))


def _write_access(task: tuple[str, str, int]) -> None:
    """Write access events with one line each, as the product does or without a chain; in a process of its own."""
    from django.db import connection, transaction
    from django.utils import timezone

    from accounts.models import User
    from core.history.models import AccessEvent, AccessLine
    from core.history.services import record_access

    kind, key, number = task
    connection.close()
    user = User.objects.get(pk=key)
    case = uuid.uuid4()
    base = uuid.uuid4().int >> 68
    for place in range(number):
        if kind == "chained":
            record_access(by=user, purpose="view", page="bench", records=[("cases.case", case)], address="127.0.0.1")
            continue
        with transaction.atomic():
            event = AccessEvent(
                sequence=-(base + place), at=timezone.now(), actor_id=user.pk, roles="QL", purpose="view", page="bench",
                request_id="", address="127.0.0.1", content_digest="0" * 64, previous_hash="0" * 64, hash="0" * 64,
            )  # fmt: skip
            event.save(force_insert=True)
            AccessLine.objects.bulk_create([AccessLine(event=event, kind="cases.case", object_id=case)])
    connection.close()


def _fill_chain(user: Any, number: int) -> None:
    """Take the plain rows out again, and make the access log `number` links long, in one transaction."""
    from django.conf import settings
    from django.db import connection, transaction
    from django.utils import timezone

    from cases.models import Case
    from core.history.models import AccessEvent, AccessLine, ChainHead
    from core.history.services import access_values, link_hash
    from core.history.services.chain import lines_digest
    from core.history.services.signing import signature_of
    from core.triggers import drop_statements

    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("history_accessevent", "history_accessline"):
            for statement in drop_statements("postgresql", table):
                cursor.execute(statement)
        cursor.execute(
            "DELETE FROM history_accessline USING history_accessevent e WHERE e.id = event_id AND e.sequence < 0"
        )
        cursor.execute("DELETE FROM history_accessevent WHERE sequence < 0")
    links, lines = [], []
    keys = list(Case.objects.order_by("pk").values_list("pk", flat=True)[:500])
    with transaction.atomic():
        head = ChainHead.objects.get(trail="access")
        sequence, previous = head.sequence, head.hash
        for place in range(number - AccessEvent.objects.count()):
            sequence += 1
            key = keys[place % len(keys)]
            link = AccessEvent(
                sequence=sequence, at=timezone.now(), actor=user, roles="QL", purpose="view", page="cases:detail",
                content_digest=lines_digest([("cases.case", key)]), previous_hash=previous,
            )  # fmt: skip
            previous = link.hash = link_hash(previous, access_values(link))
            links.append(link)
            lines.append(key)
        saved = AccessEvent.objects.bulk_create(links, batch_size=2000)
        AccessLine.objects.bulk_create(
            (AccessLine(event=link, kind="cases.case", object_id=key) for link, key in zip(saved, lines, strict=True)),
            batch_size=5000,
        )
        moved = signature_of("access", sequence, previous, key=settings.HISTORY_KEY)
        ChainHead.objects.filter(trail="access").update(sequence=sequence, hash=previous, signature=moved)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE history_accessevent, history_accessline")


@contextmanager
def small_council() -> Iterator[Callable[[str], float]]:
    """The council as it was when it was small, behind a process of its own; asks it for a page, in milliseconds."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/small"
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.small"], cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError("the small council does not answer")

        def ask(path: str) -> float:
            process.stdin.write(path + "\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        yield ask
    finally:
        process.stdin.close()
        process.wait(timeout=30)


@contextmanager
def served() -> Iterator[int]:
    """The product behind gunicorn, two processes of eight threads each; its port."""
    from scripts.services import free_port

    port = free_port()
    environ = {**os.environ, "PORT": str(port), "DJANGO_SETTINGS_MODULE": "bench.settings", "DATABASE_POOL": "1"}
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn_full.py", "config.wsgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=1).request("GET", "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def ask_many(port: int, cookie: str, path: str, *, clients: int, times: int) -> list[float]:
    """Ask for a page from `clients` connections at once, `times` each. Returns the milliseconds of every request."""
    took: list[float] = []
    wrong: list[int] = []

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(times):
            started = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            took.append((time.perf_counter() - started) * 1000)
            if answer.status != 200:
                wrong.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{len(wrong)} requests were answered {wrong[0]}")
    return took


@contextmanager
def rebuilding() -> Iterator[list[int]]:
    """The tallies are made anew, again and again, in a process of its own; yields how many times by the end."""
    rounds = [0]
    program = (
        "import django; django.setup()\n"
        "from audits.services.tallies import rebuild\n"
        "while True:\n    rebuild(); print('.', flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or []), daemon=True)
    reader.start()
    try:
        yield rounds
    finally:
        process.kill()
        process.wait()
        reader.join(timeout=5)
        rounds[0] = len(lines)


def written(table: Any, *, small: int, large: int, took: float, machine: str) -> str:
    """docs/bench.md's table for a run."""
    from django.utils import timezone

    out = io.StringIO()
    out.write(f"Run of {timezone.localdate():%-d %B %Y} with {large:,} audits ({small:,} for growth), {machine}. ")
    out.write(f"Medians of {table.measures[0].turns} unless said otherwise; {took / 60:.0f} minutes.\n\n")
    out.write("| | what / its peer | ours | peer | ratio | goal | |\n|---|---|---:|---:|---:|---:|---|\n")
    for measure in table.measures:
        figures = (
            f"{measure.ours:,.2f} | {measure.peer:,.2f}" if measure.unit else f"{measure.ours:g} | {measure.peer:g}"
        )
        unit = f" ({measure.unit})" if measure.unit else ""
        out.write(
            f"| {measure.key} | {measure.what}{unit} | {figures} | {measure.ratio:.3f} | {measure.aim} | "
            f"{'met' if measure.met else '**missed**'} |\n"
        )
    out.write("\n" + "\n".join(f"- {note}" for note in table.notes) + "\n")
    return out.getvalue()


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the product against its peers.")
    parser.add_argument("--audits", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--machine", default="")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    prepare()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    bench = Bench(small=options.small, large=options.audits, turns=options.turns)
    started = time.perf_counter()
    try:
        bench.run()
    finally:
        if bench.table.measures and options.out:
            took = time.perf_counter() - started
            options.out.write_text(
                written(bench.table, small=options.small, large=options.audits, took=took, machine=options.machine)
            )
    missed = [measure for measure in bench.table.measures if not measure.met]
    print(f"\n{len(bench.table.measures) - len(missed)} goals met, {len(missed)} missed", flush=True)
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
