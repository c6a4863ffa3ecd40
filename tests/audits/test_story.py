"""The page of an audit tells a newcomer what happened and what happens next: who, and by when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from accounts.access import SYSTEM
from accounts.models import User
from audits.choices import AuditPurpose, AuditStatus, DisputeStatus, Grade, ModerationOutcome, ModerationStatus
from audits.models import Audit, Dispute, Moderation
from audits.selectors import loop, pages
from audits.services.alerts import raise_alert
from audits.services.answering import dispute_grade
from audits.services.feedback import issue_feedback
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.responding import ResponseDraft, countersign_response, give_response, give_safety_statement
from cases.models import Case
from tests.audits.drafts import REASON, submitted
from tests.audits.pages import browser, text_of, url
from tests.factories.audits import AuditFactory, graded_audit

TODAY = timezone.localdate()


def next_of(audit: Audit) -> tuple[str, str, object]:
    found = pages.with_story(Audit.objects.filter(pk=audit.pk)).get()
    step = loop.step_before_feedback(found, TODAY, issued_on=TODAY)
    return (step.what, step.who, step.by) if step else ("", "", None)


@pytest.mark.parametrize(
    ("status", "what"),
    [
        (AuditStatus.PLANNED, "Give it to an auditor"), (AuditStatus.ALLOCATED, "Start the audit and submit it"),
        (AuditStatus.IN_PROGRESS, "Finish the audit and submit it"), (AuditStatus.SETTLED, "Issue the feedback"),
        (AuditStatus.VOID, ""),
    ],
)  # fmt: skip
def test_before_moderation_and_after_it(status: str, what: str, auditor: User) -> None:
    planned = status == AuditStatus.PLANNED
    audit = AuditFactory(status=status, auditor=None if planned else auditor, due_on=TODAY + timedelta(days=3))
    found, who, by = next_of(audit)
    assert found == what
    if status in (AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS):
        assert (who, by) == (auditor.name, audit.due_on)
    if status == AuditStatus.SETTLED:
        Audit.objects.update(purpose=AuditPurpose.CALIBRATION)
        assert next_of(audit) == ("", "", None), "a calibration has no feedback"


def test_each_state_of_a_moderation_names_who_and_until_when(
    case: Case, qa_lead: User, auditor: User, moderator: User
) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.OUTSTANDING)
    held = audit.moderations.get()
    assert next_of(audit) == ("Read the submission and decide about the grade", "A moderator", held.due_on)
    held = open_moderation(moderation=held, by=moderator)
    assert next_of(audit) == ("Decide about the grade", moderator.name, held.due_on)
    for status, what, who in (
        (ModerationStatus.RETURNED, "Answer the moderator’s questions", auditor.name),
        (ModerationStatus.WITH_QA_LEAD, "Decide what becomes of", "A QA lead"),
        (ModerationStatus.AWAITING_CONFIRMATION, "Confirm the inadequate grade", "A head of service"),
    ):
        Moderation.objects.update(status=status)
        found = next_of(audit)
        assert found[0].startswith(what)
        assert found[1].startswith(who)
    Moderation.objects.update(status=ModerationStatus.OPENED)
    held = decide_moderation(
        moderation=Moderation.objects.get(), by=moderator, outcome=ModerationOutcome.CHANGED, grade=Grade.GOOD,
        reason=REASON, version=held.version,
    )  # fmt: skip
    assert next_of(audit)[1:] == (auditor.name, held.answer_by)
    dispute = dispute_grade(moderation=held, by=auditor, why=REASON, version=held.version)
    assert next_of(audit) == ("Decide the dispute", "A moderator not involved before", dispute.due_on)
    Dispute.objects.update(status=DisputeStatus.WITH_SECOND_MODERATOR, second_moderator=qa_lead)
    assert next_of(audit)[1] == qa_lead.name
    Dispute.objects.update(status=DisputeStatus.WITH_PANEL)
    assert next_of(audit)[1:] == ("The panel, at its next meeting", None)


def test_the_story_tells_who_does_what_until_when(case: Case, qa_lead: User, auditor: User, moderator: User) -> None:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.OUTSTANDING)
    held = open_moderation(moderation=audit.moderations.get(), by=moderator)
    held = decide_moderation(
        moderation=held, by=moderator, outcome=ModerationOutcome.CHANGED, grade=Grade.GOOD, reason=REASON,
        version=held.version,
    )  # fmt: skip
    dispute_grade(moderation=held, by=auditor, why="The reviews show it.", version=held.version)
    story = dict(audit.transitions.values_list("event", "why"))

    def day(on: object) -> str:
        return date_format(on, "j F Y")

    assert story["submit"] == f"A moderator reads it by {day(audit.moderations.get().due_on)}"
    until = f"{auditor.name} accepts or disputes it by {day(held.answer_by)}; silence counts as acceptance"
    assert story["change"] == f"{until}\n{REASON}"
    assert story["dispute"] == "The reviews show it."
    assert story["raise"] == f"A second moderator decides by {day(Dispute.objects.get().due_on)}", "the reason once"
    page = text_of(browser(auditor).get(url("detail", audit)))
    assert "A moderator not involved before" in page
    assert 'href="#story"' in page


def test_what_was_said_beside_the_moves_stands_in_its_place(
    case: Case, qa_lead: User, auditor: User, team_manager: User, service_lead: User
) -> None:
    audit = graded_audit(Grade.INADEQUATE, case=case, status=AuditStatus.SETTLED, auditor=auditor)
    issue_feedback(audit=audit, by=SYSTEM)
    give_safety_statement(audit=audit, by=team_manager, text="The child was seen alone today and is safe.")
    response = give_response(
        audit=audit, by=team_manager, draft=ResponseDraft("A date stands beside each step of the plan."), version=2
    )
    countersign_response(audit=audit, by=service_lead, version=response.version)
    raise_alert(audit=Audit.objects.get(pk=audit.pk), by=auditor, what="Not seen", where="Note", since="May")
    told = [(entry.title, entry.by) for entry in browser(qa_lead).get(url("detail", audit)).context["timeline"]]
    assert told == [
        ("Raised a safeguarding alert", auditor.name),
        ("Responded", service_lead.name),
        ("Gave the response, to be countersigned", team_manager.name),
        ("Said that the child is safe now", team_manager.name),
        ("Issued the feedback", "the system"),
    ]
    texts = [entry.text for entry in browser(qa_lead).get(url("detail", audit)).context["timeline"]]
    assert texts[1] == f"Countersigned the response of {team_manager.name}"
    assert texts[-1].startswith("The statement on the child’s safety is due by ")
    assert "The response is due by" in texts[-1]
