"""The full product behind gunicorn, with the cache that production shares among its processes."""

from tests.faults.settings import *  # noqa: F403  settings are layered by a star import

CACHES = {"default": {"BACKEND": "core.caches.SharedCache", "LOCATION": "shared_cache"}}
