"""Setting up a calibration, and revealing its grades together: when all have submitted, on time, or by the QA lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.models import User
from audits import access
from audits.choices import GRADE_GIVEN, AuditPurpose, AuditStatus, CalibrationStatus
from audits.models import Audit, Calibration, ToolVersion
from audits.rules import calibrating as rules
from audits.rules.timescales import CALIBRATION_DAYS
from audits.services.moves import StaleVersion, said
from audits.services.planning import allocate_audit, create_audit, next_reference, void_audit
from audits.workflow import CALIBRATION_MOVES, refusal
from cases.models import Case
from core.council.selectors import closing_days, setting
from core.history.services import actor_id, record
from core.notifications.services import notify_who_sees
from core.workflow import IllegalMove, may_follow, move
from core.working_days import add_working_days

NOT_SUBMITTED = "The grades of the calibration were revealed before this audit was submitted."


def usual_last_day(*, today: date) -> date:
    """The last day of a calibration that is set up today: so many working days on, as the settings say."""
    return add_working_days(today, setting(CALIBRATION_DAYS.key, on=today), closing_days())


def set_up_calibration(
    *, case: Case, version: ToolVersion, auditors: Sequence[User], by: Any, due_on: date | None = None, about: str = ""
) -> Calibration:
    """Give the same case to several auditors, each an ordinary audit of it that counts in no report.

    All or nothing, with its history, in one transaction. Raises NotAllowed, and ValidationError by field: fewer than
    three auditors, one with a conflict (NK-2, named by its category), a last day in the past, a tool that is not live.
    """
    access.require(by, "calibrate", case)
    people = list(dict.fromkeys(auditors))
    if not rules.is_a_calibration(len(people)):
        raise ValidationError({"auditors": f"Choose at least {rules.AT_LEAST} auditors"})
    today = timezone.localdate()
    with transaction.atomic():
        calibration = Calibration.objects.create(
            reference=next_reference(year=today.year, letter="C"), case=case, tool_version=version,
            about=about.strip(), due_on=due_on or usual_last_day(today=today), created_by_id=actor_id(by),
        )  # fmt: skip
        record(
            by=by, verb="set_up", record=calibration, to_state=calibration.status,
            values={"case": str(case.pk), "auditors": len(people), "due_on": calibration.due_on.isoformat()},
        )  # fmt: skip
        for person in people:
            audit = create_audit(
                case=case, version=version, by=by, purpose=AuditPurpose.CALIBRATION, calibration=calibration
            )
            try:
                allocate_audit(audit=audit, auditor=person, by=by, due_on=calibration.due_on)
            except NotAllowed as refused:
                raise ValidationError({"auditors": f"{person.name}: {refused}"}) from refused
    return calibration


def reveal_early(*, calibration: Calibration, by: Any, why: str, version: int) -> Calibration:
    """The QA lead ends a calibration before its last day, with a reason. Who has not submitted is left out.

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError without a reason.
    """
    with transaction.atomic():
        access.require(by, "reveal", calibration)
        held = _hold(calibration.pk)
        if not may_follow(CALIBRATION_MOVES, "reveal_early", held.status):
            raise IllegalMove(refusal("calibration", "reveal_early", held.get_status_display()))
        if version != held.version:
            raise StaleVersion(version=held.version)
        _reveal(held, "reveal_early", by, said(why=why))
    return held


def reveal_when_due(*, calibration_id: UUID, today: date) -> bool:
    """Reveal the grades where all have submitted or the last day is over; whether they were revealed just now.

    Safe to run any number of times, late, and by two at once.
    """
    with transaction.atomic():
        held = _hold(calibration_id)
        if held.status != CalibrationStatus.RUNNING:
            return False
        states = list(held.audits.exclude(status=AuditStatus.VOID).values_list("status", flat=True))
        given = sum(state in GRADE_GIVEN for state in states)
        if not rules.reveals_its_grades(submitted=given, expected=len(states), due_on=held.due_on, today=today):
            return False
        _reveal(held, "reveal", SYSTEM, "")
    return True


def reveal_all_due(*, today: date) -> int:
    """Reveal every calibration whose time has come. Each once; returns how many."""
    running = list(Calibration.objects.running().order_by("due_on", "pk").values_list("pk", flat=True))
    return sum(reveal_when_due(calibration_id=key, today=today) for key in running)


def reveal_of_audit(*, audit_id: UUID, today: date) -> bool:
    """An audit was submitted: reveal the calibration that it belongs to, if it was the last. False for any other."""
    key = Audit.objects.filter(pk=audit_id).values_list("calibration", flat=True).first()
    return key is not None and reveal_when_due(calibration_id=key, today=today)


def _hold(key: UUID) -> Calibration:
    return Calibration.objects.select_for_update(of=("self",), no_key=True).get(pk=key)


def _reveal(held: Calibration, event: str, by: Any, why: str) -> None:
    """What is not submitted now ends: nobody may grade on after they could read what others gave."""
    for audit in held.audits.exclude(status__in=(*GRADE_GIVEN, AuditStatus.VOID)).order_by("pk"):
        try:
            with transaction.atomic():
                void_audit(audit=audit, by=SYSTEM, why=NOT_SUBMITTED, version=None)
        except IllegalMove:  # submitted in this very moment: it takes part
            continue
    before, at = held.status, timezone.now()
    held.status, held.revealed_at, held.revealed_by_id = move(CALIBRATION_MOVES, event).target, at, actor_id(by)
    held.reason = why
    Calibration.objects.filter(pk=held.pk).update(
        status=held.status, revealed_at=at, revealed_by_id=held.revealed_by_id, reason=why, version=F("version") + 1
    )
    held.version += 1
    record(by=by, verb=event, record=held, from_state=before, to_state=held.status, why=why)
    _tell(held)


def _tell(held: Calibration) -> None:
    """Who took part and who set it up hear that the grades can be read."""
    people = [audit.auditor for audit in held.audits.exclude(status=AuditStatus.VOID).select_related("auditor")]
    notify_who_sees(
        record=held,
        people=[*people, held.created_by],
        kind="calibration_revealed",
        event=str(held.pk),
        link=reverse("audits:calibration", args=[held.pk]),
        reference=held.reference,
    )
