"""What the apps above hear, and the sample of verified actions that is looked at again (AC-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, NotAllowed
from accounts.models import User
from actions.choices import ActionStatus, Origin
from actions.models import Action, LoopCheck
from actions.services.changing import cancel_action, reopen_action
from actions.services.checking import draw_sample, record_check
from actions.services.verifying import verify_action
from cases.models import Case
from core.jobs.models import Job
from core.jobs.services import on_event, run_due
from core.workflow import IllegalMove
from tests.factories.actions import ActionFactory, claimed

pytestmark = pytest.mark.django_db

FROM = {"origin": Origin.FINDING, "origin_reference": "A-2026-0001"}


def heard(event: str) -> list[dict[str, Any]]:
    """What listeners of the event were asked to do, in order."""
    return list(Job.objects.filter(kind=f"hears_{event}").order_by("created_at").values_list("payload", flat=True))


@pytest.fixture(autouse=True)
def ears(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.jobs.services import registry

    monkeypatch.setattr(registry, "_listeners", {})
    for event in ("actions.verified", "actions.all_verified", "actions.reopened"):
        on_event(event, f"hears_{event}")


def test_the_last_of_an_origin_is_told_once_all_are_at_an_end(case: Case, team_manager: User, qa_lead: User) -> None:
    first, second = claimed(case=case, **FROM), ActionFactory(case=case, **FROM)
    claimed(case=case, origin=Origin.FINDING, origin_reference="A-2026-0002")
    verify_action(action=first, by=team_manager)
    run_due()
    assert [told["action_id"] for told in heard("actions.verified")] == [str(first.pk)]
    assert heard("actions.all_verified") == []
    cancel_action(action=second, by=qa_lead, why="The family has moved.")
    run_due()
    assert heard("actions.all_verified") == [FROM]
    assert len(heard("actions.verified")) == 1, "what is cancelled is not verified"
    reopen_action(action=first, by=qa_lead, why="It was not the right child.")
    assert [told["action_id"] for told in heard("actions.reopened")] == [str(first.pk)]


def test_a_proposal_of_the_same_origin_keeps_it_waiting(case: Case, team_manager: User) -> None:
    ActionFactory(case=case, status=ActionStatus.DRAFT, **FROM)
    verify_action(action=claimed(case=case, **FROM), by=team_manager)
    run_due()
    assert heard("actions.all_verified") == []


def _verified(count: int) -> None:
    for _ in range(count):
        ActionFactory(status=ActionStatus.VERIFIED, closed_at=timezone.now())


def test_a_tenth_of_a_month_is_drawn_the_same_however_often() -> None:
    _verified(25)
    ActionFactory(status=ActionStatus.CANCELLED, closed_at=timezone.now())
    ActionFactory(status=ActionStatus.VERIFIED, closed_at=timezone.now() - timedelta(days=70))
    month = timezone.localdate()
    assert draw_sample(month=month, by=SYSTEM) == 3
    drawn = set(LoopCheck.objects.values_list("action", flat=True))
    assert draw_sample(month=month, by=SYSTEM) == 0
    assert set(LoopCheck.objects.values_list("action", flat=True)) == drawn
    check = LoopCheck.objects.first()
    assert check is not None
    assert check.due_on == timezone.localdate() + timedelta(weeks=8)


def test_a_check_is_made_once_by_the_qa_unit_and_never_by_the_owner(
    qa_lead: User, qa_admin: User, team_manager: User
) -> None:
    action = ActionFactory(status=ActionStatus.VERIFIED, closed_at=timezone.now(), owner=qa_lead)
    draw_sample(month=timezone.localdate(), by=SYSTEM)
    check = LoopCheck.objects.select_related("action").get(action=action)
    for person in (qa_lead, team_manager):
        with pytest.raises(NotAllowed):
            record_check(check=check, by=person, impact="yes", note="It works.")
    with pytest.raises(ValidationError):
        record_check(check=check, by=qa_admin, impact="perhaps", note=" ")
    client = Client()
    client.force_login(qa_admin)
    assert client.get(reverse("actions:checks")).context["page"].paginator.count == 1
    typed = {"impact": "partly", "note": "Two records of three show it."}
    assert client.post(reverse("actions:check", args=[check.pk]), typed).status_code == 302
    check.refresh_from_db()
    assert (check.impact, check.checked_by) == ("partly", qa_admin)
    with pytest.raises(IllegalMove):
        record_check(check=check, by=qa_admin, impact="yes", note="Again.")
    other = typed | {"note": "All three of them show it now."}
    late = client.post(reverse("actions:check", args=[check.pk]), other)
    assert late.status_code == 409
    assert other["note"] in late.content.decode()
    assert Action.objects.get().status == ActionStatus.VERIFIED
