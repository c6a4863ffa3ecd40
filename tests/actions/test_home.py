"""My work shows what somebody has to do and to verify, a case its actions, and a leaver's page what they left open."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from actions.models import Action
from cases.models import Case
from tests.factories.actions import ActionFactory, claimed

pytestmark = pytest.mark.django_db


def page(user: User, address: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(address)


def _group(response: Any, key: str) -> Any:
    return next(group for group in response.context["groups"] if group.key == key)


def test_each_count_equals_the_list_that_it_leads_to(case: Case, practitioner: User, team_manager: User) -> None:
    for _ in range(10):
        ActionFactory(owner=practitioner, case=case)
    claimed(owner=practitioner, case=case)
    claimed(owner=team_manager, case=case)
    for person, key, count in ((practitioner, "actions", 10), (team_manager, "to_verify", 1)):
        group = _group(page(person, reverse("worklist:home")), key)
        listed = page(person, group.all_url)
        assert (group.count, listed.context["page"].paginator.count) == (count, count)
    assert _group(page(team_manager, reverse("worklist:home")), "actions").count == 0


def test_a_case_shows_its_actions_and_where_to_create_one(case: Case, practitioner: User, team_manager: User) -> None:
    action = ActionFactory(case=case)
    address, create = reverse("cases:detail", args=[case.pk]), reverse("actions:create_for_case", args=[case.pk])
    for person in (practitioner, team_manager):
        shown = page(person, address).content.decode()
        assert action.reference in shown
        assert (create in shown) == (person == team_manager)


def test_whoever_holds_no_role_any_more_sees_not_even_their_own(case: Case, practitioner: User) -> None:
    action = ActionFactory(owner=practitioner, case=case)
    assert Action.objects.visible_to(practitioner).exists()
    Membership.objects.filter(user=practitioner).update(ends_on=timezone.localdate().replace(year=2021))
    gone = User.objects.get(pk=practitioner.pk)
    assert not Action.objects.visible_to(gone).exists()
    assert page(gone, reverse("actions:detail", args=[action.pk])).status_code == 404


def test_what_a_leaver_left_open_is_in_one_list(case: Case, practitioner: User, qa_lead: User) -> None:
    action = ActionFactory(owner=practitioner, case=case)
    address = reverse("actions:list") + "?show=all&needs_owner=on"
    assert page(qa_lead, address).context["lines"] == []
    User.objects.filter(pk=practitioner.pk).update(is_active=False)
    assert [line.id for line in page(qa_lead, address).context["lines"]] == [action.pk]
    shown = page(qa_lead, reverse("actions:detail", args=[action.pk])).content.decode()
    assert "This action needs an owner" in shown
