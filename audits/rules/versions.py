"""Two versions of a tool side by side: what was added, what was taken away, what reads otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audits.choices import LimitingRule, QuestionKind, SectionUse
from audits.rules.building import BuiltQuestion, BuiltSection, BuiltTool, answers_of
from audits.rules.grading import RuleSetting

ADDED, REMOVED, REWORDED, CHANGED, MOVED = "Added", "Removed", "Reworded", "Changed", "Moved"


@dataclass(frozen=True)
class Change:
    """One difference: `where` it is, what `kind` it is, `what` it is about, and how it read `before` and `after`."""

    where: str
    kind: str
    what: str
    before: str = ""
    after: str = ""


def changes(before: BuiltTool, after: BuiltTool) -> list[Change]:
    """Every difference, in the order of the later version; what was removed stands last in its place."""
    found = list(_settings(before, after))
    old, new = ({section.key: section for section in tool.sections} for tool in (before, after))
    for section in after.sections:
        if section.key not in old:
            found.append(Change(section.title, ADDED, "Section", after=_asks(section)))
        else:
            found += _section(old[section.key], section, before, after)
    found += [
        Change(section.title, REMOVED, "Section", before=_asks(section))
        for section in before.sections
        if section.key not in new
    ]
    if _order(before.sections, new) != _order(after.sections, old):
        titles = ("\n".join(section.title for section in tool.sections) for tool in (before, after))
        found.append(Change("The whole tool", MOVED, "Order of the sections", *titles))
    return [*found, *_rules(before, after)]


def same_question(one: BuiltQuestion, other: BuiltQuestion) -> bool:
    """Whether the answers to two questions may be counted together: the same key, wording, kind and choices."""
    plain = (" ".join(each.text.split()).casefold() for each in (one, other))
    return one.key == other.key and one.kind == other.kind and len(set(plain)) == 1 and one.options == other.options


def _order(rows: Iterable[BuiltSection | BuiltQuestion], other: Mapping[str, Any]) -> list[str]:
    return [row.key for row in rows if row.key in other]


def _asks(section: BuiltSection) -> str:
    return "\n".join(question.text for question in section.questions) or section.title


def _settings(before: BuiltTool, after: BuiltTool) -> Iterable[Change]:
    pairs = (
        ("Grade scheme", before.scheme, after.scheme),
        ("Introduction", before.introduction, after.introduction),
        ("Conversations are asked for", _yes(before.asks_for_conversations), _yes(after.asks_for_conversations)),
        ("Family feedback is required", _yes(before.requires_family_feedback), _yes(after.requires_family_feedback)),
    )
    for what, old, new in pairs:
        if old != new:
            yield Change("The whole tool", REWORDED if what == "Introduction" else CHANGED, what, old, new)


def _section(old: BuiltSection, new: BuiltSection, before: BuiltTool, after: BuiltTool) -> list[Change]:
    found = [
        Change(new.title, REWORDED, what, one, other)
        for what, one, other in (("Title", old.title, new.title), ("Guidance", old.guidance, new.guidance))
        if one != other
    ]
    found += [
        Change(new.title, CHANGED, what, one, other)
        for what, one, other in (
            ("Graded", _yes(old.graded), _yes(new.graded)),
            ("Limits the overall grade", _yes(old.limiting), _yes(new.limiting)),
            ("Use", SectionUse(old.use).label, SectionUse(new.use).label),
        )
        if one != other
    ]
    names = dict(before.grades) | dict(after.grades)
    for grade in dict.fromkeys([*old.descriptors, *new.descriptors]):
        one, other = old.descriptors.get(grade, ""), new.descriptors.get(grade, "")
        if one != other:
            found.append(Change(new.title, REWORDED, f"Descriptor of {names.get(grade, grade)}", one, other))
    asked, asks = ({question.key: question for question in section.questions} for section in (old, new))
    for question in new.questions:
        if question.key not in asked:
            found.append(Change(new.title, ADDED, "Question", after=question.text))
        else:
            found += _question(new.title, asked[question.key], question, (old, before), (new, after))
    found += [
        Change(new.title, REMOVED, "Question", before=question.text)
        for question in old.questions
        if question.key not in asks
    ]
    if _order(old.questions, asks) != _order(new.questions, asked):
        found.append(Change(new.title, MOVED, "Order of the questions", _asks(old), _asks(new)))
    return found


def _question(
    where: str,
    old: BuiltQuestion,
    new: BuiltQuestion,
    was: tuple[BuiltSection, BuiltTool],
    now: tuple[BuiltSection, BuiltTool],
) -> list[Change]:
    found = [] if old.text == new.text else [Change(where, REWORDED, "Question", old.text, new.text)]
    about = f"“{new.text}”"
    if old.hint != new.hint:
        found.append(Change(where, REWORDED, f"Hint of {about}", old.hint, new.hint))
    pairs = (
        ("Kind of answer", QuestionKind(old.kind).label, QuestionKind(new.kind).label),
        ("Required", _yes(old.required), _yes(new.required)),
        ("Choices", *("\n".join(label for _, label in each.options) for each in (old, new))),
        ("Asked only if", condition_words(old, *was), condition_words(new, *now)),
        ("Asked again for each", old.repeats, new.repeats),
    )
    return found + [
        Change(where, CHANGED, f"{what}: {about}", one, other) for what, one, other in pairs if one != other
    ]


def condition_words(question: BuiltQuestion, section: BuiltSection, tool: BuiltTool) -> str:
    """When a question is asked, in words; "" where it always is."""
    if not question.show_if:
        return ""
    asked = next((each for each in section.questions if each.key == question.show_if.get("question")), None)
    if asked is None:
        return "a question that is not there is answered"
    labels = answers_of(asked, tool.grades)
    answers = " or ".join(f"“{labels.get(str(each), str(each))}”" for each in question.show_if.get("answers", ()))
    return f"“{asked.text}” is answered {answers}"


def _rules(before: BuiltTool, after: BuiltTool) -> list[Change]:
    old, new = ({rule.rule: rule for rule in tool.rules} for tool in (before, after))
    return [
        Change("Limiting rules", CHANGED, rule.label, one, other)
        for rule in LimitingRule
        if (one := rule_words(old.get(rule), before)) != (other := rule_words(new.get(rule), after))
    ]


def rule_words(rule: RuleSetting | None, tool: BuiltTool) -> str:
    """How a tool sets a limiting rule, in words: "Off", or its section, number, ceiling, and whether it is hard."""
    if rule is None or not rule.enabled:
        return "Off"
    section = next((each.title for each in tool.sections if each.key == rule.section_key), rule.section_key)
    parts = [section] if section else []
    if rule.rule == LimitingRule.L3 and section:
        parts = [f"every limiting section but {section}"]
    if rule.number is not None:
        parts.append(f"{rule.number}%" if rule.rule == LimitingRule.L4 else f"{rule.number} sections")
    names = dict(tool.grades)
    if rule.ceiling:
        parts.append(f"not above {names.get(rule.ceiling, rule.ceiling.replace('_', ' '))}")
    words = ", ".join([*parts, "hard" if rule.hard else "soft"])
    return words[:1].upper() + words[1:]


def _yes(value: bool) -> str:
    return "Yes" if value else "No"
