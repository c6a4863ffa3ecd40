"""Undoing the last change of a section (UX-11), and the grade of the last audit beside the new one (AU-1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.models import User
from audits.choices import FindingKind, Grade
from audits.models import Audit, AuditSection, SectionUndo
from audits.rules.timescales import SHOW_EARLIER_GRADE
from audits.services.drafting import FindingDraft, SectionDraft, save_section, undo_section
from audits.services.moves import StaleVersion
from audits.services.submitting import submit_audit
from core.council.models import SettingValue
from tests.audits.drafts import fill_in, section, section_draft
from tests.audits.pages import browser, section_url, text_of, typed
from tests.factories.audits import graded_audit

pytestmark = pytest.mark.django_db

FOUND = FindingDraft(FindingKind.STRENGTH, "Seen alone.", "Case note", date(2026, 5, 4))


def change(row: AuditSection, by: User, draft: SectionDraft, *, minutes_ago: float = 0) -> AuditSection:
    """Save a section as if it had been so many minutes ago."""
    row = save_section(audit_section=row, draft=draft, by=by, version=row.version)
    at = timezone.now() - timedelta(minutes=minutes_ago)
    SectionUndo.objects.filter(audit_section=row).update(began_at=at, changed_at=at)
    return row


def reason(row: AuditSection) -> str:
    row.refresh_from_db()
    return row.reason


def test_the_last_change_is_undone_and_undoing_is_undone_again(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    row = change(row, auditor, section_draft(findings=(FOUND,)), minutes_ago=5)
    row = change(row, auditor, section_draft(Grade.INADEQUATE, findings=(), reason="Something else altogether."))
    row = undo_section(audit_section=row, by=auditor, version=row.version)
    assert row.grade == Grade.GOOD
    assert [finding.evidence_date for finding in row.findings.all()] == [date(2026, 5, 4)]
    SectionUndo.objects.update(began_at=timezone.now() - timedelta(minutes=2))
    row = undo_section(audit_section=row, by=auditor, version=row.version)
    assert (row.grade, row.reason) == (Grade.INADEQUATE, "Something else altogether.")
    assert not row.findings.exists()


def test_what_is_typed_within_a_minute_is_one_change(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    row = change(row, auditor, SectionDraft(reason="One"), minutes_ago=3)
    row = change(row, auditor, SectionDraft(reason="One two"))
    row = save_section(audit_section=row, draft=SectionDraft(reason="One two three"), by=auditor, version=row.version)
    row = undo_section(audit_section=row, by=auditor, version=row.version)
    assert row.reason == "One"


def test_after_ten_minutes_and_for_others_nothing_is_undone(under_way: Audit, auditor: User, qa_lead: User) -> None:
    row = change(section(under_way, "voice"), auditor, SectionDraft(reason="One"), minutes_ago=11)
    with pytest.raises(ValidationError):
        undo_section(audit_section=row, by=auditor, version=row.version)
    row = change(row, auditor, SectionDraft(reason="Two"))
    with pytest.raises(NotAllowed):
        undo_section(audit_section=row, by=qa_lead, version=row.version)
    with pytest.raises(StaleVersion):
        undo_section(audit_section=row, by=auditor, version=row.version - 1)
    assert reason(row) == "Two"


def test_submitting_forgets_earlier_texts(under_way: Audit, auditor: User) -> None:
    audit = fill_in(under_way, auditor)
    assert SectionUndo.objects.exists()
    submit_audit(audit=audit, by=auditor, version=audit.version)
    assert not SectionUndo.objects.exists()


def test_the_button_undoes_what_was_typed_before_it_was_saved(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client, here = browser(auditor), section_url(row)
    button = 'data-prevent-double-click="true" hidden>Undo the last change'
    assert button in text_of(client.get(here))
    row = change(row, auditor, section_draft(reason="This stood there before it was changed."), minutes_ago=2)
    assert button not in text_of(client.get(here))
    client.post(here, typed(row, reason="Typed by mistake over what stood there.", then="undo"))
    assert reason(row) == "This stood there before it was changed."


def test_the_last_audits_grade_is_shown_only_where_the_qa_unit_chose_so(under_way: Audit, auditor: User) -> None:
    earlier = graded_audit(case=under_way.case, month=date(2026, 2, 1))
    earlier.sections.filter(section__key="voice").update(grade=Grade.GOOD, settled_grade=Grade.REQUIRES_IMPROVEMENT)
    client, here = browser(auditor), section_url(section(under_way, "voice"))
    said = "At the last audit of this case (February 2026) this section was graded Requires improvement."
    assert said not in text_of(client.get(here))
    SettingValue.objects.create(
        key=SHOW_EARLIER_GRADE.key, value=1, effective_on=timezone.localdate(), why="We want to see movement"
    )
    assert said in text_of(client.get(here))
    Audit.objects.filter(pk=earlier.pk).update(status="settled")
    assert said not in text_of(client.get(here))
