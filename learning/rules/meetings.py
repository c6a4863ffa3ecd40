"""When panels meet and what a meeting needs: pure sentences of policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from core.council.rules import Setting
from core.working_days import add_working_days
from learning.choices import ITEM_DONE, HitKind, ItemKind, OutcomeKind
from learning.rules.summaries import month_before

_GROUP = "Learning and Improvement Panel"
PACK_DAYS = Setting("panel_pack_days", "Pack built before the meeting", 5, "working days", _GROUP, 1, 20)
MINUTES_DAYS = Setting("panel_minutes_days", "Minutes after the meeting", 5, "working days", _GROUP, 1, 20)
PACK_LIFE = Setting(
    "panel_pack_life", "Members may read the pack after the meeting for", 30, "days", _GROUP, 1, 365
)  # fmt: skip
REVIEW_MONTHS = Setting("panel_review_months", "A decision is looked at again after", 3, "months", _GROUP, 1, 24)
SETTINGS = (PACK_DAYS, MINUTES_DAYS, PACK_LIFE, REVIEW_MONTHS)

TERMS_AT_LEAST = 30
TEXT_AT_LEAST = 15
MOST_AT_ONCE = 12


def pack_due(held_on: date, days: int, closed: Collection[date] = frozenset()) -> date:
    """The pack is built five working days before the meeting (the number is a setting)."""
    return add_working_days(held_on, -days, closed)


def month_of_pack(held_on: date, built_on: date) -> date:
    """A pack sums up the last month that was over when it was built, and never one after the meeting."""
    return month_before(min(held_on, built_on))


def sight_until(held_on: date, days: int) -> date:
    """Members may read a pack until thirty days after the meeting (the number is a setting)."""
    return held_on + timedelta(days=days)


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it is shorter."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    for last in range(day.day, 0, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError("A month has days.")


def same_weekday_next_month(day: date) -> date:
    """The same weekday of the next month: the third Thursday follows the third Thursday; a fifth becomes the last."""
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    place = (day.day - 1) // 7
    found = first + timedelta(days=(day.weekday() - first.weekday()) % 7 + 7 * place)
    return found if found.month == first.month else found - timedelta(days=7)


def dates_of_a_series(first: date, number: int) -> list[date]:
    """The dates of so many monthly meetings, each on the same weekday of its month."""
    dates = [first]
    while len(dates) < number:
        dates.append(same_weekday_next_month(dates[-1]))
    return dates


def is_quorate(present: int, quorum: int) -> bool:
    """A meeting has its quorum when at least so many members are present as the terms of reference ask for."""
    return present >= quorum


def reasons_against_decision(*, kind: str, quorate: bool, decision: str, outcomes: Iterable[str]) -> list[str]:
    """Below its quorum a panel decides no dispute; a decision is said in words and has an outcome; "no action"
    stands alone (LP-3)."""
    held = list(outcomes)
    found = []
    if kind == ItemKind.DISPUTE and not quorate:
        found.append("The meeting is below its quorum, so no dispute can be decided. Defer it to the next meeting.")
    if len(decision.strip()) < TEXT_AT_LEAST:
        found.append(f"Write down the decision in {TEXT_AT_LEAST} characters or more.")
    if not held:
        found.append("Add what follows from the decision, or “no action” with its reason.")
    if OutcomeKind.NO_ACTION in held and len(held) > 1:
        found.append("“No action” cannot stand beside other outcomes.")
    return found


def reasons_against_closing(open_items: Iterable[tuple[str, str]]) -> list[str]:
    """A panel cannot close while an item has no outcome (LP-3). Takes (title, status) of its items."""
    return [f"“{title}” has no outcome yet." for title, status in open_items if status not in ITEM_DONE]


def told_of_hit(kind: HitKind, words: str) -> str:
    """What is asked of whoever wrote something that leads to a person."""
    return f"“{words}” looks like {kind.label}. Remove it, or say why it has to stay"
