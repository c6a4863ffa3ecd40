"""Recommendations of outside bodies: answered, sent, accepted or rejected. Off the list only as AC-7 says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import must
from actions import access
from actions.choices import TO_DO, ActionStatus, RecommendationStatus
from actions.models import Recommendation, RecommendationMove
from actions.rules.writing import WORDING_AT_LEAST
from actions.services.moves import said
from actions.services.verifying import record_acceptance, record_rejection, send_to_body
from actions.workflow import RECOMMENDATION_MOVES, refusal
from core.history.services import actor_id, record
from core.workflow import IllegalMove, StaleVersion, may_follow, move


@dataclass(frozen=True)
class RecommendationDraft:
    """What a body recommends, as its report says it."""

    source: str
    body_name: str
    item_number: str
    made_on: date
    title: str
    wording: str


def add_recommendation(*, wanted: RecommendationDraft, by: Any) -> Recommendation:
    """Put a recommendation on the list. Raises NotAllowed, and ValidationError by field."""
    must(access.can_keep_recommendations(by))
    faults = {}
    for name, sentence in (
        ("body_name", "Enter the name of the body"),
        ("item_number", "Enter the number of the item in the report"),
        ("title", "Enter a short title"),
    ):
        if not getattr(wanted, name).strip():
            faults[name] = sentence
    if len(wanted.wording.strip()) < WORDING_AT_LEAST:
        faults["wording"] = f"Enter the recommendation as it is worded, in {WORDING_AT_LEAST} characters or more"
    if wanted.made_on > timezone.localdate():
        faults["made_on"] = "The date of the recommendation must be today or in the past"
    if faults:
        raise ValidationError(faults)
    try:
        with transaction.atomic():
            found = Recommendation.objects.create(
                source=wanted.source, body_name=wanted.body_name.strip(), item_number=wanted.item_number.strip(),
                made_on=wanted.made_on, title=wanted.title.strip(), wording=wanted.wording.strip(),
                created_by_id=actor_id(by),
            )  # fmt: skip
            RecommendationMove.objects.create(
                recommendation=found, at=timezone.now(), by_id=actor_id(by), event="add", to_status=found.status
            )
            record(by=by, verb="add", record=found, to_state=found.status)
    except IntegrityError:
        raise ValidationError({"item_number": "This item of this body and date is on the list already"}) from None
    return found


def answer_recommendation(
    *, recommendation: Recommendation, by: Any, response: str, taken: str = "", version: int | None = None
) -> Recommendation:
    """Write what the council proposes to do and what it has done, as the body will read it.

    Raises NotAllowed, IllegalMove, StaleVersion, and ValidationError where nothing is proposed.
    """
    if not response.strip():
        raise ValidationError({"response": "Say what the council proposes to do"})
    return _make(recommendation, "answer", by, version, response=response.strip(), taken=taken.strip(), declined=False)


def send_recommendation(*, recommendation: Recommendation, by: Any, version: int | None = None) -> Recommendation:
    """Give what was done to the body, with every action that is claimed done.

    Raises NotAllowed (also where `by` owns one of those actions), IllegalMove, StaleVersion, and ValidationError where
    an action is still to do, or nothing is said about what was done.
    """
    with transaction.atomic():
        linked = list(recommendation.actions.select_related("owner").order_by("reference"))
        unfinished = [action.reference for action in linked if action.status in (*TO_DO, ActionStatus.DRAFT)]
        if unfinished:
            raise ValidationError(f"Not claimed done yet: {', '.join(unfinished)}. Wait for the owner, then send it.")
        if not linked and not recommendation.taken:
            raise ValidationError("Say what was done, or add an action, before you send it to the body.")
        for action in linked:
            if action.status == ActionStatus.CLAIMED:
                send_to_body(action=action, by=by)
        return _make(recommendation, "send", by, version)


def record_body_accepts(
    *, recommendation: Recommendation, by: Any, decided_on: date, note: str = "", version: int | None = None
) -> Recommendation:
    """The body accepts: the recommendation leaves the list, and its actions are accepted. Raises as above."""
    _not_in_future("decided_on", decided_on)
    with transaction.atomic():
        for action in recommendation.actions.filter(status=ActionStatus.WITH_BODY).order_by("reference"):
            record_acceptance(action=action, by=by, why=note)
        return _make(recommendation, "accept", by, version, why=note, decided_on=decided_on, decision=note.strip())


def record_body_rejects(
    *, recommendation: Recommendation, by: Any, decided_on: date, why: str, version: int | None = None
) -> Recommendation:
    """The body rejects what was done: it stays on the list, and its actions go back to work. Raises as above."""
    _not_in_future("decided_on", decided_on)
    why = said(why=why)
    with transaction.atomic():
        for action in recommendation.actions.filter(status=ActionStatus.WITH_BODY).order_by("reference"):
            record_rejection(action=action, by=by, why=why)
        return _make(recommendation, "reject", by, version, why=why, decided_on=decided_on, decision=why)


def decline_recommendation(
    *, recommendation: Recommendation, by: Any, decided_on: date, why: str, version: int | None = None
) -> Recommendation:
    """The council rejects the recommendation: it stays on the list until that is reported. Raises as above."""
    _not_in_future("decided_on", decided_on)
    why = said(why=why)
    return _make(
        recommendation, "decline", by, version, why=why, decided_on=decided_on, decision=why, declined=True
    )  # fmt: skip


def report_rejection(
    *, recommendation: Recommendation, by: Any, reported_on: date, reported_to: str, version: int | None = None
) -> Recommendation:
    """The rejection was reported, on a day and to a meeting or person: it leaves the list. Raises as above."""
    _not_in_future("reported_on", reported_on)
    if not reported_to.strip():
        raise ValidationError({"reported_to": "Say to whom it was reported"})
    return _make(
        recommendation, "report", by, version, why=reported_to, reported_on=reported_on,
        reported_to=reported_to.strip(),
    )  # fmt: skip


def _not_in_future(field: str, day: date) -> None:
    if day > timezone.localdate():
        raise ValidationError({field: "The date must be today or in the past"})


def _make(
    recommendation: Recommendation, event: str, by: Any, version: int | None, why: str = "", **changes: Any
) -> Recommendation:
    with transaction.atomic():
        must(access.can_keep_recommendations(by))
        held = Recommendation.objects.select_for_update(of=("self",), no_key=True).get(pk=recommendation.pk)
        before, found = held.status, move(RECOMMENDATION_MOVES, event)
        if not may_follow(RECOMMENDATION_MOVES, event, before):
            raise IllegalMove(refusal("recommendation", event, RecommendationStatus(before).label))
        why = said(why=why) if found.needs_reason else why.strip()
        wanted = held.version if version is None else version
        unchanged = Recommendation.objects.filter(pk=held.pk, status=before, version=wanted)
        if not unchanged.update(status=found.target, version=F("version") + 1, **changes):
            raise StaleVersion(version=held.version)
        RecommendationMove.objects.create(
            recommendation=held, at=timezone.now(), by_id=actor_id(by), event=event, from_status=before,
            to_status=found.target, why=why,
        )  # fmt: skip
        held.refresh_from_db()
        record(by=by, verb=event, record=held, from_state=before, to_state=held.status, why=why)
    return held
