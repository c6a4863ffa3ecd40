"""Which entries of the log of who looked at what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from core.history.models import AccessEvent  # noqa: F401  for the type parameter only


class AccessEventQuerySet(models.QuerySet["AccessEvent"]):
    def visible_to(self, user: Any) -> Self:
        """One's own; all of them for the system. Who else may read them is asked by the apps that know roles."""
        if getattr(user, "is_system", False):
            return self
        return self.filter(actor=user.pk) if user.pk else self.none()
