"""What the report pages print of a grade table: lines, tiles, bars and sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from audits import documents
from audits.choices import Breakdown, Grade
from audits.rules.arithmetic import change as change_of
from audits.rules.arithmetic import wilson
from audits.rules.suppression import SMALLEST_SHOWN, withheld_cells
from audits.selectors.grades import GradeRow, GradeTable
from core.charts import BarRow
from core.page_parts import Tile

WITHHELD_NOTE = (
    f"Counts from 1 to {SMALLEST_SHOWN - 1} are withheld, and others with them so that they cannot be worked out. "
    "Outstanding and good are shown together."
)

Link = Callable[[GradeRow, str], str]  # a row and a grade ("" for all of them) to an address, "" for none


@dataclass(frozen=True)
class Cell:
    """One cell as printed, where it leads, and what it says to whoever points at it (the exact share, RP-5)."""

    text: str
    href: str = ""
    strong: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Line:
    """One row of a printed table."""

    label: str
    cells: tuple[Cell, ...]
    href: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Printed:
    """A table as printed: column headings (the first one over the labels) and groups of lines."""

    heads: tuple[str, ...]
    groups: tuple[tuple[Line, ...], ...]


def months_across(table: GradeTable, link: Link) -> Printed:
    """The monthly table as councils print it: months are columns, the total is last, percentages stand over counts."""
    columns = (*table.rows, table.total)

    def line(
        label: str,
        text: Callable[[GradeRow], str],
        *,
        grade: str | None = None,
        strong: bool = False,
        hint: Callable[[GradeRow], str] = lambda row: "",
    ) -> Line:
        leads = grade is not None
        cells = [
            Cell(
                text(row),
                link(row, grade or "") if leads and _count(row, grade or "") else "",
                row is table.total,
                hint(row),
            )
            for row in columns
        ]
        return Line(label, tuple(cells), strong=strong)

    shares = (
        line("Cases audited", documents.audited, grade="", strong=True),
        line("% good or outstanding", lambda row: percent(row, "good_or_outstanding"), strong=True, hint=exact_hint),
        line("% requires improvement", lambda row: percent(row, "requires_improvement")),
        line("% inadequate", lambda row: percent(row, "inadequate")),
        line("Target", lambda row: f"{row.target}%"),
        line("Meets target", met),
        line("Likely between", likely),
        *([line("Small number", lambda row: "small" if row.small else "")] if any(r.small for r in columns) else []),
    )
    counts = (
        *(line(grade.label, _counter(grade.value), grade=grade.value) for grade in Grade),
        line("Provisional", lambda row: f"{row.provisional:,}" if row.audited else documents.NONE),
    )
    heads = ("", *(f"{row.label[:3]} {row.key[:4]}" for row in table.rows), table.total.label)
    return Printed(heads, (shares, counts))


def rows_down(table: GradeTable, link: Link) -> Printed:
    """A breakdown as a table: a row for each key, the total last."""
    counted = "Judgements" if table.counts_sections else "Audited"
    heads = (
        Breakdown(table.by).label, counted, "% good or outstanding", "% requires improvement", "% inadequate",
        "Likely between", "Meets target", "Change", *(grade.label for grade in Grade), "Provisional",
    )  # fmt: skip
    lines = tuple(_down(row, link, strong=row is table.total) for row in (*table.rows, table.total))
    return Printed(heads, (lines[:-1], lines[-1:]))


def _down(row: GradeRow, link: Link, *, strong: bool) -> Line:
    audited = documents.audited(row) + (" (small number)" if row.small else "")
    cells = (
        Cell(audited, link(row, "") if row.audited else ""),
        Cell(percent(row, "good_or_outstanding"), hint=exact_hint(row)),
        Cell(percent(row, "requires_improvement")),
        Cell(percent(row, "inadequate")),
        Cell(likely(row)),
        Cell(met(row)),
        Cell(change(row)),
        *(Cell(_counter(grade)(row), link(row, grade) if _count(row, grade) else "") for grade in Grade.values),
        Cell(f"{row.provisional:,}" if row.audited else documents.NONE),
    )
    return Line(row.label, cells, strong=strong)


@dataclass(frozen=True)
class OutsideRow:
    """A row for readers outside the QA unit: what may be shown of it. A count that is withheld is None, and so is what
    it would give away; `percents` are None as well where nothing was audited."""

    key: str
    label: str
    audited: int | None
    bands: tuple[int | None, ...]
    percents: tuple[int | None, ...]
    target: int
    meets_target: bool | None
    published: bool = True


@dataclass(frozen=True)
class PublicTable:
    """A table of the public version: a row for each month or service, the whole last."""

    by: str
    first: date
    last: date
    rows: tuple[OutsideRow, ...]
    total: OutsideRow
    unpublished: tuple[str, ...]


BANDS = ("good_or_outstanding", "requires_improvement", "inadequate")
BAND_WORDS = ("good or outstanding", "requires improvement", "inadequate")


def for_outside(table: GradeTable | PublicTable) -> tuple[OutsideRow, ...]:
    """The rows of a table and its total, with small numbers withheld (product.md NK-8)."""
    if isinstance(table, PublicTable):
        return (*table.rows, table.total)
    counts = [(row.good_or_better, row.requires_improvement, row.inadequate) for row in table.rows]
    withheld = withheld_cells(counts or [(0, 0, 0)])
    found = []
    for place, row in enumerate((*table.rows, table.total)):
        place = place if counts else 1
        bands = (row.good_or_better, row.requires_improvement, row.inadequate)
        shown = [(place, column) not in withheld for column in range(4)]
        percent = row.percent
        open_ = [shown[3] and shown[column] and percent is not None for column in range(3)]
        found.append(
            OutsideRow(
                row.key,
                row.label,
                row.audited if shown[3] else None,
                tuple(count if shown[column] else None for column, count in enumerate(bands)),
                tuple(getattr(percent, name) if open_[column] else None for column, name in enumerate(BANDS)),
                row.target,
                row.meets_target if open_[0] else None,
            )
        )
    return tuple(found)


def outside_cells(row: OutsideRow) -> list[object]:
    """The row for a spreadsheet or a page: n, three counts, three percents, target, and whether it is met."""

    def said(value: object, known: bool) -> object:
        return value if known else documents.WITHHELD

    if not row.published:
        return ["not published", *[documents.NONE] * 6, row.target, documents.NONE]
    some = row.audited != 0
    percents = [said(points, points is not None) if some else documents.NONE for points in row.percents]
    met_target = documents.yes_no(row.meets_target) if row.meets_target is not None or not some else documents.WITHHELD
    return [
        said(row.audited, row.audited is not None),
        *(said(count, count is not None) if some else documents.NONE for count in row.bands),
        *percents,
        row.target,
        met_target,
    ]


OUTSIDE_HEADER = (
    "Audited", *(words.capitalize() for words in BAND_WORDS), *(f"% {words}" for words in BAND_WORDS), "Target %",
    "Meets target",
)  # fmt: skip


def printed_outside(table: GradeTable | PublicTable) -> Printed:
    """The table for readers outside the QA unit: by month months are columns, otherwise a row a key."""
    rows = for_outside(table)
    order = (0, 4, 5, 6, 7, 8, 1, 2, 3)
    cells = {row.key: outside_cells(row) for row in rows}

    def text(row: OutsideRow, place: int) -> Cell:
        value = cells[row.key][place]
        number = isinstance(value, int)
        return Cell(f"{value}%" if number and 4 <= place <= 7 else f"{value:,}" if number else str(value))

    names = [OUTSIDE_HEADER[place].replace("Target %", "Target") for place in order]
    if table.by != Breakdown.MONTH:
        lines = tuple(Line(row.label, tuple(text(row, place) for place in order)) for row in rows)
        return Printed((Breakdown(table.by).label, *names), (lines[:-1], lines[-1:]))
    heads = ("", *(f"{row.label[:3]} {row.key[:4]}" for row in rows[:-1]), rows[-1].label)
    names[0] = "Cases audited"
    lines = tuple(Line(name, tuple(text(row, place) for row in rows)) for name, place in zip(names, order, strict=True))
    return Printed(heads, (lines[:6], lines[6:]))


def said_outside(table: GradeTable | PublicTable) -> str:
    """The answer in a sentence, as far as it may be told."""
    total = for_outside(table)[-1]
    if isinstance(table, PublicTable):
        return _said_public(table)
    if total.audited == 0:
        return "No audits were graded in this period."
    if total.percents[0] is None:
        return "These figures are withheld, since they rest on small numbers."
    return said(table)


def _said_public(table: PublicTable) -> str:
    total = table.total
    if total.audited == 0:
        return "No month of this period is published." if table.unpublished else "No audits were graded in this period."
    good = total.bands[0]
    if total.audited is None or good is None or total.percents[0] is None:
        return "The figures of the whole period are withheld, since they rest on small numbers or would give some away."
    low, high = wilson(good, total.audited) or (0, 100)
    reached = "is met" if total.meets_target else "is not met"
    return (
        f"Good or outstanding: {total.percents[0]}%, {good:,} of {total.audited:,}; likely between {low}% and {high}%. "
        f"The target of {total.target}% {reached}."
    )


def outside_notes(table: GradeTable | PublicTable) -> list[str]:
    """What a reader from outside has to know."""
    notes = [WITHHELD_NOTE]
    if isinstance(table, PublicTable):
        notes.append("Published months alone, with each month's figures as they were published.")
        notes.append("Services are shown for whole quarters and financial years alone.")
        if table.unpublished:
            notes.append(f"Not published: {', '.join(table.unpublished)}.")
    return notes


def said(table: GradeTable) -> str:
    """The answer in a sentence: the share, what it rests on, and the target."""
    total = table.total
    if total.withheld:
        return "These figures are withheld."
    if not total.audited:
        return "No audits were graded in this period."
    reached = "is met" if total.meets_target else "is not met"
    exact = f": the exact share is {total.exact}%" if total.rounding_hides_the_target else ""
    return f"Good or outstanding: {documents.in_words(total)}. The target of {total.target}% {reached}{exact}."


def percent(row: GradeRow, band: str) -> str:
    """A whole percent as printed; a dash where nothing was audited."""
    return documents.NONE if row.percent is None else f"{getattr(row.percent, band)}%"


def exact_hint(row: GradeRow) -> str:
    """The exact share good or outstanding, for whoever points at the printed one: "69.6%"."""
    return f"{row.exact}%" if row.exact else ""


def likely(row: GradeRow) -> str:
    """The Wilson interval as printed: "41% to 83%"."""
    return documents.NONE if row.interval is None else f"{row.interval[0]}% to {row.interval[1]}%"


def met(row: GradeRow) -> str:
    """Whether the target is met, with the exact share where rounding hides that it is not: "no, 69.6%"."""
    answer = documents.yes_no(row.meets_target)
    return f"{answer}, {row.exact}%" if row.rounding_hides_the_target else answer


def change(row: GradeRow) -> str:
    """The change on the period before as printed; a fixed space keeps it to two lines in a narrow column."""
    return (row.change or documents.NONE).replace("no clear", "no\u00a0clear")


def _count(row: GradeRow, grade: str) -> int:
    return row.counts[grade] if grade else row.audited


def _counter(grade: str) -> Callable[[GradeRow], str]:
    return lambda row: f"{row.counts[grade]:,}" if row.audited else documents.NONE


def bars(table: GradeTable, link: Link) -> list[BarRow]:
    """A stacked bar for each row, with the share good or outstanding as its note."""
    found = []
    for row in table.rows:
        notes = [percent(row, "good_or_outstanding")] if row.audited else []
        if row.small:
            notes.append("small number")
        href = link(row, "") if row.audited else ""
        found.append(BarRow(row.label, row.counts, href, ", ".join(notes)))
    return found


def tiles(table: GradeTable, href: str) -> list[Tile]:
    """The answer: how many, what share, against the target, and what changed. `href` leads to the audits."""
    total = table.total
    if total.withheld:
        return []
    what = "section judgements" if table.counts_sections else "audits graded"
    provisional = f"{total.provisional:,} provisional" if total.provisional else ""
    found = [Tile(f"{total.audited:,}", what, href if total.audited else "", provisional)]
    if total.percent is None:
        return found
    found.append(
        Tile(
            percent(total, "good_or_outstanding"),
            "good or outstanding",
            note=documents.in_words(total).split(", ", 1)[1],
        )
    )
    hidden = f"{total.exact}% before rounding" if total.rounding_hides_the_target else ""
    reached = bool(total.meets_target)
    found.append(
        Tile(
            "Met" if reached else "Not met", f"target of {total.target}% good or outstanding", note=hidden,
            tone="good" if reached else "alert",
        )
    )  # fmt: skip
    before = table.before
    if total.change and before.percent:
        note = f"{before.percent.good_or_outstanding}%, {before.good_or_better:,} of {before.audited:,} before"
        found.append(Tile(total.change.capitalize(), f"on the {_length(table)} before", note=note))
    elif not table.counts_sections:
        found.append(Tile("No comparison", f"nothing was audited in the {_length(table)} before"))
    return found


def _length(table: GradeTable) -> str:
    months = (table.last.year - table.first.year) * 12 + table.last.month - table.first.month + 1
    return "month" if months == 1 else f"{months} months"


def where(table: GradeTable) -> list[str]:
    """Where things moved and where the target is missed, a sentence each; none where there is nothing to compare."""
    rows = [row for row in table.rows if row.audited]
    if len(rows) < 2:
        return []
    on = "on the month before" if table.by == Breakdown.MONTH else f"on the {_length(table)} before"
    said = []
    for verdict in ("worse", "better"):
        moved = [row.label for row in rows if row.change == verdict]
        if moved:
            said.append(f"{verdict.capitalize()} {on}: {_listed(moved)}.")
    if not said and any(row.change for row in rows):
        said.append(f"No row shows a clear change {on}.")
    below = [
        f"{row.label} ({percent(row, 'good_or_outstanding')} of {row.audited:,})"
        for row in rows
        if not row.meets_target
    ]
    target = f"the {table.target}% target"
    if not below:
        said.append(f"Every row meets {target}.")
    else:
        said.append(f"Below {target}: {len(below)} of {len(rows)}. {_listed(below)}.")
    return said


def on_year_before(now: GradeRow, then: GradeRow) -> list[str]:
    """How a total stands to that of the same months a year before, in a sentence; none where either has nothing."""
    verdict = change_of(now.good_or_better, now.audited, then.good_or_better, then.audited)
    if verdict is None or then.percent is None or then.small:
        return []
    words = "No clear change" if verdict == "no clear change" else verdict.capitalize()
    return [
        f"{words} on the same months a year before: {then.percent.good_or_outstanding}%, {then.good_or_better:,} of "
        f"{then.audited:,} then."
    ]


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= 6 else [*names[:5], f"{len(names) - 5} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
