"""Counts, medians and withheld counts of answers to one question."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audits.choices import QuestionKind
from audits.rules.answers import Middle, count_of_choices, hidden_choices, middle, percents, wording

NUMBER, DATE = QuestionKind.NUMBER, QuestionKind.DATE


def test_each_choice_of_a_list_counts_once() -> None:
    assert count_of_choices([(["a", "b", "a"], 2), ("a", 1), (["b"], 1)]) == {"a": 3, "b": 3}


@pytest.mark.parametrize(
    ("values", "median"),
    [([(3, 1)], 3), ([(1, 1), (2, 1)], 1.5), ([(1, 5), (9, 1)], 1), ([(2.5, 1), (4, 2), (10, 1)], 4)],
)
def test_the_median_of_numbers(values: list[tuple[float, int]], median: float) -> None:
    found = middle(NUMBER, values)
    assert found is not None
    assert found.median == median


def test_the_median_of_dates_is_a_day_that_was_given() -> None:
    days = [("2026-03-04", 1), ("2026-03-01", 1), ("2026-05-01", 2)]
    assert middle(DATE, days) == Middle(date(2026, 3, 4), date(2026, 3, 1), date(2026, 5, 1))


def test_what_is_no_number_or_day_counts_for_nothing() -> None:
    assert middle(NUMBER, [("three", 1), (None, 2), (True, 3)]) is None
    assert middle(DATE, [("31/02/2026", 1), (7, 1)]) is None


def test_percents_of_single_answers_add_to_100() -> None:
    assert percents([1, 1, 1], 3, several=False) == (33, 33, 34)
    assert percents([4, 8, 0], 12, several=False) == (33, 67, 0)
    assert percents([2, 3], 3, several=True) == (67, 100)
    assert percents([0, 0], 0, several=False) == (0, 0)


def test_wordings_are_the_same_whatever_their_spaces() -> None:
    assert wording("Was the  child seen? ") == wording("was the child SEEN?")


def test_a_small_count_takes_another_with_it() -> None:
    assert hidden_choices({"yes": 20, "no": 3, "na": 9}, 32, k=5, several=False) == {"no", "na"}
    assert hidden_choices({"yes": 20, "no": 12, "na": 0}, 32, k=5, several=False) == set()
    assert hidden_choices({"yes": 1, "no": 2}, 3, k=5, several=False) == {"yes", "no"}


def test_of_several_choices_one_that_nearly_everybody_made_is_small_too() -> None:
    assert hidden_choices({"a": 19, "b": 10, "c": 2}, 20, k=5, several=True) == {"a", "c"}


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=6))
def test_no_withheld_count_follows_from_those_shown(counts: list[int]) -> None:
    named = {str(place): count for place, count in enumerate(counts)}
    n = sum(counts)
    hidden = hidden_choices(named, n, k=5, several=False)
    assert {key for key, count in named.items() if 0 < count < 5} <= hidden
    if hidden and n >= 5:
        # More than one is hidden, and what is left over for them is no small number itself.
        assert len(hidden) >= 2 or hidden == set(named)
        assert sum(named[key] for key in hidden) >= 5
