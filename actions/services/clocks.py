"""The clocks of actions: who is told that one is due soon, due, overdue, or without an owner. Each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils import timezone

from accounts.choices import Role
from accounts.models import User
from actions import access
from actions.choices import TO_DO, Step
from actions.models import Action
from actions.rules.clock import SOON, steps_reached
from actions.services.telling import tell
from core.council.selectors import closing_days
from core.notifications.services import tell_once
from core.working_days import add_working_days

KINDS = {
    Step.SOON: "action_due_soon",
    Step.DUE: "action_due",
    Step.OVERDUE: "action_overdue",
    Step.ESCALATED: "action_overdue",
    Step.ESCALATED_AGAIN: "action_overdue",
    Step.NEEDS_OWNER: "action_needs_owner",
}


def look_at_clocks(*, today: date) -> dict[str, int]:
    """Tell every step of an action's clock that `today` has reached and that was not told before.

    Owner at -5 and on the day; owner and verifier when overdue; the service lead five working days after, the head of
    service ten; the service lead, too, when nobody owns it any more. Run twice, nothing is told twice; run late, what
    is still true is told. Returns how many steps of each kind were told.
    """
    told: dict[str, int] = {}
    closed = closing_days()
    horizon = add_working_days(today, SOON + 1, closed)
    running = Action.objects.filter(status__in=TO_DO, due_on__lte=horizon)
    for action in _loaded(running):
        made_on = timezone.localdate(action.created_at)
        for step in steps_reached(action.due_on, made_on=made_on, today=today, extra=closed):
            told[step] = told.get(step, 0) + _tell_once(action, step)
    for action in _loaded(Action.objects.needing_owner()):
        told[Step.NEEDS_OWNER] = told.get(Step.NEEDS_OWNER, 0) + _tell_once(action, Step.NEEDS_OWNER)
    return {step: count for step, count in told.items() if count}


def _loaded(actions: Iterable[Action]) -> list[Action]:
    return list(
        actions.select_related(  # type: ignore[attr-defined]  # a queryset
            "owner", "case__team__parent", "case__service__parent", "service__parent", "team__parent"
        )
    )


def _tell_once(action: Action, step: Step) -> bool:
    """Whether the step was told just now; False where it had been."""
    # A new owner hears of the due date when the action is given to them; only the lack of an owner is told anew.
    due = str(action.owner_id if step == Step.NEEDS_OWNER else action.due_on)
    return tell_once(
        clock="action",
        object_id=action.pk,
        step=step,
        due=due,
        tell=lambda: tell(action=action, kind=KINDS[step], event=f"{step}:{due}", people=_people_for(action, step)),
    )


def _people_for(action: Action, step: Step) -> Sequence[User]:
    if step in (Step.SOON, Step.DUE):
        return [action.owner]
    if step == Step.OVERDUE:
        return list(dict.fromkeys([action.owner, *access.verifiers_of(action)]))
    if step == Step.ESCALATED_AGAIN:
        return access.told_of_lateness(action, Role.HEAD_OF_SERVICE)
    return access.told_of_lateness(action, Role.SERVICE_LEAD)
