"""The cache that all web processes share, in the database, so that it is there when Redis is not."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError


class SharedCache(DatabaseCache):
    """Django's cache in a table, with one difference: an entry that cannot be read is one that is not there.

    A restored backup, another release or a hand in the table may leave anything in it. It holds counts (failed
    sign-ins, used codes) and nothing that must be believed, so what is broken is forgotten and made anew.
    """

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        """The entries that are there and can be read."""
        found: dict[Any, Any] = {}
        for key in keys:
            try:
                found |= super().get_many([key], version=version)
            except DatabaseError:
                raise
            except Exception:  # whatever unpickling something broken may raise, and that is anything
                self.delete(key, version=version)
        return found
