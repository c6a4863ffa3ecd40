"""Where a decided grade goes next: to the auditor to answer, to a head of service to confirm, or to its end."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from audits.models import Moderation
from audits.rules.moderation import an_inadequate_grade_is_confirmed
from audits.rules.timescales import ACCEPTANCE_DAYS, CONFIRMATION_DAYS
from audits.selectors.readiness import grade_meanings
from audits.services import tallies, telling
from audits.services.judging import section_grades_now
from audits.services.moderation_moves import move_held
from audits.services.moves import Moves, by_day
from audits.services.settling import settle
from core.council.selectors import closing_days, setting
from core.working_days import add_working_days


def ask_the_auditor(
    *, held: Moderation, event: str, by: Any, why: str = "", values: Any = None, **changes: Any
) -> None:
    """Move the moderation to its auditor, who has three working days to accept or dispute; silence accepts."""
    today = timezone.localdate()
    answer_by = add_working_days(today, setting(ACCEPTANCE_DAYS.key, on=today), closing_days())
    move_held(
        held=held, event=event, by=by, why=why, values=values, answer_by=answer_by, answered_by=None,
        answered_at=None, facts=f"{held.audit.auditor or 'The auditor'} accepts or disputes it{by_day(day=answer_by)}; "
        "silence counts as acceptance", **changes,
    )  # fmt: skip
    telling.tell_auditor(held=held, kind="grade_changed", due_on=answer_by)


def settle_or_confirm(
    *, held: Moderation, event: str, by: Any, why: str = "", values: Any = None, final: bool = False, **changes: Any
) -> None:
    """End the moderation with the grade that stands, or send an inadequate one to a head of service first.

    `event` is the plain move; its "_inadequate" twin leads to the confirmation. With `final` (the panel decided, or
    a head of service just confirmed) nobody is asked again.
    """
    grade = changes.get("grade_after", held.grade_after)
    meanings = grade_meanings(held.audit.scheme_id)
    if not final and an_inadequate_grade_is_confirmed(meanings.get(grade, "")):
        today = timezone.localdate()
        confirm_by = add_working_days(today, setting(CONFIRMATION_DAYS.key, on=today), closing_days())
        move_held(
            held=held, event=f"{event}_inadequate", by=by, why=why, values=values, confirm_by=confirm_by,
            facts=f"A head of service confirms it{by_day(day=confirm_by)}", **changes,
        )  # fmt: skip
        telling.tell_heads(held=held)
        return
    move_held(held=held, event=event, by=by, why=why, values=values, **changes)
    audit = held.audit
    before = tallies.contribution(audit=audit)
    moves = Moves(audit=audit, by=by)
    settle(
        moves=moves,
        grade=grade,
        meanings=meanings,
        by=by,
        section_grades=section_grades_now(audit=audit),
    )
    tallies.move(before=before, after=tallies.contribution(audit=audit))
    moves.save()
