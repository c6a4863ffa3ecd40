"""A migrated SQLite database that is kept for the next run: migrating takes longer than most files of tests.

It is kept under .local by a digest of everything that makes it (migrations, triggers, settings, locked packages), so
that one of an older state is never taken; the run migrates its copy all the same, which then finds nothing to do.
tests/architecture holds that migrations import nothing else of ours.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from pathlib import Path

from django.apps import apps
from django.db import connection

from config.env import BASE_DIR, LOCAL_DIR

KEPT = LOCAL_DIR / "test-databases"
MAKERS = ("core/triggers.py", "requirements.txt", "config/env.py", "config/settings/base.py", "config/settings/test.py")


def path() -> Path:
    """Where the database of the present state is kept, or would be."""
    digest = hashlib.sha256(sqlite3.sqlite_version.encode())
    folders = sorted(Path(config.path) / "migrations" for config in apps.get_app_configs())
    migrations = [file for folder in folders if folder.is_relative_to(BASE_DIR) for file in sorted(folder.glob("*.py"))]
    for file in [*migrations, *(BASE_DIR / name for name in MAKERS)]:
        digest.update(f"{file.relative_to(BASE_DIR)}\n".encode())
        digest.update(file.read_bytes())
    return KEPT / f"{digest.hexdigest()[:32]}.sqlite3"


def take(to: Path) -> bool:
    """Copy the kept database to `to`, if there is one."""
    try:
        shutil.copyfile(path(), to)
    except FileNotFoundError:
        return False
    return True


def keep() -> None:
    """Keep the database that the connection has just made, and only it and the two before it."""
    KEPT.mkdir(parents=True, exist_ok=True)
    new = KEPT / f"{os.getpid()}.new"
    with sqlite3.connect(new) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)
    copy.close()
    new.replace(path())
    for old in sorted(KEPT.glob("*.sqlite3"), key=lambda each: each.stat().st_mtime)[:-3]:
        old.unlink(missing_ok=True)
