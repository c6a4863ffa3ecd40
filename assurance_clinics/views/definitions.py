"""Correcting and confirming what an indicator means."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import must
from assurance_clinics import access, services
from assurance_clinics.choices import DefinitionStatus
from assurance_clinics.forms.defining import DefinitionForm
from assurance_clinics.models import Indicator, IndicatorDefinition, Target
from assurance_clinics.selectors.people import people_who_may_own

FIELDS = ("kind", "basis", "polarity", "numerator", "denominator", "valid_from", "note", "owner")


@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """The definitions that a table brought in and nobody has confirmed."""
    must(access.can_define(request.user))
    rows = (
        IndicatorDefinition.objects.visible_to(request.user)
        .filter(status=DefinitionStatus.DRAFT)
        .select_related("indicator")
        .order_by("indicator__position")
    )
    return render(request, "assurance_clinics/drafts.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def define(request: HttpRequest, indicator: uuid.UUID) -> HttpResponse:
    """Correct and confirm a definition, or open the next one."""
    found = get_object_or_404(Indicator.objects.visible_to(request.user), pk=indicator)
    if not access.sees_figures_of(request.user, None):
        raise Http404
    must(access.can_define(request.user))
    present = IndicatorDefinition.objects.visible_to(request.user).filter(indicator=found).order_by("valid_from").last()
    target = Target.objects.visible_to(request.user).filter(indicator=found).order_by("starts_on").last()
    owners = people_who_may_own()
    meanwhile = False
    initial = _initial(present, target) | {"version": services.stamp_of(indicator=found)}
    if request.method != "POST":
        form = DefinitionForm(initial=initial, owners=owners)
    else:
        form = DefinitionForm(request.POST, initial=initial, owners=owners)
        if form.is_valid():
            user: Any = request.user
            cleaned = dict(form.cleaned_data)
            version = cleaned.pop("version")
            try:
                services.define_indicator(
                    indicator=found, given=services.Definition(**cleaned), by=user, version=version
                )
            except services.DefinitionRefused as refusal:
                meanwhile = services.stamp_of(indicator=found) != version
                form.add_error(_field_of(str(refusal), meanwhile), str(refusal))
            else:
                messages.success(request, "The definition was confirmed.")
                return redirect("assurance_clinics:indicator", indicator=found.pk)
    context = {"form": form, "indicator": found, "present": present, "target": target, "meanwhile": meanwhile}
    if meanwhile:
        form.see_again(services.stamp_of(indicator=found))
    return render(request, "assurance_clinics/define.html", context)


def _field_of(sentence: str, meanwhile: bool) -> str | None:
    if meanwhile:
        return None
    return "note" if "note" in sentence else "valid_from"


def _initial(present: IndicatorDefinition | None, target: Target | None) -> dict[str, Any]:
    initial = {name: getattr(present, name) for name in FIELDS} if present else {}
    if target is not None:
        initial |= {
            "target": target.value.normalize() if target.value is not None else None,
            "upper": target.upper, "tolerance": target.tolerance, "annual": target.annual,
            "target_from": target.starts_on,
        }  # fmt: skip
        for name in ("target", "upper", "tolerance"):
            if initial[name] is not None:
                initial[name] = f"{initial[name].normalize():f}"
    return initial
