from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("audits", "0001_initial")]

    operations = [
        refuse("audits_transition"),
    ]
