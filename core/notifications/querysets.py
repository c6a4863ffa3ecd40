"""Which notices: each person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from core.notifications.models import Notice  # noqa: F401  for the type parameter only


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: Any) -> Self:
        """A person's own notices; the system sees all."""
        if getattr(user, "is_system", False):
            return self
        return self.filter(person=user.pk) if user.pk else self.none()

    def unread(self) -> Self:
        """Notices not yet opened."""
        return self.filter(read_at=None)
