"""The grade table and the breakdown as PDF, Word and slides: read back, they say what the command's JSON says."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from docx import Document as read_docx
from pptx import Presentation

from accounts.models import Membership, OrgUnit, User
from audits.choices import Grade
from audits.services import tallies
from core.documents import pdf as pdf_writer
from core.documents.pdf import why_not
from core.history.models import EventContent
from core.jobs.choices import ExportStatus
from core.jobs.models import ExportFile
from core.jobs.services import run_due
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory
from tests.factories.pdf_files import read_pdf

pytestmark = pytest.mark.django_db

ASKED = "period=months&month_from=2026-08&month_to=2026-10"
needs_pango = pytest.mark.skipif(bool(why_not()), reason="Pango is not installed, so no PDF can be made")


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    for place in ("reports.views.figures", "reports.views.files"):
        monkeypatch.setattr(f"{place}.timezone.localdate", lambda: date(2026, 11, 20))
    settings.EXPORTS_DIR = str(tmp_path / "exports")


def count(*grades: str, team: OrgUnit, month: date = date(2026, 10, 1), **fields: Any) -> None:
    for grade in grades:
        audit = graded_audit(grade, case=CaseFactory(team=team), month=month, **fields)
        tallies.move(before=Counter(), after=tallies.contribution(audit=audit))


@pytest.fixture
def some_audits(team: OrgUnit, other_team: OrgUnit) -> None:
    count("outstanding", *["good"] * 15, *["requires_improvement"] * 4, *["inadequate"] * 3, team=team)
    count("good", "requires_improvement", "inadequate", team=team, month=date(2026, 8, 1))
    count("good", team=other_team)


def post(client: Client, form: str, *, by: str = "month", asked: str = ASKED) -> Any:
    return client.post(f"{reverse('reports:make_figures')}?{asked}&by={by}", {"form": form})


def told() -> list[list[str]]:
    """The rows of the councils' table, from the command's JSON."""
    out = io.StringIO()
    call_command("grade_table", "--from", "2026-08", "--to", "2026-10", "--format", "json", stdout=out)
    held = json.loads(out.getvalue())
    columns = [*held["rows"], held["total"]]

    def row(name: str, value: Any) -> list[str]:
        return [name, *("-" if each["percent"] is None else value(each) for each in columns)]

    return [
        ["Cases audited", *(f"{each['audited']:,}" for each in columns)],
        row("% good or outstanding", lambda each: f"{each['percent']['good_or_outstanding']}%"),
        row("% requires improvement", lambda each: f"{each['percent']['requires_improvement']}%"),
        row("% inadequate", lambda each: f"{each['percent']['inadequate']}%"),
        row("Likely between", lambda each: "{}% to {}%".format(*each["interval"])),
        *(row(grade.label, lambda each, grade=grade: f"{each[grade.value]:,}") for grade in Grade),
    ]


def test_word_says_what_the_command_says(client: Client, qa_lead: User, some_audits: None) -> None:
    client.force_login(qa_lead)
    answer = post(client, "docx")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="grade-table-2026-08-to-2026-10.docx"'
    file = read_docx(io.BytesIO(answer.content))
    rows = {cells[0]: cells for table in file.tables for line in table.rows for cells in [[c.text for c in line.cells]]}
    assert rows["Measure"] == ["Measure", "Aug 2026", "Sep 2026", "Oct 2026", "Total"]
    for expected in told():
        assert rows[expected[0]] == expected
    assert "Taken out by Quinn Example-Lead" in file.sections[0].header.paragraphs[0].text
    assert EventContent.objects.filter(values__report="grade-table-2026-08-to-2026-10.docx").count() == 1


def test_slides_say_what_the_command_says(client: Client, qa_lead: User, some_audits: None) -> None:
    client.force_login(qa_lead)
    file = Presentation(io.BytesIO(post(client, "pptx").content))
    rows = {
        cells[0]: cells
        for page in file.slides
        for shape in page.shapes
        if shape.has_table
        for line in shape.table.rows
        for cells in [[cell.text for cell in line.cells]]
    }
    for expected in told():
        assert rows[expected[0]] == expected


@needs_pango
def test_a_pdf_is_made_in_the_background_and_says_what_the_command_says(
    client: Client, qa_lead: User, some_audits: None
) -> None:
    client.force_login(qa_lead)
    answer = post(client, "pdf")
    export = ExportFile.objects.get()
    assert answer.headers["Location"] == reverse("jobs:export", args=[export.pk])
    run_due()
    fetched = client.get(reverse("jobs:export_file", args=[export.pk]))
    assert fetched.headers["Content-Type"] == "application/pdf"
    read = read_pdf(b"".join(fetched.streaming_content))  # type: ignore[attr-defined]  # a file
    for expected in told():
        assert " ".join(expected) in read.text, expected
    assert read.alts[0].startswith("Good or outstanding by month Target 70%. Aug 2026 33% (n=3); Sep 2026 -; Oct 2026")


def test_a_breakdown_prints_the_lines_of_its_page(client: Client, qa_lead: User, some_audits: None) -> None:
    client.force_login(qa_lead)
    file = read_docx(io.BytesIO(post(client, "docx", by="team").content))
    lines = [[cell.text for cell in line.cells] for line in file.tables[0].rows]
    assert [line[:3] for line in lines] == [
        ["Team", "Audited", "% good or outstanding"],
        ["Heron", "26", "65%"],
        ["Kestrel", "1 (small number)", "100%"],
        ["Total", "27", "67%"],
    ]
    assert len(file.inline_shapes) == 1


def test_whoever_reads_outside_gets_the_public_version_whatever_cut_they_ask_for(
    client: Client, read_only: User, some_audits: None
) -> None:
    client.force_login(read_only)
    file = read_docx(io.BytesIO(post(client, "docx", by="team").content))
    assert [table.rows[0].cells[0].text for table in file.tables] == ["Service"]
    told = " ".join(cell.text for line in file.tables[0].rows for cell in line.cells)
    assert "Heron" not in told
    assert "Kestrel" not in told
    assert any("Published months alone" in paragraph.text for paragraph in file.paragraphs)
    assert not file.inline_shapes


def test_a_head_of_service_gets_their_own_services_alone(
    client: Client, head_of_service: User, some_audits: None
) -> None:
    client.force_login(head_of_service)
    file = read_docx(io.BytesIO(post(client, "docx", by="team").content))
    assert "Kestrel" not in " ".join(cell.text for table in file.tables for line in table.rows for cell in line.cells)


@needs_pango
def test_a_file_asked_for_before_a_role_ended_is_withdrawn(
    client: Client, head_of_service: User, some_audits: None
) -> None:
    client.force_login(head_of_service)
    post(client, "pdf")
    run_due()
    export = ExportFile.objects.get()
    assert export.status == ExportStatus.READY
    Membership.objects.filter(user=head_of_service).update(ends_on=date(2026, 1, 1))
    assert client.get(reverse("jobs:export_file", args=[export.pk])).status_code == 409
    export.refresh_from_db()
    assert export.status == ExportStatus.WITHDRAWN


def test_those_without_figures_get_no_file(client: Client, practitioner: User, auditor: User) -> None:
    for person in (practitioner, auditor):
        client.force_login(person)
        for form in ("pdf", "docx", "pptx"):
            assert post(client, form).status_code == 403
    assert not ExportFile.objects.exists()


def test_without_pango_the_page_and_the_button_say_so(
    client: Client, qa_lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_writer, "LIBRARIES", ("libnothing-of-the-kind.so.0",))
    client.force_login(qa_lead)
    page = client.get(reverse("reports:monthly")).content.decode()
    assert "Pango library is not installed" in page
    assert "Make a PDF" not in page
    answer = post(client, "pdf")
    assert answer.status_code == 302
    assert not ExportFile.objects.exists()
    assert "Pango library is not installed" in client.get(answer.headers["Location"]).content.decode()


def test_sixty_months_are_cut_into_tables_that_fit(client: Client, qa_lead: User, some_audits: None) -> None:
    client.force_login(qa_lead)
    asked = "period=months&month_from=2022-01&month_to=2026-10"
    file = read_docx(io.BytesIO(post(client, "docx", asked=asked.replace("2022-01", "2025-01")).content))
    assert [len(table.columns) for table in file.tables] == [14, 11]


def test_a_kind_of_file_that_is_not_offered_is_not_found(client: Client, qa_lead: User) -> None:
    client.force_login(qa_lead)
    assert post(client, "exe").status_code == 404
