"""A saved report keeps the question; it comes to each person with what that person may read, and to nobody else."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.access import NotAllowed
from accounts.models import Membership, OrgUnit, User
from audits.services import tallies
from core.jobs.models import ExportFile
from core.jobs.services import run_due
from core.notifications.models import Notice
from reports.choices import Cadence
from reports.models import SavedReport, Subscription
from reports.rules.cadence import due_for, mornings
from reports.services import figures, saving
from reports.services.saving import NotSaved, asked_now, save_report, send_due, subscribe, unsubscribe
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 20)
DECEMBER = date(2026, 12, 9)


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    for place in ("reports.views.saving", "reports.services.saving", "reports.views.figures"):
        monkeypatch.setattr(f"{place}.timezone.localdate", lambda: NOVEMBER)
    settings.EXPORTS_DIR = str(tmp_path / "exports")


def saved(by: User, **asked: Any) -> SavedReport:
    held = figures.asked(first=date(2026, 1, 1), last=date(2026, 2, 1), by="team", services=(), settled_only=False)
    return save_report(name="My teams", asked=held | {"period": "last-12"} | asked, by=by)


@pytest.mark.parametrize(
    ("cadence", "day", "period"),
    [
        (Cadence.MONTHLY, date(2026, 5, 8), ""),  # 4 May is a bank holiday
        (Cadence.MONTHLY, date(2026, 5, 11), "2026-05"),
        (Cadence.MONTHLY, date(2026, 5, 31), "2026-05"),
        (Cadence.QUARTERLY, date(2026, 5, 12), "2026-04"),
        (Cadence.QUARTERLY, date(2026, 7, 7), ""),
        (Cadence.QUARTERLY, date(2026, 7, 8), "2026-07"),
        (Cadence.WEEKLY, date(2026, 5, 4), ""),
        (Cadence.WEEKLY, date(2026, 5, 5), "2026-W19"),
        (Cadence.WEEKLY, date(2026, 5, 10), "2026-W19"),
    ],
)
def test_a_report_is_due_once_a_period_from_its_day_on(cadence: str, day: date, period: str) -> None:
    assert due_for(cadence, day) == period


def test_reports_come_at_seven() -> None:
    zone = ZoneInfo("Europe/London")
    assert mornings(datetime(2026, 5, 5, 6, 59, tzinfo=zone))[0] == datetime(2026, 5, 4, 7, tzinfo=zone)
    assert mornings(datetime(2026, 5, 5, 7, 0, tzinfo=zone))[0] == datetime(2026, 5, 5, 7, tzinfo=zone)


def test_a_period_with_a_name_moves_on(head_of_service: User) -> None:
    report = saved(head_of_service)
    asked = asked_now(report=report, today=DECEMBER)
    assert (asked["first"], asked["last"], asked["by"]) == ("2026-01", "2026-12", "team")


def test_it_is_saved_from_the_page_and_opens_as_the_page(client: Client, head_of_service: User) -> None:
    client.force_login(head_of_service)
    page = client.get(f"{reverse('reports:breakdown')}?by=team&period=last-quarter&as_now=on").content.decode()
    save = f"{reverse('reports:save_report')}?by=team&amp;period=last-quarter&amp;as_now=on"
    assert save in page
    client.post(save.replace("&amp;", "&"), {"name": "My teams"})
    report = SavedReport.objects.get()
    assert report.asked["period"] == "last-quarter"
    opened = client.get(reverse("reports:saved_report", args=[report.pk]))
    assert opened.headers["Location"] == f"{reverse('reports:breakdown')}?by=team&period=last-quarter&as_now=on"
    again = client.post(save.replace("&amp;", "&"), {"name": "My teams"})
    assert "of this name already" in again.content.decode()


def test_it_comes_as_a_notice_with_a_link_and_no_figure_once_a_month(head_of_service: User) -> None:
    report = saved(head_of_service)
    subscribe(report=report, person=head_of_service, cadence=Cadence.MONTHLY, form="", by=head_of_service)
    assert send_due(today=NOVEMBER) == {"sent": 0, "ended": 0}  # its day has been; the next one counts
    assert send_due(today=DECEMBER) == {"sent": 1, "ended": 0}
    assert send_due(today=DECEMBER) == {"sent": 0, "ended": 0}
    run_due()
    notice = Notice.objects.get(kind="saved_report")
    assert (notice.person, notice.link) == (head_of_service, reverse("reports:saved_report", args=[report.pk]))
    assert notice.reference == "monthly"
    (message,) = mail.outbox
    assert "My teams" not in message.body
    assert "%" not in message.body


def test_the_recipients_own_scope_decides_what_is_in_the_file(
    qa_lead: User, head_of_service: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    for place in (team, other_team):
        audit = graded_audit("good", case=CaseFactory(team=place), month=date(2026, 11, 1))
        tallies.move(before=Counter(), after=tallies.contribution(audit=audit))
    report = saved(qa_lead)
    subscribe(report=report, person=head_of_service, cadence=Cadence.MONTHLY, form="docx", by=qa_lead)
    send_due(today=DECEMBER)
    run_due()
    export = ExportFile.objects.get()
    assert export.owner == head_of_service
    found = figures.figures_for(by=head_of_service, asked=export.asked)
    assert [row.label for row in found.table.rows] == ["Heron"]
    assert len(figures.figures_for(by=qa_lead, asked=export.asked).table.rows) == 2
    assert Notice.objects.get(kind="export_ready").person == head_of_service


@pytest.mark.parametrize("how", ["role ended", "left"])
def test_losing_access_stops_it(head_of_service: User, how: str) -> None:
    report = saved(head_of_service)
    made = subscribe(report=report, person=head_of_service, cadence=Cadence.MONTHLY, form="pdf", by=head_of_service)
    if how == "left":
        User.objects.filter(pk=head_of_service.pk).update(is_active=False)
    else:
        Membership.objects.filter(user=head_of_service).update(ends_on=date(2026, 1, 1))
    assert send_due(today=DECEMBER) == {"sent": 0, "ended": 1}
    made.refresh_from_db()
    assert (made.ended_at is not None, made.ended_why) == (True, saving.NO_LONGER)
    run_due()
    assert not Notice.objects.exists()
    assert not ExportFile.objects.exists()


def test_who_asked_and_whom_it_comes_to_can_stop_it_and_nobody_else(
    client: Client, qa_lead: User, head_of_service: User, service_lead: User
) -> None:
    report = saved(qa_lead)
    made = subscribe(report=report, person=head_of_service, cadence=Cadence.MONTHLY, form="", by=qa_lead)
    client.force_login(service_lead)
    assert client.post(reverse("reports:unsubscribe", args=[made.pk])).status_code == 404
    with pytest.raises(NotSaved):
        unsubscribe(subscription=made, by=service_lead)
    assert Subscription.objects.running().exists()
    client.force_login(head_of_service)
    client.post(reverse("reports:unsubscribe", args=[made.pk]))
    assert not Subscription.objects.running().exists()
    assert client.get(reverse("reports:saved_report", args=[report.pk])).status_code == 404


def test_a_manager_has_it_come_to_nobody_else(head_of_service: User, service_lead: User) -> None:
    report = saved(head_of_service)
    with pytest.raises(NotAllowed):
        subscribe(report=report, person=service_lead, cadence=Cadence.MONTHLY, form="", by=head_of_service)
    assert not Subscription.objects.exists()


def test_it_comes_to_nobody_who_may_read_no_figures(qa_lead: User, practitioner: User) -> None:
    report = saved(qa_lead)
    with pytest.raises(NotSaved, match="No figures are open"):
        subscribe(report=report, person=practitioner, cadence=Cadence.MONTHLY, form="", by=qa_lead)
    assert not Subscription.objects.exists()


def test_the_pages_say_what_is_saved_and_let_it_come_and_stop(client: Client, qa_lead: User) -> None:
    client.force_login(qa_lead)
    assert "No saved reports yet" in client.get(reverse("reports:saved")).content.decode()
    report = saved(qa_lead)
    address = reverse("reports:subscribe", args=[report.pk])
    assert "To whom?" in client.get(address).content.decode()
    client.post(address, {"cadence": "weekly", "form": "", "person": ""})
    page = client.get(reverse("reports:saved")).content.decode()
    assert "Each week, on its first working day" in page
    client.post(reverse("reports:delete_report", args=[report.pk]))
    assert not SavedReport.objects.exists()
    assert not Subscription.objects.exists()
