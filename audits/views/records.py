"""Reaching the record of a page: only what the reader may see, every sight and every refusal written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from audits.models import Audit, AuditSection, Calibration, Dispute, Moderation, SafeguardingAlert
from audits.querysets import AuditQuerySet
from audits.selectors import pages
from cases.models import Case
from core.history.middleware import note_viewed
from core.pages import Record, missing, pages_about

page = pages_about(
    Record("audit", "audits:detail", "audits.audit"),
    Record("moderation", "audits:moderate", "audits.moderation"),
    Record("dispute", "audits:dispute", "audits.dispute"),
    Record("alert", "audits:alert", "audits.alert"),
    Record("calibration", "audits:calibration", "audits.calibration"),
    home="audits:list",
)


def visible_audit(
    request: HttpRequest, key: UUID, load: Callable[[AuditQuerySet], AuditQuerySet] = pages.with_header
) -> Audit:
    """The audit, if this reader may see it. Raises Http404, the same for a hidden one and for none at all."""
    audit = load(Audit.objects.visible_to(request.user)).filter(pk=key).first()
    if audit is None:
        missing(request, "audits.audit", key)
    audit.seen_by = request.user.pk
    return audit


def section_of(request: HttpRequest, audit: Audit, key: UUID) -> AuditSection:
    """A section of this very audit with all that is written in it. Raises Http404 for another audit's."""
    row = (
        audit.sections.select_related("section", "saved_by")
        .prefetch_related("section__questions", "answers", "findings__themes")
        .filter(pk=key)
        .first()
    )
    if row is None:
        missing(request, "audits.section", key)
    return row


def visible_moderation(request: HttpRequest, key: UUID) -> Moderation:
    """The moderation, if this reader may see it. Raises Http404."""
    found = Moderation.objects.visible_to(request.user).select_related("audit", "moderator").filter(pk=key).first()
    if found is None:
        missing(request, "audits.moderation", key)
    return found


def visible_dispute(request: HttpRequest, key: UUID) -> Dispute:
    """The dispute, if this reader may see it. Raises Http404."""
    found = (
        Dispute.objects.visible_to(request.user)
        .select_related("audit__case", "audit__team__parent__parent", "audit__service__parent", "second_moderator")
        .filter(pk=key)
        .first()
    )
    if found is None:
        missing(request, "audits.dispute", key)
    return found


def visible_calibration(request: HttpRequest, key: UUID) -> Calibration:
    """The calibration, if this reader may see it. Raises Http404."""
    found = (
        Calibration.objects.visible_to(request.user)
        .select_related("case", "tool_version__tool", "created_by", "revealed_by")
        .filter(pk=key)
        .first()
    )
    if found is None:
        missing(request, "audits.calibration", key)
    return found


def visible_case(request: HttpRequest, key: UUID) -> Case:
    """The case that is to be audited, if this reader may see it. Raises Http404."""
    found = Case.objects.visible_to(request.user).select_related("service", "team").filter(pk=key).first()
    if found is None:
        missing(request, "cases.case", key)
    return found


def visible_alert(request: HttpRequest, key: UUID) -> SafeguardingAlert:
    """The alert, if this reader may see it. Raises Http404."""
    found = (
        SafeguardingAlert.objects.visible_to(request.user)
        .select_related("audit__case", "audit__service", "audit__team", "raised_by", "acknowledged_by", "resolved_by")
        .filter(pk=key)
        .first()
    )
    if found is None:
        missing(request, "audits.alert", key)
    return found


def note_cases(request: HttpRequest, audits: Iterable[Audit | pages.AuditRow]) -> None:
    """Write down that this response shows these audits' cases; an old audit without a case stands for itself."""
    rows = list(audits)
    note_viewed(request, "cases.case", [row.case_id for row in rows if row.case_id])
    note_viewed(request, "audits.audit", [_key(row) for row in rows if not row.case_id])


def _key(row: Audit | pages.AuditRow) -> UUID:
    return row.pk if isinstance(row, Audit) else row.id


def show(
    request: HttpRequest,
    template: str,
    audit: Audit,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    facts: bool = True,
) -> HttpResponse:
    """A page of one audit, with its summary as `header`; written down as a sight of both records.

    A page that does not print the facts of the case says `facts=False` and saves the queries.
    """
    note_cases(request, [audit])
    note_viewed(request, "audits.audit", [audit.pk])
    values = {"audit": audit, "header": pages.header(audit, timezone.localdate(), facts=facts), **(context or {})}
    return render(request, template, values, status=status)
