"""Many audits given out, given on or moved at once: each on its own, with a list of done and refused (PL-5)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus
from audits.models import Audit, Transition
from audits.services.drafting import start_audit
from audits.services.planning import allocate_audit, create_audit, void_audit
from cases.models import Case, Connection
from core.history.models import Event
from core.working_days import add_working_days
from tests.audits.drafts import new_audit
from tests.factories.accounts import person_as
from tests.factories.audits import live_tool

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(directorate: OrgUnit) -> User:
    return person_as(Role.AUDITOR, directorate, name="Second Auditor")


def planned(case: Case, lead: User) -> Audit:
    return create_audit(case=case, version=live_tool(), by=lead)


def change(who: User, audits: list[Audit], **typed: Any) -> Any:
    client = Client()
    client.force_login(who)
    address = reverse("audits:change_many") + "?status=planned&sort=team"
    return client.post(address, {"audit": [str(each.pk) for each in audits], "step": "change", **typed})


def on(day: date) -> dict[str, int]:
    return {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year}


def test_many_go_to_one_auditor_and_what_cannot_is_told_with_its_reason(
    case: Case, qa_lead: User, auditor: User, second: User
) -> None:
    first, begun, void = planned(case, qa_lead), planned(case, qa_lead), planned(case, qa_lead)
    start_audit(audit=allocate_audit(audit=begun, auditor=auditor, by=qa_lead), by=auditor)
    void_audit(audit=void, by=qa_lead, why="Wrong case.", version=None)
    answer = change(qa_lead, [first, begun, void], change="give", auditor=str(second.pk), why="Cover for leave.")
    result = answer.context["result"]
    assert {row.pk for row in result.done} == {first.pk, begun.pk}
    assert [(each.row.pk, "Void" in each.why) for each in result.refused] == [(void.pk, True)]
    for audit in (first, begun):
        audit.refresh_from_db()
        assert (audit.auditor, audit.status) == (second, AuditStatus.ALLOCATED)
        due = date_format(add_working_days(timezone.localdate(), 10), "j F Y")
        assert f"due {due}" in audit.transitions.last().why
        assert audit.transitions.last().why.endswith("\nCover for leave.")
    assert answer.context["back_url"] == reverse("audits:list") + "?status=planned&sort=team"
    assert Event.objects.filter(verb="reassign", object_id=begun.pk).count() == 1


def test_the_least_loaded_without_a_conflict_gets_each(
    case: Case, qa_lead: User, auditor: User, second: User, directorate: OrgUnit
) -> None:
    tied = person_as(Role.AUDITOR, directorate, name="Aaron Tied")
    Connection.objects.create(case=case, user=tied, declared_on=timezone.localdate())
    audits = [planned(case, qa_lead) for _ in range(4)]
    change(qa_lead, audits, change="give", auditor="fewest", why="This month's audits.")
    counts = {who: Audit.objects.filter(auditor=who).count() for who in (auditor, second, tied)}
    assert counts == {auditor: 2, second: 2, tied: 0}


def test_an_auditor_with_a_conflict_does_not_get_that_audit(case: Case, qa_lead: User, auditor: User) -> None:
    audit = planned(case, qa_lead)
    Connection.objects.create(case=case, user=auditor, declared_on=timezone.localdate())
    result = change(qa_lead, [audit], change="give", auditor=str(auditor.pk), why="x").context["result"]
    assert "personal connection" in result.refused[0].why
    assert "free of a conflict" in (
        change(qa_lead, [audit], change="give", auditor="fewest", why="x").context["result"].refused[0].why
    )
    audit.refresh_from_db()
    assert (audit.auditor, audit.status) == (None, AuditStatus.PLANNED)


def test_a_due_date_moves_with_a_reason_and_keeps_both_dates(case: Case, qa_lead: User, auditor: User) -> None:
    audit, unallocated = new_audit(case=case, by=qa_lead, auditor=auditor), planned(case, qa_lead)
    before = add_working_days(timezone.localdate(), 10)
    new = timezone.localdate() + timedelta(days=30)
    result = change(qa_lead, [audit, unallocated], change="move_due", why="The file came late.", **on(new)).context[
        "result"
    ]
    assert [row.pk for row in result.done] == [audit.pk]
    assert [each.row.pk for each in result.refused] == [unallocated.pk]
    audit.refresh_from_db()
    assert audit.due_on == new
    content = Event.objects.get(verb="move_due").content
    assert content.values["due_on"] == [before.isoformat(), new.isoformat()]
    assert content.why == "The file came late."
    told = f"Due {date_format(new, 'j F Y')} instead of {date_format(before, 'j F Y')}\nThe file came late."
    assert audit.transitions.last().why == told
    again = change(qa_lead, [audit], change="move_due", why="x", **on(new)).context["result"]
    assert again.refused[0].why == "It is due on that day already."


def test_what_is_missing_is_said_beside_its_field_and_nothing_changes(case: Case, qa_lead: User, auditor: User) -> None:
    audit = planned(case, qa_lead)
    moves = Transition.objects.count()
    for typed, said in (
        ({"change": "give", "why": "x"}, "Choose an auditor"),
        ({"change": "give", "auditor": "nobody", "why": "x"}, "Choose an auditor from the list"),
        ({"change": "give", "auditor": str(auditor.pk), "why": " "}, "Say why"),
        ({"change": "move_due", "why": "x"}, "Enter the new due date"),
        ({"change": "move_due", "why": "x", **on(timezone.localdate() - timedelta(days=1))}, "on or after"),
    ):
        assert said in change(qa_lead, [audit], **typed).content.decode()
    assert "tick at least one" in change(qa_lead, [], change="give", why="x").content.decode()
    assert Transition.objects.count() == moves


@pytest.mark.parametrize("who", ["auditor", "moderator", "team_manager", "head_of_service"])
def test_only_the_qa_unit_changes_many(
    who: str, case: Case, qa_lead: User, auditor: User, request: pytest.FixtureRequest
) -> None:
    audit = new_audit(case=case, by=qa_lead, auditor=auditor)
    person = request.getfixturevalue(who)
    answer = change(person, [audit], change="move_due", why="x", **on(timezone.localdate() + timedelta(days=40)))
    assert answer.status_code == 403
    due = audit.due_on
    audit.refresh_from_db()
    assert audit.due_on == due
    client = Client()
    client.force_login(person)
    assert reverse("audits:change_many") not in client.get(reverse("audits:list")).content.decode()


def test_a_re_audit_keeps_the_day_for_which_it_is_booked(case: Case, qa_lead: User, auditor: User) -> None:
    booked, passed = planned(case, qa_lead), planned(case, qa_lead)
    today = timezone.localdate()
    Audit.objects.filter(pk=booked.pk).update(due_on=today + timedelta(days=80))
    Audit.objects.filter(pk=passed.pk).update(due_on=today - timedelta(days=1))
    change(qa_lead, [booked, passed], change="give", auditor=str(auditor.pk), why="Re-audits.")
    booked.refresh_from_db()
    passed.refresh_from_db()
    assert booked.due_on == today + timedelta(days=80)
    assert passed.due_on == add_working_days(today, 10)
