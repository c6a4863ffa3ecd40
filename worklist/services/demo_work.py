"""Work under way in the demo council, done through the same services as a person's."""

from __future__ import annotations

import random
from datetime import date, timedelta

from django.utils import timezone

from accounts.models import User
from audits.choices import ConversationMode, ConversationOutcome, ConversationWith, FindingKind, Grade, QuestionKind
from audits.models import Audit, Moderation, Theme, ToolVersion
from audits.services.alerts import raise_alert
from audits.services.drafting import (
    FindingDraft,
    OverallDraft,
    SectionDraft,
    save_conversation,
    save_overall,
    save_section,
    start_audit,
)
from audits.services.moderating import open_moderation
from audits.services.planning import allocate_audit, create_audit
from audits.services.submitting import submit_audit
from cases.models import Case
from core.working_days import add_working_days
from worklist.services import demo_words as words
from worklist.services.demo_people import Council


def make_work(*, rng: random.Random, council: Council, cases: list[Case], version: ToolVersion, today: date) -> None:
    """Audits planned, allocated, half written, waiting for moderation, and one with an open alert."""
    children = [case for case in cases if case.subject_kind == "child" and not case.restricted]
    otter = [case for case in children if case.team is not None and case.team.name == "Otter Team"]
    rng.shuffle(children)
    rng.shuffle(otter)
    lead = council.people["qa.lead"]
    first = council.people["auditor"]

    def planned(case: Case) -> Audit:
        return create_audit(case=case, version=version, by=lead)

    def allocated(case: Case, auditor: User, due_in: int) -> Audit:
        audit = planned(case)
        return allocate_audit(
            audit=audit, auditor=auditor, by=lead, due_on=add_working_days(today, due_in), version=audit.version
        )

    for _ in range(3):
        planned(children.pop())
    for due_in in (0, 2, 9):
        allocated(children.pop(), first, due_in)
    # Time cannot be made to pass here, so two audits are set back by hand.
    for auditor in (first, council.auditors[5]):
        late = allocated(children.pop(), auditor, 0)
        Audit.objects.filter(pk=late.pk).update(due_on=add_working_days(today, -rng.randint(2, 5)))
    for auditor in council.auditors[1:5]:
        allocated(children.pop(), auditor, rng.randint(1, 12))

    half_written = allocated(children.pop(), first, 3)
    write_audit(half_written, first, rng, grade=Grade.GOOD, sections=5)
    with_alert = allocated(otter.pop(), first, 4)
    write_audit(with_alert, first, rng, grade=Grade.REQUIRES_IMPROVEMENT, sections=3)
    raise_alert(
        audit=with_alert,
        by=first,
        what=words.ALERT_WHAT,
        where="The family home",
        since="About a week",
        told_name="Taylor Fictley",
        told_at=timezone.now(),
    )
    ready = allocated(children.pop(), first, 1)
    write_audit(ready, first, rng, grade=Grade.GOOD)
    for auditor, grade in zip(
        council.auditors[1:5],
        (Grade.OUTSTANDING, Grade.INADEQUATE, Grade.OUTSTANDING, Grade.INADEQUATE),
        strict=True,
    ):
        submitted = allocated(children.pop(), auditor, 2)
        write_audit(submitted, auditor, rng, grade=grade)
        submitted.refresh_from_db()
        submit_audit(audit=submitted, by=auditor, version=submitted.version)
    being_moderated = Moderation.objects.filter(audit__auditor=council.auditors[4]).order_by("-created_at").first()
    if being_moderated is not None:
        open_moderation(moderation=being_moderated, by=council.people["moderator"])


