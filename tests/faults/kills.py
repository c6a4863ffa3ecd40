"""Workers killed with -9 at random points while jobs are asked for, and the counts of what became of the jobs."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from core.jobs.choices import JobStatus
from core.jobs.models import Job
from tests.faults import work
from tests.faults.processes import ROOT, CeleryProcesses, wait_until

SETTINGS = "tests.faults.settings"


def seed() -> int:
    """The seed of this run: FAULT_SEED, else a new one. Printed with every outcome."""
    return int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(1_000_000))


@dataclass
class Submitter:
    """A process that asks for work; `acknowledged` maps what it was told was stored to the seconds that took."""

    process: subprocess.Popen[str]
    acknowledged: dict[str, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, **order: Any) -> None:
        """Give it its order; the answers are read in the background."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == "over":
                break
            answer = json.loads(line)
            self.acknowledged[answer["name"]] = answer["seconds"]
        self.over.set()


@contextmanager
def submitter(environ: dict[str, str]) -> Iterator[Submitter]:
    """A process with a bell of its own, ready for its order."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.submitter"],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    try:
        yield Submitter(process)
    finally:
        process.kill()
        process.communicate()


@contextmanager
def tables() -> Iterator[None]:
    """The tables in which starts and effects are noted."""
    work.make_tables()
    try:
        yield
    finally:
        work.drop_tables()


@dataclass(frozen=True)
class Outcome:
    """What became of the jobs of one run."""

    seed: int
    kills: int
    struck: int
    submitted: int
    acknowledged: int
    found: int
    lost: int
    duplicated: int
    max_recovery: float

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.kills} kills, {self.struck} jobs struck; submitted {self.submitted}, "
            f"acknowledged {self.acknowledged}, found {self.found}, lost {self.lost}, duplicated {self.duplicated}, "
            f"max recovery {self.max_recovery:.1f} s"
        )


def unfinished() -> int:
    """How many jobs are neither done nor failed."""
    return Job.objects.filter(status__in=(JobStatus.QUEUED, JobStatus.RUNNING)).count()


def held() -> list[str]:
    """The jobs that some worker holds at this moment."""
    return [str(pk) for pk in Job.objects.filter(status=JobStatus.RUNNING).values_list("pk", flat=True)]


def effects() -> Counter[str]:
    """How often each name has had its effect."""
    return Counter(name for name, _, _, _ in work.rows("fault_effect"))


def run_kills(processes: CeleryProcesses, *, jobs: int, kills: int, seconds_a_job: float) -> Outcome:
    """Ask for `jobs` jobs, kill the whole worker `kills` times at random moments, and count what was done.

    Recovery is measured for each job that a kill struck: from the kill to the next time that a worker took it.
    """
    number = seed()
    chance = random.Random(number)
    share = seconds_a_job / 3
    payloads = [
        {"name": f"job {n}", **{part: chance.uniform(0, 2 * share) for part in ("before", "inside", "after")}}
        for n in range(jobs)
    ]
    strikes: list[tuple[float, list[str]]] = []
    processes.start_ready("worker")
    processes.start("beat")
    # Asked for over about as long as the work takes, so that kills meet asking, waiting and doing alike.
    with submitter(processes.environ) as asker:
        asker.ask(jobs=payloads, pause=seconds_a_job / 4)
        wait_until(lambda: bool(held()), seconds=30, what="the first job at work")
        for _ in range(kills):
            time.sleep(chance.uniform(0.1, 2.5))
            processes.kill("worker")
            strikes.append((time.time(), held()))
            processes.start_ready("worker")
        assert asker.over.wait(300)
        wait_until(lambda: unfinished() == 0, seconds=300, what="the end of all jobs")
    starts = work.rows("fault_start")
    recoveries, before = [], 0.0
    for killed, jobs_held in strikes:
        for struck in jobs_held:
            moments = [at for _, job, at, _ in starts if job == struck]
            # Not those that an earlier kill had struck and nobody had taken up yet; nor one whose commit was on its
            # way to the database when the kill came, so that it was done after all.
            if max((at for at in moments if at < killed), default=killed) > before and max(moments, default=0) > killed:
                recoveries.append(min(at for at in moments if at > killed) - killed)
        before = killed
    done = effects()
    return Outcome(
        seed=number,
        kills=kills,
        struck=len(recoveries),
        submitted=jobs,
        acknowledged=len(asker.acknowledged),
        found=len(done),
        lost=len(asker.acknowledged.keys() - done.keys()),
        duplicated=sum(done.values()) - len(done),
        max_recovery=max(recoveries, default=0.0),
    )
