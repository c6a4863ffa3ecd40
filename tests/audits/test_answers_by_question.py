"""Answers by question: what is counted, for whom, which versions together, and in how many queries."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import SYSTEM
from accounts.models import OrgUnit, User
from audits.choices import AuditPurpose, AuditStatus, QuestionKind, SectionState
from audits.models import Answer, Audit, ToolQuestion, ToolVersion
from audits.selectors.answers import MONTH, SERVICE, AnswerTable, answer_table
from audits.services import building, publishing, tallies
from reports.services import freezing
from tests.audits.pages import browser, text_of
from tests.factories.audits import graded_audit, live_tool
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def tool() -> ToolVersion:
    """The example tool with a number, a date and a choice in its first section."""
    version = live_tool()
    home = version.sections.get(key="voice")
    for place, (key, kind) in enumerate(
        (("weeks", QuestionKind.NUMBER), ("on", QuestionKind.DATE), ("ways", QuestionKind.CHOICES)), start=1
    ):
        options = [{"key": "talk", "label": "Talking"}, {"key": "play", "label": "Playing"}]
        ToolQuestion.objects.create(
            section=home, key=key, kind=kind, text=f"Which {key}?", position=place,
            options=options if kind == QuestionKind.CHOICES else [],
        )  # fmt: skip
    return version


def audited(unit: OrgUnit, answers: dict[str, Any], **fields: Any) -> Audit:
    """An audit of a case of this team (or service) with these answers in its first section."""
    team = unit if unit.parent and unit.kind == "team" else None
    restricted = fields.pop("restricted", False)
    case = CaseFactory(team=team, service=unit.parent if team else unit, restricted=restricted)
    audit = graded_audit(case=case, **fields)
    row = audit.sections.get(section__key="voice")
    for question in row.section.questions.all():
        if question.key in answers:
            Answer.objects.create(audit_section=row, question=question, value=answers[question.key])
    return audit


def counted(user: User, cut: str = "", *, first: date = OCTOBER, last: date = OCTOBER) -> AnswerTable:
    answers = Answer.objects.visible_to(user).in_period(first, last)
    return answer_table(answers, versions=ToolVersion.objects.filter(tool=live_tool().tool), cut=cut)


def seen(table: AnswerTable, key: str = "voice/seen") -> dict[str, int]:
    question = next(each for each in table.questions if each.key == key)
    return {label: count for label, _, count in question.total.counts if count}


def test_counts_choices_and_medians(tool: ToolVersion, team: OrgUnit, qa_lead: User) -> None:
    for value, weeks, day in (("yes", 2, "2026-03-01"), ("no", 3, "2026-03-05"), ("no", 10, "2026-04-01")):
        audited(team, {"seen": value, "weeks": weeks, "on": day, "ways": ["talk", "play"] if weeks == 2 else ["play"]})
    table = counted(qa_lead)
    assert table.audits == 3
    assert seen(table) == {"yes": 1, "no": 2}
    assert seen(table, "voice/ways") == {"talk": 1, "play": 3}
    by_key = {each.key: each.total for each in table.questions}
    assert by_key["voice/weeks"].middle.median == 3
    assert by_key["voice/on"].middle.median == date(2026, 3, 5)
    assert by_key["safeguarding/seen"].n == 0


def test_what_does_not_count(tool: ToolVersion, team: OrgUnit, qa_lead: User) -> None:
    audited(team, {"seen": "yes"})
    audited(team, {"seen": "yes"}, status=AuditStatus.IN_PROGRESS)
    audited(team, {"seen": "yes"}, status=AuditStatus.VOID)
    audited(team, {"seen": "yes"}, purpose=AuditPurpose.SHADOW)
    audited(team, {"seen": "yes"}, month=date(2026, 9, 1))
    hidden = audited(team, {"seen": "yes"})
    Answer.objects.filter(audit_section__audit=hidden).update(asked=False)
    audited(team, {"seen": "yes"}).sections.update(state=SectionState.NOT_APPLICABLE)
    assert seen(counted(qa_lead)) == {"yes": 1}


def test_whose_answers_each_role_counts(
    tool: ToolVersion, team: OrgUnit, other_team: OrgUnit, qa_lead: User, principal_social_worker: User,
    head_of_service: User, service_lead: User, team_manager: User, read_only: User, panel_member: User,
    practitioner: User, auditor: User, information_governance: User, system_administrator: User,
) -> None:  # fmt: skip
    audited(team, {"seen": "yes"})
    audited(team, {"seen": "partly"}, status=AuditStatus.SUBMITTED)
    audited(other_team, {"seen": "no"})
    everything = {"yes": 1, "partly": 1, "no": 1}
    for user in (qa_lead, principal_social_worker):
        assert seen(counted(user)) == everything
    assert seen(counted(head_of_service)) == {"yes": 1, "partly": 1}
    for user in (service_lead, team_manager):
        assert seen(counted(user)) == {"yes": 1}
    for user in (read_only, panel_member):
        assert seen(counted(user)) == {"yes": 1, "no": 1}
    for user in (practitioner, auditor, information_governance, system_administrator):
        assert seen(counted(user)) == {}


def test_by_service_and_by_month(tool: ToolVersion, team: OrgUnit, other_team: OrgUnit, qa_lead: User) -> None:
    audited(team, {"seen": "yes"})
    audited(team, {"seen": "no"})
    audited(other_team, {"seen": "no"}, month=date(2026, 9, 1))
    by_service = counted(qa_lead, SERVICE, first=date(2026, 9, 1))
    assert by_service.columns == ("Family Safeguarding", "Pathways Through Care")
    assert [cell.n for cell in by_service.questions[0].columns] == [2, 1]
    by_month = counted(qa_lead, MONTH, first=date(2026, 9, 1))
    assert by_month.columns == ("September 2026", "October 2026")
    assert [cell.n for cell in by_month.questions[0].columns] == [1, 2]


def test_versions_are_joined_where_the_wording_stays_and_told_apart_where_not(
    tool: ToolVersion, team: OrgUnit, qa_lead: User
) -> None:
    audited(team, {"seen": "yes", "weeks": 2})
    draft = publishing.draft_version(tool=tool.tool, by=qa_lead)
    row = ToolQuestion.objects.get(section__version=draft, section__key="voice", key="weeks")
    text = building.QuestionText(QuestionKind.NUMBER, "How many weeks?")
    building.write_question(section=row.section, question=row, draft=text, by=qa_lead, revision=row.revision)
    second = publishing.publish_version(version=draft, by=qa_lead)
    audited(team, {"seen": "no", "weeks": 8}, tool_version=second)
    table = counted(qa_lead)
    assert seen(table) == {"yes": 1, "no": 1}
    weeks = [each for each in table.questions if each.key == "voice/weeks"]
    assert [(each.text, each.versions, each.reworded, each.total.n) for each in weeks] == [
        ("How many weeks?", (2,), True, 1), ("Which weeks?", (1,), True, 1),
    ]  # fmt: skip


def test_answers_of_restricted_cases_alone_are_told_to_nobody(tool: ToolVersion, team: OrgUnit, qa_lead: User) -> None:
    audited(team, {"seen": "no"}, restricted=True)
    assert counted(qa_lead).questions[0].total.withheld
    audited(team, {"seen": "yes"})
    assert counted(qa_lead).questions[0].total.n == 2


def test_the_number_of_queries_does_not_grow_with_the_audits(tool: ToolVersion, team: OrgUnit, qa_lead: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            counted(qa_lead, SERVICE)
        return len(caught)

    audited(team, {"seen": "yes"})
    queries()  # the person's roles are asked for once
    few = queries()
    for _ in range(5):
        audited(team, {"seen": "yes", "weeks": 3})
    assert queries() == few


def publish(*months: int) -> None:
    tallies.rebuild()
    for month in months:
        draft = freezing.draft_month(month=date(2026, month, 1), by=SYSTEM)
        assert draft
        freezing.publish_month(month=draft.month, by=SYSTEM, checksum=draft.checksum)


def test_small_numbers_are_withheld_outside_the_qa_unit(
    tool: ToolVersion, team: OrgUnit, qa_lead: User, read_only: User
) -> None:
    for value in ["yes"] * 9 + ["no"] * 2 + ["partly"] * 6:
        audited(team, {"seen": value}, month=date(2026, 9, 1))
    publish(7, 8, 9)
    address = reverse("reports:answers") + "?period=months&month_from=2026-09&month_to=2026-09"
    inside, outside = (text_of(browser(user).get(address)) for user in (qa_lead, read_only))
    assert "No: 2 of 17 (12%)" in inside
    assert "No: withheld" in outside
    assert "Partly: withheld" in outside
    assert "Yes: 9 of 17 (53%)" in outside
    file = browser(read_only).get(address.replace("/answers/", "/answers.csv"))
    assert "No,withheld,withheld" in file.content.decode()
    assert "No,2,12" in browser(qa_lead).get(address.replace("/answers/", "/answers.csv")).content.decode()
    assert browser(qa_lead).get(address.replace("/answers/", "/answers.xlsx")).content.startswith(b"PK")


def test_outside_no_two_looks_can_be_subtracted(
    tool: ToolVersion, team: OrgUnit, other_team: OrgUnit, read_only: User, panel_member: User
) -> None:
    """Whatever the address asks for: whole quarters of the whole department, as they were published."""
    for month, value in [(8, "yes")] * 6 + [(8, "no")] * 6 + [(9, "yes")] * 2:
        audited(team, {"seen": value}, month=date(2026, month, 1))
    publish(7, 8)
    page = reverse("reports:answers")
    assert "of 1" not in text_of(browser(read_only).get(page))  # no whole quarter is published yet
    publish(9)
    first = text_of(browser(read_only).get(page))
    assert "Yes: 8 of 14 (57%)" in first
    audited(other_team, {"seen": "yes"}, month=date(2026, 9, 1))  # issued after the month was published
    for asked in (
        "", "?period=months&month_from=2026-08&month_to=2026-08", f"?service={team.parent_id}", "?across=month",
        "?quarter=2026-07", "?quarter=2026-08",
    ):  # fmt: skip
        for reader in (read_only, panel_member):
            assert "Yes: 8 of 14 (57%)" in text_of(browser(reader).get(page + asked))


def test_the_page_stands_without_tools_or_answers(qa_lead: User, tool: ToolVersion) -> None:
    page = text_of(browser(qa_lead).get(reverse("reports:answers") + "?tool=nonsense&across=nonsense"))
    assert "Was the child seen alone?" in page
    assert '<td class="govuk-table__cell">-</td>' in page
    ToolVersion.objects.update(status="draft")
    assert "No questions to count" in text_of(browser(qa_lead).get(reverse("reports:answers")))
