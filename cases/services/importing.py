"""Bringing a file of cases in: an Annex A workbook or a caseload, all of it in one transaction or none of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import SYSTEM, Actor, Decision, can_import, must
from accounts.choices import Role
from accounts.models import Membership
from cases.models import Case, CaseAlias, Extract, ExtractRow, Holding, NamedPerson, Worker, reference_key
from cases.readers import CaseFile, read_cases
from cases.readers import ExtractRow as ExtractLine
from cases.services.comparing import UPDATED, Plan, plan_import
from core.history.services import Entry, record_many
from core.jobs.services import CannotApply, Importer, ImportOutcome, publish
from core.spreadsheets import UnreadableFile

KIND = "cases"
KEEP_YEARS = 6
UNPLACED = (2,)
"""The lists that name neither team nor worker, and of which figures are wanted below the department."""
CHUNK = 2000
IMPORT_LOCK = 0x63617365
"""The key of the lock that lets one import of cases write at a time."""

Progress = Callable[[int, int], None]
_T = TypeVar("_T")


@dataclass(frozen=True)
class CasesRead:
    """A file of cases as read, with what tells it from every other file."""

    file: CaseFile
    sha256: str
    as_at: date


def read_case_file(
    *, data: bytes, filename: str, kind: str | None, as_at: date | None, on_progress: Progress | None = None
) -> CasesRead:
    """Read a file of cases; of the database only whether these very bytes were applied before.

    `kind` is "annex-a", "csv" or None (the content decides). `as_at` is the date of the extract, today in London by
    default. Raises UnreadableFile, with the sentence, where the file is neither or its date lies in the future.
    """
    today = timezone.localdate()
    as_at = as_at or today
    if as_at > today:
        raise UnreadableFile("The date of the extract lies in the future. Give the day on which it was drawn.")
    sha256 = hashlib.sha256(data).hexdigest()
    # Ages are counted at the date of the extract, and bytes that were applied before keep the date that they had then.
    kept = Extract.objects.filter(sha256=sha256).values_list("as_at", flat=True).first()
    file = read_cases(data, filename=filename, kind=kind or None, as_at=kept or as_at, on_progress=on_progress)
    return CasesRead(file, sha256, as_at)


def import_cases(
    *,
    data: bytes,
    filename: str,
    by: Actor,
    kind: str | None = None,
    as_at: date | None = None,
    create_units: bool = False,
    confirm_closing: int | None = None,
    apply: bool = False,
    on_progress: Progress | None = None,
) -> ImportOutcome:
    """Read a file of cases and say what it changes; with `apply`, change it.

    Without `apply` nothing at all is written. `create_units` lets services and teams be made that the file names.
    `confirm_closing` is the number of cases that somebody has agreed to close, asked for where it is more than 20% of
    the open ones. The outcome's counts are rows_in, accepted, rejected (rows) and new, changed, closed (cases).

    Raises UnreadableFile where the file cannot be read, NotAllowed where `by` may not import, and CannotApply (with the
    outcome; nothing is written) where it stops to be confirmed or holds nothing to apply.
    """
    must(can_import(by))
    read = read_case_file(data=data, filename=filename, kind=kind, as_at=as_at, on_progress=on_progress)
    if not apply:
        return check_cases(read=read, create_units=create_units, on_progress=on_progress)
    with transaction.atomic():
        return apply_cases(
            read=read, create_units=create_units, confirm_closing=confirm_closing, by=by, on_progress=on_progress
        )


def check_cases(*, read: CasesRead, create_units: bool, on_progress: Progress | None = None) -> ImportOutcome:
    """What applying the file would change. Writes nothing."""
    return _plan(read, create_units, on_progress).outcome()


def apply_cases(
    *,
    read: CasesRead,
    create_units: bool,
    confirm_closing: int | None,
    by: Actor,
    on_progress: Progress | None = None,
) -> ImportOutcome:
    """Apply a file inside the transaction that the caller has opened; history comes last.

    Raises NotAllowed, and CannotApply as import_cases does.
    """
    must(can_import(by))
    _one_at_a_time()
    plan = _plan(read, create_units, on_progress)
    outcome = plan.outcome()
    if outcome.problem or (outcome.confirm is not None and outcome.confirm != confirm_closing):
        raise CannotApply(outcome)
    _write(plan, read, by, outcome, on_progress or (lambda done, total: None))
    return outcome


def _plan(read: CasesRead, create_units: bool, on_progress: Progress | None) -> Plan:
    return plan_import(
        file=read.file, sha256=read.sha256, as_at=read.as_at, create_units=create_units, on_progress=on_progress
    )


def _one_at_a_time() -> None:
    """Wait for another import of cases; SQLite's writers wait for each other by themselves."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


