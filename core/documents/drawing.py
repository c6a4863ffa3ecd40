"""Charts for paper and slides: drawn once as rectangles, lines, dots and words, then put down as SVG or as PNG.

The charts of `core.charts` are for a page, whose style sheet colours them; a file has none, so here every colour is
an attribute. The colours are those of static/css/theme.css.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.charts import BarRow, Series, line_key
from core.documents.content import Bars, Chart, Line

WIDTH = 680.0
FONTS = {
    False: Path(__file__).resolve().parents[2] / "static/vendor/source-sans-3/source-sans-3-latin-400-normal.woff2",
    True: Path(__file__).resolve().parents[2] / "static/vendor/source-sans-3/source-sans-3-latin-700-normal.woff2",
}
FAMILY = "Source Sans 3, DejaVu Sans, Arial, sans-serif"

INK, QUIET, GRID = "#0b0c0c", "#505a5f", "#b1b4b6"
TARGET, LIMIT, DRAWN, NOTED = "#0b0c0c", "#505a5f", "#1b5e8c", "#b3341f"
# Fill and ink by a series' class; others take the spare ones in turn.
_FILLS = {
    "outstanding": ("#1b5e8c", "#ffffff"),
    "good": ("#4f9bc4", "#0b0c0c"),
    "requires-improvement": ("#f0b357", "#0b0c0c"),
    "inadequate": ("#b3341f", "#ffffff"),
}
_SPARE = (("#1b5e8c", "#ffffff"), ("#f0b357", "#0b0c0c"), ("#4f9bc4", "#0b0c0c"), ("#505a5f", "#ffffff"))


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True)
class Stroke:
    """A straight line; `dash` is how long its dashes are, 0 for none."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float = 1
    dash: float = 0


