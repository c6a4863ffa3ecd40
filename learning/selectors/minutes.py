"""The first draft of a meeting's minutes: what was written down during it, in order."""

from __future__ import annotations

from learning.choices import OutcomeKind
from learning.models import AgendaItem, Meeting


def draft_minutes(meeting: Meeting) -> str:
    """Who was there, and for each item what was said and decided. Nobody else is named."""
    present = list(meeting.present.order_by("name", "pk").values_list("name", flat=True))
    day = meeting.held_on
    lines = [f"{meeting.panel.name}, {day.day} {day:%B %Y}", "", f"Present: {', '.join(present) or 'nobody'}"]
    if meeting.quorum is not None:
        word = "The meeting had its quorum" if meeting.quorate else "The meeting was below its quorum"
        lines.append(f"{word} ({len(present)} present, {meeting.quorum} needed).")
    items = meeting.items.prefetch_related("outcomes__action").order_by("proposed_at", "pk")
    for number, item in enumerate(items, 1):
        lines += ["", f"{number}. {item.title} ({item.get_kind_display().lower()})", *_said(item)]
    return "\n".join(lines)


def _said(item: AgendaItem) -> list[str]:
    lines = [f"Discussion: {item.discussion}"] if item.discussion else []
    if item.decision:
        lines.append(f"Decision: {item.decision}")
    for outcome in item.outcomes.all():
        kind = OutcomeKind(outcome.kind).label
        reference = f" ({outcome.action.reference}, due {outcome.action.due_on:%d/%m/%Y})" if outcome.action else ""
        lines.append(f"{kind}: {outcome.text}{reference}")
    return lines or [f"{item.get_status_display()}."]
