"""Reports that are kept as a question, and come to people by themselves with what each of them may read."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, must
from accounts.models import User
from audits.choices import Breakdown
from core.council.selectors import closing_days
from core.history.services import record
from core.jobs.services import ExportRefused, request_export
from core.notifications.services import notify
from reports import access
from reports.choices import Cadence, Period
from reports.models import SavedReport, Subscription
from reports.rules import periods
from reports.rules.cadence import due_for
from reports.services import figures

NO_LONGER = "No figures are open to this person any more"
FORMS = {"": "A link to the page", "pdf": "PDF", "docx": "Word document", "pptx": "Slides"}


class NotSaved(ValueError):
    """The report or the subscription cannot be kept; the message is a sentence."""


def save_report(*, name: str, asked: dict[str, Any], by: User) -> SavedReport:
    """Keep a question under a name. Raises NotAllowed where no figures are open, NotSaved for a name that is taken."""
    must(access.can_read_figures(by))
    try:
        with transaction.atomic():
            report = SavedReport.objects.create(owner=by, name=name, asked=asked, saved_at=timezone.now())
            record(by=by, verb="saved", record=report, values={"asked": asked})
    except IntegrityError:
        raise NotSaved("You have a report of this name already. Choose another one.") from None
    return report


def delete_report(*, report: SavedReport, by: User) -> None:
    """Throw a saved report away, its subscriptions with it. Raises NotSaved where it is somebody else's."""
    if report.owner_id != by.pk:
        raise NotSaved("Only the person who saved a report can delete it.")
    with transaction.atomic():
        record(by=by, verb="deleted", record=report)
        report.delete()


def subscribe(*, report: SavedReport, person: User, cadence: str, form: str, by: User) -> Subscription:
    """Have a report come to somebody by itself, from its next day on.

    Raises NotAllowed where that is not for `by` to say, NotSaved where the person may read no figures or has it.
    """
    if person.pk != by.pk:
        must(access.can_subscribe_others(by))
    if report.owner_id != by.pk:
        raise NotSaved("Only the person who saved a report can have it come by itself.")
    if not person.is_active or not access.can_read_figures(person):
        raise NotSaved("No figures are open to this person.")
    try:
        with transaction.atomic():
            made = Subscription.objects.create(
                report=report, person=person, cadence=cadence, form=form, asked_by=by, since=timezone.now(),
                last_for=due_for(cadence, timezone.localdate(), closing_days()),
            )  # fmt: skip
            record(by=by, verb="subscribed", record=made, values={"cadence": cadence, "form": form})
    except IntegrityError:
        raise NotSaved("The report comes to this person already.") from None
    return made


def unsubscribe(*, subscription: Subscription, by: Any, why: str = "") -> bool:
    """End a subscription: for the person it comes to, and for who asked for it. False where it has ended before."""
    may = getattr(by, "is_system", False) or by.pk in (subscription.person_id, subscription.asked_by_id)
    if not may:
        raise NotSaved("This report comes to somebody else.")
    with transaction.atomic():
        moved = Subscription.objects.running().filter(pk=subscription.pk).update(ended_at=timezone.now(), ended_why=why)
        if moved:
            record(by=by, verb="unsubscribed", record=subscription, why=why)
    return bool(moved)


def asked_now(*, report: SavedReport, today: date) -> dict[str, Any]:
    """The question of a saved report with the months that its period means today."""
    asked = report.asked
    if asked["period"] == Period.MONTHS:
        first, last = (periods.read_month(asked[name]) for name in ("first", "last"))
    else:
        first, last = periods.months_of(asked["period"], today)
    return figures.asked(
        first=first, last=last, by=asked["by"], services=tuple(asked["services"]),
        settled_only=asked["settled_only"], as_now=asked["as_now"],
    )  # fmt: skip


def address(*, report: SavedReport) -> str:
    """The page of a saved report's figures, as everybody reads it with their own rights."""
    asked = report.asked
    query: dict[str, str] = {"period": asked["period"]}
    if asked["period"] == Period.MONTHS:
        query |= {"month_from": asked["first"], "month_to": asked["last"]}
    if asked["services"]:
        query["service"] = asked["services"][0]
    if asked["settled_only"]:
        query["settled"] = "on"
    if asked["as_now"]:
        query["as_now"] = "on"
    if asked["by"] == Breakdown.MONTH:
        return f"{reverse('reports:monthly')}?{urlencode(query)}"
    return f"{reverse('reports:breakdown')}?{urlencode({'by': asked['by'], **query})}"


def send_due(*, today: date) -> dict[str, int]:
    """Let every report come whose day it is, to whoever may still read figures; end the subscriptions of the others.

    Safe to run again: each subscription comes once for a period, whatever happens in between.
    """
    closing = closing_days()
    counts = {"sent": 0, "ended": 0}
    running = Subscription.objects.running().select_related("report", "person")
    for subscription in running:
        period = due_for(subscription.cadence, today, closing)
        if not period or subscription.last_for == period:
            continue
        person = subscription.person
        if not person.is_active or not access.can_read_figures(person):
            counts["ended"] += unsubscribe(subscription=subscription, by=SYSTEM, why=NO_LONGER)
            continue
        counts["sent"] += _send(subscription, period, today)
    return counts


def _send(subscription: Subscription, period: str, today: date) -> bool:
    report, person = subscription.report, subscription.person
    often = Cadence(subscription.cadence).name.lower()
    with transaction.atomic():
        mine = Subscription.objects.running().filter(pk=subscription.pk).exclude(last_for=period)
        if not mine.update(last_for=period):
            return False
        if subscription.form:
            asked = asked_now(report=report, today=today)
            try:
                with transaction.atomic():
                    request_export(
                        kind=figures.KIND, form=subscription.form, asked=asked, title=figures.title(asked=asked),
                        filename=figures.file_name(asked=asked, form=subscription.form), by=person,
                    )  # fmt: skip
                return True
            except ExportRefused:
                pass  # the day's limit: the link to the page comes instead
        notify(
            people=[person], kind="saved_report", event=f"{subscription.pk}:{period}", object_id=subscription.pk,
            link=reverse("reports:saved_report", args=[report.pk]), reference=often,
        )  # fmt: skip
    return True


def may_see(*, by: Any, key: Any) -> bool:
    """Whether a notice of a subscription may still be sent to, and opened by, this person."""
    comes = Subscription.objects.running().filter(pk=key, person=by.pk).exists()
    return comes and bool(access.can_read_figures(by))
