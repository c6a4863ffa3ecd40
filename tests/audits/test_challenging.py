"""A challenge: one at a time, while there is time; the grade's clocks stand still, and a changed grade is told anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, ClockKind, ClockState, Grade, View
from audits.models import Audit, Challenge, Clock, Dispute, GradeTally, Reflection
from audits.rules.responding import Answered
from audits.services.challenging import challenge_feedback
from audits.services.disputing import assign_dispute, decide_dispute
from audits.services.feedback import issue_feedback
from audits.services.reflecting import (
    answer_consent,
    ask_consent,
    has_consent,
    record_meeting,
    save_reflection,
    say_thanks,
    share_reflection,
)
from audits.services.responding import ResponseDraft, give_response
from audits.services.tallies import rebuild
from cases.models import Case
from core.history.models import Event
from core.notifications.models import Notice
from core.workflow import IllegalMove
from core.working_days import LONDON
from tests.audits.pages import browser, text_of, url
from tests.factories.accounts import person_as
from tests.factories.audits import graded_audit
from tests.factories.cases import held_by

TEXT = "The visits of May are recorded under the sibling's number, and were all made."
REASON = "The record of the sibling shows the visits; the plan stayed thin all the same."


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The present moment, which a test moves: Monday 22 March 2027."""
    now = [datetime(2027, 3, 22, 10, tzinfo=LONDON)]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    yield now


def issued(case: Case, grade: str = Grade.REQUIRES_IMPROVEMENT) -> Audit:
    audit = graded_audit(grade, case=case, status=AuditStatus.SETTLED)
    for row in audit.sections.all():
        row.grade = row.settled_grade = grade
        row.state = "complete"
        row.save()
    rebuild()
    issue_feedback(audit=audit, by=SYSTEM)
    return Audit.objects.get(pk=audit.pk)


def clock(audit: Audit, kind: str) -> Clock:
    return audit.clocks.exclude(state=ClockState.STOPPED).get(kind=kind)


def decide(audit: Audit, by: User, grade: str) -> Dispute:
    dispute = audit.disputes.under_way().get()
    given = assign_dispute(dispute=dispute, moderator=by, by=by)
    sections = {row.pk: (grade, REASON) for row in audit.sections.all() if row.settled_grade != grade}
    return decide_dispute(
        dispute=given, by=by, grade=grade, reason=REASON, section_grades=sections, version=given.version
    )


@pytest.mark.parametrize("who", ["practitioner", "team_manager"])
def test_practitioner_and_team_manager_challenge(
    who: str, case: Case, qa_lead: User, moderator: User, request: pytest.FixtureRequest
) -> None:
    audit, person = issued(case), request.getfixturevalue(who)
    challenge = challenge_feedback(audit=audit, by=person, about="grade", text=TEXT)
    assert audit.disputes.get().origin_id == challenge.pk
    told = set(Notice.objects.exclude(kind__startswith="feedback").values_list("person", "kind"))
    assert {(qa_lead.pk, "challenge_opened"), (moderator.pk, "dispute_opened")} <= told
    page = text_of(browser(person).get(url("detail", audit)))
    assert "This feedback is being challenged" in page and TEXT.split(",")[0][:20] in page


@pytest.mark.parametrize("who", ["service_lead", "head_of_service", "auditor", "qa_lead", "moderator", "read_only"])
def test_nobody_else_challenges(who: str, case: Case, request: pytest.FixtureRequest) -> None:
    audit, person = issued(case), request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        challenge_feedback(audit=audit, by=person, about="grade", text=TEXT)
    data = {"about": "grade", "text": TEXT}
    assert browser(person).post(url("challenge", audit), data).status_code in (403, 404)
    assert not Challenge.objects.exists()


def test_it_says_what_and_at_some_length(case: Case, practitioner: User) -> None:
    audit = issued(case)
    with pytest.raises(ValidationError) as refused:
        challenge_feedback(audit=audit, by=practitioner, about="", text="Too short")
    assert set(refused.value.message_dict) == {"about", "text"}
    assert clock(audit, ClockKind.RESPONSE).state == ClockState.RUNNING


def test_one_at_a_time(case: Case, practitioner: User, team_manager: User) -> None:
    audit = issued(case)
    challenge_feedback(audit=audit, by=practitioner, about="facts", text=TEXT)
    with pytest.raises(IllegalMove):
        challenge_feedback(audit=audit, by=team_manager, about="grade", text=TEXT)
    assert Challenge.objects.count() == 1


