"""`make test`: every test on PostgreSQL, and some on SQLite, as many processes at a time as the machine has for it.

PostgreSQL is the reference: that leg has the browser journeys and the tests that need a real Redis as well. The
servers are private to this run and gone afterwards; each process has a database of its own in both of them. What a
process printed is shown when it ends (with one at a time, as it comes); what had to be skipped is counted, with its
reason, at the end.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
LEG_SECONDS = 2400
SAY_EVERY = 30
# One more than there are processors, since tests wait for servers, browsers and clocks as well. More than these gain
# little: each has all tests to collect.
MOST_LANES = 5
# PostgreSQL is what a council runs, and has every test. SQLite is what `make run` starts: where both are run, it gets
# what the database answers in a way of its own (triggers, locks, JSON, dates, sorting, imports), the making of the demo
# council, and every page. `LEG=sqlite` runs all of them there.
ON_BOTH = (
    "access/test_every_url", "access/test_revocation", "accounts/test_import_people", "accounts/test_roles",
    "accounts/test_sign_in", "actions/test_clocks", "actions/test_pages", "actions/test_recommendations",
    "assurance_clinics/test_clinics", "assurance_clinics/test_computing", "assurance_clinics/test_import_indicators",
    "assurance_clinics/test_indicator_values", "audits/test_drafting", "audits/test_grade_table",
    "audits/test_import_audits", "audits/test_many_at_once", "audits/test_moderating", "audits/test_pages_lists",
    "audits/test_pages_sections", "audits/test_responding", "audits/test_submitting", "audits/test_tallies",
    "audits/test_themes", "cases/test_data_quality", "cases/test_import", "cases/test_import_command",
    "core/test_council_settings", "core/test_export_files", "core/test_history", "core/test_jobs",
    "core/test_lost_database", "core/test_notices", "core/test_private_files", "core/test_shared_cache",
    "learning/test_build_summary", "learning/test_panel_meeting", "reports/test_feed", "reports/test_figures",
    "reports/test_publishing", "reports/test_row_files", "worklist/test_demo_council", "worklist/test_home",
    "worklist/test_search", "worklist/test_trail_pages",
)  # fmt: skip
# pytest's exit code when the choice of markers left nothing to run.
NO_TESTS = 5


@dataclass
class Part:
    """One process of pytest: of which leg, on which database, and what came of it."""

    name: str
    environ: dict[str, str]
    log: Path
    report: Path
    process: subprocess.Popen[bytes] | None = None
    code: int = 0
    seconds: float = 0.0
    started: float = 0.0

    @property
    def ended(self) -> int | None:
        """The exit code of its process; None as long as it runs."""
        return self.process.poll() if self.process else None


@dataclass
class Leg:
    """The tests on one database: what it runs on, markers, files (none: all), its processes, what came of them."""

    name: str
    label: str
    markers: str
    shared: Path
    files: tuple[str, ...] = ()
    # The environment in which a database for its parts is migrated; {}: each of them migrates its own.
    template: dict[str, str] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    passed: int = 0
    failed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether the leg ran and nothing in it failed."""
        return not self.problem and all(part.code in (0, NO_TESTS) for part in self.parts) and not self.failed

    @property
    def seconds(self) -> float:
        """What its processes took together."""
        return sum(part.seconds for part in self.parts)


def start(leg: Leg, part: Part, args: list[str], *, alone: bool) -> None:
    """Start the process of one part; what it prints goes to its log, or straight out where it is `alone`."""
    from scripts.services import die_with_parent

    command = [sys.executable, "-m", "pytest", "-q", "-m", leg.markers, f"--junitxml={part.report}"]
    command += ["-p", "scripts.sharing", "--durations=10", "--durations-min=3"]
    named = any(is_test(arg) for arg in args)
    command += [*args, *(() if named else (f"tests/{file}.py" for file in leg.files))]
    Path(part.environ["TMPDIR"]).mkdir()
    part.started = time.monotonic()
    if alone:
        print(f"\n== {leg.name}: {leg.label}\n", flush=True)
    with part.log.open("wb") as output:
        part.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**part.environ, "TEST_SHARED": str(leg.shared), "COLUMNS": "110"},
            stdin=subprocess.DEVNULL,
            stdout=None if alone else output,
            stderr=None if alone else subprocess.STDOUT,
            # Ctrl-C reaches it once, through `stop`.
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGINT),
        )


