"""The moderation lists, a submission side by side with the moderator's own view, and returns with questions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import NotAllowed, must
from accounts.choices import QA_ROLES, Role, UnitKind
from accounts.models import OrgUnit
from audits import access
from audits.choices import ModerationStatus
from audits.forms.judging import QuestionsForm, QueueFilterForm, ThirdReturnForm
from audits.forms.moderating import DecisionForm
from audits.models import Audit, Dispute, Moderation
from audits.rules.moderation import MOST_RETURNS
from audits.selectors import drafting as drafts
from audits.selectors import judging, moderating, pages, records
from audits.selectors.readiness import audit_as_written
from audits.services import moderating as moderation_services
from audits.services import returning
from audits.views.records import note_cases, page, show, visible_audit, visible_moderation
from core.errors import name_keys


@page("GET")
def queue(request: HttpRequest) -> HttpResponse:
    """The lists of the moderation, each with its count; `?show=` names one, the filters narrow them all."""
    user: Any = request.user
    if not user.holds(*QA_ROLES, Role.MODERATOR, Role.HEAD_OF_SERVICE):
        raise NotAllowed("Moderation is for moderators, heads of service and the QA unit.")
    today = timezone.localdate()
    show_list = request.GET.get("show", "waiting")
    show_list = show_list if show_list in moderating.LISTS else "waiting"
    units = [(str(key), name) for key, name in _services(user)]
    form = QueueFilterForm(request.GET, services=units)
    form.is_valid()
    wanted = form.cleaned_data
    found = moderating.narrowed(Moderation.objects.visible_to(user), wanted, user.pk, today)
    disputes = moderating.narrowed_disputes(Dispute.objects.visible_to(user), wanted, user.pk, today)
    context: dict[str, Any] = {
        "list": show_list,
        "filter_form": form,
        "open_filter": any(wanted.get(name) for name in ("service", "mine", "overdue")),
        "tabs": moderating.list_tabs(
            found, disputes, current=show_list, address=reverse("audits:moderation_queue"),
            query=moderating.query_of(wanted), third=user.holds(*QA_ROLES),
        ),
        "decided": show_list == "decided",
        "sees_consistency": bool(access.can(user, "see_consistency")),
    }  # fmt: skip
    if show_list == "disputes":
        disputed = Paginator(moderating.for_dispute_rows(disputes), pages.PAGE_SIZE).get_page(request.GET.get("page"))
        context |= {"page": disputed, "disputes": moderating.dispute_rows(disputed, today, user.pk)}
        note_cases(request, [each.audit for each in disputed])
    else:
        rows = Paginator(moderating.for_rows(found.in_list(show_list)), pages.PAGE_SIZE).get_page(
            request.GET.get("page")
        )
        context |= {"page": rows, "rows": moderating.queue_rows(rows, today, user.pk)}
        note_cases(request, [each.audit for each in rows])
    return render(request, "audits/moderation_queue.html", context)


def _services(user: Any) -> list[tuple[Any, str]]:
    units = OrgUnit.objects.visible_to(user).filter(kind=UnitKind.SERVICE).order_by("name", "pk")
    return list(units.values_list("pk", "name"))


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
    may = access.can(request.user, "moderate", found)
    decides = request.method == "POST" and may  # what they typed is kept, however far the moderation has come
    if not decides and found.status in _OVER:
        return redirect("audits:detail", audit.pk)
    if not decides and found.status not in (ModerationStatus.SELECTED, ModerationStatus.OPENED):
        return redirect("audits:grade_record", audit.pk)
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
        form.say(refused)
        return desk.show(form, True)
    messages.success(request, _NEXT[ModerationStatus(done.status)].format(reference=audit.reference))
    return redirect("audits:detail", audit.pk)


_NEXT = {
    ModerationStatus.DONE: "The grade of audit {reference} is settled.",
    ModerationStatus.AWAITING_ACCEPTANCE: "The auditor of audit {reference} is asked to accept the change.",
    ModerationStatus.AWAITING_CONFIRMATION: "A head of service is asked to confirm the grade of audit {reference}.",
}


_OVER = (ModerationStatus.DONE, ModerationStatus.WITHDRAWN, ModerationStatus.NOT_SELECTED)


class _Desk:
    """One request's work on one moderation."""

    def __init__(self, request: HttpRequest, moderation: Moderation, audit: Audit) -> None:
        self.request = request
        self.moderation = moderation
        self.audit = audit
        self.written = audit_as_written(audit)
        self.grades = drafts.grade_choices(audit)
        name_keys(request, [(each.row.pk, each.asked.title) for each in self.written.sections])

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

    def sees_reasons(self) -> bool:
        """An auditor never reads why their own audit was chosen, whatever else they are."""
        return bool(access.can(self.request.user, "see_moderation_reasons", self.moderation))

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
            "reasons": moderating.reason_words(self.moderation) if self.sees_reasons() else (),
            "may_open": may and self.moderation.status == ModerationStatus.SELECTED,
            "due": moderating.due_words(self.moderation, timezone.localdate()),
            "returns": records.all_returns(self.moderation),
        }
        return show(self.request, "audits/moderate.html", self.audit, context)


@page("GET", "POST")
def return_audit(request: HttpRequest, moderation: UUID) -> HttpResponse:
    """Send the submission back with questions, written beside the auditor's words."""
    found = visible_moderation(request, moderation)
    audit = visible_audit(request, found.audit_id, pages.with_everything)
    must(access.can(request.user, "moderate", found))
    if request.method != "POST" and found.status != ModerationStatus.OPENED:
        return redirect("audits:moderate", found.pk)
    reading = pages.reading(audit)
    name_keys(request, [(section.id, section.title) for section in reading.sections])
    form = QuestionsForm(
        request.POST or None,
        sections=[(section.id, section.title) for section in reading.sections],
        initial={"version": found.version},
    )
    if request.method == "POST" and form.is_valid():
        done = returning.return_audit(
            moderation=found,
            by=request.user,
            questions=[returning.Question(text, section) for section, text in form.questions()],
            version=form.cleaned_data["version"],
        )
        if done.status == ModerationStatus.WITH_QA_LEAD:
            messages.success(request, f"Audit {audit.reference} was returned twice before: a QA lead decides now.")
        else:
            messages.success(request, f"Audit {audit.reference} is back with its auditor.")
        return redirect("audits:moderation_queue")
    context = {
        "moderation": found,
        "form": form,
        "reading": reading,
        "sides": [(section, form.field_of(section.id)) for section in reading.sections],
        "third": found.returns >= MOST_RETURNS,
    }
    return show(request, "audits/return_audit.html", audit, context)


@page("GET", "POST")
def guide_return(request: HttpRequest, moderation: UUID) -> HttpResponse:
    """A QA lead decides about a third return."""
    found = visible_moderation(request, moderation)
    audit = visible_audit(request, found.audit_id)
    must(access.can(request.user, "guide_return", found))
    form = ThirdReturnForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        act = returning.send_back if form.cleaned_data["what"] == "send_back" else returning.hand_on
        act(moderation=found, by=request.user, why=form.cleaned_data["why"], version=form.cleaned_data["version"])
        messages.success(request, f"Audit {audit.reference} goes on.")
        return redirect("audits:moderation_queue")
    if request.method != "POST" and found.status != ModerationStatus.WITH_QA_LEAD:
        return redirect("audits:grade_record", audit.pk)
    context = {"form": form, "moderation": found, "returns": records.all_returns(found)}
    return show(request, "audits/guide_return.html", audit, context)
