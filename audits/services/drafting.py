"""Filling in an audit: its sections and the overall judgement. Partial work is always saved.

Every save holds the audit's row, so that it stands before or after a submission, never across it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Prefetch
from django.utils import timezone

from audits import access
from audits.choices import AuditStatus, FindingKind
from audits.models import Answer, Audit, AuditSection, Finding, Theme, ToolVersion
from audits.rules.submission import (
    is_blank,
    is_shown,
    may_be_not_applicable,
    reason_needs_checking,
    round_of,
    section_state,
    what_is_wrong_with_an_answer,
)
from audits.selectors.readiness import asked_section, grade_meanings, written_section
from audits.services import tallies
from audits.services.conversing import remove_conversation, save_conversation
from audits.services.moves import Moves, StaleVersion, lock_audit
from audits.services.saving import hold_for_filling, one_line_end
from audits.services.undoing import as_kept, as_read, keep_for_undo, undoable
from core.history.services import actor_id, record

__all__ = [
    "FindingDraft",
    "OverallDraft",
    "SectionDraft",
    "StaleVersion",
    "remove_conversation",
    "save_conversation",
    "save_overall",
    "save_section",
    "start_audit",
    "undo_section",
]


@dataclass(frozen=True)
class FindingDraft:
    """A finding as written: `kind` of FindingKind; `id` where it was stored before."""

    kind: str
    text: str
    evidence_document: str = ""
    evidence_date: date | None = None
    theme_ids: tuple[UUID, ...] = ()
    id: UUID | None = None


@dataclass(frozen=True)
class SectionDraft:
    """A section as written. `answers` maps question keys to values (text, number, ISO date, key, list of keys).

    A question of a repeated block has its place after its key ("seen_alone#1" is the second time). `reason_checked`
    says that the reason still fits after the grade was changed.
    """

    answers: Mapping[str, Any] = field(default_factory=dict)
    grade: str = ""
    reason: str = ""
    findings: tuple[FindingDraft, ...] = ()
    not_applicable: bool = False
    not_applicable_reason: str = ""
    reason_checked: bool = False


@dataclass(frozen=True)
class OverallDraft:
    """The overall judgement as written; `grade` is a key of the audit's scheme or empty."""

    grade: str = ""
    rationale: str = ""
    working_well: str = ""
    worries: str = ""
    next_steps: str = ""
    immediate_actions: str = ""
    override_reason: str = ""
    exemplar_nominated: bool = False
    no_family_feedback_reason: str = ""


# The columns of the audit that hold the overall judgement, by the name in the draft.
_OVERALL = {each.name: "auditor_grade" if each.name == "grade" else each.name for each in fields(OverallDraft)}


def start_audit(*, audit: Audit, by: Any) -> Audit:
    """Open the audit for filling in: it keeps the tool's live version from now on, and gets its sections.

    Asked again by its auditor, it changes nothing. An audit that was reassigned with its answers keeps the version
    that those answers belong to. Raises NotAllowed, also where a conflict has come up since, and IllegalMove.
    """
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "start", audit)
        if audit.status == AuditStatus.IN_PROGRESS:
            return audit
        moves = Moves(audit=audit, by=by)
        moves.make("start")
        if not audit.sections.exists():
            _pin(moves)
        moves.set(started_at=audit.started_at or moves.at)
        moves.save()
    return audit


def _pin(moves: Moves) -> None:
    audit = moves.audit
    live = ToolVersion.objects.live().select_related("scheme").filter(tool=audit.tool_version.tool_id).first()  # type: ignore[union-attr]  # an audit that starts has a tool
    if live is not None and live.pk != audit.tool_version_id:
        moves.set(tool_version=live, scheme=live.scheme)
    AuditSection.objects.bulk_create(
        AuditSection(audit=audit, section=section)
        for section in audit.tool_version.sections.all()  # type: ignore[union-attr]  # as above
    )


