"""A summary's trend as the p-chart that the reports draw: what it says, the chart, and its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core import spc
from core.charts import control_points
from core.documents import Column, Line, Table
from core.documents.content import Cell
from learning.rules.summaries import read_month
from learning.selectors.widening import TrendMonth

_HEADS = (
    Column("Month"), Column("Audits", "whole"), Column("Good or outstanding", "whole"),
    Column("% good or outstanding", "percent"), Column("% lower limit", "percent"),
    Column("% upper limit", "percent"), Column("Signal"),
)  # fmt: skip


@dataclass(frozen=True)
class ShownTrend:
    """What the trend says, a sentence each, the most telling first; the chart; the same figures as a table."""

    said: tuple[str, ...]
    line: Line
    table: Table


def shown_trend(months: Sequence[TrendMonth], *, target: int) -> ShownTrend | None:
    """The trend of these months, the oldest first; None before the first audit."""
    first = next((place for place, month in enumerate(months) if month.audited), None)
    if first is None:
        return None
    drawn = months[first:]
    days = [read_month(month.month) for month in drawn]
    chart = spc.p_chart(
        [
            spc.Sample(f"{day:%B %Y}", month.good_or_better, month.audited)
            for day, month in zip(days, drawn, strict=True)
        ],
        {place: month.begins for place, month in enumerate(drawn) if month.begins},
    )
    said = tuple(spc.in_words(chart, better="higher"))
    rows = tuple(_row(chart, place, day, drawn[place].percent) for place, day in enumerate(days))
    points = tuple(
        replace(point, label=f"{day:%b %Y}", printed=_HEADS[3].printed(row[3]))
        for point, day, row in zip(control_points(chart), days, rows, strict=True)
    )
    return ShownTrend(
        said,
        Line("Good or outstanding by month", points, target=target, alt=said[0]),
        Table("Good or outstanding by month, with the limits of chance", _HEADS, rows),
    )


def _row(chart: spc.ControlChart, place: int, day: date, printed: int | None) -> tuple[Cell, ...]:
    point = chart.points[place]

    def percent(value: float | None) -> Cell:
        return "-" if value is None else round(100 * value)

    share: Cell = percent(None if point.value is None else float(point.value)) if printed is None else printed
    signal = "yes" if chart.signalled(place) else ""
    count: Cell = point.count if point.n else "-"
    return (f"{day:%B %Y}", point.n, count, share, percent(point.lower), percent(point.upper), signal)
