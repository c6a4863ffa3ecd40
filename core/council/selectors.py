"""What holds today or on a day: the numbers that apps have declared, and the days that count as working days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from core.council.models import CheckedYear, ClosingDay, SettingValue
from core.council.rules import Chosen, Setting, value_on, year_to_check
from core.page_parts import TimelineEntry
from core.working_days import bank_holidays

_declared: dict[str, Setting] = {}


def declare(settings: Iterable[Setting]) -> None:
    """Make numbers known; apps call it when they are ready. The order is that of the page."""
    _declared.update({each.key: each for each in settings})


def declared(key: str) -> Setting:
    """The setting of this key. Raises KeyError where no app has declared one."""
    return _declared[key]


def setting(key: str, *, on: date | None = None) -> int:
    """What a setting is today, or on a day. Whatever begins asks once and keeps the answer: a change counts for new
    clocks only. Raises KeyError where no app has declared it."""
    rows = SettingValue.objects.filter(key=key).values_list("value", "effective_on", "set_at")
    return value_on(declared(key), (Chosen(*row) for row in rows), on or timezone.localdate())


def settings_on(keys: Iterable[str], *, on: date) -> dict[str, int]:
    """What these settings are on a day, by key, in one query. Raises KeyError where no app has declared one."""
    chosen: dict[str, list[Chosen]] = defaultdict(list)
    wanted = list(keys)
    rows = SettingValue.objects.filter(key__in=wanted).values_list("key", "value", "effective_on", "set_at")
    for key, value, effective_on, set_at in rows:
        chosen[key].append(Chosen(value, effective_on, set_at))
    return {key: value_on(declared(key), chosen[key], on) for key in wanted}


def closing_days() -> frozenset[date]:
    """The council's own closing days, as the `extra` of core.working_days."""
    return frozenset(ClosingDay.objects.values_list("day", flat=True))


@dataclass(frozen=True)
class SettingLine:
    """A setting on the page: what holds now, and what is to come."""

    key: str
    label: str
    hint: str
    now: str
    default: str
    used: bool
    to_come: tuple[tuple[str, date], ...]


@dataclass(frozen=True)
class DayLine:
    """A day on which no clock runs: a bank holiday, or a closing day that can be taken away (`key`)."""

    day: date
    name: str
    key: str = ""


def setting_groups(on: date) -> list[tuple[str, list[SettingLine]]]:
    """Every declared setting under its heading, as it holds on a day."""
    chosen: dict[str, list[Chosen]] = defaultdict(list)
    for key, value, effective_on, set_at in SettingValue.objects.values_list("key", "value", "effective_on", "set_at"):
        chosen[key].append(Chosen(value, effective_on, set_at))
    groups: dict[str, list[SettingLine]] = {}
    for each in _declared.values():
        later = sorted({one.effective_on for one in chosen[each.key] if one.effective_on > on})
        line = SettingLine(
            each.key, each.label, each.hint, each.said(value_on(each, chosen[each.key], on)), each.said(each.default),
            each.used, tuple((each.said(value_on(each, chosen[each.key], day)), day) for day in later),
        )  # fmt: skip
        groups.setdefault(each.group, []).append(line)
    return list(groups.items())


def setting_history(key: str) -> list[TimelineEntry]:
    """What was chosen for a setting, the latest first, with who and why."""
    setting = declared(key)
    rows = SettingValue.objects.filter(key=key).select_related("set_by").order_by("-set_at")
    return [
        TimelineEntry(
            title=f"{setting.said(row.value)} from {row.effective_on.day} {row.effective_on:%B %Y}",
            at=row.set_at,
            by=str(row.set_by) if row.set_by else "The system",
            text=row.why,
        )
        for row in rows
    ]


def days_of(year: int) -> list[DayLine]:
    """The weekdays of a year on which no clock runs, in order."""
    closed = [DayLine(each.day, each.name, str(each.pk)) for each in ClosingDay.objects.filter(day__year=year)]
    own = {line.day for line in closed}
    banks = [DayLine(day, "Bank holiday") for day in bank_holidays(year) if day.weekday() < 5 and day not in own]
    return sorted([*closed, *banks], key=lambda line: line.day)


def is_checked(year: int) -> bool:
    """Whether somebody has found the year's working days right."""
    return CheckedYear.objects.filter(year=year).exists()


def year_unchecked(on: date) -> int | None:
    """The year whose working days are still to be checked; from 1 October that may be the next one."""
    return year_to_check(on, CheckedYear.objects.values_list("year", flat=True))


def closing_day(key: UUID) -> ClosingDay | None:
    """The closing day of this key."""
    return ClosingDay.objects.filter(pk=key).first()
