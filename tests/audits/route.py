"""An audit driven by random moves of many people, legal and illegal, to its settled grade; checked at each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import User
from audits.choices import (
    DISPUTE_UNDER_WAY,
    GRADE_FINAL,
    MODERATION_UNDER_WAY,
    AuditStatus,
    DisputeStatus,
    Grade,
    ModerationOutcome,
    ModerationStatus,
)
from audits.models import Audit, Dispute, Moderation
from audits.services import answering, disputing, moderating, planning, returning, submitting
from audits.services.drafting import OverallDraft, save_overall, save_section
from audits.services.moves import StaleVersion
from audits.services.submitting import NotReady
from audits.services.tallies import rebuild
from audits.workflow import AUDIT_MOVES, DISPUTE_MOVES, MODERATION_MOVES
from core.history.models import Event
from core.workflow import IllegalMove
from tests.audits.drafts import REASON, section, section_draft
from tests.audits.playing import play_at_random

REFUSED = (NotAllowed, IllegalMove, StaleVersion, ValidationError, NotReady)
WHY = "The record of May says otherwise, and twice."
TABLE = {
    (move.event, source, move.target)
    for move in (*AUDIT_MOVES, *MODERATION_MOVES, *DISPUTE_MOVES)
    for source in (move.sources or ("",))
}
# Who alone may have made a move, by the roles that they hold here. A head of service may moderate, too.
MAKERS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("auditor",): ("submit", "recall", "resubmit", "accept", "accept_inadequate", "dispute"),
    ("moderator", "head"): (
        "open", "agree", "agree_inadequate", "change", "return", "return_to_lead", "assign", "decide",
    ),
    ("head",): ("confirm", "query"),
    ("lead",): ("send_back", "hand_on", "void"),
}  # fmt: skip
grades = st.sampled_from(list(Grade))


@dataclass(frozen=True)
class Cast:
    """The people of the play and the audit, filled in and not submitted."""

    audit: Audit
    auditor: User
    people: dict[str, User]

    def kind(self, person: User) -> str:
        """Which part a person plays: auditor, moderator, head, lead or other."""
        key = next(key for key, user in self.people.items() if user.pk == person.pk)
        return key.rstrip("0123456789")


class Route(RuleBasedStateMachine):
    """One audit. `cast` is set by the test; everything of one example is undone at its end."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.legal = 0

    def teardown(self) -> None:
        """Undo the example."""
        transaction.set_rollback(True)
        self._undone.__exit__(None, None, None)

    # What stands

    @property
    def audit(self) -> Audit:
        return Audit.objects.get(pk=self.cast.audit.pk)

    @property
    def moderation(self) -> Moderation | None:
        return Moderation.objects.filter(audit=self.cast.audit).select_related("audit").order_by("-submission").first()

    @property
    def dispute(self) -> Dispute | None:
        return Dispute.objects.filter(audit=self.cast.audit).select_related("audit").order_by("-raised_at").first()

    def fingerprint(self) -> object:
        """All that a refused move must leave as it was."""
        return (
            list(Audit.objects.filter(pk=self.cast.audit.pk).values()),
            list(Moderation.objects.order_by("pk").values()),
            list(Dispute.objects.order_by("pk").values()),
            list(self.cast.audit.sections.order_by("pk").values()),
            self.cast.audit.transitions.count(),
            Event.objects.count(),
        )

    def attempt(self, act: Callable[[], Any]) -> None:
        """Make the move; where it is refused, nothing has changed."""
        before = self.fingerprint()
        try:
            with transaction.atomic():
                act()
            self.legal += 1
        except REFUSED:
            assert self.fingerprint() == before

    # Moves

    @initialize(overall=grades)
    def submitted(self, overall: str) -> None:
        """Most of the play is after the first submission."""
        self.write(self.cast.auditor, overall, overall)
        self.make("submit", self.cast.auditor, overall, False)

    @rule(
        verb=st.sampled_from(
            ["submit", "recall", "open", "agree", "change", "return", "send_back", "hand_on", "accept", "dispute",
             "confirm", "query", "take", "decide", "refer", "panel", "void"]
        ),
        who=st.integers(0, 8), grade=grades, stale=st.booleans(),
    )  # fmt: skip
    def anybody_tries_anything(self, verb: str, who: int, grade: str, stale: bool) -> None:
        people = list(self.cast.people.values())
        self.make(verb, people[who % len(people)], grade, stale)

    @rule(picks=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1), grades), min_size=3, max_size=9))
    def somebody_does_what_is_next(self, picks: list[tuple[int, int, str]]) -> None:
        for pick, who, grade in picks:
            self.next(pick, who, grade)
            self.check()

    def next(self, pick: int, who: int, grade: str) -> None:
        """One move that may follow, by somebody who may make it."""
        moderation, dispute, people = self.moderation, self.dispute, self.cast.people
        status = moderation.status if moderation is not None else ""
        if dispute is not None and dispute.status in DISPUTE_UNDER_WAY:
            status = dispute.status
        second = dispute.second_moderator if dispute is not None else None
        moderator = moderation.moderator if moderation is not None else None
        steps: dict[str, list[tuple[str, User | None]]] = {
            ModerationStatus.SELECTED: [("open", people[f"moderator{who}"])],
            ModerationStatus.OPENED: [
                ("change", moderator),
                ("return", moderator),
                ("change", moderator),
                ("agree", moderator),
            ],
            ModerationStatus.RETURNED: [("submit", self.cast.auditor)],
            ModerationStatus.WITH_QA_LEAD: [("send_back", people["lead0"]), ("hand_on", people["lead0"])],
            ModerationStatus.AWAITING_ACCEPTANCE: [("dispute", self.cast.auditor), ("accept", self.cast.auditor)],
            ModerationStatus.AWAITING_CONFIRMATION: [
                ("confirm", people[f"head{who}"]),
                ("query", people[f"head{who}"]),
            ],
            DisputeStatus.OPEN: [("take", people["moderator1"]), ("take", people["moderator2"])],
            DisputeStatus.WITH_SECOND_MODERATOR: [("decide", second), ("decide", second), ("refer", second)],
            DisputeStatus.WITH_PANEL: [("panel", people["panel0"])],
            ModerationStatus.WITHDRAWN: [("submit", self.cast.auditor)],
        }
        offered = steps.get(status, [])
        if offered:
            verb, person = offered[pick % len(offered)]
            self.make(verb, person or people["moderator0"], grade, False)

    @rule(grade=grades, part=grades, own=st.booleans())
    def somebody_writes(self, grade: str, part: str, own: bool) -> None:
        self.write(self.cast.auditor if own else self.cast.people["moderator0"], grade, part)

    @rule(days=st.integers(0, 1))
    def time_passes(self, days: int) -> None:
        moderation = self.moderation
        if moderation is not None and moderation.answer_by is not None:
            waiting = moderation.status == ModerationStatus.AWAITING_ACCEPTANCE
            done = answering.lapse_answers(today=moderation.answer_by + timedelta(days=days))
            assert done == (1 if waiting and days else 0)
            assert answering.lapse_answers(today=moderation.answer_by) == 0

    def write(self, by: User, grade: str, part: str) -> None:
        """Change a section and the overall grade."""
        row = section(self.audit, "voice")
        self.attempt(
            lambda: save_section(
                audit_section=row, draft=section_draft(part, reason_checked=True), by=by, version=row.version
            )
        )
        audit = self.audit
        draft = OverallDraft(grade=grade, rationale="Taken together, this is what the record shows.")
        self.attempt(lambda: save_overall(audit=audit, draft=draft, by=by, version=audit.version))

    def make(self, verb: str, by: User, grade: str, stale: bool) -> None:
        """One move by one person, with the version that stands or an old one."""
        audit, moderation, dispute = self.audit, self.moderation, self.dispute
        version = audit.version - stale
        if verb == "submit":
            self.attempt(lambda: submitting.submit_audit(audit=audit, by=by, version=version))
        elif verb == "recall":
            self.attempt(lambda: submitting.recall_audit(audit=audit, by=by, why=WHY, version=version))
        elif verb == "void":
            if by == self.cast.people["lead0"] and not stale:
                return  # the end of every play; tried by others and with an old version
            self.attempt(lambda: planning.void_audit(audit=audit, by=by, why=WHY, version=version))
        elif verb in ("take", "decide", "refer", "panel"):
            if dispute is not None:
                self._dispute(verb, dispute, by, grade, dispute.version - stale)
        elif moderation is not None:
            self._moderation(verb, moderation, by, grade, moderation.version - stale)

    def _dispute(self, verb: str, dispute: Dispute, by: User, grade: str, version: int) -> None:
        acts: dict[str, Callable[[], Any]] = {
            "take": lambda: disputing.assign_dispute(dispute=dispute, moderator=by, by=by, version=version),
            "decide": lambda: disputing.decide_dispute(
                dispute=dispute, by=by, grade=grade, reason=REASON, override_reason=REASON, version=version
            ),
            "refer": lambda: disputing.refer_to_panel(dispute=dispute, by=by, why=WHY, version=version),
            "panel": lambda: disputing.decide_dispute_by_panel(
                dispute=dispute, by=by, grade=grade, reason=REASON, override_reason=REASON,
                votes=[disputing.Vote(by, grade)],
            ),
        }  # fmt: skip
        self.attempt(acts[verb])

    def _moderation(self, verb: str, moderation: Moderation, by: User, grade: str, version: int) -> None:
        def decide(outcome: str, **more: Any) -> Callable[[], Any]:
            return lambda: moderating.decide_moderation(
                moderation=moderation, by=by, outcome=outcome, override_reason=REASON, version=version, **more
            )

        common: dict[str, Any] = {"moderation": moderation, "by": by, "version": version}
        acts: dict[str, Callable[[], Any]] = {
            "open": lambda: moderating.open_moderation(moderation=moderation, by=by),
            "agree": decide(ModerationOutcome.AGREED),
            "change": decide(ModerationOutcome.CHANGED, grade=grade, reason=REASON),
            "return": lambda: returning.return_audit(questions=[returning.Question("Who saw the child?")], **common),
            "send_back": lambda: returning.send_back(why=WHY, **common),
            "hand_on": lambda: returning.hand_on(why=WHY, **common),
            "accept": lambda: answering.accept_grade(**common),
            "dispute": lambda: answering.dispute_grade(why=WHY, **common),
            "confirm": lambda: answering.confirm_grade(**common),
            "query": lambda: answering.query_grade(why=WHY, **common),
        }
        self.attempt(acts[verb])

    # What always holds

    def check(self) -> None:
        """What holds between the moves of one rule, too."""
        self.every_move_is_in_the_tables_and_made_by_who_may()
        self.audit_moderation_and_dispute_say_the_same()
        self.what_is_counted_is_what_a_recount_gives()

    @invariant()
    def every_move_is_in_the_tables_and_made_by_who_may(self) -> None:
        people = {user.pk: user for user in self.cast.people.values()}
        for event, source, target, by in self.cast.audit.transitions.values_list(
            "event", "from_status", "to_status", "by"
        ):
            assert (event, source, target) in TABLE
            for kinds, events in MAKERS.items():
                if event in events:
                    assert by is not None and self.cast.kind(people[by]) in kinds, (event, kinds)

    @invariant()
    def audit_moderation_and_dispute_say_the_same(self) -> None:
        audit, moderation, dispute = self.audit, self.moderation, self.dispute
        under_way = moderation is not None and moderation.status in MODERATION_UNDER_WAY
        assert under_way == (audit.status == AuditStatus.SUBMITTED)
        disputed = dispute is not None and dispute.status in DISPUTE_UNDER_WAY
        assert disputed == (moderation is not None and moderation.status == ModerationStatus.DISPUTED)

    @invariant()
    def what_is_counted_is_what_a_recount_gives(self) -> None:
        assert rebuild() == 0

    @invariant()
    def the_trail_has_every_move(self) -> None:
        records = [self.cast.audit.pk]
        records += Moderation.objects.filter(audit=self.cast.audit).values_list("pk", flat=True)
        records += Dispute.objects.filter(audit=self.cast.audit).values_list("pk", flat=True)
        moves = {(event, target) for event, target in self.cast.audit.transitions.values_list("event", "to_status")}
        trail = set(Event.objects.filter(object_id__in=records).values_list("verb", "to_state"))
        assert moves <= trail

    @invariant()
    def an_inadequate_grade_that_settled_was_confirmed_by_somebody_else_or_decided_by_the_panel(self) -> None:
        audit, moderation = self.audit, self.moderation
        if audit.status not in GRADE_FINAL or audit.grade != Grade.INADEQUATE or moderation is None:
            return
        by_panel = moderation.disputes.filter(by_panel=True, status=DisputeStatus.DECIDED).exists()
        judged = {audit.auditor_id, moderation.moderator_id}
        assert by_panel or (moderation.confirmed_by_id and moderation.confirmed_by_id not in judged)

    @invariant()
    def both_grades_are_kept(self) -> None:
        moderation = self.moderation
        if moderation is not None and moderation.status != ModerationStatus.WITHDRAWN:
            assert moderation.grade_before
            if self.audit.status in GRADE_FINAL:
                assert self.audit.grade == moderation.grade_after


def drive(cast: Cast, *, examples: int, steps: int) -> None:
    """Play so many plays of so many steps."""

    class Play(Route):
        pass

    Play.cast = cast
    play_at_random(Play, examples=examples, steps=steps)


ROLES = {
    "moderator0": Role.MODERATOR, "moderator1": Role.MODERATOR, "moderator2": Role.MODERATOR,
    "head0": Role.HEAD_OF_SERVICE, "head1": Role.HEAD_OF_SERVICE, "lead0": Role.QA_LEAD,
    "panel0": Role.PANEL_MEMBER, "other0": Role.TEAM_MANAGER,
}  # fmt: skip
