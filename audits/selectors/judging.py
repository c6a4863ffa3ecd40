"""An audit as the rules see it: how far each section is, what is left in it, and how high the overall grade may be.

Everything here expects an audit whose sections, questions and answers are loaded (`pages.with_everything`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audits.choices import AlertStatus, SectionState
from audits.models import Audit, AuditSection, ToolSection
from audits.rules import grading, submission


@dataclass(frozen=True)
class Ceiling:
    """How high the overall grade may be, for a page.

    `barred` are the scheme's grades that nobody may give, `needs_override` those that a written reason
    opens; `sentences` say why in the words of the rules.
    """

    barred: frozenset[str] = frozenset()
    needs_override: frozenset[str] = frozenset()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """One thing that a section still needs: the form field it belongs to ("" for none) and the sentence."""

    field: str
    message: str


def asked_section(section: ToolSection) -> submission.AskedSection:
    """The section as the rules ask it."""
    return submission.AskedSection(
        key=section.key,
        title=section.title,
        graded=section.graded,
        use=section.use,
        questions=tuple(
            submission.AskedQuestion(
                key=question.key,
                kind=question.kind,
                text=question.text,
                required=question.required,
                show_if=question.show_if,
            )
            for question in section.questions.all()
        ),
    )


def written_section(audit_section: AuditSection) -> submission.WrittenSection:
    """The section as it is stored."""
    return submission.WrittenSection(
        answers={answer.question.key: answer.value for answer in audit_section.answers.all() if answer.repeat == 0},
        grade=audit_section.grade,
        reason=audit_section.reason,
        reason_to_check=audit_section.reason_to_check,
        not_applicable=audit_section.state == SectionState.NOT_APPLICABLE
        or bool(audit_section.not_applicable_reason),
        not_applicable_reason=audit_section.not_applicable_reason,
        findings=len(audit_section.findings.all()),
    )


def questions_left(audit_section: AuditSection) -> int:
    """How many required questions of the section are asked and have no answer yet."""
    written = written_section(audit_section)
    if written.not_applicable:
        return 0
    return len(submission.questions_left(asked_section(audit_section.section), written))


def what_is_missing(audit_section: AuditSection) -> list[Missing]:
    """What the section still needs before it counts as complete, each with the field to go to."""
    asked, written = asked_section(audit_section.section), written_section(audit_section)
    prefix = f"{asked.title}: "
    left = {f"{prefix}answer “{question.text}”": f"q-{question.key}" for question in asked.questions}
    found = []
    for sentence in submission.what_a_section_lacks(asked, written):
        field = left.get(sentence) or _field_of(sentence, written)
        words = sentence.removeprefix(prefix)
        found.append(Missing(field, words[:1].upper() + words[1:]))
    return found


def _field_of(sentence: str, written: submission.WrittenSection) -> str:
    if written.not_applicable:
        return "not_applicable_reason"
    return "grade" if sentence.endswith("choose a grade") else "reason"


def rule_settings(audit: Audit) -> list[grading.RuleSetting]:
    """The limiting rules of the audit's tool version."""
    if audit.tool_version is None:
        return []
    return [
        grading.RuleSetting(
            rule=rule.rule,
            hard=rule.hard,
            enabled=rule.enabled,
            section_key=rule.section_key,
            number=rule.number,
            ceiling=rule.ceiling,
        )
        for rule in audit.tool_version.limiting_rules.all()
    ]


def ceiling_of(audit: Audit, changed: dict[Any, str] | None = None) -> Ceiling:
    """The ceiling over the audit's overall grade; `changed` maps section rows to other grades (a moderator's)."""
    meanings = {grade.key: grade.counts_as for grade in audit.scheme.grades.all()}
    sections = [
        grading.GradedSection(
            key=row.section.key,
            title=row.section.title,
            grade=meanings.get((changed or {}).get(row.pk, row.grade), ""),
            limiting=row.section.limiting,
        )
        for row in audit.sections.all()
        if row.section.graded and row.state != SectionState.NOT_APPLICABLE
    ]
    alert_open = any(alert.status in (AlertStatus.RAISED, AlertStatus.ACKNOWLEDGED) for alert in audit.alerts.all())
    found = grading.ceiling(sections, alert_open=alert_open, rules=rule_settings(audit))
    above = () if found.hard else tuple(limit.sentence for limit in found.limits if limit.hard)
    return Ceiling(
        barred=frozenset(key for key, meaning in meanings.items() if meaning and found.forbids(meaning)),
        needs_override=frozenset(key for key, meaning in meanings.items() if meaning and found.needs_override(meaning)),
        sentences=(*found.sentences, *above),
    )


def is_answered(asked: submission.AskedSection, key: str, written: submission.WrittenSection) -> bool:
    """Whether the question is asked, given the other answers, and has an answer."""
    question = next(each for each in asked.questions if each.key == key)
    return not submission.is_blank(written.answers.get(key)) and submission.is_shown(question, asked, written.answers)
