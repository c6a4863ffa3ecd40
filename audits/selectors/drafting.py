"""What the auditor's pages print: the shape of a section, what is stored of it, and where two texts differ."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from audits.choices import ISSUED, FindingKind, QuestionKind, SectionState, SectionUse
from audits.models import Audit, AuditSection, GradeScheme, Theme, ToolQuestion, ToolSection
from audits.querysets import AuditQuerySet
from audits.rules.submission import EVIDENCED, YES_PARTLY_NO
from audits.selectors.readiness import written_section


@dataclass(frozen=True)
class Condition:
    """A question is asked only when the question `key` has one of `answers`; `words` says so to a reader."""

    key: str
    answers: tuple[str, ...]
    words: str
    repeats: bool = False


@dataclass(frozen=True)
class QuestionShape:
    """A question as the form prints it; `options` are (key, words) of what may be chosen."""

    key: str
    kind: str
    text: str
    hint: str
    required: bool
    options: tuple[tuple[str, str], ...]
    condition: Condition | None
    repeats: str = ""


@dataclass(frozen=True)
class GradeChoice:
    """A grade of the audit's scheme with the descriptor printed beside it."""

    key: str
    name: str
    descriptor: str


@dataclass(frozen=True)
class SectionShape:
    """A section as the form prints it."""

    key: str
    title: str
    guidance: str
    graded: bool
    may_be_left_out: bool
    questions: tuple[QuestionShape, ...]
    grades: tuple[GradeChoice, ...]

    @property
    def blocks(self) -> tuple[str, ...]:
        """The words of its repeated blocks, in order."""
        return tuple(dict.fromkeys(question.repeats for question in self.questions if question.repeats))


@dataclass(frozen=True)
class ThemeGroup:
    """Themes under one heading: (key, words) each."""

    name: str
    themes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StoredFinding:
    """A finding as it is stored."""

    id: uuid.UUID
    kind: str
    text: str
    evidence_document: str
    evidence_date: date | None
    themes: tuple[str, ...]


@dataclass(frozen=True)
class StoredSection:
    """What is stored of a section: answers by question key ("seen#1" in the second round), the grade and its reason,
    the findings in order."""

    answers: Mapping[str, Any]
    grade: str
    reason: str
    not_applicable: bool
    not_applicable_reason: str
    findings: tuple[StoredFinding, ...]

    def of_kind(self, kind: str) -> list[StoredFinding]:
        """The findings of one kind, in order."""
        return [finding for finding in self.findings if finding.kind == kind]


def grade_choices(audit: Audit, descriptors: Mapping[str, str] | None = None) -> tuple[GradeChoice, ...]:
    """The grades of the audit's scheme, best first; a section's own descriptors stand before the scheme's."""
    return scheme_choices(audit.scheme, descriptors)


def scheme_choices(scheme: GradeScheme, descriptors: Mapping[str, str] | None = None) -> tuple[GradeChoice, ...]:
    """The grades of a scheme, best first; a section's own descriptors stand before the scheme's."""
    own = descriptors or {}
    return tuple(
        GradeChoice(grade.key, grade.name, own.get(grade.key) or grade.descriptor) for grade in scheme.grades.all()
    )


def section_shape(audit: Audit, section: ToolSection) -> SectionShape:
    """The form of one section of the audit. Two queries (questions, grades) unless they are loaded."""
    return shape_of(section, audit.scheme)


def shape_of(section: ToolSection, scheme: GradeScheme) -> SectionShape:
    """The form of a section whose tool has this scheme."""
    questions = list(section.questions.all())
    texts = {question.key: question for question in questions}
    grades = scheme_choices(scheme, section.descriptors)
    return SectionShape(
        key=section.key,
        title=section.title,
        guidance=section.guidance,
        graded=section.graded and bool(grades),
        may_be_left_out=section.use != SectionUse.ALWAYS,
        questions=tuple(_question(question, texts, grades) for question in questions),
        grades=grades,
    )


def _question(
    question: ToolQuestion, others: Mapping[str, ToolQuestion], grades: Sequence[GradeChoice]
) -> QuestionShape:
    return QuestionShape(
        key=question.key,
        kind=question.kind,
        text=question.text,
        hint=question.hint,
        required=question.required,
        options=question_options(question, grades),
        condition=_condition(question, others, grades),
        repeats=question.repeats,
    )


