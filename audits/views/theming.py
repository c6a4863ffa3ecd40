"""Themes: the list, coding findings, and the report of how often each came up."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import must
from accounts.choices import UnitKind
from accounts.models import OrgUnit
from audits.documents import theme_document
from audits.forms.theming import CodingForm, MergeForm, ReportForm, ThemeForm, WhyForm, words_of
from audits.models import Audit, Theme
from audits.selectors import theming as selectors
from audits.services import theming
from audits.views.records import page
from core.documents import FORMS
from core.downloads import at_once
from core.forms import BaseForm
from core.history.middleware import note_viewed

CODED_AT_ONCE = 20


@page("GET")
def theme_list(request: HttpRequest) -> HttpResponse:
    """The headings with their themes."""
    must(theming.can_keep_themes(by=request.user))
    retired = request.GET.get("show") == "all"
    code = bool(theming.can_code(by=request.user))
    context = {
        "lines": selectors.theme_lines(Theme.objects.visible_to(request.user), retired=retired),
        "retired": retired,
        "may_code": code,
        "uncoded": selectors.uncoded(Audit.objects.visible_to(request.user)).count() if code else 0,
    }
    return render(request, "audits/themes.html", context)


@page("GET", "POST")
def add(request: HttpRequest) -> HttpResponse:
    """A new heading or theme."""
    must(theming.can_keep_themes(by=request.user))
    form = ThemeForm(request.POST if request.method == "POST" else None, headings=_headings(request))
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            theme = theming.add_theme(
                name=cleaned["name"], parent=cleaned["parent"], synonyms=words_of(cleaned["synonyms"]), by=request.user
            )
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The theme was added.")
            return redirect("audits:theme", theme.pk)
    return render(request, "audits/theme_form.html", {"form": form, "heading": "Add a theme", "button": "Add"})


def _headings(request: HttpRequest) -> Any:
    return Theme.objects.visible_to(request.user).in_use().filter(parent=None).order_by("name")


def _theme(request: HttpRequest, key: UUID) -> Theme:
    must(theming.can_keep_themes(by=request.user))
    found = Theme.objects.visible_to(request.user).select_related("parent", "merged_into").filter(pk=key).first()
    if found is None:
        raise Http404
    return found


@page("GET")
def detail(request: HttpRequest, theme: UUID) -> HttpResponse:
    """One theme with what happened to it."""
    found = _theme(request, theme)
    context = {
        "theme": found,
        "findings": found.findings.count(),
        "took_in": Theme.objects.visible_to(request.user).filter(merged_into=found).order_by("name"),
        "story": selectors.theme_history(found),
    }
    return render(request, "audits/theme.html", context)


_STEPS = {
    "edit": ("Change the theme", "Findings keep the theme under its new name.", "Save"),
    "retire": ("Retire the theme", "Nobody can choose it any more. Findings that bear it keep it.", "Retire"),
    "bring-back": ("Bring the theme back", "It can be chosen again.", "Bring it back"),
    "merge": ("Merge the theme", "It counts as the other one from now on, in the past too.", "Merge"),
}


@page("GET", "POST")
def change(request: HttpRequest, theme: UUID, verb: str) -> HttpResponse:
    """One change of one theme: its form, then its service."""
    if verb not in _STEPS:
        raise Http404
    found = _theme(request, theme)
    posted = request.POST if request.method == "POST" else None
    form: BaseForm
    if verb == "edit":
        form = ThemeForm(posted, headings=None, initial={"name": found.name, "synonyms": "\n".join(found.synonyms)})
    elif verb == "merge":
        others = Theme.objects.visible_to(request.user).in_use().filter(parent__isnull=found.parent_id is None)
        form = MergeForm(posted, others=others.exclude(pk=found.pk).select_related("parent"))
    elif verb == "retire":
        form = WhyForm(posted)
    else:
        form = BaseForm(posted)
    if posted is not None and form.is_valid():
        try:
            _do(found, verb, form.cleaned_data, request.user)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, "The theme was changed.")
            return redirect("audits:theme", found.pk)
    heading, intro, button = _STEPS[verb]
    context = {"form": form, "theme": found, "heading": heading, "intro": intro, "button": button}
    return render(request, "audits/theme_form.html", context)


def _do(theme: Theme, verb: str, cleaned: dict[str, Any], by: Any) -> None:
    match verb:
        case "edit":
            theming.edit_theme(theme=theme, name=cleaned["name"], synonyms=words_of(cleaned["synonyms"]), by=by)
        case "retire":
            theming.retire_theme(theme=theme, why=cleaned["why"], by=by)
        case "merge":
            theming.merge_theme(theme=theme, into=cleaned["into"], why=cleaned["why"], by=by)
        case _:
            theming.bring_theme_back(theme=theme, by=by)


@page("GET", "POST")
def code(request: HttpRequest) -> HttpResponse:
    """Findings without a theme: choose one for each and save the page."""
    must(theming.can_code(by=request.user))
    found = selectors.uncoded(Audit.objects.visible_to(request.user))
    if request.method == "POST":
        keys = [name.removeprefix("theme-") for name in request.POST if name.startswith("theme-")]
        rows = found.filter(pk__in=[key for key in keys if _is_key(key)][:CODED_AT_ONCE])
    else:
        rows = Paginator(found, CODED_AT_ONCE).get_page(request.GET.get("page")).object_list
    themes = Theme.objects.visible_to(request.user)
    lines = selectors.uncoded_lines(rows, themes)
    form = CodingForm(
        request.POST if request.method == "POST" else None,
        lines=lines,
        themes=themes.in_use().filter(parent__isnull=False).select_related("parent").order_by("parent__name", "name"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            number = theming.code_findings(themes=form.chosen, by=request.user)
        except ValidationError as refused:
            form.say(refused)
        else:
            messages.success(request, f"{number} finding{'' if number == 1 else 's'} coded.")
            return redirect("audits:code_findings")
    note_viewed(request, "audits.audit", [line.audit for line in lines])
    context = {
        "form": form,
        "rows": [(line, form[f"theme-{line.id}"]) for line in lines],
        "count": found.count(),
    }
    return render(request, "audits/code_findings.html", context)


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _last_month() -> date:
    today = timezone.localdate()
    return date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)


def _report(request: HttpRequest) -> tuple[ReportForm, selectors.ThemeReport | None]:
    user: Any = request.user
    must(theming.can_read_report(by=user))
    units = OrgUnit.objects.visible_to(user).filter(kind=UnitKind.SERVICE).order_by("name", "pk")
    inside = user.holds(*theming.INSIDE)
    # A reader outside the QA unit gets one cut: another could be taken away from it.
    services = [(str(unit.pk), unit.name) for unit in units] if inside else []
    form = ReportForm(request.GET if inside else {}, services=services)
    if not form.is_valid():
        return form, None
    if not inside:
        # Whole quarters lie side by side: no two of them can be taken away from each other. A month after its end a
        # quarter's audits are issued, and it changes no more.
        last = selectors.end_of_last_quarter(selectors.months_later(timezone.localdate(), -1))
        return form, theming.report_for(by=user, first=selectors.months_later(last, -2), last=last)
    last = form.cleaned_data["month_to"] or _last_month()
    first = form.cleaned_data["month_from"] or selectors.months_later(last, -2)
    if first > last:
        form.add_error("month_from", "The first month must not lie after the last one")
        return form, None
    wanted = [UUID(form.cleaned_data["service"])] if form.cleaned_data["service"] else []
    return form, theming.report_for(by=user, first=first, last=last, services=wanted)


@page("GET")
def report(request: HttpRequest) -> HttpResponse:
    """How often each theme came up, against as many months before."""
    form, found = _report(request)
    query = request.GET.urlencode()
    tail = f"?{query}" if query else ""
    context = {
        "form": form,
        "report": found,
        "inside": request.user.holds(*theming.INSIDE),  # type: ignore[union-attr]  # nobody comes here unknown
        "csv_url": reverse("audits:theme_report_csv") + tail,
        "xlsx_url": reverse("audits:theme_report_xlsx") + tail,
    }
    return render(request, "audits/theme_report.html", context)


@page("GET")
def report_file(request: HttpRequest, form: str) -> HttpResponse:
    """The same report as CSV or as a workbook."""
    _, found = _report(request)
    if found is None:
        raise Http404
    user: Any = request.user

    def make() -> tuple[bytes, int]:
        document = theme_document(found, made_by=user.name, made_at=timezone.now(), inside=user.holds(*theming.INSIDE))
        return FORMS[form].write(document), sum(len(table.rows) for table in document.tables)

    return at_once(
        request, make, name=f"themes-{found.first:%Y-%m}-{found.last:%Y-%m}.{form}", form=form, report="themes",
        period=f"{found.first:%Y-%m}-to-{found.last:%Y-%m}", back=reverse("audits:theme_report"),
    )  # fmt: skip
