"""RP-6: the standard reports count what they say, for whom they are, and say so where there is nothing."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from docx import Document as read_docx

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, ModerationOutcome, ModerationStatus
from audits.models import Audit, Clock, Conversation, Finding, Moderation, Response, ResponsePoint
from audits.services import tallies
from core.documents import FORMS
from core.history.models import Event
from core.jobs.models import ExportFile
from core.jobs.services import run_due
from core.spreadsheets import read_workbook
from reports.selectors.standard import REPORTS
from tests.factories.accounts import person_as
from tests.factories.audits import ToolVersionFactory, graded_audit
from tests.factories.cases import CaseFactory
from tests.reports.test_figures import Tables

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
ASKED = {"period": "months", "month_from": "2026-10", "month_to": "2026-10"}


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("views.standard", "services.standard"):
        monkeypatch.setattr(f"reports.{module}.timezone.localdate", lambda: date(2026, 11, 20))


def audit_of(grade: str, team: OrgUnit, *, restricted: bool = False, **fields: Any) -> Audit:
    fields.setdefault("month", OCTOBER)
    audit = graded_audit(grade, case=CaseFactory(team=team, restricted=restricted), **fields)
    tallies.move(before=Counter(), after=tallies.contribution(audit=audit))
    return audit


@pytest.fixture
def some_audits(team: OrgUnit, other_team: OrgUnit) -> list[Audit]:
    grades = [*["good"] * 6, *["requires_improvement"] * 7, "inadequate", "outstanding"]
    return [*(audit_of(grade, team) for grade in grades), audit_of("good", other_team)]


def html(client: Client, key: str, **query: str) -> str:
    response = client.get(reverse("reports:standard", args=[key]), query or ASKED)
    assert response.status_code == 200
    return response.content.decode()


def shown(page: str) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in Tables(page).rows}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_an_empty_database_renders_every_report(client: Client, qa_lead: User, report: Any) -> None:
    client.force_login(qa_lead)
    page = html(client, report.key, period="last-12")
    assert "<h2" in page
    assert "0%" not in page.replace("70%", "").replace("90%", "") or "100%" in page
    if report.public:
        html(client, report.key, version="public")


def test_page_and_every_file_hold_the_figures_of_the_command(
    client: Client, qa_lead: User, some_audits: list[Audit]
) -> None:
    out = io.StringIO()
    call_command(
        "grade_table", "--from", "2026-10", "--to", "2026-10", "--by", "service", "--format", "json", stdout=out
    )
    told = json.loads(out.getvalue())
    wanted = [
        [row["key"], row["audited"], *list(row["percent"].values())[:3], row["outstanding"], row["good"]]
        for row in [*told["rows"], told["total"]]
    ]
    client.force_login(qa_lead)
    page = Tables(html(client, "monthly")).rows
    start = next(place for place, row in enumerate(page) if row[0] == "Service")
    assert [row[:7] for row in page[start + 1 : start + 4]] == [
        [row[0], str(row[1]), *(f"{share}%" for share in row[2:5]), str(row[5]), str(row[6])] for row in wanted
    ]

    def file(form: str) -> bytes:
        return client.get(reverse("reports:standard_file", args=["monthly", form]), ASKED).content

    rows = list(csv.reader(io.StringIO(file("csv").decode("utf-8-sig"))))
    assert [row for row in rows if row and row[0] in ("Total", "Family Safeguarding")]
    (sheet,) = [
        sheet for sheet in read_workbook(file("xlsx")) if any("Service" in map(str, row) for row in sheet.rows)
    ][:1]
    cells = next(list(row) for row in sheet.rows if row and row[0] == "Total")
    assert [float(cell) for cell in cells[1:7]] == [float(value) for value in wanted[-1][1:7]]
    words = read_docx(io.BytesIO(file("docx")))
    table = next(table for table in words.tables if table.cell(0, 0).text == "Service")
    assert [cell.text for cell in table.rows[-1].cells][1:5] == [
        str(wanted[-1][1]),
        *(f"{p}%" for p in wanted[-1][2:5]),
    ]
    assert Event.objects.filter(verb="exported").count() == 3


def test_a_head_counts_their_services_and_a_manager_what_is_issued(
    client: Client, some_audits: list[Audit], head_of_service: User, team_manager: User, team: OrgUnit
) -> None:
    audit_of("inadequate", team, status=AuditStatus.SUBMITTED)
    client.force_login(head_of_service)
    page = html(client, "thematic")
    assert "Pathways Through Care" not in page
    assert shown(page)["Family Safeguarding"][0] == "16"
    client.force_login(team_manager)
    assert shown(html(client, "monthly"))["Total"][0] == "15"


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.PANEL_MEMBER, Role.TEAM_MANAGER])
def test_reports_of_the_work_itself_are_for_heads_and_the_qa_unit(
    client: Client, role: str, some_audits: list[Audit], team: OrgUnit
) -> None:
    client.force_login(person_as(role, team))
    for key in ("delivery", "moderation", "re-audits", "sections", "families", "diversity"):
        for address in (
            reverse("reports:standard", args=[key]), reverse("reports:standard_file", args=[key, "csv"]),
        ):  # fmt: skip
            assert client.get(address).status_code == 403
    assert not Event.objects.filter(verb="exported").exists()
    listed = client.get(reverse("reports:standard_list")).content.decode()
    assert "Monthly report" in listed
    assert "What moderation changed" not in listed


def test_moderation_is_shown_before_and_after(client: Client, qa_lead: User, team: OrgUnit) -> None:
    for grade in ("good", "good", "requires_improvement"):
        audit_of(grade, team)
    changed = audit_of("requires_improvement", team)
    Audit.objects.filter(pk=changed.pk).update(auditor_grade="good")
    Moderation.objects.create(
        audit=changed, draw=1, status=ModerationStatus.DONE, outcome=ModerationOutcome.CHANGED,
        grade_before="good", grade_after="requires_improvement",
    )  # fmt: skip
    client.force_login(qa_lead)
    page = html(client, "moderation")
    assert "Auditors judged 75% good or outstanding; after moderation it was 50% (n=4)." in page
    assert "1 audit went through moderation: 0 agreed, 1 changed." in page
    assert shown(page)["Auditor"][:2] == ["4", "75%"]


def test_second_audits_are_compared_with_first_ones(client: Client, qa_lead: User, team: OrgUnit) -> None:
    first = audit_of("inadequate", team, month=date(2026, 7, 1))
    audit_of("good", team, first_audit=first)
    other = audit_of("good", team, month=date(2026, 7, 1))
    audit_of("requires_improvement", team, first_audit=other)
    client.force_login(qa_lead)
    page = html(client, "re-audits")
    assert "Of 2 re-audits 1 improved, 0 stayed the same and 1 got worse." in page
    assert [row[1:] for row in Tables(page).rows if row[0] == "Family Safeguarding"] == [["1", "0", "1", "2"]]
    assert shown(page)["Inadequate"] == ["0", "1", "0", "0", "1"]


def test_families_heard_are_counted_once_an_audit(client: Client, qa_lead: User, team: OrgUnit) -> None:
    heard, other = audit_of("good", team), audit_of("good", team)
    for whom in ("child", "parent"):
        Conversation.objects.create(audit=heard, with_whom=whom, outcome="done")
    Conversation.objects.create(audit=other, with_whom="parent", outcome="declined")
    Conversation.objects.create(audit=other, with_whom="worker", outcome="done")
    client.force_login(qa_lead)
    page = html(client, "families")
    assert "The family was heard in 1 of 2 audits (50%)." in page
    assert "Declined: 1 conversation." in page


def test_audits_due_are_done_in_time_late_or_not(client: Client, qa_lead: User, team: OrgUnit) -> None:
    def due(on: date, done: datetime | None, **fields: Any) -> None:
        audit = audit_of("good", team)
        Audit.objects.filter(pk=audit.pk).update(due_on=on, submitted_at=done, **fields)

    due(date(2026, 10, 9), datetime(2026, 10, 9, 22, 30, tzinfo=UTC))  # 23:30 in London, still that day
    due(date(2026, 10, 9), datetime(2026, 10, 9, 23, 30, tzinfo=UTC))  # 00:30 the day after
    due(date(2026, 10, 12), None, status=AuditStatus.IN_PROGRESS)
    due(date(2026, 10, 12), None, status=AuditStatus.VOID)
    due(date(2026, 12, 1), None, status=AuditStatus.ALLOCATED)
    client.force_login(qa_lead)
    page = html(client, "delivery")
    assert shown(page)["Total"] == ["3", "2", "1", "1", "1", "0", "33%"]
    assert "The target of 90% on time is not met." in page
    assert "1 audit made void is not counted." in page


def test_a_restricted_case_is_in_no_report_that_could_tell_its_grade(
    client: Client, qa_lead: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    audit_of("inadequate", other_team, restricted=True)
    for _ in range(3):
        audit_of("good", team)
    client.force_login(qa_lead)
    assert "Auditors judged 100% good or outstanding" in html(client, "moderation")
    assert "withheld" in shown(html(client, "monthly"))["Pathways Through Care"]


def test_small_numbers_of_who_the_children_are_are_withheld_for_everybody(
    client: Client, qa_lead: User, team: OrgUnit
) -> None:
    for _ in range(6):
        audit_of("good", team, age_band="5_9")
    for _ in range(2):
        audit_of("inadequate", team, age_band="1_4")
    client.force_login(qa_lead)
    page = html(client, "diversity")
    assert shown(page)["1 to 4"][0] == "withheld"
    assert "Ethnicity is not held in this product" in page


def test_the_trend_says_what_it_can_and_no_more(client: Client, qa_lead: User, team: OrgUnit) -> None:
    for month in (8, 9, 10):
        for grade in ("good", "inadequate"):
            audit_of(grade, team, month=date(2026, month, 1))
    client.force_login(qa_lead)
    page = html(client, "trend")
    assert "Too few months since August 2026 to tell a change from chance: 10 with audits are needed" in page
    assert [row[0] for row in Tables(page).rows][1:4] == ["August 2026", "September 2026", "October 2026"]


@pytest.mark.parametrize("query", [{"period": "x"}, {"service": "x"}, {"version": "x"}, {"period": "months"}])
def test_a_wrong_question_is_told(
    client: Client, qa_lead: User, some_audits: list[Audit], query: dict[str, str]
) -> None:
    client.force_login(qa_lead)
    assert "There is a problem" in html(client, "monthly", **query)


def test_an_unknown_report_or_file_is_not_there(client: Client, qa_lead: User) -> None:
    client.force_login(qa_lead)
    assert client.get("/reports/standard/nothing/").status_code == 404
    assert client.get("/reports/standard/monthly/exe").status_code == 404


def test_grades_are_shown_by_mode_and_by_kind_of_auditor(
    client: Client, qa_lead: User, team: OrgUnit, directorate: OrgUnit
) -> None:
    head = person_as(Role.HEAD_OF_SERVICE, directorate)
    for grade in ("good", "inadequate"):
        audit_of(grade, team, mode="live", auditor=head)
    audit_of("good", team, auditor=person_as(Role.AUDITOR, directorate))
    client.force_login(qa_lead)
    page = html(client, "auditors")
    told = shown(page)
    assert told["Live"][:2] == ["2", "50%"]
    assert told["Heads of service"][:2] == ["2", "50%"]
    assert told["Auditors with no other post"][:2] == ["1", "-"]
    assert head.name not in page


def test_a_new_version_of_a_tool_breaks_the_trend(client: Client, qa_lead: User, team: OrgUnit) -> None:
    for month in (7, 8, 9, 10):
        audit_of("good", team, month=date(2026, month, 1))
    ToolVersionFactory(number=2, status="retired", published_at=datetime(2026, 8, 14, tzinfo=UTC))
    client.force_login(qa_lead)
    page = html(client, "trend")
    assert "September 2026: version 2 of “Example audit” came into use on 14 August 2026." in page
    assert "Figures before and after are not compared." in page


def test_answers_are_given_in_time_late_or_not(client: Client, qa_lead: User, team: OrgUnit) -> None:
    def clock(grade: str, due: date, ended: datetime | None = None, *, kind: str = "response", said: str = "") -> None:
        audit = audit_of(grade, team)
        Clock.objects.create(
            audit=audit, kind=kind, state="met" if ended else "running", started_on=date(2026, 10, 1),
            days=10, due_on=due, first_due_on=due, ended_at=ended,
        )  # fmt: skip
        if said:
            point = Finding.objects.create(audit=audit, audit_section=audit.sections.all()[0], kind="development")
            response = Response.objects.create(audit=audit, status="given", given_at=ended)
            ResponsePoint.objects.create(response=response, finding=point, view=said)

    # Half past eleven of the 9th by UTC is Saturday the 10th in London. Working days from Thursday the 1st: 6, 6, 2, 1.
    clock("inadequate", date(2026, 10, 9), datetime(2026, 10, 9, 22, 30, tzinfo=UTC), said="agree")
    clock("inadequate", date(2026, 10, 9), datetime(2026, 10, 9, 23, 30, tzinfo=UTC), said="disagree")
    clock("inadequate", date(2026, 10, 5), datetime(2026, 10, 5, 9, tzinfo=UTC), kind="safety")
    clock("good", date(2026, 10, 15), datetime(2026, 10, 2, 9, tzinfo=UTC), said="partly")
    clock("good", date(2026, 10, 20))
    client.force_login(qa_lead)
    page = html(client, "responses")
    assert "3 of 5 answers whose day has come were given in time (60%); 1 is overdue now." in page
    rows = Tables(page).rows
    assert [row for row in rows if row[0] in ("Inadequate", "Good", team.parent.name)] == [
        ["Inadequate", "1", "1", "0", "0", "0", "100%", "2"],
        ["Good", "2", "1", "0", "1", "0", "50%", "1"],
        ["Inadequate", "2", "1", "1", "0", "0", "50%", "6"],
        [team.parent.name, "4", "2", "1", "1", "0", "50%", "6"],
        ["Good", "0", "1", "0"],
        ["Inadequate", "1", "0", "1"],
    ]
    assert rows[-1] == ["Total", "1", "1", "1"]


def test_a_pdf_is_made_by_a_job_for_one_person(
    client: Client, head_of_service: User, qa_lead: User, some_audits: list[Audit]
) -> None:
    if FORMS["pdf"].why_not():
        pytest.skip("no PDF can be made on this machine")
    client.force_login(head_of_service)
    address = f"{reverse('reports:standard_pdf', args=['thematic'])}?{urlencode(ASKED)}"
    answer = client.post(address)
    run_due()
    export = ExportFile.objects.get()
    assert answer["Location"] == reverse("jobs:export", args=[export.pk])
    assert (export.kind, export.owner, export.filename) == (
        "standard_report", head_of_service, "thematic-2026-10-to-2026-10.pdf",
    )  # fmt: skip
    pdf = client.get(reverse("jobs:export_file", args=[export.pk]))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    client.force_login(qa_lead)
    assert client.get(reverse("jobs:export_file", args=[export.pk])).status_code == 404
