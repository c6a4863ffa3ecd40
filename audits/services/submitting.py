"""Submitting an audit and taking it back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.access import SYSTEM
from audits import access
from audits.choices import GRADE_GIVEN, MODERATION_UNDER_WAY, AuditPurpose, Grade, ModerationOutcome, ModerationStatus
from audits.models import Audit, Moderation
from audits.rules.comparing import changed_fields
from audits.rules.selection import Submission, joined, quarter_start, reasons_to_moderate
from audits.rules.timescales import (
    MODERATION_DAYS,
    MODERATION_INADEQUATE_DAYS,
    MODERATION_SHARE,
    NEW_AUDITOR_AUDITS,
    QUARTER_MINIMUM,
)
from audits.selectors.as_submitted import text_of
from audits.selectors.readiness import AuditAsWritten, audit_as_written
from audits.services import tallies, telling
from audits.services.moderation_moves import hold_moderation, move_held
from audits.services.moves import Moves, StaleVersion, by_day, lock_audit, withdraw_moderation
from audits.services.settling import settle
from audits.services.undoing import forget_undo
from audits.workflow import refusal
from core.council.selectors import closing_days, setting
from core.history.services import Entry
from core.jobs.services import publish
from core.workflow import IllegalMove
from core.working_days import add_working_days
from core.working_hours import at

__all__ = ["NotReady", "StaleVersion", "SubmitFault", "faults_of", "recall_audit", "submit_audit"]


@dataclass(frozen=True)
class SubmitFault:
    """One thing that stands in the way. `where` is "section:<key>", "overall" or "conversations"."""

    where: str
    message: str
    section_id: UUID | None = None


class NotReady(Exception):
    """The audit cannot be submitted yet; `faults` says all that stands in the way."""

    def __init__(self, faults: tuple[SubmitFault, ...]) -> None:
        super().__init__("The audit is not ready to submit.")
        self.faults = faults


def faults_of(*, audit: Audit) -> tuple[SubmitFault, ...]:
    """All that stands in the way of submitting this audit, in the order of the form."""
    return faults_in(written=audit_as_written(audit))


def faults_in(*, written: AuditAsWritten) -> tuple[SubmitFault, ...]:
    rows = {f"section:{section.asked.key}": section.row.pk for section in written.sections}
    return tuple(SubmitFault(fault.where, fault.message, rows.get(fault.where)) for fault in written.faults())


def submit_audit(*, audit: Audit, by: Any, version: int) -> Audit:
    """Submit an audit: it is checked whole, frozen, and chosen for a moderator or settled at once.

    One that was returned goes back to its moderator with what changed, field by field. One transaction. Asked again
    by its auditor, it changes nothing and returns the audit as it stands. Raises
    NotReady with every fault, NotAllowed, StaleVersion, and IllegalMove for an audit that is not under way.
    """
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "submit", audit)
        if audit.status in GRADE_GIVEN and not audit.historic:
            returned = Moderation.objects.filter(audit=audit, status=ModerationStatus.RETURNED).first()
            return _submit_again(returned, audit, by, version) if returned else audit
        before = tallies.contribution(audit=audit)
        moves = Moves(audit=audit, by=by, version=version)
        moves.make("submit")
        written = audit_as_written(audit)
        faults = faults_in(written=written)
        if faults:
            raise NotReady(faults)
        day = timezone.localdate(moves.at)
        moves.set(
            submitted_at=moves.at,
            audited_on=audit.audited_on or day,
            month=audit.month or day.replace(day=1),
            grade=audit.auditor_grade,
            counted_grade=written.meanings.get(audit.auditor_grade, ""),
        )
        publish("audits.submitted", by=by, audit_id=audit.pk)
        moderation = _select(moves, written)
        if moderation.due_on:
            moves.tell(f"A moderator reads it{by_day(day=moderation.due_on)}")
        if moderation.status == ModerationStatus.NOT_SELECTED:
            settle(moves=moves, grade=audit.auditor_grade, meanings=written.meanings, by=SYSTEM)
        tallies.move(before=before, after=tallies.contribution(audit=audit))
        forget_undo(audit=audit)
        moves.save()
    return audit


def _select(moves: Moves, written: AuditAsWritten) -> Moderation:
    """The record of what becomes of this submission: in the moderators' queue, or not chosen.

    The number is drawn once for an audit and kept, so that taking it back and submitting again does not draw anew.
    """
    audit, today = moves.audit, timezone.localdate(moves.at)
    earlier = list(audit.moderations.order_by("submission").values_list("draw", flat=True))
    draw = earlier[0] if earlier else secrets.randbelow(100)
    reasons = (
        ()
        if audit.purpose == AuditPurpose.CALIBRATION
        else reasons_now(audit=audit, written=written, draw=draw, today=today)
    )
    moderation = Moderation(
        audit=audit, submission=len(earlier) + 1, reasons=list(reasons), draw=draw, grade_before=audit.grade
    )
    if reasons:
        moderation.status = ModerationStatus.SELECTED
        moderation.due_on = _moderated_by(audit, today)
    else:
        moderation.status = ModerationStatus.NOT_SELECTED
        moderation.outcome = ModerationOutcome.NOT_SELECTED
        moderation.grade_after = audit.grade
        moderation.decided_at = moves.at
    moderation.save(force_insert=True)
    moves.note(Entry(moderation, "select", to_state=moderation.status, values={"reasons": list(reasons), "draw": draw}))
    return moderation


def reasons_now(*, audit: Audit, written: AuditAsWritten, draw: int, today: date) -> tuple[str, ...]:
    """Why this submission goes to a moderator; empty where it does not.

    What the auditor did before is counted no further than a rule asks, so that long service costs nothing.
    """
    meaning, newly_made = audit.counted_grade, setting(NEW_AUDITOR_AUDITS.key, on=today)
    minimum = setting(QUARTER_MINIMUM.key, on=today)
    others = Audit.objects.filter(auditor=audit.auditor_id, month__isnull=False, historic=False).exclude(
        Q(pk=audit.pk) | Q(purpose=AuditPurpose.CALIBRATION)
    )
    chosen = Moderation.objects.filter(
        audit__in=others,
        created_at__gte=at(quarter_start(today), time()),
        status__in=(*MODERATION_UNDER_WAY, ModerationStatus.DONE),
    )
    return reasons_to_moderate(
        Submission(
            grade=meaning,
            overridden=bool(meaning) and written.ceiling().needs_override(meaning),
            alert_raised=written.alert_raised,
            draw=draw,
            earlier=others.order_by()[:newly_made].count(),
            chosen_this_quarter=chosen.order_by().values("audit").distinct()[:minimum].count(),
        ),
        random_share=setting(MODERATION_SHARE.key, on=today),
        new_auditor_audits=newly_made,
        quarter_minimum=minimum,
    )


def _moderated_by(audit: Audit, today: date) -> date:
    clock = MODERATION_INADEQUATE_DAYS if audit.counted_grade == Grade.INADEQUATE else MODERATION_DAYS
    return add_working_days(today, setting(clock.key, on=today), closing_days())


def _submit_again(moderation: Moderation, audit: Audit, by: Any, version: int) -> Audit:
    """Back to the same moderator, with what changed since; the audit is held and its auditor asks."""
    held = hold_moderation(moderation=moderation, event="resubmit")
    audit = held.audit
    if version != audit.version:
        raise StaleVersion(version=audit.version)
    written = audit_as_written(audit)
    faults = faults_in(written=written)
    if faults:
        raise NotReady(faults)
    before = tallies.contribution(audit=audit)
    moves = Moves(audit=audit, by=by, version=version)
    moves.set(grade=audit.auditor_grade, counted_grade=written.meanings.get(audit.auditor_grade, ""))
    tallies.move(before=before, after=tallies.contribution(audit=audit))
    forget_undo(audit=audit)
    moves.save()
    returned = held.returned.order_by("-number").first()
    changes = []
    if returned is not None:
        changes = changed_fields(returned.as_submitted, text_of(audit))
        returned.changes, returned.resubmitted_at = changes, moves.at
        returned.save(update_fields=["changes", "resubmitted_at"])
    today = timezone.localdate(moves.at)
    due_on = _moderated_by(audit, today)
    move_held(
        held=held, event="resubmit", by=by, at=moves.at, values={"changes": len(changes)}, grade_before=audit.grade,
        reasons=joined(held.reasons, reasons_now(audit=audit, written=written, draw=held.draw, today=today)),
        facts=f"Back to {held.moderator or 'a moderator'}, who decides{by_day(day=due_on)}",
        due_on=due_on,
    )  # fmt: skip
    telling.tell_moderator(held=held, kind="audit_resubmitted")
    return audit


def recall_audit(*, audit: Audit, by: Any, why: str, version: int) -> Audit:
    """Take a submission back, with a reason, as long as no moderator has opened it.

    The month in which the audit counts stays that of the first submission. Raises IllegalMove once a moderator
    has it or it is settled, NotAllowed, StaleVersion, and ValidationError without a reason.
    """
    with transaction.atomic():
        audit = lock_audit(audit=audit)
        access.require(by, "recall", audit)
        before = tallies.contribution(audit=audit)
        moves = Moves(audit=audit, by=by, version=version)
        moves.make("recall", why=why)
        moderation = _last_moderation(audit)
        if moderation is not None and (moderation.status != ModerationStatus.SELECTED or moderation.opened_at):
            raise IllegalMove(refusal("submission", "recall", moderation.get_status_display()))
        withdraw_moderation(moves=moves, why=why)
        moves.set(submitted_at=None, grade="", counted_grade="")
        tallies.move(before=before, after=tallies.contribution(audit=audit))
        moves.save()
    return audit


def _last_moderation(audit: Audit) -> Moderation | None:
    rows: Iterable[Moderation] = audit.moderations.order_by("-submission")[:1]
    return next(iter(rows), None)
