"""How a clinic moves: guarded by the table of moves, written down in the same transaction."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from assurance_clinics.models import Clinic, ClinicMove
from assurance_clinics.workflow import CLINIC_MOVES, refusal
from core.history.services import actor_id, record
from core.workflow import IllegalMove, StaleVersion, may_follow, move


def lock_clinic(*, clinic: Clinic) -> Clinic:
    """The clinic as it stands now, held until the transaction ends. Must be called inside a transaction."""
    return Clinic.objects.select_for_update(of=("self",), no_key=True).select_related("service__parent", "chair").get(
        pk=clinic.pk
    )  # fmt: skip


def make_move(
    *, clinic: Clinic, event: str, by: Any, why: str = "", version: int | None = None, **changes: Any
) -> None:
    """One move of a locked clinic, with the other fields that change with it; a row of its story and of the trail.

    `version` is what the person had read (None where it does not matter). Raises IllegalMove with its sentence,
    StaleVersion, and ValidationError where a reason is due.
    """
    found = move(CLINIC_MOVES, event)
    if not may_follow(CLINIC_MOVES, event, clinic.status):
        raise IllegalMove(refusal(event, clinic.get_status_display()))
    if version not in (None, clinic.version):
        raise StaleVersion(version=clinic.version)
    why = why.strip()
    if found.needs_reason and not why:
        raise ValidationError({"why": "Say why"})
    before, after, at = clinic.status, found.target or clinic.status, timezone.now()
    unchanged = Clinic.objects.filter(pk=clinic.pk, version=clinic.version, status=before)
    if not unchanged.update(version=F("version") + 1, status=after, **changes):
        raise StaleVersion(version=clinic.version)
    for name, value in {"status": after, "version": clinic.version + 1, **changes}.items():
        setattr(clinic, name, value)
    ClinicMove.objects.create(
        clinic=clinic, at=at, by_id=actor_id(by), event=event, from_status=before, to_status=after, why=why
    )
    values = {name: str(getattr(value, "pk", value)) for name, value in changes.items()}
    record(by=by, verb=event, record=clinic, from_state=before, to_state=after, why=why, values=values)
