"""`make test`: every test on PostgreSQL, then on SQLite, each server private to this run and gone afterwards.

PostgreSQL is the reference: that leg has the browser journeys and the tests that need
a real Redis as well. What had to be skipped is counted, with its reason, at the end.
"""

from __future__ import annotations

import argparse
import os
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

ROOT = Path(__file__).resolve().parent.parent
LEG_SECONDS = 2400
# pytest's exit code when the choice of markers left nothing to run.
NO_TESTS = 5


@dataclass
class Leg:
    """One run of pytest: its name, what it runs on, markers, environment, what it leaves out, what came of it."""

    name: str
    label: str
    markers: str
    environ: dict[str, str]
    left_out: tuple[str, ...] = ()
    code: int = 0
    seconds: float = 0.0
    passed: int = 0
    failed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether the leg ran and nothing in it failed."""
        return not self.problem and self.code in (0, NO_TESTS) and not self.failed


def run(leg: Leg, report: Path, args: list[str]) -> None:
    """Run pytest for one leg, its output as it comes, and write the outcome into `leg`."""
    print(f"\n== {leg.name}: {leg.label}\n", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-m", leg.markers, f"--junitxml={report}"]
    command += ["--durations=10", "--durations-min=3", *(f"--ignore={path}" for path in leg.left_out), *args]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=leg.environ, stdin=subprocess.DEVNULL)
    try:
        leg.code = process.wait(timeout=LEG_SECONDS)
    except subprocess.TimeoutExpired:
        leg.problem = f"stopped after {LEG_SECONDS} seconds"
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    leg.seconds = time.monotonic() - started
    if report.exists():
        count(leg, report)
    elif not leg.problem and leg.code != NO_TESTS:
        leg.problem = f"pytest ended with {leg.code} before it could report"


def count(leg: Leg, report: Path) -> None:
    """Read pytest's JUnit file into the leg: passed, failed, and skips by reason."""
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314  pytest wrote it a moment ago
        if case.find("failure") is not None or case.find("error") is not None:
            leg.failed += 1
        elif (skip := case.find("skipped")) is not None:
            leg.skipped[re.sub(r"\s+", " ", skip.get("message") or "no reason given")] += 1
        else:
            leg.passed += 1


def say(legs: list[Leg]) -> None:
    """Print the summary of the whole run."""
    print("\n== Summary\n")
    for leg in legs:
        skipped = sum(leg.skipped.values())
        figures = f"{leg.passed} passed, {leg.failed} failed, {skipped} skipped, {leg.seconds:.0f} s"
        print(f"{'pass' if leg.good else 'FAIL'}  {leg.name:<10}  {leg.label:<24}  {leg.problem or figures}")
    total = sum(sum(leg.skipped.values()) for leg in legs)
    if total:
        print(f"\nSKIPPED: {total} tests did not run.")
        for leg in legs:
            for reason, number in leg.skipped.most_common():
                print(f"  {number:>4} x {reason} ({leg.name} leg)")
    print(flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    """TERM ends the run as Ctrl-C does, so that every server is taken down."""
    raise KeyboardInterrupt


def main() -> int:
    from scripts import services

    parser = argparse.ArgumentParser(description="Run the tests on PostgreSQL and on SQLite.")
    parser.add_argument("--leg", choices=["postgres", "sqlite", "both"], default="both")
    options, args = parser.parse_known_args()
    signal.signal(signal.SIGTERM, _stop)
    legs: list[Leg] = []
    with ExitStack() as stack:
        scratch = stack.enter_context(services.private_directory())
        environ = {**os.environ, "TMPDIR": str(scratch), "PYTHONDONTWRITEBYTECODE": "1"}
        for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_POOL", "DJANGO_SETTINGS_MODULE"):
            environ.pop(name, None)
        environ["TEST_CHROMIUM"] = services.chromium() or ""
        if not services.pango():
            print("Pango was neither found nor could be installed: the tests of PDF files will be SKIPPED.", flush=True)
        if not environ["TEST_CHROMIUM"]:
            print("Chromium was neither found nor could be installed: the browser tests will be SKIPPED.", flush=True)
        try:
            environ.setdefault("TEST_REDIS_URL", "")
            if not environ["TEST_REDIS_URL"]:
                server = stack.enter_context(services.redis())
                environ["TEST_REDIS_URL"] = server.url
                print(f"{server.label} on {server.url}", flush=True)
        except services.NotAvailable as error:
            print(f"No Redis, so the tests that need one will be SKIPPED: {error}", flush=True)
        if options.leg in ("postgres", "both"):
            leg = Leg("PostgreSQL", "", "not sqlite", dict(environ))
            legs.append(leg)
            try:
                if url := environ.get("TEST_DATABASE_URL"):
                    leg.label, leg.environ["DATABASE_URL"] = "TEST_DATABASE_URL", url
                else:
                    server = stack.enter_context(services.postgres())
                    leg.label, leg.environ["DATABASE_URL"] = server.label, server.url
            except services.NotAvailable as error:
                leg.problem = "PostgreSQL is not available"
                print(f"\n{error}\n", file=sys.stderr, flush=True)
        if options.leg in ("sqlite", "both"):
            import sqlite3

            markers = "not postgres and not browser and not redis"
            # Rules and the shape of the code need no database: once is enough when both legs run.
            once = ("tests/rules", "tests/architecture") if legs else ()
            legs.append(Leg("SQLite", f"SQLite {sqlite3.sqlite_version}", markers, dict(environ), once))
        for leg in legs:
            if not leg.problem:
                run(leg, scratch / f"{leg.name}.xml", args)
    say(legs)
    return 0 if legs and all(leg.good for leg in legs) and any(leg.passed for leg in legs) else 1


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped; the private servers are gone.", file=sys.stderr)
        sys.exit(130)
