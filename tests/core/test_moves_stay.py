"""Every move of every record (who, when, from, to, why) is guarded by the database: none is changed or removed."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection

TABLES = sorted(
    model._meta.db_table for model in apps.get_models() if model.__name__.endswith("Move") and model._meta.managed
)


def guards() -> set[str]:
    """The names of all triggers."""
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }
    with connection.cursor() as cursor:
        cursor.execute(names[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_the_database_refuses_to_change_or_remove_a_move() -> None:
    assert len(TABLES) >= 7
    missing = {f"{table}_refuse_{event}" for table in TABLES for event in ("update", "delete")} - guards()
    assert not missing
