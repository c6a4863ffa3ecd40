"""What is overdue today: the list that a team manager works from each morning."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import SYSTEM, must, no
from accounts.models import OrgUnit
from actions.access import can_create, can_make, possible_owners
from actions.choices import Origin
from actions.models import Action
from actions.services.creating import From, create_action
from assurance_clinics import access
from assurance_clinics.forms.exceptions import CaseNoteForm, ExceptionFilterForm
from assurance_clinics.models import CaseNote, DatedEvent, Indicator
from assurance_clinics.rules.exceptions import DUTIES
from assurance_clinics.selectors.exceptions import ExceptionLine, Exceptions, beside, exceptions, noted, of_unit
from assurance_clinics.selectors.extracts import latest_extract
from assurance_clinics.services.noting import CaseNoteChanged, note_exception
from assurance_clinics.views.acting import ask_for_action, must_make
from cases.models import Case, Extract, Worker
from core.history.middleware import note_refused, note_viewed
from core.page_parts import Tab

PAGE = 50
SHOWN = {"late": "Overdue", "next": "Due next"}


@require_safe
def exception_list(request: HttpRequest) -> HttpResponse:
    """Every child for whom something is late or due next, with why, a note and the open actions."""
    user: Any = request.user
    must(access.YES if access.works_on_exceptions(user) else no("This list is for the line, and for practitioners."))
    shown = request.GET.get("show", "late")
    if shown not in SHOWN:
        raise Http404
    places = access.exception_places(user)
    only = _only(request, user, places)
    extract = latest_extract(Extract.objects.visible_to(SYSTEM))
    context: dict[str, Any] = {"back": reverse("assurance_clinics:indicators")}
    if extract is None or only is None:
        return render(request, "assurance_clinics/exceptions.html", context)
    found = exceptions(
        extract, Case.objects.visible_to(user), only=only, agreed=DatedEvent.objects.visible_to(SYSTEM),
        today=timezone.localdate(),
    )  # fmt: skip
    lists = {"late": found.late, "next": found.coming}
    form = ExceptionFilterForm(request.GET or None, places=places, workers=found.workers)
    notes = noted(lists[shown], CaseNote.objects.visible_to(user))
    lines = [line for line in lists[shown] if _fits(line, form, notes)]
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    note_viewed(request, "cases.case", [line.case for line in page.object_list if line.case is not None])
    side = beside(list(page.object_list), notes, Action.objects.visible_to(user))
    indicators = {
        one.code: one.pk for one in Indicator.objects.visible_to(user).filter(code__in=[duty.first for duty in DUTIES])
    }
    may_make = can_make(user)
    context |= {
        "found": found,
        "page": page,
        "rows": [_row(line, side, indicators) for line in page.object_list],
        "counts": found.counts(lines),
        "tabs": _tabs(request, found, shown),
        "shown": shown,
        "filter_form": form,
        "narrowed": len(lines) < len(lists[shown]),
        "may_make": may_make,
    }
    return render(request, "assurance_clinics/exceptions.html", context)


def _only(request: HttpRequest, user: Any, places: list[OrgUnit]) -> Q | None:
    """Which rows: of the place that was asked for, else of the first of the reader's own; a practitioner's own."""
    wanted = request.GET.get("place", "")
    unit = next((one for one in places if str(one.pk) == wanted), None)
    if wanted and unit is None:
        raise Http404
    if not places:
        workers = Worker.objects.visible_to(SYSTEM).filter(user=user.pk)
        return Q(worker__in=list(workers.values_list("pk", flat=True)))
    return of_unit(unit or places[0])


def _fits(line: ExceptionLine, form: ExceptionFilterForm, notes: Any) -> bool:
    if not form.is_bound or not form.is_valid():
        return True
    wanted = form.cleaned_data
    if wanted["duty"] and line.duty != wanted["duty"]:
        return False
    if wanted["worker"] and str(line.worker_key) != wanted["worker"]:
        return False
    has_note = (line.code, line.case) in notes
    return wanted["note"] == "" or has_note == (wanted["note"] == "with")


def _row(line: ExceptionLine, side: Any, indicators: dict[Any, Any]) -> dict[str, Any]:
    return {
        "line": line,
        "note": side.notes.get((line.code, line.case)),
        "actions": side.actions.get(line.case, ()),
        "indicator": indicators.get(line.code),
    }


def _tabs(request: HttpRequest, found: Exceptions, shown: str) -> list[Tab]:
    kept = {key: request.GET[key] for key in ("place", "duty", "worker", "note") if request.GET.get(key)}
    sizes = {"late": len(found.late), "next": len(found.coming)}
    return [
        Tab(f"{words} ({sizes[key]:,})", f"?{urlencode({**kept, 'show': key})}", key == shown)
        for key, words in SHOWN.items()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def case_note(request: HttpRequest, indicator: uuid.UUID, case: uuid.UUID) -> HttpResponse:
    """Write a note beside a case on the list."""
    user: Any = request.user
    found = _visible_case(request, case)
    must(access.can_note_exception(user, found))
    known = _indicator_of_a_duty(user, indicator)
    held = CaseNote.objects.visible_to(user).filter(indicator=known, case=found).select_related("saved_by").first()
    form = CaseNoteForm(
        request.POST if request.method == "POST" else None,
        initial={"text": held.text if held else "", "version": held.version if held else 0},
    )
    theirs: CaseNote | None = None
    if request.method == "POST" and form.is_valid():
        try:
            note_exception(indicator=known, case=found, by=user, **form.cleaned_data)
        except CaseNoteChanged as changed:
            theirs = changed.note
            form.add_error(None, str(changed))
            form.see_again(theirs.version)
        else:
            messages.success(request, "The note was saved.")
            return redirect("assurance_clinics:exceptions")
    words = next(duty.words for duty in DUTIES if duty.first == known.code)
    context = {"form": form, "case": found, "words": words, "held": held, "theirs": theirs}
    return render(request, "assurance_clinics/case_note.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, indicator: uuid.UUID, case: uuid.UUID) -> HttpResponse:
    """Make an action for a case on the list: it remembers what was overdue, and leads back to the list."""
    user: Any = request.user
    found = _visible_case(request, case)
    must_make(user)
    must(can_create(user, case=found, service=found.service, team=found.team))
    known = _indicator_of_a_duty(user, indicator)
    duty = next(duty for duty in DUTIES if duty.first == known.code)
    asked = {"place": str(found.team_id or found.service_id), "duty": duty.key}
    back = f"{reverse('assurance_clinics:exceptions')}?{urlencode(asked)}"
    origin = From(Origin.INDICATOR, duty.words, back)
    return ask_for_action(
        request, back=back, template="assurance_clinics/act_on_case.html", case=found,
        context={"case": found, "duty": duty, "back": back},
        make=lambda wanted, despite: create_action(
            wanted=wanted, by=user, origin=origin, despite_duplicates=despite
        ),
        owners=possible_owners(case=found, service=found.service, team=found.team),
    )  # fmt: skip


def _visible_case(request: HttpRequest, key: uuid.UUID) -> Case:
    found = Case.objects.visible_to(request.user).select_related("team", "service").filter(pk=key).first()
    if found is None:
        note_refused(request, "cases.case", [key])
        raise Http404
    note_viewed(request, "cases.case", [found.pk])
    return found


def _indicator_of_a_duty(user: Any, key: uuid.UUID) -> Indicator:
    codes = [duty.first for duty in DUTIES]
    return get_object_or_404(Indicator.objects.visible_to(user), pk=key, code__in=codes)
