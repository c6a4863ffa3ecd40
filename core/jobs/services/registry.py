"""What kinds of work exist. Apps register handlers, event listeners and schedules when they are ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.jobs.services.running import JobRun

Handler = Callable[..., None]

_handlers: dict[str, Handler] = {}
_listeners: dict[str, list[str]] = {}
_schedules: dict[str, Schedule] = {}


class JobFailed(Exception):
    """The work cannot succeed by trying again; the message is a sentence for the jobs page."""


@dataclass(frozen=True)
class Schedule:
    """Work that returns with the calendar.

    `period(now)` names the period whose work is due at `now` (local time) and the payload
    for it, or is None while nothing is due. Each (name, period) is done once, however often
    it is asked, and late when the machine was down at the hour. `says` tells a person when it runs.
    """

    name: str
    kind: str
    says: str
    period: Callable[[datetime], tuple[str, dict[str, Any]] | None]


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Register a function `(run: JobRun, **payload)` as the one that does work of this kind."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


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
