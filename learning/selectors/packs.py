"""A meeting's pack as one frozen object: the month's summary, the agenda, actions, and what came of decisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from statistics import median_low
from typing import Any

from django.utils import timezone

from actions.choices import SETTLED, Origin
from actions.querysets import ActionQuerySet
from audits.choices import ClockKind, ClockState, FindingKind
from audits.models import Clock
from audits.querysets import AuditQuerySet, ThemeQuerySet
from audits.rules import arithmetic
from core.working_days import working_days_between
from learning.choices import ItemStatus, OutcomeKind, ThemeMove
from learning.models import AgendaItem, Meeting
from learning.querysets import ItemQuerySet
from learning.rules.meetings import months_later
from learning.rules.summaries import month_before
from learning.selectors.kept import Kept
from learning.selectors.summaries import theme_use

DECISIONS_FROM_MONTHS = 12
COMPARED_MONTHS = 3


@dataclass(frozen=True)
class BeforeAfter:
    """In how many audits of how many a theme was a development point, before a decision and since.

    Each period is (first month, last month) as "2026-10"; `move` is called a change only where the data support it.
    """

    theme: str
    n_before: int
    of_before: int
    n_after: int
    of_after: int
    before: tuple[str, str]
    after: tuple[str, str]
    move: str


@dataclass(frozen=True)
class PackItem:
    """One item of the agenda as it goes before the panel. `key` is the item's own, to ask who may see it."""

    key: str
    kind: str
    title: str
    paper: str
    about: str


@dataclass(frozen=True)
class PackAction:
    """An action that an earlier meeting asked for, without its owner's name."""

    reference: str
    what: str
    due_on: str
    status: str
    overdue: bool
    meeting: str


@dataclass(frozen=True)
class PackDecision:
    """What an earlier meeting decided and what came of it."""

    key: str
    meeting: str
    title: str
    decision: str
    outcomes: tuple[tuple[str, str], ...]
    review_on: str
    review_due: bool
    impact: BeforeAfter | None


@dataclass(frozen=True)
class ActionCounts:
    """The whole department's actions when the pack was built."""

    open: int
    overdue: int
    from_panel: int
    from_panel_overdue: int


@dataclass(frozen=True)
class ResponseSpeed:
    """How fast managers answered: of the responses that fell due in the month, how many came in time, came late, and
    are still waited for; and within how many working days half of those given came (None where none was)."""

    due: int
    in_time: int
    late: int
    waiting: int
    median_days: int | None


@dataclass(frozen=True)
class PackContent(Kept):
    """Everything that stands in a pack beside the month's summary, which is stored as a version of its own."""

    meeting: str
    panel: str
    held_on: str
    month: str
    summary_number: int
    items: tuple[PackItem, ...]
    actions: tuple[PackAction, ...]
    counts: ActionCounts
    decisions: tuple[PackDecision, ...]
    missing: tuple[str, ...]
    response: ResponseSpeed | None = None

    @property
    def reviews(self) -> tuple[PackDecision, ...]:
        """The decisions whose review date has come."""
        return tuple(decision for decision in self.decisions if decision.review_due)


def pack_of(data: Mapping[str, Any]) -> PackContent:
    """The content that was stored as JSON, as an object again."""

    def impact(held: Mapping[str, Any] | None) -> BeforeAfter | None:
        if held is None:
            return None
        return BeforeAfter(**{**held, "before": tuple(held["before"]), "after": tuple(held["after"])})

    return PackContent(
        **{
            **data,
            "items": tuple(PackItem(**row) for row in data["items"]),
            "actions": tuple(PackAction(**row) for row in data["actions"]),
            "counts": ActionCounts(**data["counts"]),
            "decisions": tuple(
                PackDecision(**{**row, "outcomes": tuple((kind, text) for kind, text in row["outcomes"]),
                                "impact": impact(row["impact"])})
                for row in data["decisions"]
            ),
            "missing": tuple(data["missing"]),
            "response": ResponseSpeed(**data["response"]) if data.get("response") else None,
        }
    )  # fmt: skip


