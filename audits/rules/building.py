"""What a tool's form must hold before it can be made live. Everything is told at once, in the words of the page.

Each check is one function; its docstring opens with the policy's sentence. A condition is
`{"question": "seen_alone", "answers": ["no", "partly"]}` and names another question of the same section.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from audits.choices import CHOSEN_KINDS, OPTION_KINDS, LimitingRule, QuestionKind, SectionUse
from audits.rules.grading import RuleSetting
from audits.rules.submission import EVIDENCED, YES_PARTLY_NO, Fault

_Each = TypeVar("_Each")


@dataclass(frozen=True)
class BuiltQuestion:
    """A question as it is built; `options` are (key, words) of what may be chosen, `repeats` names its block."""

    key: str
    kind: str
    text: str
    hint: str = ""
    required: bool = True
    options: tuple[tuple[str, str], ...] = ()
    show_if: Mapping[str, Any] = field(default_factory=dict)
    repeats: str = ""


@dataclass(frozen=True)
class BuiltSection:
    """A section as it is built; `descriptors` are its own words for grades, by the key of the grade."""

    key: str
    title: str
    guidance: str = ""
    graded: bool = True
    limiting: bool = False
    use: str = SectionUse.REQUIRED
    descriptors: Mapping[str, str] = field(default_factory=dict)
    questions: Sequence[BuiltQuestion] = ()


@dataclass(frozen=True)
class BuiltTool:
    """A version of a tool as it is built; `grades` are (key, name) of its scheme, best first."""

    scheme: str
    grades: tuple[tuple[str, str], ...]
    sections: Sequence[BuiltSection] = ()
    rules: Sequence[RuleSetting] = ()
    introduction: str = ""
    asks_for_conversations: bool = True
    requires_family_feedback: bool = False


def answers_of(question: BuiltQuestion, grades: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The answers among which a question lets one choose, key to words; none where the answer is written."""
    if question.kind == QuestionKind.YES_PARTLY_NO:
        return dict(YES_PARTLY_NO)
    if question.kind == QuestionKind.EVIDENCED:
        return dict(EVIDENCED)
    if question.kind == QuestionKind.GRADE:
        return dict(grades)
    return dict(question.options) if question.kind in OPTION_KINDS else {}


def may_lead(question: BuiltQuestion, other: BuiltQuestion) -> bool:
    """Whether `other` may be asked because of an answer to `question`: chosen answers, asked no more often."""
    return question.key != other.key and question.kind in CHOSEN_KINDS and question.repeats in ("", other.repeats)


def _about(section: BuiltSection, question: BuiltQuestion | None = None) -> str:
    return f"section:{section.key}" if question is None else f"question:{section.key}/{question.key}"


def _questions(tool: BuiltTool) -> Iterator[tuple[BuiltSection, BuiltQuestion]]:
    for section in tool.sections:
        for question in section.questions:
            yield section, question


def a_tool_has_sections(tool: BuiltTool) -> list[Fault]:
    """A tool has at least one section."""
    return [] if tool.sections else [Fault("tool", "The tool has no sections. Add the first one")]


def a_section_has_questions(tool: BuiltTool) -> list[Fault]:
    """Every section asks at least one question."""
    return [
        Fault(_about(section), f"“{section.title}” has no questions. Add one, or remove the section")
        for section in tool.sections
        if not section.questions
    ]


def a_graded_tool_grades_a_section(tool: BuiltTool) -> list[Fault]:
    """Where the scheme has grades, at least one section is graded; where it has none, no section is."""
    graded = [section for section in tool.sections if section.graded]
    if tool.grades and tool.sections and not graded:
        return [Fault("tool", "No section is graded, but the tool's scheme has grades. Grade a section")]
    if tool.grades:
        return []
    return [
        Fault(_about(section), f"“{section.title}” is graded, but the tool's scheme has no grades")
        for section in graded
    ]


def a_limiting_section_is_graded(tool: BuiltTool) -> list[Fault]:
    """A section that limits the overall grade is itself graded."""
    return [
        Fault(_about(section), f"“{section.title}” limits the overall grade, but is not graded itself")
        for section in tool.sections
        if section.limiting and not section.graded
    ]


