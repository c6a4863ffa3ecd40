"""The overall judgement and the conversations: the limit in words, a hard one for everybody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from audits.choices import Grade
from audits.models import Audit, Conversation, ToolRule
from cases.models import Case
from tests.audits.drafts import fill_in, new_audit
from tests.audits.pages import browser, text_of, url


@pytest.fixture
def unsafe(under_way: Audit, auditor: User) -> Audit:
    """An audit whose section on safeguarding is inadequate, which is a hard limit of the example tool."""
    return fill_in(under_way, auditor, safeguarding=Grade.INADEQUATE, overall="")


def radio(page: str, value: str) -> str:
    found = re.search(
        rf'<input[^>]*name="grade"[^>]*value="{value}"[^>]*>|<input[^>]*value="{value}"[^>]*name="grade"[^>]*>', page
    )
    assert found
    return found.group()


def test_a_hard_limit_is_said_in_words_and_its_grades_cannot_be_chosen(unsafe: Audit, auditor: User) -> None:
    page = text_of(browser(auditor).get(url("overall", unsafe)))
    assert "Safeguarding and risk is inadequate, so the overall grade cannot be above inadequate." in page
    assert "disabled" in radio(page, "good")
    assert "disabled" not in radio(page, "inadequate")
    assert "It is not an average of the sections." in page


def test_a_tampered_grade_above_a_hard_limit_is_refused_and_the_text_kept(unsafe: Audit, auditor: User) -> None:
    data = {"version": unsafe.version, "grade": "good", "rationale": "Kept on the page", "then": "continue"}
    page = text_of(browser(auditor).post(url("overall", unsafe), data))
    assert "Choose a grade that the limit allows." in page
    assert "Kept on the page" in page
    unsafe.refresh_from_db()
    assert unsafe.auditor_grade == ""
    reply = browser(auditor).post(url("overall_autosave", unsafe), data).json()
    unsafe.refresh_from_db()
    assert (unsafe.auditor_grade, unsafe.rationale) == ("", "Kept on the page")
    assert reply["errors"]


def test_a_soft_limit_opens_a_box_for_the_reason(under_way: Audit, auditor: User) -> None:
    ToolRule.objects.filter(rule="L1").update(hard=False, ceiling=Grade.REQUIRES_IMPROVEMENT)
    fill_in(under_way, auditor, safeguarding=Grade.INADEQUATE, overall="")
    under_way.refresh_from_db()
    client = browser(auditor)
    page = text_of(client.get(url("overall", under_way)))
    assert "disabled" not in radio(page, "good")
    assert "Why this grade, above the limit?" in page
    assert 'data-show-values="good outstanding"' in page
    data = {"version": under_way.version, "grade": "good", "rationale": "As it stands", "override_reason": "Short"}
    client.post(url("overall", under_way), {**data, "then": "continue"})
    page = text_of(client.get(url("submit", under_way)))
    assert "say in at least 30 characters why not" in page


def test_a_section_changed_later_makes_the_grade_too_high(under_way: Audit, auditor: User) -> None:
    fill_in(under_way, auditor, overall=Grade.GOOD)
    fill_in(under_way, auditor, safeguarding=Grade.INADEQUATE, overall=Grade.GOOD)
    client = browser(auditor)
    assert "The grade that you chose before is above this limit now." in text_of(client.get(url("overall", under_way)))
    page = text_of(client.get(url("submit", under_way)))
    assert "Safeguarding and risk is inadequate, so the overall grade cannot be above inadequate." in page


def test_why_there_is_no_family_feedback_is_asked_until_there_is_some(under_way: Audit, auditor: User) -> None:
    under_way.tool_version.requires_family_feedback = True
    under_way.tool_version.save()
    client = browser(auditor)
    question = "Why is there no feedback from the child or family?"
    assert question in text_of(client.get(url("overall", under_way)))
    today = timezone.localdate()
    held = {"held_on_day": today.day, "held_on_month": today.month, "held_on_year": today.year}
    client.post(url("conversations", under_way), {"with_whom": "child", "outcome": "done", "mode": "in_person", **held})
    assert Conversation.objects.get().held_on == today
    assert question not in text_of(client.get(url("overall", under_way)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose an answer to “Who was the conversation with?”"),
        ({"with_whom": "worker", "outcome": "done"}, "Choose how the conversation was held"),
        ({"with_whom": "worker", "outcome": "done", "mode": "phone"}, "Enter the date of the conversation"),
        ({"with_whom": "worker", "outcome": "declined", "reason": "   "}, "Enter why there was no conversation"),
        ({"with_whom": "postman", "outcome": "done"}, "Choose one of the answers shown"),
    ],
)
def test_a_conversation_needs_its_facts(under_way: Audit, auditor: User, data: dict[str, str], words: str) -> None:
    page = text_of(browser(auditor).post(url("conversations", under_way), data or {"x": "y"}))
    assert words in page
    assert not Conversation.objects.exists()


def test_a_conversation_cannot_be_in_the_future(under_way: Audit, auditor: User) -> None:
    day = timezone.localdate() + timedelta(days=1)
    held = {"held_on_day": day.day, "held_on_month": day.month, "held_on_year": day.year}
    data = {"with_whom": "worker", "outcome": "done", "mode": "phone", **held}
    assert "must be on or before" in text_of(browser(auditor).post(url("conversations", under_way), data))


def test_a_conversation_is_changed_and_removed(under_way: Audit, auditor: User) -> None:
    client = browser(auditor)
    client.post(url("conversations", under_way), {"with_whom": "parent", "outcome": "declined", "reason": "No wish"})
    talk = Conversation.objects.get()
    address = f"{url('conversations', under_way)}{talk.pk}/"
    assert "No wish" in text_of(client.get(address))
    client.post(address, {"with_whom": "parent", "outcome": "not_possible", "reason": "No phone number"})
    talk.refresh_from_db()
    assert (talk.outcome, talk.reason) == ("not_possible", "No phone number")
    assert "gone from the audit" in text_of(client.get(f"{address}remove/"))
    client.post(f"{address}remove/")
    assert not Conversation.objects.exists()


def test_a_conversation_of_another_audit_is_not_found(
    under_way: Audit, case: Case, qa_lead: User, auditor: User
) -> None:
    client = browser(auditor)
    other = new_audit(case=case, by=qa_lead, auditor=auditor)
    client.post(url("start", other))
    client.post(url("conversations", other), {"with_whom": "parent", "outcome": "declined", "reason": "No wish"})
    foreign = f"{url('conversations', under_way)}{Conversation.objects.get().pk}/"
    for address in (foreign, f"{foreign}remove/"):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    assert Conversation.objects.count() == 1
