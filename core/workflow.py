"""What a move is: the shape of every app's table of what may follow what, and the guard that reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """A move: its name, where it may start, where it leads ("" stays), who makes it, and whether a reason is due."""

    event: str
    sources: tuple[str, ...]
    target: str
    who: str
    says: str
    needs_reason: bool = False


class IllegalMove(Exception):
    """The record has moved on; the message says where it is now and what cannot be done any more."""


class StaleVersion(Exception):
    """Somebody saved this record after it was read. `version` is the number that stands there now."""

    def __init__(self, *, version: int) -> None:
        super().__init__("Somebody else has changed this since you opened it. Read what it says now, then try again.")
        self.version = version


def move(table: tuple[Move, ...], event: str) -> Move:
    """The move of this name. Raises KeyError for a name that the table does not have."""
    for found in table:
        if found.event == event:
            return found
    raise KeyError(event)


def may_follow(table: tuple[Move, ...], event: str, status: str) -> bool:
    """Whether the move may start from this status."""
    return status in move(table, event).sources


def moves_from(table: tuple[Move, ...], status: str) -> list[Move]:
    """The moves that may start from this status."""
    return [found for found in table if status in found.sources]


def sentence_of_refusal(what: str, doing: str, status_label: str) -> str:
    """The sentence for a move that the record's present state does not allow; `doing` as in "submit it again"."""
    return f"This {what} is now “{status_label}”; you cannot {doing}."
