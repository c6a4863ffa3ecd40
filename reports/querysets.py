"""Which months' figures: those that a person may look at as they were drafted, published and restated."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.choices import QA_ROLES, Role

if TYPE_CHECKING:
    from reports.models import (  # noqa: F401  for the type parameters only
        MonthDraft,
        PublishedMonth,
        Restatement,
        WrittenReport,
    )


def _is_qa(user: Any) -> bool:
    return getattr(user, "is_system", False) or bool(user.pk and user.holds(*QA_ROLES))


class MonthDraftQuerySet(models.QuerySet["MonthDraft"]):
    def visible_to(self, user: Any) -> Self:
        """Drafts are the QA unit's until they are published."""
        return self if _is_qa(user) else self.none()


class PublishedMonthQuerySet(models.QuerySet["PublishedMonth"]):
    def visible_to(self, user: Any) -> Self:
        """The whole department's figures as published: for the QA unit. Others read them through their own figures."""
        return self if _is_qa(user) else self.none()

    def in_period(self, first: date, last: date) -> Self:
        """The published months from `first` to `last` (any day of each)."""
        return self.filter(month__gte=first.replace(day=1), month__lte=last.replace(day=1))


class RestatementQuerySet(models.QuerySet["Restatement"]):
    def visible_to(self, user: Any) -> Self:
        """What changed after publishing, audit by audit: for the QA unit."""
        return self if _is_qa(user) else self.none()


class WrittenReportQuerySet(models.QuerySet["WrittenReport"]):
    def visible_to(self, user: Any) -> Self:
        """The QA unit, heads of service and the Principal Social Worker: they hold free text about the department."""
        if _is_qa(user) or (user.pk and user.holds(Role.HEAD_OF_SERVICE, Role.PRINCIPAL_SOCIAL_WORKER)):
            return self
        return self.none()
