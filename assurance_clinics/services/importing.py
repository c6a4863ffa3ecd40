"""Bringing a table of indicators in, as councils print it: all of it in one transaction or none of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import SYSTEM, Actor, Decision, must
from accounts.choices import UnitKind
from accounts.models import OrgUnit, name_key
from assurance_clinics.access import can_import_indicators
from assurance_clinics.choices import FigureKind, ValueSource
from assurance_clinics.models import Comparator, Indicator, IndicatorDefinition, Target, Value, wording_key
from assurance_clinics.readers.table import (
    LIST,
    IndicatorTable,
    TableRow,
    comparator_kind,
    print_month,
    read_indicator_table,
)
from assurance_clinics.rules.figures import Cell, guess_basis, guess_polarity, unit_of
from core.history.services import Entry, record_many
from core.jobs.services import CannotApply, Importer, ImportOutcome
from core.spreadsheets import Fault

KIND = "indicators"
REPLACE = "create_units"
"""The option under which the import pages keep their one yes-or-no question; here it asks whether to replace."""
CHUNK = 2000
MAY_BE_FILLED = (FigureKind.BLANK, FigureKind.TO_BE_CONFIRMED)
"""What a later table may replace without being told to: nothing had been said yet."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class TableRead:
    """A table as its bytes, until the definitions that it is read with are known."""

    data: bytes
    filename: str


@dataclass
class _Plan:
    """What applying a table would write."""

    table: IndicatorTable
    refusals: list[Fault]
    warnings: list[Fault]
    new: list[tuple[Indicator, IndicatorDefinition]] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    changed_values: list[Value] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    comparators: list[Comparator] = field(default_factory=list)
    changed_comparators: list[Comparator] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    changed: int = 0

    @property
    def outcome(self) -> ImportOutcome:
        rejected = len(self.refusals)
        counts = {
            "rows_in": self.table.rows_in, "accepted": self.table.rows_in - rejected, "rejected": rejected,
            "new": len(self.new), "changed": self.changed, "closed": 0,
            "values": len(self.values) + len(self.changed_values), "repeated": self.table.repeats,
        }  # fmt: skip
        problem = "" if counts["accepted"] else "No row of the file was accepted, so there is nothing to apply."
        return ImportOutcome(counts, tuple(self.refusals), tuple(self.warnings), problem=problem)


def import_indicators(
    *,
    data: bytes,
    filename: str,
    by: Actor,
    replace_values: bool = False,
    apply: bool = False,
    on_progress: Progress | None = None,
) -> ImportOutcome:
    """Read a table of indicators and say what it changes; with `apply`, change it.

    A row whose figures differ from those that are held is refused unless `replace_values`. The outcome's counts are
    rows_in, accepted, rejected and repeated (rows), new and changed (indicators), values (figures written).

    Raises UnreadableFile where the file cannot be read, NotAllowed where `by` may not import, and CannotApply (with the
    outcome; nothing is written) where no row was accepted.
    """
    must(can_import_indicators(by))
    read = TableRead(data, filename)
    if not apply:
        return _plan(read=read, replace_values=replace_values, on_progress=on_progress).outcome
    with transaction.atomic():
        return apply_indicators(read=read, replace_values=replace_values, by=by, on_progress=on_progress)


def apply_indicators(
    *, read: TableRead, replace_values: bool, by: Actor, on_progress: Progress | None = None
) -> ImportOutcome:
    """Apply a table inside the transaction that the caller has opened; history comes last.

    Raises UnreadableFile, NotAllowed and CannotApply as import_indicators does.
    """
    must(can_import_indicators(by))
    plan = _plan(read=read, replace_values=replace_values, on_progress=on_progress)
    outcome = plan.outcome
    if outcome.problem:
        raise CannotApply(outcome)
    Indicator.objects.bulk_create([indicator for indicator, _definition in plan.new])
    IndicatorDefinition.objects.bulk_create([definition for _indicator, definition in plan.new])
    Value.objects.bulk_create(plan.values, batch_size=CHUNK)
    figure = ["kind", "value", "printed"]
    told = ["numerator", "denominator", "provisional", "source", "extract", "as_at"]
    Value.objects.bulk_update(plan.changed_values, [*figure, *told], batch_size=CHUNK)
    for target in plan.targets:
        target.save()
    Comparator.objects.bulk_create(plan.comparators, batch_size=CHUNK)
    Comparator.objects.bulk_update(plan.changed_comparators, figure, batch_size=CHUNK)
    record_many(by=by, entries=plan.entries)
    return outcome


