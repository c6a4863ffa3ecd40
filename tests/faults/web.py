"""The product behind gunicorn, as production runs it, and browsers that are nothing but a connection and a cookie."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from accounts.models import User
from scripts.services import die_with_parent, free_port
from tests.faults.processes import ROOT, wait_until

# Both halves of the form token: what stands in the cookie may stand in the form as it is.
TOKEN = "a" * 32
SERVED = "tests.faults.settings_served"
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Answer:
    """What came back. Status 0: nothing did, the connection was refused or cut."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    @property
    def words(self) -> str:
        """The page as its reader sees it."""
        return unescape(self.body)

    @property
    def version(self) -> str:
        """The version that the page's form would send."""
        found = re.search(r'name="version"[^>]*value="(\d+)"', self.body)
        return found.group(1) if found else ""


@dataclass
class Web:
    """gunicorn with its worker processes."""

    port: int
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, cookie: str, body: dict[str, Any] | None = None) -> Answer:
        """One request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        sent = urlencode({**body, "csrfmiddlewaretoken": TOKEN}, doseq=True) if body is not None else None
        try:
            connection.request(method, path, sent, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)
        except (OSError, http.client.HTTPException):
            return Answer(0, {}, "")
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children]

    def hang_up(self) -> None:
        """HUP: every worker is replaced, each once it has answered what it was asked."""
        self.process.send_signal(signal.SIGHUP)


def cookie_of(user: User) -> str:
    """The cookies of a new session of this person."""
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}; {settings.CSRF_COOKIE_NAME}={TOKEN}"


@contextmanager
def web(folder: Path, *, database: str, redis: str = NOBODY_LISTENS, **environ: str) -> Iterator[Web]:
    """Serve the product on this database until the block ends; two worker processes unless told otherwise."""
    port = free_port()
    given = {
        "DJANGO_SETTINGS_MODULE": SERVED, "DATABASE_URL": database, "REDIS_URL": redis,
        "DATABASE_POOL": "0", "PORT": str(port), "SECRET_KEY": settings.SECRET_KEY, "PYTHONWARNINGS": "ignore",
        "HISTORY_KEY": settings.HISTORY_KEY, "WEB_THREADS": "4", "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn_full.py", "config.wsgi:application"]
    with (folder / "web.log").open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **given, **environ}, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=die_with_parent(signal.SIGKILL),
        )  # fmt: skip
    served = Web(port, process)
    try:
        wait_until(lambda: served.ask("GET", "/readyz", "").status == 200, seconds=90, what="the web process serving")
        yield served
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
