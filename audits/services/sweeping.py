"""The clocks of audits: who is told that one is due, late or unacknowledged. Each step of each clock once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from accounts.access import people_as
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits import access
from audits.choices import (
    OPEN_TO_AUDITOR,
    AlertStatus,
    AuditPurpose,
    ClockKind,
    ClockState,
    ModerationStatus,
    ResponseStatus,
    Step,
)
from audits.models import Audit, Clock, Moderation, SafeguardingAlert
from audits.querysets import AlertQuerySet
from audits.rules import steps
from audits.rules.timescales import ALERT_HOURS, CONFIRMATION_DAYS
from core.council.selectors import closing_days, setting
from core.notifications.services import notify, tell_once
from core.working_days import LONDON, add_working_days, is_working_day
from core.working_hours import add_working_hours, at

LOOK_AT_ALERT = "look_at_alert"

FROM = time(7, 30)
"""Dates are looked at from half past seven on working days, before the digest: nothing else is sent at weekends."""


def look_at_audit_clocks(*, now: datetime) -> dict[str, int]:
    """Tell every step of every clock of the audits that `now` has reached and that was not told before.

    Safeguarding alerts at any hour of any day; what is counted in days on working days from half past seven. Run
    twice nothing is told twice; run late what is still true is told. Returns how many steps of each clock were told.
    """
    told: Counter[str] = Counter()
    told["alert"] = sum(look_at_alert(alert=alert, now=now) for alert in _alerts())
    local = now.astimezone(LONDON)
    today, closed = local.date(), closing_days()
    if is_working_day(today, closed) and local.time() >= FROM:
        for clock, look in (
            ("audit", _look_at_audits), ("moderation", _look_at_moderations), ("confirmation", _look_at_confirmations),
            ("response", _look_at_responses), ("decision", _look_at_decisions),
        ):  # fmt: skip
            told[clock] = look(today, closed)
    return {clock: count for clock, count in told.items() if count}


def _once(
    clock: str, key: UUID, step: Step, due: date | str, *, audit: Audit, people: Iterable[User], kind: str,
    due_on: date | None = None, link: str = "", object_id: UUID | None = None,
) -> bool:  # fmt: skip
    """Tell one step; whether it was told just now."""
    listed = list(dict.fromkeys(people))
    return tell_once(
        clock=clock,
        object_id=key,
        step=step,
        due=str(due),
        tell=lambda: notify(
            people=listed,
            kind=kind,
            event=f"{key}:{step}:{due}",
            object_id=object_id or audit.pk,
            link=link or reverse("audits:detail", args=[audit.pk]),
            reference=audit.reference,
            due_on=due_on,
        ),
    )


def _units(audit: Audit) -> Sequence[OrgUnit | None]:
    return [audit.team, audit.service]


def _seeing(audit: Audit, people: Iterable[Any]) -> list[User]:
    """Those of them who can sign in and may see the audit now."""
    return [
        person
        for person in people
        if person is not None and person.is_active and Audit.objects.visible_to(person).filter(pk=audit.pk).exists()
    ]


def _line(audit: Audit, *roles: str) -> list[User]:
    """The people of these roles who answer for the audit's case; the QA lead where there is none."""
    return _seeing(audit, people_as(roles, _units(audit))) or _leads(audit)


def _above(audit: Audit, role: str) -> list[User]:
    """Whoever stands above an auditor who is late: they hear of it though they may not read the audit yet.

    The notice says the reference and the date, and nothing opens to them with it.
    """
    if audit.case is not None and audit.case.restricted:
        return _leads(audit)
    return [person for person in people_as([role], _units(audit)) if person.is_active] or _leads(audit)


def _leads(audit: Audit) -> list[User]:
    return _seeing(audit, people_as([Role.QA_LEAD], _units(audit)))


# Audits to be done


