"""Recommendations leave the list only when the body accepts, or when a rejection was reported (AC-7)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.models import OrgUnit, User
from actions.choices import ActionStatus, Body, Level, Origin, Priority, RecommendationStatus, Verifier
from actions.models import Action, Recommendation
from actions.services import recommendations as services
from actions.services.creating import ActionDraft, From, create_action
from actions.services.doing import claim_done
from actions.services.verifying import verify_action
from core.history.models import AccessEvent
from core.spreadsheets import read_workbook
from core.workflow import IllegalMove
from tests.factories.actions import RecommendationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def recommendation(qa_admin: User) -> Recommendation:
    return services.add_recommendation(
        wanted=services.RecommendationDraft(
            source=Body.SCRUTINY, body_name="Children's Scrutiny Panel", item_number="3",
            made_on=timezone.localdate() - timedelta(days=90), title="Return home interviews",
            wording="Offer every child a return home interview within 72 hours.",
        ),
        by=qa_admin,
    )  # fmt: skip


@pytest.fixture
def action(recommendation: Recommendation, qa_admin: User, service_lead: User, service: OrgUnit) -> Action:
    return create_action(
        wanted=ActionDraft(
            what="Report the share of interviews each quarter.", how_we_know="The report.", owner=service_lead,
            priority=Priority.LOW, level=Level.SERVICE, unit=service,
        ),
        by=qa_admin,
        origin=From(Origin.BODY, "Scrutiny panel 3", recommendation=recommendation),
    )  # fmt: skip


def on_the_list(recommendation: Recommendation) -> bool:
    return Recommendation.objects.on_the_list().filter(pk=recommendation.pk).exists()


def test_it_stays_until_the_body_accepts_and_takes_its_actions_along(
    recommendation: Recommendation, action: Action, qa_lead: User, qa_admin: User
) -> None:
    assert action.verifier == Verifier.BODY
    today = timezone.localdate()
    services.answer_recommendation(recommendation=recommendation, by=qa_admin, response="A quarterly report.")
    with pytest.raises(ValidationError, match="Not claimed done yet"):
        services.send_recommendation(recommendation=recommendation, by=qa_lead)
    claim_done(action=action, by=action.owner, text="The first report was given.")
    with pytest.raises(NotAllowed, match="Send it to the body first"):
        verify_action(action=action, by=qa_lead)
    services.send_recommendation(recommendation=recommendation, by=qa_lead)
    action.refresh_from_db()
    assert action.status == ActionStatus.WITH_BODY
    services.record_body_rejects(recommendation=recommendation, by=qa_lead, decided_on=today, why="No figures yet.")
    action.refresh_from_db()
    assert (action.status, on_the_list(recommendation)) == (ActionStatus.REJECTED, True)
    claim_done(action=action, by=action.owner, text="With figures now.")
    services.answer_recommendation(
        recommendation=recommendation, by=qa_admin, response="A quarterly report.", taken="Two reports, with figures."
    )
    services.send_recommendation(recommendation=recommendation, by=qa_lead)
    services.record_body_accepts(recommendation=recommendation, by=qa_lead, decided_on=today)
    action.refresh_from_db()
    assert (action.status, on_the_list(recommendation)) == (ActionStatus.ACCEPTED, False)
    assert [move.event for move in recommendation.moves.all()] == [
        "add", "answer", "send", "reject", "answer", "send", "accept",
    ]  # fmt: skip


def test_a_rejection_leaves_the_list_only_when_it_is_reported(recommendation: Recommendation, qa_lead: User) -> None:
    today = timezone.localdate()
    with pytest.raises(IllegalMove):
        services.report_rejection(recommendation=recommendation, by=qa_lead, reported_on=today, reported_to="Cabinet")
    services.decline_recommendation(recommendation=recommendation, by=qa_lead, decided_on=today, why="Not affordable.")
    assert on_the_list(recommendation)
    with pytest.raises(ValidationError):
        services.report_rejection(
            recommendation=recommendation, by=qa_lead, reported_on=today + timedelta(days=1), reported_to="Cabinet"
        )
    services.report_rejection(recommendation=recommendation, by=qa_lead, reported_on=today, reported_to="Cabinet")
    assert not on_the_list(recommendation)
    with pytest.raises(IllegalMove):
        services.answer_recommendation(recommendation=recommendation, by=qa_lead, response="Yes after all.")


@pytest.mark.parametrize("who", ["service_lead", "team_manager", "principal_social_worker", "read_only", "auditor"])
def test_only_the_qa_unit_keeps_them(who: str, recommendation: Recommendation, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed):
        services.answer_recommendation(
            recommendation=recommendation, by=request.getfixturevalue(who), response="Something."
        )


def test_an_owner_does_not_speak_for_the_body(
    recommendation: Recommendation, qa_admin: User, qa_lead: User, service: OrgUnit
) -> None:
    mine = create_action(
        wanted=ActionDraft(
            what="Report the share of interviews.", how_we_know="The report.", owner=qa_lead, priority=Priority.LOW,
            level=Level.SERVICE, unit=service,
        ),
        by=qa_admin,
        origin=From(Origin.BODY, "Scrutiny panel 3", recommendation=recommendation),
    )  # fmt: skip
    services.answer_recommendation(recommendation=recommendation, by=qa_lead, response="A report.")
    claim_done(action=mine, by=qa_lead, text="Done.")
    with pytest.raises(NotAllowed):
        services.send_recommendation(recommendation=recommendation, by=qa_lead)
    recommendation.refresh_from_db()
    assert recommendation.status == RecommendationStatus.ANSWERED, "nothing of it happened"
    services.send_recommendation(recommendation=recommendation, by=qa_admin)
    with pytest.raises(NotAllowed):
        services.record_body_accepts(recommendation=recommendation, by=qa_lead, decided_on=timezone.localdate())


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def post(user: User, recommendation: Recommendation, verb: str, **typed: Any) -> Any:
    version = Recommendation.objects.get(pk=recommendation.pk).version
    address = reverse("actions:change_recommendation", args=[recommendation.pk, verb])
    return browser(user).post(address, {"version": version, **typed})


def test_the_page_and_its_files_print_the_same_monitoring_table(
    recommendation: Recommendation, action: Action, qa_lead: User, service_lead: User
) -> None:
    typed = {"response": "=A quarterly report.", "taken": "The first report."}
    assert post(qa_lead, recommendation, "answer", **typed).status_code == 302
    client = browser(service_lead)
    page = client.get(reverse("actions:recommendations"))
    line = page.context["lines"][0]
    assert (line.title, line.proposed, line.taken) == ("Return home interviews", *typed.values())
    assert line.progress == "Being worked on. 0 of 1 action accepted or verified"
    printed = client.get(reverse("actions:recommendations_csv")).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(printed)))
    assert rows[0] == ["Date", "Body", "Item", "Recommendation", "Action proposed", "Action taken", "Progress"]
    assert rows[1][3:] == [line.title, "'=A quarterly report.", line.taken, line.progress]
    sheet = read_workbook(client.get(reverse("actions:recommendations_xlsx")).content)[0]
    assert sheet.rows[1][6] == line.progress
    exports = AccessEvent.objects.filter(purpose=AccessEvent.Purpose.EXPORT)
    assert [event.lines.get().object_id for event in exports] == [recommendation.pk] * 2


def test_the_moves_over_the_pages(recommendation: Recommendation, qa_lead: User, service_lead: User) -> None:
    today = timezone.localdate()
    day = {"decided_on_day": today.day, "decided_on_month": today.month, "decided_on_year": today.year}
    assert post(qa_lead, recommendation, "accept", **day).status_code == 409
    assert post(qa_lead, recommendation, "answer", response="Yes.", taken="Done.").status_code == 302
    assert post(qa_lead, recommendation, "send").status_code == 302
    assert post(service_lead, recommendation, "accept", **day).status_code == 403
    assert "Enter" in post(qa_lead, recommendation, "accept").content.decode()
    assert post(qa_lead, recommendation, "accept", version=0, **day).status_code == 409
    assert post(qa_lead, recommendation, "accept", **day).status_code == 302
    listed = browser(qa_lead).get(reverse("actions:recommendations"))
    assert listed.context["lines"] == []
    every = browser(qa_lead).get(reverse("actions:recommendations"), {"everything": "on"})
    assert len(every.context["lines"]) == 1
    assert "Accepted by the body on" in every.context["lines"][0].progress


def test_one_is_added_once_over_the_page(qa_admin: User) -> None:
    typed = {
        "source": "ofsted", "body_name": "Ofsted focused visit", "made_on_day": 4, "made_on_month": 3,
        "made_on_year": 2026, "item_number": "1", "title": "Supervision", "wording": "Improve the quality of it all.",
    }  # fmt: skip
    address = reverse("actions:add_recommendation")
    assert browser(qa_admin).post(address, typed).status_code == 302
    again = browser(qa_admin).post(address, typed)
    assert "This item of this body and date is on the list already" in again.content.decode()
    assert Recommendation.objects.count() == 1


def test_who_sees_them(practitioner: User, team_manager: User, service_lead: User, qa_lead: User) -> None:
    found = RecommendationFactory()
    address = reverse("actions:recommendation", args=[found.pk])
    answers = [browser(person).get(address).status_code for person in (practitioner, team_manager)]
    assert answers == [404, 404]
    assert [browser(person).get(address).status_code for person in (service_lead, qa_lead)] == [200, 200]
