"""An audit as the rules see it: what was asked and written, how high its grade may be, what still stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from audits.choices import AlertStatus, SectionState
from audits.models import Answer, Audit, AuditSection, Finding, SchemeGrade, ToolSection, ToolVersion
from audits.rules.grading import Ceiling, GradedSection, RuleSetting, ceiling
from audits.rules.submission import (
    AskedQuestion,
    AskedSection,
    Fault,
    HeldConversation,
    Overall,
    WrittenSection,
    in_round,
    reasons_not_to_submit,
)

_OPEN = (AlertStatus.RAISED, AlertStatus.ACKNOWLEDGED)


@dataclass(frozen=True)
class SectionAsWritten:
    """A section's row with what the tool asks there and what the auditor wrote."""

    row: AuditSection
    asked: AskedSection
    written: WrittenSection

    @property
    def applies(self) -> bool:
        """Whether the section counts: not when it is marked, with a reason, as not applicable."""
        return self.row.state != SectionState.NOT_APPLICABLE


@dataclass(frozen=True)
class AuditAsWritten:
    """An audit with its sections in order. `meanings` maps each grade of the scheme to one of the four or ""."""

    audit: Audit
    sections: tuple[SectionAsWritten, ...]
    rules: tuple[RuleSetting, ...]
    meanings: Mapping[str, str]
    conversations: tuple[HeldConversation, ...]
    alert_raised: bool
    alert_open: bool

    def ceiling(self, other_grades: Mapping[Any, str] | None = None) -> Ceiling:
        """The ceiling over the overall grade; `other_grades` are a moderator's, by the key of the section's row."""
        other = other_grades or {}
        graded = [
            GradedSection(
                key=section.asked.key,
                title=section.asked.title,
                grade=self.meanings.get(other.get(section.row.pk) or section.row.grade, ""),
                limiting=section.row.section.limiting,
            )
            for section in self.sections
            if section.asked.graded and section.applies
        ]
        return ceiling(graded, alert_open=self.alert_open, rules=self.rules)

    def faults(self) -> list[Fault]:
        """All that stands in the way of submitting, in the order of the form."""
        audit, version = self.audit, self.audit.tool_version
        return reasons_not_to_submit(
            sections=[(section.asked, section.written) for section in self.sections],
            overall=Overall(
                grade=audit.auditor_grade,
                counts_as=self.meanings.get(audit.auditor_grade, ""),
                rationale=audit.rationale,
                override_reason=audit.override_reason,
                no_family_feedback_reason=audit.no_family_feedback_reason,
            ),
            ceiling=self.ceiling(),
            graded=bool(self.meanings),
            conversations=self.conversations,
            requires_family_feedback=version is not None and version.requires_family_feedback,
        )


def asked_section(section: ToolSection) -> AskedSection:
    """What the tool asks in a section. One query for its questions unless they are loaded."""
    return AskedSection(
        key=section.key,
        title=section.title,
        graded=section.graded,
        use=section.use,
        questions=tuple(
            AskedQuestion(
                key=question.key,
                kind=question.kind,
                text=question.text,
                required=question.required,
                show_if=question.show_if,
                options=tuple(_option_key(option) for option in question.options),
                repeats=question.repeats,
            )
            for question in section.questions.all()
        ),
    )


def _option_key(option: Any) -> str:
    return str(option["key"]) if isinstance(option, Mapping) else str(option)


def written_section(row: AuditSection) -> WrittenSection:
    """What the auditor wrote in a section. Queries for questions, answers and findings unless they are loaded."""
    keys = {question.pk: question.key for question in row.section.questions.all()}
    return WrittenSection(
        answers={in_round(keys[answer.question_id], answer.repeat): answer.value for answer in row.answers.all()},
        grade=row.grade,
        reason=row.reason,
        reason_to_check=row.reason_to_check,
        not_applicable=row.not_applicable,
        not_applicable_reason=row.not_applicable_reason,
        findings=len(row.findings.all()),
    )


def grade_meanings(scheme: str) -> dict[str, str]:
    """Each grade of a scheme, best first, with the one of the four that it counts as ("" for none)."""
    return dict(SchemeGrade.objects.filter(scheme=scheme).order_by("position").values_list("key", "counts_as"))


def rule_settings(version: ToolVersion) -> tuple[RuleSetting, ...]:
    """The limiting rules of a tool version."""
    return tuple(
        RuleSetting(
            rule=rule.rule,
            hard=rule.hard,
            enabled=rule.enabled,
            section_key=rule.section_key,
            number=rule.number,
            ceiling=rule.ceiling,
        )
        for rule in version.limiting_rules.all()
    )


def audit_as_written(audit: Audit) -> AuditAsWritten:
    """The whole audit as the rules see it, in eight queries however long it is."""
    rows = (
        AuditSection.objects.filter(audit=audit)
        .select_related("section")
        .prefetch_related(
            "section__questions",
            Prefetch("answers", queryset=Answer.objects.only("audit_section", "question", "repeat", "value")),
            Prefetch("findings", queryset=Finding.objects.order_by().only("audit_section")),
        )
        .order_by("section__position")
    )
    alerts = set(audit.alerts.values_list("status", flat=True))
    return AuditAsWritten(
        audit=audit,
        sections=tuple(SectionAsWritten(row, asked_section(row.section), written_section(row)) for row in rows),
        rules=rule_settings(audit.tool_version) if audit.tool_version else (),
        meanings=grade_meanings(audit.scheme_id),
        conversations=tuple(
            HeldConversation(*pair) for pair in audit.conversations.values_list("with_whom", "outcome")
        ),
        alert_raised=bool(alerts),
        alert_open=not alerts.isdisjoint(_OPEN),
    )
