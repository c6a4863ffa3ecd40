"""Two tabs or two people: the second sees both texts, field by field, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from audits.models import Audit, AuditSection, Finding
from tests.audits.drafts import section
from tests.audits.pages import browser, section_url, text_of, typed, url

FIRST = "What the first tab says, at sufficient length."
SECOND = "What the second tab says, at sufficient length."


@pytest.fixture
def row(under_way: Audit, auditor: User) -> AuditSection:
    """A section that another tab saved after this one was opened; `row.version` is the stale one."""
    row = section(under_way, "voice")
    block = {"strength": ["0"], "strength-0-text": "A strength of the first tab"}
    browser(auditor).post(section_url(row), typed(row, reason=FIRST, **block))
    return row


def second(row: AuditSection, **changes: Any) -> dict[str, Any]:
    return typed(row, **{"grade": "inadequate", "reason": SECOND, **changes})


def test_both_texts_are_shown_and_nothing_is_overwritten(row: AuditSection, auditor: User) -> None:
    answer = browser(auditor).post(section_url(row), second(row))
    page = text_of(answer)
    assert answer.status_code == 409
    assert FIRST in page
    assert SECOND in page
    assert "A strength of the first tab" in page
    assert "saved by you, in another tab or window" in page
    row.refresh_from_db()
    assert row.reason == FIRST


def test_the_choice_is_made_field_by_field(row: AuditSection, auditor: User) -> None:
    client = browser(auditor)
    client.post(section_url(row), second(row))
    stored = AuditSection.objects.get(pk=row.pk)
    finding = Finding.objects.get()
    choice = {
        "version": stored.version,
        "compared": ["all", "grade", "reason", f"strength-{finding.pk}"],
        "take-grade": "mine",
        "take-reason": "theirs",
        f"take-strength-{finding.pk}": "theirs",
    }
    client.post(section_url(row), second(row) | choice)
    stored.refresh_from_db()
    assert (stored.grade, stored.reason) == ("inadequate", FIRST)
    assert Finding.objects.get().text == "A strength of the first tab"


def test_a_third_text_may_be_written_from_both(row: AuditSection, auditor: User) -> None:
    stored = AuditSection.objects.get(pk=row.pk)
    choice = {
        "version": stored.version,
        "compared": "all",
        "take-grade": "theirs",
        "take-reason": "written",
        "written-reason": "Both reasons in one.",
        f"take-strength-{Finding.objects.get().pk}": "mine",
    }
    browser(auditor).post(section_url(row), second(row) | choice)
    stored.refresh_from_db()
    assert (stored.grade, stored.reason) == ("good", "Both reasons in one.")
    assert not Finding.objects.exists()


def test_nothing_is_saved_before_every_choice_is_made(row: AuditSection, auditor: User) -> None:
    stored = AuditSection.objects.get(pk=row.pk)
    finding = f"strength-{Finding.objects.get().pk}"
    choice = {"version": stored.version, "compared": ["all", "grade", "reason", finding], "take-grade": "mine"}
    answer = browser(auditor).post(section_url(row), second(row) | choice)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Choose which text to keep for “Reason for the grade”" in page
    assert 'value="mine" id="mine-grade" checked' in page
    stored.refresh_from_db()
    assert stored.reason == FIRST


def test_a_text_stored_meanwhile_is_compared_anew(row: AuditSection, auditor: User) -> None:
    client = browser(auditor)
    stored = AuditSection.objects.get(pk=row.pk)
    seen = stored.version
    client.post(section_url(row), typed(stored, reason="A third tab came by meanwhile, at length."))
    choice = {"version": seen, "compared": "all", "take-grade": "mine", "take-reason": "theirs"}
    answer = client.post(section_url(row), second(row) | choice)
    assert answer.status_code == 409
    assert "A third tab came by meanwhile, at length." in text_of(answer)
    stored.refresh_from_db()
    assert stored.reason == "A third tab came by meanwhile, at length."


def test_text_that_cannot_be_stored_is_shown_and_kept_too(row: AuditSection, auditor: User) -> None:
    long = "z" * 20_001
    client = browser(auditor)
    stored = AuditSection.objects.get(pk=row.pk)
    choice = {
        "version": stored.version,
        "compared": "all",
        "take-grade": "theirs",
        "take-reason": "mine",
        f"take-strength-{Finding.objects.get().pk}": "theirs",
    }
    page = text_of(client.post(section_url(row), second(row, reason=long) | choice))
    assert "Shorten this to 20,000 characters" in page
    assert long in page
    assert f'name="version" value="{stored.version}"' in page


def test_the_same_text_twice_is_no_conflict(row: AuditSection, auditor: User) -> None:
    finding = Finding.objects.get()
    block = {"strength": ["0"], "strength-0-text": finding.text, "strength-0-id": str(finding.pk)}
    answer = browser(auditor).post(section_url(row), typed(row, reason=FIRST, **block))
    assert answer.status_code == 302


def test_the_overall_judgement_is_compared_in_the_same_way(under_way: Audit, auditor: User) -> None:
    client = browser(auditor)
    address = url("overall", under_way)
    first = {"version": under_way.version, "grade": "good", "rationale": FIRST, "then": "back"}
    assert client.post(address, first).status_code == 302
    answer = client.post(address, {**first, "rationale": SECOND})
    assert answer.status_code == 409
    assert FIRST in text_of(answer)
    assert SECOND in text_of(answer)
    under_way.refresh_from_db()
    choice = {"version": under_way.version, "compared": "all", "take-rationale": "mine"}
    client.post(address, {**first, "rationale": SECOND, **choice})
    under_way.refresh_from_db()
    assert under_way.rationale == SECOND
