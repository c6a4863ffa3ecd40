from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("history", "0001_initial")]

    operations = [
        refuse("history_event"),
        refuse("history_eventcontent", events=("UPDATE",)),
        refuse("history_accessevent"),
        refuse("history_accessline"),
    ]