def _write(plan: Plan, read: CasesRead, by: Actor, outcome: ImportOutcome, tell: Progress) -> None:
    steps = len(plan.new) + len(plan.changed) + len(plan.holdings) + len(read.file.extract) + 1
    entries: list[Entry] = []
    for unit in plan.units.new:
        unit.save(force_insert=True)
        entries.append(Entry(unit, "opened", values={"name": unit.name, "kind": str(unit.kind)}))
    Worker.objects.bulk_create(plan.workers.new, batch_size=CHUNK)
    Worker.objects.bulk_update(plan.workers.linked, ["user"], batch_size=CHUNK)
    done = 0
    for cases in _chunks(plan.new):
        Case.objects.bulk_create(cases)
        done += len(cases)
        tell(done, steps)
    updated = [case for case, _values in (*plan.changed, *plan.closed)]
    for cases in _chunks(updated):
        Case.objects.bulk_create(cases, update_conflicts=True, unique_fields=["id"], update_fields=UPDATED)
    for keys in _chunks(plan.absent):
        Case.objects.filter(pk__in=keys).update(closed_on=plan.as_at, version=F("version") + 1)
    for keys in _chunks(plan.restricted):
        Case.objects.filter(pk__in=keys).update(restricted=True)
    _end_holdings(plan)
    for holdings in _chunks(plan.holdings):
        Holding.objects.bulk_create(holdings)
        done += len(holdings)
        tell(done, steps)
    CaseAlias.objects.bulk_create(plan.aliases, batch_size=CHUNK)
    _name_for_restricted(plan, by)
    extract, something_new = _keep(plan, read, lambda count: tell(done + count, steps))
    entries += _entries(plan, read)
    if entries or something_new:
        values = {"as_at": plan.as_at, **outcome.counts}
        entries.append(Entry(extract, "applied", to_state=read.file.layout, values=values))
    if something_new and read.file.extract:
        publish("cases.extract_kept", by=by, extract_id=extract.pk)
    record_many(by=by, entries=entries)
    tell(steps, steps)


def _end_holdings(plan: Plan) -> None:
    by_day: dict[date, list[Any]] = {}
    for key, day in plan.ended:
        by_day.setdefault(day, []).append(key)
    for day, keys in by_day.items():
        for some in _chunks(keys):
            Holding.objects.filter(pk__in=some).update(held_to=day)


def _name_for_restricted(plan: Plan, by: Actor) -> None:
    """Somebody must be able to see a case that a file restricts: who applied the file, else the QA leads."""
    if not plan.restricted:
        return
    if by.pk is not None:
        people = [by.pk]
    else:
        active = Membership.objects.active(timezone.localdate()).filter(role=Role.QA_LEAD)
        people = list(active.values_list("user_id", flat=True).distinct())
    NamedPerson.objects.bulk_create(
        [NamedPerson(case_id=case, user_id=user) for case in plan.restricted for user in people],
        batch_size=CHUNK,
        ignore_conflicts=True,
    )


