"""Real Celery processes against the test's own database and Redis: started, frozen, killed with -9, started again.

Only for transactional tests: another process sees nothing of a test's open transaction.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from scripts.services import die_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent


def database_url() -> str:
    """DATABASE_URL of the database that this test is connected to."""
    config = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{config['NAME']}"
    user = quote(config["USER"] or "", safe="")
    if config["PASSWORD"]:
        user += ":" + quote(config["PASSWORD"], safe="")
    host = quote(config["HOST"] or "", safe="")
    port = f":{config['PORT']}" if config["PORT"] else ""
    return f"postgres://{user}@{host}{port}/{quote(config['NAME'], safe='')}"


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Ask again and again until `condition` holds. Returns the seconds it took; AssertionError after `seconds`."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() - started > seconds:
            raise AssertionError(f"{what} did not happen within {seconds:g} seconds")
        time.sleep(0.05)
    return time.monotonic() - started


@dataclass
class CeleryProcesses:
    """A worker (prefork) and a beat, each a process group of its own, with what they wrote in `folder`."""

    folder: Path
    environ: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> int:
        """Start "worker" or "beat"; returns its process id."""
        command = [sys.executable, "-m", "celery", "-A", "config", name, "--loglevel", "INFO"]
        if name == "worker":
            command += ["--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        else:
            command += ["--schedule", str(self.folder / "beat-schedule"), "--pidfile="]
        with self.log(name).open("ab") as output:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        return self.running[name].pid

    def start_ready(self, name: str = "worker", *, seconds: float = 30) -> float:
        """Start it and wait for its own word that it is ready. Returns the seconds it took."""
        ready = b" ready." if name == "worker" else b"beat: Starting..."
        before = self.log(name).read_bytes().count(ready) if self.log(name).exists() else 0
        self.start(name)
        return wait_until(
            lambda: self.log(name).read_bytes().count(ready) > before, seconds=seconds, what=f"{name} being ready"
        )

    def signal(self, name: str, sig: signal.Signals) -> None:
        """Send a signal to the process and all its children: SIGSTOP freezes them, SIGCONT thaws them."""
        os.killpg(self.running[name].pid, sig)

    def kill(self, name: str) -> None:
        """kill -9 the process and all its children, in the middle of whatever they do."""
        self.signal(name, signal.SIGKILL)
        self.running.pop(name).wait()

    def log(self, name: str) -> Path:
        """The file with what it printed."""
        return self.folder / f"{name}.log"

    def stop_all(self) -> None:
        """End everything; for the end of a test, so without patience."""
        for name in list(self.running):
            self.kill(name)


@contextmanager
def celery_processes(folder: Path, redis_url: str, **environ: str) -> Iterator[CeleryProcesses]:
    """Celery processes that work on this test's database and the given Redis; all killed at the end.

    `environ` adds environment variables, JOB_LEASE_SECONDS="3" for one.
    """
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.full",
        "DATABASE_URL": database_url(),
        "DATABASE_POOL": "0",
        "REDIS_URL": redis_url,
        "PYTHONWARNINGS": "default",
    }
    processes = CeleryProcesses(folder, {**os.environ, **settings, **environ})
    try:
        yield processes
    finally:
        processes.stop_all()
