"""Small numbers in tables for readers outside the QA unit (product.md NK-8): withheld, and not to be worked out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import product
from typing import Any

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


# --- cubes: months, services and bands with all their totals -------------------------------------------------------


Node = str  # a value of a dimension, or a total of it
Place = tuple[Node, ...]  # one node of each dimension
Move = tuple[tuple[Node, int], ...]  # nodes with +1 or -1, so that every sum along the dimension stays as it is

_PARTNERS = 12  # moves of a dimension that are tried for a cell, the shortest first


@dataclass(frozen=True)
class Dimension:
    """A way in which counts are cut, with its totals: each node and the total that it goes into ("" for none).

    Months go into quarters and those into years, teams into services and those into the department. A total is the sum
    of every node that goes into it.
    """

    parents: Mapping[Node, Node]

    @cached_property
    def leaves(self) -> tuple[Node, ...]:
        """The nodes that no other goes into."""
        totals = set(self.parents.values())
        return tuple(node for node in self.parents if node not in totals)

    def way_up(self, node: Node) -> tuple[Node, ...]:
        """The node and every total above it."""
        found = []
        while node:
            found.append(node)
            node = self.parents[node]
        return tuple(found)

    @cached_property
    def _moves(self) -> dict[Node, tuple[Move, ...]]:
        """For each node the moves that touch it: a leaf up and another down, or a leaf up with all its totals."""
        found: dict[Node, set[Move]] = defaultdict(set)
        ways = {leaf: self.way_up(leaf) for leaf in self.leaves}
        for leaf, way in ways.items():
            alone: Move = tuple((node, 1) for node in way)
            for node in way:
                found[node].add(alone)
            for other, other_way in ways.items():
                if other != leaf:
                    move = tuple((node, 1) for node in way if node not in other_way)
                    move += tuple((node, -1) for node in other_way if node not in way)
                    for node, sign in move:
                        if sign > 0:
                            found[node].add(move)
        return {
            node: tuple(sorted(moves, key=lambda move: (len(move), move))[:_PARTNERS]) for node, moves in found.items()
        }

    def moves(self, node: Node) -> tuple[Move, ...]:
        """The moves that change this node, the shortest first."""
        return self._moves.get(node, ())


def withheld_of_cube(
    dimensions: Sequence[Dimension],
    counts: Mapping[Place, int],
    k: int = SMALLEST_SHOWN,
    *,
    withheld: Collection[Place] = (),
    shown: Collection[Place] = (),
    check: Iterable[Place] | None = None,
    dear: Collection[Node] = (),
    insiders: Iterable[Node] = (),
) -> frozenset[Place]:
    """Which cells of a cube of counts are withheld. `counts` has a cell for every node of every dimension, totals too.

    Every count from 1 to k-1 goes. For each of them there has to be another cube of whole counts, none below 0, that
    differs in that very cell and agrees with every cell that is shown, in every sum along every dimension: then no
    subtraction of rows, columns, totals, neighbouring months, longer periods or drill-downs leads to it. The cells by
    which the two cubes differ go as well, the smallest first.

    `withheld` are cells withheld already and `shown` cells that were shown before and cannot be taken back; `check`
    names the cells that are looked at (all of them otherwise), and cells of the nodes in `dear` go last.

    `insiders` are nodes that somebody sees in full, such as a service and its head, who can take them from every total:
    the cube without any one of them is a cube like any other, and protected like any other.
    """
    wanted = list(counts if check is None else check)
    hidden = set(_withheld(dimensions, counts, k, wanted, withheld, shown, dear))
    for insider in insiders:
        rest, left = cube_without(dimensions, counts, insider)
        there = set(left)
        hidden |= _withheld(rest, left, k, [each for each in wanted if each in there], there & hidden,
                            there & set(shown), dear)  # fmt: skip
    return frozenset(hidden)


def withheld_of_parts(
    dimensions: Sequence[Dimension], parts: Iterable[Mapping[Place, int]], k: int = SMALLEST_SHOWN
) -> frozenset[Place]:
    """Which cells of a cube of all services are withheld where the services are not shown in it, but each is known to
    its own head: the counts of all of them, and what is left without any one, are protected. `parts` are the leaves of
    each service."""
    whole: Counter[Place] = Counter()
    parts = [Counter(part) for part in parts]
    for part in parts:
        whole.update(part)
    hidden: set[Place] = set()
    for part in ({}, *parts):
        counts = cube_of(dimensions, {place: count - part.get(place, 0) for place, count in whole.items()})
        hidden |= _withheld(dimensions, counts, k, list(counts), hidden, (), ())
    return frozenset(hidden)


def cube_without(
    dimensions: Sequence[Dimension], counts: Mapping[Place, int], node: Node
) -> tuple[tuple[Dimension, ...], dict[Place, int]]:
    """The cube as it is for whoever knows every count of a node: without it and what goes into it, its totals less."""
    axis = next(place for place, each in enumerate(dimensions) if node in each.parents)
    whole = dimensions[axis]
    above = set(whole.way_up(node)[1:])
    rest = Dimension({each: total for each, total in whole.parents.items() if node not in whole.way_up(each)})
    left = {
        place: count - (counts[(*place[:axis], node, *place[axis + 1 :])] if place[axis] in above else 0)
        for place, count in counts.items()
        if place[axis] in rest.parents
    }
    return (*dimensions[:axis], rest, *dimensions[axis + 1 :]), left


def _withheld(
    dimensions: Sequence[Dimension],
    counts: Mapping[Place, int],
    k: int,
    wanted: Sequence[Place],
    withheld: Collection[Place],
    shown: Collection[Place],
    dear: Collection[Node],
) -> frozenset[Place]:
    hidden = {place for place in wanted if 0 < counts[place] < k} | set(withheld)
    fixed = set(shown) - hidden
    for place in sorted((place for place in wanted if 0 < counts[place] < k), key=lambda place: (counts[place], place)):
        hidden |= _other_cube(place, dimensions, counts, hidden, fixed, frozenset(dear))
    return frozenset(hidden)


def _other_cube(
    place: Place,
    dimensions: Sequence[Dimension],
    counts: Mapping[Place, int],
    hidden: set[Place],
    fixed: set[Place],
    dear: frozenset[Node],
) -> set[Place]:
    """The cells by which the cheapest other cube differs: those to withhold so that `place` cannot be worked out.

    A cell costs its count, and something for being one more; a zero costs most, since it is seldom a secret, and a
    dear one more than any other count.
    """
    best: tuple[int, set[Place]] | None = None
    for moves in product(*(dimension.moves(node) for dimension, node in zip(dimensions, place, strict=True))):
        cells = list(_cells(moves))
        if not _leads_to_counts(cells, counts):
            continue
        more = {cell for cell, _ in cells if cell not in hidden}
        if not more:
            return set()
        if more & fixed:
            continue
        cost = sum(counts[cell] + (20 if dear.isdisjoint(cell) else 5_000) if counts[cell] else 10_000 for cell in more)
        if best is None or cost < best[0]:
            best = cost, more
    if best is None:
        raise ValueError(f"{place} cannot be protected: its totals were all shown before.")
    return best[1]


def _cells(moves: Sequence[Move]) -> Iterator[tuple[Place, int]]:
    """The cells that a move along every dimension at once changes, and which way."""
    for parts in product(*moves):
        sign = 1
        for _, way in parts:
            sign *= way
        yield tuple(node for node, _ in parts), sign


def _leads_to_counts(cells: Sequence[tuple[Place, int]], counts: Mapping[Place, int]) -> bool:
    """Whether one step this way or that leaves every count at 0 or more."""
    return any(all(counts[cell] > 0 for cell, sign in cells if sign == way) for way in (1, -1))


def cube_of(dimensions: Sequence[Dimension], leaves: Mapping[Place, int]) -> dict[Place, int]:
    """The cube with all its totals from the counts of its leaves; a leaf that is not named is 0."""
    counts = dict.fromkeys(product(*(dimension.parents for dimension in dimensions)), 0)
    for place, count in leaves.items():
        for above in product(*(dimension.way_up(node) for dimension, node in zip(dimensions, place, strict=True))):
            counts[above] += count
    return counts


# --- sums that grow from month to month ----------------------------------------------------------------------------


def told_along(run: Sequence[Mapping[str, int] | None], k: int = SMALLEST_SHOWN) -> tuple[bool, ...]:
    """Which sums of a run (since April, say) are told: those of which no count has moved by 1 to k-1 since the last one
    that was told. Two neighbouring sums could be subtracted, and the first one is a count itself.

    `run` has, month by month from the first, every count that can be worked out of the sum; None where nothing is held.
    What was told of a month stays as it is when later months come.
    """
    found = []
    last: Mapping[str, int] = {}
    for counts in run:
        told = counts is not None and not any(
            0 < abs(counts.get(name, 0) - last.get(name, 0)) < k for name in (*counts, *last)
        )
        found.append(told)
        if told and counts is not None:
            last = counts
    return tuple(found)


def with_the_rest(
    counts: Mapping[str, int], parts: Mapping[Any, Mapping[str, int]], known: Iterable[Any]
) -> dict[str, int]:
    """Every count, and what is left of it without any one of the parts that are `known` to somebody: a service has none
    where it is not among `parts`."""
    left = {
        f"{name} without {part}": count - parts.get(part, {}).get(name, 0)
        for part in known
        for name, count in counts.items()
    }
    return {**counts, **left}