def _keep(plan: Plan, read: CasesRead, tell: Callable[[int], None]) -> tuple[Extract, bool]:
    """Keep the extract with its rows; of one that was kept before, only the rows that were refused then.

    Returns the extract, and whether anything of it is new.
    """
    extract = plan.known_extract
    there: set[tuple[int, int]] = set()
    if extract is None:
        extract = Extract.objects.create(
            as_at=plan.as_at, sha256=read.sha256, layout=read.file.layout, lists=list(read.file.lists),
            row_count=read.file.rows_in, keep_until=_years_later(plan.as_at, KEEP_YEARS),
        )  # fmt: skip
    else:
        there = set(extract.rows.values_list("list", "row"))
    wanted = (
        line
        for line in read.file.extract
        if (line.list, line.row) not in there and (f"List {line.list}", line.row) not in plan.refused_rows
    )
    count = 0
    for lines in _chunks(wanted):
        rows = []
        held = _held(plan, lines)
        for line in lines:
            place = plan.units.place("", line.team, (None, None)) if line.team else None
            service, team = (place.service, place.team) if place else (None, None)
            worker, case = plan.workers.key_of(line.worker), plan.cases_by_key.get(reference_key(line.reference))
            if line.list in UNPLACED:
                service, team, worker = held.get(case, (None, None, None))
            rows.append(
                ExtractRow(
                    extract=extract, list=line.list, row=line.row, case_id=case, reference=line.reference,
                    service_id=service, team_id=team, worker_id=worker, data=line.data,
                )
            )  # fmt: skip
        ExtractRow.objects.bulk_create(rows)
        count += len(rows)
        tell(count)
    return extract, bool(count) or plan.known_extract is None


def _held(plan: Plan, lines: Iterable[ExtractLine]) -> dict[Any, tuple[Any, Any, Any]]:
    """Service, team and worker of the cases of lists that name none, as the case records have them."""
    keys = {plan.cases_by_key.get(reference_key(line.reference)) for line in lines if line.list in UNPLACED}
    if not keys - {None}:
        return {}
    held = Holding.objects.filter(case__in=keys - {None}, held_to=None)
    rows = held.values_list("case", "service", "team", "worker")
    return {case: (service, team, worker) for case, service, team, worker in rows}


def _entries(plan: Plan, read: CasesRead) -> Iterator[Entry]:
    source = {"as_at": plan.as_at, "source": read.file.kind}
    for case in plan.new:
        yield Entry(case, "imported", to_state=_state(case), values=source)
    for case, values in plan.changed:
        before = "closed" if values.get("closed_on", [None])[0] else _state(case)
        yield Entry(case, "changed", from_state=before, to_state=_state(case), values={**source, **values})
    for key, values in plan.moved:
        yield Entry(Case(pk=key), "changed", from_state="open", to_state="open", values={**source, **values})
    for case, values in plan.closed:
        yield Entry(case, "closed", from_state="open", to_state="closed", values={**source, **values})
    for key in plan.absent:
        closing = {**source, "closed_on": plan.as_at}
        why = "The case is not in the file."
        yield Entry(Case(pk=key), "closed", from_state="open", to_state="closed", why=why, values=closing)


def _state(case: Case) -> str:
    return "closed" if case.closed_on else "open"


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _chunks(items: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


# --- the kind of file that the import pages and jobs know ------------------------------------------------------------


def _actor(by: Any) -> Actor:
    return SYSTEM if by is None else by


def _may(by: Any) -> Decision:
    return can_import(_actor(by))


def _read(*, data: bytes, filename: str, options: dict[str, Any], on_progress: Progress) -> CasesRead:
    as_at = options.get("as_at")
    return read_case_file(
        data=data, filename=filename, kind=options.get("kind"),
        as_at=date.fromisoformat(as_at) if as_at else None, on_progress=on_progress,
    )  # fmt: skip


def _check(*, content: CasesRead, options: dict[str, Any], by: Any, on_progress: Progress) -> ImportOutcome:
    return check_cases(read=content, create_units=bool(options.get("create_units")), on_progress=on_progress)


def _apply(
    *, content: CasesRead, options: dict[str, Any], by: Any, on_progress: Progress, confirm: int | None
) -> ImportOutcome:
    return apply_cases(
        read=content, create_units=bool(options.get("create_units")), confirm_closing=confirm, by=_actor(by),
        on_progress=on_progress,
    )  # fmt: skip


CASE_IMPORTER = Importer(
    kind=KIND,
    title="Cases",
    may=_may,
    read=_read,
    check=_check,
    apply=_apply,
    noun="cases",
    intro=(
        "Give an Annex A workbook, or a caseload as CSV or Excel. You see what it would change before anything is "
        "changed."
    ),
    date_label="Date of the extract",
    confirm_words=(
        "This file would close {closed} of {open_cases} open cases, more than 20%. Check that it is the whole extract."
    ),
)
