"""`visible_to` of panels, their meetings and items, exemplars and briefings says the same as the matrix."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from learning import models
from tests.access.sight import sees
from tests.access.world import World

pytestmark = pytest.mark.django_db

MODELS: dict[str, Any] = {
    "panel": models.Panel, "meeting": models.Meeting, "item": models.AgendaItem, "pack": models.Pack,
    "exemplar": models.Exemplar, "briefing": models.Briefing, "practice": models.PracticeList,
}  # fmt: skip


@pytest.mark.parametrize("kind", MODELS)
def test_the_rows_of_each_person_are_those_of_the_matrix(kind: str, world: World) -> None:
    for person in world.people.values():
        if person.user is None:
            continue
        user = User.objects.get(pk=person.user.pk)
        seen = set(MODELS[kind].objects.visible_to(user).values_list("pk", flat=True))
        for thing in world.things[kind]:
            assert (thing.row.pk in seen) == sees(person, thing), f"{person.key}, {thing}"
