"""Database triggers that refuse to change or remove rows, on PostgreSQL and SQLite alike."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_EVENTS = ("UPDATE", "DELETE")


def refuse(table: str, *, events: Iterable[str] = _EVENTS) -> migrations.RunPython:
    """A migration step after which the database refuses `events` (UPDATE, DELETE) on `table`.

    TRUNCATE is not guarded here: production denies it by grants, and tests need it. Guards that stand already are put
    up anew; ask for them after every column added to a guarded table, since SQLite makes such a table afresh without.
    """
    wanted = tuple(events)

    def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        vendor = schema_editor.connection.vendor
        for statement in [*drop_statements(vendor, table, wanted), *create_statements(vendor, table, wanted)]:
            schema_editor.execute(statement, params=None)

    def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in drop_statements(schema_editor.connection.vendor, table, wanted):
            schema_editor.execute(statement, params=None)

    return migrations.RunPython(forwards, backwards)


def create_statements(vendor: str, table: str, events: Iterable[str] = _EVENTS) -> list[str]:
    """The SQL that puts the guards on `table`."""
    if vendor == "sqlite":
        return [
            f"CREATE TRIGGER {table}_refuse_{event.lower()} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {event} refused'); END"
            for event in events
        ]
    function = (
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} is append-only: % refused', TG_OP; END $$"
    )
    return [function] + [
        f"CREATE TRIGGER {table}_refuse_{event.lower()} BEFORE {event} ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
        for event in events
    ]


def drop_statements(vendor: str, table: str, events: Iterable[str] = _EVENTS) -> list[str]:
    """The SQL that takes the guards off `table` again."""
    on = "" if vendor == "sqlite" else f" ON {table}"
    dropped = [f"DROP TRIGGER IF EXISTS {table}_refuse_{event.lower()}{on}" for event in events]
    return dropped if vendor == "sqlite" else [*dropped, f"DROP FUNCTION IF EXISTS {table}_refuse()"]
