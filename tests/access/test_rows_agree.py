"""Three say who sees what: the matrix, `visible_to` and `access.can`. They say the same for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import KeptForm, User
from actions import access as actions_access
from actions.models import Action, LoopCheck, Recommendation
from assurance_clinics.models import Clinic
from audits import access as audits_access
from audits.models import Audit, Calibration, Dispute, Moderation, SafeguardingAlert
from cases import access as cases_access
from cases.models import Case
from core.jobs.models import ExportFile, FileImport, Job
from core.notifications.models import Notice
from learning.models import PanelSummary
from reports.models import FeedToken, SavedReport, Subscription, WrittenReport
from tests.access.sight import sees
from tests.access.world import World

pytestmark = pytest.mark.django_db

MODELS: dict[str, Any] = {
    "clinic": Clinic,
    "case": Case, "audit": Audit, "moderation": Moderation, "dispute": Dispute, "alert": SafeguardingAlert,
    "calibration": Calibration,
    "action": Action, "check": LoopCheck, "recommendation": Recommendation, "job": Job, "import": FileImport,
    "notice": Notice, "summary": PanelSummary, "kept form": KeptForm, "written report": WrittenReport,
}  # fmt: skip
MODELS |= {
    "export": ExportFile, "token": FeedToken, "saved report": SavedReport, "subscription": Subscription,
}  # fmt: skip


@pytest.mark.parametrize("kind", MODELS)
def test_the_rows_of_each_person_are_those_of_the_matrix(kind: str, world: World) -> None:
    asked = 0
    for person in world.people.values():
        if person.user is None:
            continue
        user = User.objects.get(pk=person.user.pk)
        seen = set(MODELS[kind].objects.visible_to(user).values_list("pk", flat=True))
        for thing in world.things[kind]:
            assert (thing.row.pk in seen) == sees(person, thing), f"{person.key}, {thing}"
            asked += 1
    assert asked >= 20


def test_nobody_may_do_anything_with_a_row_that_they_do_not_see(world: World) -> None:
    """And whoever sees a case, an audit or an action may at least say so: `can` is no second set of rows."""
    refused = allowed = 0
    for person in world.people.values():
        if person.user is None:
            continue
        user = User.objects.get(pk=person.user.pk)
        for thing in world.things["case"]:
            verbs = ("see", "restrict", "lift restriction", "name people", "add alias")
            may = {verb for verb in verbs if cases_access.can(user, verb, thing.row)}
            assert ("see" in may) == sees(person, thing)
            assert sees(person, thing) or not may
        for thing in world.things["audit"]:
            verbs = ("allocate", "reassign", "void", "fill", "submit", "recall", "decline", "see_draft", "raise_alert")
            may = {verb for verb in verbs if audits_access.can(user, verb, thing.row)}
            gone = thing.status in ("planned", "void") and thing.auditor == person.key
            assert sees(person, thing) or not may or gone, f"{person.key}, {thing}: {may}"
            assert ("raise_alert" in may) == sees(person, thing)
            refused += not may
            allowed += bool(may)
        for thing in world.things["action"]:
            may = {verb for verb in actions_access.VERBS if actions_access.can(user, verb, thing.row)}
            assert ("see" in may) == sees(person, thing), f"{person.key}, {thing}"
            assert sees(person, thing) or not may
    assert refused > 100 and allowed > 50
