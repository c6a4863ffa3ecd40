"""Typing a figure that no file brings."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import must
from assurance_clinics import access, services
from assurance_clinics.forms.typing import FigureForm
from assurance_clinics.models import Indicator
from assurance_clinics.views.indicators import place_of
from assurance_clinics.views.tables import indicator_url


@require_http_methods(["GET", "HEAD", "POST"])
def type_figure(request: HttpRequest, indicator: uuid.UUID, unit: uuid.UUID | None = None) -> HttpResponse:
    """Type a month's figure of the department or of a unit."""
    user: Any = request.user
    found = get_object_or_404(Indicator.objects.visible_to(user), pk=indicator)
    place = place_of(user, unit, None)
    must(access.can_type_values(user))
    form = FigureForm(request.POST or None, today=timezone.localdate())
    back = indicator_url("indicator", found.pk, unit)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        replace = given.pop("replace")
        given["month"] = dt.date.fromisoformat(f"{given['month']}-01")
        try:
            services.type_value(
                indicator=found, unit=place.unit, given=services.TypedFigure(**given), replace=replace, by=user
            )
        except services.FigureRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, "The figure was kept.")
            return redirect(back)
    context = {"form": form, "indicator": found, "place": place, "back_url": back}
    return render(request, "assurance_clinics/type.html", context)
