"""Who may not audit or moderate a case. A refusal names the kind of tie, never the other person's details."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ties:
    """What ties a person to a case, in the audit's window or now."""

    holds: bool = False
    team: bool = False
    line: bool = False
    connection: bool = False


_WORDS = {
    "holds": "holds or held this case",
    "team": "works in or manages the team",
    "line": "is in the line management of the case",
    "connection": "declared a personal connection",
}


def conflicts_of_interest(ties: Ties) -> list[str]:
    """Nobody audits or moderates a case that they hold or held in its window, whose team they work in or manage, whose line management they are in, or with which they declared a personal connection.

    Returns the categories as half sentences.
    """  # noqa: E501  the first line is the sentence that the user reads
    return [words for tie, words in _WORDS.items() if getattr(ties, tie)]
