"""Months as published: the figures of a month are drafted, published once, and never change again."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models import Identified, Versioned
from reports.choices import Cadence, Dataset, WrittenKind, WrittenStatus
from reports.querysets import (
    FeedTokenQuerySet,
    MonthDraftQuerySet,
    PublishedMonthQuerySet,
    RestatementQuerySet,
    SavedReportQuerySet,
    SubscriptionQuerySet,
    WrittenReportQuerySet,
)

_GRADE_LENGTH = 30


class MonthDraft(Identified):
    """A month's figures as last drafted. `figures` is what `PublishedMonth` keeps; `checksum` is over it."""

    month = models.DateField(unique=True)
    figures = models.JSONField()
    checksum = models.CharField(max_length=64)
    drafted_at = models.DateTimeField()

    objects = MonthDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"Draft of {self.month:%B %Y}"


class PublishedMonth(Identified):
    """A month's figures as published: every rollup row of it, with the names that units bore. Never changed.

    `figures` has `layout` (1), `units` (key to name) and `cells`, each a list of unit, cut, key, stage, grade, count.
    """

    month = models.DateField(unique=True)
    figures = models.JSONField()
    checksum = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PublishedMonthQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]

    def __str__(self) -> str:
        return f"{self.month:%B %Y} as published"


class PublishedAudit(models.Model):
    """How one audit stood in a published month: what a later change is measured against. Never changed.

    Keys are kept as they were and lead nowhere by themselves, so that an audit can be disposed of and its count stays.
    """

    published = models.ForeignKey(PublishedMonth, on_delete=models.PROTECT, related_name="audits")
    audit = models.UUIDField()
    service = models.UUIDField()
    team = models.UUIDField(null=True)
    plan_type = models.CharField(max_length=12, blank=True)
    audit_type = models.CharField(max_length=150)
    stage = models.CharField(max_length=12)
    grade = models.CharField(max_length=_GRADE_LENGTH)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["published", "audit"], name="one_audit_a_published_month")]
        indexes = [models.Index(fields=["audit"], name="published_audit")]

    def __str__(self) -> str:
        return f"{self.published}: {self.audit}"


class Restatement(Identified):
    """What changed in a published month afterwards, as it was noticed. `changes` holds one entry an audit: `audit`,
    and `before` and `after` as facts, None where it did not count. Never changed."""

    published = models.ForeignKey(PublishedMonth, on_delete=models.PROTECT, related_name="restatements")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    changes = models.JSONField()

    objects = RestatementQuerySet.as_manager()

    class Meta:
        ordering = ["published", "number"]
        constraints = [models.UniqueConstraint(fields=["published", "number"], name="one_restatement_of_a_number")]

    def __str__(self) -> str:
        return f"{self.published}, restatement {self.number}"


class PublishedCounts(models.Model):
    """Counts of a quarter as they first left for publication; whoever asks again gets the same. Never changed.

    Counts that were worked out anew could be subtracted from the first, and the few that moved between be known.
    """

    dataset = models.CharField(max_length=10, choices=Dataset)
    quarter = models.DateField()
    table = models.JSONField()
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["-quarter", "dataset"]
        constraints = [models.UniqueConstraint(fields=["dataset", "quarter"], name="counts_published_once")]

    def __str__(self) -> str:
        return f"{self.get_dataset_display()} from {self.quarter:%B %Y}, to publish"


class WrittenReport(Identified, Versioned):
    """A report that somebody writes about some months: the improvement board's page, the return to the partnership.

    `texts` are what stands under each heading now; every save is kept as a version. Once finished its texts and the
    figures printed with them stay as they are.
    """

    kind = models.CharField(max_length=12, choices=WrittenKind)
    first = models.DateField()
    last = models.DateField()
    texts = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=WrittenStatus, default=WrittenStatus.DRAFT)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = WrittenReportQuerySet.as_manager()

    class Meta:
        ordering = ["-last", "kind"]
        constraints = [models.UniqueConstraint(fields=["kind", "last"], name="one_written_report_a_month")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.last:%B %Y}"


class WrittenVersion(models.Model):
    """What a written report said when it was saved. Never changed."""

    report = models.ForeignKey(WrittenReport, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    texts = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["report", "-number"]
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="one_written_version_of_a_number")]

    def __str__(self) -> str:
        return f"{self.report}, version {self.number}"


class FeedKey(models.Model):
    """The key of the pseudonyms of one purpose, as the two padded halves that HMAC-SHA-256 makes of it.

    The database makes the same pseudonyms from it as Python does. Nobody who reads the feed can read this table.
    """

    purpose = models.CharField(max_length=60, primary_key=True)
    inner = models.BinaryField()
    outer = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Key for {self.purpose}"


class FeedToken(Identified):
    """What a program reads the feed with. Only the token's digest is kept; `tables` are those that it opens."""

    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    tables = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_on = models.DateField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = FeedTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "id"]

    def __str__(self) -> str:
        return self.name


class FeedReading(models.Model):
    """One time that a token was used: which table, how many rows, from where. Appended, never changed."""

    token = models.ForeignKey(FeedToken, on_delete=models.PROTECT, related_name="readings")
    at = models.DateTimeField()
    table = models.CharField(max_length=40)
    rows = models.PositiveIntegerField()
    address = models.GenericIPAddressField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["token", "-at"], name="feed_reading_by_token")]

    def __str__(self) -> str:
        return f"{self.table} at {self.at:%Y-%m-%d %H:%M}"


class SavedReport(Identified):
    """A report that somebody comes back to: its name and its question, never its figures.

    `asked` holds the period by its name, so that it moves on with the months.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    asked = models.JSONField()
    saved_at = models.DateTimeField()

    objects = SavedReportQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_report_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Subscription(Identified):
    """A report that comes to somebody by itself: how often, and as what. What is in it is what that person may read.

    `form` is "" for a page and else a kind of file. `last_for` names the period that it last came for.
    """

    report = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="subscriptions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    cadence = models.CharField(max_length=10, choices=Cadence)
    form = models.CharField(max_length=8, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    last_for = models.CharField(max_length=10, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=200, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "person"], condition=models.Q(ended_at=None), name="one_subscription_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.report} for {self.person_id}"
