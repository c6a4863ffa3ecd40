"""The moderators' queue, and a submission side by side with the moderator's own view."""

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
from accounts.choices import QA_ROLES, Role
from audits import access
from audits.choices import ModerationStatus
from audits.forms.moderating import DecisionForm
from audits.models import Audit, Moderation
from audits.selectors import drafting as drafts
from audits.selectors import judging, moderating, pages
from audits.selectors.readiness import audit_as_written
from audits.services import moderating as moderation_services
from audits.views.records import note_cases, page, show, visible_audit, visible_moderation


@page("GET")
def queue(request: HttpRequest) -> HttpResponse:
    """Submissions that wait for a moderator, the soonest due first; with `?show=decided`, those decided."""
    if not request.user.holds(*QA_ROLES, Role.MODERATOR, Role.HEAD_OF_SERVICE):  # type: ignore[union-attr]  # signed in
        raise NotAllowed("Moderation is for moderators, heads of service and the QA unit.")
    found = Moderation.objects.visible_to(request.user).select_related(
        "audit__case", "audit__service", "audit__team", "audit__auditor", "moderator"
    )
    decided = request.GET.get("show") == "decided"
    if decided:
        found = found.filter(status=ModerationStatus.DONE).order_by("-decided_at", "id")
    else:
        found = found.waiting().order_by("due_on", "created_at", "id")
    rows = Paginator(found, pages.PAGE_SIZE).get_page(request.GET.get("page"))
    note_cases(request, [each.audit for each in rows])
    lines = moderating.queue_rows(rows, timezone.localdate(), request.user.pk)
    return render(request, "audits/moderation_queue.html", {"page": rows, "rows": lines, "decided": decided})


@page("POST")
def open_moderation(request: HttpRequest, moderation: UUID) -> HttpResponse:
    """Take a submission from the queue."""
    found = visible_moderation(request, moderation)
    moderation_services.open_moderation(moderation=found, by=request.user)
    return redirect("audits:moderate", found.pk)


@page("GET", "POST")
def moderate(request: HttpRequest, moderation: UUID) -> HttpResponse:
    """The submission section by section, the auditor's view on one side and the moderator's on the other."""
    found = visible_moderation(request, moderation)
    audit = visible_audit(request, found.audit_id, pages.with_everything)
    if found.status not in (ModerationStatus.SELECTED, ModerationStatus.OPENED):
        return redirect("audits:detail", audit.pk)
    may = access.can(request.user, "moderate", found)
    if request.method == "POST":
        must(may)
    desk = _Desk(request, found, audit)
    if request.method != "POST":
        return desk.show(desk.form() if may and found.status == ModerationStatus.OPENED else None, bool(may))
    form = desk.form(request.POST)
    if not form.is_valid():
        return desk.show(form, True)
    try:
        done = moderation_services.decide_moderation(moderation=found, by=request.user, **form.decision())
    except ValidationError as refused:
        _add_refusal(form, refused)
        return desk.show(form, True)
    messages.success(request, _NEXT[ModerationStatus(done.status)].format(reference=audit.reference))
    return redirect("audits:detail", audit.pk)


_NEXT = {
    ModerationStatus.DONE: "The grade of audit {reference} is settled.",
    ModerationStatus.AWAITING_ACCEPTANCE: "The auditor of audit {reference} is asked to accept the change.",
    ModerationStatus.AWAITING_CONFIRMATION: "A head of service is asked to confirm the grade of audit {reference}.",
}


class _Desk:
    """One request's work on one moderation."""

    def __init__(self, request: HttpRequest, moderation: Moderation, audit: Audit) -> None:
        self.request = request
        self.moderation = moderation
        self.audit = audit
        self.written = audit_as_written(audit)
        self.grades = drafts.grade_choices(audit)

    def form(self, data: Any = None) -> DecisionForm:
        """The form of the decision."""
        return DecisionForm(
            data,
            grades=self.grades,
            sections=[
                (each.row.pk, each.asked.title, each.row.grade)
                for each in self.written.sections
                if each.asked.graded and each.applies and self.grades
            ],
            overall=self.moderation.grade_before,
            initial={"version": self.moderation.version},
        )

    def show(self, form: DecisionForm | None, may: bool) -> HttpResponse:
        """The page; without a form it is for reading, with the button that opens the moderation."""
        reading = pages.reading(self.audit)
        graded = {key for key, _, _ in form.sections} if form else set()
        context = {
            "moderation": self.moderation,
            "form": form,
            "reading": reading,
            "sides": [
                (each, form.section_fields(each.id) if form and each.id in graded else None)
                for each in reading.sections
            ],
            "ceiling": judging.ceiling_of(self.written),
            "reasons": moderating.reason_words(self.moderation),
            "may_open": may and self.moderation.status == ModerationStatus.SELECTED,
            "due": moderating.due_words(self.moderation, timezone.localdate()),
        }
        return show(self.request, "audits/moderate.html", self.audit, context)


def _add_refusal(form: DecisionForm, refused: ValidationError) -> None:
    """Put the service's refusals beside their fields."""
    for name, problems in refused.message_dict.items():
        if name.startswith("section_"):
            name = f"s-{name.removeprefix('section_')}-reason"
        form.add_error(name if name in form.fields else None, problems)
