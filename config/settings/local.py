"""A machine of one's own: SQLite, Celery inside the web process, the demo council."""

from config.env import LOCAL_DIR, database, env, local_key
from config.settings.base import *

SECRET_KEY = local_key("SECRET_KEY")
HISTORY_KEY = local_key("HISTORY_KEY")
DATABASES = {"default": database(f"sqlite:///{LOCAL_DIR / 'council.sqlite3'}")}
EMAIL_BACKEND = env.str("EMAIL_BACKEND", default="django.core.mail.backends.dummy.EmailBackend")
# Static files are served from where they lie; nothing is collected.
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = env.bool("RELOAD", default=False)
DEMO_MODE = True
# Demo personas sign in with a password alone.
MFA_REQUIRED = False
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="exampleshire-demo")
