"""The council's numbers and closing days are changed, from a day on and with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.council.access import must_keep_settings
from core.council.models import CheckedYear, ClosingDay, SettingValue
from core.council.selectors import declared, setting
from core.history.services import record


def choose(*, key: str, value: int, effective_on: date, why: str, by: Any) -> SettingValue | None:
    """Choose a value from a day on, today or later: what has begun keeps the one with which it began.

    None, and nothing is written, where it would hold on that day anyway. Raises PermissionDenied when `by` may not,
    ValidationError where the value or the day does not do, KeyError where no app has declared the setting.
    """
    must_keep_settings(by)
    if not declared(key).used:
        raise ValidationError({"value": "This number cannot be changed yet"})
    if fault := declared(key).fault(value):
        raise ValidationError({"value": fault})
    if effective_on < timezone.localdate():
        raise ValidationError({"effective_on": "The first day must be today or later"})
    before = setting(key, on=effective_on)
    if before == value:
        return None
    with transaction.atomic():
        row = SettingValue.objects.create(
            key=key, value=value, effective_on=effective_on, why=why, set_by_id=getattr(by, "pk", None)
        )
        record(
            by=by, verb="chosen", record=row, why=why, from_state=str(before), to_state=str(value),
            values={"key": key, "value": value, "effective_on": effective_on},
        )  # fmt: skip
    return row


def add_closing_day(*, day: date, name: str, by: Any) -> ClosingDay:
    """A day on which the council is closed. Raises PermissionDenied when `by` may not, ValidationError where it is past
    or there already."""
    must_keep_settings(by)
    if day < timezone.localdate():
        raise ValidationError({"day": "The day must be today or later: clocks that have run out stay as they are"})
    if ClosingDay.objects.filter(day=day).exists():
        raise ValidationError({"day": "This day is there already"})
    with transaction.atomic():
        closing = ClosingDay.objects.create(day=day, name=name)
        record(by=by, verb="closed on", record=closing, values={"day": day, "name": name})
    return closing


def remove_closing_day(*, closing: ClosingDay, by: Any) -> None:
    """Take a day away that has not come yet. Raises PermissionDenied, and ValidationError where it has come."""
    must_keep_settings(by)
    if closing.day < timezone.localdate():
        raise ValidationError("This day has passed, so it stays")
    with transaction.atomic():
        record(by=by, verb="open on", record=closing, values={"day": closing.day, "name": closing.name})
        closing.delete()


def check_year(*, year: int, by: Any) -> None:
    """Say that a year's working days are right. Saying it twice changes nothing. Raises PermissionDenied."""
    must_keep_settings(by)
    with transaction.atomic():
        row, made = CheckedYear.objects.get_or_create(year=year, defaults={"checked_by_id": getattr(by, "pk", None)})
        if made:
            record(by=by, verb="checked", record=row, values={"year": year})
