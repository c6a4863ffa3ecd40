"""The table of indicators: one object that the page, the CSV, the workbook and the command all print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from assurance_clinics.choices import Basis, DefinitionStatus, FigureKind, IndicatorKind, Polarity, ValueSource
from assurance_clinics.models import Comparator, Indicator, IndicatorDefinition, Target, Value
from assurance_clinics.querysets import ValueQuerySet
from assurance_clinics.rules import judging
from assurance_clinics.rules.figures import counts_in_words, marked, unmarked
from assurance_clinics.rules.judging import Aim, Colour, Direction, Meaning

FEWER = "fewer than 5"


@dataclass(frozen=True, slots=True)
class TableCell:
    """One month of one indicator. `printed` is the cell as printed, `shown` the same without the mark of a provisional
    figure, which a page writes itself; `small` says that a small number was hidden."""

    month: date
    kind: str
    value: Decimal | None
    shown: str
    numerator: int | None
    denominator: int | None
    source: str
    provisional: bool
    as_at: date | None = None
    small: bool = False
    printed: str = ""

    @property
    def marked(self) -> str:
        """The cell in a file: as printed, a provisional figure with a mark that the import reads back."""
        return marked(self.printed) if self.provisional and not self.small else self.printed

    @property
    def of(self) -> str:
        """The two counts in words; "" where they are not known or not shown."""
        return "" if self.small else counts_in_words(self.numerator, self.denominator)

    @property
    def figure(self) -> judging.Figure:
        """The cell as it is judged."""
        return judging.Figure(self.kind, self.value, self.numerator, self.denominator)

    @property
    def source_words(self) -> str:
        """Where the figure comes from, in words."""
        return str(ValueSource(self.source).label)


@dataclass(frozen=True, slots=True)
class Break:
    """A month from which another definition holds, and its note."""

    month: date
    note: str


@dataclass(frozen=True)
class TableLine:
    """One indicator over the months of a table; `cells` has one entry a month, None where nothing is held.

    `target` is as printed ("" where there is none). `colour` and `direction` are of the last month of the table.
    """

    key: UUID
    code: str
    section: str
    wording: str
    meaning: Meaning
    unit_of_measure: str
    cells: tuple[TableCell | None, ...]
    target: str
    aim: Aim | None
    colour: Colour
    direction: Direction
    comparators: Mapping[str, str]
    breaks: tuple[Break, ...]

    @property
    def last(self) -> TableCell | None:
        """The cell of the table's last month."""
        return self.cells[-1] if self.cells else None

    @property
    def is_draft(self) -> bool:
        """Whether the definition has not been confirmed."""
        return self.meaning.status == DefinitionStatus.DRAFT

    @property
    def provisional(self) -> tuple[TableCell, ...]:
        """The cells that are provisional."""
        return tuple(cell for cell in self.cells if cell is not None and cell.provisional)

    @property
    def kind_words(self) -> str:
        return str(IndicatorKind(self.meaning.kind).label)

    @property
    def basis_words(self) -> str:
        return str(Basis(self.meaning.basis).label)

    @property
    def polarity_words(self) -> str:
        return str(Polarity(self.meaning.polarity).label)


@dataclass(frozen=True)
class Grid:
    """A table of indicators over the months from the first to the last, for one place."""

    months: tuple[date, ...]
    comparators: tuple[str, ...]
    lines: tuple[TableLine, ...]
    place: str = ""

    @property
    def sections(self) -> list[tuple[str, list[TableLine]]]:
        """The lines by section, in the order in which the sections first stand."""
        found: dict[str, list[TableLine]] = defaultdict(list)
        for line in self.lines:
            found[line.section].append(line)
        return list(found.items())


@dataclass(frozen=True)
class Definitions:
    """What indicators mean, aim at and are compared with: by indicator, oldest first."""

    definitions: Mapping[Any, list[IndicatorDefinition]]
    targets: Mapping[Any, list[Target]]
    comparators: Mapping[Any, list[Comparator]]


def definitions_of(
    definitions: QuerySet[IndicatorDefinition], targets: QuerySet[Target], comparators: QuerySet[Comparator]
) -> Definitions:
    """The definitions, targets and comparators of a reader, ready to be looked up."""
    return Definitions(
        _by_indicator(definitions.order_by("valid_from", "number")),
        _by_indicator(targets.order_by("starts_on")),
        _by_indicator(comparators.order_by("position", "label")),
    )


def _by_indicator(rows: QuerySet[Any]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.indicator_id].append(row)
    return found


