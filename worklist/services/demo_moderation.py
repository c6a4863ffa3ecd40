"""Audits at each step between submission and settled grade, done through the same services as a person's."""

from __future__ import annotations

import random

from accounts.models import User
from audits.choices import Grade, ModerationOutcome
from audits.models import Audit, Moderation, ToolVersion
from audits.services.answering import dispute_grade
from audits.services.disputing import assign_dispute, refer_to_panel
from audits.services.moderating import decide_moderation, open_moderation
from audits.services.planning import allocate_audit, create_audit
from audits.services.returning import Question, return_audit
from audits.services.submitting import submit_audit
from cases.models import Case
from worklist.services import demo_words as words
from worklist.services.demo_people import Council
from worklist.services.demo_work import write_audit

_DISPUTED = "The grade rests on practice that made a lasting difference, as the reviews of the last six months show."
_REFERRED = "The two views rest on how the school's record is read; the panel should settle how we read such records."


def make_moderation(*, rng: random.Random, council: Council, cases: list[Case], version: ToolVersion) -> None:
    """One returned, one to accept, one to confirm, one disputed and one before the panel, for the personas."""
    children = [
        case
        for case in cases
        if case.subject_kind == "child" and not case.restricted and case.service.name == "Family Safeguarding"
    ]
    rng.shuffle(children)
    lead, first = council.people["qa.lead"], council.people["auditor"]
    one, two, three = council.moderators

    def opened(auditor: User, grade: Grade, moderator: User) -> Moderation:
        audit = create_audit(case=children.pop(), version=version, by=lead)
        audit = allocate_audit(audit=audit, auditor=auditor, by=lead, version=audit.version)
        write_audit(audit, auditor, rng, grade=grade)
        audit = Audit.objects.get(pk=audit.pk)
        submit_audit(audit=audit, by=auditor, version=audit.version)
        return open_moderation(moderation=audit.moderations.get(), by=moderator)

    def lowered(auditor: User, moderator: User) -> Moderation:
        moderation = opened(auditor, Grade.OUTSTANDING, moderator)
        return decide_moderation(
            moderation=moderation, by=moderator, outcome=ModerationOutcome.CHANGED, grade=Grade.GOOD,
            reason=words.MODERATOR_REASONS[1], version=moderation.version,
        )  # fmt: skip

    returned = opened(first, Grade.OUTSTANDING, one)
    row = returned.audit.sections.order_by("section__position").first()
    questions = [Question("Which visits show that the child was seen alone?", row.pk if row else None)]
    questions.append(Question("What would the family say has changed for them?"))
    return_audit(moderation=returned, by=one, questions=questions, version=returned.version)
    lowered(first, two)
    inadequate = opened(council.auditors[2], Grade.INADEQUATE, one)
    decide_moderation(moderation=inadequate, by=one, outcome=ModerationOutcome.AGREED, version=inadequate.version)
    disputed = lowered(council.auditors[3], two)
    dispute_grade(moderation=disputed, by=council.auditors[3], why=_DISPUTED, version=disputed.version)
    to_panel = lowered(council.auditors[4], three)
    dispute = dispute_grade(moderation=to_panel, by=council.auditors[4], why=_DISPUTED, version=to_panel.version)
    dispute = assign_dispute(dispute=dispute, moderator=two, by=two)
    refer_to_panel(dispute=dispute, by=two, why=_REFERRED, version=dispute.version)
