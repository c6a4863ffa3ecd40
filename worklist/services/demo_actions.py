"""Actions and recommendations of the demo council, made through the same services as a person's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.access import NotAllowed
from accounts.choices import Role
from accounts.models import Membership, User
from actions.access import possible_owners, verifiers_of
from actions.choices import Body, Level, Origin, Priority, Verifier
from actions.models import Action
from actions.services.changing import cancel_action, move_due_date
from actions.services.checking import draw_sample
from actions.services.creating import ActionDraft, From, create_action
from actions.services.doing import claim_done, update_progress
from actions.services.recommendations import (
    RecommendationDraft,
    add_recommendation,
    answer_recommendation,
    decline_recommendation,
    record_body_accepts,
    record_body_rejects,
    report_rejection,
    send_recommendation,
)
from actions.services.verifying import send_back, verify_action
from audits.models import Audit
from cases.models import Case
from core.working_days import add_working_days
from worklist.services.demo_people import Council

CASE_ACTIONS = 48
_CASE_WORK: tuple[tuple[str, str, str], ...] = (
    ("See the child alone within the next week and record what they say in their own words.",
     "A case note of the visit with the child's words.", "Seen alone"),
    ("Bring the chronology up to date and read it with the supervisor.",
     "A chronology that reaches to this month, agreed in supervision.", "Chronology and history"),
    ("Rewrite the plan so that each step has a date, a person and a sign that it worked.",
     "A plan that the family has a copy of.", "Plan is specific and measurable"),
    ("Hold the missed core group and record who came and what was agreed.",
     "Minutes of the core group on the record.", "Core groups"),
    ("Record the management oversight of the last three months with reasons for each decision.",
     "Three supervision records with reasons.", "Management direction recorded"),
    ("Complete the risk assessment with the school's and the health visitor's information.",
     "A risk assessment that both have seen.", "Risk recognised and acted on"),
    ("Speak with the father, who has not been part of the assessment so far.",
     "An updated assessment with his view.", "Fathers and male carers"),
    ("Agree a safety plan with the family network and put it where everybody finds it.",
     "A signed safety plan on the record.", "Safety plan"),
    ("Ask for the overdue health assessment and chase it weekly.",
     "The health assessment on the record.", "Health"),
    ("Record the return home interview and what it changes in the plan.",
     "The interview and a changed plan.", "Exploitation and missing episodes"),
)  # fmt: skip
_UNIT_WORK: tuple[tuple[str, str, str, str], ...] = (
    ("Run a practice workshop on recording the child's voice for every worker of the service.",
     "Attendance of four workers in five, and the next dip sample.", Level.SERVICE, "Seen alone"),
    ("Make supervision templates ask for the reason of every decision.",
     "The new template in use in all teams.", Level.SERVICE, "Management direction recorded"),
    ("Check all visits that are more than five working days late and plan each of them.",
     "A list with a date for each visit.", Level.TEAM, "Frequency of visits"),
    ("Agree with partner agencies how strategy discussions are recorded.",
     "A protocol that all agencies have signed.", Level.PARTNERSHIP, "Core groups"),
)  # fmt: skip
_PROGRESS = (
    "The visit is arranged for Thursday.", "Half of it is on the record; the rest waits for the school's reply.",
    "Discussed in supervision. The next step is agreed with the family.",
)  # fmt: skip
_DONE = ("It is on the record and was read with my manager.", "Done and shared with the family.")
_RECOMMENDATIONS = (
    (Body.OFSTED, "Ofsted focused visit", "1", "Quality of supervision",
     "Improve the quality and regularity of supervision so that children's plans progress without delay.",
     "A new supervision standard, training for all managers, and a monthly dip sample."),
    (Body.OFSTED, "Ofsted focused visit", "2", "Children's voices in plans",
     "Make sure that children's wishes and feelings inform their plans.",
     "A workshop for each service, and a question on it in every audit."),
    (Body.SCRUTINY, "Children's Scrutiny Panel", "3", "Return home interviews",
     "Report the share of return home interviews that are offered within 72 hours to the panel each quarter.",
     "A quarterly report from the assurance clinic."),
    (Body.PARTNERSHIP, "Local child safeguarding practice review", "7", "Recording of strategy discussions",
     "All agencies record strategy discussions in the same way and share the record within one working day.",
     "One protocol and one template for all agencies."),
    (Body.PEER, "Peer challenge", "4", "A single front door by post",
     "Accept referrals by post as well as through the portal.", ""),
)  # fmt: skip


def make_actions(*, rng: random.Random, council: Council, cases: list[Case], today: date) -> None:
    """About sixty actions in every state, some late, and five recommendations of outside bodies."""
    lead, admin = council.people["qa.lead"], council.people["qa.admin"]
    made: list[Action] = []
    work = _case_work(rng, council, cases)
    for number in range(CASE_ACTIONS):
        found = next(work, None)
        if found is None:
            break
        case, owner, audit = found
        what, sign, theme = _CASE_WORK[number % len(_CASE_WORK)]
        priority = rng.choice((Priority.HIGH, Priority.MEDIUM, Priority.MEDIUM, Priority.LOW))
        origin = From()
        if audit is not None:
            origin = From(
                Origin.FINDING, audit.reference, f"/audits/{audit.pk}/", inadequate=audit.grade == "inadequate"
            )
        action = create_action(
            wanted=ActionDraft(
                what=what, how_we_know=sign, owner=owner, priority=priority, level=Level.CASE, themes=[theme], case=case
            ),
            by=lead,
            origin=origin,
            despite_duplicates=True,
        )
        made.append(action)
    for place, (what, sign, level, theme) in enumerate(_UNIT_WORK):
        unit = None if level == Level.PARTNERSHIP else council.services[place]
        if level == Level.TEAM:
            unit = council.teams[2]
        made.append(
            create_action(
                wanted=ActionDraft(
                    what=what,
                    how_we_know=sign,
                    owner=council.people["service.lead"] if place % 2 else lead,
                    priority=Priority.LOW,
                    level=level,
                    themes=[theme],
                    unit=unit,
                ),
                by=admin,
            )
        )
    for place, action in enumerate(made):
        _walk(rng, action, place, today, lead, admin)
    _recommend(council, lead, admin, today)
    last_month = today.replace(day=1) - timedelta(days=1)
    draw_sample(month=last_month, by=lead)


def _case_work(rng: random.Random, council: Council, cases: list[Case]) -> Iterator[tuple[Case, User, Audit | None]]:
    """Cases with somebody who may own an action: the practitioners' own first, then others with issued audits."""
    own = council.people["practitioner"]
    held = [case for case in cases if case.holdings.filter(held_to=None, worker__user=own).exists()][:6]
    yield from ((case, own, None) for case in held)
    issued = list(
        Audit.objects.filter(feedback_issued_at__isnull=False, case__restricted=False)
        .select_related("case__team", "case__service")
        .order_by("-feedback_issued_at", "reference")[:400]
    )
    rng.shuffle(issued)
    for audit in issued:
        if audit.case is None:
            continue
        workers = possible_owners(case=audit.case, service=audit.case.service, team=audit.case.team)
        at_team = Membership.objects.filter(unit=audit.case.team, role=Role.PRACTITIONER).values("user")
        owner = workers.filter(pk__in=at_team).first()
        if owner is not None:
            yield audit.case, owner, audit


