"""The manager's response: the child's safety first, each point answered, countersigned where inadequate, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import User
from actions.choices import ActionStatus, Origin
from actions.services.changing import reopen_action
from actions.services.doing import claim_done
from actions.services.verifying import verify_action
from audits.choices import AuditStatus, ClockKind, ClockState, FindingKind, Grade, ResponseStatus, View
from audits.models import Audit, Clock, Finding, Response
from audits.rules.responding import Answered
from audits.services.closing import close_all_done, close_audits_of, hold_open, release_hold, reopen_audit, what_waits
from audits.services.feedback import issue_feedback
from audits.services.moves import StaleVersion
from audits.services.responding import (
    ResponseDraft,
    countersign_response,
    give_response,
    give_safety_statement,
    save_response,
    send_response_back,
)
from audits.services.tallies import rebuild
from cases.models import Case
from core.notifications.models import Notice
from core.workflow import IllegalMove
from tests.audits.pages import browser, text_of, url
from tests.factories.accounts import person_as
from tests.factories.actions import ActionFactory
from tests.factories.audits import graded_audit

SAFE = "Seen alone today by the duty worker; the safety plan is in place."
WHY = "Point 1 says nothing of who does it."


def issued(case: Case, grade: str) -> Audit:
    """An audit of the case with two points to develop, its feedback issued."""
    audit = graded_audit(grade, case=case, status=AuditStatus.SETTLED)
    for position, row in enumerate(audit.sections.all()):
        Finding.objects.create(
            audit=audit, audit_section=row, kind=FindingKind.DEVELOPMENT, text=f"Point {position}", position=position
        )
    rebuild()
    issue_feedback(audit=audit, by=SYSTEM)
    return Audit.objects.get(pk=audit.pk)


def whole(audit: Audit, view: str = View.AGREE, text: str = "The plan is written anew by Friday.") -> ResponseDraft:
    """An answer to every point."""
    return ResponseDraft("We talked about it.", {each.pk: Answered(view, text) for each in audit.findings.all()})


@pytest.fixture
def inadequate(case: Case) -> Audit:
    return issued(case, Grade.INADEQUATE)


@pytest.fixture
def improving(case: Case) -> Audit:
    return issued(case, Grade.REQUIRES_IMPROVEMENT)


def now(audit: Audit) -> str:
    return Audit.objects.get(pk=audit.pk).status


def give(audit: Audit, by: User, **more: Any) -> Response:
    found = Response.objects.filter(audit=audit).first()
    return give_response(audit=audit, by=by, draft=whole(audit, **more), version=found.version if found else 0)


def test_a_response_answers_the_audit_and_meets_its_clock(improving: Audit, team_manager: User) -> None:
    response = give(improving, team_manager)
    assert (now(improving), response.status) == (AuditStatus.RESPONDED, ResponseStatus.GIVEN)
    assert improving.clocks.get(kind=ClockKind.RESPONSE).state == ClockState.MET
    assert response.points.count() == 2
    assert rebuild() == 0


def test_every_point_has_to_be_answered(improving: Audit, team_manager: User) -> None:
    one, two = improving.findings.all()
    draft = ResponseDraft("", {one.pk: Answered(View.DISAGREE, "")})
    with pytest.raises(ValidationError) as refused:
        give_response(audit=improving, by=team_manager, draft=draft, version=0)
    assert refused.value.message_dict == {
        f"text-{one.pk}": ["Say why you disagree"],
        f"view-{two.pk}": ["Say whether you agree, partly agree or disagree with this point"],
    }
    assert now(improving) == AuditStatus.FEEDBACK_ISSUED


def test_a_good_audit_is_acknowledged_with_nothing_said(case: Case, team_manager: User) -> None:
    audit = issued(case, Grade.GOOD)
    give_response(audit=audit, by=team_manager, draft=ResponseDraft(), version=0)
    assert now(audit) == AuditStatus.RESPONDED


def test_safety_comes_first_and_the_service_lead_countersigns(
    inadequate: Audit, team_manager: User, service_lead: User
) -> None:
    with pytest.raises(ValidationError, match="safety first"):
        give(inadequate, team_manager)
    with pytest.raises(ValidationError, match="at least 20 characters"):
        give_safety_statement(audit=inadequate, by=team_manager, text="All well")
    give_safety_statement(audit=inadequate, by=team_manager, text=SAFE)
    assert inadequate.clocks.get(kind=ClockKind.SAFETY).state == ClockState.MET
    with pytest.raises(IllegalMove, match="already"):
        give_safety_statement(audit=inadequate, by=team_manager, text=SAFE)
    response = give(inadequate, team_manager)
    assert (now(inadequate), response.status) == (AuditStatus.FEEDBACK_ISSUED, ResponseStatus.COUNTERSIGN)
    assert inadequate.clocks.get(kind=ClockKind.RESPONSE).state == ClockState.RUNNING
    assert list(Notice.objects.filter(kind="response_to_countersign").values_list("person", flat=True)) == [
        service_lead.pk
    ]
    done = countersign_response(audit=inadequate, by=service_lead, version=response.version)
    assert (now(inadequate), done.countersigned_by) == (AuditStatus.RESPONDED, service_lead)
    assert inadequate.clocks.get(kind=ClockKind.RESPONSE).state == ClockState.MET


def test_safety_is_asked_only_where_practice_is_or_was_inadequate(
    improving: Audit, inadequate: Audit, team_manager: User
) -> None:
    client = browser(team_manager)
    assert client.get(url("safety", improving)).status_code == 409
    late = client.post(url("safety", improving), {"safety": SAFE})
    assert late.status_code == 409 and SAFE in text_of(late)
    Audit.objects.filter(pk=inadequate.pk).update(counted_grade=Grade.REQUIRES_IMPROVEMENT)  # a challenge upheld
    assert "Say that the child is safe now" in text_of(client.get(url("detail", inadequate)))
    assert client.post(url("safety", inadequate), {"safety": SAFE}).status_code == 302


def test_nobody_countersigns_their_own_response(inadequate: Audit, service_lead: User, head_of_service: User) -> None:
    give_safety_statement(audit=inadequate, by=service_lead, text=SAFE)
    response = give(inadequate, service_lead)
    with pytest.raises(NotAllowed, match="other than"):
        countersign_response(audit=inadequate, by=service_lead, version=response.version)
    assert now(inadequate) == AuditStatus.FEEDBACK_ISSUED
    countersign_response(audit=inadequate, by=head_of_service, version=response.version)
    assert now(inadequate) == AuditStatus.RESPONDED


def test_a_response_that_is_sent_back_is_a_draft_again(
    inadequate: Audit, team_manager: User, service_lead: User
) -> None:
    give_safety_statement(audit=inadequate, by=team_manager, text=SAFE)
    response = give(inadequate, team_manager)
    with pytest.raises(ValidationError):
        send_response_back(audit=inadequate, by=service_lead, why=" ", version=response.version)
    back = send_response_back(audit=inadequate, by=service_lead, why=WHY, version=response.version)
    assert (back.status, back.returned_why, back.points.count()) == (ResponseStatus.DRAFT, WHY, 2)
    assert Notice.objects.get(kind="response_sent_back").person == team_manager
    assert WHY in text_of(browser(team_manager).get(url("respond", inadequate)))
    assert give(inadequate, team_manager).status == ResponseStatus.COUNTERSIGN


@pytest.mark.parametrize("who", ["practitioner", "auditor", "moderator", "qa_lead", "qa_admin", "read_only"])
def test_nobody_outside_the_line_responds(who: str, improving: Audit, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(who)
    for act in (give_response, save_response):
        with pytest.raises(NotAllowed):
            act(audit=improving, by=person, draft=whole(improving), version=0)
    assert browser(person).post(url("respond", improving), {"version": 0}).status_code in (403, 404)
    assert not Response.objects.filter(audit=improving).exists()
    assert now(improving) == AuditStatus.FEEDBACK_ISSUED


def test_a_team_manager_does_not_countersign(inadequate: Audit, team_manager: User, service_lead: User) -> None:
    give_safety_statement(audit=inadequate, by=service_lead, text=SAFE)
    response = give(inadequate, service_lead)
    with pytest.raises(NotAllowed, match="service lead"):
        countersign_response(audit=inadequate, by=team_manager, version=response.version)
    assert now(inadequate) == AuditStatus.FEEDBACK_ISSUED


def test_the_second_of_two_writers_sees_both_texts(improving: Audit, team_manager: User, service_lead: User) -> None:
    save_response(audit=improving, by=team_manager, draft=whole(improving, text="By the first"), version=0)
    with pytest.raises(StaleVersion) as stale:
        save_response(audit=improving, by=service_lead, draft=whole(improving, text="By the second"), version=0)
    assert {answer.text for answer in stale.value.theirs.answers.values()} == {"By the first"}
    finding = improving.findings.first()
    data = {"version": 0, f"text-{finding.pk}": "Mine, typed for long", "then": "stay"}
    answer = browser(service_lead).post(url("respond", improving), data)
    assert answer.status_code == 409
    assert "Mine, typed for long" in text_of(answer) and "By the first" in text_of(answer)


@pytest.mark.parametrize("grade", ["improving", "inadequate"])
def test_what_was_typed_in_a_window_that_came_too_late_stays_on_the_page(
    grade: str, team_manager: User, request: pytest.FixtureRequest
) -> None:
    audit, client = request.getfixturevalue(grade), browser(team_manager)
    if grade == "inadequate":
        give_safety_statement(audit=audit, by=team_manager, text=SAFE)
    data = {"version": client.get(url("respond", audit)).context["form"]["version"].value(), "then": "give"}
    for finding in audit.findings.all():
        data |= {f"view-{finding.pk}": "agree", f"text-{finding.pk}": "Done by Friday."}
    assert client.post(url("respond", audit), data).status_code == 302
    assert client.post(url("respond", audit), data).status_code == 302  # a double click
    late = client.post(url("respond", audit), data | {f"text-{finding.pk}": "From an older window."})
    assert late.status_code == 409
    page = text_of(late)
    assert "Point 2: text" in page and "From an older window." in page
    assert set(Response.objects.get(audit=audit).points.values_list("text", flat=True)) == {"Done by Friday."}


def test_a_draft_is_kept_while_it_is_written(improving: Audit, team_manager: User, practitioner: User) -> None:
    client, finding = browser(team_manager), improving.findings.first()
    data = {"version": 0, f"view-{finding.pk}": "partly", f"text-{finding.pk}": "Half a sent"}
    reply = client.post(url("respond_autosave", improving), data).json()
    assert client.post(url("respond_autosave", improving), data).status_code == 409
    data |= {"version": reply["version"], f"text-{finding.pk}": "Half a sentence"}
    assert client.post(url("respond_autosave", improving), data).status_code == 200
    assert "Half a sentence" in text_of(client.get(url("respond", improving)))
    assert "Half a sentence" not in text_of(browser(practitioner).get(url("detail", improving)))


def test_the_practitioner_reads_the_response_once_it_is_given(
    improving: Audit, team_manager: User, practitioner: User
) -> None:
    give(improving, team_manager)
    assert "The plan is written anew by Friday." in text_of(browser(practitioner).get(url("detail", improving)))


# Closing


def run_out(audit: Audit) -> None:
    """The time to challenge is over."""
    Clock.objects.filter(audit=audit, kind=ClockKind.CHALLENGE).update(due_on=timezone.localdate() - timedelta(days=1))


def test_an_audit_closes_when_its_last_action_is_verified(
    improving: Audit, case: Case, team_manager: User, practitioner: User
) -> None:
    action = ActionFactory(case=case, owner=practitioner, origin=Origin.RESPONSE, origin_reference=improving.reference)
    give(improving, team_manager)
    assert what_waits(audit=Audit.objects.get(pk=improving.pk)) == (
        "the end of the time to challenge", "1 action to be verified",
    )  # fmt: skip
    run_out(improving)
    assert close_all_done() == 0
    action.status, action.closed_at, action.closed_by = ActionStatus.VERIFIED, timezone.now(), team_manager
    action.save()
    assert close_audits_of(origin=Origin.RESPONSE, origin_reference=improving.reference) == 1
    assert close_audits_of(origin=Origin.RESPONSE, origin_reference=improving.reference) == 0
    assert now(improving) == AuditStatus.CLOSED
    assert rebuild() == 0


def test_the_end_of_the_time_to_challenge_closes_an_audit_without_actions(improving: Audit, team_manager: User) -> None:
    give(improving, team_manager)
    assert close_all_done() == 0
    run_out(improving)
    assert close_all_done() == 1
    assert now(improving) == AuditStatus.CLOSED


def test_the_qa_lead_holds_it_open_and_lets_it_close(improving: Audit, team_manager: User, qa_lead: User) -> None:
    hold_open(audit=improving, by=qa_lead, why="The court case runs until May.")
    give(improving, team_manager)
    run_out(improving)
    assert close_all_done() == 0
    assert "holds this audit open" in text_of(browser(qa_lead).get(url("detail", improving)))
    release_hold(audit=improving, by=qa_lead)
    assert now(improving) == AuditStatus.CLOSED


def test_the_qa_lead_reopens_it_with_a_reason(improving: Audit, team_manager: User, qa_lead: User) -> None:
    give(improving, team_manager)
    run_out(improving)
    close_all_done()
    audit = Audit.objects.get(pk=improving.pk)
    with pytest.raises(ValidationError):
        reopen_audit(audit=audit, by=qa_lead, why=" ", version=audit.version)
    with pytest.raises(NotAllowed):
        reopen_audit(audit=audit, by=team_manager, why=WHY, version=audit.version)
    reopen_audit(audit=audit, by=qa_lead, why=WHY, version=audit.version)
    assert now(audit) == AuditStatus.RESPONDED
    assert close_all_done() == 0, "it is held open until the QA lead lets it close"
    assert audit.transitions.last().why == WHY
    assert rebuild() == 0


def test_a_reopened_action_opens_its_closed_audit_again_and_both_close_anew(
    improving: Audit, team_manager: User, practitioner: User, qa_lead: User, qa_admin: User
) -> None:
    made = ActionFactory(
        owner=practitioner, case=improving.case, origin=Origin.RESPONSE, origin_reference=improving.reference
    )
    give(improving, team_manager)
    run_out(improving)
    verify_action(action=claim_done(action=made, by=practitioner, text="Done"), by=team_manager)
    close_all_done()
    assert now(improving) == AuditStatus.CLOSED
    refused = browser(qa_lead).get(reverse("audits:act_on_audit", args=[improving.pk]))
    assert (refused.status_code, "Ask the QA lead to reopen it" in text_of(refused)) == (403, True)

    with pytest.raises(NotAllowed, match="Ask the QA lead"):
        reopen_action(action=made, by=qa_admin, why=WHY)
    made.refresh_from_db()
    assert (made.status, now(improving)) == (ActionStatus.VERIFIED, AuditStatus.CLOSED), "a refusal changes neither"

    reopen_action(action=made, by=qa_lead, why=f" {WHY} ")
    made.refresh_from_db()
    assert (made.status, now(improving)) == (ActionStatus.IN_PROGRESS, AuditStatus.RESPONDED)
    assert [row.why for row in (made.moves.last(), improving.transitions.last())] == [WHY, WHY]
    assert close_all_done() == 0, "it waits for its action"
    verify_action(action=claim_done(action=made, by=practitioner, text="Done again"), by=team_manager)
    assert close_all_done() == 1
    assert rebuild() == 0


def test_another_services_lead_neither_sees_nor_answers(improving: Audit, other_service: Any) -> None:
    stranger = person_as(Role.SERVICE_LEAD, other_service)
    assert browser(stranger).get(url("respond", improving)).status_code == 404
    with pytest.raises(NotAllowed):
        give_response(audit=improving, by=stranger, draft=whole(improving), version=0)