def save_section(*, audit_section: AuditSection, draft: SectionDraft, by: Any, version: int) -> AuditSection:
    """Save what was written of a section, however little; says how far the section is in its `state`.

    Raises StaleVersion with the stored draft where somebody else saved since `version`; IllegalMove after
    submitting; ValidationError, by question key or field, for a value that cannot be stored. What is stored already
    is no conflict, whatever the version: a repeated save changes nothing.
    """
    with transaction.atomic():
        audit = hold_for_filling(audit=audit_section.audit, by=by)
        row = _section_row(audit, audit_section.pk)
        draft = _as_stored(draft, row, grades=grade_meanings(audit.scheme_id))
        stored = _stored_section(row)
        confirms = draft.reason_checked and row.reason_to_check
        if _content(draft) == _content(stored) and not confirms:
            return row
        if version != row.version:
            raise StaleVersion(theirs=stored, version=row.version, saved_by=row.saved_by, saved_at=row.saved_at)
        counted = audit.status == AuditStatus.SUBMITTED  # returned: what it counts as moves with it
        before = tallies.contribution(audit=audit) if counted else None
        _store_answers(row, draft)
        _store_findings(audit, row, draft)
        row = _store_section(audit, row, draft, by)
        if before is not None:
            tallies.move(before=before, after=tallies.contribution(audit=audit))
        keep_for_undo(row=row, before=as_kept(draft=asdict(stored)), by=by, at=timezone.now())
        record(by=by, verb="saved", record=row, values=_changes(stored, draft))
    return row


def undo_section(*, audit_section: AuditSection, by: Any, version: int) -> AuditSection:
    """Take the section back to what it held before its last change, where that is not longer ago than ten minutes.

    Themes that were retired since are left out. Raises StaleVersion, IllegalMove, NotAllowed, and ValidationError
    where there is nothing to undo any more.
    """
    with transaction.atomic():
        audit = hold_for_filling(audit=audit_section.audit, by=by)
        row = _section_row(audit, audit_section.pk)
        last = undoable(row=row, at=timezone.now())
        if last is None:
            raise ValidationError("There is no change of the last 10 minutes to undo.")
        kept = as_read(kept=last.before)
        themes = {theme for each in kept["findings"] for theme in each["theme_ids"]}
        known = set(Theme.objects.in_use().filter(pk__in=themes).values_list("pk", flat=True))
        known |= {theme.pk for finding in row.findings.all() for theme in finding.themes.all()}
        findings = tuple(
            FindingDraft(**{**each, "theme_ids": tuple(theme for theme in each["theme_ids"] if theme in known)})
            for each in kept["findings"]
        )
        last.delete()  # undoing is a change of its own, however soon it comes
        return save_section(
            audit_section=row, draft=SectionDraft(**{**kept, "findings": findings}), by=by, version=version
        )


def _section_row(audit: Audit, key: Any) -> AuditSection:
    return (
        AuditSection.objects.select_related("section", "saved_by")
        .prefetch_related(
            "section__questions",
            "answers",
            Prefetch(
                "findings", queryset=Finding.objects.order_by("kind", "position", "id").prefetch_related("themes")
            ),
        )
        .get(pk=key, audit=audit)
    )


def _stored_section(row: AuditSection) -> SectionDraft:
    keys = {question.pk: question.key for question in row.section.questions.all()}
    return SectionDraft(
        answers={
            keys[answer.question_id] + (f"#{answer.repeat}" if answer.repeat else ""): answer.value
            for answer in row.answers.all()
        },
        grade=row.grade,
        reason=row.reason,
        findings=tuple(
            FindingDraft(
                kind=finding.kind,
                text=finding.text,
                evidence_document=finding.evidence_document,
                evidence_date=finding.evidence_date,
                theme_ids=tuple(sorted(theme.pk for theme in finding.themes.all())),
                id=finding.pk,
            )
            for finding in row.findings.all()
        ),
        not_applicable=row.not_applicable,
        not_applicable_reason=row.not_applicable_reason,
    )


def _content(draft: SectionDraft) -> SectionDraft:
    """The draft without what tells two equal ones apart: keys of findings and the confirmation."""
    return replace(draft, findings=tuple(replace(each, id=None) for each in draft.findings), reason_checked=False)


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return one_line_end(text=value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple | set) else value


