"""Eighteen months of invented audits: graded, moderated and issued, with sections, answers and findings."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.choices import Role
from accounts.models import Membership, User
from audits.choices import (
    AuditMode,
    AuditStatus,
    ConversationMode,
    ConversationOutcome,
    ConversationWith,
    FindingKind,
    Grade,
    ModerationOutcome,
    ModerationStatus,
    QuestionKind,
    SectionState,
    SelectionReason,
)
from audits.models import (
    Answer,
    Audit,
    AuditSection,
    Conversation,
    Finding,
    ModeratedSection,
    Moderation,
    ReferenceCounter,
    Theme,
    ToolSection,
    ToolVersion,
    Transition,
)
from cases.choices import AgeBand, SubjectKind
from cases.models import Case
from core.working_days import add_working_days
from worklist.services import demo_words as words
from worklist.services.demo_people import Council

MONTHS = 18
_ORDER = list(Grade)
# Shares of 100 for outstanding, good, requires improvement, inadequate: at the start, and at the end.
_AT_FIRST = (4, 42, 42, 12)
_AT_LAST = (7, 60, 28, 5)
_MODES = (70, 24, 6)  # of 100: at the desk, with the practitioner, live
_APART = 20260402
_BETTER_SERVICES = ("Pathways Through Care", "Fostering")


class History:
    """Collects the rows of many audits and writes them in a few statements."""

    def __init__(self, *, rng: random.Random, council: Council, cases: list[Case], versions: list[ToolVersion]) -> None:
        self.rng = rng
        self.apart = random.Random(_APART)  # noqa: S311  invented data; what it draws moves nothing else
        self.council = council
        self.cases = cases
        self.whole_case = next(version for version in versions if version.tool.key == "whole-case")
        self.supervision = next(version for version in versions if version.tool.key == "supervision-record")
        self.carer_file = next(version for version in versions if version.tool.key == "foster-carer-file")
        self.sections: dict[Any, list[ToolSection]] = {
            version.pk: list(version.sections.prefetch_related("questions")) for version in versions
        }
        self.themes = {theme.name: theme for theme in Theme.objects.filter(parent__isnull=False)}
        self.numbers: dict[int, int] = {}
        self.audits: list[Audit] = []
        self.audit_sections: list[AuditSection] = []
        self.answers: list[Answer] = []
        self.findings: list[Finding] = []
        self.finding_themes: list[tuple[Finding, Theme]] = []
        self.conversations: list[Conversation] = []
        self.moderations: list[Moderation] = []
        self.moderated_sections: list[ModeratedSection] = []
        heads = Membership.objects.filter(role=Role.HEAD_OF_SERVICE).select_related("user")
        self.heads = {membership.unit_id: membership.user for membership in heads}
        self.transitions: list[Transition] = []

    def write_month(self, month: date, share: float, until: date) -> None:
        """The audits that count in `month`; `share` runs from 0 (the first month) to 1 (the last)."""
        self.until = until
        days = sorted(month + timedelta(days=self.rng.randint(1, 26)) for _ in range(self.rng.randint(17, 25)))
        for day in (add_working_days(day - timedelta(days=1), 1) for day in days):
            if day.month == month.month and day < until:
                self._write_audit(day, share)
        self._write_re_audits(month, share)

    def _write_re_audits(self, month: date, share: float) -> None:
        """One or two of the audits below good of three to six months before, done again by somebody else."""
        done = {audit.first_audit_id for audit in self.audits}
        due = [
            audit for audit in self.audits
            if audit.counted_grade in (Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE) and audit.pk not in done
            and audit.month and 90 <= (month - audit.month).days <= 190
        ]  # fmt: skip
        kept, self.rng = self.rng, self.apart
        for first in self.apart.sample(due, min(len(due), self.apart.randint(1, 2))):
            day = add_working_days(month + timedelta(days=self.apart.randint(5, 20)), 1)
            if day < self.until:
                self._write_audit(day, share, first)
        self.rng = kept

    def _write_audit(self, day: date, share: float, first: Audit | None = None) -> None:
        if first is not None and first.case is not None and first.tool_version is not None:
            case, version = first.case, first.tool_version
            auditors = [user for user in self.council.auditors if user != first.auditor]
        else:
            case, auditors = self.rng.choice(self.cases), self.council.auditors
            child = case.subject_kind == "child"
            version = self.whole_case if child and self.rng.random() < 0.88 else self.supervision
            if case.subject_kind == SubjectKind.CARER:
                version = self.carer_file
        auditor = self.rng.choice(auditors)
        given = self._grade(case, share)
        settled, moderation = self._moderated(given)
        submitted = self._at(day)
        # The very latest ones are settled since this morning: nobody has issued their feedback yet.
        fresh = add_working_days(day, 3) >= self.until
        audit = Audit(
            reference=self._reference(day),
            case=case,
            case_reference=case.reference,
            subject_kind=case.subject_kind,
            tool_version=version,
            first_audit=first,
            mode=self.apart.choices((AuditMode.DESK, AuditMode.WITH_PRACTITIONER, AuditMode.LIVE), weights=_MODES)[0],
            audit_type=version.tool.name,
            scheme=version.scheme,
            status=AuditStatus.SETTLED if fresh else AuditStatus.FEEDBACK_ISSUED,
            service=case.service,
            team=case.team,
            plan_type=case.plan_type,
            is_cwd=case.is_cwd,
            age_band=case.age_band,
            auditor=auditor,
            window_from=day - timedelta(days=365),
            window_to=day,
            due_on=day + timedelta(days=self.rng.randint(-2, 6)),
            created_by=self.council.people["qa.lead"],
            allocated_at=submitted - timedelta(days=11),
            started_at=submitted - timedelta(days=5),
            submitted_at=submitted,
            settled_at=timezone.now() if fresh else submitted + timedelta(days=2) if moderation else submitted,
            feedback_issued_at=None if fresh else submitted + timedelta(days=2) if moderation else submitted,
            audited_on=day,
            month=day.replace(day=1),
            auditor_grade=given,
            grade=settled,
            counted_grade=settled,
            rationale=words.RATIONALES[given],
            working_well=words.WORKING_WELL,
            worries=words.WORRIES[given],
            next_steps=words.NEXT_STEPS[given],
            immediate_actions=words.IMMEDIATE_ACTIONS if given == Grade.INADEQUATE else "",
            exemplar_nominated=given == Grade.OUTSTANDING,
            overall_saved_at=submitted,
            version=20,
        )
        self.audits.append(audit)
        self._write_sections(audit, given)
        self._write_conversations(audit, day)
        self._write_moderation(audit, moderation, given, settled)
        self._write_moves(audit, moderation)

    def _grade(self, case: Case, share: float) -> str:
        shares = [first + (last - first) * share for first, last in zip(_AT_FIRST, _AT_LAST, strict=True)]
        if case.service.name in _BETTER_SERVICES:
            shares[1] += 12
        return self.rng.choices(_ORDER, weights=shares)[0].value

    def _moderated(self, given: str) -> tuple[str, list[str]]:
        reasons = []
        if given == Grade.INADEQUATE:
            reasons.append(SelectionReason.INADEQUATE.value)
        if given == Grade.OUTSTANDING:
            reasons.append(SelectionReason.OUTSTANDING.value)
        if not reasons and self.rng.random() < 0.2:
            reasons.append(SelectionReason.RANDOM.value)
        if not reasons or self.rng.random() < 0.78:
            return given, reasons
        place = _ORDER.index(Grade(given))
        step = 1 if given == Grade.OUTSTANDING or (given != Grade.INADEQUATE and self.rng.random() < 0.8) else -1
        return _ORDER[min(3, max(0, place + step))].value, reasons

    def _at(self, day: date) -> datetime:
        moment = datetime.combine(day, time(self.rng.randint(9, 16), self.rng.randint(0, 59)))
        return timezone.make_aware(moment)

    def _reference(self, day: date) -> str:
        self.numbers[day.year] = self.numbers.get(day.year, 0) + 1
        return f"A-{day.year}-{self.numbers[day.year]:04d}"

    def _section_grades(self, sections: list[ToolSection], overall: str) -> dict[str, str]:
        """Section grades that the limiting rules allow with this overall grade."""
        grades = {}
        for section in sections:
            if not section.graded:
                continue
            lift = self.rng.random()
            if overall == Grade.OUTSTANDING:
                grades[section.key] = Grade.OUTSTANDING if lift < 0.6 else Grade.GOOD
            elif overall == Grade.GOOD:
                grades[section.key] = (
                    Grade.OUTSTANDING if lift < 0.1 else Grade.GOOD if lift < 0.85 else Grade.REQUIRES_IMPROVEMENT
                )
            elif overall == Grade.REQUIRES_IMPROVEMENT:
                grades[section.key] = Grade.GOOD if lift < 0.4 else Grade.REQUIRES_IMPROVEMENT
            else:
                grades[section.key] = Grade.REQUIRES_IMPROVEMENT if lift < 0.6 else Grade.INADEQUATE
        limiting = [section.key for section in sections if section.graded and section.limiting]
        if overall in (Grade.OUTSTANDING, Grade.GOOD):
            grades |= {key: Grade.GOOD for key in limiting if grades[key] not in (Grade.OUTSTANDING, Grade.GOOD)}
        if overall == Grade.OUTSTANDING:
            grades |= dict.fromkeys(list(grades)[:3], Grade.OUTSTANDING)
        if overall == Grade.INADEQUATE and limiting:
            grades[limiting[-1] if "safeguarding" not in limiting else "safeguarding"] = Grade.INADEQUATE
        return {key: str(grade) for key, grade in grades.items()}

    def _write_sections(self, audit: Audit, overall: str) -> None:
        sections = self.sections[audit.tool_version_id]
        grades = self._section_grades(sections, overall)
        for section in sections:
            grade = grades.get(section.key, "")
            row = AuditSection(
                audit=audit,
                section=section,
                state=SectionState.COMPLETE,
                grade=grade,
                reason=words.REASONS[grade] if grade else "",
                settled_grade=grade,
                saved_at=audit.submitted_at,
                saved_by=audit.auditor,
                version=4,
            )
            self.audit_sections.append(row)
            given: dict[str, Any] = {}
            for question in section.questions.all():
                value = self._answer(question.kind, question.options, grade, audit)
                wanted = question.show_if.get("answers", ())
                if question.show_if and given.get(question.show_if["question"]) not in wanted:
                    continue
                if value is not None:
                    given[question.key] = value
                    self.answers.append(Answer(audit_section=row, question=question, value=value))
            self._write_findings(audit, row, section.key, grade)

    def _answer(self, kind: str, options: list[Any], grade: str, audit: Audit) -> Any:
        good = grade in (Grade.OUTSTANDING, Grade.GOOD, "")
        answers: dict[str, Any] = {
            QuestionKind.YES_PARTLY_NO: self.rng.choices(
                ("yes", "partly", "no", "na"), (70, 20, 6, 4) if good else (30, 40, 26, 4)
            )[0],
            QuestionKind.EVIDENCED: self.rng.choices(("yes", "no"), (85, 15) if good else (45, 55))[0],
            QuestionKind.GRADE: grade or Grade.GOOD.value,
            QuestionKind.SCALE: self.rng.randint(6, 9) if good else self.rng.randint(2, 6),
            QuestionKind.NUMBER: self.rng.randint(1, 8),
            QuestionKind.DATE: (audit.window_to - timedelta(days=self.rng.randint(3, 90))).isoformat()
            if audit.window_to
            else None,
            QuestionKind.SHORT_TEXT: "See the case record.",
            QuestionKind.LONG_TEXT: words.WORKING_WELL if good else words.GENERAL_DEVELOPMENT[0],
            QuestionKind.EVIDENCE: self.rng.choice(words.DOCUMENTS),
            QuestionKind.FAMILY_FEEDBACK: self.rng.choice(words.FAMILY_SAID),
        }
        if kind in (QuestionKind.CHOICE, QuestionKind.CHOICES) and options:
            choice = self.rng.choice(options)
            key = choice["key"] if isinstance(choice, dict) else choice[0] if isinstance(choice, list) else choice
            return [key] if kind == QuestionKind.CHOICES else key
        return answers.get(kind)

    def _write_findings(self, audit: Audit, row: AuditSection, key: str, grade: str) -> None:
        good = grade in (Grade.OUTSTANDING, Grade.GOOD)
        strengths = words.STRENGTHS.get(key, (words.GENERAL_STRENGTH,))
        developments = words.DEVELOPMENTS.get(key, (words.GENERAL_DEVELOPMENT,))
        if self.rng.random() < (0.8 if good else 0.3):
            self._write_finding(audit, row, FindingKind.STRENGTH, self.rng.choice(strengths))
        if self.rng.random() < (0.15 if good else 0.85):
            self._write_finding(audit, row, FindingKind.DEVELOPMENT, self.rng.choice(developments))

    def _write_finding(self, audit: Audit, row: AuditSection, kind: str, said: tuple[str, str]) -> None:
        text, theme_name = said
        finding = Finding(
            audit=audit,
            audit_section=row,
            kind=kind,
            text=text,
            evidence_document=self.rng.choice(words.DOCUMENTS),
            evidence_date=audit.window_to - timedelta(days=self.rng.randint(5, 170)) if audit.window_to else None,
        )
        self.findings.append(finding)
        self.finding_themes.append((finding, self.themes[theme_name]))

    def _write_conversations(self, audit: Audit, day: date) -> None:
        child = audit.subject_kind == SubjectKind.CHILD and audit.age_band not in (AgeBand.UNDER_1, AgeBand.AGE_1_4)
        for whom, likely in (
            (ConversationWith.WORKER, 0.9),
            (ConversationWith.MANAGER, 0.6),
            (ConversationWith.PARENT, 0.45),
            (ConversationWith.CHILD, 0.2),
        ):
            if whom == ConversationWith.CHILD and not (child and self.apart.random() < 0.4):
                continue
            done = (self.apart if whom == ConversationWith.CHILD else self.rng).random() < likely
            self.conversations.append(
                Conversation(
                    audit=audit,
                    with_whom=whom,
                    outcome=ConversationOutcome.DONE if done else ConversationOutcome.NOT_POSSIBLE,
                    mode=ConversationMode.PHONE if done else "",
                    held_on=day - timedelta(days=2) if done else None,
                    reason="" if done else "Could not be reached within the time for the audit.",
                    what_they_said=self.rng.choice(words.FAMILY_SAID)
                    if done and whom in (ConversationWith.PARENT, ConversationWith.CHILD)
                    else "",
                )
            )

    def _write_moderation(self, audit: Audit, reasons: list[str], given: str, settled: str) -> None:
        changed = given != settled
        outcome = ModerationOutcome.CHANGED if changed else ModerationOutcome.AGREED
        inadequate = bool(reasons) and settled == Grade.INADEQUATE
        self.moderations.append(
            Moderation(
                audit=audit,
                reasons=reasons,
                draw=self.rng.randint(0, 19) if SelectionReason.RANDOM in reasons else self.rng.randint(20, 99),
                status=ModerationStatus.DONE if reasons else ModerationStatus.NOT_SELECTED,
                moderator=self._moderator(audit.auditor) if reasons else None,
                opened_at=audit.settled_at if reasons else None,
                outcome=outcome if reasons else ModerationOutcome.NOT_SELECTED,
                grade_before=given,
                grade_after=settled,
                reason=self.rng.choice(words.MODERATOR_REASONS) if changed else "",
                decided_at=audit.settled_at,
                answered_by=audit.auditor if changed else None,
                answered_at=audit.settled_at if changed else None,
                confirmed_by=self.heads.get(audit.service_id) if inadequate else None,
                confirmed_at=audit.settled_at if inadequate else None,
            )
        )
        if changed:
            self._change_sections(audit, self.moderations[-1], settled)

    def _change_sections(self, audit: Audit, moderation: Moderation, settled: str) -> None:
        """The sections that the moderator saw otherwise: those below a better grade, else the first two above."""
        rows = [row for row in self.audit_sections[-len(self.sections[audit.tool_version_id]) :] if row.grade]
        place = _ORDER.index(Grade(settled))
        weaker = [row for row in rows if _ORDER.index(Grade(row.grade)) > place]
        stronger = [row for row in rows if _ORDER.index(Grade(row.grade)) < place]
        raised = place < _ORDER.index(Grade(moderation.grade_before))
        for row in weaker if raised else stronger[:2]:
            row.settled_grade = settled
            self.moderated_sections.append(
                ModeratedSection(
                    moderation=moderation, audit_section=row, grade_before=row.grade, grade_after=settled,
                    reason=words.MODERATOR_REASONS[-1],
                )
            )  # fmt: skip

    def _moderator(self, auditor: User | None) -> User:
        return self.rng.choice([user for user in self.council.moderators if user != auditor])

    def _write_moves(self, audit: Audit, moderated: list[str]) -> None:
        lead = self.council.people["qa.lead"]
        decider = self.moderations[-1].moderator if moderated else None
        told = {
            "allocate": f"To {audit.auditor}, due {audit.due_on:%-d %B %Y}",
            "settle": self.moderations[-1].reason,
        }
        for event, at, by, source, target in (
            ("create", audit.allocated_at, lead, "", AuditStatus.PLANNED),
            ("allocate", audit.allocated_at, lead, AuditStatus.PLANNED, AuditStatus.ALLOCATED),
            ("start", audit.started_at, audit.auditor, AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS),
            ("submit", audit.submitted_at, audit.auditor, AuditStatus.IN_PROGRESS, AuditStatus.SUBMITTED),
            ("settle", audit.settled_at, decider, AuditStatus.SUBMITTED, AuditStatus.SETTLED),
            ("issue", audit.feedback_issued_at, None, AuditStatus.SETTLED, AuditStatus.FEEDBACK_ISSUED),
        ):
            if event == "issue" and at is None:
                continue
            self.transitions.append(
                Transition(
                    audit=audit,
                    at=at or timezone.now(),
                    by=by,
                    event=event,
                    from_status=source,
                    to_status=target,
                    why=told.get(event, ""),
                )
            )

    def save(self) -> None:
        """Write everything that was collected."""
        Audit.objects.bulk_create(self.audits, batch_size=200)
        Audit.objects.filter(pk__in=[audit.pk for audit in self.audits]).update(created_at=F("allocated_at"))
        AuditSection.objects.bulk_create(self.audit_sections, batch_size=500)
        Answer.objects.bulk_create(self.answers, batch_size=1000)
        Finding.objects.bulk_create(self.findings, batch_size=500)
        links = Finding.themes.through
        links.objects.bulk_create(
            [links(finding_id=finding.pk, theme_id=theme.pk) for finding, theme in self.finding_themes],
            batch_size=1000,
        )
        Conversation.objects.bulk_create(self.conversations, batch_size=500)
        Moderation.objects.bulk_create(self.moderations, batch_size=500)
        ModeratedSection.objects.bulk_create(self.moderated_sections, batch_size=500)
        Transition.objects.bulk_create(self.transitions, batch_size=1000)
        for year, last in self.numbers.items():
            ReferenceCounter.objects.update_or_create(year=year, defaults={"last": last})


def months_before(today: date, count: int) -> list[date]:
    """The first days of the `count` months before the month of `today`, and of that month itself."""
    months = []
    for back in range(count, -1, -1):
        index = today.year * 12 + today.month - 1 - back
        months.append(date(index // 12, index % 12 + 1, 1))
    return months
