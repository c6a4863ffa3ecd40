"""Invented tools and audits, for tests that do not need the services to make them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from audits.choices import AuditStatus, Grade, QuestionKind, SectionUse, ToolStatus
from audits.models import (
    Audit,
    AuditSection,
    AuditTool,
    GradeScheme,
    SchemeGrade,
    ToolQuestion,
    ToolRule,
    ToolSection,
    ToolVersion,
)
from tests.factories.cases import CaseFactory


def four_grades() -> GradeScheme:
    """The four-grade scheme, made when it is not there yet."""
    scheme, _ = GradeScheme.objects.get_or_create(key="ofsted", defaults={"name": "Ofsted's four grades"})
    for position, grade in enumerate(Grade):
        SchemeGrade.objects.get_or_create(
            scheme=scheme,
            key=grade.value,
            defaults={
                "name": grade.label, "position": position, "counts_as": grade.value,
                "descriptor": f"What {grade.label.lower()} practice looks like.",
            },
        )  # fmt: skip
    return scheme


class ToolVersionFactory(DjangoModelFactory[ToolVersion]):
    """A live tool with two graded sections (`safeguarding` is limiting) and one question each."""

    class Meta:
        model = ToolVersion
        skip_postgeneration_save = True

    tool = factory.LazyFunction(
        lambda: AuditTool.objects.get_or_create(
            key="example-tool", defaults={"name": "Example audit", "subject_kinds": ["child"]}
        )[0]
    )
    number = 1
    status = ToolStatus.LIVE
    scheme = factory.LazyFunction(four_grades)
    published_at = datetime(2026, 1, 5, tzinfo=UTC)

    @factory.post_generation
    def parts(self: ToolVersion, create: bool, extracted: Any, **kwargs: Any) -> None:
        for position, (key, title) in enumerate(
            (("voice", "Child's voice"), ("safeguarding", "Safeguarding and risk"))
        ):
            section = ToolSection.objects.create(
                version=self, key=key, title=title, position=position, graded=True,
                limiting=key == "safeguarding", use=SectionUse.ALWAYS,
            )  # fmt: skip
            ToolQuestion.objects.create(
                section=section,
                key="seen",
                kind=QuestionKind.YES_PARTLY_NO,
                text="Was the child seen alone?",
                position=0,
            )
        ToolRule.objects.create(
            version=self, rule="L1", hard=True, section_key="safeguarding", ceiling=Grade.INADEQUATE
        )


def live_tool() -> ToolVersion:
    """The example tool's live version; one is made at first."""
    return ToolVersion.objects.filter(tool__key="example-tool", status=ToolStatus.LIVE).first() or ToolVersionFactory()


class AuditFactory(DjangoModelFactory[Audit]):
    """An audit in progress with its section rows; other states by the fields given."""

    class Meta:
        model = Audit
        skip_postgeneration_save = True

    reference = factory.Sequence(lambda n: f"A-2026-{n:05d}")
    case = factory.SubFactory(CaseFactory)
    case_reference = factory.SelfAttribute("case.reference")
    tool_version = factory.LazyFunction(live_tool)
    audit_type = factory.SelfAttribute("tool_version.tool.name")
    scheme = factory.SelfAttribute("tool_version.scheme")
    service = factory.SelfAttribute("case.service")
    team = factory.SelfAttribute("case.team")
    plan_type = factory.SelfAttribute("case.plan_type")
    age_band = factory.SelfAttribute("case.age_band")
    status = AuditStatus.IN_PROGRESS
    window_from = date(2025, 11, 1)
    window_to = date(2026, 10, 31)
    due_on = date(2026, 12, 4)

    @factory.post_generation
    def section_rows(self: Audit, create: bool, extracted: Any, **kwargs: Any) -> None:
        assert self.tool_version is not None
        for section in self.tool_version.sections.all():
            AuditSection.objects.create(audit=self, section=section)


def graded_audit(grade: str = Grade.GOOD, *, month: date = date(2026, 10, 1), **fields: Any) -> Audit:
    """An audit whose feedback is issued with this grade, counted in `month`, its tallies not moved."""
    fields.setdefault("status", AuditStatus.FEEDBACK_ISSUED)
    at = datetime(month.year, month.month, 12, 10, tzinfo=UTC)
    return AuditFactory(
        month=month, audited_on=at.date(), submitted_at=at, settled_at=at, auditor_grade=grade, grade=grade,
        counted_grade=grade, **fields,
    )  # fmt: skip
