"""The QA unit plans audits and gives them out; the moves that ask for a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.access import NotAllowed, must
from accounts.models import User
from audits import access
from audits.forms.planning import AllocateForm, BulkForm, MoveDueForm, PlanForm, ReasonForm, ReassignForm
from audits.models import Audit, ToolVersion
from audits.querysets import ToolVersionQuerySet
from audits.selectors import pages
from audits.services import bulk, planning, submitting
from audits.views.records import note_cases, page, show, visible_audit, visible_case
from cases.models import Case
from core.bulk import keys_of, typed_of
from core.history.middleware import note_viewed
from core.paging import list_as_left


def versions_for(case: Case, live: ToolVersionQuerySet) -> dict[str, ToolVersion]:
    """Those of these versions that are made for such a case, by key."""
    return {
        str(version.pk): version
        for version in live.select_related("tool", "scheme")
        if case.subject_kind in version.tool.subject_kinds
    }


def tool_words(versions: Mapping[str, ToolVersion]) -> list[tuple[str, str, str]]:
    """Key, name and introduction of each, as a form offers them."""
    return [(key, version.tool.name, version.introduction) for key, version in versions.items()]


@page("GET", "POST")
def plan(request: HttpRequest, case: UUID) -> HttpResponse:
    """Plan an audit of one case: the tool, the manner, the period."""
    found = visible_case(request, case)
    must(access.can(request.user, "create", found))
    versions = versions_for(found, ToolVersion.objects.visible_to(request.user).live())
    form = PlanForm(request.POST or None, tools=tool_words(versions), initial={"window_to": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            audit = planning.create_audit(
                case=found,
                version=versions[form.cleaned_data["tool"]],
                by=request.user,
                mode=form.cleaned_data["mode"],
                purpose=form.cleaned_data["purpose"],
                window_to=form.cleaned_data["window_to"],
            )
        except ValidationError as refused:
            form.add_error("tool", refused.messages)
        else:
            messages.success(request, f"Audit {audit.reference} was planned. Now choose who does it.")
            return redirect("audits:allocate", audit.pk)
    note_viewed(request, "cases.case", [found.pk])
    earlier = Audit.objects.visible_to(request.user).filter(case=found.pk)
    rows = pages.audit_rows(pages.for_rows(earlier).order_by("-created_at", "id")[:5], timezone.localdate())
    context = {"case": found, "form": form, "has_tools": bool(versions), "earlier": rows}
    return render(request, "audits/plan.html", context)


def _choices(audit: Audit, *, judged_by: bool = False) -> list[tuple[str, str]]:
    """The auditors without a conflict, with their workload in words; `judged_by` leaves out who judged its grade."""
    first = audit.first_audit.auditor_id if audit.first_audit else None
    return [
        (
            str(choice.user.pk),
            f"{choice.user.name} – {open_audits_words(choice.open_audits)}"
            + (" (did the first audit)" if choice.user.pk == first else ""),
        )
        for choice in planning.free_auditors(audit=audit, judged_by=judged_by)
    ]


def open_audits_words(count: int) -> str:
    """An auditor's workload in words."""
    return "1 open audit" if count == 1 else f"{count or 'no'} open audits"


def _person(request: HttpRequest, key: str) -> User | None:
    try:
        wanted = UUID(key)
    except ValueError:
        return None
    return User.objects.visible_to(request.user).filter(pk=wanted).first()


