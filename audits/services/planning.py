"""Planning and giving out audits."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import User
from audits.choices import AuditMode, AuditPurpose
from audits.models import Audit, ToolVersion
from cases.models import Case


def create_audit(
    *,
    case: Case,
    version: ToolVersion,
    by: Any,
    mode: str = AuditMode.DESK,
    purpose: str = AuditPurpose.STANDARD,
    window_to: date | None = None,
) -> Audit:
    """Plan an audit of a case with a live tool."""
    raise NotImplementedError


def allocate_audit(
    *, audit: Audit, auditor: User, by: Any, due_on: date | None = None, version: int | None = None
) -> Audit:
    """Give a planned audit to an auditor."""
    raise NotImplementedError


def reassign_audit(*, audit: Audit, auditor: User, by: Any, why: str, keep_answers: bool, version: int) -> Audit:
    """Give an audit under way to another auditor."""
    raise NotImplementedError


def decline_audit(*, audit: Audit, by: Any, why: str, version: int) -> Audit:
    """Hand an allocated audit back."""
    raise NotImplementedError


def void_audit(*, audit: Audit, by: Any, why: str, version: int) -> Audit:
    """Make an audit void: it counts nowhere."""
    raise NotImplementedError