def _walk(rng: random.Random, action: Action, place: int, today: date, lead: User, admin: User) -> None:
    """Bring one action to its place in the story. Time cannot be made to pass here, so dates are set back by hand."""
    owner = action.owner
    age = rng.randint(3, 45)
    kind = place % 8
    if kind >= 2:
        update_progress(action=action, by=owner, text=rng.choice(_PROGRESS))
    if kind in (4, 5, 6):
        claim_done(
            action=action, by=owner, text=rng.choice(_DONE), document="Case note of the visit",
            dated_on=today - timedelta(days=2),
        )  # fmt: skip
    checker = next(iter(verifiers_of(action)), lead)
    if kind in (5, 6):
        _as(checker, lead, lambda by: verify_action(action=action, by=by))
    if kind == 4 and place % 3 == 0:
        _as(checker, lead, lambda by: send_back(action=action, by=by, why="The date of the visit is missing."))
    if kind == 7 and place % 16 == 7:
        _as(lead, admin, lambda by: cancel_action(action=action, by=by, why="The family has moved to another area."))
    if kind in (1, 3):
        late = add_working_days(today, -rng.randint(1, 9))
        Action.objects.filter(pk=action.pk).update(due_on=late, original_due_on=late)
    elif kind == 2 and action.verifier == Verifier.MANAGER:
        _as(
            checker, lead,
            lambda by: move_due_date(
                action=action, by=by, due_on=add_working_days(today, 6), why="The school is closed until then."
            ),
        )  # fmt: skip
    elif kind == 0 and place % 16 == 0:
        Action.objects.filter(pk=action.pk).update(due_on=today, original_due_on=today)
    Action.objects.filter(pk=action.pk).update(created_at=F("created_at") - timedelta(days=age))
    if kind == 6:
        Action.objects.filter(pk=action.pk).update(closed_at=timezone.now() - timedelta(days=35))


