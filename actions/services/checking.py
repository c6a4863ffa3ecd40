"""Closing the loop: a sample of verified actions is looked at again, weeks later (AC-6)."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.choices import QA_ROLES
from actions.choices import WELL_DONE, Impact
from actions.models import Action, LoopCheck
from actions.rules.clock import sample_size, to_check_from
from actions.rules.timescales import CHECK_SHARE, CHECK_WEEKS
from core.council.selectors import setting
from core.history.services import Entry, record, record_many
from core.workflow import IllegalMove


def draw_sample(*, month: date, by: Any) -> int:
    """Draw the settings' share, a tenth as delivered, of the actions that were verified in the month of `month` (any
    day), rounded up.

    Which ones follows from their keys and the month, so that drawing twice draws the same; nobody picks. Returns how
    many are new.
    """
    first = month.replace(day=1)
    verified = list(
        Action.objects.filter(status__in=WELL_DONE, closed_at__year=first.year, closed_at__month=first.month).order_by(
            "reference"
        )
    )
    by_lot = sorted(verified, key=lambda action: hashlib.sha256(f"{first}:{action.pk}".encode()).hexdigest())
    share, weeks = (setting(each.key, on=timezone.localdate()) for each in (CHECK_SHARE, CHECK_WEEKS))
    drawn = by_lot[: sample_size(len(verified), share=share)]
    entries = []
    with transaction.atomic():
        for action in drawn:
            check, new = LoopCheck.objects.get_or_create(
                action=action,
                month=first,
                defaults={
                    "due_on": to_check_from(timezone.localdate(action.closed_at), weeks=weeks),
                    "drawn_at": timezone.now(),
                },
            )
            if new:
                entries.append(Entry(check, "draw", values={"action": str(action.pk)}))
        record_many(by=by, entries=entries)
    return len(entries)


def record_check(*, check: LoopCheck, by: Any, impact: str, note: str) -> LoopCheck:
    """Say whether the action had the effect that was wanted: no, partly or yes, with a note.

    Raises NotAllowed for whoever is not of the QA unit or owned the action, IllegalMove where it was checked
    already, and ValidationError by field.
    """
    if not by.holds(*QA_ROLES):
        raise NotAllowed("Only the QA unit checks whether actions had an effect.")
    if check.action.owner_id == by.pk:
        raise NotAllowed("Somebody other than the owner has to check whether an action had an effect.")
    faults = {}
    if impact not in Impact.values:
        faults["impact"] = "Choose whether it had an effect"
    if not note.strip():
        faults["note"] = "Say what you saw"
    if faults:
        raise ValidationError(faults)
    with transaction.atomic():
        at = timezone.now()
        made = LoopCheck.objects.filter(pk=check.pk, checked_at=None).update(
            impact=impact, note=note.strip(), checked_by=by, checked_at=at
        )
        if not made:
            raise IllegalMove("This check has been made already; you cannot make it again.")
        check.refresh_from_db()
        record(by=by, verb="check", record=check, values={"impact": impact})
    return check
