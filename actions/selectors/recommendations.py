"""The recommendations of outside bodies, and the monitoring table that scrutiny reads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch

from actions.choices import OPEN_STATUSES, SETTLED, TO_DO, WELL_DONE, ActionStatus, RecommendationStatus
from actions.models import Action, Recommendation
from actions.querysets import RecommendationQuerySet
from actions.workflow import RECOMMENDATION_MOVES
from core.page_parts import TimelineEntry
from core.workflow import move

COLOURS = {
    RecommendationStatus.OPEN: "yellow",
    RecommendationStatus.ANSWERED: "light-blue",
    RecommendationStatus.WITH_BODY: "purple",
    RecommendationStatus.ACCEPTED: "green",
    RecommendationStatus.REJECTED: "red",
    RecommendationStatus.REPORTED: "grey",
}


@dataclass(frozen=True)
class MonitoringLine:
    """One row of the monitoring table: date, title, action proposed, action taken, progress."""

    id: UUID
    made_on: date
    body: str
    source: str
    item_number: str
    title: str
    proposed: str
    taken: str
    progress: str
    status: str
    colour: str


def with_actions(recommendations: RecommendationQuerySet) -> RecommendationQuerySet:
    """The recommendations with what a line prints, in two queries however many there are."""
    actions = Action.objects.exclude(status__in=(ActionStatus.DRAFT, ActionStatus.CANCELLED)).order_by("reference")
    return recommendations.prefetch_related(Prefetch("actions", queryset=actions, to_attr="counted_actions"))


def monitoring_line(recommendation: Recommendation, today: date) -> MonitoringLine:
    """One recommendation as the table prints it; from `with_actions` it costs no query."""
    return MonitoringLine(
        id=recommendation.pk,
        made_on=recommendation.made_on,
        body=recommendation.body_name,
        source=recommendation.get_source_display(),
        item_number=recommendation.item_number,
        title=recommendation.title,
        proposed=recommendation.response or "No response yet",
        taken=recommendation.taken or "Nothing reported yet",
        progress=progress(recommendation, today),
        status=recommendation.get_status_display(),
        colour=COLOURS[RecommendationStatus(recommendation.status)],
    )


def progress(recommendation: Recommendation, today: date) -> str:
    """Where it stands: what the body decided and when, and how many actions are done, claimed or overdue."""
    words = [_decided(recommendation)]
    actions: Collection[Action] = getattr(recommendation, "counted_actions", ())
    if actions:
        done = sum(action.status in WELL_DONE for action in actions)
        claimed = sum(action.status in OPEN_STATUSES and action.status not in TO_DO for action in actions)
        late = sum(action.status in TO_DO and action.due_on < today for action in actions)
        count = f"{done} of {len(actions)} action{'' if len(actions) == 1 else 's'} accepted or verified"
        extra = [f"{claimed} waiting for a check" if claimed else "", f"{late} overdue" if late else ""]
        words.append("; ".join([count, *(part for part in extra if part)]))
    return ". ".join(words)


def _decided(recommendation: Recommendation) -> str:
    status, decided = recommendation.status, recommendation.decided_on
    if status == RecommendationStatus.ACCEPTED and decided:
        return f"Accepted by the body on {_in_words(decided)}"
    if status == RecommendationStatus.REJECTED and decided:
        who = "the council" if recommendation.declined else "the body"
        return f"Rejected by {who} on {_in_words(decided)}, not reported yet"
    if status == RecommendationStatus.REPORTED and decided and recommendation.reported_on:
        who = "the council" if recommendation.declined else "the body"
        return (
            f"Rejected by {who} on {_in_words(decided)}, reported to {recommendation.reported_to} on "
            f"{_in_words(recommendation.reported_on)}"
        )
    return recommendation.get_status_display()


def story(recommendation: Recommendation) -> tuple[TimelineEntry, ...]:
    """What happened with the recommendation, the latest first."""
    entries = [
        TimelineEntry(
            title=_title(found.event), at=found.at, by=found.by.name if found.by else "System", text=found.why
        )
        for found in recommendation.moves.select_related("by")
    ]
    return tuple(reversed(entries))


def still_open(actions: Collection[Action]) -> int:
    """How many of these actions are not at an end."""
    return sum(action.status not in SETTLED for action in actions)


def _title(event: str) -> str:
    says = move(RECOMMENDATION_MOVES, event).says
    return says[:1].upper() + says[1:]


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
