"""The trail: what happened, and who looked at what. Rows are appended, never changed.

Each trail is a hash chain. The chained row holds ids, field names and a digest; words
(reasons, values) stand beside it in a row that may be erased when the law asks for it,
without breaking the chain.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.history.querysets import AccessEventQuerySet


class Chained(models.Model):
    """A link of a chain: its number comes from the locked head, never from an identity column."""

    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    content_digest = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        abstract = True


class Event(Chained):
    """One change to one record: who, when, what, from which state to which."""

    verb = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    object_id = models.UUIDField()
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40, blank=True)
    fields = models.JSONField(default=list)

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["kind", "object_id", "sequence"], name="event_by_object")]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.verb} {self.kind}"


class EventContent(models.Model):
    """The words of an event: its reason and values. Kept apart so that they can be erased."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="content", primary_key=True)
    why = models.TextField(blank=True)
    values = models.JSONField(default=dict)
    # Goes when the words go: without it nobody can try out words against the digest that stays.
    salt = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return f"Content of event {self.event_id}"


class AccessEvent(Chained):
    """One response that showed a child's record, sent out a file, or refused somebody a record."""

    class Purpose(models.TextChoices):
        VIEW = "view", "Viewed"
        EXPORT = "export", "Exported"
        REFUSED = "refused", "Refused"

    # The role codes that the person held at that moment, comma separated.
    roles = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=10, choices=Purpose)
    page = models.CharField(max_length=100)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        ordering = ["sequence"]
        indexes = [
            models.Index(fields=["actor", "sequence"], name="access_by_actor"),
            models.Index(fields=["at"], name="access_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.purpose} {self.page}"


class AccessLine(models.Model):
    """One record that an access event showed or refused."""

    event = models.ForeignKey(AccessEvent, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=60)
    object_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["kind", "object_id", "event"], name="access_by_object")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class ChainHead(models.Model):
    """The last link of a chain; locked while the next one is written."""

    trail = models.CharField(max_length=20, primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    signature = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.trail} at {self.sequence}"


class SignedHead(models.Model):
    """Where a trail ended at a moment, signed with a key that the database does not hold. Kept in a file as well.

    `at` is the text that was signed: ISO 8601, UTC.
    """

    trail = models.CharField(max_length=20)
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.CharField(max_length=32)
    key_id = models.CharField(max_length=8)
    signature = models.CharField(max_length=64)

    class Meta:
        ordering = ["trail", "sequence"]
        constraints = [models.UniqueConstraint(fields=["trail", "sequence"], name="one_signed_head_a_place")]

    def __str__(self) -> str:
        return f"{self.trail} signed at {self.sequence}"
