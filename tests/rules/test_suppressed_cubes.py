"""Issue 5 item 7: in a cube of months, services and bands no small number is shown or can be worked out.

The attacker knows every cell that is shown, how the totals are made, and that a count is a whole number not below 0.
He solves the equations exactly (modulo a large prime), and narrows each unknown from both sides.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product

import pytest

from audits.rules import suppression
from audits.rules.suppression import (
    Dimension,
    Place,
    cube_of,
    cube_without,
    told_along,
    withheld_of_cube,
    withheld_of_parts,
)

PRIME = (1 << 61) - 1
K = 5

Cube = tuple[tuple[Dimension, ...], dict[Place, int]]


def random_cube(rng: random.Random) -> Cube:
    """Months in quarters in a year; services, some with teams; bands with their total: counts as audits have them."""
    quarters = rng.randint(1, 3)
    months = {f"m{q}{m}": f"q{q}" for q in range(quarters) for m in range(rng.randint(1, 3))}
    time = Dimension(months | {f"q{q}": "year" for q in range(quarters)} | {"year": ""})
    services = rng.randint(1, 3)
    units: dict[str, str] = {f"s{s}": "all" for s in range(services)}
    if rng.random() < 0.4:
        units |= {f"t{s}{t}": f"s{s}" for s in range(services) for t in range(rng.randint(1, 2))}
    where = Dimension(units | {"all": ""})
    bands = Dimension({**{f"b{b}": "n" for b in range(rng.randint(2, 3))}, "n": ""})
    dimensions = (time, where, bands)
    scale = rng.choice((3, 7, 12, 30))
    leaves = {
        place: rng.choice((0, rng.randint(0, scale), rng.randint(0, scale)))
        for place in product(*(dimension.leaves for dimension in dimensions))
    }
    return dimensions, cube_of(dimensions, leaves)


def equations(dimensions: Sequence[Dimension]) -> list[tuple[Place, list[Place]]]:
    """Every total with the cells that it is the sum of."""
    found = []
    for axis, dimension in enumerate(dimensions):
        below: dict[str, list[str]] = {}
        for node, total in dimension.parents.items():
            if total:
                below.setdefault(total, []).append(node)
        others = [list(each.parents) if place != axis else [""] for place, each in enumerate(dimensions)]
        for rest in product(*others):
            for total, nodes in below.items():
                found.append((_put(rest, axis, total), [_put(rest, axis, node) for node in nodes]))
    return found


def _put(place: Place, axis: int, node: str) -> Place:
    return (*place[:axis], node, *place[axis + 1 :])


def worked_out(cube: Cube, withheld: frozenset[Place]) -> set[Place]:
    """The small counts that are shown, or that the attacker finds."""
    dimensions, counts = cube
    small = {place for place, count in counts.items() if 0 < count < K}
    lines = equations(dimensions)
    return (small - withheld) | (small & _solved(lines, withheld)) | (small & _narrowed(lines, counts, withheld))


def _solved(lines: list[tuple[Place, list[Place]]], withheld: frozenset[Place]) -> set[Place]:
    """The unknowns that the equations alone fix: those whose row, in reduced form, has no other unknown."""
    rows: dict[Place, dict[Place, int]] = {}
    for total, parts in lines:
        row = {place: 1 for place in parts if place in withheld}
        if total in withheld:
            row[total] = PRIME - 1
        while row:
            lead = max(row)
            other = rows.get(lead)
            if other is None:
                inverse = pow(row[lead], -1, PRIME)
                rows[lead] = {place: value * inverse % PRIME for place, value in row.items()}
                break
            factor = row[lead]
            for place, value in other.items():
                row[place] = (row.get(place, 0) - factor * value) % PRIME
            row = {place: value for place, value in row.items() if value}
    for lead in sorted(rows):
        row = rows[lead]
        for place in [each for each in row if each != lead and each in rows]:
            factor = row[place]
            for each, value in rows[place].items():
                row[each] = (row.get(each, 0) - factor * value) % PRIME
        rows[lead] = {place: value for place, value in row.items() if value}
    return {lead for lead, row in rows.items() if len(row) == 1}


def _narrowed(
    lines: list[tuple[Place, list[Place]]], counts: dict[Place, int], withheld: frozenset[Place]
) -> set[Place]:
    """The unknowns that can have one value only, since nothing is below 0."""
    everything = 10**6
    low = {place: 0 if place in withheld else count for place, count in counts.items()}
    high = {place: everything if place in withheld else count for place, count in counts.items()}
    moved = True
    while moved:
        moved = False
        for total, parts in lines:
            lows, highs = sum(low[place] for place in parts), sum(high[place] for place in parts)
            bounds = [(total, lows, highs)]
            bounds += [
                (place, low[total] - (highs - high[place]), high[total] - (lows - low[place])) for place in parts
            ]
            for place, least, most in bounds:
                if least > low[place] or most < high[place]:
                    low[place], high[place] = max(low[place], least), min(high[place], most)
                    moved = True
    return {place for place in withheld if low[place] == high[place]}


def test_a_small_number_takes_others_with_it_in_every_direction() -> None:
    months = Dimension({"april": "quarter", "may": "quarter", "june": "quarter", "quarter": ""})
    services = Dimension({"near": "all", "far": "all", "all": ""})
    bands = Dimension({"good": "n", "not good": "n", "n": ""})
    leaves = dict.fromkeys(product(months.leaves, services.leaves, bands.leaves), 20)
    leaves["may", "near", "good"] = 2
    cube = (months, services, bands), cube_of((months, services, bands), leaves)
    withheld = withheld_of_cube(*cube)
    assert ("may", "near", "good") in withheld
    assert len(withheld) == 8
    assert not worked_out(cube, withheld)


def test_nothing_small_withholds_nothing() -> None:
    rng = random.Random(1)
    dimensions, _ = random_cube(rng)
    plenty = dict.fromkeys(product(*(dimension.leaves for dimension in dimensions)), 100)
    assert withheld_of_cube(dimensions, cube_of(dimensions, plenty)) == frozenset()


def test_what_was_shown_before_is_not_taken_back() -> None:
    """A quarter is published after its months: then the quarter's own figure has to give way."""
    bands = Dimension({"good": "n", "not good": "n", "n": ""})
    quarter = Dimension({"april": "quarter", "may": "quarter", "june": "quarter", "quarter": ""})
    leaves = {(month, band): 20 for month in quarter.leaves for band in bands.leaves} | {("may", "good"): 2}
    months = Dimension(dict.fromkeys(quarter.leaves, ""))
    first = cube_of((months, bands), leaves)
    withheld = withheld_of_cube((months, bands), first)
    shown = set(first) - withheld
    counts = cube_of((quarter, bands), leaves)
    later = withheld_of_cube((quarter, bands), counts, withheld=withheld, shown=shown)
    assert withheld <= later and not later & shown
    assert ("quarter", "good") in later
    assert not worked_out(((quarter, bands), counts), later)


