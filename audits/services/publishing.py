"""A tool's versions: a draft from the live one, made live, retired, thrown away. No audit under way is touched."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from audits import access
from audits.choices import ToolStatus
from audits.models import AuditTool, ToolQuestion, ToolRule, ToolSection, ToolVersion
from audits.selectors.tools import PlacedFault, faults_of, mark_of
from audits.services.building import hold_draft
from audits.services.moves import StaleVersion, said
from core.history.services import Entry, record, record_many


class Faulty(Exception):
    """The version cannot be made live; `faults` says all that stands in the way."""

    def __init__(self, faults: list[PlacedFault]) -> None:
        super().__init__("The tool is not ready to be made live.")
        self.faults = faults


def draft_version(*, tool: AuditTool, by: Any) -> ToolVersion:
    """The draft of the tool's next version: the one that there is, or a copy of the live (else the newest) version.

    Raises NotAllowed.
    """
    access.require(by, "build_tool")
    with transaction.atomic():
        AuditTool.objects.select_for_update(no_key=True).get(pk=tool.pk)
        versions = list(tool.versions.order_by("-number"))
        for version in versions:
            if version.status == ToolStatus.DRAFT:
                return version
        source = next((each for each in versions if each.status == ToolStatus.LIVE), versions[0])
        draft = ToolVersion.objects.create(
            tool=tool,
            number=versions[0].number + 1,
            scheme=source.scheme,
            introduction=source.introduction,
            asks_for_conversations=source.asks_for_conversations,
            requires_family_feedback=source.requires_family_feedback,
        )
        _copy(source, draft)
        record(by=by, verb="draft", record=draft, to_state=draft.status, values={"copied_from": source.number})
    return draft


_SECTION = ("key", "title", "guidance", "position", "graded", "limiting", "use", "descriptors")
_QUESTION = ("key", "kind", "text", "hint", "required", "options", "show_if", "repeats", "position")
_RULE = ("rule", "hard", "enabled", "section_key", "number", "ceiling")


def _copy(source: ToolVersion, draft: ToolVersion) -> None:
    """Everything that hangs on a version, under the same keys."""
    ToolRule.objects.bulk_create(
        ToolRule(version=draft, **{name: getattr(rule, name) for name in _RULE}) for rule in source.limiting_rules.all()
    )
    sections, questions = [], []
    for section in source.sections.prefetch_related("questions"):
        copy = ToolSection(version=draft, **{name: getattr(section, name) for name in _SECTION})
        sections.append(copy)
        questions += [
            ToolQuestion(section=copy, **{name: getattr(question, name) for name in _QUESTION})
            for question in section.questions.all()
        ]
    ToolSection.objects.bulk_create(sections)
    ToolQuestion.objects.bulk_create(questions)


def publish_version(*, version: ToolVersion, by: Any, seen: str | None = None) -> ToolVersion:
    """Make a draft live; the version that was live is retired. Audits that have started keep theirs for ever.

    Its number is the next one after those that were live. `seen` is the `mark_of` the draft that the person read:
    where anything in it has changed since, StaleVersion. Raises Faulty with every fault, IllegalMove, NotAllowed.
    """
    with transaction.atomic():
        AuditTool.objects.select_for_update(no_key=True).get(pk=version.tool_id)
        held = hold_draft(version=version.pk, by=by, event="publish")
        if seen is not None and seen != mark_of(held):
            raise StaleVersion(version=held.version)
        faults = faults_of(held)
        if faults:
            raise Faulty(faults)
        entries = []
        for old in ToolVersion.objects.live().filter(tool=held.tool_id):
            ToolVersion.objects.filter(pk=old.pk).update(status=ToolStatus.RETIRED, version=old.version + 1)
            entries.append(Entry(old, "supersede", old.status, ToolStatus.RETIRED))
        at = timezone.now()
        ToolVersion.objects.filter(pk=held.pk).update(status=ToolStatus.LIVE, published_at=at, version=held.version + 1)
        entries.append(Entry(held, "publish", held.status, ToolStatus.LIVE, values={"number": held.number}))
        record_many(by=by, entries=entries)
    held.refresh_from_db()
    return held


def retire_version(*, version: ToolVersion, why: str, by: Any) -> ToolVersion:
    """Take the live version out of use: no audit can be planned with the tool until another version is live.

    Audits that are planned or under way keep it. Raises IllegalMove, NotAllowed, ValidationError without a reason.
    """
    with transaction.atomic():
        held = hold_draft(version=version.pk, by=by, event="retire")
        why = said(why=why)
        ToolVersion.objects.filter(pk=held.pk).update(status=ToolStatus.RETIRED, version=held.version + 1)
        record(by=by, verb="retire", record=held, from_state=held.status, to_state=ToolStatus.RETIRED, why=why)
    held.refresh_from_db()
    return held


def discard_draft(*, version: ToolVersion, by: Any) -> None:
    """Throw a draft away; with it the tool, where it never had another version. Raises IllegalMove and NotAllowed."""
    with transaction.atomic():
        tool = AuditTool.objects.select_for_update(no_key=True).get(pk=version.tool_id)
        held = hold_draft(version=version.pk, by=by, event="discard")
        if held.audits.exists():
            raise ValidationError("Audits have been planned with this version, so it stays.")
        record(by=by, verb="discard", record=held, from_state=held.status, values={"tool": tool.key})
        held.delete()
        if not tool.versions.aggregate(last=Max("number"))["last"]:
            tool.delete()
