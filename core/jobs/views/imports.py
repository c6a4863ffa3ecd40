"""The pages on which a file is given, looked at and applied."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import conflict
from core.history.middleware import note_exported, note_viewed
from core.jobs import services
from core.jobs.access import must_bring_files
from core.jobs.choices import FaultSeverity, ImportStatus, JobStatus
from core.jobs.forms import ConfirmNumberForm, GiveFileForm
from core.jobs.models import FileImport
from core.page_parts import SummaryRow, Tab, Tile
from core.spreadsheets import UnreadableFile, write_csv
from core.templatetags.page_parts import day, moment

PAGE = 50
REFRESH_SECONDS = 4
COLOURS = {
    ImportStatus.READING: "light-blue",
    ImportStatus.PREVIEWED: "blue",
    ImportStatus.APPLYING: "light-blue",
    ImportStatus.APPLIED: "",
    ImportStatus.UNREADABLE: "red",
    ImportStatus.DISCARDED: "grey",
}
WORDS = {
    "rows_in": "rows in the file",
    "accepted": "rows accepted",
    "rejected": "rows refused",
    "new": "new {noun}",
    "changed": "changed {noun}",
    "closed": "closed {noun}",
}


@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    """The files that were given, the latest first."""
    must_bring_files(request.user)
    imports = FileImport.objects.visible_to(request.user).defer("content").select_related("given_by")
    page = Paginator(imports, PAGE).get_page(request.GET.get("page"))
    lines = [
        {
            "file": each,
            "title": _title(each.kind),
            "words": each.get_status_display(),
            "colour": COLOURS[ImportStatus(each.status)],
        }
        for each in page.object_list
    ]
    return render(
        request, "imports/list.html", {"page": page, "lines": lines, "kinds": services.importers_for(request.user)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def give_file(request: HttpRequest, kind: str) -> HttpResponse:
    """Give a file of one kind."""
    must_bring_files(request.user)
    try:
        importer = services.importer_of(kind)
    except KeyError:
        raise Http404 from None
    words = {
        "date_label": importer.date_label,
        "units_label": importer.units_label,
        "units_help": importer.units_help,
    }
    if request.method != "POST":
        form = GiveFileForm(**words)
        return render(request, "imports/give.html", {"form": form, "importer": importer})
    form = GiveFileForm(request.POST, request.FILES, **words)
    if form.is_valid():
        file = form.cleaned_data["file"]
        data = file.read()
        options: dict[str, Any] = {"create_units": form.cleaned_data.get("create_units", False)}
        if importer.date_label:
            options["as_at"] = form.cleaned_data["as_at"].isoformat()
        try:
            services.look_at(kind=kind, filename=file.name, data=data, options=options)
        except UnreadableFile as error:
            form.add_error("file", str(error))
        else:
            given = services.give_file(kind=kind, filename=file.name, data=data, options=options, by=request.user)
            return redirect("jobs:import", pk=given.pk)
    return render(request, "imports/give.html", {"form": form, "importer": importer})


@require_safe
def import_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One file: being read, ready to check, being applied, or what became of it."""
    return _show(request, _given(request, pk))


