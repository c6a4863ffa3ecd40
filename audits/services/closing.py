"""An audit closes by itself when all is done; the QA lead may hold it open, and open a closed one again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from actions.choices import SETTLED as ACTIONS_AT_END
from actions.choices import Origin
from actions.models import Action
from audits import access
from audits.choices import AuditStatus, ChallengeStatus, ClockKind, ClockState
from audits.models import Audit, HeldOpen, SafeguardingAlert
from audits.rules.responding import reasons_not_to_close, reopens_with_its_action
from audits.services import tallies
from audits.services.moves import Moves, lock_audit, said
from audits.services.re_auditing import needs_re_audit
from audits.workflow import refusal
from core.history.services import record
from core.workflow import IllegalMove

ORIGINS = (Origin.FINDING, Origin.ALERT, Origin.RESPONSE, Origin.DISPUTE, Origin.RE_AUDIT)
"""Where an action may come from in an audit; its reference is then the audit's."""


def actions_of(*, audit: Audit) -> Any:
    """The actions that came from this audit, whoever may see them."""
    return Action.objects.filter(origin__in=ORIGINS, origin_reference=audit.reference)


def what_waits(*, audit: Audit) -> tuple[str, ...]:
    """What this audit still waits for before it closes, in words; empty when it can close."""
    today = timezone.localdate()
    window = audit.clocks.filter(kind=ClockKind.CHALLENGE, state=ClockState.RUNNING, due_on__gte=today)
    return reasons_not_to_close(
        responded=audit.status == AuditStatus.RESPONDED,
        safety_missing=audit.clocks.filter(kind=ClockKind.SAFETY, state=ClockState.RUNNING).exists(),
        actions_open=actions_of(audit=audit).exclude(status__in=ACTIONS_AT_END).count(),
        alerts_open=SafeguardingAlert.objects.filter(audit=audit).unresolved().count(),
        challenge_open=audit.challenges.filter(status=ChallengeStatus.OPEN).exists(),
        window_open=window.exists(),
        re_audit_missing=needs_re_audit(audit=audit),
        held=audit.holds.filter(released_at=None).exists(),
    )


def close_when_done(*, audit: Audit) -> bool:
    """Close the audit if nothing is waited for any more. Asked again it changes nothing. Whether it was closed now."""
    with transaction.atomic():
        held = lock_audit(audit=audit)
        if held.status != AuditStatus.RESPONDED or what_waits(audit=held):
            return False
        before = tallies.contribution(audit=held)
        moves = Moves(audit=held, by=SYSTEM)
        moves.make("close")
        tallies.move(before=before, after=tallies.contribution(audit=held))
        moves.save()
    return True


def close_audits_of(*, origin: str, origin_reference: str) -> int:
    """The last action of something was verified: close the audit that it was, if there is one."""
    if origin not in ORIGINS:
        return 0
    found = Audit.objects.filter(reference=origin_reference).first()
    return int(found is not None and close_when_done(audit=found))


def close_all_done() -> int:
    """Close every audit that waits for nothing any more, such as the end of the time to challenge."""
    return sum(close_when_done(audit=audit) for audit in Audit.objects.filter(status=AuditStatus.RESPONDED))


def close_audit(*, audit_id: UUID) -> bool:
    """As `close_when_done`, by key. A calm answer where there is none."""
    found = Audit.objects.filter(pk=audit_id).first()
    return found is not None and close_when_done(audit=found)


def hold_open(*, audit: Audit, by: Any, why: str) -> HeldOpen:
    """Keep the audit from closing by itself, with a reason. Raises NotAllowed, IllegalMove and ValidationError."""
    with transaction.atomic():
        held = lock_audit(audit=audit)
        access.require(by, "hold", held)
        if held.status not in (AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED):
            raise IllegalMove(refusal("audit", "hold", held.get_status_display()))
        if held.holds.filter(released_at=None).exists():
            raise ValidationError({"why": "This audit is held open already."})
        row = HeldOpen.objects.create(audit=held, why=said(why=why), at=timezone.now(), by=by)
        record(by=by, verb="hold", record=row, why=row.why, values={"audit": str(held.pk)})
    return row


def release_hold(*, audit: Audit, by: Any) -> None:
    """Let the audit close again when all is done; nothing where it is not held. Raises NotAllowed."""
    with transaction.atomic():
        held = lock_audit(audit=audit)
        access.require(by, "hold", held)
        for row in held.holds.filter(released_at=None):
            row.released_at, row.released_by = timezone.now(), by
            row.save(update_fields=["released_at", "released_by"])
            record(by=by, verb="release", record=row, values={"audit": str(held.pk)})
    close_when_done(audit=audit)


def reopen_with_action(*, action: Action, by: Any, why: str) -> None:
    """An action that came from an audit was reopened: if the audit is closed, it opens again for the same reason.

    It closes by itself once the action is verified anew. Called in the transaction of the action's move. Raises
    NotAllowed for whoever may not reopen the audit, so that the action stays verified too.
    """
    found = Audit.objects.filter(reference=action.origin_reference).first()
    if found is None:
        return
    held = lock_audit(audit=found)
    if not reopens_with_its_action(held.status):
        return
    if not access.can(by, "reopen", held):
        raise NotAllowed(
            f"This action comes from audit {held.reference}, which is closed and would open again with it. Ask the QA "
            "lead to reopen the action."
        )
    _open_again(held, by, why, None)


def _open_again(held: Audit, by: Any, why: str, version: int | None) -> Moves:
    before = tallies.contribution(audit=held)
    moves = Moves(audit=held, by=by, version=version)
    moves.make("reopen", why=why)
    tallies.move(before=before, after=tallies.contribution(audit=held))
    moves.save()
    return moves


def reopen_audit(*, audit: Audit, by: Any, why: str, version: int) -> Audit:
    """Open a closed audit again, with a reason: it is held open until the QA lead lets it close.

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError without a reason.
    """
    with transaction.atomic():
        held = lock_audit(audit=audit)
        access.require(by, "reopen", held)
        moves = _open_again(held, by, why, version)
        if not held.holds.filter(released_at=None).exists():
            row = HeldOpen.objects.create(audit=held, why=said(why=why), at=moves.at, by=by)
            record(by=by, verb="hold", record=row, why=row.why, values={"audit": str(held.pk)})
    return held
