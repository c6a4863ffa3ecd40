"""Safeguarding alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audits.models import Audit, SafeguardingAlert


def raise_alert(
    *,
    audit: Audit,
    by: Any,
    what: str,
    where: str,
    since: str,
    told_name: str = "",
    told_at: datetime | None = None,
) -> SafeguardingAlert:
    """Say that a child may be at risk of harm now."""
    raise NotImplementedError


def acknowledge_alert(*, alert: SafeguardingAlert, by: Any, version: int | None = None) -> SafeguardingAlert:
    """Say that somebody of the line has it in hand."""
    raise NotImplementedError


def resolve_alert(*, alert: SafeguardingAlert, by: Any, resolution: str, version: int) -> SafeguardingAlert:
    """Say what was done."""
    raise NotImplementedError


def check_alert(*, alert: SafeguardingAlert, by: Any, version: int) -> SafeguardingAlert:
    """The QA unit has checked what was done."""
    raise NotImplementedError
