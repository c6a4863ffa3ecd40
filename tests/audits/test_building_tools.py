"""Building audit tools with the services: three tools of real councils, and what publishing does and does not touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.access import NotAllowed
from accounts.models import User
from audits.choices import Grade, QuestionKind, SectionUse, ToolStatus
from audits.models import Audit, AuditTool, GradeScheme, ToolQuestion, ToolSection, ToolVersion
from audits.rules.submission import section_state
from audits.selectors.readiness import asked_section, rule_settings, written_section
from audits.selectors.tools import built, differences
from audits.services import building, publishing, schemes
from audits.services.building import QuestionText, RuleDraft, SectionText, SettingsDraft
from audits.services.drafting import SectionDraft, save_section, start_audit
from audits.services.moves import StaleVersion
from audits.services.planning import allocate_audit, create_audit
from cases.models import Case
from core.history.models import Event
from core.workflow import IllegalMove
from tests.audits.drafts import new_audit, section
from tests.factories.audits import four_grades, live_tool

pytestmark = pytest.mark.django_db

YPN, DATE, NUMBER = QuestionKind.YES_PARTLY_NO, QuestionKind.DATE, QuestionKind.NUMBER
EVIDENCED, TEXT, CHOICE = QuestionKind.EVIDENCED, QuestionKind.LONG_TEXT, QuestionKind.CHOICE
Asked = tuple[str, str] | tuple[str, str, dict[str, Any]]


class Bench:
    """Somebody of the QA unit who builds a tool, step by step as the pages do it."""

    def __init__(self, by: User, name: str, kinds: list[str], scheme: str = "ofsted") -> None:
        self.by = by
        self.version = building.create_tool(name=name, subject_kinds=kinds, scheme=scheme, by=by)

    def section(self, title: str, *questions: Asked, **more: Any) -> ToolSection:
        row = building.write_section(version=self.version, draft=SectionText(title=title, **more), by=self.by)
        for kind, text, *rest in questions:
            draft = QuestionText(kind=kind, text=text, **(rest[0] if rest else {}))
            building.write_question(section=row, draft=draft, by=self.by)
        return row

    def only_if(self, text: str, leader: str, *answers: str) -> None:
        row = ToolQuestion.objects.select_related("section").get(section__version=self.version, text=text)
        first = row.section.questions.get(text=leader)
        building.write_condition(question=row, leader=first.key, answers=answers, by=self.by, revision=row.revision)

    def publish(self) -> ToolVersion:
        self.version.refresh_from_db()
        return publishing.publish_version(version=self.version, by=self.by)


def two_part_tool(by: User) -> ToolVersion:
    """Compliance first, then the quality of practice, and an overall grade under the limiting rules."""
    bench = Bench(by, "Two-part case audit", ["child"])
    bench.section(
        "Part 1: compliance",
        (YPN, "Is there a chronology that is up to date?"),
        (YPN, "Were statutory visits in timescale?"),
        (TEXT, "What got in the way of the visits?", {"required": False}),
        (YPN, "Was the last review in timescale?"),
        (NUMBER, "How many weeks between the last two supervisions?"),
        (DATE, "When was the plan last updated?"),
        graded=False, use=SectionUse.ALWAYS,
    )  # fmt: skip
    bench.only_if("What got in the way of the visits?", "Were statutory visits in timescale?", "no", "partly")
    safety = bench.section(
        "Part 2: safety and risk", (EVIDENCED, "Is risk analysed, with what was done?"),
        limiting=True, use=SectionUse.ALWAYS, guidance="Look at the last six months.",
        descriptors={Grade.GOOD: "Risk is seen and acted on."},
    )  # fmt: skip
    for title in ("Part 2: voice of the child", "Part 2: plan and impact"):
        bench.section(title, (YPN, "Is it clear what changed for the child?"))
    for rule, hard in (("L1", True), ("L2", False)):
        bench.version.refresh_from_db()
        ceiling = Grade.INADEQUATE if hard else Grade.REQUIRES_IMPROVEMENT
        draft = RuleDraft(enabled=True, hard=hard, ceiling=ceiling, section=safety.key)
        building.write_rule(version=bench.version, rule=rule, draft=draft, by=by, revision=bench.version.version)
    return bench.publish()


def contact_tool(by: User) -> ToolVersion:
    """Supervised contact: asked again for each visit, and not graded."""
    GradeScheme.objects.get_or_create(key="ungraded", defaults={"name": "Without grades"})
    bench = Bench(by, "Supervised contact", ["contact"], "ungraded")
    visit = {"repeats": "visit"}
    bench.section(
        "Visits",
        (DATE, "Date of the visit", visit),
        (CHOICE, "Where was it?", {"options": ("Contact centre", "Community", "Home"), **visit}),
        (YPN, "Did the supervisor write what the child did and said?", visit),
        (TEXT, "What is missing?", {"required": False, **visit}),
        graded=False,
    )
    bench.only_if("What is missing?", "Did the supervisor write what the child did and said?", "no", "partly")
    return bench.publish()


def foster_tool(by: User) -> ToolVersion:
    """Foster carer file: checks as evidence, dates, and one graded judgement."""
    bench = Bench(by, "Foster carer file", ["carer"])
    bench.section(
        "Checks",
        (EVIDENCED, "Is there evidence of agency checks?"),
        (NUMBER, "How many weeks did they take?", {"required": False}),
        (DATE, "Date of the last household review"),
        graded=False,
    )
    bench.only_if("How many weeks did they take?", "Is there evidence of agency checks?", "yes")
    bench.section("Supervision of the carer", (YPN, "Were unannounced visits made?"))
    version = bench.version
    version.refresh_from_db()
    draft = RuleDraft(enabled=True, hard=False, ceiling=Grade.GOOD, number=1)
    building.write_rule(version=version, rule="L5", draft=draft, by=by, revision=version.version)
    return bench.publish()


@pytest.mark.parametrize("build", [two_part_tool, contact_tool, foster_tool])
def test_a_real_councils_tool_is_built_and_made_live(build: Callable[[User], ToolVersion], qa_lead: User) -> None:
    four_grades()
    version = build(qa_lead)
    assert version.status == ToolStatus.LIVE
    assert version.number == 1
    assert version.published_at is not None
    assert Event.objects.filter(verb="publish", object_id=version.pk, actor_id=qa_lead.pk).count() == 1


def test_the_two_part_tool_holds_what_was_built(qa_lead: User) -> None:
    four_grades()
    version = two_part_tool(qa_lead)
    tool = built(version)
    assert [(section.title, section.graded, section.limiting) for section in tool.sections] == [
        ("Part 1: compliance", False, False), ("Part 2: safety and risk", True, True),
        ("Part 2: voice of the child", True, False), ("Part 2: plan and impact", True, False),
    ]  # fmt: skip
    visits = tool.sections[0].questions
    assert visits[2].show_if == {"question": visits[1].key, "answers": ["partly", "no"]}
    assert {rule.rule: rule.hard for rule in rule_settings(version) if rule.enabled} == {
        "L1": True, "L2": False, "L3": False, "L4": False, "L5": False, "L6": False,
    }  # fmt: skip


def test_an_auditor_fills_in_a_built_tool_and_the_hidden_question_is_not_asked(
    qa_lead: User, auditor: User, case: Case
) -> None:
    four_grades()
    version = two_part_tool(qa_lead)
    audit = create_audit(case=case, version=version, by=qa_lead)
    audit = start_audit(audit=allocate_audit(audit=audit, auditor=auditor, by=qa_lead), by=auditor)
    row = audit.sections.get(section__position=0)
    keys = list(row.section.questions.values_list("key", flat=True))
    answers = dict(zip(keys, ("yes", "yes", None, "partly", 3, "2026-05-04"), strict=True))
    row = save_section(audit_section=row, draft=SectionDraft(answers=answers), by=auditor, version=row.version)
    assert section_state(asked_section(row.section), written_section(row)) == "complete"


def test_publishing_touches_no_audit_under_way(under_way: Audit, qa_lead: User, auditor: User, case: Case) -> None:
    """An audit that has started keeps its version for ever; one that has not starts with the new one."""
    waiting = new_audit(case=case, by=qa_lead, auditor=auditor)
    old = live_tool()
    draft = publishing.draft_version(tool=old.tool, by=qa_lead)
    assert draft.number == 2
    before = list(under_way.sections.values_list("pk", "section", "version", "state"))
    row = draft.sections.get(key="voice")
    text = SectionText(title="Voice, and what was done with it", guidance="Look anew.")
    building.write_section(version=draft, section=row, draft=text, by=qa_lead, revision=row.revision)
    publishing.publish_version(version=draft, by=qa_lead)
    old.refresh_from_db()
    under_way.refresh_from_db()
    assert (old.status, under_way.tool_version_id) == (ToolStatus.RETIRED, old.pk)
    assert list(under_way.sections.values_list("pk", "section", "version", "state")) == before
    assert section(under_way, "voice").section.title == "Child's voice"
    started = start_audit(audit=waiting, by=auditor)
    assert started.tool_version_id == draft.pk
    assert started.sections.filter(section__version=draft).count() == 2


def test_a_draft_is_copied_whole_and_the_same_until_it_is_changed(qa_lead: User) -> None:
    live = live_tool()
    draft = publishing.draft_version(tool=live.tool, by=qa_lead)
    assert differences(live, draft) == []
    assert built(draft) == built(live)
    assert publishing.draft_version(tool=live.tool, by=qa_lead) == draft


def test_a_draft_with_faults_is_refused_with_all_of_them(qa_lead: User) -> None:
    four_grades()
    bench = Bench(qa_lead, "Empty", ["child"])
    bench.section("One")
    bench.section("Two")
    with pytest.raises(publishing.Faulty) as refused:
        bench.publish()
    assert len(refused.value.faults) == 3  # two sections without questions; too few graded ones for outstanding
    assert not ToolVersion.objects.live().exists()


def test_what_is_live_or_retired_cannot_be_changed(qa_lead: User) -> None:
    live = live_tool()
    row = live.sections.get(key="voice")
    asked = row.questions.get()
    tries: list[Callable[[], object]] = [
        lambda: building.write_section(version=live, section=row, draft=SectionText("X"), by=qa_lead, revision=1),
        lambda: building.write_section(version=live, draft=SectionText("X"), by=qa_lead),
        lambda: building.move_section(section=row, direction="down", position=0, by=qa_lead),
        lambda: building.remove_section(section=row, by=qa_lead),
        lambda: building.write_question(section=row, draft=QuestionText(YPN, "X?"), by=qa_lead),
        lambda: building.write_condition(question=asked, leader="", answers=(), by=qa_lead, revision=1),
        lambda: building.remove_question(question=asked, by=qa_lead),
        lambda: building.write_settings(version=live, draft=SettingsDraft("ofsted"), by=qa_lead, revision=1),
        lambda: building.write_rule(
            version=live, rule="L1", draft=RuleDraft(False, False, "good"), by=qa_lead, revision=1
        ),
        lambda: publishing.publish_version(version=live, by=qa_lead),
        lambda: publishing.discard_draft(version=live, by=qa_lead),
    ]
    before = built(live)
    for change in tries:
        with pytest.raises(IllegalMove, match="is now “Live”"):
            change()
    assert built(ToolVersion.objects.get(pk=live.pk)) == before


def test_the_second_of_two_editors_is_told(qa_lead: User, qa_admin: User) -> None:
    draft = publishing.draft_version(tool=live_tool().tool, by=qa_lead)
    row = draft.sections.get(key="voice")
    building.write_section(version=draft, section=row, draft=SectionText("Hers"), by=qa_lead, revision=row.revision)
    with pytest.raises(StaleVersion):
        building.write_section(version=draft, section=row, draft=SectionText("His"), by=qa_admin, revision=row.revision)
    row.refresh_from_db()
    assert row.title == "Hers"


def test_sections_and_questions_move_by_one_and_only_from_where_they_were_seen(qa_lead: User) -> None:
    draft = publishing.draft_version(tool=live_tool().tool, by=qa_lead)
    first, second = draft.sections.all()
    assert building.move_section(section=first, direction="down", position=0, by=qa_lead)
    assert [row.key for row in draft.sections.all()] == ["safeguarding", "voice"]
    # The button pressed twice, or on a page that is out of date, does not move it back.
    assert not building.move_section(section=first, direction="down", position=0, by=qa_lead)
    assert not building.move_section(section=second, direction="up", position=0, by=qa_lead)
    assert [row.key for row in draft.sections.all()] == ["safeguarding", "voice"]


def test_keys_stay_when_words_change(qa_lead: User) -> None:
    four_grades()
    bench = Bench(qa_lead, "Keys", ["child"])
    home = bench.section("Plan", (CHOICE, "How is it?", {"options": ("Poor", "Fair", "Good")}))
    row = home.questions.get()
    draft = QuestionText(CHOICE, "How is the plan?", options=("Fair", "Poor", "Very good", "Good"))
    row = building.write_question(section=home, question=row, draft=draft, by=qa_lead, revision=row.revision)
    assert row.key == "how-is-it"
    assert [option["key"] for option in row.options] == ["fair", "poor", "very-good", "good"]


def test_a_name_is_used_once(qa_lead: User) -> None:
    four_grades()
    bench = Bench(qa_lead, "Once", ["child"])
    home = bench.section("Plan", (YPN, "Is it clear?"))
    with pytest.raises(ValidationError):
        bench.section(" plan ")
    with pytest.raises(ValidationError):
        building.write_question(section=home, draft=QuestionText(YPN, "IS it  clear?"), by=qa_lead)
    with pytest.raises(ValidationError):
        Bench(qa_lead, "ONCE", ["child"])


def test_retiring_asks_why_and_stops_planning(qa_lead: User, case: Case) -> None:
    live = live_tool()
    with pytest.raises(ValidationError):
        publishing.retire_version(version=live, why=" ", by=qa_lead)
    retired = publishing.retire_version(version=live, why="We use another one now.", by=qa_lead)
    with pytest.raises(ValidationError):
        create_audit(case=case, version=retired, by=qa_lead)


def test_a_draft_thrown_away_takes_nothing_else_with_it(qa_lead: User) -> None:
    live = live_tool()
    publishing.discard_draft(version=publishing.draft_version(tool=live.tool, by=qa_lead), by=qa_lead)
    assert list(live.tool.versions.all()) == [live]
    bench = Bench(qa_lead, "Never", ["child"])
    publishing.discard_draft(version=bench.version, by=qa_lead)
    assert not AuditTool.objects.filter(name="Never").exists()


@pytest.mark.parametrize(
    "role", ["auditor", "moderator", "head_of_service", "system_administrator", "read_only", "practitioner"]
)
def test_nobody_else_builds_tools(role: str, request: pytest.FixtureRequest, qa_lead: User) -> None:
    by = request.getfixturevalue(role)
    live = live_tool()
    draft = publishing.draft_version(tool=live.tool, by=qa_lead)
    row = draft.sections.get(key="voice")
    before = built(draft), ToolVersion.objects.count(), AuditTool.objects.count()
    tries: list[Callable[[], object]] = [
        lambda: building.create_tool(name="Mine", subject_kinds=["child"], scheme="ofsted", by=by),
        lambda: publishing.draft_version(tool=live.tool, by=by),
        lambda: building.write_section(version=draft, section=row, draft=SectionText("X"), by=by, revision=1),
        lambda: building.remove_section(section=row, by=by),
        lambda: publishing.publish_version(version=draft, by=by),
        lambda: publishing.retire_version(version=live, why="Because", by=by),
        lambda: publishing.discard_draft(version=draft, by=by),
        lambda: schemes.write_scheme(name="Mine", grades=[], by=by),
    ]
    for change in tries:
        with pytest.raises(NotAllowed):
            change()
    assert before == (
        built(ToolVersion.objects.get(pk=draft.pk)),
        ToolVersion.objects.count(),
        AuditTool.objects.count(),
    )
    assert not ToolVersion.objects.visible_to(by).filter(status=ToolStatus.DRAFT).exists()


def test_a_scheme_that_is_used_stays_as_it_is(qa_lead: User, qa_admin: User) -> None:
    used = live_tool().scheme
    with pytest.raises(ValidationError, match="in use"):
        schemes.write_scheme(name=used.name, grades=[], scheme=used, by=qa_lead, revision=used.revision)
    grades = [schemes.GradeText("10", Grade.OUTSTANDING), schemes.GradeText("5", Grade.GOOD), schemes.GradeText("0")]
    scale = schemes.write_scheme(name="Ten, five, nought", grades=grades, by=qa_lead)
    assert list(scale.grades.values_list("key", "counts_as")) == [("10", "outstanding"), ("5", "good"), ("0", "")]
    with pytest.raises(StaleVersion):
        schemes.write_scheme(name="X", grades=grades, scheme=scale, by=qa_lead, revision=7)
    with pytest.raises(NotAllowed):
        schemes.write_scheme(name="X", grades=grades, by=qa_admin)
    scale = schemes.write_scheme(name="Scale", grades=grades[:2], scheme=scale, by=qa_lead, revision=scale.revision)
    assert list(scale.grades.values_list("key", flat=True)) == ["10", "5"]
