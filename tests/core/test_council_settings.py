"""The council's numbers and closing days in the browser: from a day on, with a reason, for new clocks only."""

from __future__ import annotations

import html
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM
from accounts.models import User
from audits.services import planning
from core.council import services
from core.council.models import CheckedYear, ClosingDay, SettingValue
from core.council.selectors import closing_days, setting, setting_groups
from core.history.models import Event
from core.working_days import add_working_days, is_working_day

pytestmark = pytest.mark.django_db


def boxes(name: str, day: date) -> dict[str, str]:
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


@pytest.fixture
def as_admin(client: Client, qa_admin: User) -> Client:
    client.force_login(qa_admin)
    return client


def test_every_number_of_the_policy_is_there(as_admin: Client) -> None:
    lines = {line.key: line for _, group in setting_groups(timezone.localdate()) for line in group}
    said = {
        "audit_days": "10 working days", "feedback_days": "1 working day", "moderation_share": "20%",
        "small_number": "5 audits", "show_earlier_grade": "No",
    }  # fmt: skip
    assert said.items() <= {key: line.now for key, line in lines.items()}.items()
    text = html.unescape(as_admin.get(reverse("council:settings")).content.decode())
    assert all(line.label in text for line in lines.values())
    assert len(lines) >= 35


def test_a_number_changes_from_a_day_on_and_keeps_its_history(as_admin: Client) -> None:
    monday = timezone.localdate() + timedelta(days=7)
    url = reverse("council:setting", args=["audit_days"])
    as_admin.post(url, {"value": "8", "why": "Agreed by the panel", **boxes("effective_on", monday)})
    assert [setting("audit_days", on=day) for day in (monday - timedelta(days=1), monday)] == [10, 8]
    text = as_admin.get(url).content.decode()
    assert "Agreed by the panel" in text
    assert Event.objects.get(kind="council.settingvalue").from_state == "10"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"value": "0"}, "from 1 to 60"),
        ({"value": "61"}, "from 1 to 60"),
        ({"value": "1e9"}, "whole number"),
        ({"value": "ten"}, "whole number"),
        ({"value": ""}, "Enter a number"),
        ({"why": ""}, "Say why"),
        (boxes("effective_on", date(2026, 1, 1)), "on or after"),
    ],
)
def test_what_does_not_do_is_said_and_not_kept(as_admin: Client, data: dict[str, str], words: str) -> None:
    filled = {"value": "8", "why": "x", **boxes("effective_on", timezone.localdate()), **data}
    assert words in as_admin.post(reverse("council:setting", args=["audit_days"]), filled).content.decode()
    assert not SettingValue.objects.exists()


def test_what_is_on_or_off_is_chosen_in_words(as_admin: Client) -> None:
    url = reverse("council:setting", args=["show_earlier_grade"])
    asked = {"why": "Agreed by the panel", **boxes("effective_on", timezone.localdate())}
    assert "Choose yes or no" in as_admin.post(url, asked).content.decode()
    for wrong in ("2", "yes"):
        assert as_admin.post(url, asked | {"value": wrong}).status_code == 200
    assert not SettingValue.objects.exists()
    as_admin.post(url, asked | {"value": "1"})
    assert setting("show_earlier_grade") == 1
    text = as_admin.get(url).content.decode()
    assert "Now: Yes." in text
    assert ">Yes from " in text


def test_an_unknown_number_is_not_found(as_admin: Client) -> None:
    assert as_admin.get(reverse("council:setting", args=["no_such_number"])).status_code == 404


def test_the_clock_of_a_new_audit_uses_it(qa_lead: User) -> None:
    today = timezone.localdate()
    assert planning.usual_due_date(today=today) == add_working_days(today, 10)
    services.choose(key="audit_days", value=3, effective_on=today, why="x", by=qa_lead)
    due = planning.usual_due_date(today=today)
    assert due == add_working_days(today, 3)
    services.add_closing_day(day=due, name="Council closed", by=qa_lead)
    assert planning.usual_due_date(today=today) == add_working_days(today, 4)


def test_a_closing_day_is_added_and_taken_away(as_admin: Client) -> None:
    day = timezone.localdate() + timedelta(days=30)
    while not is_working_day(day):
        day += timedelta(days=1)
    as_admin.post(reverse("council:calendar"), {"name": "Council closed", **boxes("day", day)})
    assert closing_days() == {day}
    text = as_admin.get(reverse("council:calendar_of", args=[day.year])).content.decode()
    assert "Council closed" in text
    as_admin.post(reverse("council:remove_closing_day", args=[ClosingDay.objects.get().pk]))
    assert closing_days() == frozenset()


def test_a_closing_day_that_has_passed_stays() -> None:
    closing = ClosingDay.objects.create(day=timezone.localdate() - timedelta(days=1), name="Closed")
    with pytest.raises(ValidationError, match="so it stays"):
        services.remove_closing_day(closing=closing, by=SYSTEM)
    with pytest.raises(ValidationError):
        services.add_closing_day(day=closing.day, name="x", by=SYSTEM)
    assert ClosingDay.objects.count() == 1


def test_a_year_is_checked_once_and_the_warning_goes(as_admin: Client) -> None:
    today = timezone.localdate()
    for year in (today.year, today.year + 1):
        as_admin.post(reverse("council:check_year", args=[year]))
        as_admin.post(reverse("council:check_year", args=[year]))
    assert CheckedYear.objects.count() == 2
    assert "Nobody has checked" not in as_admin.get(reverse("council:settings")).content.decode()


@pytest.mark.parametrize("role", ["team_manager", "system_administrator", "head_of_service", "auditor", "read_only"])
def test_nobody_else_sees_or_changes_them(role: str, request: pytest.FixtureRequest, client: Client) -> None:
    user = request.getfixturevalue(role)
    client.force_login(user)
    closing = ClosingDay.objects.create(day=timezone.localdate(), name="Closed")
    requests: list[tuple[str, list[Any]]] = [
        ("settings", []), ("setting", ["audit_days"]), ("calendar", []), ("calendar_of", [2027]),
        ("check_year", [2027]), ("remove_closing_day", [closing.pk]),
    ]  # fmt: skip
    data = {"value": "8", "why": "x", "name": "x", **boxes("effective_on", timezone.localdate()),
            **boxes("day", timezone.localdate() + timedelta(days=9))}  # fmt: skip
    before = Event.objects.count()
    for name, args in requests:
        url = reverse(f"council:{name}", args=args)
        assert client.get(url).status_code in (403, 405)
        assert client.post(url, data).status_code in (403, 405)
    with pytest.raises(PermissionDenied):
        services.choose(key="audit_days", value=8, effective_on=timezone.localdate(), why="x", by=user)
    kept = (SettingValue.objects.count(), ClosingDay.objects.count(), CheckedYear.objects.count())
    assert kept == (0, 1, 0)
    assert Event.objects.count() == before
