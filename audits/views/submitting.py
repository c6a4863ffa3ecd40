"""Starting an audit, checking it as a whole, and submitting it."""

from __future__ import annotations

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
from audits.selectors.readiness import audit_as_written
from audits.services import drafting, submitting
from audits.services.saving import is_returned
from audits.views.records import page, show, visible_audit


@page("POST")
def start(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The auditor starts; a second click changes nothing."""
    found = visible_audit(request, audit)
    drafting.start_audit(audit=found, by=request.user)
    return redirect("audits:detail", found.pk)


@dataclass(frozen=True)
class FaultLine:
    """One line of the error summary on the check page: the words, where to mend it, and the name of that page."""

    message: str
    url: str
    place: str

    @property
    def short(self) -> str:
        """The words without the name of the page."""
        words = self.message.removeprefix(f"{self.place}: ")
        return words[:1].upper() + words[1:]


@page("GET", "POST")
def submit(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Check the audit as a whole, and submit it. Sent twice, it is submitted once."""
    found = visible_audit(request, audit, pages.with_everything)
    must(access.can(request.user, "submit", found))
    returned = is_returned(audit=found)
    if found.status not in (AuditStatus.ALLOCATED, AuditStatus.IN_PROGRESS) and found.submitted_at and not returned:
        return redirect("audits:detail", found.pk)
    if request.method == "POST":
        try:
            version = int(request.POST.get("version", ""))
        except ValueError:
            version = 0
        try:
            submitting.submit_audit(audit=found, by=request.user, version=version)
        except submitting.NotReady as refused:
            faults = [_line(found, each.where, each.message) for each in refused.faults]
            return _check_page(request, found, faults, tried=True)
        messages.success(request, f"Audit {found.reference} was submitted.")
        return redirect("audits:detail", found.pk)
    if found.status != AuditStatus.IN_PROGRESS and not returned:
        return redirect("audits:detail", found.pk)
    faults = [_line(found, each.where, each.message) for each in audit_as_written(found).faults()]
    return _check_page(request, found, faults, tried=False)


def _check_page(request: HttpRequest, audit: Audit, faults: list[FaultLine], *, tried: bool) -> HttpResponse:
    context = {
        "faults": faults,
        "tried": tried,
        "page_errors": faults if tried else None,
        "reading": pages.reading(audit),
        "overview": pages.overview(audit),
    }
    return show(request, "audits/submit.html", audit, context)


def _line(audit: Audit, where: str, message: str) -> FaultLine:
    """The fault with the page on which it is mended."""
    if where.startswith("section:"):
        row = next(row for row in audit.sections.all() if row.section.key == where.removeprefix("section:"))
        return FaultLine(message, f"{reverse('audits:section', args=[audit.pk, row.pk])}?check=1", row.section.title)
    if where == "conversations" and audit.tool_version and audit.tool_version.asks_for_conversations:
        return FaultLine(message, reverse("audits:conversations", args=[audit.pk]), "Conversations")
    return FaultLine(message, reverse("audits:overall", args=[audit.pk]), "Overall judgement")
