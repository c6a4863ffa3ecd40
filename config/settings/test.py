"""Tests: fast passwords, mail kept in memory, jobs run by the test that wants them."""

import os
import tempfile
import warnings
from pathlib import Path

from config.env import LOCAL_DIR, database, env
from config.settings.base import *

SECRET_KEY = "tests-only-not-a-secret-tests-only-not-a-secret-0123456789"  # noqa: S105  opens nothing
HISTORY_KEY = "tests-only-signs-nothing-that-counts"
DATABASES = {"default": database(f"sqlite:///{LOCAL_DIR / 'test.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production, so that threads and other processes can share it; one for each run of pytest.
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"case-audit-{os.getpid()}.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
EXPORTS_DIR = str(Path(tempfile.gettempdir()) / f"case-audit-exports-{os.getpid()}")
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_EAGER", default=True)
DEMO_MODE = True
# Demo personas sign in with a password alone.
MFA_REQUIRED = False
DEMO_PASSWORD = "exampleshire-demo"  # noqa: S105  printed by `make run`
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
warnings.simplefilter("error")
