"""Bringing in the dated events that Annex A does not hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import SYSTEM, Actor, Decision, must
from assurance_clinics.access import can_import_indicators
from assurance_clinics.models import DatedEvent
from assurance_clinics.readers.events import LIST, EventFile, EventRow, read_events
from cases.models import Case, reference_key
from core.history.services import Entry, record_many
from core.jobs.services import CannotApply, Importer, ImportOutcome
from core.spreadsheets import Fault

KIND = "dated-events"
CHUNK = 2000

Progress = Callable[[int, int], None]


def import_events(*, data: bytes, by: Actor, apply: bool = False) -> ImportOutcome:
    """Read a list of dated events and say what is new in it; with `apply`, keep it.

    An event that is held already is left as it is; one whose interval differs is changed. The outcome's counts are
    rows_in, accepted and rejected (rows), new and changed (events). Raises UnreadableFile, NotAllowed, and CannotApply
    where no row was accepted.
    """
    must(can_import_indicators(by))
    file = read_events(data, today=timezone.localdate())
    if not apply:
        return _compare(file)[0]
    with transaction.atomic():
        return _write(file, by)


def _compare(file: EventFile) -> tuple[ImportOutcome, list[EventRow], list[tuple[DatedEvent, EventRow]]]:
    held: dict[tuple[str, str, dt.date], DatedEvent] = {}
    keys = sorted({row.key[0] for row in file.rows})
    for start in range(0, len(keys), CHUNK):
        for one in DatedEvent.objects.filter(reference_key__in=keys[start : start + CHUNK]):
            held[one.reference_key, one.kind, one.happened_on] = one
    new = [row for row in file.rows if row.key not in held]
    changed = [
        (held[row.key], row)
        for row in file.rows
        if row.key in held and held[row.key].interval_days != row.interval_days
    ]
    warnings = list(file.warnings)
    for event, row in changed:
        reason = f"The interval was held as {event.interval_days} days, and becomes {row.interval_days}."
        warnings.append(Fault(LIST, row.row, "interval_days", str(row.interval_days), reason))
    accepted = file.rows_in - len(file.refusals)
    counts = {
        "rows_in": file.rows_in, "accepted": accepted, "rejected": len(file.refusals), "new": len(new),
        "changed": len(changed), "closed": 0,
    }  # fmt: skip
    problem = "" if accepted else "No row of the file was accepted, so there is nothing to apply."
    return ImportOutcome(counts, file.refusals, tuple(warnings), problem=problem), new, changed


def _write(file: EventFile, by: Actor) -> ImportOutcome:
    outcome, new, changed = _compare(file)
    if outcome.problem:
        raise CannotApply(outcome)
    cases: dict[str, Any] = {}
    keys = sorted({row.key[0] for row in new})
    for start in range(0, len(keys), CHUNK):
        cases |= dict(
            Case.objects.filter(reference_key__in=keys[start : start + CHUNK]).values_list("reference_key", "pk")
        )
    made = [
        DatedEvent(
            case_id=cases.get(row.key[0]), reference=row.reference, reference_key=reference_key(row.reference),
            kind=row.kind, happened_on=row.day, interval_days=row.interval_days,
        )
        for row in new
    ]  # fmt: skip
    DatedEvent.objects.bulk_create(made, batch_size=CHUNK)
    for event, row in changed:
        event.interval_days = row.interval_days
    DatedEvent.objects.bulk_update([event for event, _row in changed], ["interval_days"], batch_size=CHUNK)
    entries = [Entry(one, "imported", values={"kind": one.kind, "on": one.happened_on}) for one in made]
    entries += [Entry(event, "changed", values={"interval_days": row.interval_days}) for event, row in changed]
    record_many(by=by, entries=entries)
    return outcome


# --- the kind of file that the import pages and jobs know ------------------------------------------------------------


def _may(by: Any) -> Decision:
    return can_import_indicators(SYSTEM if by is None else by)


def _read(*, data: bytes, filename: str, options: dict[str, Any], on_progress: Progress) -> EventFile:
    return read_events(data, today=timezone.localdate())


def _check(*, content: EventFile, options: dict[str, Any], by: Any, on_progress: Progress) -> ImportOutcome:
    return _compare(content)[0]


def _apply(
    *, content: EventFile, options: dict[str, Any], by: Any, on_progress: Progress, confirm: int | None
) -> ImportOutcome:
    must(_may(by))
    return _write(content, SYSTEM if by is None else by)


EVENT_IMPORTER = Importer(
    kind=KIND,
    title="Dated events",
    may=_may,
    read=_read,
    check=_check,
    apply=_apply,
    noun="events",
    intro=(
        "Give a list of what Annex A does not hold, as CSV or Excel: reference, kind (such as supervision or "
        "agreed_interval), date, and for an agreed visiting interval its days."
    ),
    units_label="",
)
