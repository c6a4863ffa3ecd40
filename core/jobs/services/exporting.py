"""Files that leave the product: made by a job for one person, fetched by that person alone, gone after a day.

Each app registers an Exporter for its kind of file when it is ready; nothing here knows what the rows mean. What
somebody may see is asked three times: when they ask, when the file is made, and each time it is fetched.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.council.selectors import setting
from core.documents import FORMS
from core.history.models import Event
from core.history.services import record
from core.jobs import rules
from core.jobs.choices import ExportStatus
from core.jobs.models import ExportFile
from core.jobs.services.asking import enqueue, publish
from core.jobs.services.registry import JobFailed, handles
from core.jobs.services.running import JobRun

MAKE, CLEAR = "make_export", "clear_exports"
EXPORTED = "exported"


class ExportRefused(Exception):
    """The file cannot be had; the message is a sentence for the person."""


@dataclass(frozen=True)
class Made:
    """What a file holds: how many rows, and which records (kind, key) of people it shows."""

    rows: int
    records: tuple[tuple[str, uuid.UUID], ...] = ()


@dataclass(frozen=True)
class Exporter:
    """How files of one kind are made. Every function takes keyword arguments only.

    `may(by=, asked=)` gives a decision: true or false, with `why_not`.
    `scope(by=, asked=)` says, as any text, what the person may see of it now: when it changes, a file that was made
    before is withdrawn.
    `make(by=, asked=, form=, reason=, at=, out=, on_progress=)` writes the file into the binary stream `out` with the
    rights that `by` has at that moment and gives a Made. It runs outside any transaction and raises JobFailed with a
    sentence where the file cannot be made.
    `still(by=, records=)` says whether all the records in a file may still be seen, each time it is fetched.
    """

    kind: str
    title: str
    may: Callable[..., Any]
    scope: Callable[..., str]
    make: Callable[..., Made]
    still: Callable[..., bool] = lambda **_: True


_exporters: dict[str, Exporter] = {}


def register_exporter(exporter: Exporter) -> None:
    """Make a kind of file known; apps call it when they are ready."""
    _exporters[exporter.kind] = exporter


def exporter_of(kind: str) -> Exporter:
    """The exporter of this kind. Raises KeyError where no app has registered one."""
    return _exporters[kind]


# --- asking ----------------------------------------------------------------------------------------------------------


def request_export(
    *, kind: str, form: str, asked: dict[str, Any], title: str, filename: str, by: Any, reason: str = ""
) -> ExportFile:
    """Ask for a file to be made in the background.

    Raises ExportRefused with its sentence where this kind of file cannot be made on this machine, where `by` may not
    have it, or has taken out too many today.
    """
    if problem := FORMS[form].why_not():
        raise ExportRefused(problem)
    decision = exporter_of(kind).may(by=by, asked=asked)
    if not decision:
        raise ExportRefused(decision.why_not)
    with _counted(by):
        export = ExportFile.objects.create(
            kind=kind, form=form, title=title[:200], filename=filename[:120], asked=asked, reason=reason[:500],
            owner_id=by.pk,
        )  # fmt: skip
        export.job = enqueue(MAKE, by=by, export_id=export.pk)
        export.save(update_fields=["job"])
        record(by=by, verb="asked for", record=export, to_state=export.status, why=reason, values=_about(export))
    return export


def _about(export: ExportFile) -> dict[str, Any]:
    return {"report": export.kind, "as": export.form, "asked": export.asked}


def note_export(*, by: Any, report: str, form: str, period: str, rows: int, why: str = "") -> None:
    """Write down that a person took figures out at once: which report, as what file, of which months, how many rows.

    Raises ExportRefused where they have taken out too many today.
    """
    with _counted(by):
        record(
            by=by, verb=EXPORTED, record=by, why=why,
            values={"report": report, "as": form, "period": period, "rows": rows},
        )  # fmt: skip


class TooMany(ExportRefused):
    """One person has taken out as many files today as a person may."""


@contextmanager
def _counted(by: Any) -> Iterator[None]:
    """A transaction for one more file of this person. Raises TooMany where it would be one too many for the day.

    The person's row is held meanwhile, so that two requests at once are counted one after the other. Those who watch
    over the trail hear of it, after what was begun is rolled back.
    """
    try:
        with transaction.atomic():
            get_user_model()._default_manager.select_for_update().filter(pk=by.pk).first()
            allowed = setting(rules.EXPORTS_A_DAY.key)
            if not rules.left_today(taken_today(by=by), allowed):
                raise TooMany(
                    f"You have taken out {allowed} files today, which is the most for one day. "
                    "You can take out more tomorrow. Ask the QA unit if you need them today."
                )
            yield
    except TooMany:
        publish("many_exports", by=by, person_id=by.pk, day=f"{timezone.localdate()}")
        raise


def taken_today(*, by: Any) -> int:
    """How many files a person has taken out or asked for since midnight."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    at_once = Event.objects.filter(
        actor=by.pk, verb=EXPORTED, kind=get_user_model()._meta.label_lower, object_id=by.pk, at__gte=midnight
    ).count()
    return at_once + ExportFile.objects.filter(owner=by.pk, asked_at__gte=midnight).count()


