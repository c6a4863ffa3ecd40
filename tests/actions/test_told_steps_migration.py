"""The migration that moved what actions' clocks had told into the table of every clock: nothing is told twice."""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from actions.services.clocks import look_at_clocks
from core.notifications.models import ToldStep
from core.working_days import LONDON
from tests.factories.accounts import UserFactory
from tests.factories.actions import ActionFactory

migration = import_module("actions.migrations.0003_steps_told_elsewhere")

DUE, NEXT_DAY = date(2026, 5, 6), date(2026, 5, 7)
AT = datetime(2026, 5, 7, 8, tzinfo=LONDON)


@pytest.mark.django_db(transaction=True)
def test_a_step_that_was_told_before_the_migration_is_not_told_after_it() -> None:
    made = datetime(2026, 3, 2, 9, tzinfo=LONDON)
    told, unheard = (ActionFactory(due_on=DUE, created_at=made) for _ in range(2))
    gone = ActionFactory(due_on=date(2026, 9, 1), created_at=made, owner=UserFactory(is_active=False))
    before = MigrationLoader(connection).project_state(
        [("actions", "0002_append_only"), ("notifications", "0002_routes_and_steps")]
    )
    step = before.apps.get_model("actions", "ActionStep")
    with connection.schema_editor() as editor:
        editor.create_model(step)
    try:
        for action, name in ((told, "overdue"), (gone, "needs_owner")):
            step.objects.create(
                action_id=action.pk, step=name, owner_id=action.owner_id, due_on=action.due_on, at=AT, told=1
            )
        for _ in range(2):
            migration.keep_what_was_told(before.apps, None)
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(step)
    assert look_at_clocks(today=NEXT_DAY) == {"overdue": 1}
    assert dict(ToldStep.objects.filter(at=AT).values_list("object_id", "told")) == {told.pk: 1, gone.pk: 1}
    assert ToldStep.objects.exclude(at=AT).get().object_id == unheard.pk
