"""Returned with questions: the auditor writes again, the moderator sees what changed, a third time is the QA lead's."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.access import NotAllowed
from accounts.models import User
from audits.choices import AuditStatus, Grade, ModerationOutcome, ModerationStatus, SelectionReason
from audits.models import Audit, GradeTally, Moderation
from audits.services.drafting import OverallDraft, save_overall, save_section
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.returning import Question, hand_on, return_audit, send_back
from audits.services.submitting import NotReady, recall_audit, submit_audit
from audits.services.tallies import rebuild
from cases.models import Case
from core.notifications.models import Notice
from core.workflow import IllegalMove
from tests.audits.drafts import REASON, section, section_draft, submitted

ASKED = "Which visit shows that the child was seen alone?"


@pytest.fixture
def opened(case: Case, qa_lead: User, auditor: User, moderator: User) -> Moderation:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.OUTSTANDING)
    return open_moderation(moderation=audit.moderations.get(), by=moderator)


def returned(moderation: Moderation, by: User) -> Moderation:
    now = Moderation.objects.select_related("audit").get(pk=moderation.pk)
    row = section(now.audit, "voice")
    questions = [Question(ASKED, row.pk), Question("What weighed most?")]
    return return_audit(moderation=now, by=by, questions=questions, version=now.version)


def submit(moderation: Moderation, by: User) -> Moderation:
    audit = Audit.objects.get(pk=moderation.audit_id)
    submit_audit(audit=audit, by=by, version=audit.version)
    return Moderation.objects.select_related("audit").get(pk=moderation.pk)


def test_the_auditor_writes_again_and_the_moderator_sees_each_change(
    opened: Moderation, moderator: User, auditor: User
) -> None:
    back = returned(opened, moderator)
    assert (back.status, back.returns) == (ModerationStatus.RETURNED, 1)
    assert Notice.objects.filter(person=auditor, kind="audit_returned").count() == 1
    audit = Audit.objects.get(pk=back.audit_id)
    assert audit.status == AuditStatus.SUBMITTED
    row = section(audit, "voice")
    save_section(
        audit_section=row, draft=section_draft(Grade.REQUIRES_IMPROVEMENT, reason="The visit of 4 May was not alone."),
        by=auditor, version=row.version,
    )  # fmt: skip
    assert rebuild() == 0  # what is provisional moves with the text
    draft = OverallDraft(grade=Grade.INADEQUATE, rationale="Taken together, this is what the record shows.")
    save_overall(audit=audit, draft=draft, by=auditor, version=audit.version)
    audit.refresh_from_db()
    assert (audit.grade, audit.auditor_grade) == (Grade.OUTSTANDING, Grade.INADEQUATE)
    again = submit(opened, auditor)
    assert (again.status, again.moderator, again.grade_before) == (ModerationStatus.OPENED, moderator, Grade.INADEQUATE)
    assert {SelectionReason.OUTSTANDING, SelectionReason.INADEQUATE} <= set(again.reasons)
    changes = {(each["section"], each["field"]): (each["old"], each["new"]) for each in again.returned.get().changes}
    assert changes == {
        ("Child's voice", "Grade"): ("Good", "Requires improvement"),
        ("Child's voice", "Reason for the grade"): (REASON, "The visit of 4 May was not alone."),
        ("The case as a whole", "Overall grade"): ("Outstanding", "Inadequate"),
    }
    assert GradeTally.objects.for_services().get(cut="total", count=1).grade == Grade.INADEQUATE
    assert rebuild() == 0
    assert submit(opened, auditor).version == again.version  # sent twice, submitted once


def test_a_return_needs_a_question_about_this_audit(opened: Moderation, moderator: User, case: Case) -> None:
    for questions in ([], [Question("   ")], [Question(ASKED, case.pk)]):
        with pytest.raises(ValidationError):
            return_audit(moderation=opened, by=moderator, questions=questions, version=opened.version)
    opened.refresh_from_db()
    assert (opened.status, opened.returned.count()) == (ModerationStatus.OPENED, 0)


def test_while_it_is_returned_it_is_neither_decided_nor_recalled(
    opened: Moderation, moderator: User, auditor: User
) -> None:
    back = returned(opened, moderator)
    with pytest.raises(IllegalMove):
        decide_moderation(moderation=back, by=moderator, outcome=ModerationOutcome.AGREED, version=back.version)
    audit = Audit.objects.get(pk=back.audit_id)
    with pytest.raises(IllegalMove):
        recall_audit(audit=audit, by=auditor, why="I would rather start again.", version=audit.version)


def test_what_is_incomplete_is_not_submitted_again(opened: Moderation, moderator: User, auditor: User) -> None:
    back = returned(opened, moderator)
    row = section(back.audit, "voice")
    save_section(audit_section=row, draft=section_draft(reason=""), by=auditor, version=row.version)
    with pytest.raises(NotReady):
        submit(back, auditor)
    back.refresh_from_db()
    assert back.status == ModerationStatus.RETURNED


def test_the_third_return_goes_to_the_qa_lead(
    opened: Moderation, moderator: User, auditor: User, qa_lead: User, qa_admin: User
) -> None:
    for _ in range(2):
        returned(opened, moderator)
        submit(opened, auditor)
    third = returned(opened, moderator)
    assert (third.status, third.returns) == (ModerationStatus.WITH_QA_LEAD, 2)
    assert Notice.objects.filter(person=auditor, kind="audit_returned").count() == 2
    assert Notice.objects.filter(person=qa_lead, kind="third_return").count() == 1
    for person in (moderator, auditor, qa_admin):
        with pytest.raises(NotAllowed):
            send_back(moderation=third, by=person, why="Once more.", version=third.version)
    back = send_back(moderation=third, by=qa_lead, why="Please answer both.", version=third.version)
    assert (back.status, back.returns) == (ModerationStatus.RETURNED, 3)
    assert back.returned.order_by("-number").first().questions.count() == 3
    submit(opened, auditor)
    fourth = returned(opened, moderator)
    handed = hand_on(moderation=fourth, by=qa_lead, why="A fresh pair of eyes.", version=fourth.version)
    assert (handed.status, handed.moderator) == (ModerationStatus.SELECTED, None)
    audit = Audit.objects.get(pk=handed.audit_id)
    with pytest.raises(IllegalMove):
        recall_audit(audit=audit, by=auditor, why="It was opened once.", version=audit.version)
