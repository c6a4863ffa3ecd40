"""Sessions in the database, as Django keeps them, saved by one statement instead of a transaction of three.

Every request saves its session, since whoever works is not signed out (SESSION_SAVE_EVERY_REQUEST).
"""

from __future__ import annotations

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """Django's own store. A session that exists is written without a transaction around its one statement."""

    def save(self, must_create: bool = False) -> None:
        """Keep the session. Raises UpdateError for one that has ended meanwhile, which so stays ended."""
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        kept = self.create_model_instance(self._session)  # type: ignore[attr-defined]  # not in the stubs
        found = self.model.objects.filter(session_key=kept.session_key)
        if not found.update(session_data=kept.session_data, expire_date=kept.expire_date):
            raise UpdateError
