from django.conf import settings
from django.db import migrations, models

from core.triggers import refuse


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("history", "0002_append_only"),
    ]

    operations = [
        migrations.AddField("chainhead", "signature", models.CharField(blank=True, max_length=64)),
        migrations.AddField("eventcontent", "salt", models.CharField(blank=True, max_length=32)),
        migrations.AddField("accessevent", "roles", models.CharField(blank=True, max_length=60)),
        migrations.CreateModel(
            name="SignedHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("trail", models.CharField(max_length=20)),
                ("sequence", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("at", models.CharField(max_length=32)),
                ("key_id", models.CharField(max_length=8)),
                ("signature", models.CharField(max_length=64)),
            ],
            options={"ordering": ["trail", "sequence"]},
        ),
        migrations.AddConstraint(
            "signedhead", models.UniqueConstraint(fields=["trail", "sequence"], name="one_signed_head_a_place")
        ),
        migrations.RemoveIndex("accessevent", "access_by_actor"),
        migrations.AddIndex("accessevent", models.Index(fields=["actor", "sequence"], name="access_by_actor")),
        migrations.AddIndex("accessevent", models.Index(fields=["at"], name="access_by_time")),
        migrations.RemoveIndex("accessline", "access_by_object"),
        migrations.AddIndex("accessline", models.Index(fields=["kind", "object_id", "event"], name="access_by_object")),
        refuse("history_signedhead"),
        refuse("history_eventcontent", events=("UPDATE",)),
        refuse("history_accessevent"),
        refuse("history_accessline"),
    ]
