"""A migrated database that is copied: migrating takes longer than most files of tests.

On SQLite it is kept for the next run, under .local by a digest of everything that makes it (migrations, triggers,
settings, locked packages), so that one of an older state is never taken. On the private PostgreSQL of a run that
scripts/test.py starts there is one called `TEST_TEMPLATE`, which all its processes copy. A copy is migrated all the
same, which then finds nothing to do. tests/architecture holds that migrations import nothing else of ours.

`python -m tests.templates` makes the one of DATABASE_URL, before the tests begin.
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


def take() -> bool:
    """Copy what there is to be copied to where the tests of this process want their database; False without one."""
    if connection.vendor == "sqlite":
        try:
            shutil.copyfile(path(), connection.settings_dict["TEST"]["NAME"])
        except FileNotFoundError:
            return False
        return True
    if not (template := os.environ.get("TEST_TEMPLATE")):
        return False
    name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]  # as Django itself will call it
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
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


def main() -> None:
    """Make the migrated database of this leg, if it is not there yet."""
    import django

    django.setup()
    if connection.vendor == "sqlite" and path().exists():
        return
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    if connection.vendor == "sqlite":
        keep()
        connection.creation.destroy_test_db(name, verbosity=0)
    connection.close()  # a database that somebody is in cannot be copied


if __name__ == "__main__":
    main()