def response_speed(audits: AuditQuerySet, *, month: date) -> ResponseSpeed:
    """The clocks of managers' responses that fell due in a month; one that was replaced or paused is left out."""
    clocks = Clock.objects.filter(
        audit__in=audits.order_by().values("pk"), kind=ClockKind.RESPONSE, due_on__gte=month,
        due_on__lt=months_later(month, 1), state__in=(ClockState.RUNNING, ClockState.MET),
    )  # fmt: skip
    in_time = late = waiting = 0
    days: list[int] = []
    for state, began, due, ended in clocks.values_list("state", "started_on", "due_on", "ended_at"):
        if state != ClockState.MET or ended is None:
            waiting += 1
            continue
        on = timezone.localdate(ended)
        days.append(working_days_between(began, on))
        in_time += on <= due
        late += on > due
    return ResponseSpeed(in_time + late + waiting, in_time, late, waiting, median_low(days) if days else None)


def pack_content(
    meeting: Meeting,
    *,
    month: date,
    summary_number: int,
    today: date,
    items: ItemQuerySet,
    actions: ActionQuerySet,
    audits: AuditQuerySet,
    themes: ThemeQuerySet,
) -> PackContent:
    """The pack of a meeting from rows scoped to whoever builds it; `items` are those of its panel."""
    agenda = items.filter(meeting=meeting, status=ItemStatus.ACCEPTED).select_related(
        "theme__parent", "audit", "indicator", "action"
    )
    proposed = items.filter(meeting=meeting, status=ItemStatus.PROPOSED).count()
    of_panel = actions.filter(origin=Origin.PANEL, origin_reference__in=meeting.panel.meetings.values("reference"))
    waiting = of_panel.exclude(status__in=SETTLED).order_by("due_on", "reference")
    counted = actions.open()
    missing = []
    if proposed:
        missing.append(f"{proposed} proposed item{'s are' if proposed != 1 else ' is'} not on the agenda yet.")
    return PackContent(
        meeting=meeting.reference,
        panel=meeting.panel.name,
        held_on=meeting.held_on.isoformat(),
        month=f"{month:%Y-%m}",
        summary_number=summary_number,
        items=tuple(
            PackItem(str(item.pk), item.kind, item.title, item.paper, about(item))
            for item in agenda.order_by("proposed_at", "pk")
        ),
        actions=tuple(
            PackAction(
                action.reference, action.what, action.due_on.isoformat(), action.get_status_display(),
                action.due_on < today, action.origin_reference,
            )
            for action in waiting
        ),
        counts=ActionCounts(
            open=counted.count(),
            overdue=counted.overdue(today).count(),
            from_panel=of_panel.open().count(),
            from_panel_overdue=of_panel.overdue(today).count(),
        ),
        decisions=tuple(_decisions(meeting, items, audits, themes, today)),
        missing=tuple(missing),
        response=response_speed(audits, month=month),
    )  # fmt: skip


def about(item: AgendaItem) -> str:
    """What an item is about, in words that lead to nobody: a theme, an audit's own reference, an indicator."""
    if item.theme:
        return str(item.theme)
    if item.audit:
        return f"Audit {item.audit.reference}"
    if item.indicator:
        return item.indicator.wording
    return f"Action {item.action.reference}" if item.action else ""


def _decisions(
    meeting: Meeting, items: ItemQuerySet, audits: AuditQuerySet, themes: ThemeQuerySet, today: date
) -> Iterable[PackDecision]:
    since = months_later(meeting.held_on, -DECISIONS_FROM_MONTHS)
    earlier = (
        items.filter(status=ItemStatus.OUTCOME_SET, meeting__held_on__lt=meeting.held_on, meeting__held_on__gte=since)
        .select_related("meeting", "theme__parent")
        .prefetch_related("outcomes__action")
        .order_by("-meeting__held_on", "proposed_at", "pk")
    )
    for item in earlier:
        if item.meeting is None:
            continue
        due = item.review_on is not None and item.review_on <= meeting.held_on and item.impact_checked_on is None
        yield PackDecision(
            key=str(item.pk),
            meeting=item.meeting.reference,
            title=item.title,
            decision=item.decision,
            outcomes=tuple(
                (OutcomeKind(outcome.kind).label, _outcome_words(outcome.text, outcome.action))
                for outcome in item.outcomes.all()
            ),
            review_on=item.review_on.isoformat() if item.review_on else "",
            review_due=due,
            impact=before_after(item, audits=audits, themes=themes, today=today) if due or item.impact else None,
        )