def _as(first: User, second: User, do: Any) -> None:
    """Let the first person do it, or the second where the first may not."""
    try:
        do(first)
    except NotAllowed:
        do(second)


def _recommend(council: Council, lead: User, admin: User, today: date) -> None:
    """Five recommendations: under way, accepted, with the body, rejected by it, and declined and reported."""
    found = []
    for place, (source, body, item, title, wording, response) in enumerate(_RECOMMENDATIONS):
        recommendation = add_recommendation(
            wanted=RecommendationDraft(
                source=source, body_name=body, item_number=item, made_on=today - timedelta(days=260 - 40 * place),
                title=title, wording=wording,
            ),
            by=admin,
        )  # fmt: skip
        if response:
            answer_recommendation(recommendation=recommendation, by=admin, response=response)
            create_action(
                wanted=ActionDraft(
                    what=response,
                    how_we_know="The body's own check.",
                    owner=council.people["service.lead"],
                    priority=Priority.LOW,
                    level=Level.SERVICE,
                    unit=council.services[1],
                    themes=["Plan is specific and measurable"],
                ),
                by=admin,
                origin=From(
                    Origin.BODY,
                    f"{recommendation.get_source_display()} {item}",
                    f"/actions/recommendations/{recommendation.pk}/",
                    recommendation=recommendation,
                ),
                despite_duplicates=True,
            )
        found.append(recommendation)
    for place in (1, 2, 3):
        recommendation = found[place]
        action = recommendation.actions.get()
        claim_done(action=action, by=action.owner, text="In place in all teams since last month.")
        answer_recommendation(
            recommendation=recommendation, by=admin, response=_RECOMMENDATIONS[place][5],
            taken="In place in all teams; the last dip sample shows it in four records of five.",
        )  # fmt: skip
        send_recommendation(recommendation=recommendation, by=lead)
    record_body_accepts(
        recommendation=found[1], by=lead, decided_on=today - timedelta(days=12), note="Seen at the monitoring visit."
    )
    record_body_rejects(
        recommendation=found[3], by=lead, decided_on=today - timedelta(days=5),
        why="One agency has not signed the protocol yet.",
    )  # fmt: skip
    decline_recommendation(
        recommendation=found[4], by=lead, decided_on=today - timedelta(days=30),
        why="Post cannot be answered within the day that a referral about a child needs.",
    )  # fmt: skip
    report_rejection(
        recommendation=found[4],
        by=lead,
        reported_on=today - timedelta(days=20),
        reported_to="Children's Scrutiny Panel",
    )
