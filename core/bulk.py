"""One change of many records, each on its own: what was done, and what was refused with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from core.workflow import IllegalMove

AT_MOST = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Refused(Generic[Row]):
    """A record that stayed as it was, and why."""

    row: Row
    why: str


@dataclass(frozen=True)
class BulkResult(Generic[Row]):
    """What became of each record, in the order given."""

    done: tuple[Row, ...]
    refused: tuple[Refused[Row], ...]


def change_each(
    rows: Iterable[Row], change: Callable[[Row], Row], *, why: str, noun: str, refusals: tuple[type[Exception], ...]
) -> BulkResult[Row]:
    """Change each in a transaction of its own; what is raised of `refusals`, or as no move of its, refuses that one.

    `noun` is one of them in words ("action"). Raises ValidationError for no reason, no record or too many.
    """
    wanted = list(rows)
    if not why.strip():
        raise ValidationError({"why": "Say why"})
    if not wanted:
        raise ValidationError({noun: f"Choose at least one {noun}"})
    if len(wanted) > AT_MOST:
        raise ValidationError({noun: f"Choose at most {AT_MOST} {noun}s at a time"})
    stays: tuple[type[Exception], ...] = (IllegalMove, *refusals)
    done, refused = [], []
    for row in wanted:
        try:
            done.append(change(row))
        except ValidationError as problem:
            refused.append(Refused(row, " ".join(problem.messages)))
        except stays as problem:
            refused.append(Refused(row, str(problem)))
    return BulkResult(tuple(done), tuple(refused))


def keys_of(texts: Iterable[str]) -> list[UUID]:
    """The keys among what was posted, each once and not too many; anything else is no record."""
    found = []
    for text in dict.fromkeys(texts):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found[:AT_MOST]


def typed_of(posted: MultiValueDict[str, str], noun: str) -> list[tuple[str, str]]:
    """What was asked for, as (field, value): all that was posted but the records, the step and the token."""
    leave = {noun, "step", "csrfmiddlewaretoken"}
    return [(name, value) for name, values in posted.lists() if name not in leave for value in values]
