"""Safeguarding alerts: they reach the line of the case at once, are answered there, and are never deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.access import people_as
from accounts.choices import Role
from accounts.models import User
from audits import access
from audits.choices import AlertStatus
from audits.models import Audit, SafeguardingAlert
from audits.services.moves import StaleVersion
from audits.services.sweeping import LOOK_AT_ALERT, moments_of_alert
from audits.workflow import ALERT_MOVES, refusal
from core.council.selectors import closing_days
from core.history.services import record
from core.jobs.services import enqueue
from core.notifications.services import notify
from core.workflow import IllegalMove, may_follow, move

_TOLD = (Role.TEAM_MANAGER, Role.SERVICE_LEAD, Role.QA_LEAD)


def raise_alert(
    *,
    audit: Audit,
    by: Any,
    what: str,
    where: str,
    since: str,
    told_name: str = "",
    told_at: datetime | None = None,
) -> SafeguardingAlert:
    """Say that a child may be at risk of harm now; the audit may be in any state.

    The team manager, the service lead and the QA lead get a notice in the same transaction. `told_name` and
    `told_at` say who has been told by phone and when. Raises NotAllowed, and ValidationError by field.
    """
    wrong = {
        name: sentence
        for name, text, sentence in (
            ("what", what, "Say what you found"),
            ("where", where, "Say where in the record it is"),
            ("since", since, "Say since when"),
        )
        if not text.strip()
    }
    if told_name.strip() and told_at is None:
        wrong["told_at"] = "Enter the time at which this person was told"
    if told_at is not None and not told_name.strip():
        wrong["told_name"] = "Enter the name of the person who was told"
    if told_at is not None and told_at > timezone.now():
        wrong["told_at"] = "The time must be in the past"
    if wrong:
        raise ValidationError(wrong)
    with transaction.atomic():
        access.require(by, "raise_alert", audit)
        alert = SafeguardingAlert.objects.create(
            audit=audit,
            what=what.strip(),
            where=where.strip(),
            since=since.strip(),
            told_name=told_name.strip(),
            told_at=told_at,
            raised_by=by,
            raised_at=timezone.now(),
        )
        notify(
            people=_people_to_tell(alert),
            kind="alert_raised",
            event=str(alert.pk),
            object_id=alert.pk,
            link=reverse("audits:alert", args=[alert.pk]),
            reference=audit.reference,
        )
        # Looked at again in the minute in which it goes further, not at the next full hour.
        for step, moment in moments_of_alert(raised_at=alert.raised_at, closed=closing_days()).items():
            enqueue(LOOK_AT_ALERT, key=f"alert:{alert.pk}:{step}", run_after=moment, alert_id=alert.pk)
        record(by=by, verb="raise", record=alert, to_state=alert.status, values={"audit": str(audit.pk)})
    return alert


def _people_to_tell(alert: SafeguardingAlert) -> list[User]:
    """The line of the case and the QA lead, and the people named on a restricted case: all who may see the alert."""
    audit = alert.audit
    people = people_as(_TOLD, [audit.team, audit.service])
    if audit.case is None or not audit.case.restricted:
        return people
    named = [person.user for person in audit.case.named_people.select_related("user").filter(user__is_active=True)]
    return [
        person
        for person in dict.fromkeys([*people, *named])
        if SafeguardingAlert.objects.visible_to(person).filter(pk=alert.pk).exists()
    ]


def acknowledge_alert(*, alert: SafeguardingAlert, by: Any, version: int | None = None) -> SafeguardingAlert:
    """Say that somebody of the line has it in hand. Raises NotAllowed, IllegalMove and StaleVersion."""
    return _make(alert, "acknowledge", by, version, acknowledged_by=by, acknowledged_at=timezone.now())


def resolve_alert(*, alert: SafeguardingAlert, by: Any, resolution: str, version: int) -> SafeguardingAlert:
    """Say what was done. Raises ValidationError where that is blank, NotAllowed, IllegalMove and StaleVersion."""
    if not resolution.strip():
        raise ValidationError({"resolution": "Say what was done"})
    return _make(
        alert, "resolve", by, version, resolution=resolution.strip(), resolved_by=by, resolved_at=timezone.now()
    )


def check_alert(*, alert: SafeguardingAlert, by: Any, version: int) -> SafeguardingAlert:
    """The QA unit has checked what was done. Raises NotAllowed, IllegalMove and StaleVersion."""
    return _make(alert, "check", by, version)


def _make(alert: SafeguardingAlert, event: str, by: Any, version: int | None, **changes: Any) -> SafeguardingAlert:
    with transaction.atomic():
        held = (
            SafeguardingAlert.objects.select_for_update(of=("self",), no_key=True)
            .select_related("audit__case", "audit__team__parent__parent", "audit__service__parent")
            .get(pk=alert.pk)
        )
        access.require(by, event, held)
        before, found = held.status, move(ALERT_MOVES, event)
        if not may_follow(ALERT_MOVES, event, before):
            raise IllegalMove(refusal("alert", event, AlertStatus(before).label))
        changed = SafeguardingAlert.objects.filter(
            pk=held.pk, status=before, version=held.version if version is None else version
        ).update(status=found.target, version=F("version") + 1, **changes)
        if not changed:
            raise StaleVersion(version=held.version)
        held.status, held.version = found.target, held.version + 1
        for name, value in changes.items():
            setattr(held, name, value)
        record(
            by=by, verb=event, record=held, from_state=before, to_state=held.status,
            why=changes.get("resolution", ""),
        )  # fmt: skip
    return held
