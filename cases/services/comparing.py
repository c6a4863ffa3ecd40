"""What a file of cases would change: compared with what is held, row by row, and written nowhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from cases.choices import SubjectKind
from cases.models import Case, CaseAlias, Extract, Holding, reference_key
from cases.readers import CaseFile, CaseRow, combine
from cases.services.units import Place, Units, Workers
from core.jobs.services import ImportOutcome
from core.spreadsheets import Fault

ANNEX_A, CASELOAD = "annex-a", "csv"
CASE_LISTS = frozenset({"List 6", "List 7", "List 8", "List 9", "Caseload"})
CLOSING_LIMIT = 5
"""A file that would close more than one in this many of the open cases stops until the number is typed (PL-2)."""

PROGRESS_EVERY = 2000
_KNOWN = (
    "id", "reference", "reference_key", "subject_kind", "plan_type", "is_cwd", "service_id", "team_id", "opened_on",
    "closed_on", "age_band", "legal_status", "ethnicity", "disability", "restricted", "source", "version", "created_at",
)  # fmt: skip
_HOLDING = ("case_id", "id", "worker_id", "service_id", "team_id", "plan_type", "held_from")
UPDATED = (
    "reference", "reference_key", "subject_kind", "plan_type", "is_cwd", "service", "team", "opened_on", "closed_on",
    "age_band", "legal_status", "ethnicity", "disability", "source", "version",
)  # fmt: skip


@dataclass(slots=True)
class Known:
    """A case as it is held before the file."""

    id: uuid.UUID
    reference: str
    reference_key: str
    subject_kind: str
    plan_type: str
    is_cwd: bool
    service_id: uuid.UUID
    team_id: uuid.UUID | None
    opened_on: date | None
    closed_on: date | None
    age_band: str
    legal_status: str
    ethnicity: str
    disability: str
    restricted: bool
    source: str
    version: int
    created_at: Any

    def values(self) -> dict[str, Any]:
        """The case's fields by name."""
        return {name: getattr(self, name) for name in _KNOWN}


@dataclass(frozen=True, slots=True)
class Held:
    """The present holding of a case."""

    case_id: uuid.UUID
    id: uuid.UUID
    worker_id: uuid.UUID | None
    service_id: uuid.UUID
    team_id: uuid.UUID | None
    plan_type: str
    held_from: date


@dataclass
class Plan:
    """All that a file would write."""

    as_at: date
    units: Units
    workers: Workers
    is_older: bool = False
    known_extract: Extract | None = None
    new: list[Case] = field(default_factory=list)
    changed: list[tuple[Case, dict[str, Any]]] = field(default_factory=list)
    moved: list[tuple[uuid.UUID, dict[str, Any]]] = field(default_factory=list)
    closed: list[tuple[Case, dict[str, Any]]] = field(default_factory=list)
    absent: list[uuid.UUID] = field(default_factory=list)
    ended: list[tuple[uuid.UUID, date]] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    aliases: list[CaseAlias] = field(default_factory=list)
    restricted: list[uuid.UUID] = field(default_factory=list)
    refused_rows: set[tuple[str, int]] = field(default_factory=set)
    refusals: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    open_cases: int = 0
    rows_in: int = 0
    cases_by_key: dict[str, uuid.UUID] = field(default_factory=dict)

    def outcome(self) -> ImportOutcome:
        """The counts, faults and conditions of this plan."""
        closing = len(self.closed) + len(self.absent)
        accepted = self.rows_in - len(self.refusals)
        problem = ""
        if not self.rows_in:
            problem = "The file has no rows of cases, so there is nothing to apply."
        elif not accepted:
            problem = "Every row of the file was refused, so there is nothing to apply."
        stops = closing * CLOSING_LIMIT > self.open_cases
        return ImportOutcome(
            counts={
                "rows_in": self.rows_in,
                "accepted": accepted,
                "rejected": len(self.refusals),
                "new": len(self.new),
                "changed": len(self.changed) + len(self.moved),
                "closed": closing,
                "open_cases": self.open_cases,
            },
            refusals=tuple(sorted(self.refusals, key=_place_in_file)),
            warnings=tuple(sorted(self.warnings, key=_place_in_file)),
            confirm=closing if stops and not problem else None,
            problem=problem,
        )


def _place_in_file(fault: Fault) -> tuple[int, str, int]:
    return len(fault.list), fault.list, fault.row or 0


