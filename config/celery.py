"""The Celery application. Redis is the bell; the record of work is core.jobs.models.Job."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("case_audit")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["core.jobs"])
app.conf.beat_schedule = {
    # Re-sends what is due and not held by a living worker; a sweep that finds no worker is worthless later.
    "sweep-jobs": {"task": "core.jobs.tasks.sweep", "schedule": 5.0, "options": {"expires": 15}},
    # Makes the jobs of every schedule whose period has come; safe to run any number of times.
    "tick-schedules": {"task": "core.jobs.tasks.tick", "schedule": 30.0, "options": {"expires": 30}},
}
