"""Building a meeting's pack: stored, numbered, and only when something has changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, must
from actions.models import Action
from audits.models import Audit, Theme
from core.council.selectors import closing_days, setting
from core.history.services import record
from core.jobs.models import Job
from core.jobs.services import JobRun, enqueue
from core.notifications.services import notify
from core.workflow import IllegalMove
from learning import access
from learning.choices import TO_COME
from learning.models import AgendaItem, Meeting, Pack, PanelSummary
from learning.rules.meetings import PACK_DAYS, month_of_pack, pack_due
from learning.selectors.packs import PackContent, pack_content
from learning.services.building import (
    BuildState,
    ask_for,
    builds,
    completing,
    one_state_of_the_database,
    say,
    state_of,
    store_version,
)
from learning.services.moves import lock_meeting, move_meeting
from learning.services.sight import open_pack
from learning.services.summaries import build_summary
from learning.workflow import refusal

BUILD = "build_panel_pack"
_STEPS = 3


def build_pack(*, meeting: Meeting, by: Any, run: JobRun | None = None) -> Pack:
    """Build a meeting's pack, let its members read it, and return the newest version.

    The month's summary is built first and is part of it. A new version is stored, and the members told, only where
    something differs from the newest one. Within a job the version and the job's completion are one transaction.
    Raises NotAllowed, and IllegalMove where the meeting has begun or was called off.
    """
    must(access.can_keep(by, meeting.panel))
    if meeting.status not in TO_COME:
        raise IllegalMove(refusal("meeting", "build_pack", meeting.get_status_display()))
    today = timezone.localdate()
    say(run=run, done=0, steps=_STEPS, text="Summing up the month")
    summary = build_summary(month=month_of_pack(meeting.held_on, today), by=SYSTEM, tell=False)
    say(run=run, done=1, steps=_STEPS, text="Collecting the agenda, actions and earlier decisions")
    content = live_pack(meeting=meeting, summary=summary)
    say(run=run, done=2, steps=_STEPS, text="Storing the pack")
    with completing(run=run) as result:
        held = lock_meeting(meeting=meeting)
        pack, new = store_version(
            rows=Pack.objects.filter(meeting=held),
            same={"checksum": content.checksum, "summary_id": summary.pk},
            fields={"meeting": held, "content": content.data, "asked_by_id": getattr(by, "pk", None)},
        )
        if new:
            move_meeting(meeting=held, event="build_pack", by=by)
            members = open_pack(meeting=held, by=by)
            notify(
                people=members,
                kind="panel_pack",
                event=str(pack.pk),
                object_id=held.pk,
                link=reverse("learning:pack", args=[pack.pk]),
                reference=f"{held.reference}, version {pack.number}",
                due_on=held.held_on,
            )
            record(by=by, verb="built", record=pack, values={"meeting": held.reference, "number": pack.number})
        result |= {
            "pack_id": str(pack.pk),
            "number": pack.number,
            "link": reverse("learning:pack", args=[pack.pk]),
            "says": f"Version {pack.number} of the pack for {held.reference} is ready."
            if new
            else f"Nothing has changed since version {pack.number} of the pack for {held.reference}.",
        }
    return pack


def live_pack(*, meeting: Meeting, summary: PanelSummary) -> PackContent:
    """The pack as the department stands at this moment, stored nowhere; all of it from one state of the database."""
    with one_state_of_the_database():
        return pack_content(
            meeting,
            month=summary.month,
            summary_number=summary.number,
            today=timezone.localdate(),
            items=AgendaItem.objects.visible_to(SYSTEM).filter(panel=meeting.panel_id),
            actions=Action.objects.visible_to(SYSTEM),
            audits=Audit.objects.visible_to(SYSTEM),
            themes=Theme.objects.visible_to(SYSTEM),
        )


def request_pack(*, meeting: Meeting, by: Any) -> Job:
    """Ask for a pack in the background; the job that is at it already, where there is one.

    Raises NotAllowed, and IllegalMove where the meeting has begun or was called off.
    """
    must(access.can_keep(by, meeting.panel))
    if meeting.status not in TO_COME:
        raise IllegalMove(refusal("meeting", "build_pack", meeting.get_status_display()))
    return ask_for(jobs=builds(kind=BUILD, meeting=str(meeting.pk)), kind=BUILD, by=by, meeting=meeting.pk)


def request_due_packs(*, today: date) -> int:
    """Ask for the packs that fall due by today and that nobody has built yet, each once. Returns how many."""
    days, closed = setting(PACK_DAYS.key), closing_days()
    asked = 0
    for meeting in Meeting.objects.filter(status__in=TO_COME, held_on__gte=today, packs=None).order_by("held_on"):
        if pack_due(meeting.held_on, days, closed) <= today:
            enqueue(BUILD, key=f"{BUILD}:{meeting.pk}:{meeting.held_on}", meeting=meeting.pk)
            asked += 1
    return asked


def pack_state(*, meeting: Meeting) -> BuildState | None:
    """How the newest build of a meeting's pack goes; None where all is done."""
    return state_of(jobs=builds(kind=BUILD, meeting=str(meeting.pk)))


def readable_items(*, meeting: Meeting, reader: Any) -> set[str]:
    """The keys of the panel's items that a reader of a pack may read in it: all but those with which they have a
    conflict, and those about a restricted case. Earlier decisions are part of every pack."""
    items = AgendaItem.objects.filter(panel=meeting.panel_id).without_conflict(reader).not_restricted(reader)
    return {str(key) for key in items.values_list("pk", flat=True)}


def pack_is_behind(*, meeting: Meeting, built_at: datetime) -> bool:
    """Whether the agenda has changed since its newest pack was built."""
    return meeting.items.filter(moves__at__gt=built_at, moves__event__in=("accept", "withdraw", "roll")).exists()
