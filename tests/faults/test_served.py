"""The two ways to run the product, as processes: they serve, their Celery works, they end and leave nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from scripts.services import free_port
from tests.faults.processes import ROOT, database_url, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Served:
    """A running scripts/run.py or run_full.py: its process, what it printed, and questions to it."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        self.process, self.log, self.port = process, log, port

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def answers(self, path: str) -> bool:
        """Whether the address answers 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def family(self) -> dict[int, str]:
        """The process and all its descendants: id and command line, from /proc."""
        parents: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(stat.parent.name)] = int(fields[1])
        found, grown = {self.process.pid}, True
        while grown:
            children = {pid for pid, parent in parents.items() if parent in found} - found
            found |= children
            grown = bool(children)
        return {pid: self._command(pid) for pid in found}

    @staticmethod
    def _command(pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""


@contextmanager
def served(script: str, folder: Path, **environ: str) -> Iterator[Served]:
    """Run a script of scripts/ on this test's database and wait until it serves; ended with TERM and checked."""
    get_user_model()._default_manager.create(email="someone@exampleshire.example")  # so that nothing is seeded
    port, log = free_port(), folder / "log"
    settings = {"DATABASE_URL": database_url(), "PORT": str(port), "LOG_LEVEL": "INFO", "PYTHONWARNINGS": "default"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, f"scripts/{script}"],
            cwd=ROOT,
            env={**os.environ, **settings, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    it = Served(process, log, port)
    try:
        wait_until(lambda: it.answers("/readyz") or process.poll() is not None, seconds=60, what="serving")
        assert process.poll() is None, it.said()
        yield it
        family = it.family()
        process.terminate()
        assert process.wait(timeout=30) == 0, it.said()
        wait_until(lambda: not any(map(it._command, family)), seconds=5, what="the end of every process")
    finally:
        if process.poll() is None:
            for pid in it.family():
                os.kill(pid, signal.SIGKILL)
            process.wait()


@pytest.mark.sqlite
def test_the_embedded_run_serves_and_its_celery_works(tmp_path: Path) -> None:
    with served("run.py", tmp_path) as run:
        assert f"Open http://127.0.0.1:{run.port}/" in run.said()
        assert "password" in run.said()
        wait_until(lambda: "core.jobs.tasks.sweep" in run.said(), seconds=15, what="the first sweep of jobs")
        wait_until(lambda: re.search(r"sweep\[\S+\] succeeded", run.said()) is not None, seconds=5, what="its success")
    assert "Traceback" not in run.said()


@pytest.mark.postgres
def test_the_full_run_brings_a_killed_worker_back(tmp_path: Path, empty_redis: str) -> None:
    with served("run_full.py", tmp_path, REDIS_URL=empty_redis, PYTHONWARNINGS="ignore") as run:
        wait_until(lambda: len(run.family()) >= 8, seconds=20, what="gunicorn with 2, Celery with 2, and beat")
        workers = {pid for pid, command in run.family().items() if " worker " in command}
        os.kill(min(workers), signal.SIGKILL)

        def another() -> bool:
            now = {pid for pid, command in run.family().items() if " worker " in command}
            return len(now) == len(workers) and not now & workers

        assert wait_until(another, seconds=30, what="another worker in place of the killed one") < 30
        assert run.answers("/readyz")
    assert "worker ended (-9); starting it again." in run.said()
