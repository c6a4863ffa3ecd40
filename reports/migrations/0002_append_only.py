from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [
        refuse("reports_publishedmonth"),
        refuse("reports_publishedaudit"),
        refuse("reports_restatement"),
    ]
