"""A random walk of several people over the workflow: no state outside the table, every move has its row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import User
from actions import access
from actions.choices import OPEN_STATUSES, SETTLED, ActionStatus, Level, Origin
from actions.models import Action, ActionMove
from actions.services import changing, creating, doing, verifying
from actions.services.creating import From
from actions.workflow import ACTION_MOVES
from cases.models import Case
from core.history.models import Event
from core.workflow import IllegalMove, StaleVersion, may_follow, move
from tests.actions.wanted import wanted
from tests.factories.accounts import ServiceFactory, TeamFactory, person_as
from tests.factories.cases import CaseFactory, held_by

WHO = ("owner", "colleague", "manager", "lead", "head", "qa_admin", "qa_lead", "stranger")
ENDS = {ActionStatus.VERIFIED, ActionStatus.ACCEPTED, ActionStatus.CANCELLED}
REFUSALS = (NotAllowed, IllegalMove, StaleVersion, ValidationError)


class Walk(RuleBasedStateMachine):
    """People try everything, in any order, with right and wrong versions; the action answers by its table."""

    people: dict[str, User]
    case: Case
    action: Action

    @initialize(origin=st.sampled_from([Origin.FINDING, Origin.BODY]), inadequate=st.booleans(), draft=st.booleans())
    def begin(self, origin: str, inadequate: bool, draft: bool) -> None:
        service = ServiceFactory()
        team = TeamFactory(parent=service)
        self.people = {
            "owner": person_as(Role.PRACTITIONER, team),
            "colleague": person_as(Role.PRACTITIONER, team),
            "manager": person_as(Role.TEAM_MANAGER, team),
            "lead": person_as(Role.SERVICE_LEAD, service),
            "head": person_as(Role.HEAD_OF_SERVICE, service),
            "qa_admin": person_as(Role.QA_ADMIN, service.parent),
            "qa_lead": person_as(Role.QA_LEAD, service.parent),
            "stranger": person_as(Role.TEAM_MANAGER, TeamFactory()),
        }
        self.case = CaseFactory(team=team)
        held_by(self.case, self.people["owner"])
        self.action = creating.create_action(
            wanted=wanted(
                owner=self.people["owner"], case=None if origin == Origin.BODY else self.case,
                level=Level.TEAM if origin == Origin.BODY else Level.CASE, unit=team,
            ),
            by=self.people["qa_lead"], propose=draft, origin=From(origin, "A-2026-0001", inadequate=inadequate),
        )  # fmt: skip
        self.moves = 1
        self.notes = 0
        self.due_moves = 0

    def _try(self, verb: str, who: str, stale: bool, call: Any, **values: Any) -> None:
        person = self.people[who]
        before = Action.objects.get(pk=self.action.pk)
        version = before.version - 1 if stale else before.version
        allowed = bool(access.can(person, verb, before))
        legal = may_follow(ACTION_MOVES, verb, before.status)
        try:
            call(action=before, by=person, version=version, **values)
        except REFUSALS:
            after = Action.objects.get(pk=self.action.pk)
            assert (after.status, after.version) == (before.status, before.version), "a refusal changes nothing"
            return
        after = Action.objects.get(pk=self.action.pk)
        assert allowed, f"{who} was not allowed to {verb}"
        assert not stale, "a stale version was taken"
        assert legal or verb == "claim", (verb, before.status)
        target = move(ACTION_MOVES, verb).target or before.status
        assert after.status == target
        self.moves += 1 + (verb == "claim" and before.status != ActionStatus.IN_PROGRESS)
        self.due_moves += verb == "move_due"
        if verb == "claim":
            self.notes += 1

    common = {"who": st.sampled_from(WHO), "stale": st.integers(0, 5).map(lambda number: number == 0)}
    why = st.sampled_from(["Because the record shows it.", "  "])

    @rule(**common)
    def open(self, who: str, stale: bool) -> None:
        self._try("open", who, stale, creating.open_action)

    @rule(why=why, **common)
    def discard(self, who: str, stale: bool, why: str) -> None:
        self._try("discard", who, stale, creating.discard_action, why=why)

    @rule(**common)
    def update(self, who: str, stale: bool) -> None:
        person = self.people[who]
        before = Action.objects.get(pk=self.action.pk)
        try:
            doing.update_progress(action=before, by=person, text="Visited on Monday.", version=before.version - stale)
        except REFUSALS:
            return
        assert before.owner == person
        assert before.status in OPEN_STATUSES
        self.notes += 1
        self.moves += before.status != ActionStatus.IN_PROGRESS

    @rule(**common)
    def claim(self, who: str, stale: bool) -> None:
        self._try("claim", who, stale, doing.claim_done, text="All done.")

    @rule(**common)
    def verify(self, who: str, stale: bool) -> None:
        self._try("verify", who, stale, verifying.verify_action)

    @rule(why=why, **common)
    def send_back(self, who: str, stale: bool, why: str) -> None:
        self._try("send_back", who, stale, verifying.send_back, why=why)

    @rule(**common)
    def send_to_body(self, who: str, stale: bool) -> None:
        self._try("send_to_body", who, stale, verifying.send_to_body)

    @rule(**common)
    def accept(self, who: str, stale: bool) -> None:
        self._try("accept", who, stale, verifying.record_acceptance)

    @rule(why=why, **common)
    def reject(self, who: str, stale: bool, why: str) -> None:
        self._try("reject", who, stale, verifying.record_rejection, why=why)

    @rule(why=why, **common)
    def cancel(self, who: str, stale: bool, why: str) -> None:
        self._try("cancel", who, stale, changing.cancel_action, why=why)

    @rule(why=why, **common)
    def reopen(self, who: str, stale: bool, why: str) -> None:
        self._try("reopen", who, stale, changing.reopen_action, why=why)

    @rule(why=why, days=st.integers(-2, 40), **common)
    def move_due(self, who: str, stale: bool, why: str, days: int) -> None:
        due_on = timezone.localdate() + timedelta(days=days)
        self._try("move_due", who, stale, changing.move_due_date, why=why, due_on=due_on)

    @rule(why=why, to=st.sampled_from(WHO), **common)
    def reassign(self, who: str, stale: bool, why: str, to: str) -> None:
        self._try("reassign", who, stale, changing.reassign_action, why=why, owner=self.people[to])

    @invariant()
    def rows_tell_the_whole_story(self) -> None:
        if not hasattr(self, "action"):
            return
        now = Action.objects.get(pk=self.action.pk)
        rows = list(ActionMove.objects.filter(action=now).order_by("id"))
        assert len(rows) == self.moves
        assert now.notes.count() == self.notes, "no word is lost"
        state = ""
        for row in rows:
            found = move(ACTION_MOVES, row.event)
            assert row.from_status == state
            assert row.from_status in found.sources or not found.sources
            assert row.to_status == (found.target or row.from_status)
            assert row.why.strip() or not found.needs_reason
            state = row.to_status
        assert now.status == state
        assert now.due_moves == self.due_moves
        dues = [row.due_to for row in rows if row.due_to]
        assert dues[0] == now.original_due_on, "the original date always stands"
        assert dues[-1] == now.due_on
        assert (now.closed_at is not None) == (now.status in SETTLED)
        if now.status in (ActionStatus.VERIFIED, ActionStatus.ACCEPTED):
            assert now.closed_by_id not in (now.owner_id, now.claimed_by_id)
        trail = Event.objects.filter(kind="actions.action", object_id=now.pk).exclude(verb="update").count()
        assert trail == len(rows)
        for person in self.people.values():
            listed = Action.objects.to_verify_by(person).filter(pk=now.pk).exists()
            seen = Action.objects.visible_to(person).filter(pk=now.pk).exists()
            assert (listed and seen) == access.may_verify_now(person, now)


class WalkCase(TestCase, Walk.TestCase):  # type: ignore[misc,name-defined]  # made by Hypothesis
    """Each walk in a transaction of its own."""

    settings = settings(max_examples=10, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


WalkCase = pytest.mark.slow(WalkCase)  # type: ignore[misc]