def _as_stored(draft: SectionDraft, row: AuditSection, *, grades: Mapping[str, str]) -> SectionDraft:
    """The draft in the form in which it is stored. Raises ValidationError for what cannot be stored."""
    asked = asked_section(row.section)
    questions = {question.key: question for question in asked.questions}
    wrong: dict[str, str] = {}
    answers = {}
    for key, given in draft.answers.items():
        question, value = questions.get(round_of(key)[0]), _value(given)
        if question is None or (round_of(key)[1] and not question.repeats):
            wrong[key] = "This question is not part of the section."
        elif sentence := what_is_wrong_with_an_answer(question, value, grades):
            wrong[key] = sentence
        elif not is_blank(value):
            answers[key] = value
    if draft.grade and (draft.grade not in grades or not asked.graded):
        wrong["grade"] = "Choose one of the grades"
    findings = _findings_as_stored(draft, row, wrong)
    if wrong:
        raise ValidationError(wrong)
    return replace(
        draft,
        answers=answers,
        reason=one_line_end(text=draft.reason),
        findings=findings,
        not_applicable=draft.not_applicable and may_be_not_applicable(asked.use),
        not_applicable_reason=one_line_end(text=draft.not_applicable_reason),
    )


def _findings_as_stored(draft: SectionDraft, row: AuditSection, wrong: dict[str, str]) -> tuple[FindingDraft, ...]:
    """The findings that say anything, strengths and development points in order, each with the key of its row.

    A finding without a key (the page had none yet) takes that of the row in its place, so that a repeated save
    does not make it anew.
    """
    written = [
        replace(each, text=one_line_end(text=each.text), theme_ids=tuple(sorted(set(each.theme_ids))))
        for each in draft.findings
        if each.text.strip() or each.evidence_document.strip() or each.evidence_date or each.theme_ids
    ]
    written.sort(key=lambda each: each.kind)
    if any(each.kind not in FindingKind.values for each in written):
        wrong["findings"] = "A finding is a strength or an area for development"
    if any(len(each.evidence_document) > 150 for each in written):
        wrong["evidence_document"] = "The kind of document must be 150 characters or fewer"
    wanted = {theme for each in written for theme in each.theme_ids}
    before = {theme.pk for finding in row.findings.all() for theme in finding.themes.all()}
    if not wanted <= before:
        known = set(Theme.objects.in_use().filter(pk__in=wanted).values_list("pk", flat=True))
        if not wanted <= before | known:
            wrong["themes"] = "Choose themes from the list"
    free: dict[Any, str] = {finding.pk: finding.kind for finding in row.findings.all()}
    keys: list[UUID | None] = [each.id if free.pop(each.id, None) else None for each in written]
    for place, each in enumerate(written):
        if keys[place] is None:
            keys[place] = next((key for key, kind in free.items() if kind == each.kind), None)
            free.pop(keys[place], None)
    return tuple(replace(each, id=key) for each, key in zip(written, keys, strict=True))


def _store_answers(row: AuditSection, draft: SectionDraft) -> None:
    questions = {question.key: question for question in row.section.questions.all()}
    asked = asked_section(row.section)
    by_key = {question.key: question for question in asked.questions}
    wanted: dict[tuple[Any, int], tuple[Any, bool]] = {}
    for key, value in draft.answers.items():
        question, place = round_of(key)
        shown = is_shown(by_key[question], asked, draft.answers, place=place)
        wanted[questions[question].pk, place] = value, shown
    gone = [answer.pk for answer in row.answers.all() if (answer.question_id, answer.repeat) not in wanted]
    if gone:
        Answer.objects.filter(pk__in=gone).delete()
    there = {(answer.question_id, answer.repeat): (answer.value, answer.asked) for answer in row.answers.all()}
    Answer.objects.bulk_create(
        [
            Answer(audit_section=row, question_id=question, repeat=place, value=value, asked=shown)
            for (question, place), (value, shown) in wanted.items()
            if (question, place) not in there or there[question, place] != (value, shown)
        ],
        update_conflicts=True,
        unique_fields=["audit_section", "question", "repeat"],
        update_fields=["value", "asked"],
    )


