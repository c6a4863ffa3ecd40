"""The import pages: give a file, see what it would change, apply it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import OrgUnit, User
from cases.models import Case
from core.jobs.choices import ImportStatus, JobStatus
from core.jobs.models import FileImport, Job
from core.jobs.services import run_due
from tests.cases.importing import bring, table_counts
from tests.factories.accounts import give_role
from tests.factories.case_files import annex_a, carried, caseload, in_need

pytestmark = pytest.mark.django_db
GIVE = "/jobs/imports/new/cases/"


@pytest.fixture
def admin(client: Client, qa_admin: User) -> Client:
    client.force_login(qa_admin)
    return client


def give(client: Client, data: bytes, name: str = "extract.xlsx", **fields: Any) -> Any:
    form = {
        "as_at_day": "4",
        "as_at_month": "3",
        "as_at_year": "2026",
        "file": SimpleUploadedFile(name, data),
        **fields,
    }
    return client.post(GIVE, form)


def read(client: Client, data: bytes, **fields: Any) -> FileImport:
    """Give a file and let the job read it."""
    answer = give(client, data, **fields)
    assert answer.status_code == 302, answer.context["form"].errors
    run_due()
    return FileImport.objects.order_by("-given_at").first()  # type: ignore[return-value]  # one was just made


def page(client: Client, given: FileImport) -> str:
    return client.get(reverse("jobs:import", args=[given.pk])).content.decode()


def apply(client: Client, given: FileImport, **fields: Any) -> Any:
    return client.post(reverse("jobs:apply_import", args=[given.pk]), fields)


def test_from_the_file_to_the_cases(admin: Client, qa_admin: User) -> None:
    assert "No files yet" in admin.get("/jobs/imports/").content.decode()
    answer = give(admin, annex_a(in_need("A1"), in_need("A2", started="02/13/2021")), create_units="on")
    waiting = admin.get(answer["Location"]).content.decode()
    assert "Reading the file" in waiting
    assert '<meta http-equiv="refresh"' in waiting
    assert not Case.objects.exists()

    run_due()
    preview = admin.get(answer["Location"]).content.decode()
    assert "Check before applying" in preview
    assert "http-equiv" not in preview
    assert "02/13/2021" in preview
    assert "CIN Start Date" in preview
    assert not Case.objects.exists()
    given = FileImport.objects.get()
    assert given.counts["new"] == 1
    assert given.counts["rejected"] == 1

    apply(admin, given)
    assert "Applying the file" in page(admin, given)
    run_due()
    assert "The file was applied" in page(admin, given)
    assert Case.objects.get().reference == "A1"
    given.refresh_from_db()
    assert given.status == ImportStatus.APPLIED
    assert bytes(given.content) == b""
    assert given.sha256
    assert Job.objects.get(kind="apply_import").status == JobStatus.DONE
    assert "extract.xlsx" in admin.get("/jobs/imports/").content.decode()


def test_the_same_file_again_says_when_it_was_applied(admin: Client, team: OrgUnit) -> None:
    data = annex_a(in_need("A1"))
    apply(admin, read(admin, data))
    run_due()
    before = {name: count for name, count in table_counts().items() if name.startswith("cases.")}
    again = read(admin, data)
    text = page(admin, again)
    assert "This very file was applied on" in text
    assert "Applying it again changes nothing" in text
    apply(admin, again)
    run_due()
    assert {name: count for name, count in table_counts().items() if name.startswith("cases.")} == before


def test_the_number_has_to_be_typed_where_many_cases_would_close(admin: Client, team: OrgUnit) -> None:
    rows = [in_need(f"A{n}") for n in range(4)]
    bring(annex_a(*rows))
    given = read(admin, annex_a(*rows[:2]), as_at_month="4")
    assert "This file would close 2 of 4 open cases" in page(admin, given)
    for typed in ("", "3", "two"):
        answer = apply(admin, given, confirm=typed)
        assert answer.status_code == 200
        assert "There is a problem" in answer.content.decode()
        assert "<title>Error: " in answer.content.decode()
    run_due()
    assert not Case.objects.exclude(closed_on=None).exists()
    assert apply(admin, given, confirm="2").status_code == 302
    run_due()
    assert Case.objects.exclude(closed_on=None).count() == 2


def test_what_has_changed_since_the_look_is_shown_again(admin: Client, team: OrgUnit) -> None:
    """Between look and apply another file came in, so that this one would now close half of the cases."""
    given = read(admin, annex_a(in_need("A1"), in_need("A2")), as_at_month="4")
    apply(admin, given)
    bring(annex_a(*(in_need(f"A{n}") for n in range(4))))
    run_due()
    given.refresh_from_db()
    assert given.status == ImportStatus.PREVIEWED
    assert given.counts["confirm"] == 2
    assert "Type 2 to confirm" in page(admin, given)
    assert not Case.objects.exclude(closed_on=None).exists()


def test_a_file_that_is_no_spreadsheet_is_refused_beside_its_field(admin: Client) -> None:
    answer = give(admin, b"%PDF-1.7 report", name="report.pdf", create_units="on")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error: " in text
    assert "The file is not a spreadsheet that can be read" in text
    assert 'href="#id_file"' in text
    assert 'value="2026"' in text
    assert re.search(r'name="create_units"[^>]*checked', text)
    assert not FileImport.objects.exists()


def test_a_large_file_that_is_no_spreadsheet_is_refused_by_the_job(admin: Client) -> None:
    given = read(admin, b"%PDF-1.7 report " * 40_000)
    assert given.status == ImportStatus.UNREADABLE
    assert bytes(given.content) == b""
    text = page(admin, given)
    assert "The file could not be read" in text
    assert "not a spreadsheet" in text


@override_settings(IMPORT_MAX_BYTES=1024 * 1024)
def test_a_file_that_is_too_large_is_refused(admin: Client) -> None:
    answer = give(admin, b"x" * (1024 * 1024 + 1))
    assert "The file must be 1 MB or smaller" in answer.content.decode()


def test_what_is_missing_is_asked_for(admin: Client) -> None:
    text = admin.post(GIVE, {"as_at_day": "31", "as_at_month": "2", "as_at_year": "2026"}).content.decode()
    assert "Choose the file" in text
    assert "must be a real date" in text
    text = give(admin, annex_a(in_need("A1")), as_at_year="2999").content.decode()
    assert "must be on or before" in text
    assert not FileImport.objects.exists()


def test_a_file_without_a_row_to_take_cannot_be_applied(admin: Client, team: OrgUnit) -> None:
    given = read(admin, annex_a(in_need("")))
    text = page(admin, given)
    assert "nothing to apply" in text
    assert "/apply/" not in text
    assert apply(admin, given).status_code == 409


def test_a_discarded_file_is_gone_and_cannot_be_applied(admin: Client, team: OrgUnit) -> None:
    given = read(admin, annex_a(in_need("A1")))
    admin.post(reverse("jobs:discard_import", args=[given.pk]))
    given.refresh_from_db()
    assert (given.status, bytes(given.content)) == (ImportStatus.DISCARDED, b"")
    assert apply(admin, given).status_code == 409
    assert admin.post(reverse("jobs:discard_import", args=[given.pk])).status_code == 409
    run_due()
    assert not Case.objects.exists()


def test_applying_twice_is_applying_once(admin: Client, team: OrgUnit) -> None:
    given = read(admin, annex_a(in_need("A1")))
    assert apply(admin, given).status_code == 302
    assert apply(admin, given).status_code == 409
    run_due()
    assert apply(admin, given).status_code == 409
    assert Job.objects.filter(kind="apply_import").count() == 1


def test_the_lines_can_be_taken_away_as_csv(admin: Client) -> None:
    given = read(admin, caseload(carried("=cmd()"), carried("B2", plan="?")), name="c.csv")
    answer = admin.get(reverse("jobs:import_faults", args=[given.pk]))
    text = answer.content.decode("utf-8-sig")
    assert text.startswith("Refused or warning,List,Row,Column,Value,Reason\r\n")
    assert "Refused,Caseload,3,plan_type,?," in text
    assert "\n=" not in text


def test_many_lines_come_in_pages_of_fifty(admin: Client, team: OrgUnit) -> None:
    given = read(admin, caseload(*(carried(f"B{n}", plan="?") for n in range(120))), name="c.csv")
    first = admin.get(reverse("jobs:import", args=[given.pk]) + "?page=3").content.decode()
    assert "Showing 101 to 120 of 120" in first


def test_a_job_that_failed_says_so(admin: Client, team: OrgUnit) -> None:
    given = read(admin, annex_a(in_need("A1")))
    apply(admin, given)
    Job.objects.filter(kind="apply_import").update(status=JobStatus.FAILED, error="It was interrupted too often.")
    text = page(admin, given)
    assert "It was interrupted too often." in text
    assert admin.post(reverse("jobs:discard_import", args=[given.pk])).status_code == 302


def test_somebody_who_loses_the_role_before_the_job_runs_changes_nothing(
    admin: Client, qa_admin: User, team: OrgUnit
) -> None:
    given = read(admin, annex_a(in_need("A1")))
    apply(admin, given)
    qa_admin.memberships.all().delete()
    run_due()
    assert not Case.objects.exists()
    assert Job.objects.get(kind="apply_import").status == JobStatus.FAILED


@pytest.mark.parametrize("who", ["team_manager", "auditor", "system_administrator", "read_only"])
def test_others_see_and_change_nothing(who: str, request: pytest.FixtureRequest, admin: Client, team: OrgUnit) -> None:
    given = read(admin, annex_a(in_need("A1")))
    client = Client()
    client.force_login(request.getfixturevalue(who))
    before = table_counts()
    assert client.get("/jobs/imports/").status_code == 403
    assert client.get(GIVE).status_code == 403
    assert give(client, annex_a(in_need("A2"))).status_code == 403
    for name in ("import", "import_faults"):
        assert client.get(reverse(f"jobs:{name}", args=[given.pk])).status_code == 404
    for name in ("apply_import", "discard_import"):
        assert client.post(reverse(f"jobs:{name}", args=[given.pk])).status_code == 404
    after = table_counts()
    assert {name for name in after if after[name] != before[name]} <= {"sessions.Session"}
    given.refresh_from_db()
    assert given.status == ImportStatus.PREVIEWED


def test_a_qa_lead_imports_too(client: Client, qa_lead: User, team: OrgUnit) -> None:
    client.force_login(qa_lead)
    assert client.get(GIVE).status_code == 200


def test_a_kind_that_nobody_knows_is_not_found(admin: Client) -> None:
    assert admin.get("/jobs/imports/new/spoons/").status_code == 404


def test_the_list_of_imports_costs_the_same_however_many(admin: Client) -> None:
    read(admin, annex_a(in_need("A1")), create_units="on")
    with CaptureQueriesContext(connection) as one:
        admin.get("/jobs/imports/")
    for number in range(3):
        read(admin, annex_a(in_need(f"A{number}")), create_units="on")
    with CaptureQueriesContext(connection) as many:
        admin.get("/jobs/imports/")
    assert len(one) == len(many)


def test_giving_a_role_to_import_is_enough(client: Client, auditor: User, directorate: OrgUnit) -> None:
    give_role(auditor, "QA", directorate)
    client.force_login(auditor)
    assert client.get("/jobs/imports/").status_code == 200
