"""A random play of what follows the feedback: answers, challenges and actions of many people, until the audit closes.

No state outside the tables, a refusal changes nothing, no word is lost, the trail is whole, the rollup is a recount.
What a step did not change is not read again: `changed` says that what was read before may have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.access import NotAllowed
from accounts.models import User
from actions.choices import SETTLED as ACTIONS_AT_END
from actions.choices import Origin
from actions.models import Action, ActionMove, ActionNote
from actions.services import changing, doing, verifying
from actions.services.creating import From, create_action
from actions.workflow import ACTION_MOVES
from audits.choices import AuditStatus, ChallengeStatus, ClockKind, Grade, View
from audits.models import Audit, Challenge, Clock, Dispute, Feedback, Reflection, Response
from audits.rules.responding import Answered
from audits.services import challenging, closing, disputing, reflecting, responding
from audits.services.responding import ResponseDraft
from audits.services.tallies import rebuild
from audits.workflow import AUDIT_MOVES, DISPUTE_MOVES
from cases.models import Case
from core.history.models import Event
from core.workflow import IllegalMove, Move, StaleVersion
from tests.actions.wanted import wanted
from tests.audits.drafts import REASON
from tests.audits.playing import play_at_random
from tests.audits.test_responding import issued

REFUSED = (NotAllowed, IllegalMove, StaleVersion, ValidationError)


def table(moves: Iterable[Move]) -> set[tuple[str, str, str]]:
    """(event, from, to) of all that the table allows; a move without a target stays where it is."""
    return {(move.event, source, move.target or source) for move in moves for source in (move.sources or ("",))}


OF_AUDIT, OF_DISPUTE, OF_ACTION = table(AUDIT_MOVES), table(DISPUTE_MOVES), table(ACTION_MOVES)
WHO = ("worker", "manager", "lead", "head", "qa_lead", "qa_admin", "moderator", "second", "stranger")
who = st.sampled_from(WHO)
grades = st.sampled_from(list(Grade))


@cache
def _kept() -> list[str]:
    """What reads all that a refused move must leave as it was. Put together once: this is asked at every move."""
    rows = (
        model._default_manager.order_by("pk").values_list()
        for model in (Audit, Response, Challenge, Dispute, Action, Clock, Feedback, Reflection, ActionNote)
    )
    return [*(str(each.query) for each in rows), str(Event.objects.values_list("pk").query)]


class Loop(RuleBasedStateMachine):
    """One audit whose feedback is issued. `case` and `people` are set by the test; an example is undone at its end."""

    case: Case
    people: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.said: list[tuple[Callable[[], Any], str]] = []
        self.number = 0
        self.changed()

    def changed(self) -> None:
        """Something was moved, or may have been."""
        self._kept: object = None
        self._looked = False

    def teardown(self) -> None:
        """Undo the example."""
        transaction.set_rollback(True)
        self._undone.__exit__(None, None, None)

    @initialize(grade=grades, names=st.permutations(("qa_admin", "qa_lead", "stranger")), far=st.integers(0, 3))
    def begin(self, grade: str, names: list[str], far: int) -> None:
        """Most plays begin with one way to the end, and with what these people then open again."""
        self.key = issued(self.case, grade).pk
        if far:
            self.make_an_action("manager")
            self.what_is_next_is_done(names)

    @property
    def audit(self) -> Audit:
        return Audit.objects.get(pk=self.key)

    @property
    def version(self) -> int:
        response = Response.objects.filter(audit=self.key).first()
        return response.version if response else 0

    def words(self, text: str) -> str:
        """A text that nobody has written before."""
        self.number += 1
        return f"{text} This is number {self.number} of what was said."

    def fingerprint(self) -> object:
        """All that a refused move must leave as it was, as it stands now."""
        found = []
        with connection.cursor() as cursor:
            for sql in _kept():
                cursor.execute(sql)
                found.append(cursor.fetchall())
        return found

    def attempt(self, act: Callable[[], Any]) -> bool:
        """Make the move; where it is refused, nothing has changed."""
        before = self._kept = self._kept or self.fingerprint()
        try:
            with transaction.atomic():
                act()
        except REFUSED:
            assert self.fingerprint() == before
            return False
        self.changed()
        return True

    # The response

    @rule(name=who, view=st.sampled_from(View), stale=st.integers(0, 4))
    def respond(self, name: str, view: str, stale: int) -> None:
        audit, by, text = self.audit, self.people[name], self.words("A date stands beside each step.")
        draft = ResponseDraft(text, {each.pk: Answered(view, text) for each in audit.findings.all()})
        version = self.version - (stale == 1)
        if self.attempt(lambda: responding.give_response(audit=audit, by=by, draft=draft, version=version)):
            self.given = text

    @rule(name=who)
    def say_that_the_child_is_safe(self, name: str) -> None:
        audit, by, text = self.audit, self.people[name], self.words("The child was seen alone.")
        if self.attempt(lambda: responding.give_safety_statement(audit=audit, by=by, text=text)):
            self.said.append((lambda: Response.objects.get(audit=self.key).safety, text))

    @rule(name=who, back=st.integers(0, 2))
    def countersign(self, name: str, back: int) -> None:
        audit, by, version = self.audit, self.people[name], self.version
        if back == 1:
            why = self.words("Point 1 names nobody.")
            self.attempt(lambda: responding.send_response_back(audit=audit, by=by, why=why, version=version))
        else:
            self.attempt(lambda: responding.countersign_response(audit=audit, by=by, version=version))

    @rule(name=who)
    def reflect(self, name: str) -> None:
        audit, by, text = self.audit, self.people[name], self.words("I would visit sooner.")
        row = Reflection.objects.filter(audit=self.key, person=by).first()
        version = row.version if row else 0
        if self.attempt(lambda: reflecting.save_reflection(audit=audit, by=by, text=text, version=version)):
            assert Reflection.objects.get(audit=self.key, person=by).text == text

    # Challenges

    @rule(name=who)
    def challenge(self, name: str) -> None:
        audit, by, text = self.audit, self.people[name], self.words("The dates stand in the plan.")
        if self.attempt(lambda: challenging.challenge_feedback(audit=audit, by=by, about="grade", text=text)):
            found = Challenge.objects.get(text=text).pk
            self.said.append((lambda: Challenge.objects.get(pk=found).text, text))

    @rule(name=who, grade=grades, straight=st.booleans())
    def judge(self, name: str, grade: str, straight: bool) -> None:
        by = self.people["second" if straight else name]
        for act in ("take", "decide"):
            dispute = Dispute.objects.filter(audit=self.key).order_by("-raised_at").first()
            if dispute is None:
                return
            self._judge(act, dispute, by, grade)

    def _judge(self, act: str, dispute: Dispute, by: User, grade: str) -> None:
        if act == "take":
            self.attempt(lambda: disputing.assign_dispute(dispute=dispute, moderator=by, by=by))
            return
        before, reason = self.audit, self.words(REASON)
        issues = Feedback.objects.filter(audit=self.key).count()
        if self.attempt(
            lambda: disputing.decide_dispute(
                dispute=dispute, by=by, grade=grade, reason=reason, override_reason=REASON, version=dispute.version
            )
        ):
            decided = Dispute.objects.get(pk=dispute.pk).status == "decided"
            changed = decided and grade != before.grade
            assert self.audit.status == before.status
            assert self.audit.grade == (grade if changed else before.grade)
            assert Feedback.objects.filter(audit=self.key).count() == issues + changed
            self.said.append((lambda: Dispute.objects.get(pk=dispute.pk).reason, reason) if decided else (str, ""))

    # Actions

    @rule(name=who)
    def make_an_action(self, name: str) -> None:
        audit, by = self.audit, self.people[name]
        if audit.status == AuditStatus.CLOSED:
            return
        origin = From(Origin.RESPONSE, audit.reference, inadequate=audit.counted_grade == Grade.INADEQUATE)
        asked = wanted(owner=self.people["worker"], case=self.case, what=self.words("See the child alone."))
        self.attempt(lambda: create_action(wanted=asked, by=by, origin=origin))

    @rule(name=who, verb=st.sampled_from(["claim", "verify", "back", "reopen", "cancel"]), pick=st.integers(0, 3))
    def move_an_action(self, name: str, verb: str, pick: int) -> None:
        actions = list(Action.objects.order_by("pk"))
        if actions:
            self._move(actions[pick % len(actions)], self.people[name], verb)

    def _move(self, action: Action, by: User, verb: str) -> None:
        text, closed = self.words("It is done."), self.audit.status == AuditStatus.CLOSED
        acts: dict[str, Callable[[], Any]] = {
            "claim": lambda: doing.claim_done(action=action, by=by, text=text),
            "verify": lambda: verifying.verify_action(action=action, by=by),
            "back": lambda: verifying.send_back(action=action, by=by, why=text),
            "reopen": lambda: changing.reopen_action(action=action, by=by, why=text),
            "cancel": lambda: changing.cancel_action(action=action, by=by, why=text),
        }
        if not self.attempt(acts[verb]):
            return
        if verb == "claim":
            self.said.append((lambda: ActionNote.objects.get(text=text).text, text))
        elif verb != "verify":
            self.said.append((lambda: ActionMove.objects.get(action=action, why=text).why, text))
        if verb == "reopen" and closed:
            assert by == self.people["qa_lead"]
            assert self.audit.transitions.last().why == text

    # The way to the end

    @rule(names=st.lists(who, min_size=2, max_size=3))
    def what_is_next_is_done(self, names: list[str]) -> None:
        """Nearer to the end: what waits is done by whoever may, and the time to challenge runs out."""
        self.say_that_the_child_is_safe("manager")
        self.respond("manager", View.AGREE, 0)
        self.countersign("lead", 0)
        for action in Action.objects.exclude(status__in=ACTIONS_AT_END):
            self._move(action, self.people["worker"], "claim")
            self._move(Action.objects.get(pk=action.pk), self.people["qa_lead"], "verify")
            self._move(Action.objects.get(pk=action.pk), self.people["manager"], "verify")
        self.judge("second", self.audit.grade, True)
        Clock.objects.filter(kind=ClockKind.CHALLENGE).update(due_on=timezone.localdate() - timedelta(days=1))
        closing.close_all_done()
        self.changed()
        for name in names:
            for action in Action.objects.all()[:1]:
                self._move(action, self.people[name], "reopen")
            audit, why = self.audit, self.words("The court has heard it again.")
            if self.attempt(
                lambda name=name, audit=audit, why=why: closing.reopen_audit(
                    audit=audit, by=self.people[name], why=why, version=audit.version
                )
            ):
                closing.release_hold(audit=self.audit, by=self.people["qa_lead"])
                self.changed()

    # What always holds

    @invariant()
    def it_holds_what_always_holds(self) -> None:
        """Looked at after each step that changed something."""
        if self._looked or not hasattr(self, "key"):
            return
        self._looked = True
        self.every_move_is_in_the_table_and_follows_the_one_before()
        self.nothing_closed_has_open_work()
        self.no_word_is_lost()
        assert rebuild() == 0, "what is counted is what a recount gives"

    def every_move_is_in_the_table_and_follows_the_one_before(self) -> None:
        rows = [
            (row.event, row.from_status, row.to_status)
            for row in self.audit.transitions.order_by("pk")
            if (row.event, row.from_status, row.to_status) not in OF_DISPUTE
        ]
        assert set(rows) <= OF_AUDIT
        assert all(before[2] == after[1] for before, after in pairwise(rows))
        assert rows[-1][2] == self.audit.status
        trail = set(Event.objects.filter(object_id=self.key).values_list("verb", "to_state"))
        assert {(event, to) for event, _, to in rows} <= trail
        moves = list(ActionMove.objects.values_list("event", "from_status", "to_status", "action"))
        assert {(event, before, after) for event, before, after, _ in moves} <= OF_ACTION
        written = Event.objects.filter(kind="actions.action", object_id__in={action for *_, action in moves})
        assert written.exclude(verb="update").count() == len(moves)

    def nothing_closed_has_open_work(self) -> None:
        if self.audit.status == AuditStatus.CLOSED:
            assert not Action.objects.exclude(status__in=ACTIONS_AT_END).exists()
            assert not Challenge.objects.filter(status=ChallengeStatus.OPEN).exists()
            assert not self.audit.holds.filter(released_at=None).exists()

    def no_word_is_lost(self) -> None:
        for read, text in self.said:
            assert read() == text
        if hasattr(self, "given") and Response.objects.filter(audit=self.key).exists():
            response = Response.objects.get(audit=self.key)
            assert {response.summary, *response.points.values_list("text", flat=True)} == {self.given}


def play(case: Case, people: dict[str, User], *, examples: int, steps: int) -> None:
    """So many plays of so many steps each, in a case and by the people of `WHO`."""

    class Play(Loop):
        pass

    Play.case, Play.people = case, people
    play_at_random(Play, examples=examples, steps=steps)
