"""A submission sent back to its auditor with questions, and what changed when it comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from audits.models import Audit, Moderation, ModerationReturn, ReturnQuestion
from audits.rules import moderation as rules
from audits.selectors.as_submitted import text_of
from audits.services import telling
from audits.services.moderation_moves import hold_moderation, move_held, the_one_read
from core.history.services import actor_id


@dataclass(frozen=True)
class Question:
    """A moderator's question; `section` is the key of a section's row, None for the audit as a whole."""

    text: str
    section: UUID | None = None


def return_audit(*, moderation: Moderation, by: Any, questions: Sequence[Question], version: int) -> Moderation:
    """Send a submission back to its auditor with at least one question; a third time it goes to the QA lead instead.

    What was submitted is kept, so that the changes can be shown. Raises ValidationError, NotAllowed, IllegalMove and
    StaleVersion.
    """
    with transaction.atomic():
        held = hold_moderation(moderation=moderation, event="return", by=by, verb="moderate")
        the_one_read(held=held, version=version)
        asked = _asked(held.audit, questions)
        count = f"{len(asked)} question{'' if len(asked) == 1 else 's'} for {held.audit.auditor or 'the auditor'}"
        if rules.the_third_return_goes_to_the_qa_lead(held.returns):
            _keep(held, by, asked)
            move_held(held=held, event="return_to_lead", by=by, facts=count, values={"questions": len(asked)})
            telling.tell_qa_leads(held=held, kind="third_return")
            return held
        _keep(held, by, asked)
        move_held(
            held=held, event="return", by=by, facts=count, values={"questions": len(asked)}, returns=held.returns + 1
        )
        telling.tell_auditor(held=held, kind="audit_returned")
    return held


def _asked(audit: Audit, questions: Sequence[Question]) -> list[Question]:
    asked = [question for question in questions if question.text.strip()]
    if not asked:
        raise ValidationError({"questions": "Write at least one question for the auditor"})
    rows = set(audit.sections.values_list("pk", flat=True))
    if any(question.section not in (None, *rows) for question in asked):
        raise ValidationError({"questions": "A question names a section that this audit does not have"})
    return asked


def _keep(held: Moderation, by: Any, asked: Sequence[Question]) -> None:
    returned = ModerationReturn.objects.create(
        moderation=held, number=held.returned.count() + 1, by_id=actor_id(by), at=timezone.now(),
        as_submitted=text_of(held.audit),
    )  # fmt: skip
    ReturnQuestion.objects.bulk_create(
        ReturnQuestion(returned=returned, audit_section_id=question.section, text=question.text.strip(), position=place)
        for place, question in enumerate(asked)
    )


def send_back(*, moderation: Moderation, by: Any, why: str, version: int) -> Moderation:
    """A QA lead lets the third return happen, with a word to the auditor."""
    with transaction.atomic():
        held = hold_moderation(moderation=moderation, event="send_back", by=by, verb="guide_return")
        the_one_read(held=held, version=version)
        said = _reason(why)
        last = held.returned.order_by("-number").first()
        if last is not None:
            ReturnQuestion.objects.create(returned=last, text=said, position=last.questions.count())
        move_held(held=held, event="send_back", by=by, why=said, returns=held.returns + 1)
        telling.tell_auditor(held=held, kind="audit_returned")
    return held


def hand_on(*, moderation: Moderation, by: Any, why: str, version: int) -> Moderation:
    """A QA lead puts an audit that was returned twice back in the queue, for another moderator."""
    with transaction.atomic():
        held = hold_moderation(moderation=moderation, event="hand_on", by=by, verb="guide_return")
        the_one_read(held=held, version=version)
        move_held(held=held, event="hand_on", by=by, why=_reason(why), moderator=None)
        telling.tell_queue(held=held)
    return held


def _reason(why: str) -> str:
    if not why.strip():
        raise ValidationError({"why": "Say why"})
    return why.strip()
