"""Control charts: whether a run of figures moves by more than chance, and what to say of it in words.

A share of a sample is a p-chart: its limits lie three standard deviations from the average of the whole phase, and
widen where the sample is small. A figure without a sample is an individuals chart, whose spread is taken from the
moving ranges. Four signals are called, those of the NHS's "Making data count": a point outside the limits, seven in a
row on one side of the average, seven in a row rising or falling, two of three near the same limit. A break (a new
definition, a new audit tool) ends one phase and begins another: each has its own average and limits, and no signal
reaches across. A period without a sample is left out: it neither makes a run nor ends one. All comparisons are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby, pairwise
from math import sqrt

IN_A_ROW = 7  # points on one side of the average, or rising, or falling
FEWEST = 10  # points that a phase needs before it has limits: fewer cannot tell a change from chance
_LIMIT, _NEAR = 3, 2  # standard deviations from the average to a limit, and to where a point is near it
_D2 = Fraction(1128, 1000)  # the expected range of two values of a normal distribution with standard deviation 1


class SignalKind(StrEnum):
    """Why a chart says that something other than chance is at work."""

    OUTSIDE = "outside"
    ONE_SIDE = "one_side"
    TREND = "trend"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Sample:
    """One period as counted: its label ("May 2026"), how many of how many. n = 0 is a period without figures."""

    label: str
    count: int
    n: int


@dataclass(frozen=True, slots=True)
class ControlPoint:
    """One period on a chart: its value (None where there is none), its n (0 where values have no sample), and the
    average and limits of its phase (None where the phase is too short to have limits)."""

    label: str
    value: Fraction | None
    count: int
    n: int
    centre: Fraction | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """Points `first` to `last` (places in the chart) that chance alone would seldom give. `high` says on which side, or
    of a trend that it rises."""

    kind: SignalKind
    first: int
    last: int
    high: bool


@dataclass(frozen=True, slots=True)
class Phase:
    """The points `first` to `last` that share one definition. `why` is the break that it begins with, "" for the first.
    `enough` says whether it is long enough for limits."""

    first: int
    last: int
    why: str
    centre: Fraction | None
    enough: bool


@dataclass(frozen=True, slots=True)
class ControlChart:
    """A chart as computed: every period in order, the phases, and the signals in the order of their last points."""

    points: tuple[ControlPoint, ...]
    phases: tuple[Phase, ...]
    signals: tuple[Signal, ...]

    def signalled(self, place: int) -> bool:
        """Whether the point at this place is part of a signal."""
        return any(signal.first <= place <= signal.last for signal in self.signals) and (
            self.points[place].value is not None
        )


def p_chart(samples: Sequence[Sample], breaks: Mapping[int, str] | None = None) -> ControlChart:
    """The p-chart of shares: limits at the average plus and minus 3 * sqrt(average * (1 - average) / n) for each n.

    `breaks` maps the place of the first sample of a new phase to why it begins. Raises ValueError where a count is not
    between 0 and its n.
    """
    for sample in samples:
        if not 0 <= sample.count <= sample.n:
            raise ValueError(f"{sample.count} of {sample.n} is not a share.")
    points: list[ControlPoint] = []
    phases: list[Phase] = []
    signals: list[Signal] = []
    for first, last, why in _phases(len(samples), breaks or {}):
        part = samples[first : last + 1]
        n = sum(sample.n for sample in part)
        centre = Fraction(sum(sample.count for sample in part), n) if n else None
        enough = sum(1 for sample in part if sample.n) >= FEWEST
        judged: list[_Judged] = []
        for place, sample in enumerate(part, start=first):
            value = Fraction(sample.count, sample.n) if sample.n else None
            lower = upper = None
            if centre is not None and value is not None and enough:
                variance = centre * (1 - centre) / sample.n
                judged.append(_Judged(place, value, centre, variance))
                half = _LIMIT * sqrt(variance)
                lower, upper = max(0.0, float(centre) - half), min(1.0, float(centre) + half)
            points.append(ControlPoint(sample.label, value, sample.count, sample.n, centre, lower, upper))
        phases.append(Phase(first, last, why, centre, enough))
        signals += _signals(judged)
    return ControlChart(tuple(points), tuple(phases), tuple(signals))


def individuals_chart(
    values: Sequence[tuple[str, Decimal | Fraction | int | None]], breaks: Mapping[int, str] | None = None
) -> ControlChart:
    """The individuals (XmR) chart of figures without a sample, as (label, value): limits at the average plus and minus
    three times the average moving range over 1.128. A value of None is a period without a figure."""
    points: list[ControlPoint] = []
    phases: list[Phase] = []
    signals: list[Signal] = []
    for first, last, why in _phases(len(values), breaks or {}):
        part = [(label, None if value is None else Fraction(value)) for label, value in values[first : last + 1]]
        known = [value for _, value in part if value is not None]
        centre = sum(known, Fraction(0)) / len(known) if known else None
        enough = len(known) >= FEWEST
        lower = upper = None
        judged: list[_Judged] = []
        if centre is not None and enough:
            ranges = [abs(after - before) for before, after in pairwise(known)]
            spread = sum(ranges, Fraction(0)) / len(ranges) / _D2
            half = _LIMIT * float(spread)
            lower, upper = float(centre) - half, float(centre) + half
            judged = [
                _Judged(place, value, centre, spread * spread)
                for place, (_, value) in enumerate(part, start=first)
                if value is not None
            ]
        points += [
            ControlPoint(label, value, 0, 0, centre, *((lower, upper) if value is not None else (None, None)))
            for label, value in part
        ]
        phases.append(Phase(first, last, why, centre, enough))
        signals += _signals(judged)
    return ControlChart(tuple(points), tuple(phases), tuple(signals))


# --- signals -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Judged:
    """A point with a value, as the rules look at it."""

    place: int
    value: Fraction
    centre: Fraction
    variance: Fraction

    @property
    def side(self) -> int:
        """1 above the average, -1 below, 0 on it."""
        return (self.value > self.centre) - (self.value < self.centre)

    def beyond(self, deviations: int) -> bool:
        """Whether it lies further from the average than so many standard deviations."""
        return (self.value - self.centre) ** 2 > deviations**2 * self.variance


def _phases(count: int, breaks: Mapping[int, str]) -> Iterator[tuple[int, int, str]]:
    starts = sorted({0, *(place for place in breaks if 0 < place < count)})
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else count
        if end > start:
            yield start, end - 1, breaks.get(start, "") if start else ""


def _signals(points: Sequence[_Judged]) -> list[Signal]:
    found = [*outside(points), *one_side(points), *trend(points), *near(points)]
    return sorted(found, key=lambda signal: (signal.last, list(SignalKind).index(signal.kind)))


def outside(points: Sequence[_Judged]) -> Iterator[Signal]:
    """A point outside the limits is a signal."""
    for point in points:
        if point.beyond(_LIMIT):
            yield Signal(SignalKind.OUTSIDE, point.place, point.place, point.side > 0)


def one_side(points: Sequence[_Judged]) -> Iterator[Signal]:
    """Seven points in a row on one side of the average are a signal; a point on the average ends the row."""
    for side, group in groupby(points, key=lambda point: point.side):
        row = list(group)
        if side and len(row) >= IN_A_ROW:
            yield Signal(SignalKind.ONE_SIDE, row[0].place, row[-1].place, side > 0)


def trend(points: Sequence[_Judged]) -> Iterator[Signal]:
    """Seven points in a row of which each is higher than the one before, or each lower, are a signal."""
    steps = [
        (place, (after.value > before.value) - (after.value < before.value))
        for place, (before, after) in enumerate(pairwise(points))
    ]
    for way, group in groupby(steps, key=lambda step: step[1]):
        row = list(group)
        if way and len(row) + 1 >= IN_A_ROW:
            yield Signal(SignalKind.TREND, points[row[0][0]].place, points[row[-1][0] + 1].place, way > 0)


def near(points: Sequence[_Judged]) -> Iterator[Signal]:
    """Two of three points in a row in the outer third of the way to the same limit, or beyond it, are a signal."""
    for side in (1, -1):
        close = [point.side == side and point.beyond(_NEAR) for point in points]
        run: tuple[int, int] | None = None
        for end in range(len(points)):
            marked = [place for place in range(max(0, end - 2), end + 1) if close[place]]
            if not close[end] or len(marked) < 2:
                continue
            if run and marked[0] <= run[1]:
                run = (run[0], end)
            else:
                if run:
                    yield Signal(SignalKind.NEAR, points[run[0]].place, points[run[1]].place, side > 0)
                run = (marked[0], end)
        if run:
            yield Signal(SignalKind.NEAR, points[run[0]].place, points[run[1]].place, side > 0)


# --- words ---------------------------------------------------------------------------------------------------------


def in_words(chart: ControlChart, *, unit: str = "audit", period: str = "month", better: str = "") -> list[str]:
    """What the chart says, a sentence each, the newest first: the signals of the phase that is under way, or that there
    is no clear change; then breaks.

    `unit` names one thing counted and `period` one point; `better` is "higher" or "lower" where one of them is.
    """
    if not any(point.value is not None for point in chart.points):
        return [f"No {unit}s in this time."]
    phase = chart.phases[-1]
    now = chart.points[-1]
    last = f"{_counted(now.n, unit)} in {now.label}" if now.n or now.value is None else ""
    since = chart.points[phase.first].label
    ours = signals_now(chart)
    if not phase.enough:
        said = [
            f"Too few {period}s since {since} to tell a change from chance: {FEWEST} with {unit}s are needed"
            f"{'; ' + last if last else ''}."
        ]
    elif not ours:
        said = [f"No clear change since {since}{'; ' + last if last else ''}."]
    else:
        said = [say(chart, signal, period=period, better=better) for signal in ours]
        if last:
            said.append(f"{last[0].upper()}{last[1:]}.")
    said += [
        f"{chart.points[each.first].label}: {each.why}. Figures before and after are not compared."
        for each in reversed(chart.phases)
        if each.why
    ]
    return said


def signals_now(chart: ControlChart) -> list[Signal]:
    """The signals of the phase that is under way, the newest first."""
    if not chart.phases:
        return []
    first = chart.phases[-1].first
    return [signal for signal in reversed(chart.signals) if signal.first >= first]


def say(chart: ControlChart, signal: Signal, *, period: str = "month", better: str = "") -> str:
    """One signal as a sentence."""
    first, last = chart.points[signal.first], chart.points[signal.last]
    number = sum(1 for point in chart.points[signal.first : signal.last + 1] if point.value is not None)
    span = f"{first.label} to {last.label}"
    meaning = _meaning(signal.high, better)
    limit = "upper" if signal.high else "lower"
    match signal.kind:
        case SignalKind.OUTSIDE:
            share = f" ({last.count:,} of {last.n:,})" if last.n else ""
            words = f"{last.label}{share} lies {'above the upper' if signal.high else 'below the lower'} limit"
        case SignalKind.ONE_SIDE:
            words = f"{number} {period}s in a row {'above' if signal.high else 'below'} the average, {span}"
        case SignalKind.TREND:
            words = f"{number} {period}s in a row {'rising' if signal.high else 'falling'}, {span}"
        case SignalKind.NEAR:
            words = f"{period.capitalize()}s near the {limit} limit, at least 2 of 3 in a row, {span}"
    return f"{words}: {meaning} than chance alone would give." if meaning else f"{words}: more than chance alone."


def _meaning(high: bool, better: str) -> str:
    if better not in ("higher", "lower"):
        return ""
    return "better" if high == (better == "higher") else "worse"


def _counted(n: int, unit: str) -> str:
    return f"{n:,} {unit}{'' if n == 1 else 's'}" if n else f"no {unit}s"
