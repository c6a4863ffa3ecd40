"""Two versions of a tool: added, removed, reworded, changed, moved; and which questions are the same."""

from __future__ import annotations

from dataclasses import replace

from audits.choices import Grade, QuestionKind
from audits.rules.building import BuiltQuestion, BuiltSection, BuiltTool
from audits.rules.grading import RuleSetting
from audits.rules.versions import Change, changes, same_question

GRADES = tuple((grade.value, grade.label) for grade in Grade)
SEEN = BuiltQuestion("seen", QuestionKind.YES_PARTLY_NO, "Was the child seen?")
WHY = BuiltQuestion("why", QuestionKind.SHORT_TEXT, "Why not?", show_if={"question": "seen", "answers": ["no"]})
VOICE = BuiltSection("voice", "Voice", questions=(SEEN, WHY))
PLAN = BuiltSection("plan", "Plan", questions=(SEEN,))
TOOL = BuiltTool("Four", GRADES, (VOICE, PLAN), (RuleSetting("L5", number=3, ceiling="good"),))


def test_a_version_is_the_same_as_itself() -> None:
    assert changes(TOOL, TOOL) == []


def test_a_question_reworded_added_and_removed() -> None:
    voice = replace(VOICE, questions=(replace(SEEN, text="Was the child seen alone?"), replace(WHY, key="because")))
    assert changes(TOOL, replace(TOOL, sections=(voice, PLAN))) == [
        Change("Voice", "Reworded", "Question", "Was the child seen?", "Was the child seen alone?"),
        Change("Voice", "Added", "Question", after="Why not?"),
        Change("Voice", "Removed", "Question", before="Why not?"),
    ]


def test_a_section_added_removed_and_moved() -> None:
    new = BuiltSection("risk", "Risk", questions=(SEEN,))
    found = changes(TOOL, replace(TOOL, sections=(PLAN, new)))
    assert [(each.where, each.kind) for each in found] == [("Risk", "Added"), ("Voice", "Removed")]
    moved = changes(TOOL, replace(TOOL, sections=(PLAN, VOICE)))
    assert [(each.kind, each.before, each.after) for each in moved] == [("Moved", "Voice\nPlan", "Plan\nVoice")]


def test_a_condition_and_a_descriptor_and_a_rule_in_words() -> None:
    always = replace(WHY, show_if={})
    voice = replace(VOICE, questions=(SEEN, always), descriptors={"good": "Seen alone."}, limiting=True)
    after = replace(TOOL, sections=(voice, PLAN), rules=(RuleSetting("L5", hard=True, number=2, ceiling="good"),))
    assert [(each.what, each.before, each.after) for each in changes(TOOL, after)] == [
        ("Limits the overall grade", "No", "Yes"),
        ("Descriptor of Good", "", "Seen alone."),
        ("Asked only if: “Why not?”", "“Was the child seen?” is answered “No”", ""),
        (
            "Too few sections are outstanding for an outstanding audit",
            "3 sections, not above Good, soft",
            "2 sections, not above Good, hard",
        ),
    ]


def test_a_reworded_question_is_another_question_to_a_count() -> None:
    assert same_question(SEEN, replace(SEEN, text="Was the  child SEEN?", hint="Look at visits", required=False))
    assert not same_question(SEEN, replace(SEEN, text="Was the child seen alone?"))
    assert not same_question(SEEN, replace(SEEN, key="other"))
    assert not same_question(SEEN, replace(SEEN, kind=QuestionKind.EVIDENCED))
    choice = replace(SEEN, kind=QuestionKind.CHOICE, options=(("a", "A"), ("b", "B")))
    assert not same_question(choice, replace(choice, options=(("a", "A"), ("c", "C"))))
