"""Small frozen pieces of a page that views and selectors hand to the component templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class TaskItem:
    """One line of a task list.

    `status` in words. `colour` "" means plain text (a finished task); otherwise one of the tag
    colours: blue, light-blue, green, yellow, red, grey, purple. `url` None means it cannot be
    started yet.
    """

    label: str
    status: str
    url: str | None = None
    colour: str = ""
    hint: str = ""


@dataclass(frozen=True)
class SummaryRow:
    """One row of a summary list: a key, its value, and optionally where to change it."""

    key: str
    value: object
    change_url: str = ""
    change_label: str = "Change"


@dataclass(frozen=True)
class TimelineEntry:
    """One event of a timeline: what happened, who did it, when (aware), and any words."""

    title: str
    at: datetime
    by: str = ""
    text: str = ""


@dataclass(frozen=True)
class Tile:
    """A figure with its words: "12" "audits overdue", and where it leads."""

    figure: str
    label: str
    url: str = ""
    note: str = ""
    tone: str = ""  # "", "alert" or "good": an edge, never the only sign


@dataclass(frozen=True)
class Tab:
    """One entry of a sub-navigation within a page group."""

    label: str
    url: str
    current: bool = False
