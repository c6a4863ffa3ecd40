"""Product.md section 15: trend charts widen their limits for small samples and call the four signals, and no other."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spc import FEWEST, Sample, SignalKind, in_words, individuals_chart, p_chart

MONTHS = [f"{month} {year}" for year in (2024, 2025, 2026) for month in ("Jan", "Feb", "Mar", "Apr", "May", "Jun")]


def samples(*pairs: tuple[int, int]) -> list[Sample]:
    return [Sample(label, *pair) for label, pair in zip(MONTHS, pairs, strict=False)]


def kinds(*pairs: tuple[int, int], breaks: dict[int, str] | None = None) -> list[tuple[str, int, int, bool]]:
    found = p_chart(samples(*pairs), breaks).signals
    return [(signal.kind, signal.first, signal.last, signal.high) for signal in found]


def test_limits_of_a_published_example_with_one_sample_size() -> None:
    """An Introduction to Business Statistics, example 16.6: ten samples of 200 articles; average 0.16, limits 0.0822
    and 0.2378."""
    defects = (40, 44, 22, 34, 24, 32, 28, 32, 34, 30)
    chart = p_chart([Sample(str(place), count, 200) for place, count in enumerate(defects, start=1)])
    assert chart.phases[0].centre == Fraction(16, 100)
    assert {(round(point.lower or 0, 4), round(point.upper or 0, 4)) for point in chart.points} == {(0.0822, 0.2378)}
    assert not [signal for signal in chart.signals if signal.kind == SignalKind.OUTSIDE]


def test_points_outside_the_limits_of_a_published_example() -> None:
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2: thirty wafers of 50 chips; average 0.2313, limits
    0.0524 and 0.4102; wafers 15 and 23 lie above the upper one."""
    chips = (
        12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6,
    )  # fmt: skip
    chart = p_chart([Sample(str(place), count, 50) for place, count in enumerate(chips, start=1)])
    assert float(chart.phases[0].centre or 0) == pytest.approx(0.2313, abs=0.00005)
    assert (chart.points[0].lower, chart.points[0].upper) == pytest.approx((0.0524, 0.4102), abs=0.00006)
    assert [s.first + 1 for s in chart.signals if s.kind == SignalKind.OUTSIDE] == [15, 23]


def test_limits_of_a_published_example_with_two_sample_sizes() -> None:
    """Pyzdek and Keller, The Handbook for Quality Management, table 9.6: peaches of one crate (250) or two (500), 1,544
    of 8,000 bruised. Limits 0.118 to 0.268 for one crate and 0.140 to 0.246 for two, with nothing outside."""
    crates = {10: 88, 11: 101, 12: 101, 21: 105, 22: 98, 23: 100, 24: 96}
    ones = iter((47, 42, 55, 51, 46, 61, 39, 44, 41, 51, 40, 48, 47, 50, 48, 57, 45, 43))
    shipments = [
        Sample(str(place + 1), crates[place], 500) if place in crates else Sample(str(place + 1), next(ones), 250)
        for place in range(25)
    ]
    chart = p_chart(shipments)
    assert chart.phases[0].centre == Fraction(1544, 8000)
    limits = {(point.n, round(point.lower or 0, 3), round(point.upper or 0, 3)) for point in chart.points}
    assert limits == {(250, 0.118, 0.268), (500, 0.140, 0.246)}
    assert not [signal for signal in chart.signals if signal.kind == SignalKind.OUTSIDE]


