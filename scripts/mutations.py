"""Takes each guard of tests/incidents.toml away, in a copy, and sees the tests that hold it fail.

`make mutations` does all of it, `make mutations ARGS="17 20"` some incidents. The same file makes docs/incidents.md
(`python -m scripts.mutations --page`); tests/architecture/test_incidents.py fails while either is old.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "incidents.toml"
PAGE = ROOT / "docs" / "incidents.md"
SECONDS = 600
# pytest's exit code when tests ran and some failed; any other (nothing found, a mistake of ours) proves nothing.
TESTS_FAILED = 1

INTRODUCTION = """
Printed from `tests/incidents.toml` by `python -m scripts.mutations --page`; do not edit. T1 to T30 are faults that
harmed people elsewhere; T0 are the response headers. Each is held by tests, and each guard was taken away to see a
test fail: `make mutations` does so again, in a copy. `make pages` opens every page with hostile texts in a browser too
(T20), `make bench` measures whether the time of an answer tells anything (T4, T24), `make faults` prints many papers at
once (T29). Not tried: a caching proxy in front (T14).
"""


@dataclass(frozen=True)
class Edit:
    """One text of one file and what stands there instead."""

    file: str
    text: str
    instead: str


@dataclass(frozen=True)
class Mutation:
    """A guard taken away (`edits`), and the tests that must then fail."""

    t: int
    edits: tuple[Edit, ...]
    red: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.edits[0].file}: {self.edits[0].text.strip().splitlines()[0][:70]}"


@dataclass(frozen=True)
class Incident:
    """What happened elsewhere, what guards against it here, and the tests that hold it."""

    t: int
    elsewhere: str
    guard: str
    tests: tuple[str, ...]
    mutations: tuple[Mutation, ...]


def incidents() -> list[Incident]:
    """Everything in tests/incidents.toml, in its order."""
    read = tomllib.loads(DATA.read_text(encoding="utf-8"))["incident"]
    return [
        Incident(
            each["t"], each["elsewhere"], each["guard"], tuple(each["tests"]),
            tuple(_mutation(each["t"], one) for one in each["mutation"]),
        )
        for each in read
    ]  # fmt: skip


def _mutation(t: int, one: dict[str, Any]) -> Mutation:
    edits = (Edit(one["file"], one["text"], one["instead"]), *(Edit(*more) for more in one.get("also", ())))
    return Mutation(t, edits, tuple(one["red"]))


def stale(found: list[Incident]) -> list[str]:
    """The texts that do not stand exactly once in their file."""
    wrong = []
    for incident in found:
        for mutation in incident.mutations:
            for edit in mutation.edits:
                count = (ROOT / edit.file).read_text(encoding="utf-8").count(edit.text)
                if count != 1:
                    wrong.append(f"T{incident.t}: {count} times in {edit.file}: {edit.text!r}")
    return wrong


def page() -> str:
    """The text of docs/incidents.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# What happened elsewhere"
    yield ""
    yield from INTRODUCTION.strip().splitlines()
    yield ""
    yield "| T | What happened elsewhere | The guard | Our tests | Red when this is changed |"
    yield "|---|---|---|---|---|"
    for each in sorted(incidents(), key=lambda incident: incident.t or 99):
        tests = "<br>".join(f"`{name.removeprefix('tests/')}`" for name in each.tests)
        changed = "<br>".join(dict.fromkeys(f"`{edit.file}`" for one in each.mutations for edit in one.edits))
        yield f"| {each.t} | {each.elsewhere} | {each.guard} | {tests} | {changed} |"


def copy_to(folder: Path) -> None:
    """The tracked and new files, the virtual environment and the migrated test database."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    kept = ROOT / ".local" / "test-databases"
    if kept.is_dir():
        shutil.copytree(kept, folder / ".local" / "test-databases")


def try_out(folder: Path, tests: tuple[str, ...]) -> int:
    """Run these tests on SQLite in the copy; pytest's exit code."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", *tests]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "TEST_"))}
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False,
            env=environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return -1
    if done.returncode not in (0, TESTS_FAILED):
        print(done.stdout[-2000:], done.stderr[-2000:])
    return done.returncode


def is_red(folder: Path, mutation: Mutation) -> list[str]:
    """Change the copy, run each of the tests, change it back. Returns the tests that did not fail."""
    before = {edit.file: (folder / edit.file).read_text(encoding="utf-8") for edit in mutation.edits}
    try:
        for edit in mutation.edits:
            path = folder / edit.file
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(edit.text, edit.instead), encoding="utf-8")
        return [test for test in mutation.red if try_out(folder, (test,)) != TESTS_FAILED]
    finally:
        for name, text in before.items():
            (folder / name).write_text(text, encoding="utf-8")


def main() -> int:
    """Print a line for each guard; 1 where one could be taken away unseen, or where a text is not found."""
    from scripts.printing import write_page

    found = incidents()
    if old := stale(found):
        print("\n".join(old))
        return 1
    parser = argparse.ArgumentParser(description="Take each guard away and see the tests that hold it fail.")
    parser.add_argument("incidents", nargs="*", type=int, help="numbers of incidents; without any, all")
    parser.add_argument("--lanes", type=int, default=os.cpu_count() or 1, help="copies that work at the same time")
    parser.add_argument("--page", action="store_true", help="write docs/incidents.md and change nothing")
    options = parser.parse_args()
    if options.page:
        return write_page(PAGE, page)
    chosen = set(options.incidents)
    mutations = [one for each in found if not chosen or each.t in chosen for one in each.mutations]
    folders: Queue[Path] = Queue()
    unseen = 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutations-") as home:
        for lane in range(options.lanes):
            (folder := Path(home) / str(lane)).mkdir()
            copy_to(folder)
            folders.put(folder)

        def one(mutation: Mutation) -> list[str]:
            folder = folders.get()
            try:
                return is_red(folder, mutation)
            finally:
                folders.put(folder)

        print("T   red?  guard removed")
        with ThreadPoolExecutor(options.lanes) as lanes:
            for mutation, green in zip(mutations, lanes.map(one, mutations), strict=True):
                unseen += bool(green)
                print(f"{mutation.t:<3} {'NO ' if green else 'yes'}   {mutation} {' '.join(green)}", flush=True)
    print(f"\nguards removed {len(mutations)}, red {len(mutations) - unseen}, unseen {unseen}, "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
