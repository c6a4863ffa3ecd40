"""Indicators: what they mean and from when, what they came to, and what they are compared with.

An indicator is its wording. Its definitions and targets are dated; a value belongs to a month and to the department,
a unit, or a worker in a team. No value holds a child: who is in and who is out is worked out from the kept extract.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import OrgUnit
from assurance_clinics.choices import (
    Basis,
    ComparatorKind,
    DefinitionStatus,
    EventKind,
    FigureKind,
    IndicatorKind,
    Polarity,
    ValueSource,
)
from assurance_clinics.querysets import DatedEventQuerySet, DefinedQuerySet, IndicatorQuerySet, ValueQuerySet
from cases.models import Case, Extract, Worker, reference_key
from core.models import Identified, Versioned
from core.spreadsheets import fold


def wording_key(wording: str) -> str:
    """A wording as compared: without case, doubled spaces and kinds of quotation mark."""
    return fold(wording)[:300]


class Figure(models.Model):
    """One printed figure: which of five things it says, the number where it is one, and the cell as it stood."""

    kind = models.CharField(max_length=10, choices=FigureKind, default=FigureKind.NUMBER)
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    printed = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True


def _number_or_none(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(kind=FigureKind.NUMBER, value__isnull=False) | (~Q(kind=FigureKind.NUMBER) & Q(value=None)),
        name=name,
    )


class Indicator(Identified):
    """An indicator, known by its wording; `code` names the formula of one that is computed."""

    code = models.CharField(max_length=40, unique=True, null=True, blank=True)
    wording = models.CharField(max_length=300)
    wording_key = models.CharField(max_length=300, unique=True, editable=False)
    section = models.CharField(max_length=150, blank=True)
    position = models.PositiveIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ["position", "wording_key"]

    def __str__(self) -> str:
        return self.wording

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.wording_key = wording_key(self.wording)
        super().save(*args, **kwargs)


class IndicatorDefinition(Identified, Versioned):
    """What an indicator means from a day on. A later definition breaks the line of the trend, with its note."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="definitions")
    number = models.PositiveSmallIntegerField(default=1)
    valid_from = models.DateField()
    status = models.CharField(max_length=10, choices=DefinitionStatus, default=DefinitionStatus.DRAFT)
    kind = models.CharField(max_length=12, choices=IndicatorKind)
    basis = models.CharField(max_length=12, choices=Basis, default=Basis.IN_MONTH)
    polarity = models.CharField(max_length=8, choices=Polarity, default=Polarity.NONE)
    unit_of_measure = models.CharField(max_length=40, blank=True)
    numerator = models.TextField(blank=True)
    denominator = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    levels = models.JSONField(default=list, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.TextField(blank=True)

    objects = DefinedQuerySet.as_manager()

    class Meta:
        ordering = ["indicator", "valid_from", "number"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "number"], name="one_definition_of_a_number"),
            models.UniqueConstraint(fields=["indicator", "valid_from"], name="one_definition_from_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}, definition {self.number}"


class Target(Identified, Figure):
    """What is aimed at from a day on. `upper` is the top of a range; `annual` a sum for the whole year from April."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    starts_on = models.DateField()
    upper = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    tolerance = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    annual = models.BooleanField(default=False)

    objects = DefinedQuerySet.as_manager()

    class Meta:
        ordering = ["indicator", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "starts_on"], name="one_target_from_a_day"),
            _number_or_none("target_number_or_none"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.printed or self.value}"


class Value(Identified, Figure):
    """What an indicator came to in a month: for the department (no unit), a unit, or a worker in a team."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="values")
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    as_at = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=12, choices=Basis, default=Basis.IN_MONTH)
    numerator = models.PositiveIntegerField(null=True, blank=True)
    denominator = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=10, choices=ValueSource)
    extract = models.ForeignKey(Extract, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    provisional = models.BooleanField(default=False)
    saved_at = models.DateTimeField(auto_now=True)

    objects = ValueQuerySet.as_manager()

    class Meta:
        ordering = ["indicator", "month"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "month"], condition=Q(unit=None, worker=None), name="one_value_of_the_department"
            ),
            models.UniqueConstraint(
                fields=["indicator", "month", "unit"],
                condition=Q(unit__isnull=False, worker=None),
                name="one_value_of_a_unit",
            ),
            models.UniqueConstraint(
                fields=["indicator", "month", "unit", "worker"],
                condition=Q(unit__isnull=False, worker__isnull=False),
                name="one_value_of_a_worker",
            ),
            models.CheckConstraint(condition=Q(worker=None) | Q(unit__isnull=False), name="a_worker_stands_in_a_team"),
            models.CheckConstraint(condition=Q(month__day=1), name="value_month_is_a_first"),
            _number_or_none("value_number_or_none"),
        ]
        indexes = [models.Index(fields=["unit", "month"], name="value_by_unit")]

    def __str__(self) -> str:
        return f"{self.indicator}, {self.month:%B %Y}: {self.printed}"


class Comparator(Identified, Figure):
    """A figure from elsewhere to set beside an indicator, and where it comes from."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="comparators")
    label = models.CharField(max_length=80)
    compared_with = models.CharField(max_length=20, choices=ComparatorKind, default=ComparatorKind.OTHER)
    period = models.CharField(max_length=20, blank=True)
    release = models.CharField(max_length=150, blank=True)
    vintage = models.CharField(max_length=40, blank=True)
    model_date = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = DefinedQuerySet.as_manager()

    class Meta:
        ordering = ["indicator", "position", "label"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "label"], name="one_comparator_of_a_label"),
            _number_or_none("comparator_number_or_none"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}, {self.label}: {self.printed}"


class DatedEvent(Identified):
    """An event of a case that Annex A does not hold, from the council's own list: supervision, a core group, a
    visiting interval agreed for a child. The latest of its kind on or before a day is what counts on that day."""

    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(max_length=60)
    reference_key = models.CharField(max_length=60, editable=False)
    kind = models.CharField(max_length=20, choices=EventKind)
    happened_on = models.DateField()
    interval_days = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = DatedEventQuerySet.as_manager()

    class Meta:
        ordering = ["reference_key", "kind", "happened_on"]
        constraints = [
            models.UniqueConstraint(fields=["reference_key", "kind", "happened_on"], name="one_event_of_a_day"),
            models.CheckConstraint(
                condition=~Q(kind=EventKind.AGREED_INTERVAL) | Q(interval_days__isnull=False),
                name="agreed_interval_has_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.reference}, {self.happened_on}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.reference_key = reference_key(self.reference)
        super().save(*args, **kwargs)
