"""Audit tools for the QA unit: the list, one version, its preview, two versions side by side, made live, retired."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import must
from audits import access
from audits.choices import AuditStatus, ToolStatus
from audits.forms.sections import SectionInput
from audits.forms.tools import RetireForm
from audits.models import ToolVersion
from audits.selectors import drafting as drafts
from audits.selectors import tools
from audits.services import publishing
from core.forms import ErrorLink
from core.pages import pages_about

View = Callable[..., HttpResponse]
_page = pages_about(home="audits:tools")


def builders_page(*methods: str) -> Callable[[View], View]:
    """A page for those who build tools, whatever the address: everybody else hears 403 and learns nothing."""

    def decorate(view: View) -> View:
        @_page(*methods)
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponse:
            must(access.can(request.user, "build_tool"))
            return view(request, *args, **keys)

        return answer

    return decorate


def version_of(request: HttpRequest, **where: Any) -> ToolVersion:
    """The version with everything that hangs on it. Raises Http404."""
    found = tools.loaded(ToolVersion.objects.visible_to(request.user)).filter(**where).first()
    if found is None:
        raise Http404
    return found


@builders_page("GET")
def tool_list(request: HttpRequest) -> HttpResponse:
    """Every tool with the version in use and the one being written."""
    lines = tools.tool_lines(ToolVersion.objects.visible_to(request.user))
    may_write = bool(access.can(request.user, "write_scheme"))
    return render(request, "audits/tools/list.html", {"tools": lines, "may_write_schemes": may_write})


@builders_page("GET")
def tool(request: HttpRequest, tool: UUID) -> HttpResponse:
    """One tool with all its versions."""
    lines = tools.tool_lines(ToolVersion.objects.visible_to(request.user).filter(tool=tool))
    if not lines:
        raise Http404
    return render(request, "audits/tools/tool.html", {"tool": lines[0]})


@builders_page("POST")
def new_draft(request: HttpRequest, tool: UUID) -> HttpResponse:
    """Begin the next version, or go on with the one that is begun."""
    newest = version_of(request, pk__in=ToolVersion.objects.visible_to(request.user).filter(tool=tool).values("pk")[:1])
    draft = publishing.draft_version(tool=newest.tool, by=request.user)
    return redirect("audits:tool_version", draft.pk)


@builders_page("GET")
def version(request: HttpRequest, version: UUID) -> HttpResponse:
    """One version: its settings, sections, questions and limiting rules; in a draft each leads to its form."""
    found = version_of(request, pk=version)
    page = tools.tool_page(found)
    faults = tools.faults_of(found) if page.is_draft else []
    return render(request, "audits/tools/version.html", {"page": page, "faults": faults})


@builders_page("GET")
def preview(request: HttpRequest, version: UUID) -> HttpResponse:
    """The task list as the auditor sees it."""
    found = version_of(request, pk=version)
    return render(request, "audits/tools/preview.html", {"page": tools.tool_page(found)})


@builders_page("GET")
def preview_section(request: HttpRequest, section: UUID) -> HttpResponse:
    """One section as the auditor sees it. Nothing that is typed there is kept."""
    found = version_of(request, sections=section)
    rows = list(found.sections.all())
    place = next(number for number, row in enumerate(rows) if row.pk == section)
    shape = drafts.shape_of(rows[place], found.scheme)
    typed = SectionInput(shape, ())
    context = {
        "page": tools.tool_page(found),
        "shape": shape,
        "typed": typed,
        "form": typed.form,
        "place": place + 1,
        "of": len(rows),
        "previous": rows[place - 1] if place else None,
        "following": rows[place + 1] if place + 1 < len(rows) else None,
    }
    return render(request, "audits/tools/preview_section.html", context)


@builders_page("GET")
def compare(request: HttpRequest, version: UUID, other: UUID) -> HttpResponse:
    """What is added, removed and reworded in the later of two versions of one tool."""
    pair = [version_of(request, pk=version), version_of(request, pk=other)]
    if pair[0].tool_id != pair[1].tool_id or version == other:
        raise Http404
    before, after = sorted(pair, key=lambda each: each.number)
    context = {
        "before": tools.tool_page(before),
        "after": tools.tool_page(after),
        "changes": tools.differences(before, after),
    }
    return render(request, "audits/tools/compare.html", context)


@builders_page("GET", "POST")
def publish(request: HttpRequest, version: UUID) -> HttpResponse:
    """Make a draft live: all its faults with links, or what will change and a button."""
    found = version_of(request, pk=version)
    if found.status != ToolStatus.DRAFT and request.method != "POST":
        return redirect("audits:tool_version", found.pk)
    if request.method == "POST":
        try:
            live = publishing.publish_version(version=found, by=request.user, seen=request.POST.get("seen", ""))
        except publishing.Faulty:
            found = version_of(request, pk=version)
        else:
            messages.success(request, f"{live} is live. Audits that start from now on are done with it.")
            return redirect("audits:tool_version", live.pk)
    faults = tools.faults_of(found)
    live_now = ToolVersion.objects.visible_to(request.user).filter(tool=found.tool_id, status=ToolStatus.LIVE)
    before = tools.loaded(live_now).first()
    context = {
        "page": tools.tool_page(found),
        "seen": tools.mark_of(found),
        "faults": faults,
        "page_errors": [ErrorLink("", fault.message) for fault in faults],
        "before": before,
        "changes": tools.differences(before, found) if before else [],
        "waiting": _not_started(before),
    }
    return render(request, "audits/tools/publish.html", context)


def _not_started(live: ToolVersion | None) -> int:
    """How many audits are planned or allocated with the live version: they start with the next one."""
    return live.audits.filter(status__in=(AuditStatus.PLANNED, AuditStatus.ALLOCATED)).count() if live else 0


@builders_page("GET", "POST")
def retire(request: HttpRequest, version: UUID) -> HttpResponse:
    """Take the live version out of use, with a reason."""
    found = version_of(request, pk=version)
    form = RetireForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            publishing.retire_version(version=found, why=form.cleaned_data["why"], by=request.user)
        except ValidationError as refused:
            form.add_error("why", refused.messages)
        else:
            messages.success(request, f"{found} is retired. No audit can be planned with this tool now.")
            return redirect("audits:tool", found.tool_id)
    return render(request, "audits/tools/retire.html", {"page": tools.tool_page(found), "form": form})


@builders_page("GET", "POST")
def discard(request: HttpRequest, version: UUID) -> HttpResponse:
    """Throw a draft away, after asking."""
    found = version_of(request, pk=version)
    if request.method == "POST":
        try:
            publishing.discard_draft(version=found, by=request.user)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return redirect("audits:tool_version", found.pk)
        messages.success(request, f"The draft of {found.tool.name} was thrown away.")
        return redirect("audits:tools")
    return render(request, "audits/tools/discard.html", {"page": tools.tool_page(found), "form": None})
