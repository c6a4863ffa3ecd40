"""The public version of the figures: published months alone, small numbers withheld, and not to be worked out.

The whole department is shown by month, quarter and financial year, its services by quarter and year alone: a month of
one service is nearly always small, and showing some of them would cost the totals. Months are taken in the order in
which they were published, each with the quarter and the year that it completes. What a month showed once is never taken
back, so a later total gives way instead. Whoever leads a service sees its figures in full and could take them from a
total: what is left of the others is protected like any other count. Any other period is shown only where it is a sum of
figures that are shown anyhow: then it tells nothing new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from audits.choices import Breakdown, Grade, TallyCut, TallyStage
from audits.rules.arithmetic import TARGET, meets_target, percentages
from audits.rules.suppression import Dimension, Place, cube_of, withheld_of_cube
from reports.querysets import PublishedMonthQuerySet
from reports.rules.periods import earlier, months_between
from reports.selectors.figures import OutsideRow, PublicTable
from reports.selectors.months import sums_of

WHOLE = "Total"
AUDITED = "audited"
_BANDS = ("good_or_outstanding", "requires_improvement", "inadequate")
_DEAR = (AUDITED, _BANDS[0])  # what readers come for: how many, and how many good or outstanding
_ISSUED = (TallyStage.ISSUED,)

Leaf = tuple[str, str, str, int]  # month, service, band, count


@dataclass(frozen=True)
class PublicFigures:
    """What may be told of published months: `counts` of the cells that are shown; a cell that is not there is withheld.

    A cell is (time, service, band): time is a month, a quarter or a year by its first month and length.
    """

    months: tuple[date, ...]
    services: tuple[str, ...]
    counts: dict[Place, int]


def public_figures(published: PublishedMonthQuerySet) -> PublicFigures:
    """The figures of every published month, as far as they may be told. Issued audits alone, as each month had them.

    Published months never change, so what was worked out for them is kept.
    """
    key = tuple(published.order_by("published_at", "month").values_list("pk", "checksum"))
    if key not in _kept:
        while len(_kept) >= _KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = _worked_out(published)
    return _kept[key]


_KEPT = 4
_kept: dict[tuple[Any, ...], PublicFigures] = {}


def _worked_out(published: PublishedMonthQuerySet) -> PublicFigures:
    leaves: list[Leaf] = []
    months = []
    in_turn = published.order_by("published_at", "month")
    for month, figures in in_turn.values_list("month", "figures"):
        months.append(month)
        names = figures["units"]
        sums = sums_of(figures["cells"], _ISSUED)
        by_name: dict[str, Counter[str]] = {}
        services = {unit for unit, cut, _ in sums_of(figures["cells"]) if cut == TallyCut.TEAM}
        for unit in services:
            by_name.setdefault(names.get(unit, "?"), Counter()).update(sums.get((unit, TallyCut.TOTAL, ""), Counter()))
        for name, counts in sorted(by_name.items()):
            bands = (
                counts[Grade.OUTSTANDING] + counts[Grade.GOOD],
                counts[Grade.REQUIRES_IMPROVEMENT],
                counts[Grade.INADEQUATE],
            )
            leaves += [(f"{month:%Y-%m}", name, band, count) for band, count in zip(_BANDS, bands, strict=True)]
    shown = _shown(tuple(f"{month:%Y-%m}" for month in months), tuple(leaves))
    return PublicFigures(tuple(months), tuple(sorted({leaf[1] for leaf in leaves})), dict(shown))


def _shown(months: tuple[str, ...], leaves: tuple[Leaf, ...]) -> tuple[tuple[Place, int], ...]:
    """The cells that are shown."""
    services = sorted({leaf[1] for leaf in leaves})
    where = Dimension(dict.fromkeys(services, WHOLE) | {WHOLE: ""})
    bands = Dimension(dict.fromkeys(_BANDS, AUDITED) | {AUDITED: ""})
    hidden: frozenset[Place] = frozenset()
    seen: dict[Place, int] = {}
    done: list[str] = []
    for month in months:
        done.append(month)
        known = set(done)
        parents = _parents(done)
        time = Dimension(parents)
        counts = cube_of(
            (time, where, bands), {(when, name, band): count for when, name, band, count in leaves if when in known}
        )
        # What is new: the month, and the quarter and the year that it completes, with every month of those.
        touched = {month, *time.way_up(month)}
        touched |= {node for node in parents if set(time.way_up(node)) & touched}
        check = [place for place in counts if place[0] in touched]
        hidden |= {(month, name, band) for name in services for band in bands.parents}
        hidden = withheld_of_cube(
            (time, where, bands), counts, withheld=hidden, shown=seen, check=check, dear=_DEAR, insiders=services
        )
        seen = {place: count for place, count in counts.items() if place not in hidden}
    return tuple(sorted(seen.items()))


def _parents(months: Sequence[str]) -> dict[str, str]:
    """Months, and the quarters and financial years that are complete."""
    known = set(months)
    parents: dict[str, str] = {}
    for month in months:
        first = date.fromisoformat(f"{month}-01")
        quarter = earlier(first, (first.month - 1) % 3)
        year = earlier(first, (first.month - 4) % 12)
        in_quarter = known >= set(_run(quarter, 3))
        in_year = known >= set(_run(year, 12))
        whole_quarter, whole_year = f"{quarter:%Y-%m}+3", f"{year:%Y-%m}+12"
        parents[month] = whole_quarter if in_quarter else ""
        if in_quarter:
            parents[whole_quarter] = whole_year if in_year else ""
        if in_year:
            parents[whole_year] = ""
    return parents


def _run(first: date, count: int) -> list[str]:
    return [f"{earlier(first, -place):%Y-%m}" for place in range(count)]


# --- tables ----------------------------------------------------------------------------------------------------------


def public_table(
    figures: PublicFigures, *, first: date, last: date, by: str, services: Iterable[str] = (), target: int = TARGET
) -> PublicTable:
    """The public table of some months, by month or by service; other cuts have no public version.

    `services` are names; one of them narrows a table by month, and any number of them one by service.
    """
    chosen = [name for name in figures.services if name in set(services)] if services else []
    whole = chosen[0] if len(chosen) == 1 else WHOLE
    asked = [earlier(last, back) for back in range(months_between(first, last) - 1, -1, -1)]
    held = [month for month in asked if month in figures.months]
    if by == Breakdown.SERVICE:
        names = chosen or list(figures.services)
        rows = [_row(figures, name, name, held, name, target) for name in names]
    else:
        rows = [
            replace(
                _row(figures, f"{month:%Y-%m}", f"{month:%B %Y}", [month] if month in held else [], whole, target),
                published=month in held,
            )
            for month in asked
        ]
    total = _row(figures, WHOLE, WHOLE, held, whole, target)
    missing = tuple(f"{month:%B %Y}" for month in asked if month not in held)
    return PublicTable(str(by), first, last, tuple(rows), total, missing)


def _row(figures: PublicFigures, key: str, label: str, months: Sequence[date], service: str, target: int) -> OutsideRow:
    counts = [_sum(figures, months, service, band) for band in (*_BANDS, AUDITED)]
    *bands, audited = counts
    known = [audited is not None and band is not None and bool(audited) for band in bands]
    percent = None
    if audited and all(band is not None for band in bands):
        percent = percentages(0, bands[0] or 0, bands[1] or 0, bands[2] or 0)
    shares = []
    for place, name in enumerate(_BANDS):
        if percent is not None:
            shares.append(getattr(percent, name))
        elif known[place] and audited:
            shares.append((200 * (bands[place] or 0) + audited) // (2 * audited))
        else:
            shares.append(None)
    met = meets_target(bands[0] or 0, audited, target) if known[0] and audited else None
    return OutsideRow(key, label, audited, tuple(bands), tuple(shares), target, met)


def _sum(figures: PublicFigures, months: Sequence[date], service: str, band: str) -> int | None:
    """A sum over months of figures that are shown; None where it is none. Years and quarters are tried first, then
    months; no month at all is 0."""
    left = {f"{month:%Y-%m}" for month in months}
    total = 0
    for length in (12, 3, 1):
        for month in sorted(left):
            if month not in left:
                continue
            run = _run(date.fromisoformat(f"{month}-01"), length)
            node = month if length == 1 else f"{month}+{length}"
            count = figures.counts.get((node, service, band))
            if count is not None and left >= set(run):
                total += count
                left -= set(run)
    return None if left else total
