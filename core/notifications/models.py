"""Notices to a person: stored first, shown in the product, then sent by e-mail. Never a grade, a name or free text."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models import Identified
from core.notifications.choices import Route, Wish
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
    failed_at = models.DateTimeField(null=True)
    route = models.CharField(max_length=6, choices=Route, default=Route.NOW)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="one_notice_a_person_and_event")]
        indexes = [
            models.Index(fields=["person", "read_at"], name="notice_unread"),
            models.Index(fields=["route", "sent_at", "person"], name="notice_to_send"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.person_id}"


class NoticeWish(models.Model):
    """Which e-mail a person wants; without a row, the usual."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    email = models.CharField(max_length=6, choices=Wish, default=Wish.USUAL)

    def __str__(self) -> str:
        return f"{self.person_id}: {self.email}"


class RefusedAddress(models.Model):
    """An address that the mail server refused, until a message gets through or the address is changed."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    address = models.EmailField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Refused: {self.person_id}"


class ToldStep(models.Model):
    """A step of a clock that has been told. One row a clock, step and due date: nothing is told twice."""

    clock = models.CharField(max_length=30)
    object_id = models.UUIDField()
    step = models.CharField(max_length=20)
    due = models.CharField(max_length=40)
    at = models.DateTimeField()
    told = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "object_id", "step", "due"], name="one_step_of_a_told_clock"),
        ]

    def __str__(self) -> str:
        return f"{self.clock} {self.object_id}: {self.step}"
