"""Which months' figures: those that a person may look at as they were drafted, published and restated."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models

from accounts.choices import QA_ROLES, Role
from audits.choices import TallyStage

if TYPE_CHECKING:
    from reports.models import (  # noqa: F401  for the type parameters only
        FeedToken,
        MonthDraft,
        PublishedMonth,
        Restatement,
        SavedReport,
        Subscription,
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

    def issued_audits(self) -> Any:
        """The keys of the audits whose feedback was issued when these months were published."""
        return self.order_by().filter(audits__stage=TallyStage.ISSUED).values("audits__audit")


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


class FeedTokenQuerySet(models.QuerySet["FeedToken"]):
    def visible_to(self, user: Any) -> Self:
        """Tokens of the feed are the QA lead's."""
        lead = getattr(user, "is_system", False) or bool(user.pk and user.holds(Role.QA_LEAD))
        return self if lead else self.none()

    def in_force(self, on: date) -> Self:
        """Tokens that open something on a day."""
        return self.filter(revoked_at=None, expires_on__gte=on)


class SavedReportQuerySet(models.QuerySet["SavedReport"]):
    def visible_to(self, user: Any) -> Self:
        """One's own, and those that come to one by subscription."""
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        comes = models.Exists(
            apps.get_model("reports", "Subscription").objects.filter(
                report=models.OuterRef("pk"), person=user.pk, ended_at=None
            )
        )
        return self.filter(models.Q(owner=user.pk) | models.Q(comes))


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def visible_to(self, user: Any) -> Self:
        """Those that come to one, and those that one has asked for."""
        if getattr(user, "is_system", False):
            return self
        if not user.pk or not user.roles():
            return self.none()
        return self.filter(models.Q(person=user.pk) | models.Q(asked_by=user.pk))

    def running(self) -> Self:
        """Those that have not ended."""
        return self.filter(ended_at=None)
