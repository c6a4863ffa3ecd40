"""Submitting an audit and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audits.models import Audit


@dataclass(frozen=True)
class SubmitFault:
    """One thing that stands in the way. `where` is "section:<key>", "overall" or "conversations"."""

    where: str
    message: str
    section_id: UUID | None = None


class NotReady(Exception):
    """The audit cannot be submitted yet; `faults` says all that stands in the way."""

    def __init__(self, faults: tuple[SubmitFault, ...]) -> None:
        super().__init__("The audit is not ready to submit.")
        self.faults = faults


def submit_audit(*, audit: Audit, by: Any, version: int) -> Audit:
    """Submit an audit."""
    raise NotImplementedError


def recall_audit(*, audit: Audit, by: Any, why: str, version: int) -> Audit:
    """Take a submission back."""
    raise NotImplementedError
