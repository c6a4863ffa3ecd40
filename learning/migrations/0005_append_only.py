from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [("learning", "0004_outcome_drafts")]

    operations = [
        refuse("learning_meetingmove"),
        refuse("learning_itemmove"),
        refuse("learning_exemplarmove"),
        refuse("learning_briefingmove"),
    ]
