"""The sweep over the clocks: everybody who is to hear, on the right morning, once (product 11)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import OrgUnit, User
from actions.choices import ActionStatus, Verifier
from actions.services.clocks import look_at_clocks
from cases.models import Case, NamedPerson
from core.jobs.models import Job
from core.jobs.services import run_due, tick
from core.notifications.models import Notice, ToldStep
from core.working_days import LONDON, is_working_day
from tests.factories.actions import ActionFactory, claimed

pytestmark = pytest.mark.django_db

DUE = date(2026, 5, 6)
MADE = datetime(2026, 3, 2, 9, tzinfo=LONDON)


def told_between(first: date, last: date) -> list[tuple[str, str, date]]:
    """(person, kind, day) of each notice that the sweeps of these days stored, in order."""
    day, found = first, []
    while day <= last:
        if is_working_day(day):
            before = set(Notice.objects.values_list("pk", flat=True))
            look_at_clocks(today=day)
            look_at_clocks(today=day)
            new = Notice.objects.exclude(pk__in=before).select_related("person")
            found += sorted((notice.person.name, notice.kind, day) for notice in new)
        day += timedelta(days=1)
    return found


def test_a_forgotten_action_from_five_days_before_to_the_head_of_service(
    case: Case, practitioner: User, team_manager: User, service_lead: User, head_of_service: User
) -> None:
    ActionFactory(owner=practitioner, case=case, due_on=DUE, created_at=MADE)
    owner, manager, lead, head = (person.name for person in (practitioner, team_manager, service_lead, head_of_service))
    assert told_between(date(2026, 4, 1), date(2026, 6, 30)) == [
        (owner, "action_due_soon", date(2026, 4, 28)),
        (owner, "action_due", date(2026, 5, 6)),
        (owner, "action_overdue", date(2026, 5, 7)),
        (manager, "action_overdue", date(2026, 5, 7)),
        (lead, "action_overdue", date(2026, 5, 13)),
        (head, "action_overdue", date(2026, 5, 20)),
    ]


def test_run_after_a_month_of_silence_nothing_that_is_true_is_missed(
    case: Case, practitioner: User, team_manager: User, service_lead: User, head_of_service: User
) -> None:
    ActionFactory(owner=practitioner, case=case, due_on=DUE, created_at=MADE)
    look_at_clocks(today=date(2026, 6, 15))
    look_at_clocks(today=date(2026, 6, 16))
    told = sorted((notice.person.name, notice.kind) for notice in Notice.objects.select_related("person"))
    everybody = sorted(person.name for person in (practitioner, team_manager, service_lead, head_of_service))
    assert told == [(name, "action_overdue") for name in everybody]


def test_a_moved_date_starts_its_clock_anew_and_a_claim_stops_it(case: Case, practitioner: User) -> None:
    action = ActionFactory(owner=practitioner, case=case, due_on=DUE, created_at=MADE)
    look_at_clocks(today=date(2026, 5, 6))
    type(action).objects.update(due_on=date(2026, 6, 3))
    assert [kind for _, kind, _ in told_between(date(2026, 5, 7), date(2026, 6, 3))] == [
        "action_due_soon", "action_due",
    ]  # fmt: skip
    type(action).objects.update(status=ActionStatus.CLAIMED)
    assert told_between(date(2026, 6, 4), date(2026, 7, 4)) == []


def test_the_qa_unit_hears_where_it_verifies_and_where_nobody_leads(
    case: Case, practitioner: User, qa_lead: User, team: OrgUnit
) -> None:
    ActionFactory(owner=practitioner, case=case, due_on=DUE, created_at=MADE, verifier=Verifier.QA)
    told = told_between(date(2026, 5, 7), date(2026, 5, 13))
    assert [person for person, _, _ in told] == [*sorted([practitioner.name, qa_lead.name]), qa_lead.name]


def test_an_owner_who_left_is_told_of_once_and_the_clock_goes_on(
    case: Case, practitioner: User, team_manager: User, service_lead: User
) -> None:
    ActionFactory(owner=practitioner, case=case, due_on=DUE, created_at=MADE)
    waiting = claimed(owner=practitioner, case=case, due_on=DUE)
    practitioner.is_active = False
    practitioner.save()
    look_at_clocks(today=date(2026, 5, 7))
    look_at_clocks(today=date(2026, 5, 8))
    told = sorted((notice.person.name, notice.kind) for notice in Notice.objects.select_related("person"))
    assert told == sorted([
        (service_lead.name, "action_needs_owner"), (service_lead.name, "action_needs_owner"),
        (team_manager.name, "action_overdue"),
    ])  # fmt: skip
    assert ToldStep.objects.filter(object_id=waiting.pk).count() == 1


def test_nobody_hears_of_a_restricted_case_but_the_people_named_there(
    case: Case, practitioner: User, team_manager: User, service_lead: User, qa_lead: User
) -> None:
    ActionFactory(owner=practitioner, case=case, due_on=DUE, created_at=MADE)
    Case.objects.update(restricted=True)
    NamedPerson.objects.create(case=case, user=qa_lead)
    look_at_clocks(today=date(2026, 5, 13))
    assert {notice.person for notice in Notice.objects.select_related("person")} == {qa_lead}


def test_a_notice_says_reference_and_date_and_nothing_else(case: Case, practitioner: User) -> None:
    action = ActionFactory(owner=practitioner, case=case, due_on=DUE, created_at=MADE)
    look_at_clocks(today=DUE)
    notice = Notice.objects.get()
    assert (notice.reference, notice.due_on) == (action.reference, DUE)
    assert case.reference not in notice.link


def test_the_schedule_runs_it_once_a_working_morning_and_late_when_the_machine_was_down(
    case: Case, practitioner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ActionFactory(owner=practitioner, case=case, due_on=DUE, created_at=MADE)

    def jobs(at: datetime) -> int:
        monkeypatch.setattr(timezone, "now", lambda: at.astimezone(UTC))
        tick()
        run_due()
        return Job.objects.filter(kind="look_at_action_clocks", status="done").count()

    assert jobs(datetime(2026, 5, 5, 7, 31, tzinfo=LONDON)) == 1
    assert jobs(datetime(2026, 5, 5, 9, 0, tzinfo=LONDON)) == 1
    assert jobs(datetime(2026, 5, 7, 15, 0, tzinfo=LONDON)) == 2
    assert [notice.kind for notice in Notice.objects.filter(person=practitioner).order_by("created_at")] == [
        "action_due_soon", "action_overdue",
    ]  # fmt: skip
