"""Charts drawn by the server as SVG: no script, no style attribute, every text escaped.

Horizontal places are percentages and type is in pixels, so a chart fills whatever width it is given and its
words keep their size on a phone. Colours are classes that the style sheet fills, so that dark mode, forced
colours and paper hold. Every chart says its figures in words (`<title>` and `<desc>`); the page that shows
one prints the same figures as a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.spc import ControlChart

FONT = "Source Sans 3, system-ui, Arial, sans-serif"

# The narrowest bar that a page draws, in pixels: what is left of 320 beside the margins and the row's n.
# Whether a number fits on its part of a bar is decided for that width.
NARROWEST = 230
NARROWEST_PAGE = 290
_DIGIT = 8.5
_PADDING = 5


@dataclass(frozen=True)
class Series:
    """One part of a stacked bar: the key of its count, its words, and its class."""

    key: str
    label: str
    css: str


GRADES = (
    Series("outstanding", "Outstanding", "outstanding"),
    Series("good", "Good", "good"),
    Series("requires_improvement", "Requires improvement", "requires-improvement"),
    Series("inadequate", "Inadequate", "inadequate"),
)


@dataclass(frozen=True)
class BarRow:
    """One bar: its label, a count for each series key (a missing key is 0), and where it leads."""

    label: str
    counts: Mapping[str, int]
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Point:
    """One point of a line: its label, its value in percent (None where n is 0), its n, and control limits.

    `centre` is the average of its phase, `signal` whether it is part of a signal, and `breaks` whether a new phase
    begins with it: a line is drawn before it, and none leads to it. `printed` is the value as the page's table prints
    it, where that is not the value itself.
    """

    label: str
    value: float | None
    n: int = 0
    lower: float | None = None
    upper: float | None = None
    centre: float | None = None
    signal: bool = False
    breaks: bool = False
    printed: str = ""

    @property
    def said(self) -> str:
        """The value in words, as every table prints it; "-" where there is none."""
        return "-" if self.value is None else self.printed or _said(self.value)

    @property
    def outside(self) -> bool:
        """True where the value lies outside the control limits."""
        if self.value is None:
            return False
        return (self.lower is not None and self.value < self.lower) or (
            self.upper is not None and self.value > self.upper
        )


def control_points(chart: ControlChart) -> list[Point]:
    """The points of a control chart of shares, in percent."""

    def scaled(number: float | Fraction | None) -> float | None:
        return None if number is None else round(100 * float(number), 2)

    begins = {phase.first for phase in chart.phases if phase.why}
    return [
        Point(
            point.label,
            scaled(point.value),
            point.n,
            scaled(point.lower),
            scaled(point.upper),
            scaled(point.centre),
            chart.signalled(place),
            place in begins,
        )
        for place, point in enumerate(chart.points)
    ]


def stacked_bars(
    rows: Sequence[BarRow], *, series: Sequence[Series] = GRADES, unit: str = "audit", empty: str = "Nothing to show"
) -> SafeString:
    """Bars of counts, one small SVG a row, with a legend; each bar is the whole of its row.

    The number of each part stands on it, or just below it where the part is too narrow; n stands at the end.
    `unit` names one thing counted. No rows gives a paragraph with `empty`.
    """
    if not rows:
        return format_html('<p class="govuk-body">{}</p>', empty)
    legend = format_html_join(
        "", '<li class="chart-legend__item grade-{}">{}</li>', ((each.css, each.label) for each in series)
    )
    body = format_html_join("", "{}", ((_bar_row(row, series, unit),) for row in rows))
    return format_html('<ul class="chart-legend">{}</ul><ul class="chart-rows">{}</ul>', legend, body)


def _bar_row(row: BarRow, series: Sequence[Series], unit: str) -> SafeString:
    label = format_html('<a class="govuk-link" href="{}">{}</a>', row.href, row.label) if row.href else row.label
    note = format_html(' <span class="chart-row__note">{}</span>', row.note) if row.note else ""
    total = sum(row.counts.get(each.key, 0) for each in series)
    return format_html(
        '<li class="chart-row"><span class="chart-row__label">{}{}</span>'
        '<span class="chart-row__bar">{}</span><span class="chart-row__n">n={}</span></li>',
        label,
        note,
        bar(row, series=series, unit=unit),
        total,
    )


def bar(row: BarRow, *, series: Sequence[Series] = GRADES, unit: str = "audit") -> SafeString:
    """One stacked bar as an SVG of any width, 26 pixels high (44 where a number stands below its part)."""
    counts = [row.counts.get(each.key, 0) for each in series]
    total = sum(counts)
    title = f"{row.label}: {total} {unit}{'' if total == 1 else 's'}"
    if total == 0:
        inner = format_html(
            '<rect class="chart-track" x="0" y="0" width="100%" height="26"/>'
            '<text class="chart-quiet" x="8" y="18" font-size="15">No {}s</text>',
            unit,
        )
        return _svg(title, f"No {unit}s", 26, inner)
    said = ", ".join(
        f"{count} {each.label.lower()} ({_share(count, total)})" for each, count in zip(series, counts, strict=True)
    )
    parts: list[SafeString] = []
    below: list[tuple[float, int]] = []
    start = 0.0
    for each, count in zip(series, counts, strict=True):
        if not count:
            continue
        width = 100 * count / total
        middle = start + width / 2
        parts.append(
            format_html(
                '<rect class="chart-gap grade-{}" x="{}%" y="0" width="{}%" height="26" stroke-width="1"/>',
                each.css,
                _number(start),
                _number(width),
            )
        )
        if width >= _room(count):
            parts.append(
                format_html(
                    '<text class="on-{}" x="{}%" y="18" font-size="15" text-anchor="middle">{}</text>',
                    each.css,
                    _number(middle),
                    count,
                )
            )
        else:
            below.append((middle, count))
        start += width
    parts.append(format_html('<rect class="{}" x="0" y="0" width="100%" height="26" fill="none"/>', "chart-frame"))
    parts += list(_callouts(below))
    return _svg(title, said, 44 if below else 26, format_html_join("", "{}", ((part,) for part in parts)))


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.0f}%"


def _room(count: int) -> float:
    """Percent of the narrowest bar that a number needs."""
    return 100 * (len(str(count)) * _DIGIT + _PADDING) / NARROWEST


def _callouts(below: Sequence[tuple[float, int]]) -> Iterator[SafeString]:
    """Numbers under the parts that are too narrow for them, pushed apart where they would touch."""
    places: list[float] = []
    edge = 0.0
    for middle, count in below:
        half = _room(count) / 2
        place = max(middle, edge + half)
        places.append(place)
        edge = place + half
    edge = 100.0
    for index in range(len(below) - 1, -1, -1):
        half = _room(below[index][1]) / 2
        places[index] = min(places[index], edge - half)
        edge = places[index] - half
    for (middle, count), place in zip(below, places, strict=True):
        yield format_html(
            '<line class="chart-grid" x1="{}%" y1="26" x2="{}%" y2="31" stroke-width="1"/>'
            '<text x="{}%" y="43" font-size="14" text-anchor="middle">{}</text>',
            _number(middle),
            _number(place),
            _number(place),
            count,
        )


def line(
    points: Sequence[Point],
    *,
    title: str,
    target: float | None = None,
    mean: float | None = None,
    empty: str = "Nothing to show",
) -> SafeString:
    """Percentages over time as one SVG of any width, 230 pixels high, under a key that says what its lines are.

    `target` and `mean` are drawn across. Where points carry limits and a centre, they are drawn as steps; a point
    outside the limits is larger and has its value beside it, and so has a point of a signal a ring. A point without a
    value leaves a gap, and so does a break, which is a line from top to bottom. The last value is always written. No
    points gives a paragraph with `empty`.
    """
    if not points:
        return format_html('<p class="govuk-body">{}</p>', empty)
    x = _places(len(points))
    parts = [*_grid(), *_limits(points, x)]
    if mean is not None:
        parts.append(_across("chart-limit", mean, "2 4"))
    if target is not None:
        parts.append(_across("chart-target", target, "7 4"))
    for (index, left), (_, right) in pairwise(enumerate(points)):
        if left.value is not None and right.value is not None and not right.breaks:
            parts.append(
                format_html(
                    '<line class="chart-line" x1="{}%" y1="{}" x2="{}%" y2="{}" stroke-width="2.5"/>',
                    _number(x[index]),
                    _number(_y(left.value)),
                    _number(x[index + 1]),
                    _number(_y(right.value)),
                )
            )
    parts += list(_markers(points, x))
    parts += list(_month_labels(points, x))
    said = "; ".join(f"{each.label} {each.said}{_aside(each)}" for each in points)
    if target is not None:
        said = f"Target {_said(target)}. {said}"
    chart = _svg(title, said, 230, format_html_join("", "{}", ((part,) for part in parts)))
    items = format_html_join(
        "", '<li class="chart-legend__item chart-key chart-key--{}">{}</li>', line_key(points, target=target, mean=mean)
    )
    return format_html(
        "<div>{}{}</div>", format_html('<ul class="chart-legend">{}</ul>', items) if items else "", chart
    )


def line_key(
    points: Sequence[Point], *, target: float | None = None, mean: float | None = None
) -> list[tuple[str, str]]:
    """What the marks of a line chart beside its line are, as (mark, words); those that it has."""
    has = {
        "target": (target is not None, f"Target {_said(target)}"),
        "average": (mean is not None or any(each.centre is not None for each in points), "Average"),
        "limit": (any(each.lower is not None or each.upper is not None for each in points), "Limits of chance"),
        "signal": (any(each.signal or each.outside for each in points), "Signal"),
        "break": (any(each.breaks for each in points), "A new phase begins"),
    }
    return [(mark, words) for mark, (there, words) in has.items() if there]


def _aside(point: Point) -> str:
    """What stands in brackets behind a point's value in the words of a chart."""
    words = [f"n={point.n}"] if point.n else []
    if point.lower is not None and point.upper is not None:
        words.append(f"limits {_said(round(point.lower))} to {_said(round(point.upper))}")
    if point.signal:
        words.append("part of a signal")
    if point.breaks:
        words.append("a new phase begins")
    return f" ({', '.join(words)})" if words else ""


