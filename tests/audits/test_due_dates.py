"""To whom an audit was given and until when: its story says so, and whoever does it hears of another day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import Grade
from audits.models import Audit
from audits.services.calibrating import set_up_calibration
from audits.services.drafting import start_audit
from audits.services.moves import StaleVersion
from audits.services.planning import create_audit, move_due_date, reassign_audit
from audits.services.re_auditing import book_re_audit
from cases.models import Case
from core.history.models import Event
from core.notifications.models import Notice
from core.notifications.services import title_of
from core.working_days import add_working_days
from tests.audits.drafts import new_audit
from tests.audits.pages import browser, text_of, url
from tests.factories.accounts import person_as
from tests.factories.audits import graded_audit, live_tool

WHY = "The file came late from the other council."


def words(day: date | None) -> str:
    return date_format(day, "j F Y") if day else "no day"


def in_a_month() -> date:
    return timezone.localdate() + timedelta(days=30)


def sent(day: date, **more: Any) -> dict[str, Any]:
    return {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year, "why": WHY, **more}


def told(audit: Audit) -> list[str]:
    return [move.why for move in audit.transitions.all()]


def test_the_story_says_to_whom_and_until_when(case: Case, qa_lead: User, auditor: User, directorate: OrgUnit) -> None:
    second = person_as(Role.AUDITOR, directorate, name="Sam Example-Second")
    audit = new_audit(case=case, by=qa_lead, auditor=auditor)
    usual = words(add_working_days(timezone.localdate(), 10))
    move_due_date(audit=audit, due_on=in_a_month(), by=qa_lead, why=WHY)
    given = reassign_audit(
        audit=audit, auditor=second, by=qa_lead, why="On leave.", keep_answers=True, version=audit.version + 1
    )
    start_audit(audit=given, by=second)
    given.refresh_from_db()
    reassign_audit(audit=given, auditor=auditor, by=qa_lead, why="Back.", keep_answers=False, version=given.version)
    assert told(audit) == [
        "",
        f"To {auditor.name}, due {usual}",
        f"Due {words(in_a_month())} instead of {usual}\n{WHY}",
        f"To {second.name} instead of {auditor.name}, due {usual}\nOn leave.",
        "",
        f"To {auditor.name} instead of {second.name}, due {usual}. What was written so far was cleared\nBack.",
    ]
    page = text_of(browser(qa_lead).get(url("detail", audit)))
    assert f"To {second.name} instead of {auditor.name}, due {usual}" in page
    own = text_of(browser(auditor).get(url("detail", audit)))
    assert f"To {auditor.name} instead of {second.name}, due {usual}" in own, "before it is started"
    start_audit(audit=Audit.objects.get(pk=audit.pk), by=auditor)
    assert "What was written so far was cleared" in text_of(browser(auditor).get(url("detail", audit)))


def test_the_trail_keeps_reason_and_values_apart(case: Case, qa_lead: User, auditor: User) -> None:
    audit = new_audit(case=case, by=qa_lead, auditor=auditor)
    content = Event.objects.get(verb="allocate", object_id=audit.pk).content
    assert (content.why, content.values) == ("", {"auditor": str(auditor.pk), "due_on": str(audit.due_on)})


def test_the_story_of_what_was_planned_for_something_names_it(
    case: Case, qa_lead: User, auditor: User, directorate: OrgUnit
) -> None:
    first = graded_audit(Grade.INADEQUATE, case=case)
    again = book_re_audit(audit_id=first.pk)
    assert again is not None
    assert (again.first_audit, told(again)) == (
        first, [f"To do audit {first.reference} again, due {words(again.due_on)}"]
    )  # fmt: skip
    three = [auditor, *(person_as(Role.AUDITOR, directorate) for _ in range(2))]
    calibration = set_up_calibration(case=case, version=live_tool(), auditors=three, by=qa_lead)
    assert told(calibration.audits.all()[0])[0] == f"For calibration {calibration.reference}"


def test_whoever_does_it_hears_of_the_new_day_and_of_nothing_else(case: Case, qa_lead: User, auditor: User) -> None:
    audit = new_audit(case=case, by=qa_lead, auditor=auditor)
    Notice.objects.all().delete()
    moved = move_due_date(audit=audit, due_on=in_a_month(), by=qa_lead, why=WHY)
    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.due_on) == (auditor, "audit_due_moved", in_a_month())
    assert title_of(notice) == f"Audit {audit.reference} is due on another day"
    move_due_date(audit=moved, due_on=in_a_month() + timedelta(days=1), by=qa_lead, why=WHY)
    assert Notice.objects.count() == 2, "each move is told"


def test_nobody_is_told_of_a_day_that_they_chose_themselves(case: Case, qa_lead: User, directorate: OrgUnit) -> None:
    both = person_as(Role.AUDITOR, directorate)
    both.memberships.create(role=Role.QA_LEAD, unit=directorate, starts_on=timezone.localdate())
    audit = new_audit(case=case, by=qa_lead, auditor=both)
    Notice.objects.all().delete()
    move_due_date(audit=audit, due_on=in_a_month(), by=User.objects.get(pk=both.pk), why=WHY)
    assert not Notice.objects.exists()


def test_the_page_of_one_audit_changes_its_due_date(case: Case, qa_lead: User, auditor: User) -> None:
    audit = new_audit(case=case, by=qa_lead, auditor=auditor)
    lead, there = browser(qa_lead), url("move_due", audit)
    assert there in text_of(lead.get(url("detail", audit)))
    assert f"It is due on {words(audit.due_on)}" in text_of(lead.get(there))
    for wrong, said in (
        (sent(timezone.localdate() - timedelta(days=1)), "on or after"),
        (sent(in_a_month(), why=" "), "Enter the reason"),
        (sent(audit.due_on or in_a_month()), "It is due on that day already."),
    ):
        answer = text_of(lead.post(there, wrong | {"version": audit.version}))
        assert said in answer
        assert wrong["why"].strip() in answer, "what was typed is kept"
    audit.refresh_from_db()
    assert audit.due_on == add_working_days(timezone.localdate(), 10)
    assert lead.post(there, sent(in_a_month(), version=audit.version)).url == url("detail", audit)
    audit.refresh_from_db()
    assert audit.due_on == in_a_month()
    with pytest.raises(StaleVersion):
        move_due_date(audit=audit, due_on=timezone.localdate(), by=qa_lead, why=WHY, version=audit.version - 1)


def test_it_is_offered_where_somebody_has_the_audit_to_do_alone(case: Case, qa_lead: User, auditor: User) -> None:
    planned = create_audit(case=case, version=live_tool(), by=qa_lead)
    settled = graded_audit(case=case, auditor=auditor)
    for audit in (planned, settled):
        assert url("move_due", audit) not in text_of(browser(qa_lead).get(url("detail", audit)))
        answer = browser(qa_lead).post(url("move_due", audit), sent(in_a_month(), version=audit.version))
        assert answer.status_code == 409
        assert "change when it is due" in text_of(answer)


def test_an_audit_of_a_calibration_is_not_due_after_its_last_day(
    case: Case, qa_lead: User, auditor: User, directorate: OrgUnit
) -> None:
    three = [auditor, *(person_as(Role.AUDITOR, directorate) for _ in range(2))]
    calibration = set_up_calibration(case=case, version=live_tool(), auditors=three, by=qa_lead)
    audit = Audit.objects.get(auditor=auditor)
    with pytest.raises(ValidationError, match="last day of its calibration"):
        move_due_date(audit=audit, due_on=calibration.due_on + timedelta(days=1), by=qa_lead, why=WHY)
    audit.refresh_from_db()
    assert audit.due_on == calibration.due_on
    other = person_as(Role.AUDITOR, directorate)
    given = reassign_audit(audit=audit, auditor=other, by=qa_lead, why=WHY, keep_answers=False, version=audit.version)
    assert given.due_on == calibration.due_on, "nor when somebody else takes it over"
