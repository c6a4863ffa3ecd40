"""From a caseload file to a grade table: one audit of one child, through the hands of five people.

A QA admin imports the caseload. A QA lead plans an audit of a case and gives it out. The auditor writes it, through a
lost browser and with a second tab open, and submits it. A moderator changes the grade. The head of service reads the
table, and the page, both files and the command say the same.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import OrgUnit, User
from audits.choices import AuditStatus, Grade, ModerationStatus
from audits.models import Audit, AuditSection, Moderation, Transition
from cases.models import Case
from core.jobs.services import run_due
from core.spreadsheets import read_workbook
from tests.factories.audits import live_tool
from tests.factories.case_files import carried, caseload
from tests.journeys.walking import PASSWORD, REASON, Walk, sign_in_by_hand, walking

pytestmark = pytest.mark.django_db(transaction=True)

REFERENCE = "EX 2026/7"


def test_from_a_caseload_to_a_grade_table(
    live_server: LiveServer,
    browser: Browser,
    team: OrgUnit,
    qa_admin: User,
    qa_lead: User,
    auditor: User,
    moderator: User,
    head_of_service: User,
) -> None:
    live_tool()
    with walking(browser, live_server.url) as admin:
        sign_in_by_hand(admin, qa_admin)
        import_the_caseload(admin)
    with walking(browser, live_server.url, qa_lead) as lead:
        plan_and_give_out(lead, auditor)
    with walking(browser, live_server.url, auditor) as writer:
        start_and_write(writer)
        left_at = writer.page.url
        # The browser is gone without a word, in the middle of a section.
    with walking(browser, live_server.url, auditor) as writer:
        come_back_and_find_everything(writer, left_at)
        write_in_two_tabs(writer, left_at)
        finish(writer)
        submit_with_a_double_click(writer)
    with walking(browser, live_server.url, moderator) as judge:
        change_the_grade(judge)
    with walking(browser, live_server.url, auditor) as writer:
        accept_the_change(writer)
    with walking(browser, live_server.url, qa_lead) as lead:
        issue_the_feedback(lead)
    with walking(browser, live_server.url, head_of_service) as head:
        read_the_table(head)


def import_the_caseload(admin: Walk) -> None:
    """A file, what it would do, and only then the doing."""
    admin.go(reverse("jobs:imports"))
    admin.look("Imports").get_by_role("button", name="Import cases").click()
    page = admin.look("Import cases")
    file = caseload(carried(REFERENCE), carried("EX 2026/8"), carried("", team="Heron"))
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "caseload.csv", "mimeType": "text/csv", "buffer": file}
    )
    today = timezone.localdate()
    for box, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(box, exact=True).fill(str(value))
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("link", name="See how far it is now")).to_be_visible()
    run_due()
    expect(page.get_by_role("button", name="Apply", exact=True)).to_be_visible()
    assert not Case.objects.exists()
    admin.look()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"2\s*new cases"))
    page.get_by_role("button", name="Apply", exact=True).click()
    run_due()
    expect(page.get_by_role("button", name="Apply", exact=True)).to_have_count(0)
    admin.look()
    assert Case.objects.count() == 2


def plan_and_give_out(lead: Walk, auditor: User) -> None:
    """By its reference to the case, and from there to an audit with an auditor."""
    page = lead.go(reverse("worklist:search"))
    page.get_by_label("Search").fill("ex2026/7")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    lead.look(REFERENCE).get_by_role("button", name="Plan an audit").click()
    page = lead.look("Plan an audit")
    page.get_by_label("Example audit").check()
    page.get_by_role("button", name="Plan it and choose an auditor").click()
    page = lead.look("Give it to an auditor")
    page.get_by_label("Auditor").select_option(label=f"{auditor.name} – no open audits")
    page.get_by_role("button", name="Give it to this auditor").click()
    lead.look()
    audit = Audit.objects.get()
    assert (audit.status, audit.auditor) == (AuditStatus.ALLOCATED, auditor)


def start_and_write(writer: Walk) -> None:
    """From my work to the first section; what is typed is saved without a button."""
    page = writer.go("/")
    writer.look()
    page.get_by_role("link", name=re.compile("A-.*Example audit")).click()
    writer.look("Example audit").get_by_role("button", name="Start the audit").click()
    writer.look("Example audit").get_by_role("link", name="Child's voice").click()
    page = writer.look("Child's voice")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("Outstanding", exact=True).check()
    page.get_by_label("Reason for the grade").fill(REASON)
    writer.saved()
    row = AuditSection.objects.get(section__key="voice")
    assert (row.grade, row.reason) == (Grade.OUTSTANDING, REASON)


def come_back_and_find_everything(writer: Walk, left_at: str) -> None:
    """Nothing that was typed before the browser died is gone."""
    writer.page.goto(left_at)
    expect(writer.page.get_by_label("Reason for the grade")).to_have_value(REASON)
    expect(writer.page.get_by_label("Outstanding", exact=True)).to_be_checked()


def write_in_two_tabs(writer: Walk, left_at: str) -> None:
    """The tab that saves second sees both texts, and the person decides."""
    first, second = writer.page, writer.tab()
    second.goto(left_at)
    second.get_by_label("Reason for the grade").fill("Written in the second tab, at length.")
    writer.saved(second)
    first.bring_to_front()
    first.get_by_label("Reason for the grade").fill("Written in the first tab, at length.")
    first.get_by_role("button", name="Compare the two versions").click()
    writer.look("This was changed while you were writing")
    main = first.get_by_role("main")
    expect(main).to_contain_text("Written in the first tab, at length.")
    expect(main).to_contain_text("Written in the second tab, at length.")
    first.get_by_label("Write it from both").check()
    first.get_by_label("The text to keep").fill("Written in both tabs, and put together here.")
    first.get_by_role("button", name="Save my choice").click()
    expect(first.get_by_label("Reason for the grade")).to_have_value("Written in both tabs, and put together here.")
    second.close()


def finish(writer: Walk) -> None:
    """The strengths of the first section, the second section, and the case as a whole."""
    page = writer.page
    page.get_by_label("What is working well").first.fill("The child was seen alone at every visit.")
    page.get_by_role("button", name="Save and continue").click()
    page = writer.look("Safeguarding and risk")
    page.get_by_label("Partly", exact=True).check()
    page.get_by_label("Good", exact=True).check()
    page.get_by_label("Reason for the grade").fill(REASON)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Example audit")
    page.get_by_role("link", name="Overall judgement").first.click()
    page = writer.look("Overall judgement")
    page.get_by_label("Outstanding", exact=True).check()
    page.get_by_label("Reason for the overall grade").fill("Taken together, this is what the record shows.")
    page.get_by_role("button", name="Save and check the audit").click()


def submit_with_a_double_click(writer: Walk) -> None:
    """Impatience makes no second submission."""
    page = writer.look("Check and submit")
    page.get_by_role("button", name="Submit the audit").dblclick()
    expect(page.get_by_text("was submitted.")).to_be_visible()
    writer.look()
    audit = Audit.objects.get()
    assert (audit.status, audit.auditor_grade) == (AuditStatus.SUBMITTED, Grade.OUTSTANDING)
    assert Moderation.objects.count() == 1
    assert Transition.objects.filter(event="submit").count() == 1


def change_the_grade(judge: Walk) -> None:
    """The moderator sees what the auditor wrote, and changes the overall grade with a reason."""
    page = judge.go(reverse("audits:moderation_queue"))
    judge.look("Moderation").get_by_role("main").get_by_role("link", name=re.compile("A-")).click()
    judge.look("Moderate this audit").get_by_role("button", name="Start moderating").click()
    page = judge.look("Moderate this audit")
    expect(page.get_by_role("main")).to_contain_text("Written in both tabs, and put together here.")
    page.get_by_label("I change it").last.check()
    page.locator("input[name=grade][value=good]").check()
    page.locator("textarea[name=reason]").fill("The visits were good, and not yet better than good.")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    judge.look()
    audit = Audit.objects.get()
    assert (audit.status, audit.auditor_grade) == (AuditStatus.SUBMITTED, Grade.OUTSTANDING)
    assert Moderation.objects.get().status == ModerationStatus.AWAITING_ACCEPTANCE


def accept_the_change(writer: Walk) -> None:
    """The auditor reads the reason, and takes the moderator's grade."""
    audit = Audit.objects.get()
    page = writer.go(reverse("audits:grade_record", args=[audit.pk]))
    expect(page.get_by_role("main")).to_contain_text("The visits were good, and not yet better than good.")
    writer.look("What moderation made of it").get_by_role("button", name="Accept the grade").click()
    expect(page.get_by_text("You have accepted the grade")).to_be_visible()
    audit.refresh_from_db()
    assert (audit.status, audit.auditor_grade, audit.grade) == (
        AuditStatus.SETTLED, Grade.OUTSTANDING, Grade.GOOD,
    )  # fmt: skip


