"""Setting a panel up and keeping its members."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.access import must
from accounts.models import RecordGrant, User
from core.history.services import record
from core.workflow import StaleVersion
from learning import access
from learning.choices import SeatKind
from learning.models import Panel, Seat
from learning.querysets import SIGHT, SITTERS
from learning.rules.meetings import TERMS_AT_LEAST
from learning.services.disputes import put_waiting_disputes_before
from learning.services.sight import open_packs_to


def set_up_panel(*, name: str, terms: str, quorum: int, by: Any) -> Panel:
    """A new panel, without members yet. Raises NotAllowed and ValidationError by field."""
    must(access.can_set_up(by))
    _check(name=name, terms=terms, quorum=quorum)
    with transaction.atomic():
        panel = Panel.objects.create(name=name.strip(), terms=terms.strip(), quorum=quorum)
        record(by=by, verb="set up", record=panel, values={"name": panel.name, "quorum": quorum})
        put_waiting_disputes_before(panel=panel)
    return panel


def change_panel(*, panel: Panel, name: str, terms: str, quorum: int, by: Any, version: int | None = None) -> Panel:
    """Change what a panel is for and its quorum; meetings that have begun keep theirs.

    Raises NotAllowed, StaleVersion and ValidationError by field.
    """
    must(access.can_keep(by, panel))
    _check(name=name, terms=terms, quorum=quorum, panel=panel)
    with transaction.atomic():
        held = Panel.objects.select_for_update(no_key=True).get(pk=panel.pk)
        if version not in (None, held.version):
            raise StaleVersion(version=held.version)
        Panel.objects.filter(pk=held.pk).update(
            name=name.strip(), terms=terms.strip(), quorum=quorum, version=F("version") + 1
        )
        record(
            by=by, verb="edited", record=held,
            values={"name": [held.name, name.strip()], "terms": [held.terms, terms.strip()],
                    "quorum": [held.quorum, quorum]},
        )  # fmt: skip
    held.refresh_from_db()
    return held


def seat_member(*, panel: Panel, user: User, kind: str, by: Any, starts_on: date | None = None) -> Seat:
    """Give somebody a seat, and sight of the packs that are alive. Raises NotAllowed and ValidationError."""
    must(access.can_keep(by, panel) or access.can_set_up(by))
    today = timezone.localdate()
    if not user.is_active:
        raise ValidationError({"user": "Choose somebody who can sign in"})
    if not user.holds(*SITTERS):
        raise ValidationError({"user": f"{user.name} does not hold the role of a panel member. Give them that first"})
    if kind in (SeatKind.CHAIR, SeatKind.DEPUTY) and not user.holds(*access.CHAIRS):
        raise ValidationError({"kind": "The chair and the deputy are a Principal Social Worker or a QA lead"})
    with transaction.atomic():
        held = Panel.objects.select_for_update(no_key=True).get(pk=panel.pk)
        seats = held.seats.filter(Q(ends_on=None) | Q(ends_on__gte=today))
        if seats.filter(user=user).exists():
            raise ValidationError({"user": f"{user.name} has a seat on this panel already"})
        if kind == SeatKind.CHAIR and seats.filter(kind=SeatKind.CHAIR).exists():
            raise ValidationError({"kind": "The panel has a chair. End that seat first"})
        seat = Seat.objects.create(panel=held, user=user, kind=kind, starts_on=starts_on or today)
        open_packs_to(panel=held, user=user, by=by)
        record(by=by, verb="seated", record=seat, values={"panel": str(held.pk), "user": str(user.pk), "kind": kind})
    return seat


def end_seat(*, seat: Seat, by: Any) -> None:
    """End a seat today: from now on its holder reads no pack. Raises NotAllowed and ValidationError."""
    must(access.can_keep(by, seat.panel) or access.can_set_up(by))
    today = timezone.localdate()
    with transaction.atomic():
        yesterday = max(today.fromordinal(today.toordinal() - 1), seat.starts_on)
        if not Seat.objects.filter(pk=seat.pk, ends_on=None).update(ends_on=yesterday):
            raise ValidationError("This seat has ended already.")
        meetings = seat.panel.meetings.values("pk")
        now = timezone.now()
        RecordGrant.objects.filter(user=seat.user_id, kind=SIGHT, object_id__in=meetings, until__gt=now).update(
            until=now
        )
        record(by=by, verb="seat ended", record=seat, values={"ends_on": yesterday.isoformat()})


def _check(*, name: str, terms: str, quorum: int, panel: Panel | None = None) -> None:
    faults = {}
    others = Panel.objects.filter(name__iexact=name.strip())
    if panel is not None:
        others = others.exclude(pk=panel.pk)
    if not name.strip():
        faults["name"] = "Enter the panel's name"
    elif others.exists():
        faults["name"] = "There is a panel of this name already"
    if len(terms.strip()) < TERMS_AT_LEAST:
        faults["terms"] = f"Say in {TERMS_AT_LEAST} characters or more what the panel is for"
    if not 1 <= quorum <= 50:
        faults["quorum"] = "The quorum is a whole number from 1 to 50"
    if faults:
        raise ValidationError(faults)
