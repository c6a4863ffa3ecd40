"""Starting an audit, checking it as a whole, and submitting it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import must
from audits import access
from audits.choices import AuditStatus
from audits.models import Audit
from audits.selectors import pages
from audits.selectors.readiness import AuditAsWritten, audit_as_written
from audits.services import drafting, submitting
from audits.views.records import page, show, visible_audit


@page("POST")
def start(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The auditor starts; a second click changes nothing."""
    found = visible_audit(request, audit)
    drafting.start_audit(audit=found, by=request.user)
    return redirect("audits:detail", found.pk)


@dataclass(frozen=True)
class FaultLine:
    """One line of the error summary on the check page: the words and where to mend it."""

    message: str
    url: str


@page("GET", "POST")
def submit(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Check the audit as a whole, and submit it. Sent twice, it is submitted once."""
    found = visible_audit(request, audit, pages.with_everything)
    must(access.can(request.user, "submit", found))
    if found.status not in (AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS) and found.submitted_at:
        return redirect("audits:detail", found.pk)
    if request.method == "POST":
        try:
            version = int(request.POST.get("version", ""))
        except ValueError:
            version = 0
        try:
            submitting.submit_audit(audit=found, by=request.user, version=version)
        except submitting.NotReady as refused:
            faults = [FaultLine(each.message, _where(found, each.where)) for each in refused.faults]
            return _check_page(request, found, faults, tried=True)
        messages.success(request, f"Audit {found.reference} was submitted.")
        return redirect("audits:detail", found.pk)
    if found.status != AuditStatus.IN_PROGRESS:
        return redirect("audits:detail", found.pk)
    return _check_page(request, found, _faults(found, audit_as_written(found)), tried=False)


def _check_page(request: HttpRequest, audit: Audit, faults: list[FaultLine], *, tried: bool) -> HttpResponse:
    context = {
        "faults": faults,
        "tried": tried,
        "page_errors": faults if tried else None,
        "reading": pages.reading(audit),
        "overview": pages.overview(audit),
    }
    return show(request, "audits/submit.html", audit, context)


def _faults(audit: Audit, written: AuditAsWritten) -> list[FaultLine]:
    return [FaultLine(each.message, _where(audit, each.where)) for each in written.faults()]


def _where(audit: Audit, where: str) -> str:
    """The page on which a fault is mended."""
    if where.startswith("section:"):
        key = where.removeprefix("section:")
        rows: Iterable[UUID] = (row.pk for row in audit.sections.all() if row.section.key == key)
        return f"{reverse('audits:section', args=[audit.pk, next(iter(rows))])}?check=1"
    if where == "conversations" and audit.tool_version and audit.tool_version.asks_for_conversations:
        return reverse("audits:conversations", args=[audit.pk])
    return reverse("audits:overall", args=[audit.pk])
