"""Product.md NK-8: a small number outside the QA unit is withheld, and cannot be worked out."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from audits.rules.suppression import withheld_cells

tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 9), min_size=width, max_size=width), min_size=1, max_size=8)
)


def with_totals(rows: list[list[int]]) -> list[list[int]]:
    table = [[*row, sum(row)] for row in rows]
    return [*table, [sum(column) for column in zip(*table, strict=True)]]


def worked_out(rows: list[list[int]], withheld: frozenset[tuple[int, int]]) -> set[tuple[int, int]]:
    """The withheld cells whose value follows from the sums: those that elimination leaves without a free unknown."""
    table = with_totals(rows)
    unknown = sorted(withheld)
    lines = [[(r, c) for c in range(len(table[0]))] for r in range(len(table))]
    lines += [[(r, c) for r in range(len(table))] for c in range(len(table[0]))]
    # The last cell of each line is the sum of the others.
    matrix = [[Fraction((cell in line) * (-1 if cell == line[-1] else 1)) for cell in unknown] for line in lines]
    pivots: list[int] = []
    for column in range(len(unknown)):
        row = next((r for r in range(len(pivots), len(matrix)) if matrix[r][column]), None)
        if row is None:
            continue
        place = len(pivots)
        matrix[place], matrix[row] = matrix[row], matrix[place]
        matrix[place] = [value / matrix[place][column] for value in matrix[place]]
        for other in range(len(matrix)):
            if other != place and matrix[other][column]:
                factor = matrix[other][column]
                matrix[other] = [
                    value - factor * lead for value, lead in zip(matrix[other], matrix[place], strict=True)
                ]
        pivots.append(column)
    return {
        unknown[column]
        for place, column in enumerate(pivots)
        if not any(value for at, value in enumerate(matrix[place]) if at != column)
    }


def test_nothing_small_withholds_nothing() -> None:
    assert withheld_cells([[5, 9], [0, 12]]) == frozenset()


def test_one_small_number_takes_three_others_with_it() -> None:
    withheld = withheld_cells([[2, 10, 10], [20, 20, 20], [30, 30, 30]])
    assert (0, 0) in withheld
    assert len(withheld) == 4


def test_a_small_total_is_small_too() -> None:
    assert {(0, 2), (1, 2)} <= withheld_cells([[1, 1], [20, 30]])


@settings(max_examples=400, deadline=None)
@given(tables)
def test_no_small_number_is_shown_or_follows_from_what_is(rows: list[list[int]]) -> None:
    withheld = withheld_cells(rows)
    small = {(r, c) for r, row in enumerate(with_totals(rows)) for c, count in enumerate(row) if 0 < count < 5}
    assert small <= withheld
    everything = len(rows[0] + [0]) * (len(rows) + 1)
    assert len(withheld) == everything or not worked_out(rows, withheld)
