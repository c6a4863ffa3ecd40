"""Notices to a person: stored first, shown in the product, then sent by e-mail. Never a grade, a name or free text."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models import Identified
from core.notifications.querysets import NoticeQuerySet


class Notice(Identified):
    """One notice to one person about one event; `key` keeps it from being made twice.

    It holds the kind, a reference, a date and a link; its words come from the kind.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=160)
    object_id = models.UUIDField()
    reference = models.CharField(max_length=60, blank=True)
    link = models.CharField(max_length=200)
    due_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    withheld_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_notice_a_person_and_event")]
        indexes = [models.Index(fields=["person", "read_at"], name="notice_unread")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"