@require_POST
def apply_import(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Apply a file that was looked at."""
    given = _given(request, pk)
    wanted = given.counts.get("confirm")
    confirm = None
    if given.status == ImportStatus.PREVIEWED and wanted is not None:
        form = ConfirmNumberForm(request.POST, wanted=wanted)
        if not form.is_valid():
            return _show(request, given, form)
        confirm = form.cleaned_data["confirm"]
    try:
        services.apply_import(file_import=given, by=request.user, confirm=confirm)
    except services.ImportRefused as refusal:
        return conflict(request, str(refusal), back_url=request.path.removesuffix("apply/"))
    return redirect("jobs:import", pk=given.pk)


@require_POST
def discard_import(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Throw a file away."""
    given = _given(request, pk)
    try:
        services.discard_import(file_import=given, by=request.user)
    except services.ImportRefused as refusal:
        return conflict(request, str(refusal), back_url=request.path.removesuffix("discard/"))
    messages.success(request, f"{given.filename} was discarded. Nothing of it was applied.")
    return redirect("jobs:imports")


@require_safe
def import_faults(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The refusals and warnings of a file, as CSV."""
    given = _given(request, pk)
    note_exported(request, "jobs.fileimport", [given.pk])
    rows = (
        (fault.get_severity_display(), fault.list, fault.row, fault.column, fault.value, fault.reason)
        for fault in given.faults.order_by("severity", "id").iterator(chunk_size=2000)
    )
    body = write_csv(("Refused or warning", "List", "Row", "Column", "Value", "Reason"), rows)
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{given.given_at:%Y-%m-%d}-faults.csv"'
    return response


def _given(request: HttpRequest, pk: uuid.UUID) -> FileImport:
    rows = FileImport.objects.visible_to(request.user).defer("content").select_related("given_by", "job")
    return get_object_or_404(rows, pk=pk)


def _title(kind: str) -> str:
    try:
        return services.importer_of(kind).title
    except KeyError:
        return kind


def _show(request: HttpRequest, given: FileImport, form: ConfirmNumberForm | None = None) -> HttpResponse:
    note_viewed(request, "jobs.fileimport", [given.pk])
    status = ImportStatus(given.status)
    refused = given.faults.filter(severity=FaultSeverity.REFUSAL)
    warned = given.faults.filter(severity=FaultSeverity.WARNING)
    numbers = (refused.count(), warned.count())
    warnings = request.GET.get("show", "warnings" if numbers[1] and not numbers[0] else "refusals") == "warnings"
    wanted = given.counts.get("confirm")
    working = status in (ImportStatus.READING, ImportStatus.APPLYING)
    job_failed = working and given.job is not None and given.job.status == JobStatus.FAILED
    previewed = status == ImportStatus.PREVIEWED
    if previewed and wanted is not None and form is None:
        form = ConfirmNumberForm(wanted=wanted)
    importer = services.importer_of(given.kind)
    context = {
        "given": given,
        "title": importer.title,
        "words": given.get_status_display(),
        "working": working and not job_failed,
        "refresh": REFRESH_SECONDS if working and not job_failed else None,
        "job": given.job,
        "job_failed": job_failed,
        "previewed": previewed,
        "unreadable": status == ImportStatus.UNREADABLE,
        "applied": status == ImportStatus.APPLIED,
        "discarded": status == ImportStatus.DISCARDED,
        "may_apply": previewed and not given.problem,
        "nothing_new": previewed and not any(given.counts.get(name) for name in ("new", "changed", "closed")),
        "before": services.applied_before(given) if previewed else None,
        "form": form,
        "confirm_words": importer.confirm_words.format_map(given.counts) if wanted is not None else "",
        "tiles": [
            Tile(
                f"{given.counts[name]:,}",
                words.format(noun=importer.noun),
                tone="alert" if name == "rejected" and given.counts[name] else "",
            )
            for name, words in WORDS.items()
            if name in given.counts
        ],
        "facts": _facts(given, importer.units_label),
        "any_faults": any(numbers),
        "tabs": [
            Tab(f"Refused rows ({numbers[0]:,})", "?show=refusals", not warnings),
            Tab(f"Warnings ({numbers[1]:,})", "?show=warnings", warnings),
        ],
        "showing_warnings": warnings,
        "page": Paginator(warned if warnings else refused, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "imports/detail.html", context)


def _facts(given: FileImport, units_label: str) -> list[SummaryRow]:
    rows = [SummaryRow("File", given.filename)]
    if as_at := given.options.get("as_at"):
        rows.append(SummaryRow("Date of the extract", day(as_at)))
    if units_label:
        rows.append(SummaryRow(units_label, "Yes" if given.options.get("create_units") else "No"))
    rows.append(SummaryRow("Given by", given.given_by.name if given.given_by else "The system"))
    rows.append(SummaryRow("Given", moment(given.given_at)))
    if given.applied_at:
        rows.append(SummaryRow("Applied", moment(given.applied_at)))
    return rows