@dataclass(frozen=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: str


@dataclass(frozen=True)
class Words:
    """Words on their base line: from `x` on ("start"), around it ("middle") or up to it ("end")."""

    x: float
    y: float
    text: str
    size: float = 14
    colour: str = INK
    anchor: str = "start"
    bold: bool = False


Mark = Box | Stroke | Dot | Words


@dataclass(frozen=True)
class Drawing:
    """A chart ready to be put down: WIDTH wide, `height` high."""

    title: str
    says: str
    height: float
    marks: tuple[Mark, ...]


def draw(chart: Chart) -> Drawing:
    """The chart as marks."""
    marks, height = _bars(chart) if isinstance(chart, Bars) else _line(chart)
    return Drawing(chart.title, chart.says, height, tuple(marks))


# --- bars ----------------------------------------------------------------------------------------------------------

_LABELS, _END = 200.0, 48.0
_ROW, _BAR = 34.0, 24.0


def _colours(series: tuple[Series, ...]) -> dict[str, tuple[str, str]]:
    return {
        each.key: _FILLS.get(each.css, _SPARE[place % len(_SPARE)]) for place, each in enumerate(series)
    }  # fmt: skip


def _bars(chart: Bars) -> tuple[list[Mark], float]:
    colours = _colours(chart.series)
    marks: list[Mark] = []
    x, y = 0.0, 4.0
    for each in chart.series:
        needed = 24 + width_of(each.label, 14) + 18
        if x and x + needed > WIDTH:
            x, y = 0.0, y + 22
        marks += [Box(x, y, 16, 16, colours[each.key][0]), Words(x + 22, y + 13, each.label)]
        x += needed
    y += 32
    for row in chart.rows:
        marks += _bar(row, chart, colours, y)
        y += _ROW
    return marks, y + 4


def _bar(row: BarRow, chart: Bars, colours: dict[str, tuple[str, str]], y: float) -> Iterator[Mark]:
    room = WIDTH - _LABELS - _END
    total = sum(row.counts.get(each.key, 0) for each in chart.series)
    yield from _label(row.label, y)
    yield Words(WIDTH, y + 17, f"n={total}", colour=QUIET, anchor="end")
    if not total:
        yield Box(_LABELS, y, room, _BAR, "#f3f2f1")
        yield Words(_LABELS + 8, y + 17, "None", colour=QUIET)
        return
    start = _LABELS
    for each in chart.series:
        count = row.counts.get(each.key, 0)
        width = room * count / total
        if count:
            fill, ink = colours[each.key]
            yield Box(start, y, max(width - 1, 0.5), _BAR, fill)
            if width >= width_of(str(count), 14) + 4:
                yield Words(start + width / 2, y + 17, str(count), colour=ink, anchor="middle")
        start += width


def _label(text: str, y: float) -> Iterator[Mark]:
    """The words beside a bar: on one line, else on two smaller ones."""
    room = _LABELS - 12
    if width_of(text, 14) <= room:
        yield Words(0, y + 17, text)
        return
    lines = textwrap.wrap(text, int(room / (12 * _WIDE)), max_lines=2, placeholder="…")
    for number, line in enumerate(lines):
        yield Words(0, y + (17 if len(lines) == 1 else 10 + 14 * number), line, 12)


# --- line ----------------------------------------------------------------------------------------------------------

_LEFT, _TOP, _DEEP = 40.0, 38.0, 200.0
_AVERAGE, _AIM, _GAP = 2.0, 7.0, 4  # how long the dashes of these two are, and what lies between


def _y(value: float) -> float:
    return _TOP + (100 - min(max(value, 0), 100)) * _DEEP / 100


def _key(chart: Line) -> Iterator[Mark]:
    """What the lines are, in a row over them."""
    x = _LEFT
    for mark, words in line_key(chart.points, target=chart.target, mean=chart.mean):
        match mark:
            case "target":
                yield Stroke(x, 9, x + 28, 9, TARGET, 1.5, _AIM)
            case "average":
                yield Stroke(x, 9, x + 28, 9, QUIET, 1.5, _AVERAGE)
            case "limit":
                yield Stroke(x, 9, x + 28, 9, LIMIT)
            case "signal":
                yield Dot(x + 14, 9, 5.5, NOTED)
            case "break":
                yield Stroke(x + 14, 2, x + 14, 16, QUIET, 1.5)
        yield Words(x + 34, 13, words, 12)
        x += 34 + width_of(words, 12) + 18


def _line(chart: Line) -> tuple[list[Mark], float]:
    marks: list[Mark] = list(_key(chart))
    for value in (0, 25, 50, 75, 100):
        marks.append(Stroke(_LEFT, _y(value), WIDTH, _y(value), GRID))
        marks.append(Words(_LEFT - 6, _y(value) + 4, f"{value}%", 12, QUIET, "end"))
    points = chart.points
    room = WIDTH - _LEFT - 24
    place = [
        _LEFT + 12 + (room * index / (len(points) - 1) if len(points) > 1 else room / 2) for index in range(len(points))
    ]
    step = (place[1] - place[0]) / 2 if len(place) > 1 else 20
    for x, point in zip(place, points, strict=True):
        for limit in (point.lower, point.upper):
            if limit is not None:
                marks.append(Stroke(max(x - step, _LEFT), _y(limit), min(x + step, WIDTH), _y(limit), LIMIT))
    if chart.mean is not None:
        marks.append(Stroke(_LEFT, _y(chart.mean), WIDTH, _y(chart.mean), QUIET, 1.5, _AVERAGE))
    if chart.target is not None:
        marks.append(Stroke(_LEFT, _y(chart.target), WIDTH, _y(chart.target), TARGET, 1.5, _AIM))
    for x, point in zip(place, points, strict=True):
        if point.centre is not None:
            y = _y(point.centre)
            marks.append(Stroke(max(x - step, _LEFT), y, min(x + step, WIDTH), y, QUIET, 1.5, _AVERAGE))
        if point.breaks:
            marks.append(Stroke(x - step, _TOP, x - step, _TOP + _DEEP, QUIET, 1.5))
    for (x1, left), (x2, right) in pairwise(zip(place, points, strict=True)):
        if left.value is not None and right.value is not None and not right.breaks:
            marks.append(Stroke(x1, _y(left.value), x2, _y(right.value), DRAWN, 2.5))
    last = max((index for index, each in enumerate(points) if each.value is not None), default=-1)
    every = max(1, ceil(len(points) * 62 / room))
    for index, (x, point) in enumerate(zip(place, points, strict=True)):
        if (len(points) - 1 - index) % every == 0:
            at_end = index == len(points) - 1 and index > 0
            marks.append(
                Words(WIDTH if at_end else x, _TOP + _DEEP + 20, point.label, 12, QUIET, "end" if at_end else "middle")
            )
        if point.value is None:
            continue
        noted = point.outside or point.signal
        marks.append(Dot(x, _y(point.value), 5.5 if noted else 4, NOTED if noted else DRAWN))
        if index == last or point.outside:
            y, said = _y(point.value) + (-10 if point.value <= 90 else 20), point.said
            wide = width_of(said, 13)
            x = min(x, WIDTH - wide / 2 - 2)
            marks.append(Box(x - wide / 2 - 2, y - 11, wide + 4, 13, "#ffffff"))  # whatever lies under it
            marks.append(Words(x, y, said, 13, INK, "middle", bold=True))
    return marks, _TOP + _DEEP + 30


# --- SVG -----------------------------------------------------------------------------------------------------------


def svg(chart: Chart) -> SafeString:
    """The chart as an SVG that needs no style sheet; its title is the alternative text."""
    drawing = draw(chart)
    return format_html(
        '<svg role="img" viewBox="0 0 {} {}" width="{}" height="{}" font-family="{}" '
        'xmlns="http://www.w3.org/2000/svg"><title>{}</title>{}</svg>',
        *(_n(WIDTH), _n(drawing.height), _n(WIDTH), _n(drawing.height)),
        FAMILY,
        drawing.says,
        format_html_join("", "{}", ((_svg_mark(mark),) for mark in drawing.marks)),
    )


def _svg_mark(mark: Mark) -> SafeString:
    match mark:
        case Box():
            return format_html(
                '<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>',
                *map(_n, (mark.x, mark.y, mark.width, mark.height)),
                mark.fill,
            )
        case Stroke():
            return format_html(
                '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"{}/>',
                *map(_n, (mark.x1, mark.y1, mark.x2, mark.y2)),
                mark.colour,
                _n(mark.width),
                format_html(' stroke-dasharray="{} {}"', _n(mark.dash), _GAP) if mark.dash else "",
            )
        case Dot():
            return format_html(
                '<circle cx="{}" cy="{}" r="{}" fill="{}"/>', *map(_n, (mark.x, mark.y, mark.radius)), mark.fill
            )
    return format_html(
        '<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="{}" font-weight="{}">{}</text>',
        *map(_n, (mark.x, mark.y, mark.size)),
        mark.colour,
        mark.anchor,
        700 if mark.bold else 400,
        mark.text,
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


# --- PNG -----------------------------------------------------------------------------------------------------------

SCALE = 2


def png(chart: Chart) -> tuple[bytes, float]:
    """The chart as a PNG of twice its size, and its height for WIDTH. For Word and slides, which take no SVG alone."""
    from PIL import Image, ImageDraw

    drawing = draw(chart)
    image = Image.new("RGB", (int(WIDTH * SCALE), ceil(drawing.height * SCALE)), "white")
    pen = ImageDraw.Draw(image)
    for mark in drawing.marks:
        match mark:
            case Box():
                pen.rectangle(
                    [v * SCALE for v in (mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)], fill=mark.fill
                )
            case Stroke():
                for x1, y1, x2, y2 in _dashes(mark):
                    pen.line(
                        [v * SCALE for v in (x1, y1, x2, y2)], fill=mark.colour, width=max(round(mark.width * SCALE), 1)
                    )
            case Dot():
                box = (mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius)
                pen.ellipse([v * SCALE for v in box], fill=mark.fill)
            case Words():
                anchor = {"start": "ls", "middle": "ms", "end": "rs"}[mark.anchor]
                place = (mark.x * SCALE, mark.y * SCALE)
                pen.text(place, mark.text, fill=mark.colour, font=_font(mark.size * SCALE, mark.bold), anchor=anchor)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue(), drawing.height


def _dashes(stroke: Stroke) -> Iterator[tuple[float, float, float, float]]:
    if not stroke.dash:
        yield stroke.x1, stroke.y1, stroke.x2, stroke.y2
        return
    x = stroke.x1  # only level lines are dashed
    while x < stroke.x2:
        yield x, stroke.y1, min(x + stroke.dash, stroke.x2), stroke.y2
        x += stroke.dash + _GAP


@lru_cache(maxsize=32)
def _font(size: float, bold: bool) -> Any:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(str(FONTS[bold]), size)
    except OSError:  # a Pillow that cannot unpack this font brings one of its own
        return ImageFont.load_default(size)


_WIDE = 0.52  # of its size is the width of a letter, about


def width_of(text: str, size: float) -> float:
    """About how wide the words are."""
    return len(text) * size * _WIDE
