"""Closing the loop: verified actions that were drawn to be looked at again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import must, no
from accounts.choices import QA_ROLES
from actions.choices import Impact
from actions.forms.moving import CheckForm
from actions.models import LoopCheck
from actions.selectors.pages import PAGE_SIZE
from actions.services.checking import record_check
from actions.views.records import note_cases, page
from core.forms import GovRadios
from core.pages import missing


@page("GET")
def check_list(request: HttpRequest) -> HttpResponse:
    """The checks that wait, the soonest due first, or all."""
    _must_check(request)
    everything = request.GET.get("show") == "all"
    found = LoopCheck.objects.visible_to(request.user).select_related("action__owner", "action__case", "checked_by")
    if not everything:
        found = found.waiting()
    rows = Paginator(found.order_by("due_on", "id"), PAGE_SIZE).get_page(request.GET.get("page"))
    note_cases(request, [check.action for check in rows])
    context = {"page": rows, "everything": everything, "today": timezone.localdate()}
    return render(request, "actions/checks.html", context)


@page("GET", "POST")
def check(request: HttpRequest, check: UUID) -> HttpResponse:
    """Say whether a verified action had the effect that was wanted."""
    _must_check(request)
    found = (
        LoopCheck.objects.visible_to(request.user)
        .select_related("action__owner", "action__case", "checked_by")
        .filter(pk=check)
        .first()
    )
    if found is None:
        missing(request, "actions.check", check)
    form = CheckForm(request.POST if request.method == "POST" else None)
    form.fields["impact"].widget = GovRadios()
    form.fields["impact"].choices = Impact.choices  # type: ignore[attr-defined]  # a choice field
    if request.method == "POST" and form.is_valid():
        try:
            record_check(check=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The check was saved.")
            return redirect("actions:checks")
    note_cases(request, [found.action])
    return render(request, "actions/check.html", {"form": form, "check": found, "action": found.action})


def _must_check(request: HttpRequest) -> None:
    if not request.user.holds(*QA_ROLES):  # type: ignore[union-attr]  # nobody comes here without signing in
        must(no("Only the QA unit checks whether actions had an effect."))
