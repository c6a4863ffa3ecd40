"""Calibrations: the list, setting one up, and its page, where the grades stand side by side once they are revealed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import must
from accounts.choices import QA_ROLES, Role
from accounts.models import User
from audits import access
from audits.choices import AuditStatus, CalibrationStatus
from audits.forms.calibrating import CalibrationForm, FindCaseForm
from audits.forms.planning import ReasonForm
from audits.models import Calibration, ToolVersion
from audits.selectors import calibrating as selectors
from audits.services import calibrating as services
from audits.views.planning import open_audits_words, tool_words, versions_for
from audits.views.records import page, visible_calibration, visible_case
from cases.models import Case
from cases.selectors import case_called
from core.history.middleware import note_viewed


@page("GET")
def calibration_list(request: HttpRequest) -> HttpResponse:
    """The calibrations that this person sees: all for the QA unit, for an auditor those in which they take part."""
    user: Any = request.user
    rows = selectors.calibration_rows(Calibration.objects.visible_to(user))
    note_viewed(request, "cases.case", [row.case_id for row in rows])
    context = {
        "rows": rows,
        "may_set_up": bool(access.can(user, "calibrate")),
        "sees_progress": user.holds(*QA_ROLES),
    }
    return render(request, "audits/calibrations.html", context)


@page("GET", "POST")
def new_calibration(request: HttpRequest) -> HttpResponse:
    """Find the case by its reference."""
    must(access.can(request.user, "calibrate"))
    form = FindCaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        case = case_called(Case.objects.visible_to(request.user), form.cleaned_data["reference"])
        if case is not None:
            return redirect("audits:calibrate", case.pk)
        form.add_error("reference", "No case that you can see has this reference")
    return render(request, "audits/new_calibration.html", {"form": form})


@page("GET", "POST")
def calibrate(request: HttpRequest, case: UUID) -> HttpResponse:
    """Set up a calibration with one case: the tool, the auditors, the last day."""
    found = visible_case(request, case)
    must(access.can(request.user, "calibrate", found))
    graded = ToolVersion.objects.visible_to(request.user).live().filter(scheme__grades__isnull=False).distinct()
    versions = versions_for(found, graded)
    free = access.auditors_for(found)
    form = CalibrationForm(
        request.POST or None,
        tools=tool_words(versions),
        auditors=[(str(each.user.pk), f"{each.user.name} – {open_audits_words(each.open_audits)}") for each in free],
        initial={"due_on": services.usual_last_day(today=timezone.localdate())},
    )
    if request.method == "POST" and form.is_valid():
        made = _set_up(request, form, found, versions)
        if made is not None:
            messages.success(request, f"Calibration {made.reference} was set up. Its auditors have been told.")
            return redirect("audits:calibration", made.pk)
    note_viewed(request, "cases.case", [found.pk])
    context = {"case": found, "form": form, "has_tools": bool(versions), "nobody": not free}
    return render(request, "audits/calibrate.html", context)


def _set_up(
    request: HttpRequest, form: CalibrationForm, case: Case, versions: dict[str, ToolVersion]
) -> Calibration | None:
    """The calibration; None, with the refusal beside its field, when it was refused."""
    cleaned = form.cleaned_data
    people = _people(request, cleaned["auditors"])
    if people is None:
        form.add_error("auditors", "Choose auditors from the list")
        return None
    try:
        return services.set_up_calibration(
            case=case, version=versions[cleaned["tool"]], auditors=people, by=request.user, due_on=cleaned["due_on"],
            about=cleaned["about"],
        )  # fmt: skip
    except ValidationError as refused:
        for name, problems in refused.message_dict.items():
            form.add_error(name if name in form.fields else "tool", problems)
        return None


def _people(request: HttpRequest, keys: list[str]) -> list[User] | None:
    """These people, of those whom the user may see; None where one of them is not there."""
    try:
        wanted = {UUID(key) for key in keys}
    except ValueError:
        return None
    found = list(User.objects.visible_to(request.user).filter(pk__in=wanted).order_by("name", "pk"))
    return found if len(found) == len(wanted) else None


@page("GET")
def calibration(request: HttpRequest, calibration: UUID) -> HttpResponse:
    """One calibration: who has submitted while the grades are hidden, then the grades side by side."""
    found = visible_calibration(request, calibration)
    user: Any = request.user
    names = bool(access.can(user, "see_calibrators", found))
    revealed = found.status == CalibrationStatus.REVEALED
    own = found.audits.filter(auditor=user.pk).exclude(status=AuditStatus.VOID).first()
    note_viewed(request, "cases.case", [found.case_id])
    context = {
        "calibration": found,
        "revealed": revealed,
        "own": own if own is not None and user.holds(Role.AUDITOR) else None,
        "names": names,
        "takes_part": selectors.who_takes_part(found) if names else (),
        "results": selectors.results(found, reader=user.pk, names=names) if revealed else None,
        "may_reveal": not revealed and bool(access.can(user, "reveal", found)),
    }
    return render(request, "audits/calibration.html", context)


@page("GET", "POST")
def reveal_calibration(request: HttpRequest, calibration: UUID) -> HttpResponse:
    """The QA lead ends a calibration early, with a reason."""
    found = visible_calibration(request, calibration)
    must(access.can(request.user, "reveal", found))
    form = ReasonForm(
        request.POST or None, label="Why does it end early?", hint="Kept in the history of the calibration.",
        initial={"version": found.version},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            services.reveal_early(
                calibration=found, by=request.user, why=form.cleaned_data["why"], version=form.cleaned_data["version"]
            )
        except ValidationError as refused:
            form.add_error("why", refused.messages)
        else:
            messages.success(request, f"The grades of calibration {found.reference} are revealed.")
            return redirect("audits:calibration", found.pk)
    note_viewed(request, "cases.case", [found.case_id])
    return render(request, "audits/reveal_calibration.html", {"calibration": found, "form": form})
