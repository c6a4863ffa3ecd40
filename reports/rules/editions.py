"""What leaves the product for whom: quarters for publication, and which files are made in the background."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from reports.rules.periods import earlier

AT_ONCE = 5_000
"""A file of more rows than these is made in the background."""

MOST = 200_000
"""No file has more rows than these: ask for a shorter time."""


def is_quarter(first: date, last: date) -> bool:
    """Counts are published for whole quarters of the financial year: two overlapping periods could be subtracted."""
    return first.month in (1, 4, 7, 10) and (last.year, last.month) == (first.year, first.month + 2)


def is_over(last: date, today: date) -> bool:
    """A month is over when the next one has begun: what is published does not grow afterwards."""
    return (last.year, last.month) < (today.year, today.month)


def published_quarters(months: Collection[date]) -> list[date]:
    """The first months of the quarters of which every month is published, the newest first: for readers outside, whose
    counts of anything but whole quarters could be subtracted from each other."""
    return sorted(
        (
            month
            for month in months
            if is_quarter(month, earlier(month, -2)) and {earlier(month, -1), earlier(month, -2)} <= set(months)
        ),
        reverse=True,
    )
