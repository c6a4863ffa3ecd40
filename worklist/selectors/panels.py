"""My work: when the panels on which somebody sits meet next, and whether the pack can be read."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format

from core.page_parts import TaskItem
from core.working_days import when_due
from learning.choices import TO_COME, MeetingStatus
from learning.models import Meeting, Panel
from learning.querysets import MeetingQuerySet, PackQuerySet, PanelQuerySet
from learning.rules.meetings import pack_due
from worklist.selectors.home import WorkGroup


def panels_group(
    panels: PanelQuerySet,
    *,
    meetings: MeetingQuerySet,
    packs: PackQuerySet,
    today: date,
    pack_days: int,
    closed: Collection[date] = frozenset(),
) -> WorkGroup:
    """The next meeting of each of these panels, the soonest first, with its pack where that is built.

    `meetings` and `packs` are those that the reader may open; `pack_days` is how many working days before a meeting its
    pack is built.
    """
    found = [(panel, meeting) for panel in panels if (meeting := _next_of(panel, today))]
    keys = [meeting.pk for _, meeting in found]
    built = packs.filter(meeting__in=keys).order_by("number").values_list("meeting", "pk")
    newest, readable = dict(built), set(meetings.filter(pk__in=keys).values_list("pk", flat=True))
    items = tuple(
        _item(panel, meeting, newest.get(meeting.pk), meeting.pk in readable, today, pack_days, frozenset(closed))
        for panel, meeting in sorted(found, key=lambda pair: (pair[1].held_on, pair[1].starts_at))
    )
    return WorkGroup(
        key="panels",
        title="Next panel meetings",
        count=len(items),
        items=items,
        all_url=reverse("learning:panels"),
        nothing="No meeting of a panel on which you sit is scheduled.",
        for_me=False,
    )


def _next_of(panel: Panel, today: date) -> Meeting | None:
    ahead = panel.meetings.filter(status__in=(*TO_COME, MeetingStatus.IN_SESSION), held_on__gte=today)
    return ahead.order_by("held_on", "starts_at").first()


def _item(
    panel: Panel, meeting: Meeting, pack: UUID | None, readable: bool, today: date, days: int, closed: frozenset[date]
) -> TaskItem:
    where = [f"{meeting.starts_at:%H:%M}", meeting.place, when_due(meeting.held_on, today)]
    if pack is not None:
        status, colour, url = "Pack ready", "green", reverse("learning:pack", args=[pack])
    else:
        on = pack_due(meeting.held_on, days, closed)
        status = f"Pack expected on {date_format(on, 'j F')}" if on >= today else "Pack not built yet"
        colour = "grey" if on >= today else "orange"
        url = reverse("learning:meeting", args=[meeting.pk]) if readable else reverse("learning:panel", args=[panel.pk])
    return TaskItem(
        label=f"{panel.name}, {date_format(meeting.held_on, 'j F Y')}", status=status, colour=colour, url=url,
        hint=", ".join(part for part in where if part),
    )  # fmt: skip
