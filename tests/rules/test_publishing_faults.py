"""What keeps a tool from being made live: every fault of product.md TM-2, told at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audits.choices import Grade, LimitingRule, QuestionKind
from audits.rules.building import BuiltQuestion, BuiltSection, BuiltTool, may_lead, reasons_not_to_publish
from audits.rules.grading import RuleSetting

GRADES = tuple((grade.value, grade.label) for grade in Grade)


def question(key: str, **changes: Any) -> BuiltQuestion:
    return BuiltQuestion(**{"key": key, "kind": QuestionKind.YES_PARTLY_NO, "text": f"Is {key} so?", **changes})


def section(key: str = "safety", *questions: BuiltQuestion, **changes: Any) -> BuiltSection:
    asked = questions or (question("seen"),)
    return BuiltSection(**{"key": key, "title": key.capitalize(), "questions": asked, **changes})


def tool(*sections: BuiltSection, **changes: Any) -> BuiltTool:
    return BuiltTool(**{"scheme": "Four", "grades": GRADES, "sections": sections or (section(),), **changes})


def only_if(leader: str, *answers: str) -> dict[str, Any]:
    return {"show_if": {"question": leader, "answers": list(answers)}}


def told(built: BuiltTool) -> list[str]:
    return [fault.message for fault in reasons_not_to_publish(built)]


def test_a_sound_tool_has_no_faults() -> None:
    follows = question("why", kind=QuestionKind.SHORT_TEXT, **only_if("seen", "no", "partly"))
    assert told(tool(section("safety", question("seen"), follows))) == []


def test_a_tool_without_sections() -> None:
    assert told(BuiltTool(scheme="Four", grades=GRADES)) == ["The tool has no sections. Add the first one"]


def test_a_section_without_questions_is_named_with_its_key() -> None:
    faults = reasons_not_to_publish(tool(section("safety"), BuiltSection("plan", "Plan")))
    assert [(fault.where, fault.message) for fault in faults] == [
        ("section:plan", "“Plan” has no questions. Add one, or remove the section")
    ]


def test_a_scheme_with_grades_needs_a_graded_section() -> None:
    assert told(tool(section(graded=False))) == [
        "No section is graded, but the tool's scheme has grades. Grade a section"
    ]


def test_a_scheme_without_grades_grades_nothing() -> None:
    asks = section("safety", question("mark", kind=QuestionKind.GRADE))
    assert told(tool(asks, grades=())) == [
        "“Safety” is graded, but the tool's scheme has no grades",
        "“Is mark so?” asks for a grade, but the tool's scheme has none",
    ]
    assert told(tool(section(graded=False), grades=())) == []


def test_a_limiting_section_is_graded() -> None:
    assert told(tool(section(), section("plan", graded=False, limiting=True))) == [
        "“Plan” limits the overall grade, but is not graded itself"
    ]


def test_duplicate_keys_titles_and_wordings() -> None:
    twice = section(
        "safety", question("seen"), question("seen", text="Another?"), question("heard", text="Is seen so?")
    )
    assert told(tool(twice, section("other", title="SAFETY "))) == [
        "Two sections are called “SAFETY ” (or have its key)",
        "“Safety” asks “Another?” twice (or has its key twice)",
        "“Safety” asks “Is seen so?” twice (or has its key twice)",
    ]


def test_a_choice_offers_two_different_answers() -> None:
    one = question("how", kind=QuestionKind.CHOICE, options=(("a", "Well"),))
    same = question("when", kind=QuestionKind.CHOICES, options=(("a", "Well"), ("b", "well")))
    assert told(tool(section("safety", one, same))) == [
        "“Is when so?” offers the answer “well” twice",
        "“Is how so?” offers fewer than two answers to choose from",
    ]


@pytest.mark.parametrize(
    ("leader", "condition", "why"),
    [
        (question("seen"), only_if("gone", "yes"), "it depends on a question that is not in this section"),
        (question("seen"), only_if("seen"), "no answer to “Is seen so?” is chosen for it"),
        (question("seen"), only_if("seen", "maybe"), "“Is seen so?” does not offer the answer that it needs"),
        (
            question("seen", kind=QuestionKind.NUMBER),
            only_if("seen", "3"),
            "it depends on “Is seen so?”, whose answer is written and not chosen",
        ),
        (
            question("seen", repeats="sibling"),
            only_if("seen", "yes"),
            "it depends on “Is seen so?”, which is asked again for each sibling",
        ),
    ],
)
def test_a_condition_that_can_never_be_true(leader: BuiltQuestion, condition: dict[str, Any], why: str) -> None:
    assert told(tool(section("safety", leader, question("why", **condition)))) == [
        f"“Is why so?” can never be asked: {why}"
    ]


def test_a_condition_that_waits_for_an_answer_no_longer_offered() -> None:
    follows = question("why", **only_if("seen", "no", "maybe"))
    assert told(tool(section("safety", question("seen"), follows))) == [
        "“Is why so?” waits for an answer to “Is seen so?” that is not offered any more"
    ]


def test_a_loop_of_conditions_is_told_once() -> None:
    loop = (
        question("a", **only_if("c", "yes")),
        question("b", **only_if("a", "yes")),
        question("c", **only_if("b", "no")),
    )
    assert told(tool(section("safety", *loop))) == [
        "These questions wait for one another: "
        "“Is a so?” waits for “Is c so?” waits for “Is b so?” waits for “Is a so?”"
    ]


def test_a_question_that_hangs_on_a_loop_is_not_on_it() -> None:
    loop = (question("a", **only_if("b", "yes")), question("b", **only_if("a", "yes")))
    assert len(told(tool(section("safety", *loop, question("c", **only_if("a", "yes")))))) == 1


def test_a_limiting_rule_on_a_missing_section() -> None:
    rules = (
        RuleSetting("L1", section_key="gone"), RuleSetting("L2"), RuleSetting("L3", section_key="plan"),
        RuleSetting("L4"), RuleSetting("L1", section_key="gone", enabled=False),
    )  # fmt: skip
    assert told(tool(section(), section("plan", graded=False), rules=rules)) == [
        f"Limiting rule “{LimitingRule.L1.label}” names a section that is not there",
        f"Limiting rule “{LimitingRule.L2.label}”: say which section it is about",
        f"Limiting rule “{LimitingRule.L3.label}” names “Plan”, which is not graded",
    ]


def test_an_outstanding_audit_must_be_possible() -> None:
    rules = (RuleSetting("L5", number=3),)
    assert told(tool(rules=rules)) == ["An outstanding audit needs 3 outstanding sections, but only 1 is graded"]
    assert told(tool(section("a"), section("b"), section("c"), rules=rules)) == []


def test_required_feedback_asks_for_conversations() -> None:
    assert told(tool(asks_for_conversations=False, requires_family_feedback=True)) == [
        "The tool requires feedback from the family, but asks for no conversations"
    ]


def test_every_fault_is_told_at_once() -> None:
    broken = tool(
        section("safety", question("why", **only_if("gone", "yes"))), BuiltSection("plan", "Plan", graded=False),
        rules=(RuleSetting("L1", section_key="gone"),),
    )  # fmt: skip
    assert len(told(broken)) == 3


def test_a_question_leads_to_others_of_its_own_round() -> None:
    once, sibling = question("a"), question("b", repeats="sibling")
    assert may_lead(once, sibling)
    assert may_lead(sibling, question("c", repeats="sibling"))
    assert not may_lead(sibling, question("c", repeats="visit"))
    assert not may_lead(sibling, once)
    assert not may_lead(once, once)
    assert not may_lead(replace(once, kind=QuestionKind.DATE), sibling)