class _Held:
    """What is held of the indicators that a table names."""

    def __init__(self, table: IndicatorTable) -> None:
        keys = {wording_key(row.wording) for row in table.rows}
        self.indicators = {one.wording_key: one for one in Indicator.objects.filter(wording_key__in=keys)}
        found = list(self.indicators.values())
        self.values = {
            (value.indicator_id, value.unit_id, value.month): value
            for value in Value.objects.filter(indicator__in=found, worker=None)
        }
        self.targets: dict[Any, list[Target]] = {}
        for target in Target.objects.filter(indicator__in=found).order_by("starts_on"):
            self.targets.setdefault(target.indicator_id, []).append(target)
        self.comparators = {
            (one.indicator_id, one.label): one for one in Comparator.objects.filter(indicator__in=found)
        }
        self.units: dict[str, list[OrgUnit]] = {}
        if any(row.place for row in table.rows):
            for unit in OrgUnit.objects.open_on(timezone.localdate()).exclude(kind=UnitKind.DIRECTORATE):
                self.units.setdefault(unit.name_key, []).append(unit)


def _plan(*, read: TableRead, replace_values: bool, on_progress: Progress | None) -> _Plan:
    table = read_indicator_table(
        read.data, filename=read.filename, today=timezone.localdate(), kinds=_known_kinds(), on_progress=on_progress
    )
    plan = _Plan(table, list(table.refusals), list(table.warnings))
    held = _Held(table)
    position = Indicator.objects.count()
    for row in table.rows:
        _plan_row(plan, held, row, replace_values, position + row.row)
    plan.refusals.sort(key=lambda fault: fault.row or 0)
    plan.warnings.sort(key=lambda fault: fault.row or 0)
    return plan


def _known_kinds() -> dict[str, str]:
    """The kind of each indicator that is defined, by its folded wording; the latest definition's."""
    definitions = IndicatorDefinition.objects.order_by("valid_from")
    return dict(definitions.values_list("indicator__wording_key", "kind"))


def _plan_row(plan: _Plan, held: _Held, row: TableRow, replace_values: bool, position: int) -> None:
    unit, reason = _unit(held, row.place)
    if reason:
        plan.refusals.append(Fault(LIST, row.row, "Service", row.place, reason))
        return
    key = wording_key(row.wording)
    indicator = held.indicators.get(key)
    is_new = indicator is None
    if indicator is None:
        indicator = Indicator(
            wording=row.wording, wording_key=key, section=row.section, position=position
        )  # bulk_create does not call save(), which sets the key otherwise
    months = _months_to_write(held, indicator, unit, row)
    conflicts = [
        (value, cell) for value, cell in months if value.kind not in MAY_BE_FILLED and not cell.same_as(_cell_of(value))
    ]
    target, target_conflict = _target(held, indicator, row)
    if (conflicts or target_conflict) and not replace_values:
        plan.refusals.append(_conflict(row, conflicts, target_conflict))
        return
    if is_new:
        _draft(plan, held, indicator, row)
    before = len(plan.values) + len(plan.changed_values) + len(plan.comparators) + len(plan.changed_comparators)
    restated = []
    for value, cell in months:
        restated.append([value.month.isoformat(), _cell_of(value).words, cell.words])
        value.kind, value.value, value.printed = cell.kind, cell.value, cell.printed
        value.source, value.numerator, value.denominator = ValueSource.IMPORTED, cell.numerator, cell.denominator
        value.provisional, value.extract, value.as_at = cell.provisional, None, None
        plan.changed_values.append(value)
    plan.values += _new_values(held, indicator, unit, row)
    _plan_comparators(plan, held, indicator, row)
    if target is not None:
        plan.targets.append(target)
    after = len(plan.values) + len(plan.changed_values) + len(plan.comparators) + len(plan.changed_comparators)
    if after == before and target is None:
        return
    plan.changed += not is_new
    values: dict[str, Any] = {"source": "table", "place": row.place, "figures": after - before}
    if restated:
        values["restated"] = restated
    plan.entries.append(Entry(indicator, "figures imported", values=values))