def issue_the_feedback(lead: Walk) -> None:
    """Those whom it is for read it now, and not before."""
    audit = Audit.objects.get()
    page = lead.go(reverse("audits:issue", args=[audit.pk]))
    lead.look().get_by_role("button", name=re.compile("Issue")).click()
    expect(page.get_by_text("is issued")).to_be_visible()
    audit.refresh_from_db()
    assert audit.status == AuditStatus.FEEDBACK_ISSUED


def read_the_table(head: Walk) -> None:
    """The page, the CSV, the workbook and the command: one object, one set of numbers."""
    page = head.go("/")
    head.look()
    page.get_by_role("link", name="Figures").first.click()
    head.look()
    shown = {words: cells[f"{timezone.localdate():%b %Y}"] for words, cells in _table(page).items()}
    assert (shown["Cases audited"], shown["% good or outstanding"]) == ("1", "100%")
    assert (shown["Outstanding"], shown["Good"]) == ("0", "1")

    month = f"{timezone.localdate():%Y-%m}"
    out = io.StringIO()
    call_command("grade_table", "--from", month, "--to", month, "--format", "json", stdout=out)
    told = json.loads(out.getvalue())["rows"][0]
    with page.expect_download() as download:
        page.get_by_role("link", name="These figures as CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        lines = {line["Month"]: line for line in csv.DictReader(file)}
    with page.expect_download() as download:
        page.get_by_role("link", name="These figures as an Excel workbook").click()
    header, *rows = read_workbook(download.value.path().read_bytes())[0].rows
    cells = {str(row[0]): dict(zip(map(str, header), row, strict=True)) for row in rows}

    def numbers(line: dict[str, Any]) -> list[int]:
        names = ("Audited", "Outstanding", "Good", "Requires improvement", "Inadequate", "% good or outstanding")
        return [int(float(line[name])) for name in names]

    expected = [told["audited"], *(told[grade] for grade in Grade.values), told["percent"]["good_or_outstanding"]]
    assert expected == [1, 0, 1, 0, 0, 100]
    assert numbers(lines[month]) == numbers(cells[month]) == expected

    page.goto(head.server + reverse("reports:breakdown") + "?by=team")
    head.look()


def _table(page: Page) -> dict[str, dict[str, str]]:
    """The first table of the page: the words of a row to its cells, by the words of the column."""
    rows = page.locator("table").first.locator("tr")
    cells = [[cell.inner_text().strip() for cell in row.locator("th, td").all()] for row in rows.all()]
    columns = cells[0][1:]
    return {line[0]: dict(zip(columns, line[1:], strict=False)) for line in cells[1:] if line}


def test_somebody_with_a_wrong_password_hears_so_and_no_more(
    live_server: LiveServer, browser: Browser, auditor: User
) -> None:
    with walking(browser, live_server.url) as stranger:
        for address in (auditor.email, "nobody@exampleshire.example"):
            page = stranger.go(reverse("audits:list"))
            page.get_by_label("Email", exact=True).fill(address)
            page.get_by_label("Password", exact=True).fill("not the right one")
            page.get_by_role("button", name="Sign in").click()
            expect(page.locator(".govuk-error-summary")).to_contain_text("password")
            assert page.title().startswith("Error: ")
            expect(page.get_by_label("Email", exact=True)).to_have_value(address)
            stranger.look("Sign in")
        page = stranger.page
        page.get_by_label("Email", exact=True).fill(auditor.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Audits")
