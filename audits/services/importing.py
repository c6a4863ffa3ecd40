"""Bringing a council's own history of audits in: all of the file's good rows in one transaction.

Decisions: an old audit is closed (it was settled and its feedback given long ago) and counts in the month of
`audited_on`. A reference that is here already with the same values is left alone; with other values the row is
refused, since a settled grade is not changed by a file. The auditor is kept by name and is not made a user.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from accounts.access import SYSTEM, Actor, Decision, can_import, must
from accounts.choices import UnitKind
from accounts.models import OrgUnit, name_key
from audits.choices import AuditStatus, Grade
from audits.models import Audit, Transition
from audits.readers import LIST, AuditFile, HistoricAuditRow, read_audits
from audits.services import tallies
from audits.services.tools import load_schemes
from cases.choices import PlanType
from cases.models import Case, CaseAlias, reference_key
from core.history.services import Entry, record_many
from core.jobs.services import CannotApply, Importer, ImportOutcome
from core.spreadsheets import Fault

KIND = "audits"
CHUNK = 2000
LONGEST = 150  # characters of a name or an audit type
REFERENCE_LONGEST = 60
IMPORT_LOCK = 0x61756469
"""The key of the lock that lets one import of audits write at a time."""

Progress = Callable[[int, int], None]
_T = TypeVar("_T")

_ADEQUATE = "adequate"


def import_audits(
    *, data: bytes, filename: str, by: Actor, create_units: bool = False, apply: bool = False
) -> ImportOutcome:
    """Read a file of past audits and say what it brings; with `apply`, bring it in.

    Without `apply` nothing at all is written. `create_units` lets services and teams be made that the file names.
    The outcome's counts are rows_in, accepted, rejected (rows) and new, changed, closed (audits; the last two are
    always 0). Raises UnreadableFile where the file cannot be read and NotAllowed where `by` may not import.
    """
    must(can_import(by))
    file = read_audits(data, filename=filename, today=timezone.localdate())
    if not apply:
        return check_audits(file=file, create_units=create_units)
    with transaction.atomic():
        return apply_audits(file=file, create_units=create_units, by=by)


def check_audits(*, file: AuditFile, create_units: bool) -> ImportOutcome:
    """What applying the file would bring. Writes nothing."""
    return _plan(file, create_units).outcome()


def apply_audits(
    *, file: AuditFile, create_units: bool, by: Actor, on_progress: Progress | None = None
) -> ImportOutcome:
    """Bring the file's audits in, inside the transaction that the caller has opened; history comes last.

    Raises NotAllowed where `by` may not import.
    """
    must(can_import(by))
    if connection.vendor == "postgresql":  # SQLite's writers wait for each other by themselves
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
    plan = _plan(file, create_units)
    _write(plan, by, on_progress or (lambda done, total: None))
    return plan.outcome()


@dataclass
class _Plan:
    """What a file would bring: the units and audits to be made, and the rows that are refused."""

    file: AuditFile
    units: _Units
    new: list[Audit] = field(default_factory=list)
    unchanged: int = 0
    refusals: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def outcome(self) -> ImportOutcome:
        accepted = len(self.new) + self.unchanged
        counts = {
            "rows_in": self.file.rows_in,
            "accepted": accepted,
            "rejected": self.file.rejected + len(self.refusals),
            "new": len(self.new),
            "changed": 0,
            "closed": 0,
        }
        problem = ""
        if not self.file.rows_in:
            problem = "The file holds no audits: there is no row under the headings."
        elif not accepted:
            problem = "No row can be brought in. Correct the rows that are listed, and give the file again."
        refusals = sorted((*self.file.refusals, *self.refusals), key=lambda fault: fault.row or 0)
        return ImportOutcome(counts, tuple(refusals), (*self.file.warnings, *self.warnings), problem=problem)


def _plan(file: AuditFile, create_units: bool) -> _Plan:
    plan = _Plan(file, _Units(create_units))
    held = _held(file.audits)
    cases = _cases(file.audits)
    for row in file.audits:
        fault = _too_long(row)
        if fault:
            plan.refusals.append(fault)
            continue
        service, team, fault = plan.units.place(row)
        if fault or service is None:
            plan.refusals.extend([fault] if fault else [])
            continue
        if len(row.auditor) > LONGEST:
            reason = f"The name was cut to {LONGEST} characters."
            plan.warnings.append(Fault(LIST, row.row, "auditor", row.auditor[:200], reason))
        audit = _audit(row, service, team, cases.get(reference_key(row.case_reference)))
        standing = held.get(reference_key(row.reference))
        if standing is None:
            plan.new.append(audit)
            continue
        difference = _difference(row, audit, standing)
        if difference:
            plan.refusals.append(difference)
        else:
            plan.unchanged += 1
    return plan


def _audit(row: HistoricAuditRow, service: OrgUnit, team: OrgUnit | None, case: Case | None) -> Audit:
    return Audit(
        reference=row.reference,
        case=case,
        case_reference=row.case_reference,
        **({"subject_kind": case.subject_kind} if case else {}),
        audit_type=row.audit_type,
        scheme_id=row.scheme,
        historic=True,
        status=AuditStatus.CLOSED,
        service=service,
        team=team,
        plan_type=row.plan_type,
        auditor_name=row.auditor[:LONGEST],
        audited_on=row.audited_on,
        month=row.audited_on.replace(day=1),
        auditor_grade=row.grade,
        grade=row.grade,
        counted_grade=Grade.REQUIRES_IMPROVEMENT if row.grade == _ADEQUATE else row.grade,
    )


def _too_long(row: HistoricAuditRow) -> Fault | None:
    for column, value, longest in (
        ("reference", row.reference, REFERENCE_LONGEST),
        ("case_reference", row.case_reference, REFERENCE_LONGEST),
        ("audit_type", row.audit_type, LONGEST),
        ("service", row.service, LONGEST),
        ("team", row.team, LONGEST),
    ):
        if max(len(value), len(name_key(value))) > longest:
            reason = f"It is longer than {longest} characters. Shorten it in the file."
            return Fault(LIST, row.row, column, value[:200], reason)
    return None


def _held(rows: Iterable[HistoricAuditRow]) -> dict[str, Audit]:
    """The audits of the product whose reference the file has too, by the reference without case and spaces."""
    wanted = {reference_key(row.reference) for row in rows}
    if not wanted:
        return {}
    keys: dict[Any, str] = {}
    for pk, reference in Audit.objects.order_by().values_list("pk", "reference").iterator():
        key = reference_key(reference)
        if key in wanted:
            keys[pk] = key
    held: dict[str, Audit] = {}
    for some in _chunks(keys):
        for audit in Audit.objects.filter(pk__in=some).order_by():
            held[keys[audit.pk]] = audit
    return held


def _cases(rows: Iterable[HistoricAuditRow]) -> dict[str, Case]:
    """The cases that the file names, by their own reference or by an alias, without case and spaces."""
    wanted = {reference_key(row.case_reference) for row in rows if row.case_reference}
    found: dict[str, Case] = {}
    for some in _chunks(wanted):
        for alias in CaseAlias.objects.filter(reference_key__in=some).select_related("case").order_by():
            found[alias.reference_key] = alias.case
    for some in _chunks(wanted):
        for case in Case.objects.filter(reference_key__in=some).order_by():
            found[case.reference_key] = case
    return found


def _difference(row: HistoricAuditRow, new: Audit, standing: Audit) -> Fault | None:
    """Why a row whose reference is here already does not stand; None where it says the same."""
    if not standing.historic:
        reason = "An audit done here has this reference. Give the old audit another one."
        return Fault(LIST, row.row, "reference", row.reference, reason)

    def said(audit: Audit, column: str) -> str:
        match column:
            case "service" | "team":
                unit = getattr(audit, column)
                return unit.name if unit else ""
            case "plan_type":
                return str(PlanType(audit.plan_type).label) if audit.plan_type else ""
            case "grade":
                return str(Grade(audit.grade).label) if audit.grade in Grade.values else audit.grade.capitalize()
            case "audited_on":
                return audit.audited_on.isoformat() if audit.audited_on else ""
        return str(getattr(audit, column))

    for column, name in (
        ("grade", "grade"), ("scheme", "scheme_id"), ("audited_on", "audited_on"), ("service", "service_id"),
        ("team", "team_id"), ("plan_type", "plan_type"), ("audit_type", "audit_type"),
        ("case_reference", "case_reference"), ("auditor", "auditor_name"),
    ):  # fmt: skip
        before, after = getattr(standing, name), getattr(new, name)
        same = reference_key(before) == reference_key(after) if column == "case_reference" else before == after
        if not same:
            field_name = {"scheme": "scheme_id", "auditor": "auditor_name"}.get(column, column)
            here, there = said(standing, field_name) or "nothing", said(new, field_name) or "nothing"
            reason = (
                f"This audit is here already and says “{here}”, where the file says “{there}”. Nothing was changed. "
                "Correct the row, or give it another reference."
            )
            return Fault(LIST, row.row, column, said(new, field_name)[:200], reason)
    return None


class _Units:
    """Finds the services and teams that a file names, closed ones too, and notes those to be made, parents first."""

    def __init__(self, create: bool) -> None:
        self.create = create
        self.new: list[OrgUnit] = []
        self._services: dict[str, list[OrgUnit]] = defaultdict(list)
        self._teams: dict[tuple[uuid.UUID, str], list[OrgUnit]] = defaultdict(list)
        self._root: OrgUnit | None = None
        for unit in OrgUnit.objects.order_by("opened_on", "id"):
            if unit.kind == UnitKind.SERVICE:
                self._services[unit.name_key].append(unit)
            elif unit.kind == UnitKind.TEAM and unit.parent_id:
                self._teams[unit.parent_id, unit.name_key].append(unit)
            elif unit.kind == UnitKind.DIRECTORATE and (self._root is None or self._root.closed_on):
                self._root = unit

    def place(self, row: HistoricAuditRow) -> tuple[OrgUnit | None, OrgUnit | None, Fault | None]:
        """(service, team, None) for a row, as they stood on the day of the audit; or (None, None, the refusal)."""
        services = self._services[name_key(row.service)]
        if not services:
            if not self.create:
                return None, None, _unknown(row, "service", row.service)
            services.append(self._add(UnitKind.SERVICE, row.service, self._directorate()))
        if not row.team:
            return _standing(services, row.audited_on), None, None
        teams = [team for service in services for team in self._teams[service.pk, name_key(row.team)]]
        if teams:
            team = _standing(teams, row.audited_on)
            return next(service for service in services if service.pk == team.parent_id), team, None
        if not self.create:
            return None, None, _unknown(row, "team", row.team)
        service = _standing(services, row.audited_on)
        team = self._add(UnitKind.TEAM, row.team, service)
        self._teams[service.pk, team.name_key].append(team)
        return service, team, None

    def _directorate(self) -> OrgUnit:
        if self._root is None:
            self._root = self._add(UnitKind.DIRECTORATE, "Directorate", None)
        return self._root

    def _add(self, kind: str, name: str, parent: OrgUnit | None) -> OrgUnit:
        unit = OrgUnit(kind=kind, name=name, name_key=name_key(name), parent=parent)
        self.new.append(unit)
        return unit


def _standing(units: list[OrgUnit], on: date) -> OrgUnit:
    """Of units of one name the one that was open on the day; else the newest."""
    there = [unit for unit in units if unit.opened_on <= on and (unit.closed_on is None or unit.closed_on >= on)]
    return (there or units)[-1]


def _unknown(row: HistoricAuditRow, column: str, name: str) -> Fault:
    where = f" in the service “{row.service}”" if column == "team" else ""
    reason = (
        f"There is no {column} of this name{where}. Correct the name, add the {column} under People, or allow the "
        "import to create services and teams (--create-units)."
    )
    return Fault(LIST, row.row, column, name, reason)


def _write(plan: _Plan, by: Actor, tell: Progress) -> None:
    if not plan.new:
        return
    for unit in plan.units.new:
        unit.save(force_insert=True)
    load_schemes()
    actor = getattr(by, "pk", None)
    at = timezone.now()
    moved: Counter[tallies.Cell] = Counter()
    done, total = 0, 2 * len(plan.new)
    for audits in _chunks(plan.new):
        for audit in audits:
            audit.created_by_id = actor
        Audit.objects.bulk_create(audits, batch_size=CHUNK)
        Transition.objects.bulk_create(
            [
                Transition(audit=audit, at=at, by_id=actor, event="import", to_status=AuditStatus.CLOSED)
                for audit in audits
            ],
            batch_size=CHUNK,
        )
        for contribution in tallies.contributions(audits=audits).values():
            moved.update(contribution)
        done += len(audits)
        tell(done, total)
    tallies.move(before=Counter(), after=moved)
    record_many(by=by, entries=_entries(plan))
    tell(total, total)


def _entries(plan: _Plan) -> Iterator[Entry]:
    for unit in plan.units.new:
        yield Entry(unit, "opened", values={"name": unit.name, "kind": str(unit.kind)})
    for audit in plan.new:
        values = {"grade": audit.grade, "scheme": audit.scheme_id, "audited_on": audit.audited_on}
        yield Entry(audit, "imported", to_state=AuditStatus.CLOSED, values=values)


def _chunks(items: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    iterator = iter(items)
    while some := list(islice(iterator, size)):
        yield some


# --- the kind of file that the import pages and jobs know ------------------------------------------------------------


def _may(by: Any) -> Decision:
    return can_import(SYSTEM if by is None else by)


def _read(*, data: bytes, filename: str, options: dict[str, Any], on_progress: Progress) -> AuditFile:
    return read_audits(data, filename=filename, today=timezone.localdate(), on_progress=on_progress)


def _check(*, content: AuditFile, options: dict[str, Any], by: Any, on_progress: Progress) -> ImportOutcome:
    return check_audits(file=content, create_units=bool(options.get("create_units")))


def _apply(
    *, content: AuditFile, options: dict[str, Any], by: Any, on_progress: Progress, confirm: int | None
) -> ImportOutcome:
    outcome = apply_audits(
        file=content, create_units=bool(options.get("create_units")), by=SYSTEM if by is None else by,
        on_progress=on_progress,
    )  # fmt: skip
    if outcome.problem:
        raise CannotApply(outcome)
    return outcome


AUDIT_IMPORTER = Importer(kind=KIND, title="Past audits", may=_may, read=_read, check=_check, apply=_apply)
