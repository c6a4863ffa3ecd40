"""The same work by other ways: without a script, without a mouse, by several apart, and the alert that cannot wait."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits.choices import AlertStatus, AuditStatus, Grade
from audits.models import Audit, Calibration, SafeguardingAlert
from audits.services.drafting import start_audit
from audits.services.submitting import submit_audit
from cases.models import Case
from core.jobs.services import run_due
from tests.audits.drafts import fill_in, new_audit, section
from tests.audits.pages import section_url
from tests.factories.accounts import person_as
from tests.factories.audits import live_tool
from tests.factories.cases import CaseFactory, held_by
from tests.journeys.walking import REASON, walking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(team: OrgUnit, practitioner: User) -> Case:
    case = CaseFactory(team=team, service=team.parent)
    held_by(case, practitioner)
    return case


@pytest.fixture
def allocated(case: Case, qa_lead: User, auditor: User) -> Audit:
    return new_audit(case=case, by=qa_lead, auditor=auditor)


def test_an_audit_is_written_and_submitted_without_a_script(
    live_server: LiveServer, browser: Browser, allocated: Audit, auditor: User
) -> None:
    with walking(browser, live_server.url, auditor, scripts=False) as writer:
        page = writer.go(reverse("audits:detail", args=[allocated.pk]))
        page.get_by_role("button", name="Start the audit").click()
        page.get_by_role("link", name="Child's voice").click()
        expect(page.get_by_text("Nothing is saved until you press Save.")).to_be_visible()
        page.get_by_label("Yes", exact=True).check()
        page.get_by_label("Reason for the grade").fill("Too short")
        page.get_by_role("button", name="Save and come back later").click()
        assert section(allocated, "voice").reason == "Too short"

        page.get_by_role("link", name="Child's voice").click()
        page.get_by_label("Good", exact=True).check()
        page.get_by_role("button", name="Save and continue").click()
        expect(page.locator(".govuk-error-summary")).to_contain_text("20 characters")
        page.get_by_label("Reason for the grade").fill(REASON)
        page.get_by_label("What is working well").first.fill("The child was seen alone.")
        page.get_by_role("button", name="Add another strength").click()
        page.get_by_label("What is working well").nth(1).fill("And listened to.")
        _continue_until(page, "Safeguarding and risk")
        page.get_by_label("Yes", exact=True).check()
        page.get_by_label("Good", exact=True).check()
        page.get_by_label("Reason for the grade").fill(REASON)
        _continue_until(page, "Example audit")

        page.get_by_role("link", name="Check and submit").or_(
            page.get_by_role("button", name="Check and submit")
        ).click()
        page.get_by_role("button", name="Submit the audit").click()
        expect(page.locator(".govuk-error-summary")).to_contain_text("overall")
        page.locator(".govuk-error-summary a").first.click()
        page.get_by_label("Good", exact=True).check()
        page.get_by_label("Reason for the overall grade").fill("Taken together, this is what the record shows.")
        page.get_by_role("button", name="Save and check the audit").click()
        page.get_by_role("button", name="Submit the audit").click()
        expect(page.get_by_text("was submitted.")).to_be_visible()
    allocated.refresh_from_db()
    assert allocated.auditor_grade == Grade.GOOD
    assert allocated.status in (AuditStatus.SUBMITTED, AuditStatus.SETTLED)
    assert section(allocated, "voice").findings.count() == 2


def _continue_until(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)


def test_a_section_is_written_by_keyboard_alone(
    live_server: LiveServer, browser: Browser, allocated: Audit, auditor: User
) -> None:
    """Every control is reached by Tab in the order of the page, and nothing holds the focus."""
    with walking(browser, live_server.url, auditor) as writer:
        page = writer.go(reverse("audits:detail", args=[allocated.pk]))
        _tab_to(page, "button", "Start the audit")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Example audit")
        _tab_to(page, "a", "Child's voice")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Child's voice")

        _tab_to(page, "input[name=q-seen]")
        page.keyboard.press("Space")
        _tab_to(page, "textarea[name=strength-0-text]")
        page.keyboard.type("The child was seen alone.")
        _tab_to(page, "input[name=grade]")
        page.keyboard.press("g")
        assert page.locator("input[name=grade]:checked").count() == 0, "the keys are off until they are asked for"
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        _tab_to(page, "#grade-keys-on")
        page.keyboard.press("Space")
        page.keyboard.press("i")
        expect(page.locator("input[name=grade]:checked")).to_have_value(Grade.INADEQUATE)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("Keys for grading")
        writer.look()
        page.keyboard.press("o")
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        expect(page.locator("input[name=grade]:checked")).to_have_value(Grade.GOOD)
        _tab_to(page, "textarea[name=reason]")
        page.keyboard.type(REASON)
        writer.saved()
        _tab_to(page, "button[value=continue]")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        shadow = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
        assert outline != "none" or shadow != "none", "the focus is not seen"
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Safeguarding and risk")
    row = section(allocated, "voice")
    assert (row.grade, row.reason) == (Grade.GOOD, REASON)
    assert row.findings.get().text == "The child was seen alone."


def _tab_to(page: Page, selector: str, words: str = "") -> None:
    """Press Tab until the focus is on this control."""
    for _ in range(120):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "([selector, words]) => document.activeElement.matches(selector)"
            " && document.activeElement.textContent.includes(words)",
            [selector, words],
        )
        if at:
            return
    raise AssertionError(f"{selector} {words} was not reached with Tab")


def test_an_alert_reaches_the_team_manager_at_once(
    live_server: LiveServer, browser: Browser, allocated: Audit, auditor: User, team_manager: User, service_lead: User
) -> None:
    with walking(browser, live_server.url, auditor) as writer:
        page = writer.go(reverse("audits:detail", args=[allocated.pk]))
        page.get_by_role("button", name="Start the audit").click()
        page.goto(live_server.url + section_url(section(allocated, "voice")))
        page.get_by_role("button", name="Raise a safeguarding alert").first.click()
        page = writer.look("Raise a safeguarding alert")
        page.get_by_label("What is the risk to the child?").fill("The child has not been seen for six weeks.")
        page.get_by_label("Where in the record did you find it?").fill("Case notes of September")
        page.get_by_label("Since when?").fill("The visit of 3 September 2026")
        page.get_by_role("button", name="Raise the alert now").click()
        expect(page.get_by_text("The alert was raised.")).to_be_visible()
        writer.look()
    with walking(browser, live_server.url, team_manager) as manager:
        page = manager.go("/")
        manager.look()
        expect(page.get_by_role("main")).to_contain_text(f"Alert on audit {allocated.reference}")
        expect(page.get_by_role("link", name=re.compile("Notices"))).to_contain_text("1")
        page.get_by_role("main").get_by_role("link", name=f"Alert on audit {allocated.reference}").first.click()
        manager.look()
        page.get_by_role("button", name="I have it in hand").click()
        expect(page.get_by_text("You have acknowledged the alert.")).to_be_visible()
        page.get_by_label("What was done?").fill("Visited today; the child is well and was seen alone.")
        page.get_by_role("button", name="Resolve the alert").click()
        expect(page.get_by_text("The alert was resolved.")).to_be_visible()
        manager.look()
        # What the auditor writes is not theirs to read before the feedback is issued.
        manager.go(reverse("audits:detail", args=[allocated.pk]))
        manager.look("Page not found")
    with walking(browser, live_server.url, service_lead) as lead:
        expect(lead.go("/").get_by_role("link", name=re.compile("Notices"))).to_contain_text("1")
    assert SafeguardingAlert.objects.get().status == AlertStatus.RESOLVED


def test_several_audit_one_case_apart_and_read_each_other_together(
    live_server: LiveServer, browser: Browser, case: Case, qa_lead: User, auditor: User, directorate: OrgUnit
) -> None:
    second, third = (person_as(Role.AUDITOR, directorate, name=name) for name in ("Bea Apart", "Cy Apart"))
    live_tool()
    listed = reverse("audits:calibrations")
    with walking(browser, live_server.url, qa_lead) as lead:
        lead.go(listed).get_by_role("button", name="Set up a calibration").click()
        page = lead.page
        page.get_by_label("Case reference").fill(f" {case.reference[:2].lower()} {case.reference[2:]}")
        page.get_by_role("button", name="Continue").click()
        page = lead.look("Set up a calibration")
        for person in (auditor, second, third):
            page.get_by_label(person.name).check()
        page.get_by_label("What should be compared?").fill("How we judge risk.")
        page.get_by_role("button", name="Set it up and tell the auditors").click()
        expect(lead.look().get_by_text("Its auditors have been told")).to_be_visible()

    audits = {audit.auditor: audit for audit in Calibration.objects.get().audits.all()}
    for person, grades in ((auditor, ("Good", "Good", "Good")), (second, ("Good", "Inadequate", "Inadequate"))):
        with walking(browser, live_server.url, person, scripts=False) as writer:
            page = writer.go(listed)
            expect(page.get_by_role("row")).to_have_count(2)
            writer.go(reverse("audits:detail", args=[audits[person].pk]))
            _write(page, *grades)
            writer.go(reverse("audits:calibration", args=[Calibration.objects.get().pk]))
            expect(page.get_by_text("Grades hidden")).to_be_visible()
            expect(page.get_by_role("table")).to_have_count(0)
    last = fill_in(start_audit(audit=audits[third], by=third), third, safeguarding=Grade.REQUIRES_IMPROVEMENT)
    submit_audit(audit=last, by=third, version=last.version)
    run_due()

    path = reverse("audits:calibration", args=[Calibration.objects.get().pk])
    for person, named, widths in ((qa_lead, second.name, (320, 1280)), (second, "You", (320,))):
        with walking(browser, live_server.url, person) as reader:
            page = reader.go(path)
            for width in widths:
                page.set_viewport_size({"width": width, "height": 900})
                reader.look("Example audit")
            page.set_viewport_size({"width": 1280, "height": 900})
            expect(page.get_by_role("columnheader", name=named)).to_be_visible()
            for section, spread in (("Child's voice", "None"), ("Safeguarding and risk", "2 grades")):
                expect(page.get_by_role("row", name=re.compile(f"^{section} .*{spread}"))).to_be_visible()
            expect(page.get_by_text(third.name)).to_have_count(2 if person == qa_lead else 0)


def _write(page: Page, voice: str, safeguarding: str, overall: str) -> None:
    """Fill in and submit the audit whose page is open, with these grades."""
    page.get_by_role("button", name="Start the audit").click()
    page.get_by_role("link", name="Child's voice").click()
    for grade, following in ((voice, "Safeguarding and risk"), (safeguarding, "Example audit")):
        page.get_by_label("Yes", exact=True).check()
        page.get_by_label(grade, exact=True).check()
        page.get_by_label("Reason for the grade").fill(REASON)
        _continue_until(page, following)
    page.get_by_role("link", name="Overall").click()
    page.get_by_label(overall, exact=True).check()
    page.get_by_label("Reason for the overall grade").fill(REASON)
    page.get_by_role("button", name="Save and check the audit").click()
    page.get_by_role("button", name="Submit the audit").click()
    expect(page.get_by_text("was submitted.")).to_be_visible()
