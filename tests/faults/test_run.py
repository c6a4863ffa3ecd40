"""What `make run` and `make run-full` say when they cannot start, and that a child that dies comes back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from scripts import run, run_full
from tests.faults.processes import wait_until

PASSWORD = "kestrel-9Q"  # a secret to look for in what is printed


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose server takes the connection and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        yield listener.getsockname()[1]


def run_full_with(**environ: str) -> tuple[int, str, float]:
    """Run scripts/run_full.py as `make run-full` does. Returns its exit code, what it said, and the seconds."""
    clean = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "scripts/run_full.py"],
        cwd=run.ROOT,
        env={**clean, "PORT": "0", **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, time.monotonic() - started


def test_a_port_in_use_is_said_with_the_way_out(silent_port: int) -> None:
    sentence = run.port_problem("127.0.0.1", silent_port)
    assert sentence
    assert f"Port {silent_port} of 127.0.0.1 cannot be used" in sentence
    assert f"make run PORT={silent_port + 1}" in sentence


def test_both_servers_are_named_when_both_are_missing() -> None:
    code, said, seconds = run_full_with(
        DATABASE_URL=f"postgres://council:{PASSWORD}@127.0.0.1:1/council",
        REDIS_URL=f"redis://:{PASSWORD}@127.0.0.1:2/0",
    )
    assert code == 1
    assert "PostgreSQL at 127.0.0.1:1 (DATABASE_URL)" in said
    assert "Redis at 127.0.0.1:2 (REDIS_URL)" in said
    assert PASSWORD not in said
    assert "Traceback" not in said
    assert seconds < 5


def test_servers_that_never_answer_are_given_up_in_time(silent_port: int) -> None:
    code, said, seconds = run_full_with(
        DATABASE_URL=f"postgres://council:{PASSWORD}@127.0.0.1:{silent_port}/council",
        REDIS_URL=f"redis://127.0.0.1:{silent_port}/0",
    )
    assert code == 1
    assert said.count(f"127.0.0.1:{silent_port}") == 2
    assert PASSWORD not in said
    assert seconds < 5


def test_a_name_server_that_never_answers_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def hang(url: str) -> str | None:
        answer.wait(30)
        return None

    monkeypatch.setattr(run_full, "database_problem", hang)
    started = time.monotonic()
    problems = run_full.unreachable("postgres://db.invalid/x", "")
    answer.set()
    assert time.monotonic() - started < 5
    assert problems[0] == "PostgreSQL at db.invalid:5432 (DATABASE_URL) did not answer in time."
    assert problems[1].startswith("REDIS_URL is not set")


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "sqlite:////tmp/x.sqlite3"}, "DATABASE_URL must name a PostgreSQL"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must name a PostgreSQL"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL"),
        ({"DATABASE_URL": "postgres://council@127.0.0.1:port/x"}, "PostgreSQL at 127.0.0.1 (DATABASE_URL)"),
    ],
)
def test_a_url_that_cannot_be_meant_is_said(environ: dict[str, str], sentence: str) -> None:
    code, said, _ = run_full_with(**environ)
    assert code == 1
    assert sentence in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgres://u:p@db.example/x", "db.example:5432"),
        ("postgres://u:p@db.example:6000/x", "db.example:6000"),
        ("postgres://u@%2Fvar%2Frun/x", "/var/run:5432"),
        ("postgres:///x?host=db.example", "db.example:5432"),
        ("redis+socket:///var/run/redis.sock", "/var/run/redis.sock"),
    ],
)
def test_a_place_is_said_without_user_or_password(url: str, place: str) -> None:
    assert run_full.where(url, 5432) == place


def test_a_child_killed_with_9_comes_back() -> None:
    child = run_full.Child("worker", [sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ))
    child.start()
    first = child.process
    assert first
    try:
        os.kill(first.pid, signal.SIGKILL)

        def back() -> bool:
            child.restart_if_dead()
            return child.process is not first

        assert wait_until(back, seconds=5, what="the restart") < 5
        assert child.process
        assert child.process.poll() is None
        assert child.starts == 2
    finally:
        child.signal_group(signal.SIGKILL)
        if child.process:
            child.process.wait()
