"""Invented actions and recommendations, for tests that do not need the services to make them."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from actions.choices import ActionStatus, Body, Level, Origin, Priority, Verifier
from actions.models import Action, Recommendation
from tests.factories.accounts import UserFactory
from tests.factories.cases import CaseFactory


class ActionFactory(DjangoModelFactory[Action]):
    """An open action about a case, verified by the team manager; other states by the fields given."""

    class Meta:
        model = Action

    reference = factory.Sequence(lambda n: f"ACT-2020-{n:05d}")
    what = "See the child alone and record what they say."
    how_we_know = "A case note of the visit."
    owner = factory.SubFactory(UserFactory)
    due_on = date(2026, 12, 11)
    original_due_on = factory.SelfAttribute("due_on")
    priority = Priority.MEDIUM
    level = Level.CASE
    themes = factory.LazyFunction(list)
    case = factory.SubFactory(CaseFactory)
    service = factory.LazyAttribute(lambda action: action.case.service if action.case else None)
    team = factory.LazyAttribute(lambda action: action.case.team if action.case else None)
    origin = Origin.STAND_ALONE
    verifier = Verifier.MANAGER
    status = ActionStatus.OPEN
    created_at = factory.LazyFunction(timezone.now)


def claimed(**fields: Any) -> Action:
    """An action that its owner has claimed as done."""
    owner = fields.pop("owner", None) or UserFactory()
    return ActionFactory(
        owner=owner, status=ActionStatus.CLAIMED, claimed_by=owner, claimed_at=timezone.now(), **fields
    )


class RecommendationFactory(DjangoModelFactory[Recommendation]):
    """A recommendation of a scrutiny panel that nobody has answered yet."""

    class Meta:
        model = Recommendation

    source = Body.SCRUTINY
    body_name = "Children's Scrutiny Panel"
    item_number = factory.Sequence(lambda n: f"{n}")
    made_on = date(2026, 3, 4)
    title = "Return home interviews"
    wording = "Offer every child a return home interview within 72 hours."
