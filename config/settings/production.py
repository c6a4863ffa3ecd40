"""A council's own servers: PostgreSQL, Redis, TLS in front, everything from the environment."""

from config.env import database, env
from config.logs import logging_settings
from config.settings.base import *

SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
HISTORY_KEY = env.str("HISTORY_KEY")
HISTORY_HEADS_FILE = env.str("HISTORY_HEADS_FILE")
EXPORTS_DIR = env.str("EXPORTS_DIR")
DATABASES = {"default": database(env.str("DATABASE_URL"))}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Shared by all web processes, and still there when Redis is not: failed sign-ins and used codes are counted in it.
CACHES = {
    "default": {"BACKEND": "core.caches.SharedCache", "LOCATION": "shared_cache"},
}
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = True
# Asked by the machine itself, without TLS.
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
LOGGING = logging_settings(level=env.str("LOG_LEVEL", default="INFO"), as_json=True)
CELERY_BROKER_URL = env.str("REDIS_URL")
