"""One audit as each reader sees it: feedback without anything provisional; every sight written down."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.choices import Origin
from audits.choices import AuditStatus, FindingKind, Grade, QuestionKind, SectionState
from audits.models import Answer, Audit, AuditSection, Moderation, Theme, ToolQuestion, ToolSection
from audits.services.drafting import save_conversation
from audits.services.feedback import issue_feedback
from cases.models import Case
from core.history.models import AccessEvent
from tests.audits.drafts import accepted, fill_in, section, submitted
from tests.audits.pages import browser, section_url, text_of, url
from tests.factories.accounts import person_as
from tests.factories.actions import ActionFactory
from tests.factories.audits import AuditFactory
from tests.factories.cases import CaseFactory


@pytest.fixture
def settled(case: Case, qa_lead: User, auditor: User, moderator: User) -> Audit:
    """An audit graded outstanding whose moderator changed it to good, with feedback issued."""
    grades = dict.fromkeys(("voice", "safeguarding", "overall"), Grade.OUTSTANDING)
    audit = submitted(case=case, by=qa_lead, auditor=auditor, **grades)
    moderation = Moderation.objects.get(audit=audit)
    client = browser(moderator)
    client.post(f"/audits/moderation/{moderation.pk}/open/")
    moderation.refresh_from_db()
    data = {"version": moderation.version, "outcome": "change", "grade": "good"}
    data["reason"] = "Moderator's private canary, long enough."
    data |= {f"s-{row.pk}-outcome": "agree" for row in audit.sections.all()}
    client.post(f"/audits/moderation/{moderation.pk}/", data)
    accepted(audit, auditor)
    issue_feedback(audit=audit, by=moderator)
    return Audit.objects.get(pk=audit.pk)


def test_the_feedback_has_strengths_first_and_nothing_of_the_moderation(
    settled: Audit, team_manager: User, practitioner: User, service_lead: User
) -> None:
    assert settled.status == AuditStatus.FEEDBACK_ISSUED
    for reader in (team_manager, practitioner, service_lead):
        page = text_of(browser(reader).get(url("detail", settled)))
        main = page.split('id="main-content"')[1]
        assert main.index("What is working well") < main.index("What to develop") < main.index(">Grade<")
        assert "What good practice looks like." in main
        assert "canary" not in page
        assert "moderat" not in main.lower()
        assert "The child was seen alone at every visit." in main


def test_before_it_is_issued_the_line_and_the_practitioner_see_nothing(
    case: Case, qa_lead: User, auditor: User, team_manager: User, practitioner: User, service_lead: User
) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, safeguarding=Grade.INADEQUATE, overall=Grade.INADEQUATE)
    for reader in (team_manager, practitioner, service_lead):
        assert browser(reader).get(url("detail", audit)).status_code == 404


def test_the_qa_unit_reads_both_grades_the_reasons_and_the_story(settled: Audit, qa_lead: User) -> None:
    page = text_of(browser(qa_lead).get(url("detail", settled)))
    assert "The auditor gave outstanding; moderation changed it." in page
    assert "Graded outstanding" in page
    assert "Moderator&#x27;s private canary" in page
    assert "Submitted the audit" in page
    assert "Planned the audit" in page


def test_a_head_of_service_reads_a_provisional_grade_as_provisional(
    case: Case, qa_lead: User, auditor: User, head_of_service: User, other_service: OrgUnit
) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE)
    page = text_of(browser(head_of_service).get(url("detail", audit)))
    assert "Provisional" in page
    elsewhere = person_as(Role.HEAD_OF_SERVICE, other_service)
    assert browser(elsewhere).get(url("detail", audit)).status_code == 404


def test_a_hidden_audit_and_none_at_all_get_the_same_answer(under_way: Audit, team_manager: User) -> None:
    client = browser(team_manager)
    hidden = client.get(url("detail", under_way))
    absent = client.get(f"/audits/{uuid.uuid4()}/")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content


def test_a_restricted_case_is_for_named_people_and_its_auditor(under_way: Audit, auditor: User, qa_lead: User) -> None:
    Case.objects.filter(pk=under_way.case_id).update(restricted=True)
    assert browser(qa_lead).get(url("detail", under_way)).status_code == 404
    assert browser(auditor).get(url("detail", under_way)).status_code == 200


def test_every_sight_and_every_refusal_is_written_down_once(
    under_way: Audit, auditor: User, team_manager: User, qa_lead: User
) -> None:
    client = browser(auditor)
    addresses = [url(name, under_way) for name in ("detail", "overall", "conversations", "submit", "raise_alert")]
    for address in [*addresses, section_url(section(under_way, "voice")), "/audits/"]:
        before = AccessEvent.objects.count()
        client.get(address)
        event = AccessEvent.objects.latest("sequence")
        assert AccessEvent.objects.count() == before + 1, address
        assert (event.purpose, event.actor_id) == (AccessEvent.Purpose.VIEW, auditor.pk)
        assert {line.object_id for line in event.lines.all()} - {under_way.pk} == {under_way.case_id}
    for person, address in ((team_manager, url("detail", under_way)), (qa_lead, url("overall", under_way))):
        browser(person).get(address)
        event = AccessEvent.objects.latest("sequence")
        assert (event.purpose, event.actor_id) == (AccessEvent.Purpose.REFUSED, person.pk)


def test_no_address_holds_a_reference_and_no_title_a_case(
    settled: Audit, qa_lead: User, auditor: User, team_manager: User
) -> None:
    for person in (qa_lead, auditor, team_manager):
        page = text_of(browser(person).get(url("detail", settled)))
        assert settled.case_reference not in page.split("</title>")[0]
        links = [part.split('"')[0] for part in page.split('href="')[1:]]
        assert not [link for link in links if settled.reference in link or settled.case_reference in link]


def test_an_old_audit_shows_its_grade_alone(team: OrgUnit, qa_lead: User, team_manager: User) -> None:
    case = CaseFactory(team=team)
    old = AuditFactory(
        case=case, historic=True, status=AuditStatus.FEEDBACK_ISSUED, grade="good", counted_grade="good",
        auditor_name="Somebody of old",
    )  # fmt: skip
    Audit.objects.filter(pk=old.pk).update(tool_version=None, case=None)
    page = text_of(browser(qa_lead).get(url("detail", old)))
    assert "Only its grade was kept." in page
    assert "Somebody of old" in page
    assert "Good" in text_of(browser(team_manager).get(url("detail", old)))


def queries(person: User, address: str) -> int:
    client = browser(person)
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len([each for each in seen.captured_queries if each["sql"].startswith("SELECT")])


def test_a_page_costs_the_same_however_much_was_written(under_way: Audit, auditor: User, qa_lead: User) -> None:
    row = section(under_way, "voice")
    pages = [(auditor, url(name, under_way)) for name in ("detail", "overall", "submit", "conversations")]
    pages += [(qa_lead, url("detail", under_way)), (auditor, section_url(row))]
    fill_in(under_way, auditor)
    few = [queries(*page) for page in pages]
    client = browser(auditor)
    row.refresh_from_db()
    block: dict[str, object] = {"strength": [str(n) for n in range(9)], "then": "stay", "version": row.version}
    block |= {f"strength-{n}-text": f"Strength number {n}" for n in range(9)}
    client.post(section_url(row), block | {"q-seen": "yes", "grade": "good", "reason": row.reason})
    assert row.findings.count() == 9
    for who in ("worker", "manager", "iro"):
        save_conversation(
            audit=under_way, by=auditor, with_whom=who, outcome="declined", mode="", held_on=None,
            reason="No time", what_they_said="",
        )  # fmt: skip
    assert [queries(*page) for page in pages] == few
    assert max(few) <= 30


def test_an_issued_audit_costs_the_same_with_many_sections_findings_actions_and_events(
    settled: Audit, auditor: User, qa_lead: User
) -> None:
    readers = (auditor, qa_lead)
    theme = Theme.objects.create(name="Example theme", parent=Theme.objects.create(name="Example parent"))

    def happen(place: int) -> None:
        part = ToolSection.objects.create(
            version=settled.tool_version, key=f"more-{place}", title=f"Part {place}", position=10 + place, graded=True
        )
        question = ToolQuestion.objects.create(
            section=part, key="seen", kind=QuestionKind.YES_PARTLY_NO, text="Was it seen?", position=0
        )
        row = AuditSection.objects.create(audit=settled, section=part, state=SectionState.COMPLETE, grade=Grade.GOOD)
        Answer.objects.create(audit_section=row, question=question, value="yes")
        for kind in FindingKind:
            row.findings.create(audit=settled, kind=kind, text=f"Point {place}").themes.add(theme)
        ActionFactory(origin=Origin.FINDING, origin_reference=settled.reference, case=settled.case)
        made = {"event": "reopen", "at": timezone.now(), "by": person_as(Role.QA_LEAD, settled.service)}
        settled.transitions.create(from_status="settled", to_status="settled", **made)

    happen(0)
    few = [queries(reader, url("detail", settled)) for reader in readers]
    for place in range(1, 6):
        happen(place)
    page = text_of(browser(qa_lead).get(url("detail", settled)))
    assert all(f"Part {place}" in page and f"Point {place}" in page for place in range(6))
    assert [queries(reader, url("detail", settled)) for reader in readers] == few
    assert max(few) <= 24
