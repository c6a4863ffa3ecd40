"""`make check`: everything that can be said about the code without running the product. Two at a time."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Check:
    """A command, what it proves, and the environment variables it is given on top of ours."""

    name: str
    command: list[str]
    environ: dict[str, str]


def checks() -> list[Check]:
    """All checks, the slowest first."""
    python = sys.executable
    test = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": "sqlite://:memory:"}
    # Values of the right shape; nothing is connected to.
    production = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "HISTORY_KEY": secrets.token_urlsafe(60),
        "HISTORY_HEADS_FILE": "heads.jsonl",
        "EXPORTS_DIR": "exports",
        "DATABASE_URL": "postgres://council@database.invalid/council",
        "REDIS_URL": "redis://redis.invalid:6379/0",
        "ALLOWED_HOSTS": "audit.exampleshire.example",
        "SITE_URL": "https://audit.exampleshire.example",
    }
    return [
        Check("types", [str(BIN / "mypy"), "--no-error-summary", "."], test),
        Check("imports", [str(BIN / "lint-imports"), "--no-cache"], test),
        # Lint only: its formatter breaks lines inside inline text, where a space is seen.
        Check("templates", [str(BIN / "djlint"), "--lint", "--quiet", "templates"], {}),
        Check("migrations", [python, "manage.py", "makemigrations", "--check", "--dry-run"], test),
        Check("deployment", [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], production),
        Check("lint", [str(BIN / "ruff"), "check", "."], {}),
        Check("format", [str(BIN / "ruff"), "format", "--check", "."], {}),
    ]


def run(check: Check) -> tuple[Check, int, str, float]:
    """Run one check. Returns it with its exit code, all that it printed, and the seconds it took."""
    started = time.monotonic()
    environ = {**os.environ, **check.environ}
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return check, done.returncode, done.stdout.strip(), time.monotonic() - started


def main() -> int:
    failed = 0
    wanted = [check for check in checks() if not sys.argv[1:] or check.name in sys.argv[1:]]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for check, code, output, seconds in pool.map(run, wanted):
            print(f"{'FAIL' if code else 'pass'}  {check.name:<12} {seconds:5.1f} s", flush=True)
            if code:
                failed += 1
                print(f"{output}\n", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
