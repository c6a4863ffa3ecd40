"""The overview of all clinics, the list of them, and one clinic with its pack."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import SYSTEM, must, no, unit_scope
from accounts.choices import LINE_ROLES, QA_ROLES, UnitKind
from accounts.models import OrgUnit
from actions.access import can_make
from actions.models import Action
from assurance_clinics import access
from assurance_clinics.forms.clinics import ClinicFilterForm
from assurance_clinics.models import Clinic, ClinicPack, RotaPlace
from assurance_clinics.rules import timescales
from assurance_clinics.selectors.clinics import PAGE_SIZE, SORTS, clinic_line, clinic_page, overview
from assurance_clinics.selectors.packs import PackLine, PackPage, Reader, pack_page
from assurance_clinics.services.clinics.meeting import red_twice_notes
from assurance_clinics.services.clinics.packing import held_before
from assurance_clinics.views.tables import COLOURS
from assurance_clinics.workflow import CLINIC_MOVES
from core import charts
from core.council.selectors import setting
from core.history.middleware import note_viewed
from core.pages import Record, missing, pages_about
from core.workflow import may_follow

page_of_clinic = pages_about(
    Record("clinic", "assurance_clinics:clinic", "assurance_clinics.clinic"), home="assurance_clinics:clinics"
)


def visible_clinic(request: HttpRequest, key: uuid.UUID) -> Clinic:
    """The clinic, if this reader may see it. Raises Http404."""
    found = Clinic.objects.visible_to(request.user).select_related("service__parent", "chair").filter(pk=key).first()
    if found is None:
        missing(request, "assurance_clinics.clinic", key)
    return found


@require_safe
def clinics(request: HttpRequest) -> HttpResponse:
    """Every service: its last clinic, the next, whether one is late, what was red, and how its actions stand."""
    user: Any = request.user
    must(_reads_overview(user))
    today, weeks = timezone.localdate(), setting(timescales.WEEKS.key)
    lines = overview(
        Clinic.objects.visible_to(SYSTEM), RotaPlace.objects.visible_to(SYSTEM), Action.objects.visible_to(SYSTEM),
        ClinicPack.objects.visible_to(SYSTEM), today=today, weeks=weeks,
    )  # fmt: skip
    mine = set(Clinic.objects.visible_to(user).values_list("pk", flat=True))
    context = {
        "lines": [
            {
                "line": line,
                "last_open": line.last is not None and line.last.id in mine,
                "next_open": line.next is not None and line.next.id in mine,
            }
            for line in lines
        ],
        "weeks": weeks,
        "late": sum(line.late for line in lines),
        "to_convene": sum(line.next is not None and line.next.status == "To be convened" for line in lines),
        "missed": sum(line.next is not None and line.next.missed for line in lines),
        "overdue": sum(line.overdue_actions for line in lines),
        "works": access.works_on_exceptions(user),
    }
    return render(request, "assurance_clinics/clinics.html", context)


def _reads_overview(user: Any) -> Any:
    return access.YES if access.sees_clinics(user) else no("The overview of clinics is for those who read figures.")


@require_safe
def clinic_list(request: HttpRequest) -> HttpResponse:
    """The clinics that the reader may open, the latest first."""
    user: Any = request.user
    seen = Clinic.objects.visible_to(user)
    names = OrgUnit.objects.visible_to(user).filter(kind=UnitKind.SERVICE, pk__in=seen.values("service"))
    form = ClinicFilterForm(request.GET or None, services=[(str(one.pk), one.name) for one in names.order_by("name")])
    if form.is_bound and form.is_valid():
        for name in ("service", "status"):
            if form.cleaned_data[name]:
                seen = seen.filter(**{name: form.cleaned_data[name]})
    order = SORTS.get(request.GET.get("sort", ""), SORTS["-week"])
    page = Paginator(seen.select_related("service", "chair").order_by(*order, "pk"), PAGE_SIZE)
    found = page.get_page(request.GET.get("page"))
    today = timezone.localdate()
    context = {"page": found, "lines": [clinic_line(one, today) for one in found.object_list], "filter_form": form}
    return render(request, "assurance_clinics/clinic_list.html", context)


def reader_of(user: Any, clinic: Clinic) -> Reader:
    """What of a pack this person sees."""
    return Reader(
        small_numbers=access.sees_small_numbers_of(user, clinic.service),
        units=frozenset(str(key) for key in unit_scope(user, *LINE_ROLES)),
        everything=user.holds(*QA_ROLES),
    )


def read_pack(request: HttpRequest, clinic: Clinic) -> tuple[ClinicPack | None, PackPage | None]:
    """The newest pack of a clinic and what of it this reader sees."""
    user: Any = request.user
    stored = ClinicPack.objects.visible_to(user).filter(clinic=clinic).order_by("-number").first()
    return stored, pack_page(stored.content, reader_of(user, clinic)) if stored else None


@require_safe
def clinic(request: HttpRequest, clinic: uuid.UUID) -> HttpResponse:
    """One clinic: its numbers with what is under them, its actions, and what came of those of the last one."""
    user: Any = request.user
    found = visible_clinic(request, clinic)
    stored, pack = read_pack(request, found)
    page = clinic_page(
        found, pack=pack, red_twice=red_twice_notes(clinic=found), earlier=held_before(clinic=found),
        seen=Action.objects.visible_to(user), every=Action.objects.visible_to(SYSTEM), today=timezone.localdate(),
    )  # fmt: skip
    note_viewed(request, "cases.case", page.cases)
    may_act = can_make(user) and bool(access.can(user, "act", found)) and found.status in _OPEN_FOR_ACTIONS
    context = {
        "clinic": found,
        "page": page,
        "pack": stored,
        "pack_of_another_month": pack.period if pack and pack.period != found.period else None,
        "may": {verb: _may(user, verb, found) for verb in _BUTTONS},
        "may_note": bool(access.can(user, "note", found)) and found.status in _OPEN_FOR_NOTES,
        "may_act": may_act,
        "may_close": bool(access.can(user, "close", found)),
        "before_open": page.before is not None
        and Clinic.objects.visible_to(user).filter(pk=page.before.pk).exists(),
        "back": reverse("assurance_clinics:clinics") if access.sees_clinics(user) else reverse("worklist:home"),
    }  # fmt: skip
    return render(request, "assurance_clinics/clinic.html", context)


_BUTTONS = ("schedule", "change", "build", "rebuild", "hold", "confirm", "close", "postpone", "cancel")
_OPEN_FOR_NOTES = ("scheduled", "data_loaded", "pack_ready", "held")
_OPEN_FOR_ACTIONS = (*_OPEN_FOR_NOTES, "confirmed")


def _may(user: Any, verb: str, clinic: Clinic) -> bool:
    return may_follow(CLINIC_MOVES, verb, clinic.status) and bool(access.can(user, verb, clinic))


@require_safe
def pack(request: HttpRequest, clinic: uuid.UUID) -> HttpResponse:
    """The pack: 13 months of each indicator, the workers' figures, audit grades and themes."""
    found = visible_clinic(request, clinic)
    stored, page = read_pack(request, found)
    if stored is None or page is None:
        raise Http404
    context = {
        "clinic": found,
        "stored": stored,
        "page": page,
        "sections": [
            (section, [{"line": line, "colour": COLOURS[line.rag], "spark": _spark(line)} for line in lines])
            for section, lines in page.sections
        ],
        "wordings": [line.wording for line in page.lines],
    }
    return render(request, "assurance_clinics/pack.html", context)


def _spark(line: PackLine) -> Any:
    if not line.values:
        return ""
    words = [cell.shown or "blank" for cell in line.cells]
    highest = max((value for value in line.values if value is not None), default=0.0) or 1.0
    top = 100.0 if line.kind == "percentage" else highest
    return charts.sparkline(list(line.values), title=line.wording, words=words, top=top)