# --- making ----------------------------------------------------------------------------------------------------------


@handles(MAKE, title="Make a file to download")
def make_export(run: JobRun, *, export_id: str) -> None:
    """Make one file for the person who asked, with the rights that they have now. Safe to run again."""
    export = ExportFile.objects.select_related("owner").filter(pk=export_id, status=ExportStatus.MAKING).first()
    if export is None:
        return
    exporter, by = exporter_of(export.kind), export.owner
    decision = exporter.may(by=by, asked=export.asked)
    if not by.is_active or not decision:
        _withdraw(export, "Access had ended before the file was made.")
        raise JobFailed(decision.why_not if by.is_active else "The person who asked for it has left.")
    scope = scope_digest(exporter=exporter, by=by, asked=export.asked)
    name = f"{export.pk}-{run.token.hex[:12]}"
    try:
        with _new_file(name) as out:
            made = exporter.make(
                by=by, asked=export.asked, form=export.form, reason=export.reason, at=timezone.now(), out=out,
                on_progress=run.progress,
            )  # fmt: skip
        size, digest = _measured(name)
        with run.completing(link=reverse("jobs:export", args=[export.pk]), says="The file is ready.") as result:
            now = timezone.now()
            moved = ExportFile.objects.filter(pk=export.pk, status=ExportStatus.MAKING).update(
                status=ExportStatus.READY, stored_as=name, size=size, sha256=digest, rows=made.rows, scope=scope,
                records=[[kind, str(key)] for kind, key in made.records], ready_at=now, expires_at=now + rules.KEPT,
            )  # fmt: skip
            if moved:
                publish("export_ready", by=by, export_id=export.pk)
                record(
                    by=by, verb=EXPORTED, record=export, from_state=ExportStatus.MAKING, to_state=ExportStatus.READY,
                    why=export.reason, values={**_about(export), "rows": made.rows, "sha256": digest},
                )  # fmt: skip
            result["rows"] = made.rows
    except BaseException:
        _delete(name)
        raise
    _leave_only(name, export)


def scope_digest(*, exporter: Exporter, by: Any, asked: dict[str, Any]) -> str:
    """What a person may see of a kind of file now, as one short text that changes when it does."""
    return hashlib.sha256(exporter.scope(by=by, asked=asked).encode()).hexdigest()


def folder() -> Path:
    """Where the files lie: a folder of the service's user alone."""
    path = Path(settings.EXPORTS_DIR)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