def _unit(held: _Held, place: str) -> tuple[OrgUnit | None, str]:
    """(unit, reason): the service or team that a row names; (None, "") for the department."""
    if not place:
        return None, ""
    found = held.units.get(name_key(place), [])
    if len(found) == 1:
        return found[0], ""
    if not found:
        return None, "There is no service or team of this name. Correct the name, or open the unit first."
    return None, "More than one service or team has this name, so it is not clear which is meant."


def _draft(plan: _Plan, held: _Held, indicator: Indicator, row: TableRow) -> None:
    """A draft definition of a new indicator: what its wording and its cells say, to be corrected."""
    definition = IndicatorDefinition(
        indicator=indicator, valid_from=min(plan.table.months), kind=row.kind, unit_of_measure=unit_of(row.kind),
        basis=guess_basis(row.wording), polarity=guess_polarity(row.wording), source="Imported table",
    )  # fmt: skip
    held.indicators[indicator.wording_key] = indicator
    plan.new.append((indicator, definition))
    plan.entries.append(
        Entry(indicator, "drafted", to_state=definition.status, values={"wording": row.wording, "kind": str(row.kind)})
    )
    reason = (
        f"New: a draft definition. It was taken as: {definition.get_kind_display().lower()} "
        f"({definition.unit_of_measure}), {definition.get_basis_display().lower()}. Check it."
    )
    plan.warnings.append(Fault(LIST, row.row, "Indicator", row.wording[:200], reason))


def _months_to_write(
    held: _Held, indicator: Indicator, unit: OrgUnit | None, row: TableRow
) -> list[tuple[Value, Cell]]:
    """The held values that the row says otherwise, with counts that were not known, or as final (or provisional) where
    they were not, each with its cell. A blank cell says nothing of a held value, and only a computed figure's own
    extract makes it final."""
    found: list[tuple[Value, Cell]] = []
    for month, cell in row.months.items():
        value = held.values.get((indicator.pk, unit.pk if unit else None, month))
        if value is None or cell.kind == FigureKind.BLANK:
            continue
        before = _cell_of(value)
        is_settled = value.source != ValueSource.COMPUTED and cell.provisional != value.provisional
        if not cell.same_as(before) or (cell.has_counts and not before.has_counts) or is_settled:
            found.append((value, cell))
    return found


def _cell_of(value: Value) -> Cell:
    return Cell(
        FigureKind(value.kind), value.value, value.printed, value.numerator, value.denominator, value.provisional
    )


def _new_values(held: _Held, indicator: Indicator, unit: OrgUnit | None, row: TableRow) -> Iterable[Value]:
    for month, cell in row.months.items():
        if (indicator.pk, unit.pk if unit else None, month) not in held.values:
            yield Value(
                indicator=indicator, unit=unit, month=month, basis=guess_basis(row.wording), kind=cell.kind,
                value=cell.value, printed=cell.printed, numerator=cell.numerator, denominator=cell.denominator,
                provisional=cell.provisional, source=ValueSource.IMPORTED,
            )  # fmt: skip


def _target(held: _Held, indicator: Indicator, row: TableRow) -> tuple[Target | None, Target | None]:
    """(target to save, target that it would overwrite): what the row's Target cell means for the targets held.

    The first target holds from the first month of the table; a changed one from its last month.
    """
    if not row.target.printed:
        return None, None
    first, last = min(row.months), max(row.months)
    in_force = [target for target in held.targets.get(indicator.pk, ()) if target.starts_on <= last]
    cell = {"kind": row.target.kind, "value": row.target.value, "printed": row.target.printed}
    if not in_force:
        return Target(indicator=indicator, starts_on=first, **cell), None
    present = in_force[-1]
    if row.target.kind == FigureKind.BLANK or row.target.same_as(Cell(FigureKind(present.kind), present.value)):
        return None, None
    if present.starts_on < last:
        return Target(indicator=indicator, starts_on=last, tolerance=present.tolerance, **cell), None
    held_as = _as_held(present)
    present.kind, present.value, present.printed = row.target.kind, row.target.value, row.target.printed
    return present, held_as


