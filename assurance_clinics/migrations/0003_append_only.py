from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("assurance_clinics", "0002_clinics")]

    operations = [
        refuse("assurance_clinics_clinicmove"),
        refuse("assurance_clinics_clinicpack"),
    ]
