"""How much time each priority allows, as the council has set it."""

from __future__ import annotations

from datetime import date

from actions.choices import Priority
from actions.rules.timescales import LIMITS
from core.council.selectors import setting, settings_on


def days_allowed(priority: str, *, on: date) -> int:
    """The working days that a priority allows to an action made on this day."""
    return setting(LIMITS[Priority(priority)].key, on=on)


def priority_choices(on: date) -> list[tuple[str, str]]:
    """The priorities of a form, each with its time: "High (10 working days)"."""
    days = settings_on((each.key for each in LIMITS.values()), on=on)
    return [(each.value, f"{each.label} ({_counted(days[LIMITS[each].key])})") for each in Priority]


def _counted(days: int) -> str:
    return "the same day" if days == 0 else f"{days} working day{'' if days == 1 else 's'}"