def finish(leg: Leg, part: Part, *, alone: bool) -> None:
    """Show what the process printed and count what it ran."""
    part.code = part.ended or 0
    part.seconds = time.monotonic() - part.started
    if not alone:
        print(f"\n== {leg.name}: {leg.label}, {part.name}, {part.seconds:.0f} s\n", flush=True)
        sys.stdout.buffer.write(part.log.read_bytes())
        print(flush=True)
    if part.report.exists():
        count(leg, part.report)
    elif not leg.problem and part.code != NO_TESTS:
        leg.problem = f"pytest ended with {part.code} before it could report"


def stop(parts: list[Part]) -> None:
    """End what still runs: asked first, so that the tests' own servers are taken down, killed after a while."""
    running = [part.process for part in parts if part.process and part.process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 20
    for process in running:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def migrate(legs: list[Leg]) -> None:
    """Make one migrated database for each leg, at the same time; its parts copy it (tests/templates.py).

    Where that fails the parts migrate by themselves, and say what is wrong.
    """
    from scripts.services import die_with_parent

    at_work = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.templates"],
            cwd=ROOT,
            env={**leg.template, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent(signal.SIGINT),
        )
        for leg in legs
        if leg.template
    ]
    for process in at_work:
        process.wait()


def run(legs: list[Leg], lanes: int, args: list[str]) -> None:
    """Run the parts of all legs, `lanes` at a time and the first leg first; say how far they are."""
    waiting = [(leg, part) for leg in legs if not leg.problem for part in leg.parts]
    everything = [part for _, part in waiting]
    running: list[tuple[Leg, Part]] = []
    first_failure_ends_it = bool({"-x", "--exitfirst"} & set(args))
    began = said = time.monotonic()
    told: Counter[str] = Counter()
    try:
        while waiting or running:
            while waiting and len(running) < lanes:
                leg, part = waiting.pop(0)
                start(leg, part, args, alone=lanes == 1)
                running.append((leg, part))
            time.sleep(0.5)
            for leg, part in list(running):
                if part.ended is not None:
                    running.remove((leg, part))
                    finish(leg, part, alone=lanes == 1)
                elif time.monotonic() - part.started > LEG_SECONDS:
                    leg.problem = f"stopped after {LEG_SECONDS} seconds"
                    stop([part])
                tell_failures(leg, told)
            if first_failure_ends_it and not all(leg.good for leg in legs):
                waiting.clear()
                stop(everything)
            if lanes > 1 and time.monotonic() - said > SAY_EVERY:
                said = time.monotonic()
                print(f"  {said - began:4.0f} s  {', '.join(map(progress, legs))}", flush=True)
    finally:
        stop(everything)


def tell_failures(leg: Leg, told: Counter[str]) -> None:
    """Name the tests that have failed since this was last asked."""
    path = leg.shared / "failed"
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines[told[leg.name] :]:
        print(f"  FAILED on {leg.name}: {line}", flush=True)
    told[leg.name] = len(lines)


def progress(leg: Leg) -> str:
    """How many of the leg's files are done or under way."""
    total = leg.shared / "total"
    taken = len(list(leg.shared.glob("*.taken")))
    return f"{leg.name} {taken} of {total.read_text()} files" if total.exists() else f"{leg.name} not yet begun"


def count(leg: Leg, report: Path) -> None:
    """Read pytest's JUnit file into the leg: passed, failed, and skips by reason."""
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  pytest wrote it a moment ago
        if case.find("failure") is not None or case.find("error") is not None:
            leg.failed += 1
        elif (skip := case.find("skipped")) is not None:
            leg.skipped[re.sub(r"\s+", " ", skip.get("message") or "no reason given")] += 1
        else:
            leg.passed += 1


