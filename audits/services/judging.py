"""What everybody who judges a grade is bound by: a reason for each change, and the ceilings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError

from audits.choices import GRADE_FINAL
from audits.models import Audit, DisputedSection, ModeratedSection
from audits.rules.grading import characters
from audits.rules.submission import MIN_REASON
from audits.selectors.readiness import AuditAsWritten

NEEDS_REASON = f"Give the reason in at least {MIN_REASON} characters"


def section_grades_now(*, audit: Audit) -> dict[UUID, str]:
    """The grade that stands for each section of an audit, by its row: settled, or decided so far, or the auditor's."""
    rows = list(audit.sections.values_list("pk", "grade", "settled_grade"))
    if audit.status in GRADE_FINAL:
        return {pk: settled or grade for pk, grade, settled in rows}
    grades = {pk: grade for pk, grade, _ in rows}
    last = audit.moderations.order_by("-submission").first()
    if last is not None:
        grades.update(ModeratedSection.objects.filter(moderation=last).values_list("audit_section", "grade_after"))
        grades.update(
            DisputedSection.objects.filter(dispute__moderation=last, dispute__decided_at__isnull=False)
            .order_by("dispute__decided_at")
            .values_list("audit_section", "grade_after")
        )
    return grades


def changed_sections(
    *, written: AuditAsWritten, wanted: Mapping[UUID, tuple[str, str]], now: Mapping[UUID, str]
) -> dict[UUID, tuple[str, str, str]]:
    """(grade before, grade after, reason) of the sections that somebody sees otherwise than `now`, by row.

    Raises ValidationError for a grade that the scheme does not have, a section that has none, or a missing reason.
    """
    rows = {section.row.pk: section for section in written.sections}
    found, wrong = {}, {}
    for key, (grade, why) in wanted.items():
        section = rows.get(key)
        if section is None or not section.asked.graded or not section.applies or grade not in written.meanings:
            wrong[f"section_{key}"] = "Choose one of the grades"
        elif grade == now.get(key):
            continue
        elif characters(why) < MIN_REASON:
            wrong[f"section_{key}"] = f"{section.asked.title}: {NEEDS_REASON[:1].lower()}{NEEDS_REASON[1:]}"
        else:
            found[key] = (now.get(key, ""), grade, why.strip())
    if wrong:
        raise ValidationError(wrong)
    return found


def bound_by_the_ceiling(
    *, written: AuditAsWritten, grade: str, sections: Mapping[UUID, str], override_reason: str
) -> dict[str, Any]:
    """What the limiting rules say against this grade, by field: hard rules bind everybody, soft ones need a reason.

    `sections` are the grades of the sections as they would stand then.
    """
    meaning = written.meanings.get(grade, "")
    if not meaning:
        return {}
    ceiling = written.ceiling(sections)
    why_not = ceiling.why_not(meaning, override_reason)
    if not why_not:
        return {}
    return {"grade" if ceiling.forbids(meaning) else "override_reason": list(why_not)}