def write_audit(audit: Audit, auditor: User, rng: random.Random, *, grade: Grade, sections: int | None = None) -> None:
    """Fill the first `sections` sections, or all of them and the overall page too."""
    audit = start_audit(audit=audit, by=auditor)
    rows = list(audit.sections.select_related("section").order_by("section__position"))
    for row in rows[:sections]:
        section_grade = _section_grade(row.section.key, grade, rng) if row.section.graded else ""
        strong = section_grade in (Grade.OUTSTANDING, Grade.GOOD)
        bank = words.STRENGTHS if strong else words.DEVELOPMENTS
        text, theme_name = rng.choice(
            bank.get(row.section.key, (words.GENERAL_STRENGTH if strong else words.GENERAL_DEVELOPMENT,))
        )
        theme = Theme.objects.get(parent__isnull=False, name=theme_name)
        save_section(
            audit_section=row,
            draft=SectionDraft(
                answers={
                    question.key: _answer(question.kind, question.options, strong, audit)
                    for question in row.section.questions.all()
                },
                grade=section_grade,
                reason=words.REASONS[section_grade] if section_grade else "",
                findings=(
                    FindingDraft(
                        kind=FindingKind.STRENGTH if strong else FindingKind.DEVELOPMENT,
                        text=text,
                        evidence_document=rng.choice(words.DOCUMENTS),
                        evidence_date=_last_day(audit) - timedelta(days=rng.randint(4, 120)),
                        theme_ids=(theme.pk,),
                    ),
                ),
            ),
            by=auditor,
            version=row.version,
        )
    if sections is not None:
        return
    save_conversation(
        audit=audit, by=auditor, with_whom=ConversationWith.WORKER, outcome=ConversationOutcome.DONE,
        mode=ConversationMode.PHONE, held_on=_last_day(audit) - timedelta(days=3), reason="",
        what_they_said="",
    )  # fmt: skip
    audit.refresh_from_db()
    save_overall(
        audit=audit,
        draft=OverallDraft(
            grade=grade,
            rationale=words.RATIONALES[grade],
            working_well=words.WORKING_WELL,
            worries=words.WORRIES[grade],
            next_steps=words.NEXT_STEPS[grade],
            immediate_actions=words.IMMEDIATE_ACTIONS if grade == Grade.INADEQUATE else "",
            override_reason="",
            exemplar_nominated=grade == Grade.OUTSTANDING,
            no_family_feedback_reason="The parent asked not to be rung during working hours.",
        ),
        by=auditor,
        version=audit.version,
    )


def _section_grade(key: str, overall: Grade, rng: random.Random) -> str:
    if overall == Grade.INADEQUATE:
        return Grade.INADEQUATE if key == "safeguarding" else Grade.REQUIRES_IMPROVEMENT
    if overall == Grade.OUTSTANDING:
        return rng.choice((Grade.OUTSTANDING, Grade.OUTSTANDING, Grade.GOOD))
    if overall == Grade.GOOD:
        return Grade.GOOD
    return Grade.GOOD if key == "safeguarding" else Grade.REQUIRES_IMPROVEMENT


def _answer(kind: str, options: list[object], strong: bool, audit: Audit) -> object:
    on = _last_day(audit) - timedelta(days=20)
    first = options[0] if options else ""
    key = first["key"] if isinstance(first, dict) else first
    return {
        QuestionKind.YES_PARTLY_NO: "yes" if strong else "partly",
        QuestionKind.EVIDENCED: "yes" if strong else "no",
        QuestionKind.GRADE: Grade.GOOD.value if strong else Grade.REQUIRES_IMPROVEMENT.value,
        QuestionKind.SCALE: 7 if strong else 4,
        QuestionKind.NUMBER: 3,
        QuestionKind.DATE: on.isoformat(),
        QuestionKind.CHOICE: key,
        QuestionKind.CHOICES: [key],
        QuestionKind.EVIDENCE: words.DOCUMENTS[0],
        QuestionKind.FAMILY_FEEDBACK: words.FAMILY_SAID[0],
    }.get(QuestionKind(kind), words.WORKING_WELL)


def _last_day(audit: Audit) -> date:
    return audit.window_to or timezone.localdate()