def test_an_individuals_chart_of_a_published_example() -> None:
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: ten batches; average 50.81, limits 45.8159 and
    55.8041."""
    flow = (496, 476, 499, 513, 478, 512, 526, 524, 536, 521)
    chart = individuals_chart([(str(place), Fraction(value, 10)) for place, value in enumerate(flow)])
    assert chart.phases[0].centre == Fraction(5081, 100)
    assert (chart.points[0].lower, chart.points[0].upper) == pytest.approx((45.8159, 55.8041), abs=0.0001)
    assert not chart.signals


def test_limits_widen_for_a_small_sample_and_stay_between_none_and_all() -> None:
    chart = p_chart(samples(*[(28, 40)] * 9, (1, 2), (0, 0)))
    many, few, none = chart.points[0], chart.points[9], chart.points[10]
    assert many.lower and many.upper and few.lower is not None and few.upper
    assert few.upper - few.lower > many.upper - many.lower
    assert (few.lower, few.upper) == (0.0, 1.0)
    assert (none.value, none.lower, none.upper) == (None, None, None)


LEVEL = [(14, 20), (13, 20)] * 6


def test_a_quiet_chart_has_no_signal() -> None:
    assert kinds(*LEVEL) == []


def test_a_point_outside_the_limits_is_a_signal() -> None:
    assert (SignalKind.OUTSIDE, 12, 12, False) in kinds(*LEVEL, (3, 20))
    assert (SignalKind.OUTSIDE, 12, 12, True) in kinds(*[(5, 20), (6, 20)] * 6, (16, 20))


def test_two_audits_of_which_none_is_good_are_no_signal() -> None:
    assert kinds(*LEVEL, (0, 2)) == []


def test_seven_in_a_row_on_one_side_are_a_signal_and_six_are_not() -> None:
    low, high = [(9, 20), (10, 20)], [(12, 20), (11, 20)]
    assert kinds(*(low * 4)[:7], *(high * 4)[:7]) == [
        (SignalKind.ONE_SIDE, 0, 6, False),
        (SignalKind.ONE_SIDE, 7, 13, True),
    ]
    assert kinds(*low * 3, *high * 3) == []


def test_a_month_without_audits_neither_makes_a_run_nor_ends_one() -> None:
    low, high = [(9, 20), (10, 20)], [(12, 20), (11, 20)]
    found = kinds(*low * 2, (0, 0), *(low * 2)[:3], *(high * 4)[:7])
    assert found == [(SignalKind.ONE_SIDE, 0, 7, False), (SignalKind.ONE_SIDE, 8, 14, True)]


def test_seven_in_a_row_rising_or_falling_are_a_signal_and_an_equal_pair_ends_them() -> None:
    # Up and down round the average, so that no side is kept: 7 points rise from well below it.
    before = [(12, 20), (10, 20), (12, 20)]
    rising = [(count, 20) for count in (8, 9, 10, 11, 12, 13, 14)]
    assert (SignalKind.TREND, 4, 10, True) in kinds((10, 20), *before, *rising)
    falling = [(20 - count, 20) for count, _ in rising]
    assert (SignalKind.TREND, 4, 10, False) in kinds((10, 20), *[(20 - c, 20) for c, _ in before], *falling)
    level = [(8, 20), (9, 20), (10, 20), (11, 20), (11, 20), (13, 20), (14, 20)]
    assert not [found for found in kinds((10, 20), *before, *level) if found[0] == SignalKind.TREND]


def test_two_of_three_near_the_same_limit_are_a_signal() -> None:
    quiet = [(51, 100), (54, 100), (49, 100)] * 4
    assert kinds(*quiet, (63, 100), (51, 100), (63, 100)) == [(SignalKind.NEAR, 12, 14, True)]
    assert kinds(*quiet, (63, 100), (38, 100)) == []  # one near each limit
    assert kinds(*quiet, (63, 100), (51, 100), (49, 100), (63, 100)) == []  # three points between them


def test_a_break_begins_a_phase_and_no_signal_reaches_across_it() -> None:
    pairs = [*[(6, 20), (7, 20)] * 5, *[(15, 20), (14, 20)] * 4]
    assert kinds(*pairs) != []
    assert kinds(*pairs, breaks={10: "the whole-case tool changed"}) == []
    chart = p_chart(samples(*pairs), {10: "the whole-case tool changed"})
    assert [phase.centre for phase in chart.phases] == [Fraction(13, 40), Fraction(29, 40)]
    assert not chart.phases[1].enough
    assert chart.points[12].lower is None


def test_too_few_months_have_no_limits_and_say_so() -> None:
    chart = p_chart(samples(*[(0, 10)] * 8, (10, 10)))
    assert not chart.signals
    assert in_words(chart) == [
        "Too few months since Jan 2024 to tell a change from chance: 10 with audits are needed; 10 audits in Mar 2025."
    ]


def test_nothing_has_words_too() -> None:
    assert in_words(p_chart([])) == ["No audits in this time."]
    assert in_words(p_chart(samples((0, 0), (0, 0)))) == ["No audits in this time."]


def test_a_quiet_chart_says_so_with_the_last_months_audits() -> None:
    assert in_words(p_chart(samples(*LEVEL, (1, 2)))) == ["No clear change since Jan 2024; 2 audits in Jan 2026."]
    assert in_words(p_chart(samples(*LEVEL, (0, 0)))) == ["No clear change since Jan 2024; no audits in Jan 2026."]


def test_signals_are_told_in_words() -> None:
    quiet = [(12, 20), (14, 20), (10, 20)] * 4
    assert in_words(p_chart(samples(*quiet, (2, 20)), {0: "ignored"}), better="higher") == [
        "Jan 2026 (2 of 20) lies below the lower limit: worse than chance alone would give.",
        "20 audits in Jan 2026.",
    ]
    pairs = [*[(9, 20), (10, 20)] * 4, *[(12, 20), (11, 20)] * 4]
    said = in_words(p_chart(samples(*pairs)), better="lower")
    assert said[0] == "8 months in a row above the average, Mar 2025 to Apr 2026: worse than chance alone would give."
    assert said[1] == "8 months in a row below the average, Jan 2024 to Feb 2025: better than chance alone would give."


def test_a_break_is_told() -> None:
    said = in_words(p_chart(samples(*LEVEL, *LEVEL[:4]), {6: "the whole-case tool changed"}))
    assert said == [
        "No clear change since Jan 2025; 20 audits in Apr 2026.",
        "Jan 2025: the whole-case tool changed. Figures before and after are not compared.",
    ]


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        p_chart(samples((3, 2)))


@given(st.lists(st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=18))
def test_limits_hold_their_average_and_signals_hold_what_they_say(pairs: list[tuple[int, int]]) -> None:
    chart = p_chart(samples(*pairs))
    for point in chart.points:
        if point.lower is not None and point.upper is not None and point.centre is not None:
            assert 0 <= point.lower <= float(point.centre) + 1e-12 and float(point.centre) - 1e-12 <= point.upper <= 1
    if sum(1 for _, n in pairs if n) < FEWEST:
        assert not chart.signals
    for signal in chart.signals:
        values = [p for p in chart.points[signal.first : signal.last + 1] if p.value is not None]
        if signal.kind == SignalKind.ONE_SIDE:
            assert len(values) >= 7
            assert all((p.value > p.centre) == signal.high and p.value != p.centre for p in values)  # type: ignore[operator]
        elif signal.kind == SignalKind.TREND:
            assert len(values) >= 7
            assert all((b.value > a.value) == signal.high and a.value != b.value for a, b in pairwise(values))  # type: ignore[operator]
        elif signal.kind == SignalKind.NEAR:
            assert len(values) >= 2
        assert in_words(chart)
