"""Questions that are asked again for each sibling or visit: in rounds on the page, and one answer a round."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from audits.choices import QuestionKind, SectionState
from audits.models import Answer, Audit, AuditSection, ToolQuestion
from audits.rules.submission import (
    AskedQuestion,
    AskedSection,
    WrittenSection,
    is_shown,
    questions_left,
    what_a_section_lacks,
)
from audits.services.drafting import SectionDraft, save_section
from tests.audits.drafts import section
from tests.audits.pages import browser, section_url, text_of, typed, url

WHERE = AskedQuestion("where", QuestionKind.YES_PARTLY_NO, "Was the visit at home?", repeats="visit")
WHY = AskedQuestion(
    "why", QuestionKind.SHORT_TEXT, "Why not?", repeats="visit", show_if={"question": "where", "answers": ["no"]}
)
VISITS = AskedSection("visits", "Visits", graded=False, questions=(WHERE, WHY))


def test_each_round_needs_its_own_answers() -> None:
    written = WrittenSection(answers={"where": "no", "why": "At school", "where#1": "no", "where#2": "yes"})
    assert what_a_section_lacks(VISITS, written) == ["Visits: answer “Why not?” (visit 2)"]
    assert questions_left(VISITS, WrittenSection()) == [WHERE]
    assert is_shown(WHY, VISITS, written.answers, place=1)
    assert not is_shown(WHY, VISITS, written.answers, place=2)


@pytest.fixture
def row(under_way: Audit) -> AuditSection:
    """The first section of an audit under way, with a block for each visit."""
    row = section(under_way, "voice")
    for place, asked in enumerate((WHERE, WHY), start=1):
        ToolQuestion.objects.create(
            section=row.section, key=asked.key, kind=asked.kind, text=asked.text, repeats=asked.repeats,
            show_if=asked.show_if, position=place,
        )  # fmt: skip
    return row


def stored(row: AuditSection) -> dict[tuple[str, int], tuple[Any, bool]]:
    rows = Answer.objects.filter(audit_section=row, question__repeats="visit").select_related("question")
    return {(each.question.key, each.repeat): (each.value, each.asked) for each in rows}


@pytest.mark.django_db
def test_rounds_are_added_filled_and_removed_without_javascript(row: AuditSection, auditor: User) -> None:
    client, here = browser(auditor), section_url(row)
    page = text_of(client.get(here))
    assert "Visit 1</legend>" in page
    assert "Visit 2" not in page
    data = {"q-seen": "yes", "q-where": "yes", "rounds-0": "1"}
    answer = client.post(here, {**typed(row), **data, "then": "round:0"})
    assert answer.url == f"{here}?round=0#round-0-2"
    page = text_of(client.get(f"{here}?round=0"))
    assert "Visit 2</legend>" in page
    assert 'data-show-if="q-where.1"' in page
    row.refresh_from_db()
    more = {**data, "q-where.1": "no", "q-why.1": "At school", "q-where.2": "partly", "rounds-0": "3"}
    client.post(here, {**typed(row), **more, "then": "stay"})
    assert stored(row) == {
        ("where", 0): ("yes", True), ("where", 1): ("no", True), ("why", 1): ("At school", True),
        ("where", 2): ("partly", True),
    }  # fmt: skip
    row.refresh_from_db()
    client.post(here, {**typed(row), **more, "then": "drop:0.0"})
    assert stored(row) == {
        ("where", 0): ("no", True), ("why", 0): ("At school", True), ("where", 1): ("partly", True)
    }  # fmt: skip


@pytest.mark.django_db
def test_a_hidden_answer_is_kept_and_does_not_count(row: AuditSection, auditor: User) -> None:
    answers = {"seen": "yes", "where": "no", "why": "At school"}
    row = save_section(audit_section=row, draft=SectionDraft(answers=answers), by=auditor, version=row.version)
    assert stored(row)["why", 0] == ("At school", True)
    answers["where"] = "yes"
    row = save_section(audit_section=row, draft=SectionDraft(answers=answers), by=auditor, version=row.version)
    assert stored(row)["why", 0] == ("At school", False)


@pytest.mark.django_db
def test_what_a_later_round_lacks_is_linked_and_the_reader_sees_each_round(
    row: AuditSection, auditor: User, qa_lead: User
) -> None:
    client, here = browser(auditor), section_url(row)
    data = {**typed(row), "q-where": "yes", "q-where.1": "no", "rounds-0": "2"}
    answer = client.post(here, data)
    assert "check=1" in answer.url
    page = text_of(client.get(answer.url))
    assert re.search(r'href="#id_q-why\.1"[^>]*>Answer “Why not\?” \(visit 2\)', page)
    row.refresh_from_db()
    assert row.state == SectionState.IN_PROGRESS
    reading = text_of(browser(qa_lead).get(url("detail", row.audit)))
    assert "Was the visit at home? (visit 2)" in reading


@pytest.mark.django_db
def test_a_second_tab_with_more_rounds_loses_none(row: AuditSection, auditor: User) -> None:
    """Two tabs add different visits; the second save shows what the first has stored."""
    client, here = browser(auditor), section_url(row)
    first = {**typed(row), "q-where": "yes", "q-where.1": "no", "q-why.1": "At school", "rounds-0": "2", "then": "stay"}
    client.post(here, first)
    second = {**typed(row), "q-where": "partly", "rounds-0": "1", "then": "stay"}
    answer = client.post(here, second)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "At school" in page
    assert 'name="take-q-why.1"' in page
    row.refresh_from_db()
    chosen = dict.fromkeys(re.findall(r'name="(take-[^"]+)"', page), "theirs")
    data = {
        **second,
        "version": row.version,
        "compared": re.findall(r'name="compared" value="([^"]+)"', page),
        **chosen,
    }
    data |= {"rounds-0": re.search(r'name="rounds-0" value="(\d+)"', page)[1]}  # type: ignore[index]
    assert client.post(here, data).status_code == 302
    assert stored(row)["why", 1] == ("At school", True)


@pytest.mark.django_db
def test_autosave_keeps_the_rounds(row: AuditSection, auditor: User) -> None:
    client = browser(auditor)
    data = {**typed(row), "q-where": "yes", "q-where.1": "partly", "rounds-0": "2"}
    answer = client.post(section_url(row, "section_autosave"), data)
    assert answer.json()["version"] == row.version + 1
    assert stored(row)["where", 1] == ("partly", True)
    assert client.get(reverse("audits:section", args=[row.audit_id, row.pk])).status_code == 200
