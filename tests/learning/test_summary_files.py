"""The panel's summary as Word, slides, workbook and PDF: the figures and lists of the stored version."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document as read_docx

from accounts.models import OrgUnit, User
from core.documents.pdf import why_not
from core.jobs.models import ExportFile
from core.jobs.services import run_due
from core.spreadsheets import read_workbook
from learning.models import PanelSummary
from learning.services.summaries import live_content
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory
from tests.factories.pdf_files import read_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.EXPORTS_DIR = str(tmp_path / "exports")


@pytest.fixture
def summary(team: OrgUnit) -> PanelSummary:
    from audits.services.tallies import rebuild

    for grade in ("good", "good", "inadequate"):
        graded_audit(grade, case=CaseFactory(team=team), month=date(2026, 10, 1))
    rebuild()
    content = live_content(month=date(2026, 10, 1))
    return PanelSummary.objects.create(
        month=date(2026, 10, 1), number=1, content=content.data, checksum=content.checksum
    )


def post(client: Client, summary: PanelSummary, form: str) -> Any:
    return client.post(reverse("learning:summary_file", args=[summary.pk]), {"form": form})


def test_word_and_workbook_hold_the_figures_of_the_version(
    client: Client, panel_member: User, summary: PanelSummary
) -> None:
    client.force_login(panel_member)
    file = read_docx(io.BytesIO(post(client, summary, "docx").content))
    assert [cell.text for cell in file.tables[0].rows[1].cells] == ["October 2026", "3", "0", "2", "0", "1", "67%"]
    assert "For the Learning and Improvement Panel. Taken out by Pat Example-Member" in (
        file.sections[0].header.paragraphs[0].text
    )
    sheets = {sheet.name: sheet.rows for sheet in read_workbook(post(client, summary, "xlsx").content)}
    assert sheets["Grades this month and the month"][1] == ["October 2026", 3, 0, 2, 0, 1, 67]
    assert post(client, summary, "pptx").status_code == 200


@pytest.mark.skipif(bool(why_not()), reason="Pango is not installed, so no PDF can be made")
def test_a_pdf_is_made_in_the_background(client: Client, panel_member: User, summary: PanelSummary) -> None:
    client.force_login(panel_member)
    post(client, summary, "pdf")
    run_due()
    export = ExportFile.objects.get()
    fetched = client.get(reverse("jobs:export_file", args=[export.pk]))
    read = read_pdf(b"".join(fetched.streaming_content))  # type: ignore[attr-defined]  # a file
    assert "October 2026 3 0 2 0 1 67%" in read.text


def test_whoever_may_not_read_the_summary_gets_no_file(
    client: Client, team_manager: User, summary: PanelSummary
) -> None:
    client.force_login(team_manager)
    for form in ("pdf", "docx"):
        assert post(client, summary, form).status_code == 404
    assert not ExportFile.objects.exists()
