from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("actions", "0001_initial")]

    operations = [
        refuse("actions_actionmove"),
        refuse("actions_actionnote"),
        refuse("actions_recommendationmove"),
    ]
