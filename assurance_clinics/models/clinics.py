"""Clinics: the rota, one clinic with its people, its pack, its notes and what came of it; and notes on exceptions.

A clinic is known by its service and its number. What its pack said stays as it was built; its actions stand in the one
tracker, and the link to them is kept here.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import OrgUnit
from actions.models import Action
from assurance_clinics.choices import ClinicStatus, NoteKind, Weekday
from assurance_clinics.models.indicators import Indicator
from assurance_clinics.querysets import CaseNoteQuerySet, ClinicPartQuerySet, ClinicQuerySet, RotaQuerySet
from cases.models import Case
from core.models import Identified, MoveRow, Versioned

PEOPLE = settings.AUTH_USER_MODEL


class RotaPlace(Identified, Versioned):
    """When a service's turn comes in the weekly cycle, who chairs, and which indicators are looked at.

    `slot` is the week of the cycle, from 0. Without indicators those are taken of which the service has figures.
    """

    service = models.OneToOneField(OrgUnit, on_delete=models.PROTECT, related_name="+")
    slot = models.PositiveSmallIntegerField()
    weekday = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.THURSDAY)
    starts_at = models.TimeField(default=dt.time(10))
    chair = models.ForeignKey(PEOPLE, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    indicators = models.ManyToManyField(Indicator, blank=True, related_name="+")

    objects = RotaQuerySet.as_manager()

    class Meta:
        ordering = ["slot", "service__name"]

    def __str__(self) -> str:
        return f"{self.service}, week {self.slot + 1}"


class Clinic(Identified, Versioned):
    """One assurance clinic of a service. `week` is the Monday of its week in the rota, `period` the month whose figures
    it looks at; `data_late` says that the pack was built without some of them."""

    service = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    week = models.DateField()
    meets_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=150, blank=True)
    chair = models.ForeignKey(PEOPLE, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    period = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=16, choices=ClinicStatus, default=ClinicStatus.TO_BE_CONVENED)
    data_late = models.BooleanField(default=False)
    held_at = models.DateTimeField(null=True, blank=True)
    notes_due_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClinicQuerySet.as_manager()

    class Meta:
        ordering = ["week", "service__name"]
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="one_clinic_of_a_number"),
            models.UniqueConstraint(fields=["service", "week"], name="one_clinic_a_week"),
            models.CheckConstraint(
                condition=Q(period=None) | Q(period__day=1), name="clinic_looks_at_a_month"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["status", "week"], name="clinic_by_status")]

    def __str__(self) -> str:
        return f"{self.service}, clinic {self.number}"

    @property
    def day(self) -> dt.date:
        """The day on which it meets; before that is settled the Monday of its week."""
        return timezone.localdate(self.meets_at) if self.meets_at else self.week


class ClinicAttendee(models.Model):
    """Somebody who is asked to a clinic, and afterwards whether they came. Attendees read the pack and write notes."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(PEOPLE, on_delete=models.PROTECT, related_name="+")
    came = models.BooleanField(null=True)

    objects = ClinicPartQuerySet.as_manager()

    class Meta:
        ordering = ["user__name", "id"]
        constraints = [models.UniqueConstraint(fields=["clinic", "user"], name="asked_once_to_a_clinic")]

    def __str__(self) -> str:
        return str(self.user)


class ClinicNote(Identified, Versioned):
    """What is said at a clinic: under one indicator's number, or its strengths, or its concerns.

    `why_no_action` is the reason for leaving an indicator that is red twice running without an action.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=10, choices=NoteKind)
    indicator = models.ForeignKey(Indicator, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True)
    why_no_action = models.TextField(blank=True)
    saved_by = models.ForeignKey(PEOPLE, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(null=True, blank=True)

    objects = ClinicPartQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "indicator"], condition=Q(kind=NoteKind.FIGURE), name="one_note_a_number"
            ),
            models.UniqueConstraint(
                fields=["clinic", "kind"], condition=~Q(kind=NoteKind.FIGURE), name="one_note_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind=NoteKind.FIGURE, indicator__isnull=False)
                | (~Q(kind=NoteKind.FIGURE) & Q(indicator=None)),
                name="note_under_a_number_has_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clinic}: {self.indicator or self.get_kind_display()}"


class ClinicAction(models.Model):
    """An action that a clinic made, and the number that it answers (None for one of the clinic as a whole)."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="action_links")
    note = models.ForeignKey(ClinicNote, null=True, blank=True, on_delete=models.SET_NULL, related_name="action_links")
    action = models.OneToOneField(Action, on_delete=models.CASCADE, related_name="+")

    objects = ClinicPartQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.clinic}: {self.action}"


class ClinicPack(Identified):
    """One version of a clinic's pack, printed for ever as it was built: `content` in the layout that `layout` names."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="packs")
    number = models.PositiveSmallIntegerField()
    layout = models.PositiveSmallIntegerField(default=1)
    content = models.JSONField()
    checksum = models.CharField(max_length=64)
    built_at = models.DateTimeField()
    asked_by = models.ForeignKey(PEOPLE, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ClinicPartQuerySet.as_manager()

    class Meta:
        ordering = ["clinic", "-number"]
        constraints = [models.UniqueConstraint(fields=["clinic", "number"], name="one_clinic_pack_of_a_number")]

    def __str__(self) -> str:
        return f"{self.clinic}, pack {self.number}"


class ClinicMove(MoveRow):
    """One move of a clinic."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="moves")

    def __str__(self) -> str:
        return f"{self.clinic_id}: {self.event}"


class CaseNote(Identified, Versioned):
    """What a manager writes beside a case on the list of exceptions: why it is late, and what is arranged."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    saved_by = models.ForeignKey(PEOPLE, null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    objects = CaseNoteQuerySet.as_manager()

    class Meta:
        ordering = ["saved_at"]
        constraints = [models.UniqueConstraint(fields=["indicator", "case"], name="one_note_an_exception")]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.case_id}"