def indicator_grid(
    indicators: QuerySet[Indicator],
    values: ValueQuerySet,
    known: Definitions,
    *,
    first: date,
    last: date,
    unit: Any = None,
    worker: Any = None,
    place: str = "",
    show_small: bool = True,
    of_services: ValueQuerySet | None = None,
) -> Grid:
    """The table of one place (a unit, a worker in a team, or the department) over the months `first` to `last`.

    Indicators that have no figure of this place in these months are left out. Unless `show_small`, counts of 1 to 4
    are hidden, and with them what would give one away: of the department also beside the figures of any one service,
    which `of_services` holds. Comparators and targets are the department's.
    """
    months = months_between(first, last)
    # The month before the first is read too, so that a table of one month has a direction.
    start = _month_before(months[0])
    # What may be told of a figure that counts from April depends on every month since.
    rows = list(values.of_place(unit, worker).in_period(start if show_small else _april(start), months[-1]))
    cells: dict[Any, dict[date, TableCell]] = defaultdict(dict)
    kinds = {key: some[-1].kind for key, some in known.definitions.items()}
    summed = {key for key, some in known.definitions.items() if some[-1].basis == Basis.CUMULATIVE}
    hidden: set[UUID] = set()
    if not show_small:
        beside = (of_services, values.of_units()) if unit is None and of_services is not None else ()
        hidden = _hidden(
            rows, *(list(some.in_period(_april(start), last)) for some in beside), kinds=kinds, summed=summed
        )
    for value in rows:
        kind = kinds.get(value.indicator_id, IndicatorKind.NUMBER)
        if value.month >= start:
            cell = cell_of(value, kind, show_small=show_small, hidden=value.pk in hidden)
            cells[value.indicator_id][value.month] = cell
    lines = []
    for indicator in indicators:
        held = cells.get(indicator.pk, {})
        if any(month in held for month in months):
            lines.append(_line(indicator, held, known, months))
    headings = dict.fromkeys(label for line in lines for label in line.comparators)
    return Grid(months, tuple(headings), tuple(lines), place)


def _april(month: date) -> date:
    """The first month of the financial year that a month lies in."""
    return month_after(month, -((month.month - 4) % 12))


def _hidden(
    rows: list[Value], services: Sequence[Value] = (), own: Sequence[Value] = (), *, kinds: Mapping[Any, str],
    summed: Collection[Any],
) -> set[UUID]:  # fmt: skip
    """The keys of the values that are not told to a reader outside the QA unit. `summed` are the indicators that count
    from April; `services` are the figures of every
    service, `own` those of the reader's own units, which are known to them together."""
    parts: dict[tuple[Any, date], dict[Any, judging.Figure]] = defaultdict(dict)
    for value in services:
        parts[value.indicator_id, value.month][value.unit_id] = _figure_of(value)
    mine: dict[tuple[Any, date], list[Value]] = defaultdict(list)
    for value in own:
        mine[value.indicator_id, value.month].append(value)
    for key, some in mine.items():
        parts[key]["your own"] = _together(some)
    by_run: dict[tuple[Any, date], list[Value]] = defaultdict(list)
    for value in sorted(rows, key=lambda value: value.month):
        since = _april(value.month) if value.indicator_id in summed else value.month
        by_run[value.indicator_id, since].append(value)
    found = set()
    for (indicator, _since), run in by_run.items():
        answers = judging.told(
            kinds.get(indicator, IndicatorKind.NUMBER), [_figure_of(value) for value in run],
            [parts[indicator, value.month] for value in run], cumulative=indicator in summed,
        )  # fmt: skip
        found |= {value.pk for value, told in zip(run, answers, strict=True) if not told}
    return found


def _figure_of(value: Value) -> judging.Figure:
    return judging.Figure(value.kind, value.value, value.numerator, value.denominator)


def _together(values: list[Value]) -> judging.Figure:
    """The sum of the figures of some units, none of which lies in another."""
    units = {value.unit_id for value in values}
    top = [value for value in values if value.unit is not None and value.unit.parent_id not in units]
    figures = [_figure_of(value) for value in top if value.kind == FigureKind.NUMBER and value.value is not None]
    counted = all(each.numerator is not None and each.denominator is not None for each in figures)
    return judging.Figure(
        FigureKind.NUMBER,
        sum((each.value or Decimal() for each in figures), Decimal()),
        sum(each.numerator or 0 for each in figures) if counted else None,
        sum(each.denominator or 0 for each in figures) if counted else None,
    )


