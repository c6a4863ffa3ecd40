"""Whether an indicator moves by more than chance: its control chart, and what that says in words."""

from __future__ import annotations

from dataclasses import dataclass

from assurance_clinics.choices import Basis, FigureKind, IndicatorKind, Polarity
from assurance_clinics.selectors.tables import TableCell, TableLine
from core import spc

NOT_FOR = {
    Basis.CUMULATIVE: "No control limits: the count runs from April, so each figure holds the ones before it.",
    Basis.ROLLING_12: "No control limits: each figure covers 12 months and shares 11 of them with the one before.",
}


@dataclass(frozen=True)
class Trend:
    """A control chart (None where none is honest) and its sentences; `kind` is the kind of chart in words, `signals`
    are the sentences of the signals alone: none where nothing moved by more than chance."""

    chart: spc.ControlChart | None
    sentences: tuple[str, ...]
    kind: str = ""
    signals: tuple[str, ...] = ()


def trend_of(line: TableLine) -> Trend:
    """The control chart of a line of the table: of a share with its counts a p-chart, whose limits widen where few are
    counted; of any other figure an individuals (XmR) chart. A change of definition begins a new phase. There are no
    limits for figures that overlap: sums since April, and rolling 12 months."""
    if line.meaning.basis in NOT_FOR:
        return Trend(None, (NOT_FOR[Basis(line.meaning.basis)],))
    changed = {one.month: one.note for one in line.breaks}
    months = _months(line)
    breaks = {place: changed[cell.month] for place, cell in enumerate(months) if cell.month in changed}
    better = {Polarity.HIGHER: "higher", Polarity.LOWER: "lower"}.get(Polarity(line.meaning.polarity), "")
    if line.meaning.kind == IndicatorKind.PERCENTAGE and _counted(months):
        samples = [spc.Sample(_label(cell), cell.numerator or 0, cell.denominator or 0) for cell in months]
        chart, unit, kind = spc.p_chart(samples, breaks), "case", "p-chart: limits widen where few are counted"
    else:
        values = [(_label(cell), cell.value if cell.kind == FigureKind.NUMBER else None) for cell in months]
        chart, unit, kind = spc.individuals_chart(values, breaks), "figure", "individuals (XmR) chart"
    signals = tuple(spc.say(chart, signal, better=better) for signal in spc.signals_now(chart))
    return Trend(chart, tuple(spc.in_words(chart, unit=unit, better=better)), kind, signals)


def _months(line: TableLine) -> list[TableCell]:
    """The months from the first that has a figure on; a later one without has none."""
    return [cell for cell in line.cells if cell is not None]


def _counted(cells: list[TableCell]) -> bool:
    """Whether every number comes with its counts, and nothing is counted twice."""
    numbers = [cell for cell in cells if cell.kind == FigureKind.NUMBER]
    return bool(numbers) and all(
        cell.numerator is not None and cell.denominator is not None and cell.numerator <= cell.denominator
        for cell in numbers
    )


def _label(cell: TableCell) -> str:
    return f"{cell.month:%b %Y}"
