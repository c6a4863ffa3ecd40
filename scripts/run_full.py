"""`make run-full`: web, worker and beat as processes of their own, on DATABASE_URL and REDIS_URL.

Asks both servers first and says within five seconds which one does not answer. Then
keeps three children: a child that dies is started again, and all end together.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
ANSWER_SECONDS = 2
LIMIT_SECONDS = 4.0
RESTART_SECONDS = 1.0
STOP_SECONDS = 25.0


def where(url: str, port: int) -> str:
    """What a URL points at, "host:port", without its user and password. `port` is used when the URL names none."""
    parts = urlsplit(url)
    if parts.scheme in ("redis+socket", "unix"):
        return unquote(parts.path)
    host = unquote(parts.hostname or "") or (parse_qs(parts.query).get("host") or ["localhost"])[0]
    try:
        return f"{host}:{parts.port or port}"
    except ValueError:
        return host


def database_problem(url: str) -> str | None:
    """Why the PostgreSQL that `url` names cannot be used, in a sentence without its password; None when it can."""
    if not url:
        return "DATABASE_URL is not set. Example: DATABASE_URL=postgres://council:PASSWORD@127.0.0.1:5432/council"
    if urlsplit(url).scheme not in ("postgres", "postgresql", "psql", "pgsql"):
        return f"DATABASE_URL must name a PostgreSQL (postgres://...), not {urlsplit(url).scheme or 'this'}."
    import psycopg

    from config.env import database

    try:
        config = database(url)
        options = {key: value for key, value in config["OPTIONS"].items() if key != "pool"}
        connection = psycopg.connect(
            host=config["HOST"] or None,
            port=config["PORT"] or None,
            user=config["USER"] or None,
            password=config["PASSWORD"] or None,
            dbname=config["NAME"] or None,
            **{**options, "connect_timeout": ANSWER_SECONDS},
        )
    except (psycopg.Error, ValueError) as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        return f"PostgreSQL at {where(url, 5432)} (DATABASE_URL) cannot be reached or refused: {_safe(reason, url)}"
    connection.close()
    return None


def redis_problem(url: str) -> str | None:
    """Why the Redis that `url` names cannot be used, in a sentence without its password; None when it can."""
    if not url:
        return "REDIS_URL is not set. Example: REDIS_URL=redis://127.0.0.1:6379/0"
    import redis

    try:
        with redis.Redis.from_url(
            url.replace("redis+socket://", "unix://"),
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=None,
        ) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        return f"Redis at {where(url, 6379)} (REDIS_URL) cannot be reached or refused: {_safe(str(error), url)}"
    return None


def unreachable(database_url: str, redis_url: str) -> list[str]:
    """What is wrong with the two servers, a sentence each, within LIMIT_SECONDS whatever they do (or do not)."""
    found: dict[str, str | None] = {
        "database": f"PostgreSQL at {where(database_url, 5432)} (DATABASE_URL) did not answer in time.",
        "redis": f"Redis at {where(redis_url, 6379)} (REDIS_URL) did not answer in time.",
    }

    def ask(name: str, question: Callable[[str], str | None], url: str) -> None:
        found[name] = question(url)

    # Daemon threads: a name server that says nothing holds its asker for longer than anybody wants to wait.
    asking = [
        threading.Thread(target=ask, args=("database", database_problem, database_url), daemon=True),
        threading.Thread(target=ask, args=("redis", redis_problem, redis_url), daemon=True),
    ]
    deadline = time.monotonic() + LIMIT_SECONDS
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [problem for problem in found.values() if problem]


def _safe(reason: str, url: str) -> str:
    """A server's own words without the password of the URL, should they repeat it."""
    try:
        password = urlsplit(url).password
    except ValueError:
        password = None
    for secret in filter(None, (password, unquote(password or ""))):
        reason = reason.replace(secret, "***")
    return reason


@dataclass
class Child:
    """One of the processes kept running: what it is called, how it is started, and when it last was."""

    name: str
    command: list[str]
    environ: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    starts: int = field(default=0)

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C comes to us alone and its children can be found."""
        from scripts.services import die_with_parent

        self.process = subprocess.Popen(
            self.command,
            env=self.environ,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        self.started = time.monotonic()
        self.starts += 1

    def restart_if_dead(self) -> None:
        """Start it again when it has ended, at most once a second; what its dead parent left running is killed."""
        if self.process is None or self.process.poll() is None or time.monotonic() - self.started < RESTART_SECONDS:
            return
        print(f"{self.name} ended ({self.process.returncode}); starting it again.", file=sys.stderr, flush=True)
        self.signal_group(signal.SIGKILL)
        self.start()

    def signal_group(self, sig: signal.Signals) -> None:
        """Send a signal to the process and all that it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, sig)
            except ProcessLookupError:
                pass

    def stop(self) -> None:
        """Ask it to end; only the process itself is told, since each one ends its own children in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()


def children(environ: dict[str, str]) -> list[Child]:
    """The three processes: gunicorn with a database pool, Celery's prefork worker, beat."""
    python = sys.executable
    celery = [python, "-m", "celery", "-q", "-A", "config"]
    concurrency = environ.get("CELERY_CONCURRENCY", "2")
    worker = ["worker", "--pool", "prefork", "--concurrency", concurrency, "--loglevel", "WARNING"]
    worker += ["--without-gossip", "--without-mingle"]
    # beat's own file only spares a repeat after a restart: the jobs of a period are unique in the database.
    beat = ["beat", "--loglevel", "WARNING", "--schedule", str(LOCAL / "beat-schedule"), "--pidfile="]
    gunicorn = [python, "-m", "gunicorn", "-c", "python:config.gunicorn_full", "config.wsgi:application"]
    # On a machine of one's own this may well be root; Celery's page of warning about it says nothing new.
    celery_environ = {**environ, "DATABASE_POOL": "0", "PYTHONWARNINGS": "ignore:You're running the worker"}
    return [
        Child("web", gunicorn, {**environ, "DATABASE_POOL": "1"}),
        # A pool's threads do not survive prefork's fork; a worker holds one connection a process.
        Child("worker", [*celery, *worker], celery_environ),
        Child("beat", [*celery, *beat], celery_environ),
    ]


def supervise(kept: list[Child]) -> int:
    """Start the children and keep them until INT or TERM; then end them together. Returns the exit code."""
    stopping: list[int] = []
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda number, frame: stopping.append(number))
    for child in kept:
        child.start()
    while not stopping:
        time.sleep(0.2)
        for child in kept:
            child.restart_if_dead()
    for child in kept:
        child.stop()
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and any(child.process and child.process.poll() is None for child in kept):
        time.sleep(0.1)
    for child in kept:
        child.signal_group(signal.SIGKILL)
    return 0


def main() -> int:
    from scripts.run import port_problem, prepare

    bind, port = os.environ.setdefault("BIND", "127.0.0.1"), int(os.environ.setdefault("PORT", "8000"))
    database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    problems = unreachable(database_url, redis_url)
    if taken := port_problem(bind, port):
        problems.append(taken)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        return 1
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.full"
    LOCAL.mkdir(exist_ok=True)
    prepare()
    print(f"\nOpen http://{bind}:{port}/ in a browser. Stop with Ctrl-C.\n", flush=True)
    return supervise(children(dict(os.environ)))


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
