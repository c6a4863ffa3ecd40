"""Charts say the figures they are given, whatever the figures, and escape every word."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts import GRADES, BarRow, Point, bar, control_points, line, sparkline, stacked_bars
from core.spc import Sample, p_chart

NS = "{http://www.w3.org/2000/svg}"
HOSTILE = '</title><script>alert(1)</script>" onload="x'
counts = st.fixed_dictionaries(
    {key: st.integers(0, 5000) for key in ("outstanding", "good", "requires_improvement", "inadequate")}
)


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{NS}text")]


def percent(element: ET.Element, name: str) -> float:
    return float(element.attrib[name].rstrip("%"))


@given(counts)
def test_every_count_stands_on_its_bar_in_order(given_counts: dict[str, int]) -> None:
    wanted = sorted(str(count) for count in given_counts.values() if count)
    assert sorted(texts(bar(BarRow("Heron", given_counts)))) == (wanted or ["No audits"])


@given(counts)
def test_parts_fill_the_bar_in_their_shares(given_counts: dict[str, int]) -> None:
    total = sum(given_counts.values())
    svg = ET.fromstring(bar(BarRow("Heron", given_counts)))
    parts = [each for each in svg.iter(f"{NS}rect") if "chart-gap" in each.attrib["class"]]
    in_order = [given_counts[each.key] for each in GRADES]
    shares = [100 * count / total for count in in_order if count]
    assert [percent(part, "width") for part in parts] == pytest.approx(shares, abs=0.01)
    ends = [percent(part, "x") + percent(part, "width") for part in parts]
    assert not parts or ends[-1] == pytest.approx(100, abs=0.03)


@given(counts)
def test_numbers_below_narrow_parts_do_not_touch_nor_leave_the_bar(given_counts: dict[str, int]) -> None:
    svg = ET.fromstring(bar(BarRow("Heron", given_counts)))
    below = [each for each in svg.iter(f"{NS}text") if each.attrib["y"] == "43"]
    edge = 0.0
    for each in below:
        half = len(each.text or "") * 7.2 / 2 / 2.3  # percent of a bar 230 pixels wide
        assert percent(each, "x") - half >= edge - 0.02
        edge = percent(each, "x") + half
    assert edge <= 100.02


@given(counts)
def test_a_number_stands_on_its_part_only_where_it_fits(given_counts: dict[str, int]) -> None:
    svg = ET.fromstring(bar(BarRow("Heron", given_counts)))
    widths = {
        each.attrib["class"].split("grade-")[1]: percent(each, "width")
        for each in svg.iter(f"{NS}rect")
        if "grade-" in each.attrib["class"]
    }
    for each in svg.iter(f"{NS}text"):
        if each.attrib.get("class", "").startswith("on-"):
            on_screen = widths[each.attrib["class"].removeprefix("on-")] * 2.3
            assert on_screen >= 7.2 * len(each.text or "")


def test_a_bar_says_its_figures_in_words() -> None:
    svg = ET.fromstring(bar(BarRow("Heron", {"good": 3, "inadequate": 1})))
    assert svg.attrib["role"] == "img"
    assert svg.findtext(f"{NS}title") == "Heron: 4 audits"
    said = "0 outstanding (0%), 3 good (75%), 0 requires improvement (0%), 1 inadequate (25%)"
    assert svg.findtext(f"{NS}desc") == said


def test_rows_have_n_a_link_and_a_legend() -> None:
    html = stacked_bars([BarRow("Heron", {"good": 3}, href="/audits/?team=1"), BarRow("Kestrel", {})])
    assert html.count("<svg") == 2
    assert '<a class="govuk-link" href="/audits/?team=1">Heron</a>' in html
    assert re.findall(r"n=(\d+)", html) == ["3", "0"]
    assert "No audits" in html
    legend = re.findall(r"chart-legend__item[^>]*>([^<]+)<", html)
    assert legend == ["Outstanding", "Good", "Requires improvement", "Inadequate"]


def test_no_rows_and_no_points_are_said() -> None:
    assert stacked_bars([], empty="No audits in this period") == '<p class="govuk-body">No audits in this period</p>'
    assert line([], title="Good or outstanding") == '<p class="govuk-body">Nothing to show</p>'


@pytest.mark.parametrize(
    "html",
    [
        stacked_bars([BarRow(HOSTILE, {"good": 1}, href=HOSTILE, note=HOSTILE)], unit=HOSTILE),
        line([Point(HOSTILE, 50), Point(HOSTILE, 60)], title=HOSTILE, target=70),
        sparkline([1, 2], title=HOSTILE),
        stacked_bars([], empty=HOSTILE),
    ],
    ids=["bars", "line", "sparkline", "nothing"],
)
def test_every_word_is_escaped_and_nothing_is_inline(html: str) -> None:
    assert "<script" not in html
    assert 'onload="' not in html
    assert "style=" not in html


def test_a_long_label_is_kept_whole() -> None:
    label = "Family Safeguarding and Court Team, North and West " * 5
    assert label in stacked_bars([BarRow(label, {"good": 1})])


@given(
    st.lists(st.none() | st.floats(0, 100).map(lambda value: round(value, 1)), min_size=1, max_size=30),
    st.none() | st.integers(0, 100),
)
def test_a_line_marks_each_value_and_says_them_all(values: list[float | None], target: int | None) -> None:
    points = [Point(f"M{index}", value, n=9) for index, value in enumerate(values)]
    svg = ET.fromstring(line(points, title="Share", target=target))
    circles = list(svg.iter(f"{NS}circle"))
    assert len(circles) == sum(value is not None for value in values)
    assert all(0 <= percent(each, "cx") <= 100 and 0 <= float(each.attrib["cy"]) <= 230 for each in circles)
    desc = svg.findtext(f".//{NS}desc") or ""
    assert [part.split(" (")[0] for part in desc.removeprefix(f"Target {target}%. ").split("; ")] == [
        f"M{index} " + ("-" if value is None else f"{value:.2f}".rstrip("0").rstrip(".") + "%")
        for index, value in enumerate(values)
    ]


def test_a_month_without_audits_leaves_a_gap() -> None:
    svg = ET.fromstring(line([Point("Jan", 50), Point("Feb", None), Point("Mar", 60)], title="Share"))
    assert not [each for each in svg.iter(f"{NS}line") if each.attrib["class"] == "chart-line"]


def test_a_point_outside_its_limits_is_larger_and_has_its_value_beside_it() -> None:
    points = [Point("Jan", 81, lower=40, upper=80), Point("Feb", 60, lower=40, upper=80)]
    svg = ET.fromstring(line(points, title="Share"))
    out = [each for each in svg.iter(f"{NS}circle") if "chart-point--out" in each.attrib["class"]]
    assert [each.attrib["r"] for each in out] == ["6"]
    assert "81%" in texts(line(points, title="Share"))
    assert not Point("Mar", None, lower=1, upper=2).outside


@given(st.integers(1, 60), st.integers(1, 14))
def test_labels_under_a_line_never_touch_on_a_phone(count: int, length: int) -> None:
    points = [Point("x" * length, 50) for _ in range(count)]
    svg = ET.fromstring(line(points, title="Share"))
    labels = [each for each in svg.iter(f"{NS}text") if each.attrib["y"] == "222"]
    assert labels
    width = 6.5 * length
    spans = sorted(
        (x - width, x) if each.attrib["text-anchor"] == "end" else (x - width / 2, x + width / 2)
        for each in labels
        for x in [percent(each, "x") * 2.9]
    )
    assert all(left[1] <= right[0] + 0.5 for left, right in pairwise(spans))


def test_a_sparkline_breaks_where_a_value_is_missing() -> None:
    svg = ET.fromstring(sparkline([10, 20, None, 30, 40], title="Heron"))
    assert len(list(svg.iter(f"{NS}polyline"))) == 2
    assert svg.findtext(f".//{NS}desc") == "10%, 20%, -, 30%, 40%"
    assert not list(ET.fromstring(sparkline([], title="Heron")).iter(f"{NS}circle"))


def test_a_control_chart_is_drawn_with_its_steps_its_signals_and_its_breaks() -> None:
    quiet = [Sample(f"M{place}", count, 20) for place, count in enumerate([12, 14, 10] * 4)]
    chart = p_chart([*quiet, Sample("M12", 2, 20), Sample("M13", 0, 0), Sample("M14", 9, 20)], {14: "a new tool"})
    svg = ET.fromstring(line(control_points(chart), title="Good or outstanding", target=70))
    rings = [each for each in svg.iter(f"{NS}circle") if each.attrib.get("r") == "9"]
    assert len(rings) == 1
    assert len([each for each in svg.iter(f"{NS}line") if each.attrib.get("y1") == "14"]) == 1
    key = [each.text for each in svg.iter("li")]
    assert key == ["Target 70%", "Average", "Limits of chance", "Signal", "A new phase begins"]
    said = svg.findtext(f".//{NS}desc") or ""
    assert "M12 10% (n=20, limits 23% to 89%, part of a signal)" in said
    assert "M13 -; M14 45% (n=20, a new phase begins)" in said
