"""What the council has chosen: its numbers with the day from which each holds, and the days on which it is closed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core.models import Identified


class SettingValue(Identified):
    """A value chosen for one setting from a day on. Rows are added, never changed: together they are its history."""

    key = models.SlugField(max_length=60)
    value = models.IntegerField()
    effective_on = models.DateField()
    why = models.CharField(max_length=1000)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["key", "-effective_on", "-set_at"]
        indexes = [models.Index(fields=["key", "effective_on"], name="setting_by_day")]

    def __str__(self) -> str:
        return f"{self.key} = {self.value} from {self.effective_on}"


class ClosingDay(Identified):
    """A day on which the council is closed besides weekends and England's bank holidays."""

    day = models.DateField(unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.name}, {self.day}"


class CheckedYear(Identified):
    """Somebody has looked at a year's working days and found them right."""

    year = models.PositiveSmallIntegerField(unique=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.year)