def question_options(question: ToolQuestion, grades: Iterable[GradeChoice] = ()) -> tuple[tuple[str, str], ...]:
    """What may be chosen as the answer, (key, words) each; empty for a question that is typed."""
    if question.kind == QuestionKind.YES_PARTLY_NO:
        return tuple(YES_PARTLY_NO.items())
    if question.kind == QuestionKind.EVIDENCED:
        return tuple(EVIDENCED.items())
    if question.kind == QuestionKind.GRADE:
        return tuple((grade.key, grade.name) for grade in grades)
    if question.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES):
        return tuple(_option(option) for option in question.options)
    return ()


def _option(option: Any) -> tuple[str, str]:
    if isinstance(option, Mapping):
        return str(option["key"]), str(option.get("label") or option.get("text") or option["key"])
    return str(option), str(option)


def _condition(
    question: ToolQuestion, others: Mapping[str, ToolQuestion], grades: Sequence[GradeChoice]
) -> Condition | None:
    key = question.show_if.get("question", "")
    if not key or key not in others:
        return None
    answers = tuple(str(answer) for answer in question.show_if.get("answers", ()))
    labels = dict(question_options(others[key], grades))
    listed = " or ".join(f"“{labels.get(answer, answer)}”" for answer in answers)
    return Condition(key, answers, f"Only if you answered {listed} to “{others[key].text}”", bool(others[key].repeats))


@dataclass(frozen=True)
class EarlierGrade:
    """How a section was graded at an earlier audit of the case, in words, and the month in which that counts."""

    name: str
    month: date | None


def earlier_grade(audits: AuditQuerySet, audit: Audit, shape: SectionShape) -> EarlierGrade | None:
    """The section's grade at the last audit of the same case with the same tool whose feedback is issued."""
    if audit.case_id is None or audit.tool_version is None:
        return None
    row = (
        AuditSection.objects.filter(
            audit__in=audits.filter(
                case=audit.case_id, status__in=ISSUED, tool_version__tool=audit.tool_version.tool_id
            ).exclude(pk=audit.pk),
            section__key=shape.key,
        )
        .exclude(state=SectionState.NOT_APPLICABLE)
        .exclude(grade="", settled_grade="")
        .select_related("audit")
        .order_by("-audit__audited_on", "-audit__created_at")
        .first()
    )
    if row is None:
        return None
    key = row.settled_grade or row.grade
    names = dict(row.audit.scheme.grades.values_list("key", "name"))
    return EarlierGrade(names.get(key, key), row.audit.month)


def theme_groups(themes: Iterable[Theme]) -> tuple[ThemeGroup, ...]:
    """Themes under their parents, by name. A theme with themes below it heads its group and can be chosen too."""
    rows = list(themes)
    below: dict[Any, list[Theme]] = {}
    for theme in rows:
        if theme.parent_id:
            below.setdefault(theme.parent_id, []).append(theme)
    groups = []
    for head in sorted((theme for theme in rows if not theme.parent_id), key=lambda theme: theme.name):
        under = sorted(below.pop(head.pk, []), key=lambda theme: theme.name)
        name = f"{head.name} (in general)" if under else head.name
        groups.append(ThemeGroup(head.name, ((str(head.pk), name), *((str(each.pk), each.name) for each in under))))
    for orphans in below.values():
        groups.append(ThemeGroup(orphans[0].parent.name, tuple((str(each.pk), each.name) for each in orphans)))  # type: ignore[union-attr]  # it has a parent
    return tuple(groups)


def stored_section(audit_section: AuditSection) -> StoredSection:
    """What is stored of the section. Queries for answers, findings and their themes unless they are loaded."""
    findings = sorted(audit_section.findings.all(), key=lambda each: (each.kind, each.position, str(each.pk)))
    return StoredSection(
        answers=written_section(audit_section).answers,
        grade=audit_section.grade,
        reason=audit_section.reason,
        not_applicable=audit_section.not_applicable,
        not_applicable_reason=audit_section.not_applicable_reason,
        findings=tuple(
            StoredFinding(
                id=finding.pk,
                kind=finding.kind,
                text=finding.text,
                evidence_document=finding.evidence_document,
                evidence_date=finding.evidence_date,
                themes=tuple(str(theme.pk) for theme in finding.themes.all()),
            )
            for finding in findings
            if finding.kind in FindingKind.values
        ),
    )