def test_after_five_working_days_the_time_is_over(calendar: list[datetime], case: Case, practitioner: User) -> None:
    audit = issued(case)
    calendar[0] = datetime(2027, 4, 1, 0, 1, tzinfo=LONDON)  # Easter lies between: the fifth is Wednesday the 31st
    with pytest.raises(IllegalMove, match="time to challenge"):
        challenge_feedback(audit=audit, by=practitioner, about="facts", text=TEXT)
    calendar[0] = datetime(2027, 3, 31, 23, 59, tzinfo=LONDON)
    challenge_feedback(audit=audit, by=practitioner, about="facts", text=TEXT)


def test_the_grades_clock_stands_still_and_safetys_never(
    calendar: list[datetime], case: Case, practitioner: User, directorate: OrgUnit
) -> None:
    audit = issued(case, Grade.INADEQUATE)
    due = clock(audit, ClockKind.RESPONSE).due_on
    challenge_feedback(audit=audit, by=practitioner, about="facts", text=TEXT)
    assert clock(audit, ClockKind.RESPONSE).state == ClockState.PAUSED
    assert clock(audit, ClockKind.SAFETY).state == ClockState.RUNNING
    assert Event.objects.filter(verb="pause", content__why="A challenge is open.").count() == 1
    calendar[0] += timedelta(days=3)  # Thursday: three working days gone
    second = person_as(Role.MODERATOR, directorate)
    decide(audit, second, Grade.INADEQUATE)
    after = clock(audit, ClockKind.RESPONSE)
    assert (after.state, due.isoformat(), after.due_on.isoformat()) == (
        ClockState.RUNNING, "2027-03-31", "2027-04-05",
    )  # fmt: skip
    assert after.first_due_on == due
    assert clock(audit, ClockKind.SAFETY).due_on.isoformat() == "2027-03-24"
    assert Notice.objects.get(kind="challenge_decided").person == practitioner
    audit.refresh_from_db()
    assert (audit.status, audit.grade, audit.feedbacks.count()) == (AuditStatus.FEEDBACK_ISSUED, Grade.INADEQUATE, 1)


def test_my_work_says_that_the_response_waits_for_the_challenge(
    calendar: list[datetime], case: Case, practitioner: User, team_manager: User
) -> None:
    audit = issued(case)
    assert "in 10 working days" in text_of(browser(team_manager).get("/"))
    challenge_feedback(audit=audit, by=practitioner, about="facts", text=TEXT)
    assert "Paused while a challenge is open" in text_of(browser(team_manager).get("/"))


def test_another_grade_is_issued_anew_and_starts_the_grades_clock_afresh(
    calendar: list[datetime], case: Case, practitioner: User, team_manager: User, directorate: OrgUnit
) -> None:
    audit = issued(case, Grade.REQUIRES_IMPROVEMENT)
    challenge_feedback(audit=audit, by=practitioner, about="grade", text=TEXT)
    window = clock(audit, ClockKind.CHALLENGE).due_on
    calendar[0] += timedelta(days=2)
    decide(audit, person_as(Role.MODERATOR, directorate), Grade.GOOD)
    audit.refresh_from_db()
    assert (audit.status, audit.grade, audit.counted_grade) == (AuditStatus.FEEDBACK_ISSUED, Grade.GOOD, Grade.GOOD)
    assert [(each.number, each.grade) for each in audit.feedbacks.all()] == [(1, "requires_improvement"), (2, "good")]
    fresh = clock(audit, ClockKind.RESPONSE)
    assert (fresh.days, fresh.started_on.isoformat()) == (15, "2027-03-24")
    assert clock(audit, ClockKind.CHALLENGE).due_on == window, "it does not begin anew"
    told = Notice.objects.filter(kind="feedback_issued_again").values_list("person", flat=True)
    assert set(told) == {practitioner.pk, team_manager.pk}
    assert GradeTally.objects.for_services().get(cut="total", count=1).grade == Grade.GOOD
    assert rebuild() == 0
    assert "issued again" in text_of(browser(practitioner).get(url("detail", audit)))


def test_an_audit_that_was_answered_stays_answered(
    case: Case, practitioner: User, team_manager: User, directorate: OrgUnit
) -> None:
    audit = issued(case, Grade.REQUIRES_IMPROVEMENT)
    answers = {each.pk: Answered(View.AGREE, "Done") for each in audit.findings.all()}
    give_response(audit=audit, by=team_manager, draft=ResponseDraft("We saw it too.", answers), version=0)
    challenge_feedback(audit=audit, by=practitioner, about="grade", text=TEXT)
    decide(audit, person_as(Role.MODERATOR, directorate), Grade.GOOD)
    audit.refresh_from_db()
    assert audit.status == AuditStatus.RESPONDED
    assert clock(audit, ClockKind.RESPONSE).state == ClockState.MET


# Reflection, need-to-know


@pytest.fixture
def reflected(case: Case, practitioner: User) -> Audit:
    audit = issued(case)
    save_reflection(audit=audit, by=practitioner, text="I was new and alone with it.", version=0)
    return audit


