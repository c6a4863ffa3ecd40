"""What an audit must hold before it can be submitted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.choices import ConversationOutcome, ConversationWith, Grade, QuestionKind, SectionState, SectionUse
from audits.rules.grading import GradedSection, RuleSetting, ceiling
from audits.rules.submission import (
    AskedQuestion,
    AskedSection,
    HeldConversation,
    Overall,
    WrittenSection,
    is_shown,
    questions_left,
    reason_needs_checking,
    reasons_not_to_submit,
    section_state,
    what_a_section_lacks,
    what_is_wrong_with_an_answer,
)

REASON = "Twenty characters or more."
SEEN = AskedQuestion("seen", QuestionKind.YES_PARTLY_NO, "Was the child seen alone?")
WHY = AskedQuestion(
    "why", QuestionKind.SHORT_TEXT, "Why not?", show_if={"question": "seen", "answers": ["no", "partly"]}
)
VOICE = AskedSection("voice", "Child's voice", questions=(SEEN, WHY))
DONE = WrittenSection(answers={"seen": "yes"}, grade=Grade.GOOD, reason=REASON)


def written(**changes: object) -> WrittenSection:
    return WrittenSection(**{**DONE.__dict__, **changes})


@pytest.mark.parametrize(
    ("made", "state"),
    [
        (WrittenSection(), SectionState.NOT_STARTED),
        (WrittenSection(answers={"seen": " "}, reason="\u200b"), SectionState.NOT_STARTED),
        (WrittenSection(findings=1), SectionState.IN_PROGRESS),
        (WrittenSection(grade=Grade.GOOD), SectionState.IN_PROGRESS),
        (written(reason="Nineteen characters"), SectionState.IN_PROGRESS),
        (written(reason="Twenty characters.. "), SectionState.IN_PROGRESS),
        (written(reason="Twenty characters..."), SectionState.COMPLETE),
        (written(answers={"seen": "no"}), SectionState.IN_PROGRESS),
        (written(answers={"seen": "no", "why": "A baby"}), SectionState.COMPLETE),
        (written(reason_to_check=True), SectionState.IN_PROGRESS),
        (WrittenSection(not_applicable=True), SectionState.IN_PROGRESS),
        (WrittenSection(not_applicable=True, not_applicable_reason="Unborn"), SectionState.NOT_APPLICABLE),
        (DONE, SectionState.COMPLETE),
    ],
)
def test_how_far_a_section_is(made: WrittenSection, state: str) -> None:
    assert section_state(VOICE, made) == state


def test_a_section_that_is_always_required_cannot_be_left_out() -> None:
    always = AskedSection("impact", "Impact", use=SectionUse.ALWAYS, questions=(SEEN,))
    left_out = WrittenSection(not_applicable=True, not_applicable_reason="We ran out of time")
    assert section_state(always, left_out) == SectionState.IN_PROGRESS
    assert what_a_section_lacks(always, left_out)


def test_an_optional_section_is_whole_or_empty() -> None:
    optional = AskedSection("extra", "Extra", use=SectionUse.OPTIONAL, questions=(SEEN,))
    assert what_a_section_lacks(optional, WrittenSection()) == []
    assert what_a_section_lacks(optional, WrittenSection(grade=Grade.GOOD)) == [
        "Extra: answer “Was the child seen alone?”",
        "Extra: give the reason for the grade in at least 20 characters",
    ]


def test_an_ungraded_section_needs_no_grade() -> None:
    section = AskedSection("support", "Support", graded=False, questions=(SEEN,))
    assert section_state(section, WrittenSection(answers={"seen": "na"})) == SectionState.COMPLETE


def test_a_question_whose_condition_is_hidden_is_hidden_too() -> None:
    third = AskedQuestion("more", QuestionKind.SHORT_TEXT, "More?", show_if={"question": "why", "answers": ["A baby"]})
    section = AskedSection("voice", "Voice", questions=(SEEN, WHY, third))
    assert is_shown(third, section, {"seen": "no", "why": "A baby"})
    assert not is_shown(third, section, {"seen": "yes", "why": "A baby"})
    assert [question.key for question in questions_left(section, WrittenSection(answers={"seen": "no"}))] == ["why"]


def test_conditions_in_a_circle_hide_both() -> None:
    one = AskedQuestion("one", QuestionKind.EVIDENCED, "One?", show_if={"question": "two", "answers": ["yes"]})
    two = AskedQuestion("two", QuestionKind.EVIDENCED, "Two?", show_if={"question": "one", "answers": ["yes"]})
    section = AskedSection("circle", "Circle", questions=(one, two))
    assert not is_shown(one, section, {"one": "yes", "two": "yes"})


def test_several_choices_meet_a_condition_with_one_of_them() -> None:
    many = AskedQuestion("many", QuestionKind.CHOICES, "Which?", options=("a", "b"))
    follow = AskedQuestion("follow", QuestionKind.SHORT_TEXT, "How?", show_if={"question": "many", "answers": ["b"]})
    section = AskedSection("s", "S", questions=(many, follow))
    assert is_shown(follow, section, {"many": ["a", "b"]})
    assert not is_shown(follow, section, {"many": ["a"]})


@pytest.mark.parametrize(
    ("before", "after", "checked", "needed"),
    [
        (DONE, written(grade=Grade.INADEQUATE), False, True),
        (DONE, written(grade=Grade.INADEQUATE), True, False),
        (DONE, written(grade=Grade.INADEQUATE, reason=REASON + " And more."), False, False),
        (written(grade=""), DONE, False, False),
        (written(reason=""), written(grade=Grade.INADEQUATE, reason=""), False, False),
        (written(reason_to_check=True), DONE, False, True),
        (written(reason_to_check=True), DONE, True, False),
        (written(reason_to_check=True), written(reason=REASON + "!"), False, False),
        (DONE, written(answers={}), False, False),
    ],
)
def test_another_grade_asks_for_the_reason_to_be_checked(
    before: WrittenSection, after: WrittenSection, checked: bool, needed: bool
) -> None:
    assert reason_needs_checking(before, after, checked=checked) is needed


RI_SAFEGUARDING = ceiling(
    [GradedSection("safeguarding", "Safeguarding", Grade.REQUIRES_IMPROVEMENT, limiting=True)],
    alert_open=False,
    rules=[RuleSetting("L2", section_key="safeguarding", ceiling=Grade.REQUIRES_IMPROVEMENT)],
)
NO_LIMIT = ceiling([], alert_open=False, rules=[])
GOOD = Overall(grade=Grade.GOOD, counts_as=Grade.GOOD, rationale="Because.")


def test_every_fault_is_told_at_once_in_the_order_of_the_form() -> None:
    faults = reasons_not_to_submit(
        sections=[(VOICE, WrittenSection()), (AskedSection("plan", "Plan"), WrittenSection(grade=Grade.GOOD))],
        overall=Overall(),
        ceiling=NO_LIMIT,
        graded=True,
        requires_family_feedback=True,
    )
    assert [(fault.where, fault.message) for fault in faults] == [
        ("section:voice", "Child's voice: answer “Was the child seen alone?”"),
        ("section:voice", "Child's voice: choose a grade"),
        ("section:voice", "Child's voice: give the reason for the grade in at least 20 characters"),
        ("section:plan", "Plan: give the reason for the grade in at least 20 characters"),
        ("conversations", "Record a conversation with the child, a parent or a carer, or why there was none"),
        ("overall", "Choose an overall grade"),
        ("overall", "Give the rationale for the overall grade"),
    ]


@pytest.mark.parametrize(("reason", "stands"), [("", False), ("x" * 29, False), ("x" * 30, True)])
def test_a_grade_above_a_soft_limit_needs_a_written_override(reason: str, stands: bool) -> None:
    overall = Overall(grade=Grade.GOOD, counts_as=Grade.GOOD, rationale="Because.", override_reason=reason)
    faults = reasons_not_to_submit(sections=[], overall=overall, ceiling=RI_SAFEGUARDING, graded=True)
    assert (not faults) is stands


@pytest.mark.parametrize(
    ("talks", "reason", "stands"),
    [
        ([], "", False),
        ([], "   ", False),
        ([], "The family did not wish to be asked.", True),
        ([HeldConversation(ConversationWith.WORKER, ConversationOutcome.DONE)], "", False),
        ([HeldConversation(ConversationWith.CARER, ConversationOutcome.DONE)], "", True),
        ([HeldConversation(ConversationWith.CHILD, ConversationOutcome.DECLINED)], "", True),
    ],
)
def test_family_feedback_is_recorded_or_its_absence_explained(
    talks: list[HeldConversation], reason: str, stands: bool
) -> None:
    overall = Overall(**{**GOOD.__dict__, "no_family_feedback_reason": reason})
    faults = reasons_not_to_submit(
        sections=[], overall=overall, ceiling=NO_LIMIT, graded=True, conversations=talks, requires_family_feedback=True
    )
    assert (not faults) is stands
    assert not reasons_not_to_submit(sections=[], overall=overall, ceiling=NO_LIMIT, graded=True, conversations=talks)


def test_a_tool_without_grades_needs_no_overall_grade() -> None:
    assert reasons_not_to_submit(sections=[], overall=Overall(), ceiling=NO_LIMIT, graded=False) == []


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (QuestionKind.YES_PARTLY_NO, ["yes", "partly", "no", "na"], ["maybe", 1, ["yes"]]),
        (QuestionKind.EVIDENCED, ["yes", "no"], ["partly"]),
        (QuestionKind.GRADE, ["good"], ["adequate"]),
        (QuestionKind.SCALE, [0, 10], [11, -1, 5.5, True, "5"]),
        (QuestionKind.NUMBER, [0, 2.5, -3], [float("nan"), float("inf"), True, "2"]),
        (QuestionKind.DATE, ["2024-02-29"], ["2023-02-29", "29/02/2024", 3]),
        (QuestionKind.CHOICE, ["a"], ["c", ["a"]]),
        (QuestionKind.CHOICES, [["a", "b"], []], ["a", ["c"], ["a", "c"]]),
        (QuestionKind.SHORT_TEXT, ["x" * 20000, "<script>", "\u202eabc"], [1, ["x"]]),
        (QuestionKind.LONG_TEXT, ["text"], [{}]),
    ],
)
def test_an_answer_is_one_that_the_question_allows(kind: str, right: list[object], wrong: list[object]) -> None:
    question = AskedQuestion("q", kind, "?", options=("a", "b"))
    for value in (None, "", *right):
        assert what_is_wrong_with_an_answer(question, value, {"good"}) == ""
    for value in wrong:
        assert what_is_wrong_with_an_answer(question, value, {"good"})


@given(
    st.builds(
        WrittenSection,
        answers=st.dictionaries(st.sampled_from(["seen", "why"]), st.sampled_from(["yes", "no", "", "na"])),
        grade=st.sampled_from(["", "good", "inadequate"]),
        reason=st.text(max_size=40),
        reason_to_check=st.booleans(),
        not_applicable=st.booleans(),
        not_applicable_reason=st.text(max_size=5),
        findings=st.integers(0, 3),
    ),
    st.sampled_from(SectionUse.values),
    st.booleans(),
)
def test_a_section_is_finished_exactly_when_it_lacks_nothing(made: WrittenSection, use: str, graded: bool) -> None:
    section = AskedSection("s", "S", graded=graded, use=use, questions=(SEEN, WHY))
    state = section_state(section, made)
    finished = state in (SectionState.COMPLETE, SectionState.NOT_APPLICABLE)
    lacking = what_a_section_lacks(section, made)
    if state != SectionState.NOT_STARTED:
        assert finished == (not lacking)
    if state == SectionState.NOT_APPLICABLE:
        assert use != SectionUse.ALWAYS
        assert made.not_applicable
