"""What a standard report is asked for, and the rows that it may count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from actions.querysets import ActionQuerySet
from audits.querysets import AuditQuerySet, GradeTallyQuerySet
from core.documents import Bullets, Column, Paragraph, Section, Table
from core.documents.content import Cell
from reports.querysets import PublishedMonthQuerySet
from reports.rules.freezing import EVERYTHING, Sight
from reports.rules.periods import earlier, in_words, months_between


@dataclass(frozen=True)
class Asked:
    """The months from `first` to `last` (first days), the services (none means all that the reader has) with their
    names, and the day.

    `version` is "internal" or "public": the public one withholds small numbers.
    """

    first: date
    last: date
    services: tuple[Any, ...]
    today: date
    version: str = "internal"
    names: tuple[str, ...] = ()

    @property
    def public(self) -> bool:
        """Whether small numbers are withheld."""
        return self.version == "public"

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of each month."""
        count = months_between(self.first, self.last)
        return tuple(earlier(self.last, count - 1 - place) for place in range(count))

    @property
    def ends_on(self) -> date:
        """The last day of the period."""
        return earlier(self.last, -1) - timedelta(days=1)

    @property
    def in_words(self) -> str:
        """ "April 2026 to June 2026"."""
        return in_words(self.first, self.last)


@dataclass(frozen=True)
class Rows:
    """What may be counted for this reader: figures, audits (as counts: nothing of one audit is shown), actions.

    `every_audit` are all audits of the services, since holding back a restricted case takes those too.
    """

    tallies: GradeTallyQuerySet
    audits: AuditQuerySet
    every_audit: AuditQuerySet
    actions: ActionQuerySet
    published: PublishedMonthQuerySet
    sights: tuple[Sight, ...] = EVERYTHING


def counted(rows: Rows, asked: Asked) -> AuditQuerySet:
    """The audits that count in the period, without those of restricted cases: of a few audits one could be told."""
    audits = rows.audits.in_period(asked.first, asked.last).counted().exclude(case__restricted=True)
    return audits.filter(service__in=asked.services) if asked.services else audits


NO_RESTRICTED = "Audits of restricted cases are not in this report."


def share(count: int, n: int) -> Cell:
    """A whole percent, halves up, or a dash where there is nothing."""
    return (200 * count + n) // (2 * n) if n else "-"


def percent_words(count: int, n: int) -> str:
    """ "67%", or a dash where there is nothing."""
    return f"{share(count, n)}%" if n else "-"


def some(count: int, what: str) -> str:
    """ "1 audit", "2 audits"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def nothing(heading: str, text: str) -> tuple[Section, ...]:
    """A report that has nothing to show, which says so."""
    return (Section(heading, (Paragraph(text, strong=True),)),)


def columns(*titles: str, kind: str = "whole") -> tuple[Column, ...]:
    """Columns of numbers after the first one; a title that begins with % holds percents."""
    first, *rest = titles
    found = [Column(first)]
    for title in rest:
        found.append(Column(title, "percent" if title.startswith("%") else "whole" if kind == "whole" else "text"))
    return tuple(found)


def about(*notes: str) -> Section:
    """The section that says how to read the figures."""
    return Section("About these figures", (Bullets(tuple(note for note in notes if note)),))


def table(caption: str, heads: tuple[Column, ...], rows: Iterator[tuple[Cell, ...]] | list[tuple[Cell, ...]], *,
          total: bool = False, notes: tuple[str, ...] = ()) -> Table:  # fmt: skip
    """A table of these rows."""
    return Table(caption, heads, tuple(rows), notes=notes, total=total)
