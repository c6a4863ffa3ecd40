"""Themes merged and retired, an exemplar withdrawn, and a briefing read, each through the pages in a browser."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import OrgUnit, User
from audits.choices import Grade
from audits.models import Theme
from cases.models import Holding, Worker
from learning.choices import ExemplarStatus
from learning.models import Exemplar
from learning.services import briefings, exemplars
from tests.factories.audits import graded_audit
from tests.journeys.walking import walking

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_theme_is_merged_and_another_retired(live_server: LiveServer, browser: Browser, qa_lead: User) -> None:
    heading = Theme.objects.create(name="Oversight")
    kept, merged, retired = (Theme.objects.create(name=name, parent=heading) for name in ("Often", "Regular", "Old"))
    with walking(browser, live_server.url, qa_lead) as walk:
        page = walk.go(reverse("audits:theme", args=[merged.pk]))
        page.get_by_role("button", name="Merge").click()
        walk.look("Merge the theme")
        page.get_by_role("button", name="Merge").click()
        expect(page.get_by_role("alert")).to_contain_text("Say why")
        page.get_by_label("Into which theme?").select_option(str(kept.pk))
        page.get_by_label("Why?").fill("They say the same.")
        page.get_by_role("button", name="Merge").click()
        walk.look("Regular")
        expect(page.get_by_text("Counts as Often.")).to_be_visible()
        walk.go(reverse("audits:theme", args=[retired.pk])).get_by_role("button", name="Retire").click()
        page.get_by_label("Why?").fill("Nobody uses it.")
        walk.look("Retire the theme")
        page.get_by_role("button", name="Retire").click()
        walk.look("Old")
        expect(page.get_by_text("Nobody uses it.")).to_be_visible()
    assert set(Theme.objects.in_use().filter(parent=heading)) == {kept}


def test_a_practitioner_withdraws_an_exemplar(
    live_server: LiveServer, browser: Browser, principal_social_worker: User, practitioner: User, team: OrgUnit
) -> None:
    audit = graded_audit(Grade.OUTSTANDING, month=date(2026, 10, 1))
    Holding.objects.filter(case=audit.case).delete()
    Holding.objects.create(
        case=audit.case, worker=Worker.objects.create(name=practitioner.name, user=practitioner),
        service=audit.service, team=team, plan_type=audit.plan_type, held_from=date(2025, 1, 1),
    )  # fmt: skip
    by = principal_social_worker
    held = exemplars.nominate(audit=audit, why="Direct work that changed a plan.", by=by)
    held = exemplars.take_up(exemplar=held, by=by)
    held = exemplars.write_exemplar(exemplar=held, title="Drawn weeks", text="A week was drawn.", tags=[], by=by)
    held = exemplars.ask_consent(exemplar=held, by=by)
    held = exemplars.answer_consent(exemplar=held, agrees=True, note="", by=practitioner)
    held = exemplars.publish_exemplar(exemplar=held, by=by)
    with walking(browser, live_server.url, practitioner) as walk:
        page = walk.go(reverse("learning:exemplar", args=[held.pk]))
        page.get_by_role("button", name="Withdraw").click()
        walk.look("Withdraw the exemplar")
        page.get_by_role("textbox").first.fill("I have thought again.")
        page.get_by_role("button", name="Withdraw").click()
        walk.look()
    assert Exemplar.objects.get(pk=held.pk).status == ExemplarStatus.WITHDRAWN


def test_a_briefing_that_is_read_is_counted_once_and_names_nobody(
    live_server: LiveServer, browser: Browser, principal_social_worker: User, practitioner: User, team: OrgUnit
) -> None:
    by = principal_social_worker
    held = briefings.write_briefing(title="Visits", messages=["See the child alone."], text="", by=by)
    held = briefings.publish_briefing(briefing=held, units=[team], by=by)
    address = reverse("learning:briefing", args=[held.pk])
    with walking(browser, live_server.url, practitioner) as walk:
        page = walk.go(address)
        walk.look("Visits")
        page.get_by_role("button", name="I have read it").click()
        expect(page.get_by_text("You have read this briefing.")).to_be_visible()
        walk.look("Visits")
        expect(walk.go(address).get_by_role("button", name="I have read it")).to_have_count(0)
    with walking(browser, live_server.url, by) as walk:
        page = walk.go(address)
        walk.look("Visits")
        expect(page.get_by_text("Read by 1.")).to_be_visible()
        expect(page.get_by_role("main")).not_to_contain_text(practitioner.name)
