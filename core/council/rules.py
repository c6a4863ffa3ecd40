"""What a setting is, and what holds on a day. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

YES_OR_NO = "yes or no"
"""The unit of a setting that is on or off."""


@dataclass(frozen=True)
class Setting:
    """One number of the council's policy: `key` for the code, `label` for the page, whole numbers from `low` to `high`.

    `unit` is said after the number ("working days"), `group` is its heading on the page, `hint` says more where the
    label does not say all. `used` is False while no clock asks for it: it is shown, and cannot be
    changed.
    """

    key: str
    label: str
    default: int
    unit: str
    group: str
    low: int = 0
    high: int = 999
    hint: str = ""
    used: bool = True

    @property
    def is_yes_or_no(self) -> bool:
        """Whether 1 stands for yes and 0 for no."""
        return self.unit == YES_OR_NO

    def said(self, value: int) -> str:
        """A value with its unit: "10%", "1 working day", "Yes"."""
        if self.is_yes_or_no:
            return "Yes" if value else "No"
        if self.unit == "%":
            return f"{value}%"
        unit = self.unit[:-1] if value == 1 and self.unit.endswith("s") else self.unit
        return f"{value} {unit}".strip()

    def fault(self, value: int) -> str:
        """What is wrong with a value, as a sentence; "" where nothing is."""
        if self.low <= value <= self.high:
            return ""
        return f"Enter a whole number from {self.low} to {self.high}"


@dataclass(frozen=True)
class Chosen:
    """A value that was chosen for a setting: from which day it holds, and when that was said."""

    value: int
    effective_on: date
    set_at: datetime


def value_on(setting: Setting, chosen: Iterable[Chosen], on: date) -> int:
    """What holds on a day: the choice with the latest first day not after it (of two, the one said last), else the
    default."""
    begun = [each for each in chosen if each.effective_on <= on]
    return max(begun, key=lambda each: (each.effective_on, each.set_at)).value if begun else setting.default


WARNED_FROM_MONTH = 10


def year_to_check(today: date, checked: Iterable[int]) -> int | None:
    """The year whose working days somebody has still to check: this one, and from 1 October the next one too."""
    done = set(checked)
    if today.year not in done and today.month >= 2:
        return today.year
    if today.month >= WARNED_FROM_MONTH and today.year + 1 not in done:
        return today.year + 1
    return None
