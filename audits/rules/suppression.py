"""Small numbers in tables for readers outside the QA unit (product.md NK-8): withheld, and not to be worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from heapq import heappop, heappush

SMALLEST_SHOWN = 5

Cell = tuple[int, int]  # row and column
Point = tuple[str, int]  # "row" or "column" and its number


def withheld_cells(rows: Sequence[Sequence[int]], k: int = SMALLEST_SHOWN) -> frozenset[Cell]:
    """Which cells of a table of counts are withheld: (row, column), where the row after the last holds the totals of
    the columns and the column after the last those of the rows.

    Every count from 1 to k-1 goes, and as many others, the smallest first, as it takes that no withheld count follows
    from the counts that are shown. A total is a count like any other.
    """
    table = [[*row, sum(row)] for row in rows]
    table.append([sum(column) for column in zip(*table, strict=True)])
    cells = {(r, c): count for r, row in enumerate(table) for c, count in enumerate(row)}
    withheld = {cell for cell, count in cells.items() if 0 < count < k}
    while exposed := _exposed(withheld):
        withheld |= _circle(min(exposed), cells, withheld)
    return frozenset(withheld)


def _circle(cell: Cell, cells: dict[Cell, int], withheld: set[Cell]) -> set[Cell]:
    """The cells to withhold besides, so that `cell` lies on a circle: the cheapest way from its row to its column.

    A cell costs its count, and something for being one more; a zero costs most, since it is seldom a secret.
    """
    cost = {
        other: 0 if other in withheld else (count + 20 if count else 10_000)
        for other, count in cells.items()
        if other != cell
    }
    start, goal = ("row", cell[0]), ("column", cell[1])
    waiting: list[tuple[int, Point, tuple[Cell, ...]]] = [(0, start, ())]
    done: set[Point] = set()
    while waiting:
        spent, point, way = heappop(waiting)
        if point == goal:
            return set(way)
        if point in done:
            continue
        done.add(point)
        place = 0 if point[0] == "row" else 1
        for other, price in cost.items():
            if other[place] == point[1]:
                to = ("column", other[1]) if place == 0 else ("row", other[0])
                if to not in done:
                    heappush(waiting, (spent + price, to, (*way, other)))
    raise ValueError("A table needs a total row and a total column.")  # they are always there: there is always a way


def _exposed(withheld: set[Cell]) -> set[Cell]:
    """The withheld cells that follow from the shown ones.

    Rows and columns are points and withheld cells the lines between them: a cell can be worked out exactly when its
    line is a bridge, that is, lies on no circle.
    """
    ends: dict[Point, list[Point]] = defaultdict(list)
    for row, column in withheld:
        ends["row", row].append(("column", column))
        ends["column", column].append(("row", row))
    reached: dict[Point, int] = {}
    lowest: dict[Point, int] = {}
    bridges: set[Cell] = set()

    def walk(point: Point, origin: Point | None) -> None:
        reached[point] = lowest[point] = len(reached)
        for other in ends[point]:
            if other == origin:
                continue
            if other in reached:
                lowest[point] = min(lowest[point], reached[other])
                continue
            walk(other, point)
            lowest[point] = min(lowest[point], lowest[other])
            if lowest[other] > reached[point]:
                bridges.add((point[1], other[1]) if point[0] == "row" else (other[1], point[1]))

    for point in list(ends):
        if point not in reached:
            walk(point, None)
    return bridges
