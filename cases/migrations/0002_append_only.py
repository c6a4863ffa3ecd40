from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        refuse("cases_extract", events=("UPDATE",)),
        refuse("cases_extractrow", events=("UPDATE",)),
    ]
