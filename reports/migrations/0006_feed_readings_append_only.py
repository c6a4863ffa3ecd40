from django.db import migrations

from core.triggers import refuse


class Migration(migrations.Migration):
    """Who read the feed, and when, stays as it was written down."""

    dependencies = [("reports", "0005_feed_and_saved_reports")]
    operations = [refuse("reports_feedreading")]
