"""Loading the audit tools, grade schemes and themes that the product ships as files in `audits/tools`.

What a council has changed is never overwritten: a tool that is there in another form gets the shipped one as a draft.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from audits.choices import QuestionKind, SectionUse, ToolStatus
from audits.models import (
    AuditTool,
    GradeScheme,
    SchemeGrade,
    Theme,
    ToolQuestion,
    ToolRule,
    ToolSection,
    ToolVersion,
)
from core.history.services import Entry, record_many

SHIPPED = Path(__file__).resolve().parent.parent / "tools"
TOOLS = ("whole-case", "supervision-record", "two-part-case-audit", "supervised-contact", "foster-carer-file")


def load_tools(*, by: Any) -> list[str]:
    """Load what is shipped; safe to run again. Returns a sentence for each thing that is new."""
    done: list[str] = []
    entries: list[Entry] = []
    with transaction.atomic():
        done += load_schemes()
        _load_themes(_read("themes")["themes"], done)
        for name in TOOLS:
            _load_tool(_read(name), done, entries)
        record_many(by=by, entries=entries)
    return done


def load_schemes() -> list[str]:
    """Load the grade schemes that are shipped, which old audits need too; safe to run again."""
    done: list[str] = []
    for scheme in _read("schemes")["schemes"]:
        _load_scheme(scheme, done)
    return done


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8"))


def _load_scheme(data: dict[str, Any], done: list[str]) -> None:
    scheme, is_new = GradeScheme.objects.get_or_create(key=data["key"], defaults={"name": data["name"]})
    known = set(scheme.grades.values_list("key", flat=True))
    SchemeGrade.objects.bulk_create(
        SchemeGrade(scheme=scheme, position=position, **grade)
        for position, grade in enumerate(data["grades"])
        if grade["key"] not in known
    )
    if is_new:
        done.append(f"Grade scheme “{scheme.name}” loaded.")


def _load_themes(data: dict[str, list[str]], done: list[str]) -> None:
    known = {(theme.parent_id, theme.name): theme for theme in Theme.objects.all()}
    parents = [Theme(name=name) for name in data if (None, name) not in known]
    Theme.objects.bulk_create(parents)
    known.update({(None, theme.name): theme for theme in parents})
    children = [
        Theme(name=name, parent=known[None, parent])
        for parent, names in data.items()
        for name in names
        if (known[None, parent].pk, name) not in known
    ]
    Theme.objects.bulk_create(children)
    if parents or children:
        done.append(f"{len(parents) + len(children)} themes loaded.")


def _load_tool(data: dict[str, Any], done: list[str], entries: list[Entry]) -> None:
    tool, _ = AuditTool.objects.get_or_create(
        key=data["key"], defaults={"name": data["name"], "subject_kinds": data["subject_kinds"]}
    )
    wanted = _from_file(data)
    versions = list(tool.versions.prefetch_related("sections__questions", "limiting_rules").order_by("-number"))
    if any(_from_database(version) == wanted for version in versions):
        return
    is_first = not versions
    version = ToolVersion.objects.create(
        tool=tool,
        number=versions[0].number + 1 if versions else 1,
        status=ToolStatus.LIVE if is_first else ToolStatus.DRAFT,
        published_at=timezone.now() if is_first else None,
        scheme_id=wanted["scheme"],
        introduction=wanted["introduction"],
        asks_for_conversations=wanted["asks_for_conversations"],
        requires_family_feedback=wanted["requires_family_feedback"],
    )
    _fill(version, wanted)
    entries.append(Entry(version, "load", to_state=version.status, values={"tool": tool.key}))
    what = "loaded and live" if is_first else "loaded as a draft, since the tool is there in another form"
    done.append(f"{version}: {what}.")


def _fill(version: ToolVersion, wanted: dict[str, Any]) -> None:
    ToolRule.objects.bulk_create(ToolRule(version=version, **rule) for rule in wanted["rules"])
    sections, questions = [], []
    for position, each in enumerate(wanted["sections"]):
        section = ToolSection(
            version=version,
            position=position,
            **{name: value for name, value in each.items() if name != "questions"},
        )
        sections.append(section)
        questions += [
            ToolQuestion(section=section, position=place, **question)
            for place, question in enumerate(each["questions"])
        ]
    ToolSection.objects.bulk_create(sections)
    ToolQuestion.objects.bulk_create(questions)


def _from_file(data: dict[str, Any]) -> dict[str, Any]:
    """A tool as its file says it, with everything that the file leaves to the default."""
    return {
        "scheme": data["scheme"],
        "introduction": data.get("introduction", ""),
        "asks_for_conversations": data.get("asks_for_conversations", True),
        "requires_family_feedback": data.get("requires_family_feedback", False),
        "rules": [
            {
                "rule": rule["rule"],
                "hard": rule.get("hard", False),
                "enabled": rule.get("enabled", True),
                "section_key": rule.get("section", ""),
                "number": rule.get("number"),
                "ceiling": rule.get("ceiling", ""),
            }
            for rule in data.get("rules", [])
        ],
        "sections": [
            {
                "key": section["key"],
                "title": section["title"],
                "guidance": section.get("guidance", ""),
                "graded": section.get("graded", True),
                "limiting": section.get("limiting", False),
                "use": SectionUse(section.get("use", SectionUse.REQUIRED)).value,
                "descriptors": section.get("descriptors", {}),
                "questions": [
                    {
                        "key": question["key"],
                        "kind": QuestionKind(question["kind"]).value,
                        "text": question["text"],
                        "hint": question.get("hint", ""),
                        "required": question.get("required", True),
                        "options": question.get("options", []),
                        "show_if": question.get("show_if", {}),
                        "repeats": question.get("repeats", ""),
                    }
                    for question in section["questions"]
                ],
            }
            for section in data["sections"]
        ],
    }


def _from_database(version: ToolVersion) -> dict[str, Any]:
    """A stored version in the shape of `_from_file`, so that the two can be compared."""
    return {
        "scheme": version.scheme_id,
        "introduction": version.introduction,
        "asks_for_conversations": version.asks_for_conversations,
        "requires_family_feedback": version.requires_family_feedback,
        "rules": [
            {name: getattr(rule, name) for name in ("rule", "hard", "enabled", "section_key", "number", "ceiling")}
            for rule in sorted(version.limiting_rules.all(), key=lambda each: each.rule)
        ],
        "sections": [
            {
                name: getattr(section, name)
                for name in ("key", "title", "guidance", "graded", "limiting", "use", "descriptors")
            }
            | {
                "questions": [
                    {
                        name: getattr(question, name)
                        for name in ("key", "kind", "text", "hint", "required", "options", "show_if", "repeats")
                    }
                    for question in section.questions.all()
                ]
            }
            for section in version.sections.all()
        ],
    }
