"""The rota: whose turn comes when."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import must, no
from accounts.choices import UnitKind
from accounts.models import OrgUnit
from assurance_clinics import access
from assurance_clinics.forms.clinics import TurnForm
from assurance_clinics.models import Indicator, RotaPlace
from assurance_clinics.rules import timescales
from assurance_clinics.selectors.clinics import rota_lines
from assurance_clinics.services.clinics.scheduling import Turn, place_on_rota
from core.council.selectors import setting
from core.errors import conflict
from core.workflow import StaleVersion


@require_safe
def rota(request: HttpRequest) -> HttpResponse:
    """Each service's turn in the cycle."""
    user: Any = request.user
    must(access.YES if access.sees_clinics(user) else no("The rota is for those who read figures."))
    cycle = setting(timescales.WEEKS.key)
    lines = rota_lines(RotaPlace.objects.visible_to(user), today=timezone.localdate(), cycle=cycle)
    units = {one.pk: one for one in OrgUnit.objects.visible_to(user).filter(pk__in=[line.service for line in lines])}
    rows = [{"line": line, "may": bool(access.can_keep_rota(user, units[line.service]))} for line in lines]
    return render(request, "assurance_clinics/rota.html", {"rows": rows, "cycle": cycle})


@require_http_methods(["GET", "HEAD", "POST"])
def rota_place(request: HttpRequest, service: uuid.UUID) -> HttpResponse:
    """Give a service its turn, or change it."""
    user: Any = request.user
    must(access.YES if access.sees_clinics(user) else no("The rota is for those who read figures."))
    unit = get_object_or_404(OrgUnit.objects.visible_to(user).filter(kind=UnitKind.SERVICE), pk=service)
    must(access.can_keep_rota(user, unit))
    place = RotaPlace.objects.visible_to(user).filter(service=unit).first()
    form = TurnForm(
        request.POST if request.method == "POST" else None, initial=_initial(place),
        cycle=setting(timescales.WEEKS.key), chairs=access.possible_chairs(unit),
        indicators=Indicator.objects.visible_to(user).filter(retired_on=None),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        turn = Turn(
            cleaned["slot"], cleaned["weekday"], cleaned["starts_at"], cleaned["chair"], tuple(cleaned["indicators"])
        )
        try:
            place_on_rota(service=unit, turn=turn, by=user, version=cleaned["version"])
        except ValidationError as refused:
            form.say(refused)
        except StaleVersion as moved:
            return conflict(request, str(moved), back_url=request.path, back_label="See how it stands now")
        else:
            messages.success(request, f"{unit.name} has its turn.")
            return redirect("assurance_clinics:rota")
    return render(request, "assurance_clinics/rota_place.html", {"form": form, "service": unit, "place": place})


def _initial(place: RotaPlace | None) -> dict[str, Any]:
    if place is None:
        return {"weekday": 3, "starts_at": "10:00", "version": 0}
    return {
        "slot": place.slot, "weekday": place.weekday, "starts_at": place.starts_at, "chair": place.chair_id,
        "indicators": [one.pk for one in place.indicators.all()], "version": place.version,
    }  # fmt: skip
