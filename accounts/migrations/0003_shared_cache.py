"""The table of the cache that all web processes share: counts of failed sign-ins, and codes that were used."""

from __future__ import annotations

from django.core.management import call_command
from django.db import migrations

TABLE = "shared_cache"


def create(apps, schema_editor):
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


def drop(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE IF EXISTS {TABLE}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people_and_structure")]
    operations = [migrations.RunPython(create, drop)]
