"""Building the month's summary: stored, numbered, and only when something has changed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, must
from accounts.models import Membership, User
from audits.models import Audit, GradeTally, SafeguardingAlert, Theme
from core.history.services import record
from core.jobs.models import Job
from core.jobs.services import JobRun
from core.notifications.services import notify
from learning.access import TOLD, can_build
from learning.models import PanelSummary
from learning.selectors.summaries import PanelSummaryContent, summary_content
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

BUILD = "build_panel_summary"
_STEPS = 2
# 2 added the trend, the sections by service and what moderation changed; 3 the printed shares of the trend.
LAYOUT = 3


class NotYet(ValueError):
    """The month has not begun; the message is a sentence."""


def live_content(*, month: date) -> PanelSummaryContent:
    """The summary of a month as the department stands at this moment, stored nowhere.

    All of it is read from one state of the database, so that its parts agree while people go on working.
    """
    with one_state_of_the_database():
        return summary_content(
            month=month,
            today=timezone.localdate(),
            audits=Audit.objects.visible_to(SYSTEM),
            tallies=GradeTally.objects.visible_to(SYSTEM),
            themes=Theme.objects.visible_to(SYSTEM),
            alerts=SafeguardingAlert.objects.visible_to(SYSTEM),
        )


def build_summary(*, month: date, by: Any, run: JobRun | None = None, tell: bool = True) -> PanelSummary:
    """Build the summary of the month that `month` lies in, and return the newest version.

    A new version is stored only where something differs from the newest one; the panel is told then, unless `tell` is
    False (for a pack, which is announced itself). Within a job the version and the job's completion are one
    transaction. Raises NotAllowed for whoever may not build, NotYet for a month that has not begun.
    """
    must(can_build(by))
    month = _begun(month)
    say(run=run, done=0, steps=_STEPS, text="Counting audits and grades")
    content = live_content(month=month)
    say(run=run, done=1, steps=_STEPS, text="Storing the summary")
    with completing(run=run) as result:
        summary, new = store_version(
            rows=PanelSummary.objects.filter(month=month),
            same={"checksum": content.checksum},
            fields={
                "month": month, "layout": LAYOUT, "content": content.data, "asked_by_id": getattr(by, "pk", None),
            },
        )  # fmt: skip
        if new:
            if tell:
                _tell_the_panel(summary=summary)
            # Last: it holds the trail's head until the commit.
            record(by=by, verb="built", record=summary, values={"month": content.month, "number": summary.number})
        result |= {
            "summary_id": str(summary.pk),
            "number": summary.number,
            "link": reverse("learning:summary", args=[summary.pk]),
            "says": f"Version {summary.number} of the summary for {summary.month:%B %Y} is ready."
            if new
            else f"Nothing has changed since version {summary.number} of the summary for {summary.month:%B %Y}.",
        }
    return summary


def request_summary(*, month: date, by: Any) -> Job:
    """Ask for a summary to be built in the background; the job that is at it already, where there is one.

    Raises NotAllowed for whoever may not build, NotYet for a month that has not begun.
    """
    must(can_build(by))
    month = _begun(month)
    asked = builds(kind=BUILD, month=f"{month:%Y-%m}").filter(asked_by=by.pk)
    return ask_for(jobs=asked, kind=BUILD, by=by, month=f"{month:%Y-%m}")


def build_state(*, month: date) -> BuildState | None:
    """What readers of the panel's page need to know of the newest build of a month; None where all is done."""
    return state_of(jobs=builds(kind=BUILD, month=f"{month:%Y-%m}"))


def _begun(month: date) -> date:
    month = month.replace(day=1)
    if month > timezone.localdate():
        raise NotYet(f"{month:%B %Y} has not begun, so there is nothing to sum up yet.")
    return month


def _tell_the_panel(*, summary: PanelSummary) -> None:
    """Panel members and the Principal Social Worker, once for each version."""
    members = Membership.objects.active(timezone.localdate()).filter(role__in=TOLD).select_related("user")
    people: dict[Any, User] = {membership.user_id: membership.user for membership in members}
    notify(
        people=[people[key] for key in sorted(people, key=str)],
        kind="panel_summary",
        event=str(summary.pk),
        object_id=summary.pk,
        link=reverse("learning:summary", args=[summary.pk]),
        reference=f"{summary.month:%B %Y}, version {summary.number}",
    )
