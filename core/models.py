"""What every stored record shares."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class Identified(models.Model):
    """A record named by a random UUID, so that no address can be guessed from another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """A record that two people may edit: saved only by the one who read its present version."""

    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True


class Signed(models.Model):
    """A row about something that somebody did: when, and who (nobody for the system)."""

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        ordering = ["at", "id"]


class MoveRow(Signed):
    """One move of a record: who, when, from, to, why. Appended in the transaction of the move, never changed."""

    event = models.CharField(max_length=20)
    from_status = models.CharField(max_length=16, blank=True)
    to_status = models.CharField(max_length=16)
    why = models.TextField(blank=True)

    class Meta(Signed.Meta):
        abstract = True
