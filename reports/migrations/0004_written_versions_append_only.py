from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_written_reports")]

    operations = [
        refuse("reports_writtenversion"),
    ]
