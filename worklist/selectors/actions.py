"""My work: actions to do and to verify. Each count equals the list that it leads to."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from accounts.models import User
from actions.querysets import ActionQuerySet
from actions.selectors.pages import action_lines, in_order
from core.page_parts import TaskItem
from worklist.selectors.home import WorkGroup, due_phrase, first_of, late_among


def own_actions_group(actions: ActionQuerySet, *, owner: User, today: date) -> WorkGroup:
    """The actions that a person has to do, the soonest due first."""
    return _group(actions.to_do_by(owner), "actions", "Actions to do", "mine", today, "You have no action to do.")


def actions_to_verify_group(actions: ActionQuerySet, *, verifier: User, today: date) -> WorkGroup:
    """The actions that wait for a person's check."""
    return _group(
        actions.to_verify_by(verifier), "to_verify", "Actions to verify", "verify", today,
        "No action waits for your check.",
    )  # fmt: skip


def _group(found: ActionQuerySet, key: str, title: str, show: str, today: date, nothing: str) -> WorkGroup:
    ordered = in_order(found, "due")
    shown, count = first_of(ordered)
    lines = action_lines(shown, today)
    return WorkGroup(
        key=key,
        title=title,
        count=count,
        items=tuple(
            TaskItem(
                label=f"{line.reference}: {line.what[:90]}{'…' if len(line.what) > 90 else ''}",
                status="Overdue" if line.overdue else line.status,
                colour="red" if line.overdue else line.colour,
                url=reverse("actions:detail", args=[line.id]),
                hint=due_phrase(line.due_on, today) if line.when else line.owner,
            )
            for line in lines
        ),
        all_url=f"{reverse('actions:list')}?show={show}",
        nothing=nothing,
        late=late_among(ordered, shown, "due_on", today) if key == "actions" else 0,
    )