def _as_held(target: Target) -> Target:
    """A copy of a target as it is held, to name it in a refusal."""
    return Target(kind=target.kind, value=target.value, printed=target.printed, starts_on=target.starts_on)


def _conflict(row: TableRow, conflicts: list[tuple[Value, Cell]], target: Target | None) -> Fault:
    said = [
        f"{print_month(value.month)} is held as {_cell_of(value).words if value.printed else value.get_kind_display()} "
        f"({value.get_source_display().lower()}) and is {cell.words} here"
        for value, cell in conflicts
    ]
    column = print_month(conflicts[0][0].month) if conflicts else "Target"
    printed = conflicts[0][1].printed if conflicts else row.target.printed
    if target is not None:
        said.append(f"the target from {target.starts_on:%B %Y} is held as {target.printed} and is {printed} here")
    more = f", and {len(said) - 3} more" if len(said) > 3 else ""
    reason = f"Other figures are held already: {'; '.join(said[:3])}{more}. Choose “replace” if this file is right."
    return Fault(LIST, row.row, column, printed, reason)


def _plan_comparators(plan: _Plan, held: _Held, indicator: Indicator, row: TableRow) -> None:
    for position, (heading, cell) in enumerate(row.comparators.items()):
        if not cell.printed:
            continue
        present = held.comparators.get((indicator.pk, heading))
        if present is None:
            made = Comparator(
                indicator=indicator, label=heading[:80], compared_with=comparator_kind(heading), position=position,
                kind=cell.kind, value=cell.value, printed=cell.printed, release="Imported table",
            )  # fmt: skip
            held.comparators[indicator.pk, heading] = made
            plan.comparators.append(made)
        elif not cell.same_as(Cell(FigureKind(present.kind), present.value)):
            reason = f"The comparator was held as {present.printed}, and becomes {cell.printed}."
            plan.warnings.append(Fault(LIST, row.row, heading, cell.printed, reason))
            present.kind, present.value, present.printed = cell.kind, cell.value, cell.printed
            plan.changed_comparators.append(present)


# --- the kind of file that the import pages and jobs know ------------------------------------------------------------


def _actor(by: Any) -> Actor:
    return SYSTEM if by is None else by


def _may(by: Any) -> Decision:
    return can_import_indicators(_actor(by))


def _read(*, data: bytes, filename: str, options: dict[str, Any], on_progress: Progress) -> TableRead:
    read_indicator_table(data, filename=filename, today=dt.date.max, on_progress=on_progress)
    return TableRead(data, filename)


def _check(*, content: TableRead, options: dict[str, Any], by: Any, on_progress: Progress) -> ImportOutcome:
    return _plan(read=content, replace_values=bool(options.get(REPLACE)), on_progress=on_progress).outcome


def _apply(
    *, content: TableRead, options: dict[str, Any], by: Any, on_progress: Progress, confirm: int | None
) -> ImportOutcome:
    return apply_indicators(
        read=content, replace_values=bool(options.get(REPLACE)), by=_actor(by), on_progress=on_progress
    )


INDICATOR_IMPORTER = Importer(
    kind=KIND,
    title="Indicators",
    may=_may,
    read=_read,
    check=_check,
    apply=_apply,
    noun="indicators",
    intro=(
        "Give a table of indicators as CSV or Excel: Section, Indicator, a column for each month (Aug-24), Target, any "
        "comparators, and where you have them the counts (Aug-24 numerator, Aug-24 denominator). You see what it would "
        "change before anything is changed."
    ),
    units_label="Put the file's figures in place of those that are held, where the two differ",
    units_help="Without this, a row with other figures than those held is refused.",
)