def names_are_not_used_twice(tool: BuiltTool) -> list[Fault]:
    """No two sections have one name, nor two questions of a section one wording, nor two choices one name.

    The same holds for the keys by which answers are counted.
    """
    faults = []
    for section in _twice(tool.sections, lambda each: each.key, lambda each: each.title):
        faults.append(Fault(_about(section), f"Two sections are called “{section.title}” (or have its key)"))
    for section in tool.sections:
        for question in _twice(section.questions, lambda each: each.key, lambda each: each.text):
            words = f"“{section.title}” asks “{question.text}” twice (or has its key twice)"
            faults.append(Fault(_about(section, question), words))
        for question in section.questions:
            for _, label in _twice(question.options, lambda each: each[0], lambda each: each[1]):
                words = f"“{question.text}” offers the answer “{label}” twice"
                faults.append(Fault(_about(section, question), words))
    return faults


def _twice(rows: Sequence[_Each], *names: Callable[[_Each], str]) -> list[_Each]:
    """The rows that have the name of an earlier row, by any of the ways to name them."""
    again = []
    counted = [Counter[str]() for _ in names]
    for row in rows:
        keys = [" ".join(name(row).lower().split()) for name in names]
        if any(seen[key] for seen, key in zip(counted, keys, strict=True)):
            again.append(row)
        for seen, key in zip(counted, keys, strict=True):
            seen[key] += 1
    return again


def a_choice_has_two_answers(tool: BuiltTool) -> list[Fault]:
    """A question with choices offers at least two."""
    return [
        Fault(_about(section, question), f"“{question.text}” offers fewer than two answers to choose from")
        for section, question in _questions(tool)
        if question.kind in OPTION_KINDS and len(question.options) < 2
    ]


def a_grade_is_asked_where_there_are_grades(tool: BuiltTool) -> list[Fault]:
    """A question is answered with a grade only where the scheme has grades."""
    return [
        Fault(_about(section, question), f"“{question.text}” asks for a grade, but the tool's scheme has none")
        for section, question in _questions(tool)
        if question.kind == QuestionKind.GRADE and not tool.grades
    ]


def a_condition_can_come_true(tool: BuiltTool) -> list[Fault]:
    """A question that is asked only after some answer names answers that can be given, to a question that is asked."""
    faults = []
    for section in tool.sections:
        by_key = {question.key: question for question in section.questions}
        for question in section.questions:
            if question.show_if:
                why = _never(question, by_key, tool.grades)
                faults += (
                    [Fault(_about(section, question), f"“{question.text}” can never be asked: {why}")] if why else []
                )
    return faults


def _never(question: BuiltQuestion, by_key: Mapping[str, BuiltQuestion], grades: Sequence[tuple[str, str]]) -> str:
    """Why the condition of a question cannot come true; "" where it can, or where it hangs in a loop."""
    asked = by_key.get(str(question.show_if.get("question", "")))
    wanted = [str(answer) for answer in question.show_if.get("answers", ())]
    if asked is None:
        return "it depends on a question that is not in this section"
    if not wanted:
        return f"no answer to “{asked.text}” is chosen for it"
    if asked.kind not in CHOSEN_KINDS:
        return f"it depends on “{asked.text}”, whose answer is written and not chosen"
    if asked.repeats not in ("", question.repeats):
        return f"it depends on “{asked.text}”, which is asked again for each {asked.repeats}"
    if not set(wanted) & set(answers_of(asked, grades)):
        return f"“{asked.text}” does not offer the answer that it needs"
    return ""


def answers_of_a_condition_are_offered(tool: BuiltTool) -> list[Fault]:
    """Every answer that a condition names is one that the question offers."""
    faults = []
    for section in tool.sections:
        by_key = {question.key: question for question in section.questions}
        for question in section.questions:
            if not question.show_if or _never(question, by_key, tool.grades):
                continue
            asked = by_key[question.show_if["question"]]
            offered = answers_of(asked, tool.grades)
            for answer in question.show_if["answers"]:
                if str(answer) not in offered:
                    words = f"“{question.text}” waits for an answer to “{asked.text}” that is not offered any more"
                    faults.append(Fault(_about(section, question), words))
                    break
    return faults


