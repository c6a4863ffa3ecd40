"""What the measured product runs with: a council's settings, a database of its own, Django's admin beside it."""

from config.env import database, env
from config.settings.base import *

SECRET_KEY = "measures-only-not-a-secret-measures-only-0123456789"  # opens nothing
HISTORY_KEY = "measures-only"
DATABASES = {"default": database(env.str("DATABASE_URL"))}
INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin", "bench"]
ROOT_URLCONF = "bench.urls"
LOGGING["root"]["level"] = "ERROR"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
MFA_REQUIRED = False
DEMO_MODE = True
DEMO_PASSWORD = "exampleshire-demo"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
