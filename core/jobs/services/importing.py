"""Bringing a file in: given, read and checked by a job, looked at by a person, applied by a job in one transaction.

Each app registers an Importer for its kind of file when it is ready; nothing here knows what the rows mean.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from core.history.services import record
from core.jobs.choices import FaultSeverity, ImportStatus, JobStatus
from core.jobs.models import FileImport, ImportFault
from core.jobs.services.asking import enqueue, publish
from core.jobs.services.registry import JobFailed, handles
from core.jobs.services.running import JobRun
from core.spreadsheets import Fault, UnreadableFile

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ImportOutcome:
    """What a file holds, or what it has changed.

    `counts` are the importer's own (rows_in, accepted, rejected, new, changed, closed). `confirm` is the number that
    has to be typed before it is applied, None where there is nothing to confirm. `problem` is a sentence where it
    cannot be applied as it is.
    """

    counts: dict[str, int]
    refusals: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    confirm: int | None = None
    problem: str = ""


class CannotApply(Exception):
    """The file cannot be applied as things stand: `outcome` says why. Whatever was written is rolled back."""

    def __init__(self, outcome: ImportOutcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.problem or f"Type {outcome.confirm} to confirm.")


class ImportRefused(Exception):
    """What was asked of an import cannot be done; the message is a sentence for the person."""


@dataclass(frozen=True)
class Importer:
    """How files of one kind are brought in. Every function takes keyword arguments only.

    `may(user)` gives a decision: true or false, with `why_not`.
    `read(data=bytes, filename=str, options=dict, on_progress=Progress)` turns the bytes into whatever `check` and
    `apply` want; it runs outside any transaction, touches no database and raises UnreadableFile.
    `check(content=, options=, by=, on_progress=)` gives an ImportOutcome and writes nothing.
    `apply(content=, options=, by=, on_progress=, confirm=int | None)` writes, inside the transaction that the caller
    opened, history last; it gives an ImportOutcome, or raises CannotApply where the outcome has a problem or `confirm`
    is not the number asked for.

    The words are for the import pages: `noun` is what the file is about, in the plural; `intro` says what files are
    taken; `date_label` asks for the date of the file ("" where it has none; the answer is the option `as_at`, ISO);
    `units_label` asks whether what the file names may be made (the option `create_units`; "" asks nothing) and
    `units_help` says what happens otherwise; `confirm_words` say what is to be confirmed, with the counts in braces.
    """

    kind: str
    title: str
    may: Callable[[Any], Any]
    read: Callable[..., Any]
    check: Callable[..., ImportOutcome]
    apply: Callable[..., ImportOutcome]
    noun: str = "records"
    intro: str = ""
    date_label: str = ""
    units_label: str = "Create the services and teams that the file names and that do not exist yet"
    units_help: str = "Without this, rows that name an unknown service or team are refused."
    confirm_words: str = "Applying this file changes more than usual."


_importers: dict[str, Importer] = {}


def register_importer(importer: Importer) -> None:
    """Make a kind of file known; apps call it when they are ready."""
    _importers[importer.kind] = importer


def importer_of(kind: str) -> Importer:
    """The importer of this kind. Raises KeyError where no app has registered one."""
    return _importers[kind]


def importers_for(user: Any) -> list[Importer]:
    """The kinds of file that this person may bring in, by title."""
    return sorted((each for each in _importers.values() if each.may(user)), key=lambda each: each.title)


SMALL = 400_000


def look_at(*, kind: str, filename: str, data: bytes, options: dict[str, Any]) -> None:
    """Read a small file at once, so that whoever gives it hears at once that it cannot be read.

    Raises UnreadableFile. A file of more than SMALL bytes is left to the job.
    """
    if len(data) <= SMALL:
        importer_of(kind).read(data=data, filename=filename, options=options, on_progress=lambda done, total: None)


def give_file(*, kind: str, filename: str, data: bytes, options: dict[str, Any], by: Any) -> FileImport:
    """Take a file in and ask for it to be read. Nothing of it is applied until somebody says so.

    `options` are the importer's own, as JSON. Raises ImportRefused where `by` may not import files of this kind.
    """
    _must_be_allowed(kind, by)
    with transaction.atomic():
        given = FileImport.objects.create(
            kind=kind,
            filename=filename[:255],
            content=data,
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            options=options,
            given_by_id=getattr(by, "pk", None),
        )
        given.job = enqueue("read_import", by=by, file_import_id=given.pk)
        given.save(update_fields=["job"])
        record(by=by, verb="given", record=given, to_state=given.status, values={"kind": kind, "sha256": given.sha256})
    return given


def apply_import(*, file_import: FileImport, by: Any, confirm: int | None = None) -> None:
    """Ask for a file that has been looked at to be applied.

    `confirm` is the number that the person typed. Raises ImportRefused, with the sentence, where the number is not the
    one asked for, the file cannot be applied, or somebody else has already applied or discarded it.
    """
    _must_be_allowed(file_import.kind, by)
    asked = file_import.counts.get("confirm")
    if file_import.problem:
        raise ImportRefused(file_import.problem)
    if asked is not None and confirm != asked:
        raise ImportRefused(f"Type the number {asked} to confirm.")
    with transaction.atomic():
        moved = FileImport.objects.filter(pk=file_import.pk, status=ImportStatus.PREVIEWED).update(
            status=ImportStatus.APPLYING
        )
        if not moved:
            file_import.refresh_from_db(fields=["status"])
            raise ImportRefused(f"This file is now “{file_import.get_status_display()}”, so it cannot be applied.")
        job = enqueue("apply_import", by=by, file_import_id=file_import.pk, confirm=confirm)
        FileImport.objects.filter(pk=file_import.pk).update(job=job)
        record(
            by=by, verb="asked to apply", record=file_import,
            from_state=ImportStatus.PREVIEWED, to_state=ImportStatus.APPLYING,
        )  # fmt: skip
    file_import.refresh_from_db(fields=["status", "job"])


def discard_import(*, file_import: FileImport, by: Any) -> None:
    """Throw a file away that is not to be applied: its bytes go, its counts stay.

    One whose work has failed for good can be thrown away too. Raises ImportRefused when it is too late.
    """
    _must_be_allowed(file_import.kind, by)
    waiting = Q(status__in=[ImportStatus.READING, ImportStatus.PREVIEWED, ImportStatus.UNREADABLE])
    failed = Q(status=ImportStatus.APPLYING, job__status=JobStatus.FAILED)
    with transaction.atomic():
        moved = FileImport.objects.filter(waiting | failed, pk=file_import.pk).update(
            status=ImportStatus.DISCARDED, content=b""
        )
        if not moved:
            file_import.refresh_from_db(fields=["status"])
            raise ImportRefused(f"This file is now “{file_import.get_status_display()}”, so it cannot be discarded.")
        record(
            by=by, verb="discarded", record=file_import,
            from_state=file_import.status, to_state=ImportStatus.DISCARDED,
        )  # fmt: skip
    file_import.refresh_from_db(fields=["status", "job"])


def applied_before(file_import: FileImport) -> FileImport | None:
    """The latest import of the very same file that was applied, None where there is none."""
    return (
        FileImport.objects.filter(kind=file_import.kind, sha256=file_import.sha256, status=ImportStatus.APPLIED)
        .exclude(pk=file_import.pk)
        .select_related("given_by")
        .order_by("-applied_at")
        .first()
    )


@handles("read_import", "Read a file")
def read_import(run: JobRun, *, file_import_id: str) -> None:
    """Read and check a file that was given, and keep what was found for the person to look at."""
    given = FileImport.objects.filter(pk=file_import_id, status=ImportStatus.READING).first()
    if given is None:
        return
    importer = importer_of(given.kind)
    _stop_unless_allowed(importer, run.asked_by)
    try:
        content = importer.read(
            data=bytes(given.content), filename=given.filename, options=given.options,
            on_progress=_telling(run, "Reading the rows"),
        )  # fmt: skip
    except UnreadableFile as error:
        with run.completing(unreadable=True):
            _store(given, ImportOutcome({}, problem=str(error)), to=ImportStatus.UNREADABLE, content=b"")
            publish("import_failed", job_id=run.job_id)
        return
    outcome = importer.check(
        content=content,
        options=given.options,
        by=run.asked_by,
        on_progress=_telling(run, "Comparing with what is held"),
    )
    with run.completing(**outcome.counts, **_result(given)):
        _store(given, outcome, to=ImportStatus.PREVIEWED)


@handles("apply_import", "Apply a file")
def do_apply_import(run: JobRun, *, file_import_id: str, confirm: int | None = None) -> None:
    """Apply a file: its effect, the job done and the import applied are one transaction.

    Where things have changed since it was looked at, so that it cannot be applied as it is, it goes back to be looked
    at again.
    """
    given = FileImport.objects.filter(pk=file_import_id, status=ImportStatus.APPLYING).first()
    if given is None:
        return
    importer = importer_of(given.kind)
    _stop_unless_allowed(importer, run.asked_by)
    content = importer.read(
        data=bytes(given.content), filename=given.filename, options=given.options,
        on_progress=_telling(run, "Reading the rows"),
    )  # fmt: skip
    try:
        with run.completing() as result:
            outcome = importer.apply(
                content=content, options=given.options, by=run.asked_by,
                on_progress=_telling(run, "Applying"), confirm=confirm,
            )  # fmt: skip
            result.update(outcome.counts, **_result(given))
            _store(given, outcome, to=ImportStatus.APPLIED, content=b"", applied_at=timezone.now())
            record(
                by=run.asked_by, verb="applied", record=given, from_state=ImportStatus.APPLYING,
                to_state=ImportStatus.APPLIED, values=outcome.counts,
            )  # fmt: skip
    except CannotApply as error:
        with run.completing(stopped=True):
            _store(given, error.outcome, to=ImportStatus.PREVIEWED)


def _must_be_allowed(kind: str, by: Any) -> None:
    decision = importer_of(kind).may(by)
    if not decision:
        raise ImportRefused(decision.why_not)


def _stop_unless_allowed(importer: Importer, by: Any) -> None:
    """A job acts with the rights of whoever asked for it, as they stand when it runs."""
    decision = importer.may(by)
    if not decision:
        raise JobFailed(decision.why_not)


def _result(given: FileImport) -> dict[str, str]:
    """Where the job's page sends whoever asked for it."""
    return {"link": reverse("jobs:import", args=[given.pk])}


def _telling(run: JobRun, text: str) -> Progress:
    return lambda done, total: run.progress(done, total, text)


def _store(given: FileImport, outcome: ImportOutcome, *, to: ImportStatus, **values: Any) -> None:
    counts = dict(outcome.counts)
    if outcome.confirm is not None:
        counts["confirm"] = outcome.confirm
    moved = FileImport.objects.filter(pk=given.pk, status=given.status).update(
        status=to, counts=counts, problem=outcome.problem, **values
    )
    if not moved:  # discarded while it was being read
        return
    ImportFault.objects.filter(file_import=given).delete()
    for severity, faults in ((FaultSeverity.REFUSAL, outcome.refusals), (FaultSeverity.WARNING, outcome.warnings)):
        ImportFault.objects.bulk_create(_rows(given.pk, severity, faults), batch_size=1000)


def _rows(given: uuid.UUID, severity: str, faults: Iterable[Fault]) -> list[ImportFault]:
    return [
        ImportFault(
            file_import_id=given, severity=severity, list=fault.list[:60], row=fault.row,
            column=fault.column[:200], value=fault.value[:200], reason=fault.reason,
        )
        for fault in faults
    ]  # fmt: skip
