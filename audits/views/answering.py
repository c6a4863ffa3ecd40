"""The record of a moderation, the auditor's answer to a changed grade, and a head of service's confirmation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import NotAllowed, must
from accounts.choices import Role
from audits import access
from audits.choices import ModerationStatus
from audits.forms.planning import ReasonForm
from audits.models import Audit, Moderation
from audits.selectors import moderating, pages, records
from audits.services import answering
from audits.views.records import note_cases, page, show, visible_audit, visible_moderation


def typed_version(request: HttpRequest) -> int:
    """The version that the page was made from; 0, which nothing has, where it is not a number."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0


def _last(audit: Audit) -> Moderation:
    """The moderation of the audit's last submission. Raises NotAllowed before the first."""
    last = audit.moderations.order_by("-submission").first()
    if last is None:
        raise NotAllowed("This audit has not been submitted yet.")
    last.audit = audit
    return last


@page("GET")
def grade_record(request: HttpRequest, audit: UUID) -> HttpResponse:
    """What moderation made of one audit, for its auditor and those who judge it."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "see_grade_record", found))
    last = _last(found)
    may_answer = last.status == ModerationStatus.AWAITING_ACCEPTANCE and access.can(request.user, "answer_grade", last)
    context = {
        "record": records.grade_record(found),
        "may_answer": may_answer,
        "own": found.auditor_id == request.user.pk,
        "today": timezone.localdate(),
    }
    return show(request, "audits/grade_record.html", found, context)


@page("POST")
def accept_grade(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The auditor accepts the changed grade."""
    found = visible_audit(request, audit)
    answering.accept_grade(moderation=_last(found), by=request.user, version=typed_version(request))
    messages.success(request, f"You have accepted the grade of audit {found.reference}.")
    return redirect("audits:grade_record", found.pk)


@page("GET", "POST")
def dispute_grade(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The auditor says why they do not accept the changed grade."""
    found = visible_audit(request, audit)
    last = _last(found)
    must(access.can(request.user, "answer_grade", last))
    form = ReasonForm(
        request.POST or None,
        label="Why do you not accept the grade?",
        hint="Point to what the record shows. At least 20 characters. The second moderator reads this.",
        initial={"version": last.version},
    )
    if request.method == "POST" and form.is_valid():
        try:
            answering.dispute_grade(
                moderation=last, by=request.user, why=form.cleaned_data["why"], version=form.cleaned_data["version"]
            )
        except ValidationError as refused:
            form.add_error("why", refused.messages)
        else:
            messages.success(request, "You have disputed the grade. Somebody who had no part in it will decide.")
            return redirect("audits:grade_record", found.pk)
    if request.method != "POST" and last.status != ModerationStatus.AWAITING_ACCEPTANCE:
        return redirect("audits:grade_record", found.pk)
    return show(request, "audits/dispute_grade.html", found, {"form": form, "record": records.grade_record(found)})


@page("GET", "POST")
def confirm(request: HttpRequest, moderation: UUID) -> HttpResponse:
    """A head of service reads an inadequate audit with what was decided, and confirms it."""
    found = visible_moderation(request, moderation)
    audit = visible_audit(request, found.audit_id, pages.with_everything)
    may = access.can(request.user, "confirm", found)
    if request.method == "POST":
        must(may)
        answering.confirm_grade(moderation=found, by=request.user, version=typed_version(request))
        messages.success(request, f"You have confirmed the grade of audit {audit.reference}. It is settled.")
        return redirect("audits:detail", audit.pk)
    if found.status != ModerationStatus.AWAITING_CONFIRMATION:
        return redirect("audits:grade_record", audit.pk)
    context = {
        "moderation": found,
        "may": may,
        "record": records.grade_record(audit),
        "reading": pages.reading(audit),
        "due": moderating.by_when(found.confirm_by, timezone.localdate()),
    }
    return show(request, "audits/confirm_grade.html", audit, context)


@page("GET", "POST")
def query(request: HttpRequest, moderation: UUID) -> HttpResponse:
    """A head of service does not confirm, and says why."""
    found = visible_moderation(request, moderation)
    audit = visible_audit(request, found.audit_id)
    must(access.can(request.user, "confirm", found))
    form = ReasonForm(
        request.POST or None,
        label="Why do you not confirm this grade?",
        hint="At least 20 characters. The second moderator and the auditor read this.",
        initial={"version": found.version},
    )
    if request.method == "POST" and form.is_valid():
        try:
            answering.query_grade(
                moderation=found, by=request.user, why=form.cleaned_data["why"], version=form.cleaned_data["version"]
            )
        except ValidationError as refused:
            form.add_error("why", refused.messages)
        else:
            messages.success(request, "You have queried the grade. Somebody who had no part in it will decide.")
            return redirect("audits:grade_record", audit.pk)
    if request.method != "POST" and found.status != ModerationStatus.AWAITING_CONFIRMATION:
        return redirect("audits:grade_record", audit.pk)
    return show(request, "audits/query_grade.html", audit, {"form": form, "moderation": found})


@page("GET")
def own_record(request: HttpRequest) -> HttpResponse:
    """An auditor's own moderated audits: both grades and what became of them; with `?show=changed`, those changed."""
    user: Any = request.user
    if not user.holds(Role.AUDITOR):
        raise NotAllowed("This page is for auditors: it shows what moderation made of their own audits.")
    mine = Audit.objects.visible_to(user).filter(auditor=user.pk)
    found = everything = records.own_moderations(mine)
    changed = request.GET.get("show") == "changed"
    if changed:
        found = found.changed()
    rows = Paginator(found, pages.PAGE_SIZE).get_page(request.GET.get("page"))
    note_cases(request, [each.audit for each in rows])
    context = {
        "page": rows,
        "rows": moderating.queue_rows(rows, timezone.localdate(), user.pk),
        "changed": changed,
        "summary": moderating.own_summary(everything),
    }
    return render(request, "audits/own_record.html", context)
