"""Drafting a month's figures, publishing them, and noting what changes afterwards."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import SYSTEM, must
from accounts.choices import Role, UnitKind
from accounts.models import Membership, OrgUnit, User
from audits.choices import AuditStatus, TallyCut
from audits.models import Audit, GradeTally
from audits.services.tallies import STAGES
from core.history.services import record
from core.notifications.services import notify
from reports.access import can_draft_months, can_publish_months
from reports.models import MonthDraft, PublishedAudit, PublishedMonth, Restatement
from reports.rules import freezing as rules
from reports.rules.freezing import Fact

LAYOUT = 1
_ROWS = 1000


class Outdated(ValueError):
    """The figures are not those that the person saw; the message is a sentence."""


def draft_month(*, month: date, by: Any) -> MonthDraft | None:
    """Draft a month's figures, anew where they have changed. None where the month is published: that stays as it is.

    Raises NotAllowed for whoever may not, ValueError with a sentence for a month that is not over.
    """
    must(can_draft_months(by))
    month = _over(month)
    if PublishedMonth.objects.filter(month=month).exists():
        return None
    figures = _figures(month)
    checksum = rules.checksum(figures["cells"])
    with transaction.atomic():
        draft, made = MonthDraft.objects.select_for_update().get_or_create(
            month=month, defaults={"figures": figures, "checksum": checksum, "drafted_at": timezone.now()}
        )
        if not made and draft.checksum != checksum:
            draft.figures, draft.checksum, draft.drafted_at = figures, checksum, timezone.now()
            draft.save()
            made = True
        if made:
            record(by=by, verb="drafted", record=draft, values={"month": f"{month:%Y-%m}", "checksum": checksum})
    return draft


def publish_month(*, month: date, by: Any, checksum: str) -> PublishedMonth:
    """Publish a month as drafted. Published twice it is published once.

    `checksum` is that of the draft which the person saw. Raises NotAllowed for whoever may not, and Outdated where the
    figures have changed since: then the draft is made anew, to be looked at again.
    """
    must(can_publish_months(by))
    month = _over(month)
    try:
        with transaction.atomic():
            done = PublishedMonth.objects.filter(month=month).first()
            if done is not None:
                return done
            draft = MonthDraft.objects.select_for_update().filter(month=month).first()
            figures = _figures(month)
            facts = live_facts(month=month)
            stands = rules.checksum(figures["cells"])
            if draft is not None and stands == draft.checksum == checksum and _agree(figures, facts):
                return _publish(month, draft, facts, by)
    except IntegrityError:
        return PublishedMonth.objects.get(month=month)
    draft_month(month=month, by=by)
    raise Outdated(f"The figures of {month:%B %Y} have changed since you opened this page. Look at them again.")


def _publish(month: date, draft: MonthDraft, facts: dict[str, Fact], by: Any) -> PublishedMonth:
    published = PublishedMonth.objects.create(
        month=month,
        figures=draft.figures,
        checksum=draft.checksum,
        published_at=timezone.now(),
        published_by_id=getattr(by, "pk", None),
    )
    PublishedAudit.objects.bulk_create(
        (
            PublishedAudit(published=published, audit=audit, **(asdict(fact) | {"team": fact.team or None}))
            for audit, fact in facts.items()
        ),
        batch_size=_ROWS,
    )
    draft.delete()
    record(
        by=by, verb="published", record=published,
        values={"month": f"{month:%Y-%m}", "checksum": published.checksum, "audits": len(facts)},
    )  # fmt: skip
    return published


def note_restatements(*, month: date, audit: UUID | None = None) -> Restatement | None:
    """Note what counts differently in a published month since it was last looked at; None where nothing does.

    `audit` looks at one audit alone. Run twice it notes once.
    """
    with transaction.atomic():
        published = PublishedMonth.objects.select_for_update(no_key=True).filter(month=month.replace(day=1)).first()
        if published is None:
            return None
        changes = _changes(published, audit)
        if not changes:
            return None
        last = published.restatements.order_by("-number").first()
        restatement = Restatement.objects.create(
            published=published, number=last.number + 1 if last else 1, at=timezone.now(), changes=changes
        )
        record(
            by=SYSTEM, verb="restated", record=restatement,
            values={"month": f"{published.month:%Y-%m}", "audits": len(changes)},
        )  # fmt: skip
    return restatement


def note_audit(*, audit: UUID) -> int:
    """Note what an audit changed in the months that are published. Returns how many months were restated."""
    months = set(PublishedAudit.objects.filter(audit=audit).values_list("published__month", flat=True))
    months |= {month for month in Audit.objects.filter(pk=audit).values_list("month", flat=True) if month}
    return sum(1 for month in sorted(months) if note_restatements(month=month, audit=audit))


def note_all() -> int:
    """Look at every published month. Returns how many were restated."""
    months = PublishedMonth.objects.order_by("month").values_list("month", flat=True)
    return sum(1 for month in months if note_restatements(month=month))


def remind_to_publish(*, month: date) -> int:
    """Ask the QA leads to publish a month that nobody has published. Returns how many were told anew."""
    if PublishedMonth.objects.filter(month=month).exists():
        return 0
    draft = draft_month(month=month, by=SYSTEM)
    leads = Membership.objects.active(timezone.localdate()).filter(role=Role.QA_LEAD).select_related("user")
    people: dict[Any, User] = {membership.user_id: membership.user for membership in leads}
    if draft is None:  # somebody has published it at this moment
        return 0
    return notify(
        people=[people[key] for key in sorted(people, key=str)],
        kind="month_to_publish",
        event=f"{month:%Y-%m}",
        object_id=draft.pk,
        link=reverse("reports:month", args=[f"{month:%Y-%m}"]),
        reference=f"{month:%B %Y}",
    )


def is_over(*, month: date) -> bool:
    """Whether a month can be drafted and published."""
    return rules.is_over(month, timezone.localdate())


def live_facts(*, month: date, audit: UUID | None = None) -> dict[str, Fact]:
    """How each audit of a month counts at this moment, by its key. Restricted cases count like any other."""
    audits = Audit.objects.filter(month=month).counted()
    if audit is not None:
        audits = audits.filter(pk=audit)
    rows = audits.order_by().values_list("pk", "service", "team", "plan_type", "audit_type", "status", "counted_grade")
    return {
        str(key): Fact(str(service), str(team or ""), plan, tool, STAGES[AuditStatus(status)], grade)
        for key, service, team, plan, tool, status, grade in rows.iterator(chunk_size=_ROWS)
    }


def _changes(published: PublishedMonth, audit: UUID | None) -> list[dict[str, Any]]:
    """What counts differently from what is known of the month: one entry an audit."""
    known: dict[str, Fact | None] = {}
    frozen = published.audits.all() if audit is None else published.audits.filter(audit=audit)
    for key, service, team, *rest in frozen.values_list(
        "audit", "service", "team", "plan_type", "audit_type", "stage", "grade"
    ):
        known[str(key)] = Fact(str(service), str(team or ""), *rest)
    for changes in published.restatements.order_by("number").values_list("changes", flat=True):
        for change in changes:
            if audit is None or change["audit"] == str(audit):
                known[change["audit"]] = Fact(**change["after"]) if change["after"] else None
    now = live_facts(month=published.month, audit=audit)
    return [
        {
            "audit": key,
            "before": asdict(before) if (before := known.get(key)) else None,
            "after": asdict(after) if (after := now.get(key)) else None,
        }
        for key in sorted(known.keys() | now.keys())
        if known.get(key) != now.get(key)
    ]


def _over(month: date) -> date:
    month = month.replace(day=1)
    if not rules.is_over(month, timezone.localdate()):
        raise ValueError(f"{month:%B %Y} is not over. Its figures can be drafted from the 1st of the next month.")
    return month


def _figures(month: date) -> dict[str, Any]:
    """Every rollup row of a month, in one order, and what the units are called."""
    rows = GradeTally.objects.visible_to(SYSTEM).filter(month=month).exclude(count=0).order_by()
    cells: list[list[Any]] = sorted(
        [str(unit), *rest] for unit, *rest in rows.values_list("unit", "cut", "key", "stage", "grade", "count")
    )
    units: set[str] = {cell[0] for cell in cells} | {cell[2] for cell in cells if cell[1] == TallyCut.TEAM and cell[2]}
    names = dict(OrgUnit.objects.filter(pk__in=units).values_list("pk", "name"))
    return {"layout": LAYOUT, "units": {str(key): name for key, name in names.items()}, "cells": cells}


def _agree(figures: dict[str, Any], facts: dict[str, Fact]) -> bool:
    """Whether the rollup and the audits were read from one state: as many audits in either, of each stage and grade."""
    held = OrgUnit.objects.filter(kind=UnitKind.SERVICE, pk__in=list(figures["units"]))
    services = {str(key) for key in held.values_list("pk", flat=True)}
    counted: dict[tuple[str, str], int] = {}
    for unit, cut, _, stage, grade, count in figures["cells"]:
        if cut == TallyCut.TOTAL and unit in services:
            counted[stage, grade] = counted.get((stage, grade), 0) + count
    for fact in facts.values():
        counted[fact.stage, fact.grade] = counted.get((fact.stage, fact.grade), 0) - 1
    return not any(counted.values())