def _places(count: int) -> list[float]:
    """Where the points stand, in percent of the width: room at the left for the scale."""
    if count == 1:
        return [54.0]
    return [13 + 83 * index / (count - 1) for index in range(count)]


def _y(value: float) -> float:
    return 18 + (100 - min(max(value, 0), 100)) * 1.8


_SCALE = (0, 25, 50, 75, 100)


def _grid() -> Iterator[SafeString]:
    for value in _SCALE:
        yield format_html(
            '<line class="chart-grid" x1="0" y1="{}" x2="100%" y2="{}" stroke-width="1"/>'
            '<text class="chart-quiet" x="0" y="{}" font-size="13">{}%</text>',
            _number(_y(value)),
            _number(_y(value)),
            _number(_y(value) - 4),
            value,
        )


def _across(css: str, value: float, dashes: str) -> SafeString:
    y = _number(_y(value))
    return format_html(
        '<line class="{}" x1="11%" y1="{}" x2="100%" y2="{}" stroke-width="2" stroke-dasharray="{}"/>',
        css,
        y,
        y,
        dashes,
    )


def _limits(points: Sequence[Point], x: Sequence[float]) -> Iterator[SafeString]:
    step = (x[1] - x[0]) / 2 if len(x) > 1 else 8
    for place, point in zip(x, points, strict=True):
        left, right = _number(place - step), _number(min(place + step, 100))
        if point.breaks:
            yield format_html(
                '<line class="chart-grid" x1="{}%" y1="14" x2="{}%" y2="200" stroke-width="2" stroke-dasharray="2 3"/>',
                left,
                left,
            )
        for limit in (point.lower, point.upper):
            if limit is not None:
                y = _number(_y(limit))
                yield format_html(
                    '<line class="chart-limit" x1="{}%" y1="{}" x2="{}%" y2="{}" stroke-width="1"/>', left, y, right, y
                )
        if point.centre is not None:
            y = _number(_y(point.centre))
            yield format_html(
                '<line class="chart-limit" x1="{}%" y1="{}" x2="{}%" y2="{}" stroke-width="1" stroke-dasharray="2 4"/>',
                left,
                y,
                right,
                y,
            )