def _outcome_words(text: str, action: Any) -> str:
    return f"{text} ({action.reference}: {action.get_status_display().lower()})" if action else text


def before_after(item: AgendaItem, *, audits: AuditQuerySet, themes: ThemeQuerySet, today: date) -> BeforeAfter | None:
    """How often an item's theme was a development point in the three months before its meeting, and since.

    What was found at the review date stays; before that it is counted anew. None where the item is about no theme.
    """
    if item.impact:
        return BeforeAfter(**{**item.impact, "before": tuple(item.impact["before"]),
                              "after": tuple(item.impact["after"])})  # fmt: skip
    if item.theme is None or item.meeting is None:
        return None
    decided = item.meeting.held_on.replace(day=1)
    last_before = month_before(decided)
    first_before = months_later(decided, -COMPARED_MONTHS)
    first_after = months_later(decided, 1)
    last_after = max(month_before(today), first_after)
    n_before, of_before = theme_use(
        audits.in_period(first_before, last_before), themes, item.theme, FindingKind.DEVELOPMENT
    )
    n_after, of_after = theme_use(
        audits.in_period(first_after, last_after), themes, item.theme, FindingKind.DEVELOPMENT
    )
    interval = arithmetic.newcombe_difference(n_after, of_after, n_before, of_before)
    move = ThemeMove.NEW
    if interval is not None:
        move = ThemeMove.MORE if interval[0] > 0 else ThemeMove.LESS if interval[1] < 0 else ThemeMove.SAME
    return BeforeAfter(
        theme=str(item.theme), n_before=n_before, of_before=of_before, n_after=n_after, of_after=of_after,
        before=(f"{first_before:%Y-%m}", f"{last_before:%Y-%m}"), after=(f"{first_after:%Y-%m}", f"{last_after:%Y-%m}"),
        move=str(move),
    )  # fmt: skip


def impact_data(found: BeforeAfter) -> dict[str, Any]:
    """What is kept of a comparison at the review date."""
    held: dict[str, Any] = json.loads(json.dumps(asdict(found)))
    return held


def what_changed_in_pack(old: PackContent, new: PackContent) -> tuple[str, ...]:
    """The differences between two versions of a pack, a sentence each."""
    said: list[str] = []
    if (old.month, old.summary_number) != (new.month, new.summary_number):
        said.append(f"The summary of the month is now version {new.summary_number}.")
    was, now = {item.key: item for item in old.items}, {item.key: item for item in new.items}
    said += [f"Added to the agenda: “{now[key].title}”." for key in now if key not in was]
    said += [f"Taken from the agenda: “{was[key].title}”." for key in was if key not in now]
    said += [f"Changed on the agenda: “{now[key].title}”." for key in now if key in was and now[key] != was[key]]
    acts_was = {action.reference: action for action in old.actions}
    acts_now = {action.reference: action for action in new.actions}
    for reference in sorted(acts_was.keys() | acts_now.keys()):
        before, after = acts_was.get(reference), acts_now.get(reference)
        if before is None:
            said.append(f"New action: {reference}.")
        elif after is None:
            said.append(f"Action {reference} is at its end.")
        elif before != after:
            said.append(f"Action {reference} has changed.")
    for label, name in (("Open actions", "open"), ("Overdue actions", "overdue")):
        before_n, after_n = getattr(old.counts, name), getattr(new.counts, name)
        if before_n != after_n:
            said.append(f"{label}: {after_n}, was {before_n}.")
    if old.response != new.response and new.response is not None:
        said.append(f"Responses that fell due: {new.response.due}, {new.response.in_time} of them in time.")
    if old.decisions != new.decisions:
        said.append("What came of earlier decisions has changed.")
    if not said and old != new:
        said.append("Details only.")
    return tuple(said)


def shown_to(content: PackContent, visible: Iterable[str]) -> PackContent:
    """The pack without the items that a reader must not see; `visible` are the keys of those that they may."""
    keys = set(visible)
    return replace(
        content,
        items=tuple(item for item in content.items if item.key in keys),
        decisions=tuple(decision for decision in content.decisions if decision.key in keys),
    )
