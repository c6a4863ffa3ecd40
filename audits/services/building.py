"""Building an audit tool: its draft is written section by section, question by question.

Only a draft changes. Every verb holds the version's row, so that it stands before or after publishing, never across it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Model, QuerySet
from django.utils.text import slugify

from audits import access
from audits.choices import OPTION_KINDS, LimitingRule, QuestionKind, SectionUse
from audits.models import AuditTool, GradeScheme, ToolQuestion, ToolRule, ToolSection, ToolVersion
from audits.rules.building import answers_of, may_lead
from audits.selectors.tools import built_question
from audits.services.moves import StaleVersion
from audits.workflow import TOOL_MOVES, refusal
from core.history.services import record
from core.workflow import IllegalMove, may_follow

__all__ = ["StaleVersion"]

UP, DOWN = "up", "down"


@dataclass(frozen=True)
class SettingsDraft:
    """What is said of a version as a whole; `scheme` is the key of a grade scheme."""

    scheme: str
    introduction: str = ""
    asks_for_conversations: bool = True
    requires_family_feedback: bool = False


@dataclass(frozen=True)
class SectionText:
    """A section as written; `descriptors` by the key of the grade."""

    title: str
    guidance: str = ""
    graded: bool = True
    limiting: bool = False
    use: str = SectionUse.REQUIRED
    descriptors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class QuestionText:
    """A question as written; `options` are the words of what may be chosen, in order."""

    kind: str
    text: str
    hint: str = ""
    required: bool = True
    options: Sequence[str] = ()
    repeats: str = ""


def create_tool(*, name: str, subject_kinds: Sequence[str], scheme: str, by: Any) -> ToolVersion:
    """A new tool with its first draft. Rules that name no section are on, as the policy has them by default.

    Raises NotAllowed, and ValidationError where a tool of that name is there.
    """
    access.require(by, "build_tool")
    name = _one_line(name)
    with transaction.atomic():
        _unused_name(name)
        tool = AuditTool.objects.create(
            key=free_key(words=name, taken=AuditTool.objects.values_list("key", flat=True)), name=name,
            subject_kinds=list(subject_kinds),
        )  # fmt: skip
        version = ToolVersion.objects.create(tool=tool, number=1, scheme=_scheme(scheme))
        ToolRule.objects.bulk_create(
            ToolRule(version=version, rule=rule, ceiling=ceiling, number=number)
            for rule, ceiling, number in _USUAL_RULES
        )
        record(by=by, verb="create", record=version, to_state=version.status, values={"tool": tool.key})
    return version


_USUAL_RULES = (
    (LimitingRule.L3, "requires_improvement", None),
    (LimitingRule.L4, "requires_improvement", 50),
    (LimitingRule.L5, "good", 3),
    (LimitingRule.L6, "requires_improvement", None),
)


def name_tool(*, tool: AuditTool, name: str, subject_kinds: Sequence[str], by: Any, revision: int) -> AuditTool:
    """Another name or other kinds of record for a tool. Audits keep the name under which they were planned."""
    access.require(by, "build_tool")
    name = _one_line(name)
    with transaction.atomic():
        if name.casefold() != tool.name.casefold():
            _unused_name(name)
        _store(AuditTool.objects.filter(pk=tool.pk), revision, {"name": name, "subject_kinds": list(subject_kinds)})
        tool.refresh_from_db()
        record(by=by, verb="saved", record=tool, values={"name": name, "subject_kinds": list(subject_kinds)})
    return tool


def _unused_name(name: str) -> None:
    if AuditTool.objects.filter(name__iexact=name).exists():
        raise ValidationError({"name": "There is a tool of this name already"})


def _scheme(key: str) -> GradeScheme:
    scheme = GradeScheme.objects.filter(pk=key).first()
    if scheme is None:
        raise ValidationError({"scheme": "Choose a grade scheme from the list"})
    return scheme


def hold_draft(*, version: Any, by: Any, event: str = "change_tool") -> ToolVersion:
    """The version, locked, if `event` may happen to it. Raises NotAllowed and IllegalMove. In a transaction only."""
    access.require(by, "build_tool")
    held = (
        ToolVersion.objects.select_for_update(of=("self",), no_key=True)
        .select_related("tool", "scheme")
        .get(pk=version)
    )
    if not may_follow(TOOL_MOVES, event, held.status):
        raise IllegalMove(refusal("version", event, held.get_status_display()))
    return held


def _store(row: QuerySet[Any], revision: int, changes: Mapping[str, Any], column: str = "revision") -> None:
    """Store changes to the row as it was read. Raises StaleVersion where somebody was first."""
    if not row.filter(**{column: revision}).update(**changes, **{column: F(column) + 1}):
        raise StaleVersion(version=row.values_list(column, flat=True).get())


def write_settings(*, version: ToolVersion, draft: SettingsDraft, by: Any, revision: int) -> ToolVersion:
    """What is said of a draft as a whole. Raises StaleVersion, IllegalMove, NotAllowed, ValidationError."""
    with transaction.atomic():
        held = hold_draft(version=version.pk, by=by)
        changes = {
            "scheme": _scheme(draft.scheme),
            "introduction": draft.introduction.strip(),
            "asks_for_conversations": draft.asks_for_conversations,
            "requires_family_feedback": draft.requires_family_feedback,
        }
        _store(ToolVersion.objects.filter(pk=held.pk), revision, changes, "version")
        values = {**changes, "scheme": draft.scheme, "introduction": "changed"}
        if held.introduction == changes["introduction"]:
            del values["introduction"]
        record(by=by, verb="saved", record=held, values=values)
    held.refresh_from_db()
    return held


def write_section(
    *, version: ToolVersion, draft: SectionText, by: Any, section: ToolSection | None = None, revision: int = 0
) -> ToolSection:
    """A new section at the end of a draft, or other words for one of its sections.

    A section keeps its key for ever, so that grades are comparable when its title changes. Raises StaleVersion,
    IllegalMove, NotAllowed, and ValidationError where its title is used.
    """
    title = _one_line(draft.title)
    with transaction.atomic():
        held = hold_draft(version=version.pk, by=by)
        others = held.sections.exclude(pk=section.pk) if section else held.sections.all()
        if others.filter(title__iexact=title).exists():
            raise ValidationError({"title": "Another section of this tool has this title"})
        grades = dict(held.scheme.grades.values_list("key", "name"))
        # Words for the grades of a scheme that the draft had before are kept, in case it comes back.
        kept = {key: text for key, text in (section.descriptors if section else {}).items() if key not in grades}
        given = {key: text.strip() for key, text in draft.descriptors.items() if key in grades and text.strip()}
        changes = {
            "title": title,
            "guidance": draft.guidance.strip(),
            "graded": draft.graded,
            "limiting": draft.limiting,
            "use": SectionUse(draft.use).value,
            "descriptors": kept | given,
        }
        if section is None:
            row = ToolSection.objects.create(
                version=held, position=_end(held.sections.all()),
                key=free_key(words=title, taken=held.sections.values_list("key", flat=True)), **changes,
            )  # fmt: skip
        else:
            _store(held.sections.filter(pk=section.pk), revision, changes)
            row = held.sections.get(pk=section.pk)
        _note(by, held, "add section" if section is None else "change section", row.key, {"title": title})
    return row


def move_section(*, section: ToolSection, direction: str, position: int, by: Any) -> bool:
    """Swap a section with its neighbour; False where it has moved since it was seen at `position`, or stands there."""
    with transaction.atomic():
        held = hold_draft(version=section.version_id, by=by)
        moved = _swap(list(held.sections.all()), section.pk, direction, position)
        if moved:
            _note(by, held, "move section", section.key, {"direction": direction})
    return moved


def remove_section(*, section: ToolSection, by: Any) -> None:
    """Take a section with its questions out of a draft. Raises IllegalMove and NotAllowed."""
    with transaction.atomic():
        held = hold_draft(version=section.version_id, by=by)
        for row in held.sections.filter(pk=section.pk):
            row.delete()
            _note(by, held, "remove section", section.key, {"title": section.title})


def write_question(
    *, section: ToolSection, draft: QuestionText, by: Any, question: ToolQuestion | None = None, revision: int = 0
) -> ToolQuestion:
    """A new question at the end of a section of a draft, or other words for one of its questions.

    A question keeps its key for ever, and so does a choice whose words stay: answers are counted together as long as
    both read the same. Raises StaleVersion, IllegalMove, NotAllowed, and ValidationError where the wording is used.
    """
    text = _one_line(draft.text)
    with transaction.atomic():
        held = hold_draft(version=section.version_id, by=by)
        home = held.sections.get(pk=section.pk)
        others = home.questions.exclude(pk=question.pk) if question else home.questions.all()
        if others.filter(text__iexact=text).exists():
            raise ValidationError({"text": "This section asks that already"})
        changes = {
            "kind": QuestionKind(draft.kind).value,
            "text": text,
            "hint": draft.hint.strip(),
            "required": draft.required,
            "options": _options(draft, question),
            "repeats": _one_line(draft.repeats),
        }
        if question is None:
            row = ToolQuestion.objects.create(
                section=home, position=_end(home.questions.all()),
                key=free_key(words=text, taken=home.questions.values_list("key", flat=True)), **changes,
            )  # fmt: skip
        else:
            _store(home.questions.filter(pk=question.pk), revision, changes)
            row = home.questions.get(pk=question.pk)
        verb = "add question" if question is None else "change question"
        _note(by, held, verb, f"{home.key}/{row.key}", {"text": text})
    return row


def _options(draft: QuestionText, question: ToolQuestion | None) -> list[dict[str, str]]:
    if draft.kind not in OPTION_KINDS:
        return []
    before = {label: key for key, label in built_question(question).options} if question else {}
    keys: list[str] = [before[label] for label in draft.options if label in before]
    found = []
    for label in draft.options:
        key = before.get(label) or free_key(words=label, taken=[*keys, *before.values()])
        keys.append(key)
        found.append({"key": key, "label": label})
    return found


def move_question(*, question: ToolQuestion, direction: str, position: int, by: Any) -> bool:
    """Swap a question with its neighbour; False where it has moved since it was seen at `position`."""
    with transaction.atomic():
        held = hold_draft(version=question.section.version_id, by=by)
        moved = _swap(list(question.section.questions.all()), question.pk, direction, position)
        if moved:
            _note(by, held, "move question", question.key, {"direction": direction})
    return moved


def remove_question(*, question: ToolQuestion, by: Any) -> None:
    """Take a question out of a draft. One that waits for its answer is told as a fault when the tool is made live."""
    with transaction.atomic():
        held = hold_draft(version=question.section.version_id, by=by)
        for row in ToolQuestion.objects.filter(pk=question.pk):
            row.delete()
            _note(by, held, "remove question", f"{question.section.key}/{question.key}", {"text": question.text})


def write_condition(
    *, question: ToolQuestion, leader: str, answers: Sequence[str], by: Any, revision: int
) -> ToolQuestion:
    """Ask a question only after some answers to another one of its section; with no `leader`, always.

    Raises StaleVersion, IllegalMove, NotAllowed, and ValidationError where the other question does not offer them.
    """
    with transaction.atomic():
        held = hold_draft(version=question.section.version_id, by=by)
        show_if: dict[str, Any] = {}
        if leader:
            asked = question.section.questions.filter(key=leader).first()
            if asked is None or not may_lead(built_question(asked), built_question(question)):
                raise ValidationError({"leader": "Choose a question from the list"})
            offered = answers_of(built_question(asked), held.scheme.grades.values_list("key", "name"))
            if not answers or not set(answers) <= set(offered):
                raise ValidationError({"answers": "Choose at least one of the answers"})
            show_if = {"question": leader, "answers": [key for key in offered if key in answers]}
        _store(ToolQuestion.objects.filter(pk=question.pk), revision, {"show_if": show_if})
        row = ToolQuestion.objects.select_related("section").get(pk=question.pk)
        _note(by, held, "change condition", f"{row.section.key}/{row.key}", {"only_if": show_if})
    return row


@dataclass(frozen=True)
class RuleDraft:
    """A limiting rule as set; `section` is the key of a section of the draft or empty."""

    enabled: bool
    hard: bool
    ceiling: str
    section: str = ""
    number: int | None = None


def write_rule(*, version: ToolVersion, rule: str, draft: RuleDraft, by: Any, revision: int) -> ToolRule:
    """Set a limiting rule of a draft. Raises StaleVersion, IllegalMove, NotAllowed, and ValidationError for a section
    that the draft does not have."""
    with transaction.atomic():
        held = hold_draft(version=version.pk, by=by)
        if draft.section and not held.sections.filter(key=draft.section).exists():
            raise ValidationError({"section": "Choose a section from the list"})
        _store(ToolVersion.objects.filter(pk=held.pk), revision, {}, "version")
        row, _ = ToolRule.objects.update_or_create(
            version=held,
            rule=LimitingRule(rule).value,
            defaults={
                "enabled": draft.enabled, "hard": draft.hard, "ceiling": draft.ceiling,
                "section_key": draft.section, "number": draft.number,
            },
        )  # fmt: skip
        record(by=by, verb="set rule", record=held, values={"rule": row.rule, **vars(draft)})
    return row


def _note(by: Any, version: ToolVersion, verb: str, key: str, values: dict[str, Any]) -> None:
    record(by=by, verb=verb, record=version, values={"key": key, **values})


def _one_line(text: str) -> str:
    return " ".join(text.split())


def free_key(*, words: str, taken: Iterable[str], most: int = 50) -> str:
    """A short key for a name that none of `taken` has, of `most` characters at most."""
    used = set(taken)
    stem = slugify(words)[: most - 4].strip("-") or "item"
    key, number = stem, 2
    while key in used:
        key, number = f"{stem}-{number}", number + 1
    return key


def _end(rows: QuerySet[Any]) -> int:
    last = rows.aggregate(last=Max("position"))["last"]
    return 0 if last is None else int(last) + 1


def _swap(rows: list[Any], key: Any, direction: str, position: int) -> bool:
    """Swap a row with the one before or after it. The positions are written anew, 0, 1, 2 and so on."""
    place = next((number for number, row in enumerate(rows) if row.pk == key), None)
    if place is None or rows[place].position != position:
        return False
    other = place - 1 if direction == UP else place + 1
    if not 0 <= other < len(rows):
        return False
    rows[place], rows[other] = rows[other], rows[place]
    changed = []
    for number, row in enumerate(rows):
        if row.position != number:
            row.position = number
            changed.append(row)
    model: type[Model] = type(rows[0])
    model._default_manager.bulk_update(changed, ["position"])
    return True