def attack(number: int, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(number):
        cube = random_cube(rng)
        found = worked_out(cube, withheld_of_cube(*cube))
        assert not found, (cube, found)


def test_no_small_number_of_a_random_cube_is_shown_or_follows() -> None:
    attack(200, seed=20260401)


def falls(protect: object, number: int = 150) -> bool:
    rng = random.Random(5)
    for _ in range(number):
        cube = random_cube(rng)
        if worked_out(cube, protect(cube)):  # type: ignore[operator]
            return True
    return False


def _flat(dimension: Dimension) -> Dimension:
    """The dimension as if its totals were not made of its nodes."""
    return Dimension(dict.fromkeys(dimension.parents, ""))


@pytest.mark.parametrize("axis", range(3), ids=["months", "services", "bands"])
def test_the_attacker_finds_what_is_left_open_where_the_totals_of_a_dimension_are_forgotten(axis: int) -> None:
    def protect(cube: Cube) -> frozenset[Place]:
        dimensions, counts = cube
        forgetful = [_flat(each) if place == axis else each for place, each in enumerate(dimensions)]
        return withheld_of_cube(forgetful, counts)

    assert falls(protect)


def test_the_attacker_finds_what_is_left_open_without_a_second_cell() -> None:
    assert falls(lambda cube: frozenset(place for place, count in cube[1].items() if 0 < count < K))


def test_the_attacker_finds_what_is_left_open_where_small_totals_are_shown() -> None:
    def protect(cube: Cube) -> frozenset[Place]:
        dimensions, counts = cube
        leaves = set(product(*(dimension.leaves for dimension in dimensions)))
        return withheld_of_cube(dimensions, counts, check=leaves)

    assert falls(protect)


def test_another_cube_with_counts_below_zero_is_no_protection() -> None:
    counts = {("a",): 3, ("b",): 0, ("c",): 0}
    assert not suppression._leads_to_counts([(("a",), 1), (("b",), 1), (("c",), -1)], counts)
    assert suppression._leads_to_counts([(("a",), 1), (("c",), -1)], counts)


# --- whoever knows one service in full -------------------------------------------------------------------------------


def services_of(cube: Cube) -> list[str]:
    return [node for node in cube[0][1].parents if node.startswith("s")]


def found_by_insiders(cube: Cube, withheld: frozenset[Place]) -> set[Place]:
    """What the head of any one service finds, who takes the service's own counts from every total."""
    found = set()
    for service in services_of(cube):
        rest = cube_without(*cube, service)
        found |= worked_out(rest, withheld & set(rest[1]))
    return found


def test_the_head_of_one_service_finds_no_small_number_of_the_others() -> None:
    rng = random.Random(20260701)
    for _ in range(60):
        cube = random_cube(rng)
        withheld = withheld_of_cube(*cube, insiders=services_of(cube))
        assert not worked_out(cube, withheld), cube
        assert not found_by_insiders(cube, withheld), cube


def test_the_head_of_one_service_finds_small_numbers_where_nobody_thought_of_them() -> None:
    rng = random.Random(5)
    cubes = [random_cube(rng) for _ in range(20)]
    assert any(found_by_insiders(cube, withheld_of_cube(*cube)) for cube in cubes)


def test_a_total_is_withheld_where_it_leaves_few_without_one_service() -> None:
    """8 inadequate: whoever knows that 6 of them are their own knows that the others have 2."""
    services = Dimension({"near": "all", "far": "all", "wide": "all", "all": ""})
    bands = Dimension({"inadequate": "n", "better": "n", "n": ""})
    leaves = {("near", "inadequate"): 6, ("far", "inadequate"): 0, ("wide", "inadequate"): 2}
    leaves |= {(service, "better"): 30 for service in services.leaves}
    counts = cube_of((services, bands), leaves)
    assert ("all", "inadequate") in withheld_of_cube((services, bands), counts, insiders=services.leaves)


Parts = list[dict[Place, int]]


def parts_of(rng: random.Random) -> tuple[tuple[Dimension, ...], Parts]:
    """A table in which the services are not shown, and what each of them has of it."""
    names, columns = [f"n{r}" for r in range(rng.randint(1, 5))], [f"c{c}" for c in range(rng.randint(2, 3))]
    scale = rng.choice((3, 8, 20))
    parts = [
        {place: rng.choice((0, rng.randint(0, scale))) for place in product(names, columns)}
        for _ in range(rng.randint(1, 4))
    ]
    return (
        Dimension(dict.fromkeys(names, "all") | {"all": ""}),
        Dimension(dict.fromkeys(columns, "n") | {"n": ""}),
    ), parts


def found_in_parts(dimensions: tuple[Dimension, ...], parts: Parts, withheld: frozenset[Place]) -> bool:
    """Whether a small number of all services, or of what is left without one of them, is shown or follows."""
    nobody = dict.fromkeys(parts[0], 0)
    return any(
        worked_out((dimensions, cube_of(dimensions, {
            place: sum(each[place] for each in parts) - own[place] for place in nobody
        })), withheld)
        for own in (nobody, *parts)
    )  # fmt: skip


def test_a_table_of_all_services_tells_nothing_small_to_whoever_knows_one_of_them() -> None:
    rng = random.Random(7)
    for _ in range(200):
        dimensions, parts = parts_of(rng)
        assert not found_in_parts(dimensions, parts, withheld_of_parts(dimensions, parts)), parts


def test_a_table_of_all_services_tells_something_small_where_nobody_thought_of_them() -> None:
    rng = random.Random(7)
    tables = [parts_of(rng) for _ in range(40)]
    whole = [{place: sum(part[place] for part in parts) for place in parts[0]} for _, parts in tables]
    assert any(
        found_in_parts(dimensions, parts, withheld_of_parts(dimensions, [all_]))
        for (dimensions, parts), all_ in zip(tables, whole, strict=True)
    )


# --- sums since April ------------------------------------------------------------------------------------------------


def random_run(rng: random.Random) -> list[dict[str, int] | None]:
    """Sums since April with what is left of them: numerator, denominator, the rest; a month may be missing."""
    hit = miss = 0
    found: list[dict[str, int] | None] = []
    scale = rng.choice((2, 6, 15))
    for _ in range(rng.randint(1, 12)):
        hit, miss = hit + rng.choice((0, rng.randint(0, scale))), miss + rng.randint(0, scale)
        found.append({"hit": hit, "miss": miss, "of": hit + miss} if rng.random() > 0.1 else None)
    return found


def small_steps(run: list[dict[str, int] | None], told: tuple[bool, ...]) -> list[int]:
    """Every difference of 1 to 4 between two sums that are told, or nothing and one of them."""
    held = [{"hit": 0, "miss": 0, "of": 0}] + [each for each, yes in zip(run, told, strict=True) if yes and each]
    return [
        later[name] - earlier[name]
        for place, later in enumerate(held)
        for earlier in held[:place]
        for name in later
        if 0 < later[name] - earlier[name] < K
    ]


def test_no_two_sums_since_april_leave_a_small_number_between_them() -> None:
    rng = random.Random(11)
    for _ in range(2000):
        run = random_run(rng)
        told = told_along(run)
        assert not small_steps(run, told), run
        assert all(told_along(run[:end]) == told[:end] for end in range(len(run)))


def test_sums_since_april_leave_small_numbers_where_only_small_sums_are_withheld() -> None:
    rng = random.Random(11)
    runs = [random_run(rng) for _ in range(50)]
    assert any(
        small_steps(run, tuple(each is not None and not any(0 < n < K for n in each.values()) for each in run))
        for run in runs
    )
