"""The pages between submission and settled grade, as each person meets them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, Grade, ModerationStatus
from audits.models import Audit, Dispute, Moderation
from audits.services.feedback import issue_feedback
from audits.services.moderating import open_moderation
from cases.models import Case
from tests.audits.drafts import section, submitted
from tests.audits.pages import browser, section_url, text_of, url
from tests.factories.accounts import person_as

REASON = "The plan was tested and it held, which the auditor did not weigh."


@pytest.fixture
def second(directorate: OrgUnit) -> User:
    return person_as(Role.MODERATOR, directorate, name="Sol Example-Second")


@pytest.fixture
def opened(second: User, case: Case, qa_lead: User, auditor: User, moderator: User) -> Moderation:
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.OUTSTANDING)
    return open_moderation(moderation=audit.moderations.get(), by=moderator)


def at(name: str, thing: Any) -> str:
    return reverse(f"audits:{name}", args=[thing.pk])


def now(moderation: Moderation) -> Moderation:
    return Moderation.objects.select_related("audit").get(pk=moderation.pk)


def change(moderation: Moderation, moderator: User, grade: str) -> Moderation:
    data = {"version": now(moderation).version, "outcome": "change", "grade": grade, "reason": REASON}
    data |= {f"s-{row.pk}-outcome": "agree" for row in moderation.audit.sections.all()}
    assert browser(moderator).post(at("moderate", moderation), data).status_code == 302
    return now(moderation)


def test_returned_and_answered_in_the_browser(opened: Moderation, moderator: User, auditor: User) -> None:
    client, theirs = browser(moderator), browser(auditor)
    row = section(opened.audit, "voice")
    page = text_of(client.get(at("return", opened)))
    assert "Question about “Child&#x27;s voice”" in page
    data = {"version": opened.version, f"q-{row.pk}": "", "overall": ""}
    assert "Write at least one question" in text_of(client.post(at("return", opened), data))
    data[f"q-{row.pk}"] = "Who saw the child alone?"
    client.post(at("return", opened), data)
    page = text_of(theirs.get(url("detail", opened.audit)))
    assert "returned this audit with questions" in page
    assert "Returned</strong>" in page
    assert "Returned</strong>" in text_of(theirs.get(reverse("audits:list")))
    assert "Graded outstanding" not in page
    assert "Who saw the child alone?" in text_of(theirs.get(section_url(row)))
    audit = Audit.objects.get(pk=opened.audit_id)
    assert "goes back to the same moderator" in text_of(theirs.get(url("submit", audit)))
    theirs.post(url("submit", audit), {"version": audit.version})
    assert now(opened).status == ModerationStatus.OPENED
    page = text_of(client.get(at("moderate", opened)))
    assert "Returned before" in page
    assert "without a change" in page


def test_the_auditor_reads_until_when_silence_counts_and_accepts(
    opened: Moderation, moderator: User, auditor: User, team_manager: User, practitioner: User
) -> None:
    moderation = change(opened, moderator, Grade.GOOD)
    client = browser(auditor)
    page = text_of(client.get(url("grade_record", opened.audit)))
    last = moderation.answer_by
    assert last is not None
    assert f"until the end of {last.day} {last:%B %Y}" in page
    assert "silence counts as acceptance" in page
    assert REASON in page
    assert "Graded outstanding" not in page
    for person in (team_manager, practitioner):
        assert browser(person).get(url("grade_record", opened.audit)).status_code == 404
    client.post(url("accept_grade", opened.audit), {"version": moderation.version})
    assert now(opened).status == ModerationStatus.DONE
    assert client.post(url("accept_grade", opened.audit), {"version": moderation.version}).status_code == 302
    assert client.post(url("accept_grade", opened.audit), {"version": moderation.version + 1}).status_code == 409
    issue_feedback(audit=opened.audit, by=SYSTEM)
    for person in (team_manager, practitioner):
        assert browser(person).get(url("detail", opened.audit)).status_code == 200
        assert browser(person).get(url("grade_record", opened.audit)).status_code == 403
    assert "1 was lowered" in text_of(client.get(reverse("audits:own_record")))
    assert opened.audit.reference in text_of(client.get(reverse("audits:own_record"), {"show": "changed"}))


def test_disputed_taken_up_and_decided(
    opened: Moderation, moderator: User, auditor: User, second: User, qa_lead: User
) -> None:
    moderation = change(opened, moderator, Grade.GOOD)
    client = browser(auditor)
    page = text_of(client.post(url("dispute_grade", opened.audit), {"version": moderation.version, "why": "No."}))
    assert "at least 20 characters" in page
    client.post(url("dispute_grade", opened.audit), {"version": moderation.version, "why": REASON})
    dispute = Dispute.objects.get()
    lists = reverse("audits:moderation_queue")
    assert "Disputes (1)" in text_of(browser(second).get(lists, {"show": "disputes"}))
    assert "Disputes (1)" in text_of(browser(moderator).get(lists, {"show": "disputes"}))
    assert browser(moderator).post(at("take_dispute", dispute)).status_code == 403
    assert second.name in text_of(browser(qa_lead).get(at("assign_dispute", dispute)))
    theirs = browser(second)
    theirs.post(at("take_dispute", dispute))
    dispute.refresh_from_db()
    data = {"version": dispute.version, "grade": "outstanding", "reason": REASON}
    data |= {f"s-{row.pk}-grade": "keep" for row in opened.audit.sections.all()}
    page = text_of(theirs.post(at("dispute", dispute), data | {"reason": "Short"}))
    assert "at least 20 characters" in page
    theirs.post(at("dispute", dispute), data)
    audit = Audit.objects.get(pk=opened.audit_id)
    assert (audit.status, audit.grade) == (AuditStatus.SETTLED, Grade.OUTSTANDING)
    assert "Decided" in text_of(client.get(at("dispute", dispute)))


def test_a_head_of_service_confirms_or_queries(
    opened: Moderation, moderator: User, auditor: User, head_of_service: User
) -> None:
    moderation = change(opened, moderator, Grade.REQUIRES_IMPROVEMENT)
    Moderation.objects.filter(pk=moderation.pk).update(status=ModerationStatus.AWAITING_CONFIRMATION)
    client = browser(head_of_service)
    assert "To confirm (1)" in text_of(client.get(reverse("audits:moderation_queue"), {"show": "confirm"}))
    assert "Confirm the grade" in text_of(client.get(at("confirm", opened)))
    assert browser(moderator).post(at("confirm", opened), {"version": moderation.version}).status_code == 403
    assert browser(auditor).get(at("confirm", opened)).status_code == 404
    client.post(at("query", opened), {"version": moderation.version, "why": REASON})
    assert now(opened).status == ModerationStatus.DISPUTED
    assert client.post(at("confirm", opened), {"version": moderation.version}).status_code == 409
