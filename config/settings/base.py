"""Settings that hold everywhere. What differs stands in local, test and production."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from kombu import Queue

from config.env import BASE_DIR, LOCAL_DIR, env
from config.logs import logging_settings
from config.settings.sign_in import *

DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL: str = env.str("SITE_URL", default="http://localhost:8000")
COUNCIL_NAME: str = env.str("COUNCIL_NAME", default="Exampleshire Council")
SERVICE_NAME = "Case audit"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "django_htmx",
    "django_filters",
    "django_structlog",
    "core",
    "core.history",
    "core.jobs",
    "core.notifications",
    "core.council",
    "accounts",
    "cases",
    "actions",
    "audits",
    "assurance_clinics",
    "learning",
    "reports",
    "worklist",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.PrivateResponses",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInRequired",
    "accounts.middleware.SecondFactorRequired",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.history.middleware.AccessLog",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.page_chrome",
            ],
        },
    }
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "core.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "core.errors.csrf_failure"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True
DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT: Path | None = BASE_DIR / "staticfiles"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
IMPORT_MAX_BYTES = 50 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000

FORM_RENDERER = "core.widgets.ControlRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("govuk",)
CRISPY_TEMPLATE_PACK = "govuk"

# Nothing is allowed but what the pages themselves serve; nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Signing in through the council's provider is a form whose answer leads there.
        "form-action": [SELF, *provider_origins(OIDC_ISSUER)],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in ("accelerometer", "camera", "geolocation", "gyroscope", "magnetometer", "microphone", "payment", "usb")
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SILENCED_SYSTEM_CHECKS: list[str] = []

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.str("EMAIL_HOST", default="localhost")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="case-audit@exampleshire.example")

CELERY_BROKER_URL = env.str("REDIS_URL", default="memory://localhost//")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# The worker and beat wait for Redis, so their limits are wide: a vanished server is noticed, a slow one is borne.
# What must not wait (a request) only writes to the database; core.jobs.services.bell has limits of its own.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"polling_interval": 0.1}
    if CELERY_BROKER_URL.startswith("memory:")
    else {
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
        # A bell that was heard is not kept in Redis: the record of work is in the database, and the sweep rings again.
        # What kombu 5.7 does to bring such messages back ends the worker's loop for good when Redis is away.
        "ack_emulation": False,
    }
)
# However long Redis is away, neither the worker nor beat gives up.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# The clock's own messages do not wait behind a backlog of bells; a worker hears both queues in turn.
CELERY_TASK_QUEUES = (Queue("celery"), Queue("clock"))
CELERY_TASK_ROUTES = {name: {"queue": "clock"} for name in ("core.jobs.tasks.sweep", "core.jobs.tasks.tick")}
# A job whose worker has given no sign of life for this long is taken up by another.
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=15)
JOB_MAX_ATTEMPTS = 5

# The trail's ends are signed with HISTORY_KEY (earlier keys still count), in the database and in this file, which
# belongs on another disk. Without a file there is no second place.
HISTORY_KEY_FALLBACKS: list[str] = env.list("HISTORY_KEY_FALLBACKS", default=[])
HISTORY_HEADS_FILE: str = env.str("HISTORY_HEADS_FILE", default="")

# Files that were made for somebody, until they are fetched or a day old. Private to the service's user; web and worker
# see the same folder.
EXPORTS_DIR: str = env.str("EXPORTS_DIR", default=str(LOCAL_DIR / "exports"))

DEMO_MODE = False
DEMO_PASSWORD = ""

LOGGING: dict[str, Any] = logging_settings(level=env.str("LOG_LEVEL", default="WARNING"), as_json=False)