def cell_of(value: Value, kind: str, *, show_small: bool, hidden: bool = False) -> TableCell:
    """A stored value as it is printed; `hidden` ones as small numbers are."""
    small = hidden or (not show_small and judging.is_small(kind, _figure_of(value)))
    return TableCell(
        month=value.month,
        kind=FigureKind.SUPPRESSED if small else value.kind,
        value=None if small else value.value,
        shown=FEWER if small else unmarked(value.printed) if value.provisional else value.printed,
        numerator=None if small else value.numerator,
        denominator=None if small else value.denominator,
        source=value.source,
        provisional=value.provisional,
        as_at=value.as_at,
        small=small,
        printed=FEWER if small else value.printed,
    )


def _line(indicator: Indicator, held: dict[date, TableCell], known: Definitions, months: tuple[date, ...]) -> TableLine:
    definitions, last = known.definitions.get(indicator.pk, []), months[-1]
    definition = in_force(definitions, last)
    meaning = meaning_of(definition)
    target = target_in_force(known.targets.get(indicator.pk, []), last)
    aim = aim_of(target)
    now, before = held.get(last), held.get(_month_before(last))
    nothing = judging.Figure(FigureKind.BLANK)
    return TableLine(
        key=indicator.pk,
        code=indicator.code or "",
        section=indicator.section,
        wording=indicator.wording,
        meaning=meaning,
        unit_of_measure=definition.unit_of_measure if definition else "",
        cells=tuple(held.get(month) for month in months),
        target=target.printed if target else "",
        aim=aim,
        colour=judging.colour(now.figure if now else nothing, aim, meaning),
        direction=judging.direction(
            before.figure if before else None,
            now.figure if now else nothing,
            meaning,
            month=last,
            changed_definition=definition is not in_force(definitions, _month_before(last)),
            aim=aim,
        ),
        comparators={one.label: one.printed for one in known.comparators.get(indicator.pk, [])},
        breaks=breaks_of(definitions, months),
    )


def breaks_of(definitions: list[IndicatorDefinition], months: Iterable[date]) -> tuple[Break, ...]:
    """The months, of those given, from which a later definition holds."""
    later = {one.valid_from.replace(day=1): one.note or "The definition changed." for one in definitions[1:]}
    return tuple(Break(month, later[month]) for month in months if month in later)


def in_force(definitions: list[IndicatorDefinition], month: date) -> IndicatorDefinition | None:
    """The definition that holds in a month: the latest that began by its end, else the first."""
    begun = [one for one in definitions if one.valid_from.replace(day=1) <= month]
    return begun[-1] if begun else (definitions[0] if definitions else None)


def target_in_force(targets: list[Target], month: date) -> Target | None:
    """The target that holds in a month; None where none had begun."""
    begun = [one for one in targets if one.starts_on.replace(day=1) <= month]
    return begun[-1] if begun else None


def meaning_of(definition: IndicatorDefinition | None) -> Meaning:
    """What a figure is judged by."""
    if definition is None:
        return Meaning(IndicatorKind.NUMBER, Basis.IN_MONTH, Polarity.NONE, DefinitionStatus.DRAFT)
    return Meaning(definition.kind, definition.basis, definition.polarity, definition.status)


def aim_of(target: Target | None) -> Aim | None:
    """A stored target as it is judged; None where there is none or it is no number."""
    if target is None or target.value is None:
        return None
    return Aim(target.value, target.upper, target.tolerance, target.annual)


def months_between(first: date, last: date) -> tuple[date, ...]:
    """The first days of the months from `first` to `last`. Raises ValueError where the first lies after the last."""
    first, last = first.replace(day=1), last.replace(day=1)
    if first > last:
        raise ValueError("The first month lies after the last.")
    count = (last.year - first.year) * 12 + last.month - first.month
    return tuple(month_after(first, steps) for steps in range(count + 1))


def month_after(month: date, steps: int) -> date:
    """The first day of the month `steps` months later (earlier where negative)."""
    number = month.year * 12 + month.month - 1 + steps
    return date(number // 12, number % 12 + 1, 1)


def _month_before(month: date) -> date:
    return month_after(month, -1)


def months_held(values: ValueQuerySet) -> tuple[date, date] | None:
    """The first and the last month of which these values hold anything; None where they hold nothing."""
    found = values.aggregate(first=Min("month"), last=Max("month"))
    return None if found["first"] is None else (found["first"], found["last"])
