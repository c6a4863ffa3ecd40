"""What auditors write in tests, and the short ways to an audit that is ready."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import User
from audits.choices import FindingKind, Grade
from audits.models import Audit, AuditSection
from audits.services.answering import accept_grade, confirm_grade
from audits.services.drafting import (
    FindingDraft,
    OverallDraft,
    SectionDraft,
    save_overall,
    save_section,
    start_audit,
)
from audits.services.planning import allocate_audit, create_audit
from audits.services.submitting import submit_audit
from cases.models import Case
from core.council.models import SettingValue
from tests.factories.audits import live_tool

REASON = "The record shows this clearly in the visits of May and June."


def new_audit(*, case: Case, by: User, auditor: User) -> Audit:
    """An audit of the case with the example tool, allocated."""
    audit = create_audit(case=case, version=live_tool(), by=by)
    return allocate_audit(audit=audit, auditor=auditor, by=by)


def section(audit: Audit, key: str) -> AuditSection:
    """The audit's row of one section, as it stands now."""
    return audit.sections.select_related("section", "audit").get(section__key=key)


def section_draft(grade: str = Grade.GOOD, **changes: Any) -> SectionDraft:
    """A complete section of the example tool."""
    return SectionDraft(
        **{
            "answers": {"seen": "yes"},
            "grade": grade,
            "reason": REASON,
            "findings": (FindingDraft(FindingKind.STRENGTH, "The child was seen alone at every visit."),),
            **changes,
        }
    )


def fill_in(
    audit: Audit,
    by: User,
    *,
    overall: str = Grade.GOOD,
    voice: str = Grade.GOOD,
    safeguarding: str = Grade.GOOD,
    **more: Any,
) -> Audit:
    """Fill in everything, so that the audit is ready to submit; `more` goes into the overall judgement."""
    for key, grade in (("voice", voice), ("safeguarding", safeguarding)):
        row = section(audit, key)
        save_section(audit_section=row, draft=section_draft(grade), by=by, version=row.version)
    audit.refresh_from_db()
    draft = OverallDraft(**{"grade": overall, "rationale": "Taken together, this is what the record shows.", **more})
    return save_overall(audit=audit, draft=draft, by=by, version=audit.version)


def nobody_is_new() -> None:
    """Settings under which a submission is chosen for what it is, not because its auditor is new."""
    for key in ("new_auditor_audits", "moderation_quarter_minimum"):
        SettingValue.objects.create(key=key, value=0, effective_on=date(2026, 1, 1), why="For this test")


def accepted(audit: Audit, auditor: User) -> Audit:
    """The audit after its auditor has accepted the changed grade."""
    moderation = audit.moderations.latest("submission")
    accept_grade(moderation=moderation, by=auditor, version=moderation.version)
    return Audit.objects.get(pk=audit.pk)


def confirmed(audit: Audit, head: User) -> Audit:
    """The audit after a head of service has confirmed its inadequate grade."""
    moderation = audit.moderations.latest("submission")
    confirm_grade(moderation=moderation, by=head, version=moderation.version)
    return Audit.objects.get(pk=audit.pk)


def submitted(*, case: Case, by: User, auditor: User, **grades: Any) -> Audit:
    """A submitted audit; the grades go to `fill_in`."""
    audit = start_audit(audit=new_audit(case=case, by=by, auditor=auditor), by=auditor)
    audit = fill_in(audit, auditor, **grades)
    return submit_audit(audit=audit, by=auditor, version=audit.version)
