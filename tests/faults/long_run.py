"""Faults, one by one, on real processes: `make faults` runs this file, `make test` only a short kill test.

FAULT_JOBS, FAULT_KILLS and FAULT_SEED change the size and the luck of the first one. Each prints what it counted.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import OrgUnit, User
from audits.choices import AuditStatus
from audits.models import Audit, Moderation
from audits.services.drafting import start_audit
from cases.models import Case
from core.documents import FORMS
from core.history.models import Event
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import enqueue
from core.notifications.models import Notice
from learning.models import PanelSummary
from learning.rules.summaries import month_due
from learning.services.packs import request_pack
from scripts import services
from tests.audits.drafts import fill_in, new_audit
from tests.factories.cases import CaseFactory, held_by
from tests.faults import papers, work
from tests.faults.kills import SETTINGS, effects, held, run_kills, seed, submitter, tables, unfinished
from tests.faults.processes import ROOT, CeleryProcesses, celery_processes, database_url, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
# Quicker than the product, where a test would only wait.
QUICK = {"DJANGO_SETTINGS_MODULE": SETTINGS, "JOB_LEASE_SECONDS": "3", "FAULT_SWEEP_SECONDS": "1"}


@pytest.fixture(autouse=True)
def fault_tables() -> Iterator[None]:
    with tables():
        yield


@contextmanager
def own_redis(port: int) -> Iterator[services.Server]:
    """A Redis that this test may stop and freeze."""
    with services.redis(port) as server:
        try:
            yield server
        finally:
            # A frozen one would not hear that it should end.
            os.kill(server.pid, signal.SIGCONT)


def ask(processes: CeleryProcesses, count: int, prefix: str = "job") -> dict[str, float]:
    """Ask for jobs from a process of their own. Returns seconds by name of what was acknowledged."""
    with submitter(processes.environ) as asker:
        asker.ask(jobs=[{"name": f"{prefix} {n}"} for n in range(count)])
        assert asker.over.wait(60)
        time.sleep(1)  # as a web process would, it lives on while its bell speaks
    return asker.acknowledged


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def all_done(seconds: float = 60) -> float:
    return wait_until(lambda: unfinished() == 0, seconds=seconds, what="the end of all jobs")


# --- (a) kill -9 -------------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_workers_killed_again_and_again_lose_and_double_nothing(tmp_path: Path, empty_redis: str) -> None:
    jobs, kills = int(os.environ.get("FAULT_JOBS", "1500")), int(os.environ.get("FAULT_KILLS", "30"))
    with celery_processes(tmp_path, empty_redis, DJANGO_SETTINGS_MODULE=SETTINGS) as processes:
        outcome = run_kills(processes, jobs=jobs, kills=kills, seconds_a_job=0.1)
    print(f"\n{outcome}")
    assert (outcome.found, outcome.lost, outcome.duplicated) == (outcome.submitted, 0, 0)
    assert outcome.max_recovery <= 30


@pytest.mark.postgres
def test_summaries_built_under_kills_have_one_version_and_one_notice_each(
    tmp_path: Path, empty_redis: str, panel_member: User
) -> None:
    months = [date(2024 + place // 12, place % 12 + 1, 1) for place in range(30)]
    last_due = month_due(timezone.localtime())
    with celery_processes(tmp_path, empty_redis, **QUICK) as processes:
        for month in (*months, *months):
            enqueue("build_panel_summary", month=f"{month:%Y-%m}")
        processes.start("beat")
        for _ in range(4):
            processes.start_ready("worker")
            time.sleep(0.7)
            processes.kill("worker")
        processes.start("worker")
        all_done(120)
    # Beat asks for the summary that fell due last as well, so its month may stand beside those asked for here.
    built = Counter(PanelSummary.objects.values_list("month", flat=True))
    notices = Notice.objects.filter(kind="panel_summary").count()
    print(
        f"\nsummaries asked {2 * len(months)}, months {len(months)}, built {len(built)}, "
        f"versions {sum(built.values())}, notices {notices}"
    )
    assert set(months) <= set(built) <= {*months, last_due}
    assert notices == sum(built.values()) == len(built)
    assert not Job.objects.filter(status=JobStatus.FAILED).exists()


@pytest.mark.postgres
def test_packs_and_files_built_under_kills_have_one_version_one_notice_and_no_half(
    tmp_path: Path,
    empty_redis: str,
    settings: Any,
    team: OrgUnit,
    qa_lead: User,
    principal_social_worker: User,
    panel_member: User,
) -> None:
    """First killed at each named place, one work after the other; then many at once, killed at random moments."""
    many, month = 12, timezone.localdate().replace(day=1)
    papers.findings(team, month)
    meetings = [
        papers.panel_meeting(qa_lead, principal_social_worker, panel_member, days=8 + place) for place in range(4)
    ]
    forms = ["pdf"] if not FORMS["pdf"].why_not() else ["docx"]
    works: list[tuple[tuple[str, ...], Callable[[], Any]]] = [
        (papers.PACK_STOPS, lambda: request_pack(meeting=meetings[0], by=qa_lead)),
        (papers.ROWS_STOPS, lambda: papers.ask_for_rows(qa_lead, month)),
        (papers.REPORT_STOPS, lambda: papers.ask_for_report(qa_lead, month, forms[0])),
    ]
    places = [place for stops, _ in works for place in stops]
    environ = papers.stopping(tmp_path, *places)
    settings.EXPORTS_DIR = environ["EXPORTS_DIR"]
    with celery_processes(tmp_path, empty_redis, **environ) as processes:
        for stops, ask_for_it in works:
            ask_for_it()
            for place in stops:
                processes.start_ready("worker")
                papers.kill_at(processes, place)
            processes.start_ready("worker")
            all_done()
            processes.kill("worker")
    struck = papers.left()
    print(f"\nkilled at {len(places)} places: {struck}")
    assert struck == papers.Left(
        summaries=1, packs=1, pack_notices=2, ready=2, file_notices=2, on_disk=2, whole=2, failed=0
    )
    chance = random.Random(number := seed())
    with celery_processes(tmp_path, empty_redis, **{**QUICK, "EXPORTS_DIR": environ["EXPORTS_DIR"]}) as processes:
        for meeting in meetings[1:]:
            request_pack(meeting=meeting, by=qa_lead)
        for place in range(many):
            papers.ask_for_rows(qa_lead, month) if place % 4 else papers.ask_for_report(qa_lead, month, forms[0])
        processes.start("beat")
        for _ in range(4):
            processes.start_ready("worker")
            time.sleep(chance.uniform(0.05, 0.8))
            processes.kill("worker")
        processes.start("worker")
        all_done(180)
    end = papers.left()
    print(f"seed {number}, killed 4 times at random: {end}")
    # Beat asks for the summary that fell due last as well.
    assert (end.packs, end.pack_notices, end.failed) == (len(meetings), 2 * len(meetings), 0)
    assert end.ready == end.file_notices == end.whole == 2 + many
    assert end.on_disk == end.ready


# --- (b), (c), (d) Redis -----------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_redis_down_at_enqueue_fails_and_loses_nothing(tmp_path: Path) -> None:
    port = services.free_port()
    with ExitStack() as stack:
        processes = stack.enter_context(celery_processes(tmp_path, f"redis://127.0.0.1:{port}/0", **QUICK))
        with own_redis(port):
            processes.start_ready("worker")
            processes.start("beat")
            before = ask(processes, 20, "with Redis")
            all_done()
        down = ask(processes, 20, "without Redis")
        stack.enter_context(own_redis(port))
        recovery = all_done()
    done = effects()
    ratio = statistics.median(down.values()) / statistics.median(before.values())
    print(
        f"\nRedis down: acknowledged {len(down)} of 20, slowest {ms(max(down.values()))}, median x{ratio:.2f}; "
        f"found {len(done)} of 40, duplicated {sum(done.values()) - len(done)}, done {recovery:.1f} s after its return"
    )
    assert len(down) == 20
    assert statistics.median(down.values()) < 1
    assert len(done) == sum(done.values()) == 40


@pytest.mark.postgres
def test_submits_go_through_while_redis_is_down_and_while_it_is_frozen(
    tmp_path: Path, qa_lead: User, auditor: User, team: OrgUnit, practitioner: User
) -> None:
    """Real submits: the transition, the history, the moderation and the job, whatever state Redis is in."""
    each = 12
    audits = [_ready_audit(qa_lead, auditor, team, practitioner) for _ in range(3 * each)]
    times: dict[str, list[float]] = {}
    port = services.free_port()
    with ExitStack() as stack:
        processes = stack.enter_context(celery_processes(tmp_path, f"redis://127.0.0.1:{port}/0", **QUICK))

        def submit(state: str, batch: list[Audit]) -> None:
            with submitter(processes.environ) as asker:
                asker.ask(audits=[str(audit.pk) for audit in batch], by=str(auditor.pk))
                assert asker.over.wait(60)
            times[state] = list(asker.acknowledged.values())

        with own_redis(port) as redis:
            processes.start_ready("worker")
            processes.start("beat")
            submit("well", audits[:each])
            os.kill(redis.pid, signal.SIGSTOP)
            submit("frozen", audits[each : 2 * each])
            os.kill(redis.pid, signal.SIGCONT)
            thawed = all_done()
        submit("down", audits[2 * each :])
        stack.enter_context(own_redis(port))
        returned = all_done()
    submitted = {str(pk) for pk in Audit.objects.exclude(status=AuditStatus.IN_PROGRESS).values_list("pk", flat=True)}
    done = effects()
    well = statistics.median(times["well"])
    for state, took in times.items():
        median = statistics.median(took)
        print(
            f"\nsubmit, Redis {state}: {len(took)} of {each}, median {ms(median)} (x{median / well:.2f}), ",
            end="",
        )
        print(f"slowest {ms(max(took))}", end="")
    print(f"\nsubmitted {len(submitted)}, found {len(done)}, lost {len(submitted - done.keys())}, ", end="")
    print(f"duplicated {sum(done.values()) - len(done)}; ", end="")
    print(f"all done {thawed:.1f} s after the thaw and {returned:.1f} s after the return")
    assert all(len(took) == each for took in times.values())
    assert submitted == done.keys()
    assert sum(done.values()) == 3 * each
    assert Moderation.objects.count() == 3 * each
    assert Event.objects.filter(verb="submit").count() == 3 * each
    # Not a race: had submits waited for Redis at all, each would have taken a second or more, busy machine or not.
    assert max(statistics.median(times[state]) for state in ("frozen", "down")) < 1


@pytest.mark.postgres
def test_a_redis_that_restarts_again_and_again_is_heard_again(tmp_path: Path) -> None:
    """Gone at any moment, now and then after a while of silence, and back within eight seconds."""
    number = seed()
    luck = random.Random(number)
    restarts, waits = int(os.environ.get("FAULT_RESTARTS", "20")), []
    port = services.free_port()
    with celery_processes(tmp_path, f"redis://127.0.0.1:{port}/0", **QUICK) as processes:
        for turn in range(restarts + 1):
            with own_redis(port) as redis:
                if turn == 0:
                    processes.start_ready("worker")
                    processes.start("beat")
                before = sweeps(processes)
                waits.append(wait_until(lambda n=before: sweeps(processes) > n, seconds=60, what="a sweep"))
                time.sleep(luck.uniform(0, 2))
                if luck.random() < 0.5:
                    os.kill(redis.pid, signal.SIGSTOP)
                    time.sleep(luck.uniform(1, 6))
                    os.kill(redis.pid, signal.SIGCONT)
                    time.sleep(luck.uniform(0, 1))
            time.sleep(luck.uniform(0, 8))
        alive = processes.running["worker"].poll() is None
    print(f"\nseed {number}: Redis gone and back {restarts} times: heard again after {statistics.median(waits):.1f} s, "
          f"at most {max(waits[1:]):.1f} s; the worker {'is the same' if alive else 'ended'}")  # fmt: skip
    assert max(waits[1:]) < 30
    assert alive


def sweeps(processes: CeleryProcesses) -> int:
    """How often the worker was asked to sweep, by its log."""
    return processes.log("worker").read_bytes().count(b"core.jobs.tasks.sweep[")


@pytest.mark.postgres
def test_a_worker_whose_loop_stands_still_says_so_and_ends(tmp_path: Path, empty_redis: str) -> None:
    """So that what keeps it (systemd, make run-full) starts it again: alive and deaf, it would take no job for ever."""
    with celery_processes(tmp_path, empty_redis, FAULT_DEAF_AFTER="5", **QUICK) as processes:
        processes.start_ready("worker")
        worker = processes.running["worker"]
        ended = wait_until(lambda: worker.poll() is not None, seconds=90, what="the end of the worker")
        said = b"no longer hears the broker" in processes.log("worker").read_bytes()
    print(f"\na deaf worker ended after {ended:.0f} s")
    assert (worker.returncode, said) == (os.EX_SOFTWARE, True)


def _ready_audit(qa_lead: User, auditor: User, team: OrgUnit, practitioner: User) -> Audit:
    case: Case = CaseFactory(team=team, service=team.parent)
    held_by(case)
    audit = new_audit(case=case, by=qa_lead, auditor=auditor)
    return fill_in(start_audit(audit=audit, by=auditor), auditor)


@pytest.mark.postgres
def test_a_redis_that_forgets_everything_loses_no_job(tmp_path: Path) -> None:
    import redis

    with own_redis(services.free_port()) as server, celery_processes(tmp_path, server.url, **QUICK) as processes:
        processes.start_ready("worker")
        processes.start("beat")
        with submitter(processes.environ) as asker, redis.Redis.from_url(server.url) as client:
            asker.ask(jobs=[{"name": f"job {n}", "before": 0.05} for n in range(200)], pause=0.01)
            flushes = 0
            while not asker.over.wait(0.3):
                client.flushall()
                flushes += 1
            client.flushall()
            recovery = all_done()
    done = effects()
    print(
        f"\nFLUSHALL {flushes + 1} times: acknowledged {len(asker.acknowledged)}, found {len(done)}, "
        f"lost {len(asker.acknowledged.keys() - done.keys())}, duplicated {sum(done.values()) - len(done)}, "
        f"all done {recovery:.1f} s after the last"
    )
    assert flushes
    assert len(done) == sum(done.values()) == 200


# --- (e) two beats -----------------------------------------------------------------------------------------------


@pytest.mark.postgres
def test_two_beats_do_each_periods_job_once(tmp_path: Path, empty_redis: str) -> None:
    environ = {**QUICK, "FAULT_TICK_SECONDS": "0.3"}
    second = tmp_path / "second"
    second.mkdir()
    with (
        celery_processes(tmp_path, empty_redis, **environ) as one,
        celery_processes(second, empty_redis, **environ) as two,
    ):
        one.start_ready("worker")
        one.start_ready("beat")
        two.start_ready("beat")
        wait_until(lambda: len(effects()) >= 12, seconds=60, what="twelve periods done")
        one.stop_all()
        two.stop_all()
    seconds = sorted(int(name.split()[1]) for name in effects())
    twice = sum(effects().values()) - len(seconds)
    print(f"\ntwo beats: {len(seconds)} periods in {seconds[-1] - seconds[0] + 1} seconds, done twice {twice}")
    assert set(effects().values()) == {1}
    keys = list(Job.objects.filter(key__startswith="fault_second:").values_list("key", flat=True))
    assert len(keys) == len(set(keys))


# --- (f) a job that kills its worker -----------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_job_that_kills_its_worker_is_parked_after_five_tries_and_shown(
    tmp_path: Path, empty_redis: str, qa_lead: User
) -> None:
    with celery_processes(tmp_path, empty_redis, **{**QUICK, "JOB_LEASE_SECONDS": "2"}) as processes:
        processes.start_ready("worker")
        processes.start("beat")
        poison = enqueue("fault_die")
        others = ask(processes, 60)
        wait_until(
            lambda: Job.objects.get(pk=poison.pk).status == JobStatus.FAILED, seconds=90, what="the job being parked"
        )
        all_done()
    poison.refresh_from_db()
    tries = len([name for name, *_ in work.rows("fault_start") if name == "die"])
    done = effects()
    print(f"\npoison: {tries} tries, then parked; other jobs done {len(done)} of {len(others)}")
    assert tries == 5
    assert len(done) == sum(done.values()) == 60
    client = Client()
    client.force_login(qa_lead)
    page = client.get(reverse("jobs:list")).content.decode()
    assert "interrupted or failed too many times" in page
    assert reverse("jobs:retry", args=[poison.pk]) in page
    assert Notice.objects.filter(person=qa_lead, kind="job_failed").count() == 1


# --- (g) a worker that sleeps beyond its lease -------------------------------------------------------------------


@pytest.mark.postgres
def test_a_worker_that_slept_beyond_its_lease_cannot_complete_what_another_took_over(
    tmp_path: Path, empty_redis: str
) -> None:
    second = tmp_path / "second"
    second.mkdir()
    with celery_processes(tmp_path, empty_redis, **QUICK) as old, celery_processes(second, empty_redis, **QUICK) as new:
        old.start_ready("worker")
        old.start("beat")
        job = enqueue("fault_effect", name="slow", before=2.0)
        wait_until(lambda: str(job.pk) in held(), seconds=15, what="the first worker taking the job")
        wait_until(lambda: len(work.rows("fault_start")) == 1, seconds=5, what="the work having begun")
        old.signal("worker", signal.SIGSTOP)
        frozen = time.monotonic()
        new.start_ready("worker")
        wait_until(lambda: unfinished() == 0, seconds=30, what="the second worker doing it")
        taken_over = time.monotonic() - frozen
        old.signal("worker", signal.SIGCONT)
        wait_until(lambda: b"lost its lease" in old.log("worker").read_bytes(), seconds=20, what="the first giving way")
        time.sleep(1)
    starts, done = work.rows("fault_start"), effects()
    print(
        f"\nfrozen worker: starts {len(starts)}, effects {sum(done.values())}, done by another after {taken_over:.1f} s"
    )
    assert len(starts) == 2
    assert starts[0][3] != starts[1][3]
    assert done == {"slow": 1}


# --- (h) the embedded product on SQLite --------------------------------------------------------------------------


@contextmanager
def embedded(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The web process of `make run`, on this test's database."""
    port = services.free_port()
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings_embedded",
        "DATABASE_URL": database_url(),
        "JOB_LEASE_SECONDS": "3",
        "FAULT_SWEEP_SECONDS": "1",
        "PORT": str(port),
        "PYTHONWARNINGS": "ignore",
    }
    environ.pop("REDIS_URL", None)
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn_embedded", "config.wsgi:application"]
    with (folder / "web.log").open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True, preexec_fn=services.die_with_parent(signal.SIGKILL),
        )  # fmt: skip

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    try:
        wait_until(answers, seconds=40, what="the web process serving")
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.sqlite
def test_a_killed_web_process_resumes_its_job_when_it_is_started_again(tmp_path: Path) -> None:
    with embedded(tmp_path):
        struck = [enqueue("fault_effect", name=f"job {n}", before=2.0) for n in range(2)]
        waiting = [enqueue("fault_effect", name=f"later {n}") for n in range(30)]
        wait_until(lambda: len(held()) == 2, seconds=20, what="two jobs at work")
    killed = time.time()
    assert len(held()) == 2
    with embedded(tmp_path):
        all_done(40)
    starts = work.rows("fault_start")
    recovery = (
        max(min(at for _, job, at, _ in starts if job == str(each.pk) and at > killed) for each in struck) - killed
    )
    done = effects()
    print(
        f"\nembedded: submitted {len(struck) + len(waiting)}, found {len(done)}, "
        f"duplicated {sum(done.values()) - len(done)}, recovery {recovery:.1f} s"
    )
    assert len(done) == sum(done.values()) == len(struck) + len(waiting)
    assert recovery <= 30