@contextmanager
def _new_file(name: str) -> Iterator[BinaryIO]:
    """A new file of the service's user alone; on disk when the block is left."""
    handle = os.open(folder() / name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    with os.fdopen(handle, "w+b") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _measured(name: str) -> tuple[int, str]:
    with (folder() / name).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _leave_only(name: str, export: ExportFile) -> None:
    """Delete what killed workers have left of this file. Only once it is ready: of two workers that both think it
    theirs, the one that lost it never comes here."""
    for path in folder().glob(f"{export.pk}-*"):
        if path.name != name:
            path.unlink(missing_ok=True)


def _delete(name: str) -> None:
    if name:
        with suppress(FileNotFoundError):
            (folder() / name).unlink()


# --- fetching --------------------------------------------------------------------------------------------------------


def open_export(*, export: ExportFile, by: Any) -> BinaryIO:
    """The file, for its owner, with the rights that they have now; each time it is fetched is written down.

    Raises ExportRefused with its sentence where it is not ready, no longer kept, or no longer theirs to see.
    """
    if export.owner_id != getattr(by, "pk", None):
        raise ExportRefused("This file was made for somebody else.")
    if export.status == ExportStatus.READY and export.expires_at and export.expires_at <= timezone.now():
        _expire(export)
    if export.status != ExportStatus.READY:
        raise ExportRefused(SAID[ExportStatus(export.status)])
    exporter = exporter_of(export.kind)
    records = [(kind, uuid.UUID(key)) for kind, key in export.records]
    if (
        not exporter.may(by=by, asked=export.asked)
        or scope_digest(exporter=exporter, by=by, asked=export.asked) != export.scope
        or not exporter.still(by=by, records=records)
    ):
        _withdraw(export, "What the owner may see had changed since it was made.")
        raise ExportRefused(SAID[ExportStatus.WITHDRAWN])
    try:
        file = (folder() / export.stored_as).open("rb")
    except FileNotFoundError:
        _expire(export)
        raise ExportRefused(SAID[ExportStatus.EXPIRED]) from None
    record(by=by, verb="fetched", record=export, values={"rows": export.rows})
    return file


SAID = {
    ExportStatus.MAKING: "This file is still being made.",
    ExportStatus.EXPIRED: "This file is no longer kept: files are kept for 24 hours. Ask for it again.",
    ExportStatus.WITHDRAWN: (
        "This file was withdrawn, because what you may see has changed since it was made. Ask for it again."
    ),
}


def _expire(export: ExportFile) -> None:
    _end(export, ExportStatus.EXPIRED, "")


def _withdraw(export: ExportFile, why: str) -> None:
    _end(export, ExportStatus.WITHDRAWN, why)


def _end(export: ExportFile, status: ExportStatus, why: str) -> None:
    """Delete the file and say what became of it, once."""
    name, before = export.stored_as, export.status
    with transaction.atomic():
        open_ = (ExportStatus.MAKING, ExportStatus.READY)
        moved = ExportFile.objects.filter(pk=export.pk, status__in=open_).update(
            status=status, stored_as="", records=[]
        )
        if moved:
            record(by=None, verb=status.value, record=export, from_state=before, to_state=status, why=why)
    _delete(name)
    export.status, export.stored_as, export.records = status, "", []


@handles(CLEAR, title="Delete files that are no longer kept")
def clear_exports(run: JobRun, *, night: str = "") -> None:
    """Delete what is past its day, and whatever lies in the folder and belongs to no file that is ready."""
    now = timezone.now()
    due = list(ExportFile.objects.listed().filter(status=ExportStatus.READY, expires_at__lte=now))
    for number, export in enumerate(due):
        _expire(export)
        run.progress(number + 1, len(due), "Files deleted")
    strays = clear_strays(now=now)
    with run.completing(expired=len(due), strays=strays, says=f"{len(due)} files were past their day."):
        pass


def clear_strays(*, now: datetime) -> int:
    """Delete files that no row names: left by a worker that was killed. One that is being written is left alone."""
    named = set(ExportFile.objects.filter(status=ExportStatus.READY).values_list("stored_as", flat=True))
    gone = 0
    for path in folder().iterdir():
        if path.name not in named and now.timestamp() - path.stat().st_mtime > rules.KEPT.total_seconds() / 24:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
