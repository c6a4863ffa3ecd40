"""What the rules say of an audit, put for a page: what is left in a section, how high the overall grade may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audits.models import AuditSection
from audits.rules import submission
from audits.selectors.readiness import AuditAsWritten, asked_section, written_section


@dataclass(frozen=True)
class Ceiling:
    """How high the overall grade may be.

    `barred` are the scheme's grades that nobody may give, `needs_override` those that a written reason
    opens; `sentences` say why in the words of the rules.
    """

    barred: frozenset[str] = frozenset()
    needs_override: frozenset[str] = frozenset()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Missing:
    """One thing that a section still needs: the form field it belongs to and the sentence."""

    field: str
    message: str


def questions_left(row: AuditSection) -> int:
    """How many required questions of the section are asked and have no answer yet."""
    written = written_section(row)
    return 0 if written.not_applicable else len(submission.questions_left(asked_section(row.section), written))


def what_is_missing(row: AuditSection) -> list[Missing]:
    """What the section still needs before it counts as complete, each with the field to go to."""
    asked, written = asked_section(row.section), written_section(row)
    prefix = f"{asked.title}: "
    fields = {
        submission.to_answer(asked, question, place): f"q-{question.key}.{place}" if place else f"q-{question.key}"
        for question, place in submission.rounds_left(asked, written)
    }
    found = []
    for sentence in submission.what_a_section_lacks(asked, written):
        words = sentence.removeprefix(prefix)
        found.append(Missing(fields.get(sentence) or _field_of(words, written), words[:1].upper() + words[1:]))
    return found


def _field_of(words: str, written: submission.WrittenSection) -> str:
    if written.not_applicable:
        return "not_applicable_reason"
    return "grade" if words == "choose a grade" else "reason"


def left_words(row: AuditSection) -> str:
    """What the section still needs, in one short line."""
    fields = [missing.field for missing in what_is_missing(row)]
    questions = sum(field.startswith("q-") for field in fields)
    parts = [] if not questions else ["1 question" if questions == 1 else f"{questions} questions"]
    words = {
        "grade": "the grade",
        "reason": "the reason for the grade",
        "not_applicable_reason": "why the section does not apply",
    }
    parts += [words[field] for field in fields if field in words]
    if not parts:
        return "Nothing is left to do in this section."
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Left to do: {listed}."


def answered_rounds(asked: submission.AskedSection, key: str, written: submission.WrittenSection) -> list[int]:
    """The rounds (0 alone for a question that does not repeat) in which the question is asked, given the other
    answers, and has an answer."""
    question = next(each for each in asked.questions if each.key == key)
    return [
        place
        for place in submission.rounds_of(question, asked, written.answers)
        if not submission.is_blank(written.answers.get(submission.in_round(key, place)))
        and submission.is_shown(question, asked, written.answers, place=place)
    ]


def ceiling_of(audit: AuditAsWritten, other_grades: Mapping[Any, str] | None = None) -> Ceiling:
    """The ceiling over the audit's overall grade; `other_grades` are a moderator's, by the key of the section row."""
    found = audit.ceiling(other_grades)
    higher = () if found.hard else tuple(limit.sentence for limit in found.limits if limit.hard)
    return Ceiling(
        barred=frozenset(key for key, meaning in audit.meanings.items() if meaning and found.forbids(meaning)),
        needs_override=frozenset(
            key for key, meaning in audit.meanings.items() if meaning and found.needs_override(meaning)
        ),
        sentences=(*found.sentences, *higher),
    )