def _markers(points: Sequence[Point], x: Sequence[float]) -> Iterator[SafeString]:
    last = max((index for index, each in enumerate(points) if each.value is not None), default=-1)
    for index, point in enumerate(points):
        if point.value is None:
            continue
        yield format_html(
            '<circle class="chart-point{}" cx="{}%" cy="{}" r="{}"/>',
            " chart-point--out" if point.outside else "",
            _number(x[index]),
            _number(_y(point.value)),
            6 if point.outside else 4,
        )
        if point.signal:
            yield format_html(
                '<circle class="chart-line" cx="{}%" cy="{}" r="9" fill="none" stroke-width="1.5"/>',
                _number(x[index]),
                _number(_y(point.value)),
            )
        if index == last or point.outside:
            yield format_html(
                '<text class="chart-value" x="{}%" y="{}" font-size="14" font-weight="700" text-anchor="{}">{}</text>',
                _number(x[index] + (2 if index == len(points) - 1 else 0)),
                _number(_y(point.value) + (20 if point.value > 90 else -9)),
                "end" if index == len(points) - 1 else "middle",
                point.said,
            )


def _month_labels(points: Sequence[Point], x: Sequence[float]) -> Iterator[SafeString]:
    """As many labels as fit on the narrowest page without touching, counted back from the last point."""
    width = 6.6 * max(len(each.label) for each in points)
    apart = (x[1] - x[0]) / 100 * NARROWEST_PAGE if len(x) > 1 else NARROWEST_PAGE
    # The last label ends at the edge and the others stand in the middle: half a label more is needed there.
    step = max(1, ceil(1.5 * width / apart))
    for index in range(len(points) - 1, -1, -step):
        at_end = index == len(points) - 1 and len(points) > 1
        yield format_html(
            '<text class="chart-quiet" x="{}%" y="222" font-size="13" text-anchor="{}">{}</text>',
            100 if at_end else _number(x[index]),
            "end" if at_end else "middle",
            points[index].label,
        )


