"""Actions that come from an audit, what waits for whom, and audits done again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.access import SYSTEM
from accounts.models import OrgUnit, User
from actions.choices import ActionStatus, Origin
from actions.models import Action
from actions.services.doing import claim_done
from actions.services.verifying import verify_action
from audits.choices import AuditStatus, ClockKind, FindingKind, Grade, Movement, View
from audits.models import Audit, AuditSection, Challenge, Clock, Finding
from audits.rules.re_auditing import inadequate_again_by, movement, sample_of, sampled_again_by
from audits.rules.responding import Answered
from audits.services.alerts import raise_alert
from audits.services.closing import actions_of, close_all_done, what_waits
from audits.services.drafting import start_audit
from audits.services.feedback import issue_feedback
from audits.services.planning import allocate_audit
from audits.services.re_auditing import book_re_audit, book_sample, needs_re_audit
from audits.services.responding import ResponseDraft, give_response
from cases.models import Case
from core.jobs.services import run_due
from core.working_days import LONDON
from tests.audits.pages import browser, section_url, text_of, url
from tests.factories.audits import graded_audit

WANTED = {
    "what": "Bring the chronology up to date", "how_we_know": "The IRO has read it", "level": "case",
    "priority": "medium",
}  # fmt: skip


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    now = [datetime(2027, 3, 22, 10, tzinfo=LONDON)]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    yield now


def issued(case: Case, grade: str = Grade.REQUIRES_IMPROVEMENT) -> Audit:
    audit = graded_audit(grade, case=case, status=AuditStatus.SETTLED)
    Finding.objects.create(
        audit=audit, audit_section=audit.sections.all()[0], kind=FindingKind.DEVELOPMENT, text="A thin chronology"
    )
    issue_feedback(audit=audit, by=SYSTEM)
    return Audit.objects.get(pk=audit.pk)


def answer(audit: Audit, by: User, view: str = View.AGREE) -> None:
    draft = ResponseDraft("", {each.pk: Answered(view, "It is done by May.") for each in audit.findings.all()})
    give_response(audit=audit, by=by, draft=draft, version=0)


def test_an_action_from_a_point_knows_where_it_came_from_and_closes_the_audit(
    case: Case, team_manager: User, practitioner: User
) -> None:
    audit = issued(case)
    answer(audit, team_manager)
    client, point = browser(team_manager), audit.findings.get()
    address = reverse("audits:act_on_finding", args=[audit.pk, point.pk])
    assert "A thin chronology" in text_of(client.get(address))
    assert client.post(address, {**WANTED, "owner": str(practitioner.pk)}).status_code == 302
    action = Action.objects.get()
    assert (action.origin, action.origin_reference, action.origin_link) == (
        Origin.FINDING, audit.reference, url("detail", audit),
    )  # fmt: skip
    assert action.reference in text_of(browser(practitioner).get(url("detail", audit)))
    Clock.objects.filter(kind=ClockKind.CHALLENGE).update(due_on=date(2026, 1, 5))
    assert close_all_done() == 0
    action = claim_done(action=action, by=practitioner, text="Done")
    verify_action(action=action, by=team_manager)
    run_due()
    audit.refresh_from_db()
    assert (audit.status, Action.objects.get().status) == (AuditStatus.CLOSED, ActionStatus.VERIFIED)


def test_an_action_of_an_inadequate_audit_is_verified_by_the_qa_unit(
    case: Case, team_manager: User, practitioner: User
) -> None:
    audit = issued(case, Grade.INADEQUATE)
    browser(team_manager).post(url("act_on_audit", audit), {**WANTED, "owner": str(practitioner.pk)})
    action = Action.objects.get()
    assert (action.origin, action.from_inadequate, action.verifier) == (Origin.RESPONSE, True, "qa")


def test_an_alert_leads_to_an_action_before_the_feedback_is_issued(
    under_way: Audit, auditor: User, team_manager: User, practitioner: User, other_team: OrgUnit
) -> None:
    alert = raise_alert(audit=under_way, by=auditor, what="Not seen", where="Case note", since="May")
    address = reverse("audits:act_on_alert", args=[alert.pk]) + f"?unit={other_team.pk}"
    typed = {**WANTED, "owner": str(practitioner.pk), "unit": str(other_team.pk)}  # the case says for whom it is
    assert browser(team_manager).post(address, typed).status_code == 302
    action = Action.objects.get()
    assert (action.team, action.service) == (under_way.team, under_way.service)
    assert (action.origin, action.origin_link) == (Origin.ALERT, reverse("audits:alert", args=[alert.pk]))


def test_a_decided_challenge_and_a_re_audit_lead_to_actions_that_say_so(
    case: Case, team_manager: User, practitioner: User
) -> None:
    audit, client, typed = issued(case), browser(team_manager), {**WANTED, "owner": str(practitioner.pk)}
    assert client.post(url("act_on_decision", audit), typed).status_code == 409
    Challenge.objects.create(
        audit=audit, about="facts", text="Two visits are missing.", status="decided", opened_by=practitioner,
        opened_at=timezone.now(), decided_at=timezone.now(), reason="The visits stand; the plan is thin.",
    )  # fmt: skip
    assert url("act_on_decision", audit) in text_of(client.get(url("detail", audit)))
    assert "the plan is thin" in text_of(client.get(url("act_on_decision", audit)))
    assert client.post(url("act_on_decision", audit), typed).status_code == 302
    again = graded_audit(Grade.GOOD, case=case, status=AuditStatus.SETTLED, first_audit=audit)
    issue_feedback(audit=again, by=SYSTEM)
    client.post(url("act_on_audit", again), {**typed, "what": "Keep the chronology up to date"})
    origins = {(each.origin, each.origin_reference) for each in Action.objects.all()}
    assert origins == {(Origin.DISPUTE, audit.reference), (Origin.RE_AUDIT, again.reference)}
    for each in (audit, again):
        assert actions_of(audit=each).count() == 1, "the audit waits for it"


@pytest.mark.parametrize("who", ["practitioner", "auditor", "read_only"])
def test_nobody_else_makes_them(who: str, case: Case, request: pytest.FixtureRequest) -> None:
    audit, person = issued(case), request.getfixturevalue(who)
    answer = browser(person).post(url("act_on_audit", audit), {**WANTED, "owner": str(person.pk)})
    assert answer.status_code in (403, 404)
    assert not Action.objects.exists()


# What waits, and for whom


def test_the_home_page_counts_what_the_list_shows(
    calendar: list[datetime], case: Case, team_manager: User, service_lead: User, qa_lead: User
) -> None:
    first, second = issued(case), issued(case, Grade.GOOD)
    graded_audit(Grade.GOOD, case=case, status=AuditStatus.SETTLED)
    client = browser(team_manager)
    assert 'Responses to give <span class="app-count">(2)</span>' in text_of(client.get("/"))
    listed = text_of(client.get(reverse("audits:list"), {"awaiting": "response"}))
    assert first.reference in listed and second.reference in listed
    calendar[0] += timedelta(days=30)
    client = browser(team_manager)  # a session does not last so long
    late = text_of(client.get(reverse("audits:list"), {"awaiting": "late"}))
    assert first.reference in late and second.reference in late
    answer(first, team_manager)
    assert first.reference not in text_of(client.get(reverse("audits:list"), {"awaiting": "late"}))
    assert 'Feedback to issue <span class="app-count">(1)</span>' in text_of(browser(qa_lead).get("/"))


# Audits done again


def test_every_inadequate_audit_is_booked_again_once(calendar: list[datetime], case: Case, auditor: User) -> None:
    audit = graded_audit(Grade.INADEQUATE, case=case, status=AuditStatus.SETTLED, auditor=auditor)
    Audit.objects.filter(pk=audit.pk).update(settled_at=calendar[0])
    assert needs_re_audit(audit=Audit.objects.get(pk=audit.pk))
    again = book_re_audit(audit_id=audit.pk)
    assert book_re_audit(audit_id=audit.pk) is None
    assert again is not None
    again.refresh_from_db()
    assert (again.first_audit, again.status, again.due_on) == (audit, AuditStatus.PLANNED, date(2027, 6, 14))
    assert (again.case, again.tool_version) == (case, audit.tool_version)


@pytest.mark.parametrize("grade", [Grade.REQUIRES_IMPROVEMENT, Grade.GOOD, Grade.OUTSTANDING])
def test_no_other_is_booked_by_this_rule(grade: str, case: Case) -> None:
    assert book_re_audit(audit_id=graded_audit(grade, case=case, status=AuditStatus.SETTLED).pk) is None


def test_whoever_audits_again_reads_what_came_of_the_first(
    case: Case, qa_lead: User, auditor: User, team_manager: User, practitioner: User
) -> None:
    audit = issued(case, Grade.INADEQUATE)
    browser(team_manager).post(url("act_on_audit", audit), {**WANTED, "owner": str(practitioner.pk)})
    again = book_re_audit(audit_id=audit.pk)
    assert again is not None
    again = allocate_audit(audit=again, auditor=auditor, by=qa_lead)
    start_audit(audit=again, by=auditor)
    page = text_of(browser(auditor).get(section_url(again.sections.all()[0])))
    assert "Actions of the first audit" in page and WANTED["what"] in page


def test_what_moved_stands_on_both_pages_once_the_second_grade_is_final(
    case: Case, qa_lead: User, team_manager: User
) -> None:
    first = issued(case, Grade.INADEQUATE)
    again = book_re_audit(audit_id=first.pk)
    assert again is not None
    page = said(qa_lead, first)
    assert f"This audit is to be done again by {again.due_on:%-d %B %Y}: {again.reference}, planned." in page
    assert "done again" not in said(team_manager, first)
    page = said(qa_lead, again)
    assert f"does audit {first.reference} again. What moved stands here when the grade is settled" in page

    start = Audit.objects.get(pk=again.pk)
    for number, (before, after) in enumerate(GRADES_OF_SECTIONS):
        AuditSection.objects.filter(pk=first.sections.all()[number].pk).update(grade=Grade.GOOD, settled_grade=before)
        AuditSection.objects.create(audit=start, section=first.sections.all()[number].section, grade=after)
    graded = {"auditor_grade": Grade.GOOD, "grade": Grade.GOOD, "counted_grade": Grade.GOOD}
    Audit.objects.filter(pk=again.pk).update(status=AuditStatus.SUBMITTED, **graded)
    page = page_of(qa_lead, again)
    assert moved_on(page) == [], "a provisional grade has moved nothing"
    assert page_of(team_manager, again).status_code == 404

    Audit.objects.filter(pk=again.pk).update(status=AuditStatus.SETTLED)
    wanted = [("The case as a whole", "Improved"), *zip(titles(first), ("The same", "Worse"), strict=False)]
    assert moved_on(page_of(qa_lead, again)) == wanted
    assert "done again" not in said(team_manager, first)
    issue_feedback(audit=Audit.objects.get(pk=again.pk), by=SYSTEM)
    assert moved_on(page_of(team_manager, again)) == wanted
    page = said(team_manager, first)
    assert f"This audit was done again: {again.reference}, feedback issued." in page


GRADES_OF_SECTIONS = ((Grade.REQUIRES_IMPROVEMENT, Grade.REQUIRES_IMPROVEMENT), (Grade.GOOD, Grade.INADEQUATE))


def titles(audit: Audit) -> list[str]:
    return [row.section.title for row in audit.sections.all()]


def page_of(who: User, audit: Audit) -> Any:
    return browser(who).get(reverse("audits:detail", args=[audit.pk]))


def said(who: User, audit: Audit) -> str:
    return " ".join(strip_tags(text_of(page_of(who, audit))).split())


def moved_on(page: Any) -> list[tuple[str, str]]:
    """(section, what moved) of the table on a page."""
    if "moved-caption" not in page.content.decode():
        return []
    return [(line.title, line.words) for line in page.context["again"].moved]


def test_an_inadequate_audit_does_not_close_before_it_is_booked_again(case: Case) -> None:
    audit = issued(case, Grade.INADEQUATE)
    assert "the re-audit to be booked" in what_waits(audit=audit)
    book_re_audit(audit_id=audit.pk)
    assert "the re-audit to be booked" not in what_waits(audit=audit)


def test_a_tenth_of_what_requires_improvement_is_booked_and_drawn_the_same_twice(
    calendar: list[datetime], case: Case
) -> None:
    for _ in range(11):
        audit = graded_audit(Grade.REQUIRES_IMPROVEMENT, case=case, status=AuditStatus.SETTLED)
        Audit.objects.filter(pk=audit.pk).update(settled_at=calendar[0])
    month = date(2027, 3, 1)
    assert (book_sample(month=month), book_sample(month=month)) == (2, 0)
    assert set(Audit.objects.exclude(first_audit=None).values_list("due_on", flat=True)) == {date(2027, 9, 22)}


def test_an_audit_is_done_again_by_a_working_day() -> None:
    assert inadequate_again_by(date(2026, 10, 2), 12) == date(2026, 12, 24)  # 12 weeks end on Christmas Day
    assert inadequate_again_by(date(2026, 10, 2), 12, {date(2026, 12, 24)}) == date(2026, 12, 23)
    assert sampled_again_by(date(2026, 5, 29), 6) == date(2026, 11, 27)  # the 29th is a Sunday
    assert sampled_again_by(date(2026, 8, 31), 6) == date(2027, 2, 26)  # February has 28 days, and that is a Sunday


def test_the_sample_follows_from_keys_and_month_alone() -> None:
    keys = [_key(number) for number in range(20)]
    drawn = sample_of(keys, month=date(2027, 3, 1), share=10)
    assert drawn == sample_of(reversed(keys), month=date(2027, 3, 1), share=10)
    assert len(drawn) == 2
    assert drawn != sample_of(keys, month=date(2027, 4, 1), share=10)
    assert sample_of([], month=date(2027, 3, 1), share=10) == []


def _key(number: int) -> Any:

    return UUID(int=number)


@pytest.mark.parametrize(
    ("first", "second", "moved"),
    [
        (Grade.INADEQUATE, Grade.GOOD, Movement.IMPROVED), (Grade.INADEQUATE, Grade.INADEQUATE, Movement.SAME),
        (Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Movement.WORSE), ("", Grade.GOOD, ""), (Grade.GOOD, "", ""),
    ],
)  # fmt: skip
def test_what_moved(first: str, second: str, moved: str) -> None:
    assert movement(first, second) == moved


def test_an_action_says_what_has_to_be_done(case: Case, team_manager: User) -> None:
    audit = issued(case)
    answer = browser(team_manager).post(url("act_on_audit", audit), {**WANTED, "what": "Short", "owner": ""})
    assert "15 characters" in text_of(answer) or "There is a problem" in text_of(answer)
    assert not Action.objects.exists()
    with pytest.raises(ValidationError):
        give_response(audit=audit, by=team_manager, draft=ResponseDraft(), version=0)
