"""Filling in an audit: sections, the overall judgement, conversations. Partial work is always saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from audits.models import Audit, AuditSection, Conversation
from audits.services.moves import StaleVersion

__all__ = [
    "FindingDraft",
    "OverallDraft",
    "SectionDraft",
    "StaleVersion",
    "remove_conversation",
    "save_conversation",
    "save_overall",
    "save_section",
    "start_audit",
]


@dataclass(frozen=True)
class FindingDraft:
    """A finding as written: `kind` of FindingKind; `id` where it was stored before."""

    kind: str
    text: str
    evidence_document: str = ""
    evidence_date: date | None = None
    theme_ids: tuple[UUID, ...] = ()
    id: UUID | None = None


@dataclass(frozen=True)
class SectionDraft:
    """A section as written. `answers` maps question keys to values (text, number, ISO date, key, list of keys).

    `reason_checked` says that the reason still fits after the grade was changed.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    grade: str = ""
    reason: str = ""
    findings: tuple[FindingDraft, ...] = ()
    not_applicable: bool = False
    not_applicable_reason: str = ""
    reason_checked: bool = False


@dataclass(frozen=True)
class OverallDraft:
    """The overall judgement as written; `grade` is a key of the audit's scheme or empty."""

    grade: str = ""
    rationale: str = ""
    working_well: str = ""
    worries: str = ""
    next_steps: str = ""
    immediate_actions: str = ""
    override_reason: str = ""
    exemplar_nominated: bool = False
    no_family_feedback_reason: str = ""


def start_audit(*, audit: Audit, by: Any) -> Audit:
    """Open the audit for filling in."""
    raise NotImplementedError


def save_section(*, audit_section: AuditSection, draft: SectionDraft, by: Any, version: int) -> AuditSection:
    """Save what was written of a section."""
    raise NotImplementedError


def save_overall(*, audit: Audit, draft: OverallDraft, by: Any, version: int) -> Audit:
    """Save the overall judgement."""
    raise NotImplementedError


def save_conversation(
    *,
    audit: Audit,
    by: Any,
    with_whom: str,
    outcome: str,
    mode: str,
    held_on: date | None,
    reason: str,
    what_they_said: str,
    conversation: Conversation | None = None,
) -> Conversation:
    """Write down a conversation, or why there was none."""
    raise NotImplementedError


def remove_conversation(*, conversation: Conversation, by: Any) -> None:
    """Take a conversation off the audit again."""
    raise NotImplementedError
