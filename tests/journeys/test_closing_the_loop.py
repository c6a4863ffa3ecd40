"""An inadequate audit from its settled grade to its end, with its challenge, by everybody who has a part in it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.choices import Role
from accounts.models import OrgUnit, User
from actions.models import Action
from actions.services.doing import claim_done
from actions.services.verifying import verify_action
from audits.choices import AuditStatus, ClockKind, FindingKind, Grade, ModerationOutcome
from audits.models import Audit, Clock, Dispute, Finding
from audits.services.closing import close_all_done
from audits.services.moderating import decide_moderation, open_moderation
from core.jobs.services import run_due
from tests.audits.drafts import section, submitted
from tests.factories.accounts import person_as
from tests.factories.cases import CaseFactory, held_by
from tests.journeys.walking import REASON, walking

pytestmark = pytest.mark.django_db(transaction=True)

SAFE = "The duty worker saw the child alone today; the safety plan is in place."


def test_an_inadequate_audit_to_its_end(
    live_server: LiveServer, browser: Browser, team: OrgUnit, directorate: OrgUnit, qa_lead: User, auditor: User,
    moderator: User, practitioner: User, team_manager: User, service_lead: User, head_of_service: User,
) -> None:  # fmt: skip
    case = CaseFactory(team=team, service=team.parent)
    held_by(case, practitioner)
    audit = submitted(case=case, by=qa_lead, auditor=auditor, overall=Grade.INADEQUATE)
    Finding.objects.create(
        audit=audit, audit_section=section(audit, "voice"), kind=FindingKind.DEVELOPMENT, text="The plan says no date."
    )
    run_due()
    path = reverse("audits:detail", args=[audit.pk])
    held = open_moderation(moderation=audit.moderations.get(), by=moderator)
    decide_moderation(moderation=held, by=moderator, outcome=ModerationOutcome.AGREED, version=held.version)

    with walking(browser, live_server.url, head_of_service) as head:
        page = head.go("/")
        page.get_by_role("link", name=re.compile(audit.reference)).first.click()
        head.look("Confirm an inadequate grade").get_by_role("button", name="Confirm the grade").click()
        expect(page.get_by_role("alert")).to_be_visible()
    run_due()

    with walking(browser, live_server.url, qa_lead) as lead:
        page = lead.go(path)
        page.get_by_role("link", name="Issue the feedback").click()
        lead.look("Issue the feedback").get_by_role("button", name="Issue the feedback").click()
        expect(page.get_by_text("is issued")).to_be_visible()

    with walking(browser, live_server.url, team_manager) as manager:
        page = manager.go("/")
        page.get_by_role("link", name=f"{audit.reference}: ").first.click()
        manager.look("Feedback").get_by_role("button", name="Say that the child is safe now").click()
        manager.look("Is the child safe now?").get_by_label("What has been done").fill(SAFE)
        page.get_by_role("button", name="Give the statement").click()
        manager.look("Respond to the feedback")
        page.get_by_role("button", name="Give the response").click()
        expect(page.locator(".govuk-error-summary")).to_contain_text("agree, partly agree or disagree")
        page.get_by_label("Partly agree").check()
        page.get_by_label("Point 1: what will be done").fill("A date stands beside each step by Friday.")
        manager.saved()
        page.get_by_role("button", name="Give the response").click()
        expect(page.get_by_text("Your response was given.")).to_be_visible()

    with walking(browser, live_server.url, service_lead) as signs:
        page = signs.go(path)
        page.get_by_role("button", name="Read the response and countersign it").click()
        signs.look("Countersign the response").get_by_label("I countersign this response").check()
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_text("You have countersigned the response.")).to_be_visible()
        page.get_by_role("link", name="Create an action").first.click()
        page = signs.look("Create an action")
        page.get_by_label("What has to be done?").fill("Write a date beside each step of the plan")
        page.get_by_label("How will we know").fill("The reviewing officer has read it")
        page.get_by_label("Who will do it?").select_option(label=practitioner.name)
        page.get_by_role("button", name="Create the action").click()
        expect(page.get_by_text("was created")).to_be_visible()

    with walking(browser, live_server.url, practitioner) as worker:
        page = worker.go(path)
        page.get_by_role("link", name="Challenge facts or the grade").click()
        worker.look("Challenge the feedback").get_by_label("The facts").check()
        page.get_by_label("What do you see otherwise, and where").fill("The dates stand in the plan of the sibling.")
        page.get_by_role("button", name="Open the challenge").click()
        expect(page.get_by_text("This feedback is being challenged")).to_be_visible()
        worker.look()

    with walking(browser, live_server.url, person_as(Role.MODERATOR, directorate)) as second:
        page = second.go(reverse("audits:dispute", args=[Dispute.objects.get().pk]))
        second.look("Dispute about a grade").get_by_role("button", name="Take it up").click()
        second.look("Dispute about a grade").locator("input[name=grade][value=inadequate]").check()
        page.locator("textarea[name=reason]").fill(REASON)
        page.get_by_role("button", name="Decide", exact=True).click()
        expect(page.get_by_text("You have decided the dispute")).to_be_visible()
    action = claim_done(action=Action.objects.get(), by=practitioner, text="Done")
    verify_action(action=action, by=qa_lead)
    Clock.objects.filter(kind=ClockKind.CHALLENGE).update(due_on=timezone.localdate() - timedelta(days=1))
    run_due()
    close_all_done()
    audit = Audit.objects.get(pk=audit.pk)
    assert audit.status == AuditStatus.CLOSED
    assert audit.re_audits.count() == 1, "it is booked again"
    with walking(browser, live_server.url, practitioner) as worker:
        page = worker.go(path)
        expect(page.get_by_text("the grade stands")).to_be_visible()
        expect(page.get_by_role("main").get_by_text("Closed", exact=True).first).to_be_visible()
