from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Pulse',
            fields=[
                ('name', models.CharField(choices=[('worker', 'Worker'), ('scheduler', 'Scheduler')], max_length=12, primary_key=True, serialize=False)),
                ('first_at', models.DateTimeField(auto_now_add=True)),
                ('at', models.DateTimeField()),
            ],
        ),
    ]
