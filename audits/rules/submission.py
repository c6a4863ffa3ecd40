"""What an audit must hold before it can be submitted, and how far each section is.

Everything is told at once, in the words of the page. A condition is
`{"question": "seen_alone", "answers": ["no", "partly"]}` and names another question of the same section.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from audits.choices import (
    FAMILY,
    ConversationOutcome,
    QuestionKind,
    SectionState,
    SectionUse,
)
from audits.rules.grading import Ceiling, characters

MIN_REASON = 20
YES_PARTLY_NO = {"yes": "Yes", "partly": "Partly", "no": "No", "na": "Not applicable"}
EVIDENCED = {"yes": "Yes", "no": "No"}


@dataclass(frozen=True)
class AskedQuestion:
    """A question as the tool asks it; `options` are the keys of what may be chosen.

    Questions with the same word in `repeats` ("sibling") are asked in rounds, once for each.
    """

    key: str
    kind: str
    text: str
    required: bool = True
    show_if: Mapping[str, Any] = field(default_factory=dict)
    options: Collection[str] = ()
    repeats: str = ""


@dataclass(frozen=True)
class AskedSection:
    """A section as the tool asks it."""

    key: str
    title: str
    graded: bool = True
    use: str = SectionUse.REQUIRED
    questions: Sequence[AskedQuestion] = ()


@dataclass(frozen=True)
class WrittenSection:
    """A section as the auditor wrote it. `answers` maps question keys to values; a blank one is not there.

    The second round of a question that repeats stands under its key and "#1", the third under "#2", and so on.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    grade: str = ""
    reason: str = ""
    reason_to_check: bool = False
    not_applicable: bool = False
    not_applicable_reason: str = ""
    findings: int = 0


@dataclass(frozen=True)
class HeldConversation:
    """With whom a conversation was held or tried, and what came of it."""

    with_whom: str
    outcome: str


@dataclass(frozen=True)
class Overall:
    """The overall judgement: `grade` is a key of the scheme, `counts_as` one of the four or empty."""

    grade: str = ""
    counts_as: str = ""
    rationale: str = ""
    override_reason: str = ""
    no_family_feedback_reason: str = ""


@dataclass(frozen=True)
class Fault:
    """One thing that stands in the way: "section:<key>", "overall" or "conversations", and the sentence."""

    where: str
    message: str


def is_blank(value: Any) -> bool:
    """Whether an answer says nothing: None, no choice, or text of spaces and invisible characters."""
    if isinstance(value, str):
        return characters(value) == 0
    return value is None or value == []


def in_round(key: str, place: int) -> str:
    """The key under which the answer of a round is kept; the first round is 0."""
    return f"{key}#{place}" if place else key


def round_of(key: str) -> tuple[str, int]:
    """A key of the answers as question key and round."""
    question, _, place = key.partition("#")
    return question, int(place) if place.isdecimal() else 0


def rounds_of(question: AskedQuestion, section: AskedSection, answers: Mapping[str, Any]) -> list[int]:
    """The rounds in which the question is asked: the first, and those in which anything of its block is answered."""
    if not question.repeats:
        return [0]
    block = {each.key for each in section.questions if each.repeats == question.repeats}
    return sorted({0, *(place for key, place in map(round_of, answers) if key in block)})


def is_shown(question: AskedQuestion, section: AskedSection, answers: Mapping[str, Any], *, place: int = 0) -> bool:
    """Whether the question is asked, given the answers so far. One whose own condition is hidden is hidden too.

    `place` is the round; a condition on a question that repeats is about that round's answer.
    """
    by_key = {other.key: other for other in section.questions}
    seen: set[str] = set()
    while question.show_if:
        if question.key in seen:
            return False
        seen.add(question.key)
        asked = by_key.get(question.show_if.get("question", ""))
        if asked is None:
            return False
        given = answers.get(in_round(asked.key, place if asked.repeats else 0))
        given = set(given) if isinstance(given, list) else {given}
        if given.isdisjoint(question.show_if.get("answers", ())):
            return False
        question = asked
    return True


def questions_left(section: AskedSection, written: WrittenSection) -> list[AskedQuestion]:
    """The required questions that are asked and have no answer yet, in order; once for each round that lacks one."""
    return [question for question, _ in rounds_left(section, written)]


def rounds_left(section: AskedSection, written: WrittenSection) -> list[tuple[AskedQuestion, int]]:
    """The required questions that are asked and have no answer yet, each with the round that lacks it."""
    return [
        (question, place)
        for question in section.questions
        if question.required
        for place in rounds_of(question, section, written.answers)
        if is_blank(written.answers.get(in_round(question.key, place)))
        and is_shown(question, section, written.answers, place=place)
    ]


def to_answer(section: AskedSection, question: AskedQuestion, place: int) -> str:
    """What is said of a question that lacks its answer."""
    of = f" ({question.repeats} {place + 1})" if question.repeats else ""
    return f"{section.title}: answer “{question.text}”{of}"


def may_be_not_applicable(use: str) -> bool:
    """A section may be marked as not applicable, with a reason, unless it is always required."""
    return use != SectionUse.ALWAYS


def has_begun(written: WrittenSection) -> bool:
    """Whether anything was written in the section."""
    return bool(
        written.grade
        or characters(written.reason)
        or written.not_applicable
        or characters(written.not_applicable_reason)
        or written.findings
        or any(not is_blank(value) for value in written.answers.values())
    )


