"""A dispute about a grade: read, taken up, given to somebody, decided, referred to the panel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts.access import must
from audits import access
from audits.choices import DisputeStatus
from audits.forms.judging import AssignForm, DisputeForm
from audits.forms.planning import ReasonForm
from audits.models import Audit, Dispute
from audits.selectors import judging, moderating, pages, records
from audits.selectors.readiness import audit_as_written
from audits.services import disputing
from audits.services.judging import section_grades_now
from audits.views.records import page, show, visible_audit, visible_dispute
from audits.workflow import DISPUTE_MOVES
from core.errors import name_keys
from core.workflow import may_follow


@page("GET", "POST")
def dispute(request: HttpRequest, dispute: UUID) -> HttpResponse:
    """A dispute with both views; for its second moderator, the decision."""
    found = visible_dispute(request, dispute)
    audit = visible_audit(request, found.audit_id, pages.with_everything)
    desk = _Desk(request, found, audit)
    if request.method != "POST":
        return desk.show(desk.form() if desk.may["decide"] else None)
    must(access.can(request.user, "decide_dispute", found))
    form = desk.form(request.POST)
    if not form.is_valid():
        return desk.show(form)
    try:
        done = disputing.decide_dispute(dispute=found, by=request.user, **form.decision())
    except ValidationError as refused:
        form.say(refused)
        return desk.show(form)
    if done.status == DisputeStatus.WITH_PANEL:
        messages.success(request, "The step from inadequate to good or better is the panel's: it has your view now.")
    else:
        messages.success(request, f"You have decided the dispute about audit {audit.reference}.")
    return redirect("audits:dispute", found.pk)


class _Desk:
    """One request's work on one dispute."""

    def __init__(self, request: HttpRequest, dispute: Dispute, audit: Audit) -> None:
        self.request = request
        self.dispute = dispute
        self.audit = audit
        user = request.user
        self.may = {
            "take": may_follow(DISPUTE_MOVES, "assign", dispute.status)
            and bool(access.can(user, "take_dispute", dispute)),
            "assign": may_follow(DISPUTE_MOVES, "assign", dispute.status)
            and bool(access.can(user, "assign_dispute", dispute)),
            "decide": may_follow(DISPUTE_MOVES, "decide", dispute.status)
            and bool(access.can(user, "decide_dispute", dispute)),
        }
        self.may["refer"] = may_follow(DISPUTE_MOVES, "refer", dispute.status) and (
            self.may["decide"] or bool(access.can(user, "assign_dispute", dispute))
        )

    def form(self, data: Any = None) -> DisputeForm:
        """The form of the decision; it asks about the sections of which moderation or a dispute thought otherwise."""
        now = section_grades_now(audit=self.audit)
        rows = [(row, now.get(row.pk, "")) for row in pages.in_form_order(self.audit)]
        name_keys(self.request, [(row.pk, row.section.title) for row, _ in rows])
        return DisputeForm(
            data,
            grades=records.grade_names(self.audit),
            sections=[(row.pk, row.section.title, grade) for row, grade in rows if row.grade and grade],
            initial={"version": self.dispute.version},
        )

    def show(self, form: DisputeForm | None) -> HttpResponse:
        """The page."""
        dispute = self.dispute
        record = records.grade_record(self.audit)
        context = {
            "dispute": dispute,
            "read": records.dispute_read(dispute),
            "record": record,
            "reading": pages.reading(self.audit),
            "may": self.may,
            "form": form,
            "section_fields": [(form[f"s-{key}-grade"], form[f"s-{key}-reason"]) for key, _, _ in form.sections]
            if form
            else [],
            "ceiling": judging.ceiling_of(audit_as_written(self.audit), section_grades_now(audit=self.audit)),
            "due": moderating.by_when(dispute.due_on, timezone.localdate())
            if dispute.status in (DisputeStatus.OPEN, DisputeStatus.WITH_SECOND_MODERATOR)
            else "",
            "own": self.audit.auditor_id == self.request.user.pk,
        }
        return show(self.request, "audits/dispute.html", self.audit, context)


@page("POST")
def take_dispute(request: HttpRequest, dispute: UUID) -> HttpResponse:
    """A moderator who had no part in the grade takes the dispute up."""
    found = visible_dispute(request, dispute)
    user: Any = request.user
    must(access.can(user, "take_dispute", found))
    disputing.assign_dispute(dispute=found, moderator=user, by=user)
    return redirect("audits:dispute", found.pk)


@page("GET", "POST")
def assign_dispute(request: HttpRequest, dispute: UUID) -> HttpResponse:
    """A QA lead chooses who decides."""
    found = visible_dispute(request, dispute)
    audit = visible_audit(request, found.audit_id)
    must(access.can(request.user, "assign_dispute", found))
    people = access.free_second_moderators(found)
    form = AssignForm(
        request.POST or None,
        people=[(str(person.pk), person.name) for person in people],
        initial={"version": found.version},
    )
    if request.method == "POST" and form.is_valid():
        chosen = next(person for person in people if str(person.pk) == form.cleaned_data["moderator"])
        disputing.assign_dispute(dispute=found, moderator=chosen, by=request.user, version=form.cleaned_data["version"])
        messages.success(request, f"The dispute is with {chosen.name} now.")
        return redirect("audits:dispute", found.pk)
    return show(request, "audits/assign_dispute.html", audit, {"form": form, "dispute": found, "people": people})


@page("GET", "POST")
def refer_dispute(request: HttpRequest, dispute: UUID) -> HttpResponse:
    """The decision is left to the panel, with the reason."""
    found = visible_dispute(request, dispute)
    audit = visible_audit(request, found.audit_id)
    if not access.can(request.user, "decide_dispute", found):
        must(access.can(request.user, "assign_dispute", found))
    form = ReasonForm(
        request.POST or None,
        label="Why should the panel decide?",
        hint="At least 20 characters. The panel reads this.",
        initial={"version": found.version},
    )
    if request.method == "POST" and form.is_valid():
        try:
            disputing.refer_to_panel(
                dispute=found, by=request.user, why=form.cleaned_data["why"], version=form.cleaned_data["version"]
            )
        except ValidationError as refused:
            form.add_error("why", refused.messages)
        else:
            messages.success(request, "The dispute goes to the panel. Its decision is final.")
            return redirect("audits:dispute", found.pk)
    return show(request, "audits/refer_dispute.html", audit, {"form": form, "dispute": found})
