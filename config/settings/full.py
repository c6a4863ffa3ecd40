"""The demo council as it runs for real: PostgreSQL, Redis and Celery in processes of their own (`make run-full`)."""

from config.env import database, env
from config.settings.local import *

DATABASES = {"default": database(env.str("DATABASE_URL"))}
CELERY_BROKER_URL = env.str("REDIS_URL")
