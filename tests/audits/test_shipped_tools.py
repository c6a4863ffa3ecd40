"""The tools that the product ships: what is in them, and that loading them again changes nothing."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts.access import SYSTEM
from accounts.models import User
from audits.choices import Grade, SectionUse, ToolStatus
from audits.models import AuditTool, GradeScheme, SchemeGrade, Theme, ToolQuestion, ToolSection, ToolVersion
from audits.rules.submission import is_shown
from audits.selectors.readiness import asked_section, rule_settings
from audits.selectors.tools import faults_of, loaded
from audits.services.planning import create_audit
from audits.services.tools import TOOLS, load_tools
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db


def test_loading_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_tools(by=SYSTEM)
    counted = [model.objects.count() for model in (GradeScheme, SchemeGrade, Theme, ToolVersion, ToolQuestion)]
    call_command("load_tools")
    assert capsys.readouterr().out == "Everything that is shipped was there already.\n"
    assert counted == [model.objects.count() for model in (GradeScheme, SchemeGrade, Theme, ToolVersion, ToolQuestion)]


def test_the_whole_case_tool_has_the_twelve_sections() -> None:
    load_tools(by=SYSTEM)
    version = ToolVersion.objects.live().get(tool__key="whole-case")
    sections = list(version.sections.all())
    assert len(sections) == 12
    assert [section.key for section in sections if section.limiting] == [
        "child-voice", "safeguarding", "oversight", "impact",
    ]  # fmt: skip
    assert [section.key for section in sections if section.use == SectionUse.ALWAYS] == ["impact"]
    assert [rule.rule for rule in rule_settings(version)] == ["L1", "L2", "L3", "L4", "L5", "L6"]
    assert [rule.rule for rule in rule_settings(version) if rule.hard] == ["L1"]
    for section in sections:
        assert 2 <= section.questions.count() <= 5
        assert section.guidance
        assert set(section.descriptors) == set(Grade)


def test_what_is_shipped_could_be_made_live_today() -> None:
    load_tools(by=SYSTEM)
    live = loaded(ToolVersion.objects.live())
    assert [version.tool.key for version in live.order_by("tool__key")] == sorted(TOOLS)
    assert [fault for version in live for fault in faults_of(version)] == []


@pytest.mark.parametrize("tool", TOOLS)
def test_every_condition_can_come_true_and_every_rule_finds_its_section(tool: str) -> None:
    load_tools(by=SYSTEM)
    version = ToolVersion.objects.live().get(tool__key=tool)
    keys = set(version.sections.values_list("key", flat=True))
    assert {rule.section_key for rule in rule_settings(version)} <= keys | {""}
    for section in version.sections.all():
        asked = asked_section(section)
        for question in asked.questions:
            answers = {question.show_if["question"]: question.show_if["answers"][0]} if question.show_if else {}
            assert is_shown(question, asked, answers)


def test_schemes_map_to_the_four_grades() -> None:
    load_tools(by=SYSTEM)
    mapping = {scheme.key: dict(scheme.grades.values_list("key", "counts_as")) for scheme in GradeScheme.objects.all()}
    assert mapping == {
        "ofsted": {grade: grade for grade in Grade.values},
        "adequate": {
            "outstanding": "outstanding", "good": "good", "adequate": "requires_improvement",
            "inadequate": "inadequate",
        },
        "ungraded": {},
        "scale": {
            **dict.fromkeys(("10", "9"), "outstanding"), **dict.fromkeys(("8", "7", "6"), "good"),
            **dict.fromkeys(("5", "4", "3"), "requires_improvement"), **dict.fromkeys(("2", "1", "0"), "inadequate"),
        },
    }  # fmt: skip


def test_what_the_council_changed_is_not_overwritten() -> None:
    load_tools(by=SYSTEM)
    ToolSection.objects.filter(key="plan", version__tool__key="whole-case").update(guidance="Our own guidance.")
    SchemeGrade.objects.filter(key="good", scheme="ofsted").update(descriptor="Our own words.")
    said = load_tools(by=SYSTEM)
    assert said == ["Whole-case audit, version 2: loaded as a draft, since the tool is there in another form."]
    live = ToolVersion.objects.live().get(tool__key="whole-case")
    assert live.number == 1
    assert live.sections.get(key="plan").guidance == "Our own guidance."
    assert SchemeGrade.objects.get(key="good", scheme="ofsted").descriptor == "Our own words."
    assert ToolVersion.objects.get(tool__key="whole-case", number=2).status == ToolStatus.DRAFT
    assert load_tools(by=SYSTEM) == []


def test_an_audit_can_be_planned_with_each_tool(qa_lead: User) -> None:
    load_tools(by=SYSTEM)
    for tool in AuditTool.objects.all():
        case = CaseFactory(subject_kind=tool.subject_kinds[0])
        audit = create_audit(case=case, version=ToolVersion.objects.live().get(tool=tool), by=qa_lead)
        assert audit.audit_type == tool.name
