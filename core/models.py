"""What every stored record shares."""

from __future__ import annotations

import uuid

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
