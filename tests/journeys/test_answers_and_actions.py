"""What keeps running after an audit: a late answer, an action sent back, a recommendation of an outside body."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.access import SYSTEM
from accounts.models import OrgUnit, User
from actions.choices import Level, Origin, Priority
from actions.services.creating import ActionDraft, From, create_action
from actions.services.doing import claim_done
from audits.choices import AuditStatus, ClockKind, FindingKind, Grade
from audits.models import Clock, Finding
from audits.services.feedback import issue_feedback
from audits.services.sweeping import FROM, look_at_audit_clocks
from core.working_days import add_working_days, is_working_day
from core.working_hours import at
from tests.actions.wanted import wanted
from tests.factories.actions import RecommendationFactory
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory, held_by
from tests.journeys.walking import walking

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_answer_that_is_late_goes_up_the_line_and_is_given(
    live_server: LiveServer, browser: Browser, team: OrgUnit, practitioner: User, team_manager: User,
    service_lead: User, head_of_service: User,
) -> None:  # fmt: skip
    case = CaseFactory(team=team, service=team.parent)
    held_by(case, practitioner)
    audit = graded_audit(Grade.REQUIRES_IMPROVEMENT, case=case, status=AuditStatus.SETTLED)
    Finding.objects.create(
        audit=audit, audit_section=audit.sections.all()[0], kind=FindingKind.DEVELOPMENT, text="The plan says no date."
    )
    issue_feedback(audit=audit, by=SYSTEM)
    today = timezone.localdate()
    day = today if is_working_day(today) else add_working_days(today, -1)
    late = add_working_days(day, -3)
    Clock.objects.filter(kind=ClockKind.RESPONSE).update(due_on=late, started_on=add_working_days(late, -10))
    look_at_audit_clocks(now=at(day, FROM))
    path = reverse("audits:detail", args=[audit.pk])

    for person in (service_lead, head_of_service):
        with walking(browser, live_server.url, person) as above:
            page = above.go(reverse("notifications:list"))
            above.look("Notices").get_by_role("button", name=f"The response to audit {audit.reference} is late").click()
            expect(page).to_have_url(re.compile(path))

    with walking(browser, live_server.url, team_manager) as manager:
        page = manager.go("/")
        expect(page.get_by_text("3 working days overdue").first).to_be_visible()
        page = manager.go(f"{reverse('audits:list')}?awaiting=late")
        row = manager.look("Audits").get_by_role("row").filter(has_text=audit.reference)
        expect(row).to_contain_text("3 working days overdue")
        page.get_by_role("link", name=audit.reference).click()
        page.get_by_role("button", name="Respond").click()
        manager.look("Respond to the feedback").get_by_label("Agree", exact=True).check()
        page.get_by_label("Point 1: what will be done").fill("A date stands beside each step by Friday.")
        page.get_by_role("button", name="Give the response").click()
        expect(page.get_by_text("Your response was given.")).to_be_visible()
        manager.go(f"{reverse('audits:list')}?awaiting=late")
        expect(manager.look("Audits").get_by_text("Nothing matches these filters")).to_be_visible()


def test_an_action_is_sent_back_and_verified_by_somebody_else(
    live_server: LiveServer, browser: Browser, team: OrgUnit, practitioner: User, team_manager: User,
) -> None:  # fmt: skip
    case = CaseFactory(team=team, service=team.parent)
    held_by(case, practitioner)
    action = create_action(wanted=wanted(owner=practitioner, case=case), by=team_manager)
    path = reverse("actions:detail", args=[action.pk])
    with (
        walking(browser, live_server.url, practitioner) as owner,
        walking(browser, live_server.url, team_manager) as manager,
    ):
        for text, verdict in (("She was seen on Monday.", "send_back"), ("She was seen alone on Tuesday.", "verify")):
            page = owner.go(path)
            expect(page.get_by_role("button", name="Verify the action")).to_have_count(0)
            page.get_by_role("button", name="Say that it is done").click()
            owner.look("Say that it is done").get_by_label("What was done?").fill(text)
            page.get_by_role("button", name="It is done").click()
            expect(page.get_by_text("It waits for a check.")).to_be_visible()

            page = manager.go(f"{reverse('actions:list')}?show=verify")
            manager.look("Actions").get_by_role("link", name=action.reference).click()
            expect(manager.look().get_by_text(text)).to_be_visible()
            if verdict == "send_back":
                page.get_by_role("button", name="Send it back").click()
                page.get_by_role("button", name="Send it back").click()
                expect(manager.look().locator(".govuk-error-summary")).to_contain_text("Say why")
                page.get_by_label("Why?").fill("She was not seen alone.")
                page.get_by_role("button", name="Send it back").click()
                expect(owner.go(path).get_by_text("She was not seen alone.").first).to_be_visible()
            else:
                page.get_by_role("button", name="Verify the action").click()
                page.get_by_role("button", name="Verify").click()
                expect(page.get_by_text("The action is verified.")).to_be_visible()
        expect(owner.look(page=owner.go(path)).get_by_text("Verified", exact=True).first).to_be_visible()


def test_a_recommendation_leaves_the_list_when_its_body_accepts_or_a_rejection_was_reported(
    live_server: LiveServer, browser: Browser, qa_lead: User, service_lead: User, service: OrgUnit,
) -> None:  # fmt: skip
    asked = RecommendationFactory(title="Return home interviews", item_number="3")
    other = RecommendationFactory(title="A second panel", item_number="4")
    action = create_action(
        wanted=ActionDraft(
            what="Report the share of interviews each quarter.", how_we_know="The report.", owner=service_lead,
            priority=Priority.LOW, level=Level.SERVICE, unit=service,
        ),
        by=qa_lead, origin=From(Origin.BODY, "Scrutiny panel 3", recommendation=asked),
    )  # fmt: skip
    claim_done(action=action, by=service_lead, text="The first report is out.")
    listed, today = reverse("actions:recommendations"), timezone.localdate()

    with walking(browser, live_server.url, qa_lead) as lead:
        page = lead.go(listed)
        lead.look("Recommendations of outside bodies").get_by_role("link", name=asked.title).click()

        def move(button: str, typed: dict[str, str], on: date | None = None) -> None:
            page.get_by_role("button", name=button).click()
            lead.look(button)
            for part, number in (("Day", on.day), ("Month", on.month), ("Year", on.year)) if on else ():
                page.get_by_label(part).fill(str(number))
            for label, text in typed.items():
                page.get_by_label(label).fill(text)
            page.locator("main form button[type=submit]").click()

        move("Action proposed and taken", {"Action proposed": "A report each quarter.", "Action taken": "One is out."})
        move("Send it to the body", {})
        move("The body rejects what was done", {"For what reason?": "Two quarters are wanted."}, today)
        expect(lead.look(asked.title).get_by_text("Two quarters are wanted.").first).to_be_visible()
        claim_done(action=action, by=service_lead, text="The second report is out.")
        lead.go(listed)
        printed = page.get_by_role("row").filter(has_text=asked.title)
        expect(printed).to_contain_text(re.compile("A report each quarter.*One is out", re.S))
        page.get_by_role("link", name=asked.title).click()
        move("Action proposed and taken", {"Action taken": "Two are out."})
        move("Send it to the body", {})
        move("The body accepts it", {}, today)
        expect(page.get_by_text("It has left the list.")).to_be_visible()

        lead.go(listed)
        expect(page.get_by_role("link", name=asked.title)).to_have_count(0)
        page.get_by_role("link", name=other.title).click()
        move("The council rejects the recommendation", {"For what reason?": "The panel would repeat another."}, today)
        expect(lead.go(listed).get_by_role("link", name=other.title)).to_be_visible()
        page.get_by_role("link", name=other.title).click()
        move("The rejection was reported", {"To whom?": "Cabinet"}, today)
        lead.go(listed)
        expect(lead.look().get_by_text("No recommendation of an outside body waits for anything.")).to_be_visible()
        lead.go(f"{listed}?everything=on")
        for line, progress in ((asked, "Accepted by the body"), (other, "Rejection reported")):
            row = lead.look().get_by_role("row").filter(has_text=line.title)
            expect(row).to_contain_text(progress)
        with page.expect_download() as taken:
            page.get_by_role("link", name="This table as CSV").click()
        table = taken.value.path().read_text(encoding="utf-8-sig")
        assert table.startswith("Date"), table
        assert "Two are out." in table
