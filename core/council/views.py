"""The council's numbers, and the days on which no clock runs. For the QA unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.council import selectors, services
from core.council.access import must_keep_settings
from core.council.forms import ClosingDayForm, SettingForm
from core.templatetags.page_parts import day

View = Callable[..., HttpResponse]
YEARS = range(2000, 2101)


def keepers_page(*methods: str) -> Callable[[View], View]:
    """A page that answers these methods to whoever keeps the settings, and 403 to everybody else."""

    def decorate(view: View) -> View:
        @require_http_methods([*methods, *(["HEAD"] if "GET" in methods else [])])
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponse:
            must_keep_settings(request.user)
            return view(request, *args, **keys)

        return answer

    return decorate


@keepers_page("GET")
def settings(request: HttpRequest) -> HttpResponse:
    """Every number with what holds today and what is to come."""
    today = timezone.localdate()
    context = {"groups": selectors.setting_groups(today), "unchecked": selectors.year_unchecked(today)}
    return render(request, "council/settings.html", context)


@keepers_page("GET", "POST")
def setting(request: HttpRequest, key: str) -> HttpResponse:
    """One number: what it is, another from a day on, its history."""
    try:
        found = selectors.declared(key)
    except KeyError:
        raise Http404 from None
    if not found.used:
        raise Http404
    today = timezone.localdate()
    now = selectors.setting(key)
    form = SettingForm(request.POST or None, setting=found, initial={"value": now, "effective_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            chosen = services.choose(key=key, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            for name, texts in refused.message_dict.items():
                form.add_error(name, texts)
        else:
            if chosen is None:
                messages.info(request, f"“{found.label}” is {found.said(now)} then already, so nothing was changed.")
            else:
                said = f"{found.said(chosen.value)} from {day(chosen.effective_on)}"
                messages.success(request, f"“{found.label}” is {said}.")
            return redirect("council:settings")
    words = {"now": found.said(now), "delivered": found.said(found.default)}
    context = {"setting": found, "form": form, **words, "history": selectors.setting_history(key)}
    return render(request, "council/setting.html", context)


@keepers_page("GET", "POST")
def calendar(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """A year's days without clocks; another closing day of the council."""
    today = timezone.localdate()
    year = year or today.year
    if year not in YEARS:
        raise Http404
    form = ClosingDayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closing = services.add_closing_day(by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            for name, texts in refused.message_dict.items():
                form.add_error(name, texts)
        else:
            messages.success(request, f"No clock runs on {day(closing.day)}. Due dates set from now on allow for it.")
            return redirect("council:calendar_of", closing.day.year)
    context = {
        "year": year,
        "lines": selectors.days_of(year),
        "form": form,
        "today": today,
        "checked": selectors.is_checked(year),
        "unchecked": selectors.year_unchecked(today),
        "years": [(each, reverse("council:calendar_of", args=[each])) for each in (year - 1, year, year + 1)],
    }
    return render(request, "council/calendar.html", context)


@keepers_page("POST")
def remove_closing_day(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a closing day away that has not come yet."""
    closing = selectors.closing_day(pk)
    if closing is None:
        raise Http404
    try:
        services.remove_closing_day(closing=closing, by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, f"{day(closing.day)} counts as a working day again.")
    return redirect("council:calendar_of", closing.day.year)


@keepers_page("POST")
def check_year(request: HttpRequest, year: int) -> HttpResponse:
    """Say that a year's working days are right."""
    if year not in YEARS:
        raise Http404
    services.check_year(year=year, by=request.user)
    messages.success(request, f"The working days of {year} are checked.")
    return redirect("council:calendar_of", year)
