"""Which panel summaries: for those who sit on the panel and those who prepare it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.choices import QA_ROLES, Role

if TYPE_CHECKING:
    from learning.models import PanelSummary  # noqa: F401  for the type parameter only


class PanelSummaryQuerySet(models.QuerySet["PanelSummary"]):
    def visible_to(self, user: Any) -> Self:
        """The QA unit, the Principal Social Worker and panel members."""
        if getattr(user, "is_system", False):
            return self
        if user.pk and user.holds(*QA_ROLES, Role.PRINCIPAL_SOCIAL_WORKER, Role.PANEL_MEMBER):
            return self
        return self.none()
