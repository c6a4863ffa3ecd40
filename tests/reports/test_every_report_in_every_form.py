"""Issue 5, "every figure true and the same everywhere": page, CSV, workbook, Word, slides and the page that a PDF is
printed from hold the same tables, for every report that there is; and the command counts what the reports count."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from docx import Document as read_docx
from pptx import Presentation

from accounts.models import OrgUnit, User
from actions.choices import ActionStatus
from audits.choices import FindingKind
from audits.models import Clock, Conversation, Finding, Moderation, Theme
from audits.services import tallies
from core.documents import Document, Table
from core.documents.page import whole_page
from core.spreadsheets import read_workbook
from reports.choices import WrittenKind
from reports.selectors.standard import REPORTS
from reports.services import standard, writing, written
from tests.factories.actions import ActionFactory
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory
from tests.reports.test_figures import Tables

pytestmark = pytest.mark.django_db
OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
ASKED = {"period": "months", "month_from": "2026-09", "month_to": "2026-10"}
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
Read = Callable[[Client, str], bytes]


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("views.standard", "services.standard", "views.writing", "services.writing", "selectors.written"):
        monkeypatch.setattr(f"reports.{module}.timezone.localdate", lambda: date(2026, 11, 20))


@pytest.fixture
def autumn(team: OrgUnit, other_team: OrgUnit, qa_lead: User, moderator: User) -> None:
    """Something of everything that a report counts."""
    theme = Theme.objects.create(name="Frequency", parent=Theme.objects.create(name="Supervision"))
    first = None
    for place, (grade, month, where) in enumerate(
        [("good", OCTOBER, team), ("inadequate", OCTOBER, team), ("outstanding", SEPTEMBER, team),
         ("requires_improvement", OCTOBER, other_team), ("good", SEPTEMBER, other_team)]
    ):  # fmt: skip
        again = {"first_audit": first} if place == 1 else {}
        audit = graded_audit(
            grade, case=CaseFactory(team=where), month=month, age_band="5_9", due_on=month.replace(day=20), **again
        )
        first = first or audit
        audit.sections.update(grade=grade, settled_grade=grade)
        finding = Finding.objects.create(
            audit=audit, audit_section=audit.sections.first(), kind=FindingKind.DEVELOPMENT, text="Words"
        )
        finding.themes.add(theme)
        Clock.objects.create(
            audit=audit, kind="response", state="met", started_on=month, days=10, due_on=month.replace(day=20),
            first_due_on=month.replace(day=20), ended_at=datetime(2026, month.month, 15, tzinfo=UTC),
        )  # fmt: skip
        Conversation.objects.create(audit=audit, with_whom="child", outcome="done")
        Moderation.objects.create(
            audit=audit, draw=5, moderator=moderator, status="done", outcome="agreed", grade_before=grade,
            grade_after=grade, decided_at=datetime(2026, month.month, 14, tzinfo=UTC),
        )  # fmt: skip
        tallies.move(before=Counter(), after=tallies.contribution(audit=audit))
    ActionFactory(service=team.parent, status=ActionStatus.OPEN, due_on=date(2026, 10, 9))


def printed(document: Document) -> list[list[list[str]]]:
    """Every table of a document as its readers see it: its header row, then its rows."""
    return [
        [
            [column.title for column in table.columns],
            *([column.printed(cell) for column, cell in zip(table.columns, row, strict=True)] for row in table.rows),
        ]
        for table in document.tables
    ]


def same(value: object, text: object) -> bool:
    """Whether a cell that was read back is this value: as the same number, or as the same words."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(str(text)) == pytest.approx(float(value))
    return str(text or "").lstrip("'") == str("" if value is None else value).lstrip("'")


def assert_cells(table: Table, rows: list[list[Any]]) -> None:
    assert [str(cell) for cell in rows[0]] == [column.title for column in table.columns]
    for wanted, got in zip(table.rows, rows[1:], strict=True):
        padded = [*got, *[""] * (len(wanted) - len(got))]
        assert all(same(value, cell) for value, cell in zip(wanted, padded, strict=True)), (wanted, got)


def assert_everywhere_the_same(document: Document, page: str, read: Callable[[str], bytes], forms: str) -> None:
    tables = printed(document)
    flat = [row for table in tables for row in table]
    assert flat, "nothing to compare"
    assert Tables(page).rows == flat
    assert Tables(whole_page(document)).rows == flat  # what a PDF is printed from
    if "csv" in forms:
        rows = list(csv.reader(io.StringIO(read("csv").decode("utf-8-sig"))))
        assert {len(row) for row in rows} == {len(document.tables[0].columns)}  # pandas reads it as it is
        assert_cells(document.tables[0], rows)
    sheets = read_workbook(read("xlsx"))
    for table, sheet in zip(document.tables, sheets, strict=False):
        assert_cells(table, [list(row) for row in sheet.rows if any(cell not in (None, "") for cell in row)])
    words = read_docx(io.BytesIO(read("docx")))
    assert [[[cell.text for cell in row.cells] for row in table.rows] for table in words.tables] == tables
    slides = [
        [cell.text for cell in row.cells]
        for page in Presentation(io.BytesIO(read("pptx"))).slides
        for shape in page.shapes
        if shape.has_table
        for row in shape.table.rows
    ]
    assert [row for row in slides if row in flat] == slides
    assert all(row in slides for row in flat)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_standard_report(client: Client, qa_lead: User, autumn: None, report: Any) -> None:
    client.force_login(qa_lead)
    made = standard.make_report(by=qa_lead, key=report.key, first=SEPTEMBER, last=OCTOBER)
    assert_everywhere_the_same(
        standard.document_of(made=made, by=qa_lead, at=AT),
        client.get(reverse("reports:standard", args=[report.key]), ASKED).content.decode(),
        lambda form: client.get(reverse("reports:standard_file", args=[report.key, form]), ASKED).content,
        "csv xlsx docx pptx",
    )


@pytest.mark.parametrize("kind", list(WrittenKind))
def test_a_written_report(client: Client, qa_lead: User, autumn: None, kind: str) -> None:
    client.force_login(qa_lead)
    report = writing.begin_report(kind=kind, month=OCTOBER, by=qa_lead)
    assert_everywhere_the_same(
        written.document_of(report=report, by=qa_lead, at=AT),
        client.get(reverse("reports:written", args=[report.pk])).content.decode(),
        lambda form: client.get(reverse("reports:written_file", args=[report.pk, form])).content,
        "xlsx docx pptx",
    )


def test_the_command_counts_what_the_reports_count(qa_lead: User, autumn: None) -> None:
    out = io.StringIO()
    asked = ("--from", "2026-09", "--to", "2026-10", "--by", "service", "--format", "json")
    call_command("grade_table", *asked, stdout=out)
    told = json.loads(out.getvalue())
    wanted = {row["key"]: row["audited"] for row in told["rows"]} | {"Total": told["total"]["audited"]}
    assert wanted["Total"] == 5
    for key, caption in (("monthly", "Grades by service"), ("thematic", "Grades by service")):
        made = standard.make_report(by=qa_lead, key=key, first=SEPTEMBER, last=OCTOBER)
        document = standard.document_of(made=made, by=qa_lead, at=AT)
        table = next(each for each in document.tables if each.columns[0].title == "Service")
        assert {row[0]: row[1] for row in table.rows} == wanted, caption
