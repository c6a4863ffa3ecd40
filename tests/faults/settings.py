"""The full product (PostgreSQL, Redis, processes) with the fault tests' kinds of work beside its own."""

from config.settings.full import *  # noqa: F403  settings are layered by a star import

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultKinds"]  # noqa: F405  from the star import
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