def _look_at_audits(today: date, closed: frozenset[date]) -> int:
    horizon = add_working_days(today, 4, closed)
    found = Audit.objects.filter(status__in=OPEN_TO_AUDITOR, auditor__isnull=False, due_on__lte=horizon)
    told = 0
    for audit in found.select_related("auditor", "team", "service", "case"):
        if audit.due_on is None:
            continue
        given = timezone.localdate(audit.allocated_at) if audit.allocated_at else audit.due_on
        for step in steps.steps_of_audit(audit.due_on, allocated_on=given, today=today, extra=closed):
            people, kind = _people_of_audit(audit, step)
            told += _once(
                "audit", audit.pk, step, audit.due_on, audit=audit, people=people, kind=kind, due_on=audit.due_on,
                link=reverse("audits:list") if kind == "audit_overdue_above" else "",
            )  # fmt: skip
    return told


def _people_of_audit(audit: Audit, step: Step) -> tuple[list[User], str]:
    own = _seeing(audit, [audit.auditor])
    if step in (Step.SOON_3, Step.SOON_1):
        return own, "audit_due_soon"
    if step == Step.LATE:
        return [*own, *_leads(audit)], "audit_overdue"
    if audit.purpose == AuditPurpose.CALIBRATION:  # the line of the case is not to know of it
        return _leads(audit), "audit_overdue"
    role = Role.SERVICE_LEAD if step == Step.LATE_3 else Role.HEAD_OF_SERVICE
    return _above(audit, role), "audit_overdue_above"


# Moderation


def _look_at_moderations(today: date, closed: frozenset[date]) -> int:
    told = 0
    waiting = Moderation.objects.waiting().exclude(due_on=None)
    for held in waiting.select_related("audit__team", "audit__service", "audit__case", "moderator"):
        if held.due_on is None:
            continue
        for step in steps.steps_of_moderation(held.due_on, today=today, extra=closed):
            people = [held.moderator] if held.moderator else people_as([Role.MODERATOR], _units(held.audit))
            seeing = [
                person
                for person in people
                if person is not None and person.is_active and access.can(person, "moderate", held)
            ]
            late = step == Step.LATE
            told += _once(
                "moderation", held.pk, step, held.due_on, audit=held.audit,
                people=[*seeing, *(_leads(held.audit) if late else [])],
                kind="moderation_overdue" if late else "moderation_due_soon", due_on=held.due_on,
                link=reverse("audits:moderate", args=[held.pk]), object_id=held.pk,
            )  # fmt: skip
    return told


def _look_at_confirmations(today: date, closed: frozenset[date]) -> int:
    found = Moderation.objects.filter(status=ModerationStatus.AWAITING_CONFIRMATION, confirm_by__isnull=False)
    told = 0
    for held in found.select_related("audit__team", "audit__service", "audit__case"):
        audit = held.audit
        if held.confirm_by is None:
            continue
        days = setting(CONFIRMATION_DAYS.key, on=today)
        for step in steps.steps_of_confirmation(held.confirm_by, today=today, days=days, extra=closed):
            heads = [
                head
                for head in people_as([Role.HEAD_OF_SERVICE], _units(audit))
                if head.is_active and access.can(head, "confirm", held)
            ]
            people = heads if step == Step.REMINDER and heads else _leads(audit)
            told += _once(
                "confirmation", held.pk, step, held.confirm_by, audit=audit, people=people,
                kind="inadequate_to_confirm", due_on=held.confirm_by,
            )  # fmt: skip
    return told


# Responses and challenges


def _running(*kinds: ClockKind) -> Iterable[Clock]:
    return Clock.objects.filter(state=ClockState.RUNNING, kind__in=kinds).select_related(
        "audit__team", "audit__service", "audit__case", "audit__response"
    )


