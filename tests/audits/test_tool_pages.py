"""The tool editor's pages: what was typed is kept, two editors see both texts, faults lead to their place."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from audits.models import GradeScheme, ToolQuestion, ToolSection, ToolVersion
from audits.services import building, publishing
from tests.audits.pages import browser, text_of
from tests.factories.audits import four_grades, live_tool

pytestmark = pytest.mark.django_db


def section_data(row: ToolSection, **changes: Any) -> dict[str, Any]:
    return {"version": row.revision, "title": row.title, "use": row.use, "graded": "on", **changes}


@pytest.fixture
def draft(qa_lead: User) -> ToolVersion:
    return publishing.draft_version(tool=live_tool().tool, by=qa_lead)


def test_a_tool_is_built_and_made_live_page_by_page(qa_lead: User) -> None:
    four_grades()
    client = browser(qa_lead)
    answer = client.post(
        reverse("audits:new_tool"),
        {"version": 1, "name": "Closure audit", "subject_kinds": ["child"], "scheme": "ofsted"},
    )
    version = ToolVersion.objects.get(tool__name="Closure audit")
    here = reverse("audits:tool_version", args=[version.pk])
    assert answer.url == here
    client.post(
        reverse("audits:add_tool_section", args=[version.pk]),
        {
            "version": 0,
            "title": "Reason for closing",
            "use": "always",
            "graded": "on",
            "d-good": "Clear to the family.",
        },
    )
    home = version.sections.get()
    assert home.descriptors == {"good": "Clear to the family."}
    add = reverse("audits:add_tool_question", args=[home.pk])
    answer = client.post(
        add, {"version": 0, "text": "Was the family told?", "kind": "evidenced", "required": "on", "then": "another"}
    )
    assert answer.url == add
    client.post(add, {"version": 0, "text": "Why not?", "kind": "short_text"})
    told, why = home.questions.all()
    page = text_of(client.get(reverse("audits:tool_condition", args=[why.pk]), {"leader": told.key}))
    assert "Ask it when the answer is" in page
    client.post(reverse("audits:tool_condition", args=[why.pk]), {"version": 1, "leader": told.key, "answers": ["no"]})
    page = text_of(client.get(reverse("audits:publish_tool", args=[version.pk])))
    assert "It cannot be made live yet" in page
    assert "needs 3 outstanding sections, but only 1 is graded" in page
    assert reverse("audits:tool_rule", args=[version.pk, "L5"]) in page
    client.post(
        reverse("audits:tool_rule", args=[version.pk, "L5"]),
        {"version": version.version, "enabled": "on", "hard": "soft", "ceiling": "good", "number": "1"},
    )
    version.refresh_from_db()
    address = reverse("audits:publish_tool", args=[version.pk])
    read = re.search(r'name="seen" value="(\w+)"', text_of(client.get(address)))
    assert read
    ToolQuestion.objects.filter(pk=why.pk).update(text="Why was that?")
    assert client.post(address, {"seen": read[1]}).status_code == 409
    version.refresh_from_db()
    assert version.status == "draft"
    read = re.search(r'name="seen" value="(\w+)"', text_of(client.get(address)))
    assert read
    client.post(address, {"seen": read[1]})
    version.refresh_from_db()
    assert version.status == "live"
    preview = text_of(client.get(reverse("audits:preview_tool_section", args=[home.pk])))
    assert "Clear to the family." in preview
    assert 'data-show-if="q-was-the-family-told"' in preview
    assert "Only if you answered “No” to “Was the family told?”." in preview


def test_a_second_editor_sees_both_texts_and_loses_none(draft: ToolVersion, qa_lead: User, qa_admin: User) -> None:
    row = draft.sections.get(key="voice")
    url = reverse("audits:tool_section", args=[row.pk])
    mine = section_data(row, title="Voice", guidance="Mine")
    hers = building.SectionText(title="Child's voice", guidance="Hers")
    building.write_section(version=draft, section=row, draft=hers, by=qa_lead, revision=row.revision)
    client = browser(qa_admin)
    answer = client.post(url, mine)
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Somebody else saved this after you opened it" in page
    assert "Hers" in page
    assert re.search(r"<textarea[^>]*name=\"guidance\"[^>]*>\s*Mine</textarea>", page)
    row.refresh_from_db()
    assert row.guidance == "Hers"
    again = {**mine, "version": re.search(r'name="version" value="(\d+)"', page)[1]}  # type: ignore[index]
    assert client.post(url, again).status_code == 302
    row.refresh_from_db()
    assert row.guidance == "Mine"


def test_what_is_wrong_is_said_and_what_was_typed_stays(draft: ToolVersion, qa_lead: User) -> None:
    home = draft.sections.get(key="voice")
    url = reverse("audits:add_tool_question", args=[home.pk])
    page = text_of(browser(qa_lead).post(url, {"version": 0, "text": "How?", "kind": "choice", "options": "Well\n\n"}))
    assert "Enter at least two choices, one on each line" in page
    assert "How?</textarea>" in page
    page = text_of(browser(qa_lead).post(url, {"version": 0, "text": "was the child  seen alone?", "kind": "number"}))
    assert "This section asks that already" in page
    assert home.questions.count() == 1


def test_a_live_version_shows_no_way_to_change_it(qa_lead: User) -> None:
    live = live_tool()
    row = live.sections.get(key="voice")
    page = text_of(browser(qa_lead).get(reverse("audits:tool_version", args=[live.pk])))
    assert "Take it out of use" in page
    assert reverse("audits:tool_section", args=[row.pk]) not in page
    assert browser(qa_lead).get(reverse("audits:tool_section", args=[row.pk])).status_code == 409


def test_removing_a_question_leaves_its_followers_as_faults(draft: ToolVersion, qa_lead: User) -> None:
    home = draft.sections.get(key="voice")
    seen = home.questions.get()
    why = building.write_question(section=home, draft=building.QuestionText("short_text", "Why?"), by=qa_lead)
    building.write_condition(question=why, leader="seen", answers=["no"], by=qa_lead, revision=why.revision)
    client = browser(qa_lead)
    client.post(reverse("audits:remove_tool_question", args=[seen.pk]))
    assert not ToolQuestion.objects.filter(pk=seen.pk).exists()
    page = text_of(client.get(reverse("audits:tool_version", args=[draft.pk])))
    assert "can never be asked: it depends on a question that is not in this section" in page
    client.post(reverse("audits:tool_condition", args=[why.pk]), {"version": 2})
    why.refresh_from_db()
    assert why.show_if == {}


def test_two_versions_are_compared_the_earlier_first(draft: ToolVersion, qa_lead: User) -> None:
    row = draft.sections.get(key="voice")
    text = building.SectionText(title="Lived experience")
    building.write_section(version=draft, section=row, draft=text, by=qa_lead, revision=row.revision)
    page = text_of(browser(qa_lead).get(reverse("audits:compare_tools", args=[draft.pk, live_tool().pk])))
    assert page.index("Child&#x27;s voice</td>") < page.index("Lived experience</td>")


def test_a_scheme_is_made_in_the_browser_by_a_qa_lead(qa_lead: User, qa_admin: User) -> None:
    data = {
        "version": 0, "name": "Met or not met", "grade-0-name": "Met", "grade-0-counts_as": "good",
        "grade-1-name": "Not met", "grade-2-descriptor": "Lost",
    }  # fmt: skip
    url = reverse("audits:new_grade_scheme")
    assert browser(qa_admin).post(url, data).status_code == 403
    assert "Enter the grade, or empty the rest of its row" in text_of(browser(qa_lead).post(url, data))
    assert not GradeScheme.objects.exists()
    del data["grade-2-descriptor"]
    browser(qa_lead).post(url, data)
    scheme = GradeScheme.objects.get()
    assert list(scheme.grades.values_list("name", "counts_as")) == [("Met", "good"), ("Not met", "")]