def say(legs: list[Leg], seconds: float) -> None:
    """Print the summary of the whole run."""
    print("\n== Summary\n")
    for leg in legs:
        skipped = sum(leg.skipped.values())
        figures = f"{leg.passed} passed, {leg.failed} failed, {skipped} skipped, {leg.seconds:.0f} s of work"
        print(f"{'pass' if leg.good else 'FAIL'}  {leg.name:<10}  {leg.label:<24}  {leg.problem or figures}")
    passed, failed = sum(leg.passed for leg in legs), sum(leg.failed for leg in legs)
    total = sum(sum(leg.skipped.values()) for leg in legs)
    print(f"\n{passed} passed, {failed} failed, {total} skipped in {seconds:.0f} s")
    if total:
        print(f"\nSKIPPED: {total} tests did not run.")
        for leg in legs:
            for reason, number in leg.skipped.most_common():
                print(f"  {number:>4} x {reason} ({leg.name} leg)")
    print(flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    """TERM ends the run as Ctrl-C does, so that every server is taken down."""
    raise KeyboardInterrupt


def own_database(url: str, number: int) -> str:
    """The URL with a database name of this part's own; its test database is made from it and taken away again."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path}_{number}"))


def own_redis(url: str, number: int) -> str:
    """The same Redis with a database number of this part's own; "" where there is none."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}")) if url else ""


def is_test(arg: str) -> bool:
    """Whether an argument names a file or folder of tests, or one test."""
    return not arg.startswith("-") and (ROOT / arg.split("::")[0]).exists()


def lanes_for(args: list[str]) -> int:
    """How many processes share a leg: a single one for tests that are named."""
    if any(map(is_test, args)):
        return 1
    return max(1, min(MOST_LANES, len(os.sched_getaffinity(0)) + 1))


def main() -> int:
    from scripts import services

    parser = argparse.ArgumentParser(description="Run the tests on PostgreSQL and on SQLite.")
    parser.add_argument("--leg", choices=["postgres", "sqlite", "both"], default="both")
    parser.add_argument("--lanes", type=int, help="processes at a time; one more than processors unless given")
    options, args = parser.parse_known_args()
    signal.signal(signal.SIGTERM, _stop)
    began = time.monotonic()
    if not any("randomly" in arg for arg in args):
        args = [f"--randomly-seed={random.randrange(2**32)}", *args]  # noqa: S311  no secret
    each = options.lanes or lanes_for(args)
    lanes = options.lanes or lanes_for([])
    legs: list[Leg] = []
    with ExitStack() as stack:
        scratch = stack.enter_context(services.private_directory())
        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_POOL", "DJANGO_SETTINGS_MODULE"):
            environ.pop(name, None)
        redis = environ.pop("TEST_REDIS_URL", "")
        try:
            if not redis and options.leg != "sqlite":
                redis = stack.enter_context(services.redis()).url
        except services.NotAvailable as error:
            print(f"No Redis, so the tests that need one will be SKIPPED: {error}", flush=True)
        environ["TEST_CHROMIUM"] = services.chromium() or ""
        if not services.pango():
            print("Pango was neither found nor could be installed: the tests of PDF files will be SKIPPED.", flush=True)
        if not environ["TEST_CHROMIUM"]:
            print("Chromium was neither found nor could be installed: the browser tests will be SKIPPED.", flush=True)

        def add(leg: Leg, urls: list[str]) -> None:
            leg.shared.mkdir()
            legs.append(leg)
            for number, url in enumerate(urls, start=1):
                at = scratch / f"{leg.shared.name}-{number}"
                of_it = {**environ, "TMPDIR": str(at), "TEST_REDIS_URL": own_redis(redis, number)}
                if url:
                    of_it["DATABASE_URL"] = url
                part = Part(f"part {number} of {len(urls)}", of_it, at.with_suffix(".log"), at.with_suffix(".xml"))
                leg.parts.append(part)

        if options.leg in ("postgres", "both"):
            leg = Leg("PostgreSQL", "", "not sqlite", scratch / "postgres")
            try:
                if url := environ.get("TEST_DATABASE_URL"):
                    leg.label = "TEST_DATABASE_URL"
                else:
                    server = stack.enter_context(services.postgres())
                    leg.label, url = server.label, server.url
                    if each > 1:
                        leg.template = {**environ, "DATABASE_URL": own_database(url, 0)}
                        environ["TEST_TEMPLATE"] = f"test_{urlsplit(own_database(url, 0)).path[1:]}"
                add(leg, [own_database(url, number) for number in range(1, each + 1)])
            except services.NotAvailable as error:
                add(leg, [])
                leg.problem = "PostgreSQL is not available"
                print(f"\n{error}\n", file=sys.stderr, flush=True)
        if options.leg in ("sqlite", "both"):
            import sqlite3

            markers = "not postgres and not browser and not redis" + (" and not once" if legs else "")
            both = ON_BOTH if legs else ()
            leg = Leg("SQLite", f"SQLite {sqlite3.sqlite_version}", markers, scratch / "sqlite", both)
            leg.template = environ if each > 1 else {}
            add(leg, [""] * each)
        print(f"{', '.join(leg.label for leg in legs if leg.label)}; {lanes} at a time; {args[0]}", flush=True)
        migrate(legs)
        run(legs, lanes, args)
    say(legs, time.monotonic() - began)
    return 0 if legs and all(leg.good for leg in legs) and any(leg.passed for leg in legs) else 1


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped; the private servers are gone.", file=sys.stderr)
        sys.exit(130)
