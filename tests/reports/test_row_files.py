"""Rows behind the figures: those that a person may see, with the grades that they may see, and nothing that runs."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Membership, OrgUnit, User
from audits.choices import AuditStatus, FindingKind
from audits.models import Audit, Finding
from cases.models import Case
from core.history.models import AccessEvent, Event, EventContent
from core.jobs.choices import ExportStatus
from core.jobs.models import ExportFile
from core.jobs.services import run_due
from core.spreadsheets import read_workbook
from reports.models import PublishedCounts
from tests.core.test_documents import FORMULA_STARTS
from tests.factories.actions import ActionFactory
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

REASON = "For the improvement board of May"
NOVEMBER = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr("reports.views.files.timezone.localdate", lambda: NOVEMBER)
    settings.EXPORTS_DIR = str(tmp_path / "exports")


def ask(client: Client, **fields: str) -> Any:
    data = {
        "dataset": "audits", "month_from": "2026-10", "month_to": "2026-10", "edition": "internal", "form": "csv",
        "reason": REASON, **fields,
    }  # fmt: skip
    return client.post(reverse("reports:rows"), data)


def read(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer
    assert answer.headers["Content-Disposition"].startswith("attachment"), answer.content.decode()
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def changed_audit(team: OrgUnit, **fields: Any) -> Audit:
    """An audit whose grade moderation has changed from good to inadequate."""
    audit = graded_audit("inadequate", case=CaseFactory(team=team), rationale="What was found.", **fields)
    Audit.objects.filter(pk=audit.pk).update(auditor_grade="good")
    audit.sections.update(grade="good", settled_grade="inadequate", reason="A reason.")
    return audit


def test_the_qa_unit_gets_both_grades_status_texts_and_its_mark(client: Client, qa_lead: User, team: OrgUnit) -> None:
    audit = changed_audit(team)
    client.force_login(qa_lead)
    (row,) = read(ask(client))
    assert (row["Audit"], row["Case"]) == (audit.reference, audit.case.reference)  # type: ignore[union-attr]
    assert (row["Auditor's grade"], row["Grade"], row["Status"]) == ("Good", "Inadequate", "Feedback issued")
    assert row["Rationale"] == "What was found."
    assert row["Marking"].startswith("OFFICIAL-SENSITIVE. For the QA unit and senior managers. Taken out by Quinn")
    assert row["Marking"].endswith(f"Reason: {REASON}")
    sections = read(ask(client, dataset="sections"))
    assert {(each["Auditor's grade"], each["Grade"]) for each in sections if each["Graded"] == "yes"} == {
        ("Good", "Inadequate")
    }


@pytest.mark.parametrize("role", [Role.TEAM_MANAGER, Role.SERVICE_LEAD])
def test_the_line_below_gets_the_settled_grade_and_no_auditor(
    client: Client, team_manager: User, team: OrgUnit, other_team: OrgUnit, role: str
) -> None:
    Membership.objects.filter(user=team_manager).update(role=role)
    own = changed_audit(team)
    Audit.objects.filter(pk=own.pk).update(auditor=None, auditor_name="Example Auditor")
    changed_audit(other_team)
    changed_audit(team, status=AuditStatus.SETTLED)
    client.force_login(team_manager)
    (row,) = read(ask(client))
    assert row["Audit"] == own.reference
    assert (row["Auditor's grade"], row["Grade"], row["Auditor"]) == ("", "Inadequate", "")
    assert {each["Auditor's grade"] for each in read(ask(client, dataset="sections"))} == {""}


def test_nothing_of_a_draft_but_that_it_is_there(client: Client, qa_lead: User, team: OrgUnit) -> None:
    graded_audit("good", case=CaseFactory(team=team), status=AuditStatus.IN_PROGRESS, rationale="Half a sentence")
    client.force_login(qa_lead)
    (row,) = read(ask(client))
    assert (row["Status"], row["Auditor's grade"], row["Grade"], row["Rationale"]) == ("In progress", "", "", "")
    assert read(ask(client, dataset="sections")) == []


def test_a_restricted_case_is_in_no_file(client: Client, qa_lead: User, team: OrgUnit) -> None:
    audit = changed_audit(team)
    Finding.objects.create(audit=audit, audit_section=audit.sections.all()[0], kind=FindingKind.STRENGTH, text="Seen.")
    ActionFactory(case=audit.case)
    Case.objects.update(restricted=True)
    client.force_login(qa_lead)
    for dataset in ("audits", "sections", "findings"):
        assert read(ask(client, dataset=dataset)) == []
    assert not AccessEvent.objects.exists()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_hostile_text_runs_in_no_column(client: Client, qa_lead: User, team: OrgUnit, form: str) -> None:
    for start in FORMULA_STARTS:
        audit = changed_audit(team)
        Audit.objects.filter(pk=audit.pk).update(
            rationale=start, working_well=start, worries=start, next_steps=start, audit_type=start
        )
        Finding.objects.create(
            audit=audit, audit_section=audit.sections.all()[0], kind=FindingKind.STRENGTH, text=start,
            evidence_document=start,
        )  # fmt: skip
        audit.sections.update(reason=start)
    client.force_login(qa_lead)
    for dataset in ("audits", "sections", "findings"):
        answer = ask(client, dataset=dataset, form=form, reason="=HYPERLINK(1)")
        if form == "xlsx":
            with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
                for name in parts.namelist():
                    assert b"<f>" not in parts.read(name)
                    assert b"<f " not in parts.read(name)
            assert len(read_workbook(answer.content)[0].rows) >= 13
            continue
        for row in read(answer):
            for cell in row.values():
                assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


def test_each_child_in_a_file_is_written_down_with_the_reason_and_the_number_of_rows(
    client: Client, qa_lead: User, team: OrgUnit
) -> None:
    audits = [changed_audit(team), changed_audit(team)]
    client.force_login(qa_lead)
    ask(client)
    event = AccessEvent.objects.get()
    assert event.purpose == "export"
    assert {line.object_id for line in event.lines.all()} == {audit.pk for audit in audits}
    told = EventContent.objects.get(event__verb="exported")
    assert (told.why, told.values["rows"], told.values["report"]) == (REASON, 2, "audits-2026-10-to-2026-10.csv")


def test_a_long_list_is_made_in_the_background(
    client: Client, qa_lead: User, team: OrgUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    audits = [changed_audit(team), changed_audit(team)]
    monkeypatch.setattr("reports.views.files.AT_ONCE", 1)
    client.force_login(qa_lead)
    answer = ask(client)
    export = ExportFile.objects.get()
    assert answer.headers["Location"] == reverse("jobs:export", args=[export.pk])
    assert not AccessEvent.objects.exists()
    run_due()
    fetched = client.get(reverse("jobs:export_file", args=[export.pk]))
    rows = list(csv.DictReader(io.StringIO(b"".join(fetched.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert {row["Audit"] for row in rows} == {audit.reference for audit in audits}
    assert {line.object_id for line in AccessEvent.objects.get().lines.all()} == {audit.pk for audit in audits}


def test_a_case_restricted_since_the_file_was_made_takes_the_file_away(
    client: Client, qa_lead: User, team: OrgUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_audit(team)
    monkeypatch.setattr("reports.views.files.AT_ONCE", 0)
    client.force_login(qa_lead)
    ask(client)
    run_due()
    export = ExportFile.objects.get()
    Case.objects.update(restricted=True)
    assert client.get(reverse("jobs:export_file", args=[export.pk])).status_code == 409
    export.refresh_from_db()
    assert (export.status, export.records) == (ExportStatus.WITHDRAWN, [])
    assert not AccessEvent.objects.exists()


def test_actions_come_with_their_case(client: Client, qa_lead: User) -> None:
    action = ActionFactory(case=CaseFactory())
    month = f"{action.created_at:%Y-%m}"
    client.force_login(qa_lead)
    (row,) = read(ask(client, dataset="actions", month_from=month, month_to=month))
    assert (row["Action"], row["Case"]) == (action.reference, action.case.reference)
    assert {line.object_id for line in AccessEvent.objects.get().lines.all()} == {action.case_id}


# To publish


def publish(client: Client, dataset: str = "audits", **fields: str) -> Any:
    quarter = {"month_from": "2026-07", "month_to": "2026-09", **fields}
    return ask(client, dataset=dataset, edition="public", **quarter)


def test_what_is_published_has_no_small_number_no_team_no_reference_and_no_text(
    client: Client, qa_lead: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    september = date(2026, 9, 1)
    for grade in (*["good"] * 9, "inadequate", "inadequate"):
        audit = graded_audit(grade, case=CaseFactory(team=team), month=september, rationale="Sensitive words")
        audit.sections.update(grade=grade, settled_grade=grade)
    for _ in range(6):
        graded_audit("good", case=CaseFactory(team=other_team), month=september).sections.update(settled_grade="good")
    graded_audit("inadequate", case=CaseFactory(team=team), month=september, status=AuditStatus.SUBMITTED)
    client.force_login(qa_lead)
    told = ""
    for dataset in ("audits", "sections", "findings", "actions"):
        told += publish(client, dataset).content.decode("utf-8-sig")
    for word in ("Sensitive", "Heron", "Kestrel", *Audit.objects.values_list("reference", flat=True)):
        assert word not in told
    rows = read(publish(client, "sections"))
    for row in rows:
        assert row["Inadequate"] == "withheld"
        assert "withheld" in (row["Good or outstanding"], row["Requires improvement"], row["Total"])
    assert not AccessEvent.objects.exists()


def test_what_was_published_of_a_quarter_is_what_everybody_gets_who_asks_again(
    client: Client, qa_lead: User, team: OrgUnit
) -> None:
    """A second set of counts, less the first, would be the few audits that moved between."""
    september = date(2026, 9, 1)
    audits = [graded_audit("good", case=CaseFactory(team=team), month=september) for _ in range(12)]
    for audit in audits:
        audit.sections.update(grade="good", settled_grade="good")
    client.force_login(qa_lead)
    first = read(publish(client, "sections"))
    assert first[0]["Good or outstanding"] == "12"
    audits[0].sections.update(settled_grade="inadequate")
    graded_audit("good", case=CaseFactory(team=team), month=september).sections.update(settled_grade="good")
    assert read(publish(client, "sections")) == first
    assert PublishedCounts.objects.count() == 1
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PublishedCounts.objects.update(table={})


@pytest.mark.parametrize(
    ("months", "sentence"),
    [
        (("2026-08", "2026-09"), "Choose a whole quarter"),
        (("2026-04", "2026-09"), "Choose a whole quarter"),
        (("2026-10", "2026-10"), "Choose a whole quarter"),
    ],
)
def test_only_whole_quarters_that_are_over_are_published(
    client: Client, qa_lead: User, months: tuple[str, str], sentence: str
) -> None:
    client.force_login(qa_lead)
    answer = publish(client, month_from=months[0], month_to=months[1])
    assert sentence in answer.content.decode()
    assert not Event.objects.filter(verb="exported").exists()


def test_a_manager_cannot_publish(client: Client, head_of_service: User) -> None:
    client.force_login(head_of_service)
    page = client.get(reverse("reports:rows")).content.decode()
    assert "To publish" not in page
    text = publish(client).content.decode("utf-8-sig")
    assert text.startswith("Audit,Case,")  # what was sent besides is not asked of a manager: their own rows


def test_without_a_reason_there_is_no_file(client: Client, qa_lead: User) -> None:
    client.force_login(qa_lead)
    for reason in ("", "short"):
        answer = ask(client, reason=reason)
        assert "what you need it for" in answer.content.decode()
    assert not Event.objects.filter(verb="exported").exists()


def test_whoever_reads_figures_alone_gets_no_rows(
    client: Client, read_only: User, panel_member: User, principal_social_worker: User, auditor: User
) -> None:
    for person in (read_only, panel_member, principal_social_worker, auditor):
        client.force_login(person)
        assert client.get(reverse("reports:rows")).status_code == 403
        assert ask(client).status_code == 403
    assert not Event.objects.filter(verb="exported").exists()
