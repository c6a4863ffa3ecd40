"""Product.md section 15: what a percentage of a grade table is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits.rules import arithmetic
from audits.rules.arithmetic import Percentages

counts = st.integers(min_value=0, max_value=400)
four = st.tuples(counts, counts, counts, counts)
some = four.filter(any)


def test_a_tie_goes_to_the_more_serious() -> None:
    assert arithmetic.largest_remainder((1, 1, 1)) == (33, 33, 34)
    assert arithmetic.percentages(1, 0, 1, 1) == Percentages(33, 33, 34, outstanding=33, good=0)


def test_two_points_left_go_to_the_two_more_serious() -> None:
    assert arithmetic.largest_remainder((2, 2, 2, 0)) == (33, 33, 34, 0)
    assert arithmetic.largest_remainder((1, 1, 1, 1, 1, 1)) == (16, 16, 17, 17, 17, 17)


def test_bands_are_rounded_before_grades() -> None:
    # Four grades rounded by themselves would print 34 + 33: not the 66 of the band.
    assert arithmetic.percentages(1, 1, 1, 0) == Percentages(67, 33, 0, outstanding=33, good=34)
    assert arithmetic.percentages(3, 2, 1, 1) == Percentages(72, 14, 14, outstanding=43, good=29)


def test_nothing_has_no_percentage() -> None:
    assert arithmetic.percentages(0, 0, 0, 0) is None
    assert arithmetic.largest_remainder((0, 0)) is None
    assert arithmetic.meets_target(0, 0) is None
    assert arithmetic.wilson(0, 0) is None
    assert arithmetic.newcombe_difference(0, 0, 1, 2) is None
    assert arithmetic.newcombe_difference(1, 2, 0, 0) is None
    assert arithmetic.change(0, 0, 1, 2) is None
    assert arithmetic.exact_percent(0, 0) is None


@pytest.mark.parametrize(
    ("good_or_better", "n", "reached"),
    [(16, 23, False), (7, 10, True), (699, 1000, False), (700, 1000, True), (0, 1, False)],
)
def test_the_target_is_tested_on_exact_counts(good_or_better: int, n: int, reached: bool) -> None:
    assert arithmetic.meets_target(good_or_better, n) is reached


def test_a_printed_seventy_may_be_below_seventy() -> None:
    printed = arithmetic.percentages(0, 16, 4, 3)
    assert printed is not None
    assert printed.good_or_outstanding == 70
    assert arithmetic.meets_target(16, 23) is False
    assert arithmetic.exact_percent(16, 23) == "69.6"
    assert arithmetic.exact_percent(39, 56) == "69.6"


def test_as_many_places_as_it_takes() -> None:
    assert arithmetic.exact_percent(6998, 10000, 70) == "69.98"
    assert arithmetic.exact_percent(699_999, 1_000_000, 70) == "69.9999"
    assert arithmetic.exact_percent(7, 10, 70) == "70.0"
    assert arithmetic.exact_percent(1, 1, 70) == "100.0"


def test_the_interval_of_the_papers() -> None:
    assert arithmetic.wilson(11, 17) == (41, 83)


@pytest.mark.parametrize(
    ("count", "n", "interval"),
    # Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3, in whole percents.
    [(81, 263, (26, 37)), (15, 148, (6, 16)), (0, 20, (0, 16)), (1, 29, (1, 17)), (29, 29, (88, 100))],
)
def test_published_wilson_intervals(count: int, n: int, interval: tuple[int, int]) -> None:
    assert arithmetic.wilson(count, n) == interval


@pytest.mark.parametrize(
    ("given_counts", "interval"),
    # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
    ],
)
def test_published_differences(given_counts: tuple[int, int, int, int], interval: tuple[float, float]) -> None:
    found = arithmetic.newcombe_difference(*given_counts)
    assert found == pytest.approx(interval, abs=0.00006)


def test_a_movement_is_a_change_only_where_the_counts_support_it() -> None:
    assert arithmetic.change(56, 70, 48, 80) == "better"
    assert arithmetic.change(48, 80, 56, 70) == "worse"
    assert arithmetic.change(2, 2, 1, 2) == "no clear change"
    assert arithmetic.change(5, 10, 5, 10) == "no clear change"


@pytest.mark.parametrize(("n", "small"), [(0, False), (1, True), (4, True), (5, False)])
def test_small_numbers(n: int, small: bool) -> None:
    assert arithmetic.is_small(n) is small


def test_what_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="5 of 4"):
        arithmetic.wilson(5, 4)
    with pytest.raises(ValueError, match="negative"):
        arithmetic.largest_remainder((-1, 2))


@given(st.lists(counts, min_size=1, max_size=8).filter(any), st.integers(min_value=0, max_value=100))
def test_shares_add_up_and_keep_their_order(values: list[int], points: int) -> None:
    shares = arithmetic.largest_remainder(values, points)
    assert shares is not None
    assert sum(shares) == points
    total = sum(values)
    for place, (share, count) in enumerate(zip(shares, values, strict=True)):
        assert 0 <= points * count // total <= share <= -(-points * count // total), "off by less than one"
        for other in range(len(values)):
            if count > values[other] or (count == values[other] and place > other):
                assert share >= shares[other]


@given(some)
def test_every_row_adds_to_a_hundred(row: tuple[int, int, int, int]) -> None:
    printed = arithmetic.percentages(*row)
    assert printed is not None
    assert printed.good_or_outstanding + printed.requires_improvement + printed.inadequate == 100
    assert printed.outstanding + printed.good == printed.good_or_outstanding
    assert min(vars(printed).values()) >= 0
    for share, count in zip((printed.outstanding, printed.good), row[:2], strict=True):
        assert count or not share, "a grade that nobody gave prints 0"
    n = sum(row)
    better = row[0] + row[1]
    reached = arithmetic.meets_target(better, n)
    assert not reached or printed.good_or_outstanding >= arithmetic.TARGET, "what meets the target never prints less"


@given(some, st.integers(min_value=1, max_value=99))
def test_the_exact_share_never_reads_as_the_target_it_misses(row: tuple[int, int, int, int], target: int) -> None:
    n, better = sum(row), row[0] + row[1]
    exact = arithmetic.exact_percent(better, n, target)
    assert exact is not None
    assert (float(exact) >= target) == arithmetic.meets_target(better, n, target)


@given(st.integers(min_value=1, max_value=500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_narrows_with_n(share: tuple[int, int]) -> None:
    count, n = share
    interval, wider = arithmetic.wilson(count, n), arithmetic.wilson(10 * count, 10 * n)
    assert interval is not None
    assert wider is not None
    assert 0 <= interval[0] <= 100 * count / n + 0.5
    assert 100 * count / n - 0.5 <= interval[1] <= 100
    assert wider[1] - wider[0] <= interval[1] - interval[0]


@given(some, some)
def test_a_change_read_backwards_is_the_opposite(now: tuple[int, ...], before: tuple[int, ...]) -> None:
    opposite = {"better": "worse", "worse": "better", "no clear change": "no clear change"}
    pair = (now[0] + now[1], sum(now)), (before[0] + before[1], sum(before))
    forwards, backwards = arithmetic.change(*pair[0], *pair[1]), arithmetic.change(*pair[1], *pair[0])
    assert forwards is not None
    assert backwards == opposite[forwards]
