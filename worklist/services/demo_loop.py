"""How the demo council answers its audits: long answered and closed ones, and a few stories under way."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.choices import Role
from accounts.models import Membership, User
from audits.choices import (
    AuditStatus,
    ClockKind,
    ClockState,
    FindingKind,
    Grade,
    ResponseStatus,
    View,
)
from audits.models import Audit, Clock, Feedback, Finding, Response, ResponsePoint, Transition
from audits.rules.responding import Answered, clocks_on_issue, needs_countersignature, needs_safety_statement
from audits.services.challenging import challenge_feedback
from audits.services.re_auditing import book_re_audit
from audits.services.reflecting import ask_consent, record_meeting, save_reflection, say_thanks
from audits.services.responding import ResponseDraft, give_response, give_safety_statement, save_response
from core.council.selectors import setting
from core.working_days import LONDON, add_working_days, working_days_between
from worklist.services.demo_people import Council

_SAFE = (
    "The duty worker saw the child alone on the same day. The safety plan was read with the parents and is in place."
)
_DONE = (
    "The plan is written anew with the family, with a date beside each step.",
    "Visits are booked for the next eight weeks, and the child is seen alone at each.",
    "Supervision looks at this case every two weeks until the plan moves.",
    "The chronology is brought up to date and read before the next review.",
)
_WHY_NOT = "The visits were made; they stand under the record of the older sibling."
_CHALLENGE = "Three of the visits that are called missing stand in the record of the sibling, dated as planned."
_OPEN_FOR = 8
"""Working days for which the latest audits of the history wait, as they would."""


def make_loop(*, rng: random.Random, council: Council, today: date) -> None:
    """Feedback, clocks and responses for the whole history, then stories of the Otter Team."""
    issued = list(
        Audit.objects.filter(status=AuditStatus.FEEDBACK_ISSUED, historic=False, case__restricted=False)
        .select_related("case", "team", "service")
        .order_by("feedback_issued_at", "reference")
    )
    stories = _choose(issued)
    told = {audit.pk for audit in stories.values()}
    _answer_history(rng, [audit for audit in issued if audit.pk not in told], today)
    _pair_some(issued, told)
    _Stories(council, today).tell(stories)


def _choose(issued: list[Audit]) -> dict[str, Audit]:
    """The latest audits of the Otter Team that suit each story."""
    otter = [audit for audit in reversed(issued) if audit.team is not None and audit.team.name == "Otter Team"]
    wanted = (
        ("sign", Grade.INADEQUATE), ("late", Grade.REQUIRES_IMPROVEMENT), ("challenge", Grade.REQUIRES_IMPROVEMENT),
        ("thanks", Grade.GOOD), ("acknowledge", Grade.GOOD),
    )  # fmt: skip
    found: dict[str, Audit] = {}
    for story, grade in wanted:
        for audit in otter:
            if audit.counted_grade == grade and audit not in found.values():
                found[story] = audit
                break
    return found


def _answer_history(rng: random.Random, audits: list[Audit], today: date) -> None:
    managers, leads = _by_unit(Role.TEAM_MANAGER), _by_unit(Role.SERVICE_LEAD)
    points: dict[Any, list[Any]] = {}
    for finding, of in Finding.objects.filter(kind=FindingKind.DEVELOPMENT).values_list("pk", "audit"):
        points.setdefault(of, []).append(finding)
    names = {name for grade in (*Grade, "") for name in clocks_on_issue(grade).values()}
    lengths = {name: setting(name) for name in names}
    feedbacks, clocks, responses, answers, moves = [], [], [], [], []
    for audit in audits:
        at = audit.feedback_issued_at or timezone.now()
        day = timezone.localdate(at)
        age = working_days_between(day, today)
        feedbacks.append(
            Feedback(audit=audit, number=1, grade=audit.grade, counted_grade=audit.counted_grade, issued_at=at)
        )
        manager = managers.get(audit.team_id)
        answered: datetime | None = None
        for kind, key in clocks_on_issue(audit.counted_grade).items():
            days = lengths[key]
            due = add_working_days(day, days)
            clock = Clock(
                audit=audit, kind=kind, serious=audit.counted_grade == Grade.INADEQUATE, started_on=day, days=days,
                due_on=due, first_due_on=due,
            )  # fmt: skip
            if age > _OPEN_FOR and manager is not None and kind != ClockKind.CHALLENGE:
                took = max(1, min(age - 1, round(days * rng.choice((0.3, 0.5, 0.6, 0.8, 0.9, 1, 1.3)))))
                clock.state, clock.ended_at = ClockState.MET, at + timedelta(days=took * 7 // 5)
                if kind == ClockKind.RESPONSE:
                    answered = clock.ended_at
            clocks.append(clock)
        if answered is None or manager is None:
            continue
        lead = leads.get(audit.service_id) if needs_countersignature(audit.counted_grade) else None
        waited = timedelta(hours=3) if lead else timedelta(0)
        response = Response(
            audit=audit, status=ResponseStatus.GIVEN, summary=rng.choice(_DONE), given_at=answered - waited,
            given_by=manager, saved_at=answered - waited, saved_by=manager,
            safety=_SAFE if needs_safety_statement(audit.counted_grade) else "",
            safety_at=at + timedelta(days=1) if needs_safety_statement(audit.counted_grade) else None,
            safety_by=manager if needs_safety_statement(audit.counted_grade) else None,
            countersigned_at=answered if lead else None, countersigned_by=lead,
        )  # fmt: skip
        responses.append(response)
        for point in points.get(audit.pk, []):
            view = rng.choice((View.AGREE, View.AGREE, View.AGREE, View.PARTLY, View.PARTLY, View.DISAGREE))
            text = _WHY_NOT if view == View.DISAGREE else rng.choice(_DONE)
            answers.append(ResponsePoint(response=response, finding_id=point, view=view, text=text))
        audit.status = AuditStatus.CLOSED if age > 3 * _OPEN_FOR else AuditStatus.RESPONDED
        told = f"Countersigned the response of {manager}" if lead else ""
        moves.append(
            _move(audit, "respond", answered, lead or manager, AuditStatus.FEEDBACK_ISSUED, AuditStatus.RESPONDED, told)
        )
        if audit.status == AuditStatus.CLOSED:
            closed = answered + timedelta(days=20)
            moves.append(_move(audit, "close", closed, None, AuditStatus.RESPONDED, AuditStatus.CLOSED))
    Feedback.objects.bulk_create(feedbacks, batch_size=500)
    Clock.objects.bulk_create(clocks, batch_size=500)
    Response.objects.bulk_create(responses, batch_size=300)
    ResponsePoint.objects.bulk_create(answers, batch_size=500)
    Transition.objects.bulk_create(moves, batch_size=500)
    Audit.objects.bulk_update(audits, ["status"], batch_size=300)


def _by_unit(role: Role) -> dict[Any, User]:
    rows = Membership.objects.filter(role=role).select_related("user").order_by("user__name", "pk")
    return {row.unit_id: row.user for row in rows}


def _move(
    audit: Audit, event: str, at: datetime, by: User | None, source: str, target: str, why: str = ""
) -> Transition:
    return Transition(audit=audit, at=at, by=by, event=event, from_status=source, to_status=target, why=why)


def _pair_some(issued: list[Audit], told: set[Any]) -> None:
    """A few inadequate audits were done again later: the same case, another auditor."""
    firsts = [audit for audit in issued if audit.counted_grade == Grade.INADEQUATE and audit.pk not in told][:6]
    used: set[Any] = set(told) | {audit.pk for audit in firsts}
    for first in firsts:
        for again in issued:
            fits = again.team_id == first.team_id and again.auditor_id != first.auditor_id and again.pk not in used
            if fits and again.submitted_at and first.submitted_at and again.submitted_at > first.submitted_at:
                used.add(again.pk)
                Audit.objects.filter(pk=again.pk).update(
                    first_audit=first, case=first.case, case_reference=first.case_reference
                )
                break


class _Stories:
    """What is under way in the Otter Team, done through the same services as a person's."""

    def __init__(self, council: Council, today: date) -> None:
        self.people = council.people
        self.today = today

    def tell(self, audits: dict[str, Audit]) -> None:
        """Tell each story for which the history has an audit."""
        for story, ago in (("sign", 4), ("late", 12), ("challenge", 3), ("thanks", 4), ("acknowledge", 2)):
            if story in audits:
                if story in ("late", "thanks", "acknowledge"):
                    self._held_by_practitioner(audits[story])
                getattr(self, f"_{story}")(self._issued(audits[story], ago))

    def _held_by_practitioner(self, audit: Audit) -> None:
        """So that there is feedback of these weeks to read, answer and challenge for whoever signs in as that."""
        worker = self.people["practitioner"].worker_names.first()
        if audit.case is not None and worker is not None:
            audit.case.holdings.filter(held_to=None).update(worker=worker)

    def _issued(self, audit: Audit, ago: int) -> Audit:
        """The audit as if its feedback had been issued so many working days ago."""
        day = add_working_days(self.today, -ago)
        at = datetime.combine(day, time(9, 20), tzinfo=LONDON)
        Audit.objects.filter(pk=audit.pk).update(feedback_issued_at=at, settled_at=at - timedelta(days=1))
        Feedback.objects.create(
            audit=audit, number=1, grade=audit.grade, counted_grade=audit.counted_grade, issued_at=at
        )
        for kind, key in clocks_on_issue(audit.counted_grade).items():
            days = setting(key)
            due = add_working_days(day, days)
            Clock.objects.create(
                audit=audit, kind=kind, serious=audit.counted_grade == Grade.INADEQUATE, started_on=day, days=days,
                due_on=due, first_due_on=due,
            )  # fmt: skip
        return Audit.objects.get(pk=audit.pk)

    def _answers(self, audit: Audit) -> ResponseDraft:
        findings = audit.findings.filter(kind=FindingKind.DEVELOPMENT)
        views = (View.AGREE, View.PARTLY, View.DISAGREE)
        return ResponseDraft(
            "We have read the feedback together.",
            {
                finding.pk: Answered(
                    views[place % 3], _WHY_NOT if views[place % 3] == View.DISAGREE else _DONE[place % len(_DONE)]
                )
                for place, finding in enumerate(findings)
            },
        )

    def _sign(self, audit: Audit) -> None:
        """Inadequate: safety was stated, the response waits for the service lead; the re-audit is booked."""
        manager = self.people["team.manager"]
        response = give_safety_statement(audit=audit, by=manager, text=_SAFE)
        give_response(audit=audit, by=manager, draft=self._answers(audit), version=response.version)
        book_re_audit(audit_id=audit.pk)

    def _late(self, audit: Audit) -> None:
        """Requires improvement: the time for the response is over, and half of it is written."""
        draft = self._answers(audit)
        half = dict(list(draft.answers.items())[: max(1, len(draft.answers) // 2)])
        save_response(audit=audit, by=self.people["team.manager"], draft=ResponseDraft("", half), version=0)

    def _challenge(self, audit: Audit) -> None:
        """Requires improvement: the team manager sees the facts otherwise; a second moderator is to decide."""
        challenge_feedback(audit=audit, by=self.people["team.manager"], about="facts", text=_CHALLENGE)

    def _thanks(self, audit: Audit) -> None:
        """Good: thanked, talked about, and its practitioner was asked whether it may be an example."""
        say_thanks(
            audit=audit, by=self.people["qa.lead"],
            text="The child's own words lead the plan, and it moves because of them. Thank you both.",
        )  # fmt: skip
        manager = self.people["team.manager"]
        day = min(self.today, add_working_days(self.today, -2))
        record_meeting(audit=audit, by=manager, held_on=day, attended="Practitioner, team manager, auditor")
        ask_consent(audit=audit, by=self.people["qa.lead"])

    def _acknowledge(self, audit: Audit) -> None:
        """Good: waits to be acknowledged; the practitioner, where they hold the case, has written a reflection."""
        own = self.people["practitioner"]
        if audit.case is not None and audit.case.holdings.filter(worker__user=own, held_to=None).exists():
            save_reflection(
                audit=audit, by=own, version=0,
                text="The feedback says what I hoped to hear about the visits. I would plan the school meeting sooner.",
            )  # fmt: skip
