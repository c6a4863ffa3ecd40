"""The embedded product (SQLite, Celery inside the web process) with the fault tests' kinds of work."""

from config.settings.local import *  # noqa: F403  settings are layered by a star import

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultKinds"]  # noqa: F405  from the star import
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