def _store_findings(audit: Audit, row: AuditSection, draft: SectionDraft) -> None:
    there = {finding.pk: finding for finding in row.findings.all()}
    gone = set(there) - {each.id for each in draft.findings}
    if gone:
        Finding.objects.filter(pk__in=gone).delete()
    themes: set[tuple[UUID, UUID]] = set()
    new: list[Finding] = []
    changed: list[Finding] = []
    for place, each in enumerate(draft.findings):
        finding = there.get(each.id) or Finding(audit=audit, audit_section=row)  # type: ignore[arg-type]  # None is no key
        finding.kind, finding.text, finding.position = each.kind, each.text, place
        finding.evidence_document, finding.evidence_date = each.evidence_document, each.evidence_date
        (changed if each.id in there else new).append(finding)
        themes.update((finding.pk, theme) for theme in each.theme_ids)
    Finding.objects.bulk_create(new)
    if changed:
        Finding.objects.bulk_update(changed, ["kind", "text", "position", "evidence_document", "evidence_date"])
    link = Finding.themes.through
    linked = {(pk, theme.pk) for pk, finding in there.items() if pk not in gone for theme in finding.themes.all()}
    for finding_id in {pk for pk, _ in linked - themes}:
        link.objects.filter(
            finding=finding_id, theme__in=[theme for pk, theme in linked - themes if pk == finding_id]
        ).delete()
    link.objects.bulk_create(link(finding_id=pk, theme_id=theme) for pk, theme in sorted(themes - linked))


def _store_section(audit: Audit, row: AuditSection, draft: SectionDraft, by: Any) -> AuditSection:
    asked, before = asked_section(row.section), written_section(row)
    after = replace(
        before,
        answers=draft.answers,
        grade=draft.grade,
        reason=draft.reason,
        not_applicable=draft.not_applicable,
        not_applicable_reason=draft.not_applicable_reason,
        findings=len(draft.findings),
    )
    after = replace(after, reason_to_check=reason_needs_checking(before, after, checked=draft.reason_checked))
    changed = AuditSection.objects.filter(pk=row.pk, version=row.version).update(
        version=F("version") + 1,
        state=section_state(asked, after),
        grade=after.grade,
        reason=after.reason,
        reason_to_check=after.reason_to_check,
        not_applicable=after.not_applicable,
        not_applicable_reason=after.not_applicable_reason,
        saved_at=timezone.now(),
        saved_by_id=actor_id(by),
    )
    if not changed:
        raise StaleVersion(version=row.version)
    return _section_row(audit, row.pk)


def _changes(before: SectionDraft | OverallDraft, after: SectionDraft | OverallDraft) -> dict[str, Any]:
    """What changed, for the trail: grades and ticks with both values, of the texts only that they changed."""
    found: dict[str, Any] = {}
    for each in fields(before):
        old, new = getattr(before, each.name), getattr(after, each.name)
        if old != new:
            found[each.name] = [old, new] if each.name == "grade" or isinstance(new, bool) else "changed"
    return found


def save_overall(*, audit: Audit, draft: OverallDraft, by: Any, version: int) -> Audit:
    """Save the overall judgement, also one above the ceiling: submitting asks about that.

    Raises StaleVersion with the stored draft where somebody else saved since `version`; IllegalMove after
    submitting; ValidationError for a grade that the scheme does not have.
    """
    with transaction.atomic():
        held = hold_for_filling(audit=audit, by=by)
        if draft.grade and draft.grade not in grade_meanings(held.scheme_id):
            raise ValidationError({"grade": "Choose one of the grades"})
        texts = {name: one_line_end(text=value) for name, value in vars(draft).items() if isinstance(value, str)}
        draft = OverallDraft(**{**vars(draft), **texts})
        stored = OverallDraft(**{name: getattr(held, column) for name, column in _OVERALL.items()})
        if draft == stored:
            return held
        if version != held.version:
            raise StaleVersion(
                theirs=stored, version=held.version, saved_by=held.auditor, saved_at=held.overall_saved_at
            )
        changes = {column: getattr(draft, name) for name, column in _OVERALL.items()}
        changes["overall_saved_at"] = timezone.now()
        changed = Audit.objects.filter(pk=held.pk, version=version, status=held.status).update(
            version=F("version") + 1, **changes
        )
        if not changed:
            raise StaleVersion(theirs=stored, version=held.version)
        for column, value in changes.items():
            setattr(held, column, value)
        held.version = version + 1
        record(by=by, verb="saved", record=held, values=_changes(stored, draft))
    return held
