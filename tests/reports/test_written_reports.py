"""Issue 5 item 4: the board's page and the partnership's return begin with figures, are kept by version, and end."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import FindingKind
from audits.models import Audit, Conversation, Finding, Theme
from audits.services import tallies
from core.documents.pdf import why_not
from core.jobs.models import ExportFile
from core.jobs.services import run_due
from learning.services.checking import LeadsToSomebody
from reports.choices import WrittenKind, WrittenStatus
from reports.models import WrittenReport, WrittenVersion
from reports.rules.writing import BOARD, PARTNERSHIP, period_of
from reports.selectors.written import figures_of
from reports.services import freezing, writing
from tests.factories.accounts import person_as
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory
from tests.factories.pdf_files import read_pdf

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
FULL = {heading.key: f"Something about {heading.words.lower()}." for heading in BOARD}


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("views.writing", "services.writing", "selectors.written", "services.freezing"):
        monkeypatch.setattr(f"reports.{module}.timezone.localdate", lambda: date(2026, 11, 20))


def audit_of(grade: str, team: OrgUnit) -> Audit:
    audit = graded_audit(grade, case=CaseFactory(team=team), month=OCTOBER)
    tallies.move(before=Counter(), after=tallies.contribution(audit=audit))
    return audit


@pytest.fixture
def october(team: OrgUnit) -> None:
    heading = Theme.objects.create(name="Supervision")
    theme = Theme.objects.create(name="Frequency", parent=heading)
    for grade in ("good", "good", "inadequate"):
        audit = audit_of(grade, team)
        finding = Finding.objects.create(
            audit=audit, audit_section=audit.sections.first(), kind=FindingKind.DEVELOPMENT, text="cnry words of a file"
        )
        finding.themes.add(theme)


def board(by: User) -> WrittenReport:
    return writing.begin_report(kind=WrittenKind.BOARD, month=OCTOBER, by=by)


def test_the_headings_are_those_of_the_papers() -> None:
    assert [heading.words for heading in BOARD] == [
        "Positive areas", "Areas for development", "The figures", "Analysis", "Actions and next steps",
    ]  # fmt: skip
    assert [heading.words for heading in PARTNERSHIP] == [
        "Key developments", "Statistical information and analysis", "Evidence from audit", "Staff feedback",
        "Children's and families' input", "Learning from reviews", "Strengths", "Concerns", "Areas for development",
        "Action plan", "Outcomes",
    ]  # fmt: skip
    assert period_of(WrittenKind.PARTNERSHIP, date(2027, 2, 1)) == (date(2026, 4, 1), date(2027, 2, 1))


def test_a_report_begins_with_what_the_figures_say_and_with_nothing_of_a_file(october: None, qa_lead: User) -> None:
    report = board(qa_lead)
    assert "67%, 2 of 3" in report.texts["table"]
    assert report.texts["development"] == "Frequency: in 3 audits of 3."
    partnership = writing.begin_report(kind=WrittenKind.PARTNERSHIP, month=OCTOBER, by=qa_lead)
    assert set(partnership.texts) == {heading.key for heading in PARTNERSHIP}
    assert "cnry" not in str(report.texts) + str(partnership.texts)
    assert board(qa_lead) == report
    assert WrittenReport.objects.count() == 2


def test_every_save_is_a_version_that_never_changes(qa_lead: User) -> None:
    report = board(qa_lead)
    writing.save_report(report=report, texts={"analysis": "First."}, by=qa_lead, version=1)
    writing.save_report(report=report, texts={"analysis": "Second."}, by=qa_lead, version=2)
    assert [each.texts["analysis"] for each in WrittenVersion.objects.order_by("number")][1:] == ["First.", "Second."]
    with pytest.raises(DatabaseError), transaction.atomic():
        WrittenVersion.objects.update(number=9)


def test_a_second_person_overwrites_nothing_and_sees_both(client: Client, qa_lead: User, qa_admin: User) -> None:
    report = board(qa_lead)
    writing.save_report(report=report, texts={"analysis": "What the admin wrote."}, by=qa_admin, version=1)
    client.force_login(qa_lead)
    address = reverse("reports:write", args=[report.pk])
    answer = client.post(address, {"version": "1", "analysis": "What the lead wrote.", "then": "save"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "What the admin wrote." in page and "What the lead wrote." in page
    report.refresh_from_db()
    assert report.texts["analysis"] == "What the admin wrote."
    assert client.post(address, {"version": "2", "analysis": "Both.", "then": "save"}).status_code == 302
    report.refresh_from_db()
    assert (report.texts["analysis"], report.version) == ("Both.", 3)


def test_it_is_finished_only_when_something_stands_everywhere_and_then_stays(
    client: Client, october: None, qa_lead: User, team: OrgUnit
) -> None:
    report = board(qa_lead)
    with pytest.raises(ValidationError, match="Nothing stands under: Positive areas"):
        writing.save_report(report=report, texts={**FULL, "positive": " "}, by=qa_lead, version=1, finish=True)
    done = writing.save_report(report=report, texts=FULL, by=qa_lead, version=1, finish=True)
    assert done.status == WrittenStatus.FINISHED
    audit_of("inadequate", team)
    client.force_login(qa_lead)
    page = client.get(reverse("reports:written", args=[report.pk])).content.decode()
    assert "67%" in page and "50%" not in page
    with pytest.raises(ValidationError, match="finished"):
        writing.save_report(report=report, texts=FULL, by=qa_lead, version=2)
    assert client.get(reverse("reports:write", args=[report.pk])).status_code == 302


def test_a_month_that_is_not_over_has_no_report(qa_lead: User) -> None:
    with pytest.raises(ValueError, match="November 2026 is not over"):
        writing.begin_report(kind=WrittenKind.BOARD, month=date(2026, 11, 1), by=qa_lead)
    assert not WrittenReport.objects.exists()


@pytest.mark.parametrize("role", [Role.HEAD_OF_SERVICE, Role.PANEL_MEMBER, Role.READ_ONLY])
def test_only_the_qa_unit_writes(directorate: OrgUnit, qa_lead: User, role: str) -> None:
    report = board(qa_lead)
    somebody = person_as(role, directorate)
    with pytest.raises(NotAllowed):
        writing.save_report(report=report, texts=FULL, by=somebody, version=1)
    with pytest.raises(NotAllowed):
        writing.begin_report(kind=WrittenKind.PARTNERSHIP, month=OCTOBER, by=somebody)
    report.refresh_from_db()
    assert (report.version, WrittenReport.objects.count()) == (1, 1)


def test_the_browser_begins_writes_and_finishes(client: Client, october: None, qa_lead: User) -> None:
    client.force_login(qa_lead)
    begun = client.post(reverse("reports:written_list"), {"kind": "board", "month": "2026-10"})
    address = begun["Location"]
    assert "Frequency: in 3 audits of 3." in client.get(address).content.decode()
    long = client.post(address, {"version": "1", **FULL, "analysis": "x" * 8001, "then": "save"})
    assert "8,000 characters at most under: Analysis" in long.content.decode()
    client.post(address, {"version": "1", **FULL, "analysis": "<script>alert(1)</script>", "then": "finish"})
    report = WrittenReport.objects.get()
    page = client.get(reverse("reports:written", args=[report.pk])).content.decode()
    assert "Finished" in page and "<script>alert" not in page
    for form in ("docx", "pptx", "xlsx"):
        assert client.get(reverse("reports:written_file", args=[report.pk, form])).status_code == 200
    wrong = client.post(reverse("reports:written_list"), {"kind": "board", "month": "2026-11"})
    assert "Choose one of the answers shown" in wrong.content.decode()


@pytest.mark.skipif(bool(why_not()), reason="Pango is not installed, so no PDF can be made")
def test_a_pdf_of_it_is_made_by_a_job_and_opens_to_its_owner_alone(
    client: Client, october: None, qa_lead: User, qa_admin: User, team_manager: User, settings: Any, tmp_path: Path
) -> None:
    settings.EXPORTS_DIR = str(tmp_path / "exports")
    report = board(qa_lead)
    writing.save_report(report=report, texts=FULL, by=qa_lead, version=1, finish=True)
    address = reverse("reports:written_pdf", args=[report.pk])
    client.force_login(team_manager)
    assert client.post(address).status_code == 404
    assert not ExportFile.objects.exists()
    client.force_login(qa_lead)
    assert "Make a PDF" in client.get(reverse("reports:written", args=[report.pk])).content.decode()
    client.post(address)
    run_due()
    export = ExportFile.objects.get()
    file = reverse("jobs:export_file", args=[export.pk])
    read = read_pdf(b"".join(client.get(file).streaming_content))  # type: ignore[attr-defined]  # a file
    assert "Something about analysis." in read.text and "Total 3 67%" in read.text
    client.force_login(qa_admin)
    assert client.get(file).status_code == 404


def test_words_that_lead_to_a_person_are_asked_about(client: Client, qa_lead: User) -> None:
    report = board(qa_lead)
    with pytest.raises(LeadsToSomebody):
        writing.save_report(report=report, texts={"analysis": "Ring 01632 960123."}, by=qa_lead, version=1)
    report.refresh_from_db()
    assert report.version == 1
    client.force_login(qa_lead)
    address = reverse("reports:write", args=[report.pk])
    asked = client.post(address, {"version": "1", "analysis": "Ring 01632 960123.", "then": "save"}).content.decode()
    (name,) = set(re.findall(r'name="(keep-[0-9a-f]+)"', asked))
    sent = {"version": "1", "analysis": "Ring 01632 960123.", "then": "save", name: "The duty desk's public number."}
    assert client.post(address, sent).status_code == 302
    report.refresh_from_db()
    assert report.texts["analysis"] == "Ring 01632 960123."


def test_two_returns_of_a_year_leave_no_small_number_of_families_between_them(
    team: OrgUnit, other_team: OrgUnit
) -> None:
    def audited(month: int, where: OrgUnit, number: int) -> None:
        for _ in range(number):
            audit = graded_audit("good", case=CaseFactory(team=where), month=date(2026, month, 1))
            tallies.move(before=Counter(), after=tallies.contribution(audit=audit))
            Conversation.objects.create(audit=audit, with_whom="child", outcome="done")

    def told(month: int) -> list[object]:
        first, last = period_of(WrittenKind.PARTNERSHIP, date(2026, month, 1))
        return figures_of(kind=WrittenKind.PARTNERSHIP, first=first, last=last)["families"]["rows"][-1][1:]

    for month, here, there in ((4, 6, 5), (5, 5, 3), (6, 6, 2)):
        audited(month, team, here)
        audited(month, other_team, there)
        draft = freezing.draft_month(month=date(2026, month, 1), by=SYSTEM)
        assert draft
        freezing.publish_month(month=draft.month, by=SYSTEM, checksum=draft.checksum)
    assert told(4) == [11, 11, 100]
    assert told(5) == ["withheld"] * 3  # 3 more of the other team's
    assert told(6) == [27, 27, 100]


def test_the_return_to_the_partnership_holds_no_small_number(
    client: Client, team: OrgUnit, other_team: OrgUnit, qa_lead: User
) -> None:
    """It leaves the department: grades as published, no count of 1 to 4, and none that gives one away."""
    april = date(2026, 4, 1)
    theme = Theme.objects.create(name="Frequency", parent=Theme.objects.create(name="Supervision"))
    for grade, where in [("good", team)] * 9 + [("inadequate", team)] * 2 + [("good", other_team)] * 6:
        audit = graded_audit(grade, case=CaseFactory(team=where), month=april)
        tallies.move(before=Counter(), after=tallies.contribution(audit=audit))
        if grade == "inadequate":
            Finding.objects.create(
                audit=audit, audit_section=audit.sections.first(), kind=FindingKind.DEVELOPMENT, text="Words"
            ).themes.add(theme)
            Conversation.objects.create(audit=audit, with_whom="child", outcome="done")
    draft = freezing.draft_month(month=april, by=SYSTEM)
    assert draft
    freezing.publish_month(month=april, by=SYSTEM, checksum=draft.checksum)
    report = writing.begin_report(kind=WrittenKind.PARTNERSHIP, month=april, by=qa_lead)
    assert "15 of 17" not in report.texts["statistics"]  # 17 - 15 = 2
    assert (report.texts["development"], report.texts["families"]) == ("", "")
    tables = figures_of(kind=report.kind, first=report.first, last=report.last)
    cells = [cell for table in tables.values() for row in table["rows"] for cell in row[1:]]
    assert set(tables) == {"statistics", "families"}  # no theme is in five audits
    assert 17 in cells and "withheld" in cells
    assert not {1, 2, 3, 4, 15} & {cell for cell in cells if isinstance(cell, int)}
    client.force_login(qa_lead)
    assert "small numbers are withheld" in client.get(reverse("reports:written", args=[report.pk])).content.decode()
