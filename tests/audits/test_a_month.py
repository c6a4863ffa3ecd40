"""Two months lived through hour by hour, over Easter and the nights on which the clocks change: every notice, once.

The lists were worked out by hand from product.md sections 11 and 12. In 2027 Good Friday is 26 March, the clocks go
forward on Sunday 28 March, and Easter Monday is 29 March; so the working days are 22, 23, 24, 25, 30 and 31 March,
1 and 2 April, 5 April. In 2026 the clocks go back on Sunday 25 October, and the hour from one to two comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from audits.choices import AuditStatus, Grade, ModerationStatus
from audits.models import Audit, Moderation
from audits.services.alerts import acknowledge_alert, raise_alert
from cases.models import Case
from core.jobs.services import registry, run_due, tick
from core.notifications.models import Notice
from core.working_days import LONDON, is_working_day
from tests.factories.actions import ActionFactory
from tests.factories.audits import AuditFactory, graded_audit

pytestmark = pytest.mark.django_db

OURS = ("audit_clocks", "action_clocks", "issue_feedback", "notice_digest")
MARCH, OCTOBER = date(2027, 3, 1), date(2026, 10, 1)


class Calendar:
    """The clock of the whole product, moved by hand."""

    def __init__(self) -> None:
        self.now = moment(12, 10)

    def __call__(self) -> datetime:
        return self.now


def moment(day: int, hour: int = 10, minute: int = 0, *, first: date = MARCH, fold: int = 0) -> datetime:
    """A London time in the month that begins on `first`; days beyond the 31st are those of the next month."""
    return datetime.combine(first + timedelta(days=day - 1), time(hour, minute, fold=fold), tzinfo=LONDON)


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Iterator[Calendar]:
    found = Calendar()
    monkeypatch.setattr(timezone, "now", found)
    kept = {name: registry._schedules[name] for name in OURS}
    monkeypatch.setattr(registry, "_schedules", kept)
    yield found


@pytest.fixture
def people(
    auditor: User, practitioner: User, team_manager: User, service_lead: User, head_of_service: User, qa_lead: User,
    duty_manager: User,
) -> dict[str, User]:  # fmt: skip
    return {
        "AU": auditor, "PR": practitioner, "TM": team_manager, "SL": service_lead, "HS": head_of_service,
        "QL": qa_lead, "DM": duty_manager,
    }  # fmt: skip


def settled_on(day: int, grade: str, case: Case, reference: str, first: date = MARCH) -> Audit:
    audit = graded_audit(grade, case=case, status=AuditStatus.SETTLED, reference=reference)
    Audit.objects.filter(pk=audit.pk).update(settled_at=moment(day, 16, first=first))
    return audit


NOON = time(11, 35)
TICKS = (time(7, 20), time(7, 35), time(8, 5), NOON, time(17, 5))
TWICE = (time(1, 35), time(1, 35, fold=1), time(2, 35))
"""The night of October: half past one by summer time, half past one by winter time, half past two."""


def live(
    calendar: Calendar, first: int, last: int, *, also: dict[datetime, object] | None = None, month: date = MARCH,
    night: int = 0,
) -> None:  # fmt: skip
    """Let the days go by; `also` is done at its moment. Each tick comes twice, as with two schedulers. On the day
    `night` the hours of the change are lived through too."""
    events = dict(also or {})
    for day in range(first, last + 1):
        ticks = TICKS if is_working_day(month + timedelta(days=day - 1)) else (NOON,)
        for each in (*(TWICE if day == night else ()), *ticks):
            here = moment(day, each.hour, each.minute, first=month, fold=each.fold)
            calendar.now = here
            for when in sorted(when for when in events if when <= here):
                events.pop(when)()  # type: ignore[operator]
            calendar.now = here
            tick()
            tick()
            run_due()


def story(people: dict[str, User], first: date = MARCH) -> list[tuple[int, str, str, str]]:
    """(day counted from the first, reference, person, kind) of every notice, sorted."""
    names = {user.pk: short for short, user in people.items()}
    return sorted(
        ((timezone.localdate(row.created_at) - first).days + 1, row.reference, names[row.person_id], row.kind)
        for row in Notice.objects.all()
    )


def test_a_month_over_easter_and_the_change_of_the_clocks(
    calendar: Calendar, case: Case, people: dict[str, User]
) -> None:
    settled_on(12, Grade.REQUIRES_IMPROVEMENT, case, "RI")
    settled_on(18, Grade.INADEQUATE, case, "IN")
    late = AuditFactory(
        case=case, reference="LATE", auditor=people["AU"], status=AuditStatus.IN_PROGRESS, due_on=date(2027, 3, 25),
        allocated_at=moment(1),
    )  # fmt: skip
    alerts = []

    def raise_one() -> None:
        calendar.now = moment(25, 15)
        alerts.append(raise_alert(audit=late, by=people["AU"], what="Not seen", where="Case note", since="May"))

    def acknowledge() -> None:
        acknowledge_alert(alert=alerts[0], by=people["TM"])

    live(calendar, 12, 37, also={moment(25, 15): raise_one, moment(31, 9): acknowledge})

    assert story(people) == sorted([
        # Settled on Friday the 12th: issued by itself on Monday the 15th. Ten working days end on the 31st.
        (15, "RI", "PR", "feedback_issued"), (15, "RI", "TM", "feedback_issued"),
        (22, "RI", "TM", "response_due"),  # the fifth of ten
        (32, "RI", "TM", "response_late"), (32, "RI", "SL", "response_late"),  # 1 April: one day late
        (33, "RI", "HS", "response_late"),  # 2 April: two days late
        # Settled on Thursday the 18th: issued on the 19th. Safety by the 23rd, the full response by the 30th.
        (19, "IN", "PR", "feedback_issued"), (19, "IN", "TM", "feedback_issued"),
        (22, "IN", "TM", "response_due"),  # safety: half-time, the first of two
        (23, "IN", "SL", "response_due"),  # safety: on the day itself
        (23, "IN", "TM", "response_due"),  # full: half-time, the second of five
        (24, "IN", "TM", "response_late"), (24, "IN", "SL", "response_late"), (24, "IN", "HS", "response_late"),
        (30, "IN", "SL", "response_due"),  # full: on the day itself, the first after Easter
        (31, "IN", "TM", "response_late"), (31, "IN", "SL", "response_late"), (31, "IN", "HS", "response_late"),
        # Due on Thursday the 25th and not submitted: three days and one before; one, three and five after.
        (22, "LATE", "AU", "audit_due_soon"), (24, "LATE", "AU", "audit_due_soon"),
        (30, "LATE", "AU", "audit_overdue"), (30, "LATE", "QL", "audit_overdue"),
        (32, "LATE", "SL", "audit_overdue_above"),
        (36, "LATE", "HS", "audit_overdue_above"),  # 5 April
        # Raised on Thursday the 25th at 15:00. By 17:00 to the duty manager; two working hours are left for Tuesday.
        (25, "LATE", "TM", "alert_raised"), (25, "LATE", "SL", "alert_raised"), (25, "LATE", "QL", "alert_raised"),
        (25, "LATE", "DM", "alert_unacknowledged"),
        (30, "LATE", "HS", "alert_unacknowledged"),
    ])  # fmt: skip
    at_easter = [row for row in story(people) if row[0] in (26, 27, 28, 29)]
    assert at_easter == []


def test_a_month_over_the_hour_that_comes_twice(calendar: Calendar, case: Case, people: dict[str, User]) -> None:
    settled_on(12, Grade.REQUIRES_IMPROVEMENT, case, "RI", OCTOBER)
    settled_on(21, Grade.INADEQUATE, case, "IN", OCTOBER)
    late = AuditFactory(
        case=case, reference="LATE", auditor=people["AU"], status=AuditStatus.IN_PROGRESS, due_on=date(2026, 10, 23),
        allocated_at=moment(1, first=OCTOBER),
    )  # fmt: skip
    ActionFactory(
        case=case, reference="ACT", owner=people["PR"], due_on=date(2026, 10, 26), created_at=moment(1, first=OCTOBER)
    )
    alerts = []

    def raise_one() -> None:
        calendar.now = moment(23, 15, first=OCTOBER)
        alerts.append(raise_alert(audit=late, by=people["AU"], what="Not seen", where="Case note", since="May"))

    def acknowledge() -> None:
        acknowledge_alert(alert=alerts[0], by=people["TM"])

    also = {moment(23, 15, first=OCTOBER): raise_one, moment(27, 9, first=OCTOBER): acknowledge}
    live(calendar, 12, 40, also=also, month=OCTOBER, night=25)

    assert story(people, OCTOBER) == sorted([
        # Settled on Monday the 12th: issued on the 13th. Ten working days end on Tuesday the 27th.
        (13, "RI", "PR", "feedback_issued"), (13, "RI", "TM", "feedback_issued"),
        (20, "RI", "TM", "response_due"),  # the fifth of ten
        (28, "RI", "TM", "response_late"), (28, "RI", "SL", "response_late"),
        (29, "RI", "HS", "response_late"),
        # Settled on Wednesday the 21st: issued on the 22nd. Safety by Monday the 26th, the full response by the 29th.
        (22, "IN", "PR", "feedback_issued"), (22, "IN", "TM", "feedback_issued"),
        (23, "IN", "TM", "response_due"),  # safety: half-time
        (26, "IN", "SL", "response_due"),  # safety: on the day itself, the first of winter time
        (26, "IN", "TM", "response_due"),  # full: half-time
        (27, "IN", "TM", "response_late"), (27, "IN", "SL", "response_late"), (27, "IN", "HS", "response_late"),
        (29, "IN", "SL", "response_due"),
        (30, "IN", "TM", "response_late"), (30, "IN", "SL", "response_late"), (30, "IN", "HS", "response_late"),
        # Due on Friday the 23rd and not submitted.
        (20, "LATE", "AU", "audit_due_soon"), (22, "LATE", "AU", "audit_due_soon"),
        (26, "LATE", "AU", "audit_overdue"), (26, "LATE", "QL", "audit_overdue"),
        (28, "LATE", "SL", "audit_overdue_above"),
        (30, "LATE", "HS", "audit_overdue_above"),
        # Raised on Friday the 23rd at 15:00: two working hours are left for Monday, by winter time.
        (23, "LATE", "TM", "alert_raised"), (23, "LATE", "SL", "alert_raised"), (23, "LATE", "QL", "alert_raised"),
        (23, "LATE", "DM", "alert_unacknowledged"),
        (26, "LATE", "HS", "alert_unacknowledged"),
        # To be done by Monday the 26th: five working days before, on the day, one, five and ten after.
        (19, "ACT", "PR", "action_due_soon"),
        (26, "ACT", "PR", "action_due"),
        (27, "ACT", "PR", "action_overdue"), (27, "ACT", "TM", "action_overdue"),
        (33, "ACT", "SL", "action_overdue"),  # 2 November
        (40, "ACT", "HS", "action_overdue"),  # 9 November
    ])  # fmt: skip


def test_nothing_is_sent_at_weekends_and_the_digest_brings_the_rest_at_eight(
    calendar: Calendar, case: Case, people: dict[str, User]
) -> None:
    AuditFactory(
        case=case, reference="LATE", auditor=people["AU"], status=AuditStatus.IN_PROGRESS, due_on=date(2027, 3, 25),
        allocated_at=moment(1),
    )  # fmt: skip
    live(calendar, 22, 36)
    sent = sorted(
        ((timezone.localdate(row.sent_at) - date(2027, 3, 1)).days + 1, row.kind, row.sent_at.astimezone(LONDON).hour)
        for row in Notice.objects.exclude(sent_at=None)
        if row.sent_at
    )
    assert sent == [
        (22, "audit_due_soon", 8), (24, "audit_due_soon", 8), (30, "audit_overdue", 8), (30, "audit_overdue", 8),
        (32, "audit_overdue_above", 8), (36, "audit_overdue_above", 8),
    ]  # fmt: skip
    assert len(mail.outbox) == 6
    assert all("LATE" in message.body for message in mail.outbox)


def test_an_inadequate_grade_to_confirm_is_recalled_to_the_head_and_then_told_to_the_qa_lead(
    calendar: Calendar, case: Case, people: dict[str, User]
) -> None:
    # Asked on Thursday the 18th, at once (test_disputes); two working days end on Monday the 22nd.
    audit = graded_audit(
        Grade.INADEQUATE, case=case, status=AuditStatus.SUBMITTED, reference="CONFIRM", auditor=people["AU"]
    )
    Moderation.objects.create(
        audit=audit, draw=50, status=ModerationStatus.AWAITING_CONFIRMATION, confirm_by=date(2027, 3, 22),
        grade_before=Grade.INADEQUATE, grade_after=Grade.INADEQUATE,
    )  # fmt: skip
    live(calendar, 18, 23)
    asked = "inadequate_to_confirm"
    assert story(people) == [(19, "CONFIRM", "HS", asked), (22, "CONFIRM", "QL", asked)]


def test_run_late_nothing_that_is_true_is_missed(calendar: Calendar, case: Case, people: dict[str, User]) -> None:
    settled_on(12, Grade.INADEQUATE, case, "IN")
    live(calendar, 15, 15)
    live(calendar, 36, 36)
    late = [row for row in story(people) if row[0] == 36]
    # Both clocks, each told once to each of the three; the half-time is over and is not announced any more.
    assert [(who, kind) for _, _, who, kind in late] == [
        ("HS", "response_late"), ("HS", "response_late"), ("SL", "response_late"), ("SL", "response_late"),
        ("TM", "response_late"), ("TM", "response_late"),
    ]  # fmt: skip


def test_a_clock_that_was_moved_tells_its_steps_anew(calendar: Calendar, case: Case, people: dict[str, User]) -> None:
    audit = AuditFactory(
        case=case, reference="LATE", auditor=people["AU"], status=AuditStatus.IN_PROGRESS, due_on=date(2027, 3, 18),
        allocated_at=moment(1),
    )  # fmt: skip
    live(calendar, 17, 17)
    Audit.objects.filter(pk=audit.pk).update(due_on=date(2027, 3, 25))
    live(calendar, 18, 25)
    assert story(people) == [(day, "LATE", "AU", "audit_due_soon") for day in (17, 22, 24)]