def sparkline(
    values: Sequence[float | None], *, title: str, words: Sequence[str] | None = None, top: float = 100
) -> SafeString:
    """A line of percentages 120 by 28 pixels, with its last point marked; for the end of a table's row.

    Other figures than percentages come with their `words`, one each, and with the `top` of their scale.
    """
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    said = ", ".join(words if words is not None else map(_said, values)) or "No figures"
    step = 108 / max(len(values) - 1, 1)

    def place(index: int, value: float) -> str:
        return f"{_number(6 + step * index)},{_number(24 - 20 * min(max(value, 0), top) / top)}"

    runs: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(place(index, value))
    inner = format_html_join(
        "",
        '<polyline class="chart-line" points="{}" fill="none" stroke-width="2"/>',
        ((" ".join(run),) for run in runs if len(run) > 1),
    )
    if known:
        x, y = place(*known[-1]).split(",")
        inner = format_html('{}<circle class="chart-point" cx="{}" cy="{}" r="3.5"/>', inner, x, y)
    return format_html(
        '<svg class="chart chart-sparkline" role="img" viewBox="0 0 120 28" width="120" height="28" '
        'xmlns="http://www.w3.org/2000/svg"><title>{}</title><desc>{}</desc>{}</svg>',
        title,
        said,
        inner,
    )


def _said(value: float | None) -> str:
    return "-" if value is None else f"{_number(value)}%"


def _number(value: float) -> str:
    """A number for an attribute: two places at the most, no exponent, no trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _svg(title: str, desc: str, height: int, inner: SafeString) -> SafeString:
    return format_html(
        '<svg class="chart" role="img" width="100%" height="{}" font-family="{}" '
        'xmlns="http://www.w3.org/2000/svg"><title>{}</title><desc>{}</desc>{}</svg>',
        height,
        FONT,
        title,
        desc,
        inner,
    )