def readers(audit: Audit, *people: User) -> list[bool]:
    return [Reflection.objects.visible_to(User.objects.get(pk=each.pk)).filter(audit=audit).exists() for each in people]


def test_a_reflection_is_the_writers_their_managers_and_the_qa_units_until_it_is_shared(
    reflected: Audit, practitioner: User, team_manager: User, qa_lead: User, service_lead: User,
    head_of_service: User, auditor: User,
) -> None:  # fmt: skip
    Audit.objects.filter(pk=reflected.pk).update(auditor=auditor)
    near, far = (practitioner, team_manager, qa_lead), (service_lead, head_of_service, auditor)
    assert readers(reflected, *near) == [True] * 3
    assert readers(reflected, *far) == [False] * 3
    assert "alone with it" not in text_of(browser(service_lead).get(url("detail", reflected)))
    share_reflection(audit=reflected, by=practitioner)
    assert readers(reflected, *near, *far) == [True] * 6
    assert "alone with it" in text_of(browser(service_lead).get(url("detail", reflected)))


def test_whoever_takes_the_case_over_reads_the_feedback_and_never_the_reflection(
    reflected: Audit, case: Case, practitioner: User, team: OrgUnit
) -> None:
    share_reflection(audit=reflected, by=practitioner)
    case.holdings.update(held_to=timezone.localdate())
    successor = person_as(Role.PRACTITIONER, team, name="Sam Example-Successor")
    held_by(case, successor)
    page = browser(successor).get(url("detail", reflected))
    assert page.status_code == 200
    assert "alone with it" not in text_of(page)
    assert readers(reflected, successor) == [False]


def test_a_reflection_is_written_up_to_closing_and_by_the_practitioner_alone(
    reflected: Audit, practitioner: User, team_manager: User
) -> None:
    with pytest.raises(NotAllowed):
        save_reflection(audit=reflected, by=team_manager, text="Mine", version=0)
    Audit.objects.filter(pk=reflected.pk).update(status=AuditStatus.CLOSED)
    with pytest.raises(IllegalMove):
        save_reflection(audit=reflected, by=practitioner, text="Later", version=2)
    assert Reflection.objects.get().text == "I was new and alone with it."


def test_two_windows_lose_nothing(reflected: Audit, practitioner: User) -> None:
    answer = browser(practitioner).post(url("reflection", reflected), {"version": 0, "text": "From the other window"})
    assert answer.status_code == 409
    assert "From the other window" in text_of(answer) and "alone with it" in text_of(answer)


# Meeting, thanks, consent


def test_the_meeting_is_recorded_once_it_was_held(case: Case, team_manager: User) -> None:
    audit = issued(case)
    with pytest.raises(ValidationError) as refused:
        record_meeting(audit=audit, by=team_manager, held_on=timezone.localdate() + timedelta(days=1), attended=" ")
    assert set(refused.value.message_dict) == {"held_on", "attended"}
    record_meeting(audit=audit, by=team_manager, held_on=timezone.localdate(), attended="Worker and manager")
    assert clock(audit, ClockKind.MEETING).state == ClockState.MET


def test_thanks_reach_the_practitioner_and_the_manager(
    case: Case, qa_lead: User, practitioner: User, team_manager: User
) -> None:
    audit = issued(case, Grade.GOOD)
    say_thanks(audit=audit, by=qa_lead, text="The child's own words lead the plan. Thank you.")
    told = set(Notice.objects.filter(kind="thank_you").values_list("person", flat=True))
    assert told == {practitioner.pk, team_manager.pk}
    assert "own words lead the plan" in text_of(browser(practitioner).get(url("detail", audit)))
    with pytest.raises(NotAllowed):
        say_thanks(audit=audit, by=practitioner, text="Thanks to myself.")
    with pytest.raises(IllegalMove):
        say_thanks(audit=issued(case, Grade.INADEQUATE), by=qa_lead, text="Thanks for nothing at all.")


def test_work_is_an_example_only_where_the_practitioner_agrees(
    case: Case, qa_lead: User, practitioner: User, team_manager: User
) -> None:
    audit = issued(case, Grade.OUTSTANDING)
    with pytest.raises(IllegalMove):
        answer_consent(audit=audit, by=practitioner, agrees=True)
    assert ask_consent(audit=audit, by=qa_lead) == 1
    assert ask_consent(audit=audit, by=qa_lead) == 0
    assert not has_consent(audit=audit)
    with pytest.raises(NotAllowed):
        answer_consent(audit=audit, by=team_manager, agrees=True)
    answer_consent(audit=audit, by=practitioner, agrees=True)
    assert has_consent(audit=audit)
    browser(practitioner).post(url("consent", audit), {"agrees": "no"})
    assert not has_consent(audit=audit)
