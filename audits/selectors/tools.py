"""What the tool editor's pages print: tools with their versions, one version as it is built, its faults."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from audits.choices import LimitingRule, QuestionKind, SectionUse, ToolStatus
from audits.models import Audit, AuditTool, GradeScheme, ToolQuestion, ToolSection, ToolVersion
from audits.querysets import ToolVersionQuerySet
from audits.rules.building import (
    BuiltQuestion,
    BuiltSection,
    BuiltTool,
    answers_of,
    may_lead,
    reasons_not_to_publish,
)
from audits.rules.submission import Fault
from audits.rules.versions import Change, changes, condition_words, rule_words
from audits.selectors.readiness import rule_settings
from cases.choices import SubjectKind

COLOURS = {ToolStatus.DRAFT: "yellow", ToolStatus.LIVE: "green", ToolStatus.RETIRED: "grey"}


@dataclass(frozen=True)
class VersionLine:
    """One version in a list; `audits` are those that keep it."""

    id: UUID
    number: int
    status: str
    status_words: str
    colour: str
    published_at: datetime | None
    sections: int
    questions: int
    audits: int


@dataclass(frozen=True)
class ToolLine:
    """A tool with its versions, the newest first."""

    id: UUID
    name: str
    subjects: str
    versions: tuple[VersionLine, ...]

    @property
    def live(self) -> VersionLine | None:
        """The version with which audits start today."""
        return next((each for each in self.versions if each.status == ToolStatus.LIVE), None)

    @property
    def draft(self) -> VersionLine | None:
        """The newest version that is still being written."""
        return next((each for each in self.versions if each.status == ToolStatus.DRAFT), None)


def subject_words(kinds: Iterable[str]) -> str:
    """The kinds of record that a tool is for, in words."""
    known = dict(SubjectKind.choices)
    words = [str(known.get(kind, kind)) for kind in kinds]
    return ", ".join(word if not place else word[:1].lower() + word[1:] for place, word in enumerate(words)) or "-"


def tool_lines(versions: ToolVersionQuerySet) -> list[ToolLine]:
    """The tools of these versions, by name. Two queries however many there are."""
    rows = versions.select_related("tool").annotate(
        section_count=Count("sections", distinct=True), question_count=Count("sections__questions", distinct=True)
    )
    used = dict(
        Audit.objects.filter(tool_version__in=versions.order_by().values("pk"))
        .order_by()
        .values_list("tool_version")
        .annotate(Count("pk"))
    )
    lines: dict[UUID, tuple[AuditTool, list[VersionLine]]] = {}
    for row in rows.order_by("tool__name", "tool", "-number"):
        line = VersionLine(
            row.pk, row.number, row.status, row.get_status_display(), COLOURS[ToolStatus(row.status)],
            row.published_at, row.section_count, row.question_count, used.get(row.pk, 0),
        )  # fmt: skip
        lines.setdefault(row.tool_id, (row.tool, []))[1].append(line)
    return [
        ToolLine(tool.pk, tool.name, subject_words(tool.subject_kinds), tuple(found)) for tool, found in lines.values()
    ]


def loaded(versions: ToolVersionQuerySet) -> ToolVersionQuerySet:
    """The versions with all that `built` needs: in six queries however many."""
    return versions.select_related("tool", "scheme").prefetch_related(
        "scheme__grades", "sections__questions", "limiting_rules"
    )


def built(version: ToolVersion) -> BuiltTool:
    """A version as the rules see it. Queries unless it is `loaded`."""
    return BuiltTool(
        scheme=version.scheme.name,
        grades=tuple((grade.key, grade.name) for grade in version.scheme.grades.all()),
        sections=tuple(built_section(section) for section in version.sections.all()),
        rules=rule_settings(version),
        introduction=version.introduction,
        asks_for_conversations=version.asks_for_conversations,
        requires_family_feedback=version.requires_family_feedback,
    )


def mark_of(version: ToolVersion) -> str:
    """A short mark that changes with anything that a version says: what a person read before they decide on it."""
    return hashlib.sha256(repr(built(version)).encode()).hexdigest()[:32]


def built_section(section: ToolSection) -> BuiltSection:
    """A section as the rules see it."""
    return BuiltSection(
        key=section.key,
        title=section.title,
        guidance=section.guidance,
        graded=section.graded,
        limiting=section.limiting,
        use=section.use,
        descriptors=section.descriptors,
        questions=tuple(built_question(question) for question in section.questions.all()),
    )


def built_question(question: ToolQuestion) -> BuiltQuestion:
    """A question as the rules see it."""
    return BuiltQuestion(
        key=question.key,
        kind=question.kind,
        text=question.text,
        hint=question.hint,
        required=question.required,
        options=tuple(option_of(option) for option in question.options),
        show_if=question.show_if,
        repeats=question.repeats,
    )


def option_of(option: Any) -> tuple[str, str]:
    """A stored choice as (key, words)."""
    if isinstance(option, dict):
        return str(option["key"]), str(option.get("label") or option.get("text") or option["key"])
    return str(option), str(option)


@dataclass(frozen=True)
class QuestionLine:
    """A question on the page of its tool; `first` and `last` say where it cannot be moved."""

    id: UUID
    text: str
    kind: str
    required: bool
    options: str
    only_if: str
    repeats: str
    position: int
    first: bool
    last: bool


@dataclass(frozen=True)
class SectionLine:
    """A section on the page of its tool, with its questions."""

    id: UUID
    number: int
    title: str
    facts: str
    position: int
    first: bool
    last: bool
    questions: tuple[QuestionLine, ...]


@dataclass(frozen=True)
class RuleLine:
    """A limiting rule as the tool sets it."""

    rule: str
    label: str
    words: str


@dataclass(frozen=True)
class PlacedFault:
    """A fault with what it leads to: `kind` is section, question, rule, settings or tool; `key` names which."""

    message: str
    kind: str
    key: Any = None


@dataclass(frozen=True)
class ToolPage:
    """One version with everything that its page prints."""

    id: UUID
    tool: UUID
    name: str
    number: int
    status: str
    status_words: str
    colour: str
    subjects: str
    scheme: str
    graded: bool
    introduction: str
    asks_for_conversations: bool
    requires_family_feedback: bool
    sections: tuple[SectionLine, ...]
    rules: tuple[RuleLine, ...]
    version: int
    published_at: datetime | None

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.status == ToolStatus.DRAFT

    @property
    def is_live(self) -> bool:
        """Whether audits start with it."""
        return self.status == ToolStatus.LIVE


def tool_page(version: ToolVersion) -> ToolPage:
    """A version for its page. No queries where it is `loaded`."""
    tool = built(version)
    rules = {rule.rule: rule for rule in tool.rules}
    rows = list(version.sections.all())
    return ToolPage(
        id=version.pk,
        tool=version.tool_id,
        name=version.tool.name,
        number=version.number,
        status=version.status,
        status_words=version.get_status_display(),
        colour=COLOURS[ToolStatus(version.status)],
        subjects=subject_words(version.tool.subject_kinds),
        scheme=version.scheme.name,
        graded=bool(tool.grades),
        introduction=version.introduction,
        asks_for_conversations=version.asks_for_conversations,
        requires_family_feedback=version.requires_family_feedback,
        sections=tuple(_section_line(place, row, tool, len(rows)) for place, row in enumerate(rows)),
        rules=tuple(RuleLine(rule.value, rule.label, rule_words(rules.get(rule), tool)) for rule in LimitingRule),
        version=version.version,
        published_at=version.published_at,
    )


def _section_line(place: int, row: ToolSection, tool: BuiltTool, count: int) -> SectionLine:
    section = tool.sections[place]
    facts = [SectionUse(section.use).label, "graded" if section.graded else "not graded"]
    if section.limiting:
        facts.append("limits the overall grade")
    questions = list(row.questions.all())
    return SectionLine(
        id=row.pk,
        number=place + 1,
        title=row.title,
        facts=", ".join(facts),
        position=row.position,
        first=place == 0,
        last=place == count - 1,
        questions=tuple(
            _question_line(spot, question, section, tool, len(questions)) for spot, question in enumerate(questions)
        ),
    )


def _question_line(place: int, row: ToolQuestion, section: BuiltSection, tool: BuiltTool, count: int) -> QuestionLine:
    question = section.questions[place]
    return QuestionLine(
        id=row.pk,
        text=row.text,
        kind=QuestionKind(row.kind).label,
        required=row.required,
        options=", ".join(label for _, label in question.options),
        only_if=condition_words(question, section, tool),
        repeats=row.repeats,
        position=row.position,
        first=place == 0,
        last=place == count - 1,
    )


def faults_of(version: ToolVersion) -> list[PlacedFault]:
    """All that stands in the way of making this version live, each with the row that it is about."""
    sections: dict[str, UUID] = {}
    questions: dict[str, UUID] = {}
    for section in version.sections.all():
        sections[section.key] = section.pk
        for question in section.questions.all():
            questions[f"{section.key}/{question.key}"] = question.pk
    return [_placed(fault, sections, questions) for fault in reasons_not_to_publish(built(version))]


def _placed(fault: Fault, sections: dict[str, UUID], questions: dict[str, UUID]) -> PlacedFault:
    kind, _, key = fault.where.partition(":")
    found: Any = {"section": sections, "question": questions}.get(kind, {}).get(key, key)
    return PlacedFault(fault.message, kind, found)


def differences(before: ToolVersion, after: ToolVersion) -> list[Change]:
    """What was added, removed and reworded between two versions."""
    return changes(built(before), built(after))


@dataclass(frozen=True)
class Leader:
    """A question to whose answer another may be tied, with the answers (key, words)."""

    key: str
    text: str
    answers: tuple[tuple[str, str], ...]


def leaders_of(question: ToolQuestion, version: ToolVersion) -> list[Leader]:
    """The questions of its section to whose answers this question may be tied."""
    grades = [(grade.key, grade.name) for grade in version.scheme.grades.all()]
    own = built_question(question)
    found = []
    for row in question.section.questions.all():
        other = built_question(row)
        if may_lead(other, own):
            found.append(Leader(other.key, other.text, tuple(answers_of(other, grades).items())))
    return found


@dataclass(frozen=True)
class SchemeLine:
    """A grade scheme with its grades in words; `fixed` says that something published rests on it."""

    key: str
    name: str
    grades: tuple[tuple[str, str, str], ...]  # name, what it counts as, descriptor
    tools: int
    fixed: bool


def scheme_lines(schemes: Iterable[GradeScheme]) -> list[SchemeLine]:
    """Grade schemes for their page."""
    rows = list(schemes)
    live = dict(
        ToolVersion.objects.filter(status=ToolStatus.LIVE).order_by().values_list("scheme").annotate(Count("pk"))
    )
    fixed = fixed_schemes()
    return [
        SchemeLine(
            scheme.key,
            scheme.name,
            tuple(
                (grade.name, grade.get_counts_as_display() or "None of the four: not comparable", grade.descriptor)
                for grade in scheme.grades.all()
            ),
            live.get(scheme.key, 0),
            scheme.key in fixed,
        )
        for scheme in rows
    ]


def fixed_schemes() -> set[str]:
    """The schemes on which a published tool or an audit rests: they stay as they are for ever."""
    published = ToolVersion.objects.filter(~Q(status=ToolStatus.DRAFT)).order_by().values_list("scheme").distinct()
    found = {key for (key,) in published}
    for key in GradeScheme.objects.exclude(pk__in=found).values_list("pk", flat=True):
        if Audit.objects.filter(scheme=key).exists():
            found.add(key)
    return found


def tool_breaks(months: list[date]) -> dict[int, str]:
    """Where a new version of an audit tool begins a phase: the place of the month, and why.

    A version that came into use in a month counts from the month after, unless that was its first day.
    """
    found: dict[int, str] = {}
    later = ToolVersion.objects.filter(number__gt=1, published_at__isnull=False).select_related("tool")
    for version in later.order_by("published_at"):
        at = version.published_at
        if at is None:
            continue
        month = at.date().replace(day=1) if at.day == 1 else _month_after(at.date())
        if month in months and months.index(month):
            place = months.index(month)
            said = f"version {version.number} of “{version.tool.name}” came into use on {at.day} {at:%B %Y}"
            found[place] = f"{found[place]}; {said}" if place in found else said
    return found


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
