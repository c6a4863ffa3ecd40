"""Starting, checking and submitting: every fault with its link, and one submission however often it is sent."""

from __future__ import annotations

import pytest

from accounts.models import User
from audits.choices import AuditStatus, Grade
from audits.models import Audit, Moderation
from tests.audits.drafts import fill_in, section
from tests.audits.pages import browser, section_url, text_of, url


def test_the_start_page_offers_to_start_or_hand_back(allocated: Audit, auditor: User) -> None:
    client = browser(auditor)
    page = text_of(client.get(url("detail", allocated)))
    assert "Start the audit" in page
    assert "Hand it back" in page
    for _ in range(2):  # a second click changes nothing
        assert client.post(url("start", allocated)).url == url("detail", allocated)
    allocated.refresh_from_db()
    assert allocated.status == AuditStatus.IN_PROGRESS
    assert allocated.transitions.filter(event="start").count() == 1
    assert client.get(url("start", allocated)).status_code == 405


def test_the_task_list_says_how_far_each_section_is(under_way: Audit, auditor: User) -> None:
    fill_in(under_way, auditor)
    row = section(under_way, "voice")
    client = browser(auditor)
    client.post(section_url(row), {"version": row.version, "q-seen": "yes", "grade": "good", "then": "back"})
    page = " ".join(text_of(client.get(url("detail", under_way))).split())
    assert "Sections finished: 1 of 2" in page
    assert "In progress" in page
    assert "This audit is due" in page
    assert "working day" in page


def test_every_fault_is_listed_with_a_link_to_where_it_is_mended(under_way: Audit, auditor: User) -> None:
    client = browser(auditor)
    answer = client.post(url("submit", under_way), {"version": under_way.version})
    page = text_of(answer)
    assert "This audit cannot be submitted yet" in page
    assert "<title>Error: " in page
    for key in ("voice", "safeguarding"):
        assert f'href="{section_url(section(under_way, key))}?check=1"' in page
    assert f'href="{url("overall", under_way)}"' in page
    assert "Choose an overall grade" in page
    under_way.refresh_from_db()
    assert under_way.status == AuditStatus.IN_PROGRESS


@pytest.mark.parametrize("grade", [Grade.GOOD, Grade.INADEQUATE])
def test_sent_twice_it_is_submitted_once(under_way: Audit, auditor: User, grade: str) -> None:
    audit = fill_in(under_way, auditor, overall=grade)
    client = browser(auditor)
    data = {"version": audit.version}
    first = client.post(url("submit", audit), data)
    second = client.post(url("submit", audit), data)
    assert first.url == second.url == url("detail", audit)
    assert audit.transitions.filter(event="submit").count() == 1
    assert Moderation.objects.count() == 1


def test_the_back_button_after_submitting_shows_what_happens_next(under_way: Audit, auditor: User) -> None:
    audit = fill_in(under_way, auditor, overall=Grade.INADEQUATE)
    client = browser(auditor)
    client.post(url("submit", audit), {"version": audit.version})
    for page in ("submit", "overall", "conversations"):
        assert client.get(url(page, audit)).url == url("detail", audit)
    page = text_of(client.get(url("detail", audit)))
    assert "What happens next" in page
    assert "take your submission back" in page
    assert "Graded inadequate" not in page  # why it was chosen is not for its auditor


def test_a_stale_page_does_not_submit(under_way: Audit, auditor: User) -> None:
    audit = fill_in(under_way, auditor)
    answer = browser(auditor).post(url("submit", audit), {"version": audit.version - 1})
    assert answer.status_code == 409
    audit.refresh_from_db()
    assert audit.status == AuditStatus.IN_PROGRESS


def test_an_audit_that_was_not_started_cannot_be_submitted(allocated: Audit, auditor: User) -> None:
    answer = browser(auditor).post(url("submit", allocated), {"version": allocated.version})
    assert answer.status_code == 409
    assert "This audit is now “Allocated”" in text_of(answer)


def test_only_the_auditor_submits(under_way: Audit, auditor: User, qa_lead: User, team_manager: User) -> None:
    audit = fill_in(under_way, auditor)
    assert browser(qa_lead).post(url("submit", audit), {"version": audit.version}).status_code == 403
    assert browser(team_manager).post(url("submit", audit), {"version": audit.version}).status_code == 404
    audit.refresh_from_db()
    assert audit.status == AuditStatus.IN_PROGRESS


def test_a_submission_is_taken_back_until_a_moderator_opens_it(
    under_way: Audit, auditor: User, moderator: User
) -> None:
    audit = fill_in(under_way, auditor, overall=Grade.INADEQUATE)
    client = browser(auditor)
    client.post(url("submit", audit), {"version": audit.version})
    audit.refresh_from_db()
    page = text_of(client.post(url("recall", audit), {"version": audit.version, "why": "  "}))
    assert "Enter the reason" in page
    client.post(url("recall", audit), {"version": audit.version, "why": "One section needs another look."})
    audit.refresh_from_db()
    assert audit.status == AuditStatus.IN_PROGRESS
    client.post(url("submit", audit), {"version": audit.version})
    waiting = Moderation.objects.get(status="selected")
    browser(moderator).post(f"/audits/moderation/{waiting.pk}/open/")
    audit.refresh_from_db()
    answer = client.post(url("recall", audit), {"version": audit.version, "why": "Too late now."})
    assert answer.status_code == 409