def plan_import(
    *,
    file: CaseFile,
    sha256: str,
    as_at: date,
    create_units: bool,
    on_progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """What applying the file would write, compared with what is held now.

    `as_at` is the date of the extract. A file whose bytes were applied before keeps the date that it had then. An
    extract older than one that is applied changes no case: it is kept for the indicators only.
    """
    return _Comparison(file, sha256, as_at, create_units, on_progress or (lambda done, total: None)).plan()


class _Comparison:
    """Goes once over the rows of a file."""

    def __init__(
        self, file: CaseFile, sha256: str, as_at: date, create_units: bool, tell: Callable[[int, int], None]
    ) -> None:
        self.file, self.tell = file, tell
        column = "Allocated Team" if file.kind == ANNEX_A else "team"
        same = Extract.objects.filter(sha256=sha256).first()
        result = Plan(as_at, Units(create_units, column), Workers(), known_extract=same, rows_in=file.rows_in)
        result.refusals += file.refusals
        result.warnings += file.warnings
        self.result = result
        if same is not None:
            self._warn("", None, "", same.as_at, f"This very file was applied before, for {_day(same.as_at)}.")
            if same.as_at != as_at:
                self._warn("", None, "", as_at, f"It keeps its date, {_day(same.as_at)}.")
            result.as_at = same.as_at
        result.is_older = self._is_older(same)
        self.known = {known.reference_key: known for known in self._all_known()}
        self.by_id = {known.id: known for known in self.known.values()}
        self.aliases: dict[str, uuid.UUID] = dict(CaseAlias.objects.values_list("reference_key", "case_id"))
        self.held = {
            row[0]: Held(*row)
            for row in Holding.objects.current().values_list(*_HOLDING).iterator(chunk_size=PROGRESS_EVERY)
        }
        result.open_cases = sum(not known.closed_on for known in self.known.values())
        self.named: set[str] = set()

    @staticmethod
    def _all_known() -> Iterable[Known]:
        return (Known(*row) for row in Case.objects.values_list(*_KNOWN).iterator(chunk_size=PROGRESS_EVERY))

    def _warn(self, where: str, row: int | None, column: str, value: object, reason: str) -> None:
        self.result.warnings.append(Fault(where, row, column, "" if value is None else str(value)[:200], reason))

    def _is_older(self, same: Extract | None) -> bool:
        """Whether a later extract of any of the same lists is applied; says so in a warning."""
        lists = CASE_LISTS.intersection(self.file.lists)
        later = Extract.objects.filter(as_at__gte=self.result.as_at)
        for other in later.order_by("-as_at", "-applied_at"):
            if not lists.intersection(other.lists) or (same and other.pk == same.pk):
                continue
            if other.as_at > self.result.as_at or (same and other.applied_at > same.applied_at):
                self._warn(
                    "", None, "", self.result.as_at,
                    f"A later extract, of {_day(other.as_at)}, is applied already: this one is kept for the indicators "
                    "and changes no case.",
                )  # fmt: skip
                return True
        return False

    # --- the rows ------------------------------------------------------------------------------------------------

    def plan(self) -> Plan:
        """The whole comparison."""
        rows = self._placed_rows()
        for row in rows:
            self.named.add(reference_key(row.reference))
        self.named |= self.file.refused_references
        combined = combine(self._under_known_references(rows))
        self._warn_of_what_is_not_kept(rows)
        if not self.result.is_older:
            for count, row in enumerate(combined):
                if count % PROGRESS_EVERY == 0:
                    self.tell(count, len(combined))
                self._compare(row)
            self.tell(len(combined), len(combined))
            self._close_absent({row.subject_kind for row in combined})
        self._warn_of_people_and_places()
        for key, known in self.known.items():
            self.result.cases_by_key.setdefault(key, known.id)
        for key, case_id in self.aliases.items():
            self.result.cases_by_key.setdefault(key, case_id)
        return self.result

    def _placed_rows(self) -> list[CaseRow]:
        """The rows of cases whose service and team are known or may be made; the other rows are refused."""
        units, refused = self.result.units, self.result.refused_rows
        for line in self.file.extract:
            self._refuse_unless_placed(f"List {line.list}", line.row, line.reference, "", line.team)
            if (f"List {line.list}", line.row) not in refused:
                self.result.workers.key_of(line.worker)
        if not self.file.extract:
            for case in self.file.cases:
                self._refuse_unless_placed(case.list, case.row, case.reference, case.service, case.team)
        units.unplaced = 0
        return [case for case in self.file.cases if (case.list, case.row) not in refused]

    def _refuse_unless_placed(self, where: str, row: int, reference: str, service: str, team: str) -> None:
        key = reference_key(reference)
        refusal = None
        if len(key) > 60:
            refusal = ("reference", reference, "The id is longer than 60 characters. Use the case system's own id.")
        elif service or team:
            refusal = self._place(key, service, team).refusal
        if refusal is not None:
            column, value, reason = refusal
            self.result.refused_rows.add((where, row))
            self.result.refusals.append(Fault(where, row, column, value[:200], reason))
            self.named.add(key)

    def _place(self, key: str, service: str, team: str) -> Place:
        known = self._find(key)
        return self.result.units.place(service, team, (known.service_id, known.team_id) if known else (None, None))

    def _find(self, key: str) -> Known | None:
        known = self.known.get(key)
        if known is None and key in self.aliases:
            known = self.by_id.get(self.aliases[key])
        return known

    def _under_known_references(self, rows: list[CaseRow]) -> list[CaseRow]:
        """The rows, those under another reference of a case that is held put under the reference it is held by."""
        named = []
        for row in rows:
            key = reference_key(row.reference)
            if key not in self.known and (known := self._find(key)):
                self.named.add(known.reference_key)
                row = replace(row, reference=known.reference)
            named.append(row)
        return named

    # --- one case ------------------------------------------------------------------------------------------------

    def _compare(self, row: CaseRow) -> None:
        key = reference_key(row.reference)
        known = self.known.get(key)
        earlier = self._under_earlier_reference(row) if known is None else None
        if earlier is not None:
            known = earlier
            self.named.add(earlier.reference_key)
        place = self.result.units.place(
            row.service, row.team, (known.service_id, known.team_id) if known else (None, None)
        )
        if known is None:
            self._add(row, key, place)
        else:
            self._update(row, known, place, renamed=earlier is not None)

    def _under_earlier_reference(self, row: CaseRow) -> Known | None:
        """The case held under a reference that the row calls another one of the same case: the system has changed."""
        for alias in row.aliases:
            alias_key = reference_key(alias)
            known = self._find(alias_key)
            if known and self.named.isdisjoint({alias_key, known.reference_key}):
                return known
        return None

    def _add(self, row: CaseRow, key: str, place: Place) -> None:
        as_at, service = self.result.as_at, cast(uuid.UUID, place.service)
        closed_on = (row.closed_on or as_at) if row.closed else None
        case = Case(
            reference=row.reference, reference_key=key, subject_kind=row.subject_kind, plan_type=row.plan_type,
            is_cwd=bool(row.is_cwd), service_id=service, team_id=place.team, opened_on=row.opened_on,
            closed_on=closed_on, age_band=row.age_band, legal_status=row.legal_status, ethnicity=row.ethnicity,
            disability=row.disability, restricted=bool(row.restricted), source=self.file.kind,
        )  # fmt: skip
        self.result.new.append(case)
        self.result.cases_by_key[key] = case.pk
        if case.restricted:
            self.result.restricted.append(case.pk)
        since = min(row.opened_on or as_at, closed_on or as_at, as_at)
        self._hold(case.pk, self.result.workers.key_of(row.worker), place, row.plan_type, since, closed_on)
        self._note_aliases(row, case.pk, key)

    def _update(self, row: CaseRow, known: Known, place: Place, *, renamed: bool) -> None:
        as_at, held = self.result.as_at, self.held.get(known.id)
        if (held and held.held_from > as_at) or (known.closed_on and known.closed_on > as_at):
            self._warn(
                row.list, row.row, "", row.reference,
                "What is held of this case is newer than this file, so the case stays as it is.",
            )  # fmt: skip
            return
        if row.closed and not known.closed_on and reference_key(row.reference) in self.file.refused_references:
            self._warn(
                row.list, row.row, "", row.reference,
                "Another row of this case was refused, so the case is not closed until that row is mended.",
            )  # fmt: skip
            return
        wanted = self._wanted(row, known, place)
        if renamed:
            wanted |= {"reference": row.reference, "reference_key": reference_key(row.reference)}
        before = {name: getattr(known, name) for name in wanted}
        changes = {name: [before[name], value] for name, value in wanted.items() if value != before[name]}
        was_open, is_open = known.closed_on is None, wanted["closed_on"] is None
        if is_open:
            holder = self._change_holder(row, known, held, wanted)
        else:
            holder = {}
            if held:
                self.result.ended.append((held.id, max(held.held_from, wanted["closed_on"])))
        if row.restricted and not known.restricted:
            self.result.restricted.append(known.id)
            changes["restricted"] = [False, True]
        if changes:
            case = Case(**{**known.values(), **wanted, "source": self.file.kind, "version": known.version + 1})
            entry = (case, {name: value for name, value in (changes | holder).items() if name != "reference_key"})
            (self.result.closed if was_open and not is_open else self.result.changed).append(entry)
        elif holder:
            self.result.moved.append((known.id, holder))
        if renamed:
            self._alias(row, known.id, known.reference, known.reference_key)
            self.result.cases_by_key[reference_key(row.reference)] = known.id
        self._note_aliases(row, known.id, reference_key(row.reference))

    def _wanted(self, row: CaseRow, known: Known, place: Place) -> dict[str, Any]:
        """The fields as the file has them; a blank of the file leaves what is known."""
        wanted: dict[str, Any] = {
            "opened_on": row.opened_on or known.opened_on,
            "age_band": row.age_band or known.age_band,
            "legal_status": row.legal_status or known.legal_status,
            "ethnicity": row.ethnicity or known.ethnicity,
            "disability": row.disability or known.disability,
            "is_cwd": known.is_cwd if row.is_cwd is None else row.is_cwd,
            "closed_on": None,
        }
        if row.closed:
            wanted["closed_on"] = row.closed_on or known.closed_on or self.result.as_at
        else:
            wanted |= {
                "subject_kind": row.subject_kind,
                "plan_type": row.plan_type or known.plan_type,
                "service_id": place.service,
                "team_id": place.team,
            }
        return wanted

    def _change_holder(
        self, row: CaseRow, known: Known, held: Held | None, wanted: dict[str, Any]
    ) -> dict[str, list[Any]]:
        """End the present holding and open the next one where worker, team, service or plan have changed."""
        worker = self.result.workers.key_of(row.worker)
        if worker is None and held and held.team_id == wanted["team_id"]:
            worker = held.worker_id
        after = (worker, wanted["service_id"], wanted["team_id"], wanted["plan_type"])
        if held and (held.worker_id, held.service_id, held.team_id, held.plan_type) == after:
            return {}
        if held:
            self.result.ended.append((held.id, self.result.as_at))
        since = self.result.as_at
        if not held and not known.closed_on and known.opened_on:
            since = min(since, known.opened_on)
        self._hold(known.id, worker, Place(after[1], after[2]), after[3], since, None)
        before = held.worker_id if held else None
        return {} if before == worker else {"worker": [before, worker]}

    def _hold(
        self, case: uuid.UUID, worker: uuid.UUID | None, place: Place, plan: str, since: date, until: date | None
    ) -> None:
        self.result.holdings.append(
            Holding(
                case_id=case, worker_id=worker, service_id=cast(uuid.UUID, place.service), team_id=place.team,
                plan_type=plan, held_from=since, held_to=until,
            )
        )  # fmt: skip

    def _note_aliases(self, row: CaseRow, case: uuid.UUID, key: str) -> None:
        for alias in row.aliases:
            alias_key = reference_key(alias)
            if alias_key != key:
                self._alias(row, case, alias, alias_key)

    def _alias(self, row: CaseRow, case: uuid.UUID, alias: str, alias_key: str) -> None:
        owner = self.aliases.get(alias_key)
        standing = self.known.get(alias_key)
        if owner == case:
            return
        if owner or (standing and standing.id != case) or (alias_key in self.named and not standing):
            reason = "This other reference belongs to a different case, so it was not added."
        elif len(alias_key) > 60 or len(alias) > 60:
            reason = "This other reference is longer than 60 characters, so it was not added."
        else:
            self.aliases[alias_key] = case
            self.result.aliases.append(CaseAlias(case_id=case, reference=alias, reference_key=alias_key))
            return
        self._warn(row.list, row.row, "aliases", alias, reason)

    # --- what the file leaves out --------------------------------------------------------------------------------

    def _close_absent(self, kinds: set[str]) -> None:
        """Close the open cases that the file should name and does not.

        Annex A speaks for children of the plan types whose lists are present. A caseload speaks for its plan types,
        and for every case that a caseload brought, of the kinds of subject that it names.
        """
        whole = self.file.plan_types
        if not whole:
            return
        annex_a = self.file.kind == ANNEX_A
        for key, known in self.known.items():
            if known.closed_on or key in self.named:
                continue
            if annex_a and known.subject_kind != SubjectKind.CHILD:
                continue
            if not annex_a and known.subject_kind not in kinds:
                continue
            if known.plan_type not in whole and (annex_a or known.source != CASELOAD):
                continue
            held = self.held.get(known.id)
            if held and held.held_from > self.result.as_at:
                continue
            self.result.absent.append(known.id)
            if held:
                self.result.ended.append((held.id, self.result.as_at))

    # --- lines about the file as a whole ---------------------------------------------------------------------------

    def _warn_of_what_is_not_kept(self, rows: list[CaseRow]) -> None:
        if self.file.kind != CASELOAD:
            return
        if any(row.manager for row in rows):
            self._warn(
                "Caseload", None, "manager", "",
                "Managers are not kept with the case: give them the role of team manager under People.",
            )  # fmt: skip
        if any(row.uasc for row in rows):
            self._warn("Caseload", None, "flags", "UASC", "This flag is not kept with the case.")

    def _warn_of_people_and_places(self) -> None:
        if count := self.result.units.unplaced:
            self._warn(
                "", None, "", count,
                "New cases that name neither team nor service: they stand under “Service to be confirmed”.",
            )  # fmt: skip
        for name, users in self.result.workers.ambiguous.items():
            self._warn(
                "", None, "", name,
                f"{users} people who sign in have this name, so the worker was linked to none of them.",
            )  # fmt: skip


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
