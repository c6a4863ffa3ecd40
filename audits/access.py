"""Who may do what with an audit, and why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.access import Decision, NotAllowed, must
from accounts.models import User
from cases.models import Case

__all__ = ["AuditorChoice", "NotAllowed", "auditors_for", "can", "conflicts", "require"]


@dataclass(frozen=True)
class AuditorChoice:
    """An auditor who may be given an audit, with how many they have open."""

    user: User
    open_audits: int


def can(user: Any, verb: str, obj: Any = None) -> Decision:
    """Whether the user may do `verb` to `obj`, and if not why."""
    raise NotImplementedError


def require(user: Any, verb: str, obj: Any = None) -> None:
    """Raise NotAllowed with the reason when the user may not do `verb` to `obj`."""
    must(can(user, verb, obj))


def conflicts(auditor: User, case: Case, window_from: date | None) -> list[str]:
    """The categories of conflict that keep this person from auditing the case, as half sentences."""
    raise NotImplementedError


def auditors_for(case: Case, window_from: date | None = None) -> list[AuditorChoice]:
    """The active auditors without a conflict."""
    raise NotImplementedError
