"""Issuing the feedback is a step of its own: before it nothing of the grade reaches the case's line by any route."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.choices import Origin
from actions.models import Action
from audits.choices import AuditPurpose, AuditStatus, ClockKind, Grade, ModerationOutcome
from audits.models import Audit, GradeTally
from audits.querysets import AuditQuerySet
from audits.services.alerts import acknowledge_alert, raise_alert
from audits.services.feedback import issue_all_due, issue_feedback
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.reflecting import save_reflection
from audits.services.tallies import rebuild
from cases.models import Case
from core.council.models import SettingValue
from core.notifications.models import Notice
from core.workflow import IllegalMove
from tests.audits.drafts import confirmed, submitted
from tests.audits.pages import browser, text_of, url
from tests.factories.accounts import give_role, person_as
from tests.factories.actions import ActionFactory
from tests.factories.audits import graded_audit
from tests.factories.cases import held_by

WHY = "The family meets the worker tomorrow and has to hear of this."


def settled(*, case: Case, qa_lead: User, auditor: User, moderator: User, head: User) -> Audit:
    """An inadequate audit that a moderator has agreed with and a head confirmed; nobody has issued its feedback."""
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE)
    moderation = open_moderation(moderation=audit.moderations.get(), by=moderator)
    decide_moderation(moderation=moderation, by=moderator, outcome=ModerationOutcome.AGREED, version=moderation.version)
    return confirmed(audit, head)


@pytest.fixture
def waiting(case: Case, qa_lead: User, auditor: User, moderator: User, head_of_service: User) -> Audit:
    return settled(case=case, qa_lead=qa_lead, auditor=auditor, moderator=moderator, head=head_of_service)


READERS = ("service_lead",)  # the practitioner and the team manager: test_nothing_provisional.py


def grades_met(reader: User, audit: Audit) -> list[str]:
    """Where this person meets the audit or its grade, by every route that they have."""
    client, met = browser(reader), []
    audits = reverse("audits:list")
    pages = {
        "page": url("detail", audit),
        "list": audits,
        "list by grade": f"{audits}?grade={audit.counted_grade}",
        "list by stage": f"{audits}?stage=final&counted=1",
        "home": reverse("worklist:home"),
        "case": reverse("cases:detail", args=[audit.case_id]),
        "breakdown": reverse("reports:breakdown"),
        "breakdown as a file": reverse("reports:breakdown_csv"),
        "grade table as a file": reverse("reports:monthly_csv"),
        "actions": reverse("actions:list"),
        "notices": reverse("notifications:list"),
    }
    for name, path in pages.items():
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if audit.reference.encode() in body or (answer.status_code == 200 and name == "page"):
            met.append(name)
        if name.startswith(("breakdown", "grade table")) and answer.status_code == 200:
            total = GradeTally.objects.visible_to(reader).filter(cut="total", count__gt=0)
            if total.exists():
                met.append(name)
    answer = client.post(reverse("worklist:search"), {"text": audit.reference})
    if answer.status_code == 302 or f"/audits/{audit.pk}/" in text_of(answer):
        met.append("search")
    if Notice.objects.filter(person=reader, reference=audit.reference).exists():
        met.append("notice")
    return met


@pytest.mark.parametrize("who", READERS)
def test_before_it_is_issued_nothing_reaches_the_line_by_any_route(
    who: str, waiting: Audit, request: pytest.FixtureRequest
) -> None:
    reader = request.getfixturevalue(who)
    assert grades_met(reader, waiting) == []
    issue_feedback(audit=waiting, by=SYSTEM)
    met = grades_met(User.objects.get(pk=reader.pk), waiting)
    assert {"page", "list", "list by grade", "list by stage", "search"} <= set(met), (
        "the routes lead there once it is issued"
    )


def test_the_leak_test_sees_a_filter_that_was_taken_away(
    waiting: Audit, team_manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audits.querysets.ISSUED", (AuditStatus.SETTLED,))
    assert {"page", "list"} <= set(grades_met(team_manager, waiting))
    monkeypatch.undo()
    monkeypatch.setattr(AuditQuerySet, "visible_to", lambda self, user: self)
    assert {"page", "list", "case", "search"} <= set(grades_met(team_manager, waiting))


@pytest.mark.parametrize("who", ["qa_lead", "moderator"])
def test_the_qa_lead_and_its_moderator_issue_it(who: str, waiting: Audit, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    feedback = issue_feedback(audit=waiting, by=person)
    waiting.refresh_from_db()
    assert (waiting.status, feedback.number, feedback.grade) == (AuditStatus.FEEDBACK_ISSUED, 1, Grade.INADEQUATE)
    assert waiting.feedback_issued_at == feedback.issued_at
    assert GradeTally.objects.for_services().get(cut="total", count=1).stage == "issued"
    assert rebuild() == 0
    assert waiting.transitions.last().event == "issue"


@pytest.mark.parametrize(
    "who", ["auditor", "qa_admin", "practitioner", "team_manager", "service_lead", "head_of_service", "read_only"]
)
def test_nobody_else_issues_it(who: str, waiting: Audit, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        issue_feedback(audit=waiting, by=person)
    assert browser(person).post(url("issue", waiting), {"version": waiting.version}).status_code in (403, 404)
    waiting.refresh_from_db()
    assert waiting.status == AuditStatus.SETTLED
    assert not waiting.clocks.exists()


def test_it_is_issued_once(waiting: Audit, qa_lead: User, team_manager: User) -> None:
    issue_feedback(audit=waiting, by=qa_lead)
    with pytest.raises(IllegalMove, match="issue its feedback"):
        issue_feedback(audit=waiting, by=qa_lead)
    assert waiting.feedbacks.count() == 1
    assert Notice.objects.filter(kind="feedback_issued").count() == 2


def test_nothing_is_issued_before_it_is_settled(case: Case, qa_lead: User, auditor: User) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE)
    with pytest.raises(IllegalMove):
        issue_feedback(audit=audit, by=qa_lead)


def test_the_holders_of_the_case_and_the_team_manager_are_told(
    waiting: Audit, qa_lead: User, practitioner: User, team_manager: User, service_lead: User, other_team: OrgUnit
) -> None:
    person_as(Role.TEAM_MANAGER, other_team)
    issue_feedback(audit=waiting, by=qa_lead)
    told = set(Notice.objects.filter(kind="feedback_issued").values_list("person", flat=True))
    assert told == {practitioner.pk, team_manager.pk}


def test_a_case_that_moved_on_after_the_audit_is_told_to_its_old_and_its_new_holder(
    case: Case, qa_lead: User, practitioner: User, team_manager: User, other_team: OrgUnit
) -> None:
    audit = graded_audit(Grade.GOOD, case=case, status=AuditStatus.SETTLED)
    yesterday = timezone.localdate() - timedelta(days=1)
    case.holdings.update(held_to=yesterday)
    Case.objects.filter(pk=case.pk).update(team=other_team, service=other_team.parent)
    case.refresh_from_db()
    successor = person_as(Role.PRACTITIONER, other_team)
    held_by(case, successor, since=yesterday)
    action = ActionFactory(case=case)
    for holder in (practitioner, successor):
        assert browser(holder).get(url("detail", audit)).status_code == 404
    issue_feedback(audit=audit, by=qa_lead)
    told = set(Notice.objects.filter(kind="feedback_issued").values_list("person", flat=True))
    assert told == {practitioner.pk, successor.pk, team_manager.pk}
    save_reflection(audit=audit, by=practitioner, text="I was new and alone with it.", version=0)
    page = browser(successor).get(url("detail", audit))
    assert page.status_code == 200
    assert "alone with it" not in text_of(page)
    assert "alone with it" in text_of(browser(practitioner).get(url("detail", audit)))
    assert list(Action.objects.visible_to(successor)) == [action]
    assert not Action.objects.visible_to(practitioner).exists()


@pytest.mark.parametrize(
    ("grade", "days"),
    [
        (Grade.INADEQUATE, {"safety": 2, "response": 5, "meeting": 5, "challenge": 5}),
        (Grade.REQUIRES_IMPROVEMENT, {"response": 10, "meeting": 5, "challenge": 5}),
        (Grade.GOOD, {"response": 15, "meeting": 5, "challenge": 5}),
        (Grade.OUTSTANDING, {"response": 15, "meeting": 5, "challenge": 5}),
    ],
)
def test_issuing_starts_the_clocks_of_the_grade(grade: str, days: dict[str, int], qa_lead: User) -> None:
    audit = graded_audit(grade, status=AuditStatus.SETTLED)
    issue_feedback(audit=audit, by=qa_lead)
    assert {clock.kind: clock.days for clock in audit.clocks.all()} == days


def test_a_clock_keeps_the_days_with_which_it_began(qa_lead: User) -> None:
    SettingValue.objects.create(key="response_ri_days", value=7, effective_on=timezone.localdate(), why="Tried out")
    audit = graded_audit(Grade.REQUIRES_IMPROVEMENT, status=AuditStatus.SETTLED)
    issue_feedback(audit=audit, by=qa_lead)
    SettingValue.objects.create(key="response_ri_days", value=20, effective_on=timezone.localdate(), why="Back")
    assert audit.clocks.get(kind=ClockKind.RESPONSE).days == 7


# By itself


def at(day: int) -> datetime:
    """Ten in the morning of a day of November 2026; the 6th is a Friday."""
    return datetime(2026, 11, day, 10, tzinfo=UTC)


def settled_on(day: int, **fields: object) -> Audit:
    audit = graded_audit(status=AuditStatus.SETTLED, **fields)
    Audit.objects.filter(pk=audit.pk).update(settled_at=at(day))
    return audit


@pytest.mark.django_db
def test_it_is_issued_by_itself_after_a_working_day() -> None:
    audit = settled_on(6)
    for day, issued in ((6, 0), (7, 0), (8, 0), (9, 1), (10, 0)):
        assert issue_all_due(today=at(day).date())["issued"] == issued, day
    audit.refresh_from_db()
    assert audit.status == AuditStatus.FEEDBACK_ISSUED
    assert audit.transitions.get(event="issue").by is None


@pytest.mark.django_db
def test_a_late_run_issues_what_was_missed_once() -> None:
    settled_on(2)
    settled_on(5)
    assert issue_all_due(today=at(27).date()) == {"issued": 2, "waiting": 0}
    assert issue_all_due(today=at(27).date()) == {"issued": 0, "waiting": 0}


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", [AuditPurpose.SHADOW, AuditPurpose.CALIBRATION])
def test_an_audit_that_does_not_count_is_not_issued_by_itself(purpose: str) -> None:
    settled_on(2, purpose=purpose)
    assert issue_all_due(today=at(27).date()) == {"issued": 0, "waiting": 0}


def test_a_calibration_audit_has_no_feedback(qa_lead: User) -> None:
    audit = graded_audit(status=AuditStatus.SETTLED, purpose=AuditPurpose.CALIBRATION)
    with pytest.raises(ValidationError, match="compares auditors"):
        issue_feedback(audit=audit, by=qa_lead)


def test_an_unacknowledged_alert_holds_it_back_until_the_qa_lead_releases_it(
    waiting: Audit, moderator: User, qa_lead: User, team_manager: User
) -> None:
    alert = raise_alert(audit=waiting, by=qa_lead, what="Not seen", where="Case note", since="May")
    tomorrow = timezone.localdate() + timedelta(days=5)
    assert issue_all_due(today=tomorrow) == {"issued": 0, "waiting": 1}
    with pytest.raises(NotAllowed, match="QA lead"):
        issue_feedback(audit=waiting, by=moderator, why=WHY)
    with pytest.raises(ValidationError, match="acknowledged"):
        issue_feedback(audit=waiting, by=qa_lead, why="Soon")
    assert waiting.feedbacks.count() == 0
    acknowledge_alert(alert=alert, by=team_manager)
    assert issue_all_due(today=tomorrow) == {"issued": 1, "waiting": 0}


def test_the_qa_lead_says_why_it_cannot_wait(waiting: Audit, qa_lead: User) -> None:
    raise_alert(audit=waiting, by=qa_lead, what="Not seen", where="Case note", since="May")
    client = browser(qa_lead)
    assert "Nobody has acknowledged" in text_of(client.get(url("issue", waiting)))
    answer = client.post(url("issue", waiting), {"version": waiting.version, "why": "No"})
    assert "at least 20 characters" in text_of(answer)
    assert client.post(url("issue", waiting), {"version": waiting.version, "why": WHY}).status_code == 302
    assert waiting.feedbacks.get().why == WHY


def test_a_proposed_action_opens_with_the_feedback_and_not_before(
    waiting: Audit, qa_lead: User, practitioner: User
) -> None:
    action = ActionFactory(
        case=waiting.case, owner=practitioner, status="draft", origin=Origin.FINDING,
        origin_reference=waiting.reference, due_on=timezone.localdate() + timedelta(days=9),
    )  # fmt: skip
    assert not Action.objects.visible_to(practitioner).exists()
    issue_feedback(audit=waiting, by=qa_lead)
    action.refresh_from_db()
    assert action.status == "open"
    assert Action.objects.visible_to(User.objects.get(pk=practitioner.pk)).exists()


def test_the_page_says_what_happens_next_and_by_when(waiting: Audit, qa_lead: User, team_manager: User) -> None:
    page = text_of(browser(qa_lead).get(url("detail", waiting)))
    assert "The QA lead or the moderator, else by itself" in page
    issue_feedback(audit=waiting, by=qa_lead)
    main = text_of(browser(team_manager).get(url("detail", waiting))).split('id="main-content"')[1]
    order = [main.index(words) for words in ("What is working well", "What to develop", ">Grade<", "What happens next")]
    assert order == sorted(order)
    assert "Say what has been done so that the child is safe now" in main
    assert "Respond to each point, countersigned" in main


def test_a_stale_page_issues_nothing(waiting: Audit, qa_lead: User, client: Client) -> None:
    give_role(qa_lead, Role.QA_LEAD, waiting.service)
    assert browser(qa_lead).post(url("issue", waiting), {"version": waiting.version - 1}).status_code == 409
    assert waiting.feedbacks.count() == 0