def what_a_section_lacks(section: AskedSection, written: WrittenSection) -> list[str]:
    """A section is complete when its required questions are answered and its grade has a reason of at least 20 characters.

    One sentence for each thing that is missing. An optional section in which nothing was written lacks nothing.
    """  # noqa: E501  the first line is the sentence that the user reads
    title = section.title
    if written.not_applicable and may_be_not_applicable(section.use):
        if characters(written.not_applicable_reason) == 0:
            return [f"{title}: say why this section does not apply"]
        return []
    if section.use == SectionUse.OPTIONAL and not has_begun(written):
        return []
    lacking = [to_answer(section, question, place) for question, place in rounds_left(section, written)]
    if section.graded:
        if not written.grade:
            lacking.append(f"{title}: choose a grade")
        if characters(written.reason) < MIN_REASON:
            lacking.append(f"{title}: give the reason for the grade in at least {MIN_REASON} characters")
        elif written.reason_to_check:
            lacking.append(f"{title}: the grade was changed; check that the reason still fits it")
    return lacking


def section_state(section: AskedSection, written: WrittenSection) -> str:
    """How far a section is: a value of SectionState."""
    if not has_begun(written):
        return SectionState.NOT_STARTED
    if what_a_section_lacks(section, written):
        return SectionState.IN_PROGRESS
    if written.not_applicable and may_be_not_applicable(section.use):
        return SectionState.NOT_APPLICABLE
    return SectionState.COMPLETE


def reason_needs_checking(before: WrittenSection, after: WrittenSection, *, checked: bool) -> bool:
    """Choosing another grade keeps the reason and asks for it to be checked.

    It is checked when the reason is written anew, or when the auditor says that it still fits (`checked`).
    """
    if checked or after.reason != before.reason or characters(after.reason) == 0 or not after.grade:
        return False
    return before.reason_to_check or (bool(before.grade) and after.grade != before.grade)


def has_family_feedback(conversations: Collection[HeldConversation]) -> bool:
    """Whether the child, a parent or a carer was spoken to."""
    return any(talk.with_whom in FAMILY and talk.outcome == ConversationOutcome.DONE for talk in conversations)


def family_was_asked(conversations: Collection[HeldConversation]) -> bool:
    """Whether a conversation with the family was held or is accounted for (declined, not possible)."""
    return any(talk.with_whom in FAMILY for talk in conversations)


def reasons_not_to_submit(
    *,
    sections: Sequence[tuple[AskedSection, WrittenSection]],
    overall: Overall,
    ceiling: Ceiling,
    graded: bool,
    conversations: Collection[HeldConversation] = (),
    requires_family_feedback: bool = False,
) -> list[Fault]:
    """An audit can be submitted when every section is complete and the overall grade stands inside the limits.

    `graded` is False for a tool without grades. Returns every fault at once, in the order of the form.
    """
    faults = [
        Fault(f"section:{section.key}", sentence)
        for section, written in sections
        for sentence in what_a_section_lacks(section, written)
    ]
    if (
        requires_family_feedback
        and not family_was_asked(conversations)
        and characters(overall.no_family_feedback_reason) == 0
    ):
        faults.append(
            Fault("conversations", "Record a conversation with the child, a parent or a carer, or why there was none")
        )
    if graded:
        if not overall.grade:
            faults.append(Fault("overall", "Choose an overall grade"))
        if characters(overall.rationale) == 0:
            faults.append(Fault("overall", "Give the rationale for the overall grade"))
        if overall.counts_as:
            faults += [
                Fault("overall", sentence) for sentence in ceiling.why_not(overall.counts_as, overall.override_reason)
            ]
    return faults


def what_is_wrong_with_an_answer(question: AskedQuestion, value: Any, grades: Collection[str]) -> str:
    """An answer must be one that the question allows; a blank one is always allowed while the audit is filled in.

    `value` is text, a number, an ISO date, a key or a list of keys; `grades` are the keys of the scheme. Returns
    the sentence, or nothing.
    """
    if is_blank(value):
        return ""
    kind = question.kind
    allowed = {
        QuestionKind.YES_PARTLY_NO: (YES_PARTLY_NO, "Choose yes, partly, no or not applicable"),
        QuestionKind.EVIDENCED: (EVIDENCED, "Choose yes or no"),
        QuestionKind.GRADE: (grades, "Choose one of the grades"),
        QuestionKind.CHOICE: (question.options, "Choose one of the answers"),
    }
    if kind in allowed:
        keys, sentence = allowed[QuestionKind(kind)]
        return "" if isinstance(value, str) and value in keys else sentence
    if kind == QuestionKind.CHOICES:
        among = isinstance(value, list) and all(each in question.options for each in value)
        return "" if among else "Choose from the answers"
    if kind in (QuestionKind.SCALE, QuestionKind.NUMBER):
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > 1e15:
            return "Enter a number"
        if kind == QuestionKind.SCALE and not (isinstance(value, int) and 0 <= value <= 10):
            return "Enter a whole number from 0 to 10"
        return ""
    if kind == QuestionKind.DATE:
        return "" if _is_date(value) else "Enter a date, such as 4 March 2026"
    return "" if isinstance(value, str) else "Enter text"


def _is_date(value: Any) -> bool:
    try:
        dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True