def conditions_do_not_go_in_a_circle(tool: BuiltTool) -> list[Fault]:
    """No question waits for itself by way of others."""
    faults = []
    for section in tool.sections:
        by_key = {question.key: question for question in section.questions}
        told: set[str] = set()
        for question in section.questions:
            circle = _circle(question, by_key)
            if circle and not told & set(circle):
                told |= set(circle)
                listed = " waits for ".join(f"“{by_key[key].text}”" for key in [*circle, circle[0]])
                faults.append(Fault(_about(section, question), f"These questions wait for one another: {listed}"))
    return faults


def _circle(question: BuiltQuestion, by_key: Mapping[str, BuiltQuestion]) -> list[str]:
    """The keys of the circle on which the question lies; empty where it lies on none."""
    way = [question.key]
    following = by_key.get(str(question.show_if.get("question", "")))
    while following is not None and following.key not in way:
        way.append(following.key)
        following = by_key.get(str(following.show_if.get("question", "")))
    return way if following is not None and following.key == question.key else []


def a_limiting_rule_finds_its_section(tool: BuiltTool) -> list[Fault]:
    """A limiting rule that names a section names one of this tool that is graded."""
    faults = []
    by_key = {section.key: section for section in tool.sections}
    for rule in _in_force(tool):
        words = LimitingRule(rule.rule).label
        section = by_key.get(rule.section_key)
        if not rule.section_key:
            if rule.rule in (LimitingRule.L1, LimitingRule.L2):
                faults.append(Fault(f"rule:{rule.rule}", f"Limiting rule “{words}”: say which section it is about"))
        elif section is None:
            faults.append(Fault(f"rule:{rule.rule}", f"Limiting rule “{words}” names a section that is not there"))
        elif not section.graded:
            sentence = f"Limiting rule “{words}” names “{section.title}”, which is not graded"
            faults.append(Fault(f"rule:{rule.rule}", sentence))
    return faults


def an_outstanding_audit_is_possible(tool: BuiltTool) -> list[Fault]:
    """The number of outstanding sections that an outstanding audit needs is not more than the tool has."""
    graded = sum(section.graded for section in tool.sections)
    return [
        Fault(
            f"rule:{rule.rule}",
            f"An outstanding audit needs {rule.number} outstanding sections, but only {graded} "
            f"{'is' if graded == 1 else 'are'} graded",
        )
        for rule in _in_force(tool)
        if rule.rule == LimitingRule.L5 and rule.number and graded and rule.number > graded
    ]


def _in_force(tool: BuiltTool) -> list[RuleSetting]:
    return [rule for rule in tool.rules if rule.enabled] if tool.grades else []


def required_feedback_can_be_recorded(tool: BuiltTool) -> list[Fault]:
    """A tool that requires feedback from the family also asks for conversations."""
    if tool.requires_family_feedback and not tool.asks_for_conversations:
        return [Fault("settings", "The tool requires feedback from the family, but asks for no conversations")]
    return []


CHECKS: tuple[Callable[[BuiltTool], list[Fault]], ...] = (
    a_tool_has_sections,
    a_section_has_questions,
    a_graded_tool_grades_a_section,
    a_limiting_section_is_graded,
    names_are_not_used_twice,
    a_choice_has_two_answers,
    a_grade_is_asked_where_there_are_grades,
    a_condition_can_come_true,
    answers_of_a_condition_are_offered,
    conditions_do_not_go_in_a_circle,
    a_limiting_rule_finds_its_section,
    an_outstanding_audit_is_possible,
    required_feedback_can_be_recorded,
)


def reasons_not_to_publish(tool: BuiltTool) -> list[Fault]:
    """All that stands in the way of making a tool live, in the order of the checks."""
    return [fault for check in CHECKS for fault in check(tool)]
