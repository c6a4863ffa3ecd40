"""What kinds of work exist. Apps register handlers, event listeners and schedules when they are ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.jobs.services.running import JobRun

Handler = Callable[..., None]

_handlers: dict[str, Handler] = {}
_titles: dict[str, str] = {}
_listeners: dict[str, list[str]] = {}
_schedules: dict[str, Schedule] = {}


class JobFailed(Exception):
    """The work cannot succeed by trying again; the message is a sentence for the jobs page.

    The sentence may name references, never a child, a worker or what somebody wrote.
    """


class NotNow(Exception):
    """The work cannot be done at present through no fault of its own (a mail server is down, say).

    It is tried again after `wait`, and the attempt does not count. The message is a sentence for the jobs page.
    """

    def __init__(self, sentence: str, *, wait: timedelta) -> None:
        super().__init__(sentence)
        self.wait = wait


@dataclass(frozen=True)
class Schedule:
    """Work that returns with the calendar.

    `title` is what the work is, in words, and `says` when it runs. `period(now)` names the period whose
    work is due at `now` (local time) and the payload for it, or is None while nothing is due. Each
    (name, period) is done once, however often it is asked, and late when the machine was down at the
    hour. `moments(now)` gives the last moment at or before `now` when a period fell due and the next
    one after it; the jobs page shows them and notices when two periods went by undone.
    """

    name: str
    kind: str
    title: str
    says: str
    period: Callable[[datetime], tuple[str, dict[str, Any]] | None]
    moments: Callable[[datetime], tuple[datetime, datetime]]

    def key(self, at: datetime) -> str | None:
        """The key of the job whose period is the present one at `at`; None while nothing is due."""
        due = self.period(at)
        return None if due is None else f"{self.name}:{due[0]}"


def handles(kind: str, title: str = "") -> Callable[[Handler], Handler]:
    """Register a function `(run: JobRun, **payload)` as the one that does work of this kind.

    `title` is what the work is, in words, for the jobs page.
    """

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        _titles[kind] = title or kind.replace("_", " ").capitalize()
        return function

    return register


def title_of(kind: str) -> str:
    """What work of this kind is, in words."""
    return _titles.get(kind, kind.replace("_", " ").capitalize())


def on_event(event: str, kind: str) -> None:
    """When `event` is published, ask for work of `kind` with the event's ids as payload."""
    listeners = _listeners.setdefault(event, [])
    if kind not in listeners:
        listeners.append(kind)


def listeners_of(event: str) -> list[str]:
    """The kinds of work that an event sets off."""
    return list(_listeners.get(event, []))


def handler_of(kind: str) -> Handler:
    """The function that does work of this kind. Raises JobFailed where none is known."""
    try:
        return _handlers[kind]
    except KeyError:
        raise JobFailed(f"No work of the kind “{kind}” is known to this release.") from None


def register_schedule(schedule: Schedule) -> None:
    """Add work that returns with the calendar."""
    _schedules[schedule.name] = schedule


def schedules() -> list[Schedule]:
    """Every registered schedule, by name."""
    return [_schedules[name] for name in sorted(_schedules)]


def run_handler(run: JobRun) -> None:
    """Do the work of a claimed job."""
    handler_of(run.kind)(run, **run.payload)
