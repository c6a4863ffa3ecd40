"""What auditors write in tests, and the short ways to an audit that is ready."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from audits.choices import FindingKind, Grade
from audits.models import Audit, AuditSection
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


def submitted(*, case: Case, by: User, auditor: User, **grades: Any) -> Audit:
    """A submitted audit; the grades go to `fill_in`."""
    audit = start_audit(audit=new_audit(case=case, by=by, auditor=auditor), by=auditor)
    audit = fill_in(audit, auditor, **grades)
    return submit_audit(audit=audit, by=auditor, version=audit.version)
