"""Building the month's summary: stored, numbered, and only when something has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, must
from accounts.models import Membership, User
from audits.models import Audit, GradeTally, SafeguardingAlert, Theme
from core.history.services import record
from core.jobs.choices import JobStatus
from core.jobs.models import Job
from core.jobs.services import JobRun, enqueue
from core.notifications.services import notify
from learning.access import TOLD, can_build
from learning.models import PanelSummary
from learning.selectors.summaries import PanelSummaryContent, summary_content

BUILD = "build_panel_summary"
_STEPS = 2
# 2 added the trend, the sections by service and what moderation changed.
LAYOUT = 2


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
    _say(run, 0, "Counting audits and grades")
    content = live_content(month=month)
    _say(run, 1, "Storing the summary")
    with completing(run=run) as result:
        summary, new = _store(month=month, content=content, by=by)
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
    at_work = _builds(month).filter(status__in=(JobStatus.QUEUED, JobStatus.RUNNING), asked_by=by.pk).first()
    return at_work or enqueue(BUILD, by=by, month=f"{month:%Y-%m}")


@dataclass(frozen=True)
class BuildState:
    """How the newest build of a month goes: waiting or running, or what went wrong. Nothing where it is done."""

    under_way: bool
    error: str


def build_state(*, month: date) -> BuildState | None:
    """What readers of the panel's page need to know of the newest build of a month; None where all is done."""
    job = _builds(month).first()
    if job is None or job.status == JobStatus.DONE:
        return None
    return BuildState(job.status != JobStatus.FAILED, job.error)


def _builds(month: date) -> Any:
    return Job.objects.visible_to(SYSTEM).filter(kind=BUILD, payload__month=f"{month:%Y-%m}").order_by("-created_at")


def _begun(month: date) -> date:
    month = month.replace(day=1)
    if month > timezone.localdate():
        raise NotYet(f"{month:%B %Y} has not begun, so there is nothing to sum up yet.")
    return month


def _say(run: JobRun | None, done: int, text: str) -> None:
    if run is not None:
        run.progress(done, _STEPS, text)


@contextmanager
def completing(*, run: JobRun | None) -> Iterator[dict[str, Any]]:
    """One transaction for the effect, and with a job for its being done; yields the job's result to fill in."""
    if run is not None:
        with run.completing() as result:
            yield result
    else:
        with transaction.atomic():
            yield {}


@contextmanager
def one_state_of_the_database() -> Iterator[None]:
    """A transaction that sees one state from its first query to its last.

    PostgreSQL is asked for one, where the transaction is our own to shape; SQLite's transactions are all of the kind.
    """
    ours = not connection.in_atomic_block
    with transaction.atomic():
        if ours and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _store(*, month: date, content: PanelSummaryContent, by: Any) -> tuple[PanelSummary, bool]:
    """The newest version of the month with this content, and whether it was stored just now.

    Of two that store at once one gets the number; the other looks again, and finds the same content or takes
    the next number.
    """
    checksum = content.checksum
    while True:
        newest = PanelSummary.objects.filter(month=month).order_by("-number").first()
        if newest is not None and newest.checksum == checksum:
            return newest, False
        try:
            with transaction.atomic():
                return (
                    PanelSummary.objects.create(
                        month=month,
                        number=newest.number + 1 if newest else 1,
                        layout=LAYOUT,
                        content=content.data,
                        checksum=checksum,
                        asked_by_id=getattr(by, "pk", None),
                    ),
                    True,
                )
        except IntegrityError:
            continue


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
