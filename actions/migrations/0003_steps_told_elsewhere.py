from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CLOCK = "action"


def keep_what_was_told(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """What was told of an action stays told, now in the one table that every clock has."""
    told = apps.get_model("notifications", "ToldStep")
    told.objects.bulk_create(
        [
            told(
                clock=CLOCK,
                object_id=row.action_id,
                step=row.step,
                due=str(row.owner_id if row.step == "needs_owner" else row.due_on),
                at=row.at,
                told=row.told,
            )
            for row in apps.get_model("actions", "ActionStep").objects.order_by("at", "id")
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("actions", "0002_append_only"), ("notifications", "0002_routes_and_steps")]

    operations = [
        migrations.AlterField(
            model_name="action",
            name="priority",
            field=models.CharField(
                choices=[("immediate", "Immediate"), ("high", "High"), ("medium", "Medium"), ("low", "Low")],
                max_length=10,
            ),
        ),
        migrations.RunPython(keep_what_was_told, migrations.RunPython.noop),
        migrations.DeleteModel(name="ActionStep"),
    ]