def _look_at_responses(today: date, closed: frozenset[date]) -> int:
    told = 0
    for clock in _running(ClockKind.SAFETY, ClockKind.RESPONSE):
        for step in steps.steps_of_response(
            started_on=clock.started_on, days=clock.days, due_on=clock.due_on, serious=clock.serious, today=today,
            extra=closed,
        ):  # fmt: skip
            people, kind = _people_of_response(clock, step)
            told += _once(
                "response", clock.pk, step, clock.due_on, audit=clock.audit, people=people, kind=kind,
                due_on=clock.due_on,
            )  # fmt: skip
    return told


def _people_of_response(clock: Clock, step: Step) -> tuple[list[User], str]:
    audit = clock.audit
    signing = clock.kind == ClockKind.RESPONSE and _waits_for_signature(audit)
    if step == Step.HALF:
        return _line(audit, Role.SERVICE_LEAD if signing else Role.TEAM_MANAGER), "response_due"
    if step == Step.DUE:
        return _line(audit, Role.SERVICE_LEAD), "response_due"
    if step == Step.LATE:
        return [*_line(audit, Role.TEAM_MANAGER), *_line(audit, Role.SERVICE_LEAD)], "response_late"
    return _line(audit, Role.HEAD_OF_SERVICE), "response_late"


def _waits_for_signature(audit: Audit) -> bool:
    response = getattr(audit, "response", None)
    return response is not None and response.status == ResponseStatus.COUNTERSIGN


def _look_at_decisions(today: date, closed: frozenset[date]) -> int:
    told = 0
    for clock in _running(ClockKind.DECISION):
        audit = clock.audit
        for step in steps.steps_of_decision(clock.due_on, today=today, extra=closed):
            dispute = audit.disputes.under_way().select_related("second_moderator").first()
            second = dispute.second_moderator if dispute else None
            people = _leads(audit) if step == Step.LATE or second is None else _seeing(audit, [second])
            told += _once(
                "decision", clock.pk, step, clock.due_on, audit=audit, people=people, kind="challenge_to_decide",
                due_on=clock.due_on,
            )  # fmt: skip
    return told


# Safeguarding alerts


def _alerts() -> AlertQuerySet:
    return SafeguardingAlert.objects.filter(status=AlertStatus.RAISED).select_related(
        "audit__team", "audit__service", "audit__case"
    )


def moments_of_alert(*, raised_at: datetime, closed: frozenset[date]) -> dict[Step, datetime]:
    """When an alert that nobody acknowledges goes further: to the head of service after four working hours, to the
    duty senior manager at the end of the day on which it was raised; at once, where it was raised later than that."""
    day = raised_at.astimezone(LONDON).date()
    hours = setting(ALERT_HOURS.key, on=day)
    return {
        Step.HOURS: add_working_hours(raised_at, hours, closed),
        Step.END_OF_DAY: max(at(day, steps.END_OF_DAY), raised_at),
    }


def look_at_alert(*, alert: SafeguardingAlert, now: datetime) -> int:
    """Tell the steps of one alert that `now` has reached, while nobody has acknowledged it. Returns how many."""
    if alert.status != AlertStatus.RAISED:
        return 0
    told = 0
    for step, moment in moments_of_alert(raised_at=alert.raised_at, closed=closing_days()).items():
        if moment > now:
            continue
        role = Role.HEAD_OF_SERVICE if step == Step.HOURS else Role.DUTY_MANAGER
        people = [
            person
            for person in people_as([role], _units(alert.audit))
            if person.is_active and SafeguardingAlert.objects.visible_to(person).filter(pk=alert.pk).exists()
        ]
        told += _once(
            "alert", alert.pk, step, alert.raised_at.date(), audit=alert.audit,
            people=people or _leads(alert.audit), kind="alert_unacknowledged",
            link=reverse("audits:alert", args=[alert.pk]), object_id=alert.pk,
        )  # fmt: skip
    return told


def look_at_one_alert(*, alert_id: UUID, now: datetime) -> int:
    """As `look_at_alert`, by key; nothing where it is gone or acknowledged."""
    alert = _alerts().filter(pk=alert_id).first()
    return look_at_alert(alert=alert, now=now) if alert else 0