@page("GET", "POST")
def allocate(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Give a planned audit to an auditor."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "allocate", found))
    auditors = _choices(found)
    due_on = planning.due_date_of(audit=found, today=timezone.localdate())
    form = AllocateForm(request.POST or None, auditors=auditors, initial={"version": found.version, "due_on": due_on})
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data

        def give(auditor: User) -> Any:
            return planning.allocate_audit(
                audit=found, auditor=auditor, by=request.user, due_on=cleaned["due_on"], version=cleaned["version"]
            )

        given = _given(request, form, give)
        if given is not None:
            messages.success(request, f"Audit {found.reference} was given to {given.name}.")
            return redirect("audits:detail", found.pk)
    return show(request, "audits/allocate.html", found, {"form": form, "nobody": not auditors})


@page("GET", "POST")
def reassign(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Give an audit under way to somebody else."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "reassign", found))
    returned = found.moderations.returned().exists()
    form = ReassignForm(
        request.POST or None,
        auditors=_choices(found, judged_by=returned),
        keeps=returned,
        clears=bool(found.calibration_id),
        initial={"version": found.version},
        label="Why does it go to somebody else?",
        hint="Kept in the history of the audit.",
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data

        def give(auditor: User) -> Any:
            return planning.reassign_audit(
                audit=found,
                auditor=auditor,
                by=request.user,
                why=cleaned["why"],
                keep_answers=returned or cleaned.get("keep_answers") == "yes",
                version=cleaned["version"],
            )

        given = _given(request, form, give)
        if given is not None:
            messages.success(request, f"Audit {found.reference} was given to {given.name}.")
            return redirect("audits:detail", found.pk)
    return show(request, "audits/reassign.html", found, {"form": form, "returned": returned})


def _given(request: HttpRequest, form: AllocateForm | ReassignForm, give: Callable[[User], Any]) -> User | None:
    """The person who has the audit now; None, with the refusal beside its field, when it was refused."""
    auditor = _person(request, form.cleaned_data["auditor"])
    if auditor is None:
        form.add_error("auditor", "Choose an auditor from the list")
        return None
    try:
        give(auditor)
    except NotAllowed as refused:
        form.add_error("auditor", str(refused))
        return None
    except ValidationError as refused:
        form.say(refused)
        return None
    return auditor


@page("GET", "POST")
def move_due(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Change when an audit is due."""
    found = visible_audit(request, audit)
    must(access.can(request.user, "move_due", found))
    form = MoveDueForm(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            moved = planning.move_due_date(
                audit=found, due_on=cleaned["due_on"], by=request.user, why=cleaned["why"], version=cleaned["version"]
            )
        except ValidationError as refused:
            form.say(refused)
        else:
            due_on = date_format(cleaned["due_on"], "j F Y")
            messages.success(request, f"Audit {moved.reference} is due on {due_on} now.")
            return redirect("audits:detail", moved.pk)
    return show(request, "audits/move_due.html", found, {"form": form})


@page("POST")
def change_many(request: HttpRequest) -> HttpResponse:
    """Give out or move many audits at once: first what and why, then the list of what was done and what was refused."""
    user: Any = request.user
    must(access.can(user, "change_many"))
    keys = keys_of(request.POST.getlist("audit"))
    chosen = list(Audit.objects.visible_to(user).filter(pk__in=keys).select_related("auditor").order_by("reference"))
    note_cases(request, chosen)
    step = request.POST.get("step")
    auditors = [
        (str(choice.user.pk), f"{choice.user.name} – {open_audits_words(choice.open_audits)}")
        for choice in access.active_auditors()
    ]
    form = BulkForm(request.POST if step else None, auditors=auditors)
    context: dict[str, Any] = {
        "form": form,
        "chosen": chosen,
        "left_out": len(keys) - len(chosen),
        "typed": typed_of(request.POST, "audit"),
        "back_url": list_as_left(reverse("audits:list"), request.GET.urlencode()),
    }
    if step == "change" and chosen and form.is_valid():
        cleaned = form.cleaned_data
        auditor = _person(request, cleaned["auditor"])
        if cleaned["change"] == "move_due":
            result = bulk.move_due_dates(audits=chosen, due_on=cleaned["due_on"], why=cleaned["why"], by=user)
        elif auditor is None and cleaned["auditor"] != BulkForm.FEWEST:
            form.add_error("auditor", "Choose an auditor from the list")
            return render(request, "audits/change_many.html", context)
        else:
            result = bulk.give_many(audits=chosen, auditor=auditor, why=cleaned["why"], by=user)
        return render(request, "audits/changed.html", context | {"result": result})
    return render(request, "audits/change_many.html", context)


# Moves with a reason


@dataclass(frozen=True)
class _Asking:
    """A page that asks for a reason and then makes one move."""

    verb: str
    heading: str
    warning: str
    label: str
    hint: str
    button: str
    done: str
    act: Callable[..., Any]
    home: str = "audits:detail"


def _ask(request: HttpRequest, key: UUID, asking: _Asking) -> HttpResponse:
    found = visible_audit(request, key)
    must(access.can(request.user, asking.verb, found))
    form = ReasonForm(request.POST or None, label=asking.label, hint=asking.hint, initial={"version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            asking.act(audit=found, by=request.user, why=form.cleaned_data["why"], version=form.cleaned_data["version"])
        except ValidationError as refused:
            form.add_error("why", refused.messages)
        else:
            messages.success(request, asking.done.format(reference=found.reference))
            return redirect(asking.home, *([found.pk] if asking.home == "audits:detail" else []))
    return show(request, "audits/reason.html", found, {"form": form, "asking": asking})


VOID = _Asking(
    verb="void",
    heading="Make this audit void",
    warning="A void audit counts nowhere, and this cannot be undone. Plan a new audit of the case if it is needed.",
    label="Why is it void?",
    hint="For example, the wrong case was audited. Kept in the history of the audit.",
    button="Make it void",
    done="Audit {reference} was made void.",
    act=planning.void_audit,
)
DECLINE = _Asking(
    verb="decline",
    heading="Hand this audit back",
    warning="The audit goes back to the QA unit, and somebody else will do it.",
    label="Why can you not do it?",
    hint="For example, a conflict of interest, or no time before the due date. Do not give private details.",
    button="Hand it back",
    done="Audit {reference} was handed back to the QA unit.",
    act=planning.decline_audit,
    home="audits:list",
)
RECALL = _Asking(
    verb="recall",
    heading="Take your submission back",
    warning="The audit opens for changes again, and you have to submit it again.",
    label="Why do you take it back?",
    hint="Kept in the history of the audit.",
    button="Take it back",
    done="Audit {reference} is open for changes again.",
    act=submitting.recall_audit,
)


@page("GET", "POST")
def void(request: HttpRequest, audit: UUID) -> HttpResponse:
    """Make an audit void, with a reason."""
    return _ask(request, audit, VOID)


@page("GET", "POST")
def decline(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The auditor hands an allocated audit back."""
    return _ask(request, audit, DECLINE)


@page("GET", "POST")
def recall(request: HttpRequest, audit: UUID) -> HttpResponse:
    """The auditor takes a submission back before a moderator opens it."""
    return _ask(request, audit, RECALL)
