"""The section page: everything typed is saved or kept, and each fault is said beside its field."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from accounts.models import User
from audits.choices import FindingKind, QuestionKind, SectionState, SectionUse
from audits.models import Audit, Finding, Theme, ToolQuestion
from cases.models import Case
from tests.audits.drafts import new_audit, section
from tests.audits.pages import browser, section_url, text_of, typed, url


@pytest.fixture
def theme(db: None) -> Theme:
    parent = Theme.objects.create(name="Supervision")
    return Theme.objects.create(name="Frequency", parent=parent)


def test_the_page_shows_the_question_the_descriptors_and_what_is_left(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    page = text_of(browser(auditor).get(section_url(row)))
    assert "Was the child seen alone?" in page
    assert "What good practice looks like." in page
    assert "Left to do: 1 question, the grade and the reason for the grade." in page
    assert "Raise a safeguarding alert" in page
    assert under_way.case_reference not in page.split("</title>")[0]


def test_a_complete_section_is_saved_and_leads_to_the_next(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    answer = browser(auditor).post(section_url(row), typed(row))
    row.refresh_from_db()
    assert row.state == SectionState.COMPLETE
    assert answer.url == section_url(section(under_way, "safeguarding"))


def test_unfinished_work_is_saved_and_what_is_missing_is_said_with_links(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    answer = client.post(section_url(row), typed(row, reason="   short  ", **{"q-seen": ""}), follow=True)
    row.refresh_from_db()
    assert (row.grade, row.state) == ("good", SectionState.IN_PROGRESS)
    page = text_of(answer)
    assert 'href="#id_q-seen_0"' in page
    assert 'href="#id_reason"' in page
    assert "<title>Error: " in page
    assert "Give the reason for the grade in at least 20 characters" in page


def test_save_and_come_back_leads_to_the_task_list(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    answer = browser(auditor).post(section_url(row), typed(row, then="back", grade=""))
    row.refresh_from_db()
    assert row.reason
    assert answer.url == url("detail", under_way)


@pytest.mark.parametrize(
    "text",
    [
        "The child says 😀 and was heard, more than once.",
        "הילד נראה לבד בכל ביקור ונשמע היטב",
        "<script>alert('x')</script> and twenty characters more",
        "Line one\r\nline two, and enough characters",
        "O’Brien “said” so – café, naïve, enough",
    ],
)
def test_what_people_paste_is_stored_and_printed_as_text(under_way: Audit, auditor: User, text: str) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    client.post(section_url(row), typed(row, reason=text))
    row.refresh_from_db()
    assert row.reason == text.replace("\r\n", "\n")
    page = text_of(client.get(section_url(row)))
    assert "<script>alert" not in page


def test_twenty_thousand_characters_are_stored_and_one_more_is_refused_and_kept(
    under_way: Audit, auditor: User
) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    client.post(section_url(row), typed(row, reason="x" * 20_000))
    row.refresh_from_db()
    assert len(row.reason) == 20_000
    answer = client.post(section_url(row), typed(row, reason="y" * 20_001))
    page = text_of(answer)
    assert "Shorten this to 20,000 characters or fewer. It has 20,001." in page
    assert "y" * 20_001 in page
    row.refresh_from_db()
    assert row.reason[0] == "x"


@pytest.mark.parametrize("grade", ["excellent", "Good", "1", "good\x00"])
def test_a_grade_that_the_scheme_does_not_have_is_refused_and_the_text_kept(
    under_way: Audit, auditor: User, grade: str
) -> None:
    row = section(under_way, "voice")
    answer = browser(auditor).post(section_url(row), typed(row, grade=grade, reason="Kept whatever the grade was."))
    row.refresh_from_db()
    if grade != "good\x00":  # what cannot be seen is taken away, and "good" is left
        assert row.grade == ""
        assert "Choose one of the answers shown" in text_of(answer)
        assert "Kept whatever the grade was." in text_of(answer)


def test_a_section_of_another_audit_is_not_found_under_this_one(
    under_way: Audit, case: Case, qa_lead: User, auditor: User
) -> None:
    other = new_audit(case=case, by=qa_lead, auditor=auditor)
    browser(auditor).post(url("start", other))
    foreign = section(other, "voice")
    client = browser(auditor)
    assert client.get(section_url(foreign)).status_code == 200
    mixed = section_url(foreign).replace(str(other.pk), str(under_way.pk))
    for name in (mixed, f"{mixed}autosave/"):
        assert client.get(name).status_code == 404
        assert client.post(name, typed(foreign)).status_code == 404
    foreign.refresh_from_db()
    assert foreign.grade == ""


def test_only_the_auditor_writes_and_others_learn_nothing(
    under_way: Audit, qa_lead: User, team_manager: User, moderator: User
) -> None:
    row = section(under_way, "voice")
    for method in ("get", "post"):
        answer = getattr(browser(qa_lead), method)(section_url(row), typed(row))
        assert answer.status_code == 403
        assert "Only the auditor of this audit can fill it in." in text_of(answer)
        for stranger in (team_manager, moderator):
            assert getattr(browser(stranger), method)(section_url(row), typed(row)).status_code == 404
    row.refresh_from_db()
    assert row.grade == ""


def test_findings_are_stored_with_themes_and_evidence(under_way: Audit, auditor: User, theme: Theme) -> None:
    row = section(under_way, "voice")
    block = {
        "strength": ["0", "1"],
        "strength-0-text": "Seen alone at each visit.",
        "strength-0-themes": [str(theme.pk)],
        "strength-0-evidence_document": "Case note",
        "strength-0-evidence_date_day": "4",
        "strength-0-evidence_date_month": "March",
        "strength-0-evidence_date_year": "2026",
        "strength-1-text": "",
        "development": ["0"],
        "development-0-text": "The plan says little of wishes.",
    }
    browser(auditor).post(section_url(row), typed(row, **block))
    strength, development = Finding.objects.order_by("-kind")
    assert (strength.kind, strength.evidence_document, strength.evidence_date) == (
        FindingKind.STRENGTH, "Case note", date(2026, 3, 4),
    )  # fmt: skip
    assert list(strength.themes.all()) == [theme]
    assert development.kind == FindingKind.DEVELOPMENT


def test_an_unknown_theme_is_refused_and_everything_typed_is_kept(
    under_way: Audit, auditor: User, theme: Theme
) -> None:
    row = section(under_way, "voice")
    block = {"strength": ["0"], "strength-0-text": "Kept on the page", "strength-0-themes": [str(uuid.uuid4())]}
    page = text_of(browser(auditor).post(section_url(row), typed(row, **block)))
    assert "Choose one of the answers shown" in page
    assert "Kept on the page" in page
    assert not Finding.objects.exists()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (("31", "2", "2026"), "The date of the document must be a real date"),
        (("1", "1", "26"), "the year must have 4 numbers"),
        (("1", "1", "2199"), "The date of the document must be on or before"),
        (("02", "13", "2021"), "The date of the document must be a real date"),
    ],
)
def test_an_impossible_date_is_refused_and_kept(
    under_way: Audit, auditor: User, day: tuple[str, str, str], words: str
) -> None:
    row = section(under_way, "voice")
    block = {"strength": ["0"], "strength-0-text": "Seen alone"}
    block |= {f"strength-0-evidence_date_{box}": each for box, each in zip(("day", "month", "year"), day, strict=True)}
    page = text_of(browser(auditor).post(section_url(row), typed(row, **block)))
    assert words in page
    assert f'value="{day[2]}"' in page


def test_another_block_keeps_what_was_typed_without_scripts(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    block = {"strength": ["0"], "strength-0-text": "The first strength", "then": "add:strength"}
    answer = client.post(section_url(row), typed(row, **block))
    assert answer.url == f"{section_url(row)}?more=strength#id_strength-1-text"
    page = text_of(client.get(answer.url))
    assert "The first strength" in page
    assert 'name="strength-1-text"' in page


def test_another_block_keeps_what_was_typed_even_where_it_cannot_be_stored(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    block = {"strength": ["0"], "strength-0-evidence_document": "Case note", "then": "add:strength"}
    page = text_of(browser(auditor).post(section_url(row), typed(row, **block)))
    assert "Enter the strength, or remove this block" in page
    assert 'value="Case note"' in page
    assert 'name="strength-1-text"' in page


def test_a_block_is_removed_without_scripts(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    blocks = {
        "strength": ["0", "1"],
        "strength-0-text": "Goes",
        "strength-1-text": "Stays",
        "then": "remove:strength-0",
    }
    client.post(section_url(row), typed(row, **blocks))
    assert [finding.text for finding in Finding.objects.all()] == ["Stays"]


def test_a_section_may_be_left_out_with_a_reason(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    row.section.use = SectionUse.REQUIRED
    row.section.save()
    client = browser(auditor)
    data = {"version": row.version, "not_applicable": "yes", "then": "continue"}
    page = text_of(client.post(section_url(row), data, follow=True))
    assert "Say why this section does not apply" in page
    row.refresh_from_db()
    data |= {"not_applicable_reason": "There was no such work in the period.", "version": row.version}
    client.post(section_url(row), data)
    row.refresh_from_db()
    assert row.state == SectionState.NOT_APPLICABLE


def test_an_always_required_section_cannot_be_left_out(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    assert "not_applicable" not in text_of(client.get(section_url(row)))
    client.post(section_url(row), typed(row, not_applicable="yes", not_applicable_reason="Tampered with"))
    row.refresh_from_db()
    assert row.state == SectionState.COMPLETE


def test_another_grade_asks_for_the_reason_to_be_checked(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    client = browser(auditor)
    client.post(section_url(row), typed(row))
    row.refresh_from_db()
    page = text_of(client.post(section_url(row), typed(row, grade="inadequate"), follow=True))
    assert "The grade was changed; check that the reason still fits it" in page
    row.refresh_from_db()
    assert row.state == SectionState.IN_PROGRESS
    client.post(section_url(row), typed(row, grade="inadequate", reason_checked="on"))
    row.refresh_from_db()
    assert row.state == SectionState.COMPLETE


ANSWERS = [
    (QuestionKind.YES_PARTLY_NO, "partly", "partly", "maybe"),
    (QuestionKind.EVIDENCED, "no", "no", "na"),
    (QuestionKind.GRADE, "good", "good", "fine"),
    (QuestionKind.SCALE, "10", 10, "11"),
    (QuestionKind.NUMBER, "1,234", 1234, "NaN"),
    (QuestionKind.NUMBER, "-2.5", -2.5, "1e9"),
    (QuestionKind.NUMBER, "83", 83, "83%"),
    (QuestionKind.CHOICE, "b", "b", "c"),
    (QuestionKind.CHOICES, ["a", "b"], ["a", "b"], ["a", "c"]),
    (QuestionKind.SHORT_TEXT, "Brief", "Brief", "x" * 501),
    (QuestionKind.LONG_TEXT, "Long", "Long", "x" * 20_001),
    (QuestionKind.EVIDENCE, "Case note, 4 March", "Case note, 4 March", "x" * 501),
    (QuestionKind.FAMILY_FEEDBACK, "They felt heard", "They felt heard", "x" * 20_001),
]


@pytest.mark.parametrize(("kind", "answer", "stored", "refused"), ANSWERS)
def test_every_kind_of_question_takes_its_answer_and_refuses_others(
    under_way: Audit, auditor: User, kind: str, answer: object, stored: object, refused: object
) -> None:
    row = section(under_way, "voice")
    ToolQuestion.objects.create(
        section=row.section, key="more", kind=kind, text="And this?", position=1,
        options=[{"key": "a", "label": "First"}, {"key": "b", "label": "Second"}],
    )  # fmt: skip
    client = browser(auditor)
    client.post(section_url(row), typed(row, **{"q-more": answer}))
    assert row.answers.get(question__key="more").value == stored
    row.refresh_from_db()
    page = text_of(client.post(section_url(row), typed(row, **{"q-more": refused})))
    assert "There is a problem" in page
    assert row.answers.get(question__key="more").value == stored
    assert "And this?" in text_of(client.get(section_url(row)))


def test_a_date_question_takes_three_boxes(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    ToolQuestion.objects.create(section=row.section, key="when", kind=QuestionKind.DATE, text="When?", position=1)
    boxes = {"q-when_day": "29", "q-when_month": "2", "q-when_year": "2024"}
    browser(auditor).post(section_url(row), typed(row, **boxes))
    assert row.answers.get(question__key="when").value == "2024-02-29"


def test_a_conditional_question_says_when_it_is_asked(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    ToolQuestion.objects.create(
        section=row.section, key="why", kind=QuestionKind.LONG_TEXT, text="Why not?", position=1,
        show_if={"question": "seen", "answers": ["no", "partly"]},
    )  # fmt: skip
    client = browser(auditor)
    page = text_of(client.get(section_url(row)))
    assert "Only if you answered “No” or “Partly” to “Was the child seen alone?”." in page
    assert 'data-show-if="q-seen" data-show-values="no partly"' in page
    client.post(section_url(row), typed(row))
    row.refresh_from_db()
    assert row.state == SectionState.COMPLETE


def test_a_submitted_audit_cannot_be_written_and_says_so(under_way: Audit, auditor: User) -> None:
    row = section(under_way, "voice")
    Audit.objects.filter(pk=under_way.pk).update(status="submitted")
    client = browser(auditor)
    assert client.get(section_url(row)).url == url("detail", under_way)
    answer = client.post(section_url(row), typed(row))
    assert answer.status_code == 409
    assert "This audit is now “Submitted”; you cannot change what was written." in text_of(answer)
