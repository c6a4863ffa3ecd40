"""RP-4: a month is drafted, published once and never changes; what changes later is told wherever it is shown."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus
from audits.models import Audit, GradeTally
from audits.services import tallies
from core.jobs.models import Job
from core.jobs.services import publish as tell
from core.jobs.services import run_due
from core.notifications.models import Notice
from core.spreadsheets import read_workbook
from reports.access import sights
from reports.models import MonthDraft, PublishedAudit, PublishedMonth, Restatement
from reports.services import freezing
from tests.factories.accounts import person_as
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
ASKED = {"period": "months", "month_from": "2026-09", "month_to": "2026-10"}


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    today = date(2026, 11, 20)
    for module in ("views.figures", "views.months", "services.freezing"):
        monkeypatch.setattr(f"reports.{module}.timezone.localdate", lambda: today)


def audit_of(grade: str, team: OrgUnit, **fields: Any) -> Audit:
    audit = graded_audit(grade, case=CaseFactory(team=team), month=OCTOBER, **fields)
    tallies.move(before=Counter(), after=tallies.contribution(audit=audit))
    return audit


@pytest.fixture
def october(team: OrgUnit) -> list[Audit]:
    """7 of 17 good or outstanding: 41%."""
    grades = [*["good"] * 7, *["requires_improvement"] * 8, *["inadequate"] * 2]
    return [audit_of(grade, team) for grade in grades]


def regrade(audit: Audit, grade: str) -> None:
    before = tallies.contribution(audit=audit)
    audit.counted_grade = audit.grade = grade
    audit.save()
    tallies.move(before=before, after=tallies.contribution(audit=audit))


def published(by: User) -> PublishedMonth:
    draft = freezing.draft_month(month=OCTOBER, by=by)
    assert draft is not None
    return freezing.publish_month(month=OCTOBER, by=by, checksum=draft.checksum)


def text() -> str:
    out = io.StringIO()
    call_command("grade_table", "--from", "2026-09", "--to", "2026-10", stdout=out)
    return out.getvalue()


def test_drafted_again_it_has_the_same_checksum_unless_something_changed(october: list[Audit]) -> None:
    first = freezing.draft_month(month=OCTOBER, by=SYSTEM)
    again = freezing.draft_month(month=OCTOBER, by=SYSTEM)
    assert first and again
    assert (first.checksum, first.drafted_at) == (again.checksum, again.drafted_at)
    regrade(october[0], "inadequate")
    changed = freezing.draft_month(month=OCTOBER, by=SYSTEM)
    assert changed and changed.checksum != first.checksum
    assert MonthDraft.objects.count() == 1


def test_what_is_published_never_changes(october: list[Audit], qa_lead: User) -> None:
    month = published(qa_lead)
    kept = (month.figures, month.checksum)
    regrade(october[7], "good")
    freezing.note_restatements(month=OCTOBER)
    assert freezing.draft_month(month=OCTOBER, by=qa_lead) is None
    month.refresh_from_db()
    assert (month.figures, month.checksum) == kept
    for rows in (PublishedMonth.objects, PublishedAudit.objects, Restatement.objects):
        for change in (
            lambda rows=rows: rows.update(id=rows.first().pk),
            lambda rows=rows: rows.all()._raw_delete("default"),
        ):  # type: ignore[misc]
            with pytest.raises(DatabaseError), transaction.atomic():
                change()
    assert PublishedMonth.objects.get().checksum == kept[1]


def test_published_twice_is_published_once(october: list[Audit], qa_lead: User) -> None:
    assert published(qa_lead) == freezing.publish_month(month=OCTOBER, by=qa_lead, checksum="whatever")
    assert PublishedMonth.objects.count() == 1
    assert PublishedAudit.objects.count() == 17


def test_figures_that_changed_since_the_page_was_opened_are_not_published(october: list[Audit], qa_lead: User) -> None:
    draft = freezing.draft_month(month=OCTOBER, by=qa_lead)
    assert draft
    regrade(october[0], "inadequate")
    with pytest.raises(freezing.Outdated, match="have changed since you opened this page"):
        freezing.publish_month(month=OCTOBER, by=qa_lead, checksum=draft.checksum)
    assert not PublishedMonth.objects.exists()
    assert MonthDraft.objects.get().checksum != draft.checksum


def test_a_month_that_is_not_over_is_neither_drafted_nor_published(qa_lead: User) -> None:
    for act in (
        lambda: freezing.draft_month(month=date(2026, 11, 1), by=qa_lead),
        lambda: freezing.publish_month(month=date(2026, 11, 1), by=qa_lead, checksum=""),
    ):
        with pytest.raises(ValueError, match="November 2026 is not over"):
            act()
    assert not MonthDraft.objects.exists()


@pytest.mark.parametrize("role", [Role.QA_ADMIN, Role.HEAD_OF_SERVICE, Role.READ_ONLY])
def test_only_the_qa_lead_publishes(october: list[Audit], directorate: OrgUnit, role: str) -> None:
    draft = freezing.draft_month(month=OCTOBER, by=SYSTEM)
    assert draft
    with pytest.raises(NotAllowed):
        freezing.publish_month(month=OCTOBER, by=person_as(role, directorate), checksum=draft.checksum)
    assert not PublishedMonth.objects.exists()


def test_a_change_is_noted_once_and_told_everywhere(client: Client, october: list[Audit], qa_lead: User) -> None:
    published(qa_lead)
    assert "restated" not in text()
    regrade(october[7], "good")
    tell("audits.settled", by=SYSTEM, audit_id=october[7].pk)
    run_due()
    assert freezing.note_restatements(month=OCTOBER) is None
    restatement = Restatement.objects.get()
    assert len(restatement.changes) == 1

    day = restatement.at
    told = f"restated from 41% to 47% on {day.day} {day:%B %Y}: 1 audit re-graded"
    assert f"October 2026: {told}." in text()
    client.force_login(qa_lead)
    for name in ("reports:monthly", "reports:breakdown"):
        assert f"October 2026: {told}." in client.get(reverse(name), ASKED).content.decode()
    assert told[1:] in client.get(reverse("reports:month", args=["2026-10"])).content.decode()
    assert told[1:] in client.get(reverse("reports:months")).content.decode()
    rows = list(csv.reader(io.StringIO(client.get(reverse("reports:monthly_csv"), ASKED).content.decode("utf-8-sig"))))
    assert rows[0][-1] == "Restated"
    assert [row[-1] for row in rows[1:]] == ["", f"October 2026: {told}", f"October 2026: {told}"]
    book = read_workbook(client.get(reverse("reports:breakdown_xlsx"), ASKED).content)
    assert any(told in str(cell) for sheet in book for row in sheet.rows for cell in row)


def test_the_csv_is_as_ever_while_nothing_was_restated(client: Client, october: list[Audit], qa_lead: User) -> None:
    client.force_login(qa_lead)
    before = client.get(reverse("reports:monthly_csv"), ASKED).content
    published(qa_lead)
    assert client.get(reverse("reports:monthly_csv"), ASKED).content == before


def test_audits_that_come_late_and_audits_that_go_are_told(october: list[Audit], qa_lead: User, team: OrgUnit) -> None:
    published(qa_lead)
    audit_of("good", team)
    freezing.note_all()
    gone = october[0]
    before = tallies.contribution(audit=gone)
    Audit.objects.filter(pk=gone.pk).update(status=AuditStatus.VOID)
    gone.refresh_from_db()
    tallies.move(before=before, after=tallies.contribution(audit=gone))
    freezing.note_all()
    # On one day both are told as one.
    assert "restated, 41% as before, on" in text()
    assert "1 audit added and 1 audit taken out" in text()


def test_a_reader_of_another_service_is_told_nothing(
    client: Client, october: list[Audit], qa_lead: User, other_service: OrgUnit, other_team: OrgUnit
) -> None:
    audit_of("good", other_team)
    published(qa_lead)
    regrade(october[7], "good")
    freezing.note_all()
    client.force_login(person_as(Role.HEAD_OF_SERVICE, other_service))
    assert "restated" not in client.get(reverse("reports:monthly"), ASKED).content.decode()


def test_readers_of_aggregates_are_not_told_how_many_audits_moved(
    client: Client, october: list[Audit], qa_lead: User, read_only: User
) -> None:
    published(qa_lead)
    regrade(october[7], "good")
    freezing.note_all()
    client.force_login(read_only)
    for name in ("reports:monthly", "reports:monthly_csv", "reports:breakdown_csv"):
        assert "1 audit" not in client.get(reverse(name), ASKED).content.decode()


@pytest.mark.parametrize(
    "role", [Role.QA_LEAD, Role.HEAD_OF_SERVICE, Role.SERVICE_LEAD, Role.TEAM_MANAGER, Role.PANEL_MEMBER]
)
def test_sights_agree_with_the_rows(role: str, team: OrgUnit, other_team: OrgUnit, service: OrgUnit) -> None:
    for status in (AuditStatus.SUBMITTED, AuditStatus.SETTLED, AuditStatus.FEEDBACK_ISSUED):
        for where in (team, other_team):
            audit_of("good", where, status=status)
    person = person_as(role, team if role == Role.TEAM_MANAGER else service)
    rows = GradeTally.objects.visible_to(person).filter(cut="plan_type")
    by_rows = {(str(row.unit_id), row.stage) for row in rows}
    by_sights = set()
    for fact in freezing.live_facts(month=OCTOBER).values():
        if any(sight.holds(fact) for sight in sights(person)):
            by_sights |= {(unit, fact.stage) for unit in (fact.service, fact.team)}
    assert {stage for _, stage in by_rows} == {stage for _, stage in by_sights}
    assert by_rows <= by_sights


def test_the_qa_lead_is_reminded_once_and_not_when_it_is_done(october: list[Audit], qa_lead: User) -> None:
    assert freezing.remind_to_publish(month=OCTOBER) == 1
    assert freezing.remind_to_publish(month=OCTOBER) == 0
    notice = Notice.objects.get(kind="month_to_publish")
    assert notice.link == "/reports/months/2026-10/"
    published(qa_lead)
    Notice.objects.all().delete()
    assert freezing.remind_to_publish(month=OCTOBER) == 0


def test_the_lead_drafts_looks_and_publishes_in_the_browser(
    client: Client, october: list[Audit], qa_lead: User
) -> None:
    client.force_login(qa_lead)
    assert "Not drafted" in client.get(reverse("reports:months")).content.decode()
    client.post(reverse("reports:draft_month", args=["2026-10"]))
    html = client.get(reverse("reports:month", args=["2026-10"])).content.decode()
    assert "Family Safeguarding" in html and "41%" in html
    checksum = MonthDraft.objects.get().checksum
    assert checksum in html
    stale = client.post(reverse("reports:publish_month", args=["2026-10"]), {"checksum": "0" * 64})
    assert stale.status_code == 409
    assert not PublishedMonth.objects.exists()
    client.post(reverse("reports:publish_month", args=["2026-10"]), {"checksum": checksum})
    assert "These figures never change" in client.get(reverse("reports:month", args=["2026-10"])).content.decode()
    assert client.post(reverse("reports:draft_month", args=["2026-11"])).status_code == 409
    assert client.get(reverse("reports:month", args=["2026-11"])).status_code == 200
    assert client.get("/reports/months/2026-13/").status_code == 404


def test_the_jobs_draft_and_note(october: list[Audit]) -> None:
    from core.jobs.services import enqueue

    enqueue("draft_month", month="2026-10")
    enqueue("note_restatements", day="2026-11-06")
    run_due()
    assert not Job.objects.exclude(status="done").exists()
    assert MonthDraft.objects.count() == 1
