"""Which months a period means. The financial year starts in April; quarters are those of that year."""

from __future__ import annotations

import re
from datetime import date

from reports.choices import Period

LONGEST = 60  # months that one page shows at most


def months_of(period: str, today: date) -> tuple[date, date]:
    """The first and the last month (first days) of a period that has a name; what is under way ends this month."""
    this = today.replace(day=1)
    april = this.replace(month=4) if this.month >= 4 else date(this.year - 1, 4, 1)
    quarter = this.replace(month=(this.month - 1) // 3 * 3 + 1)
    match period:
        case Period.LAST_MONTH:
            return earlier(this, 1), earlier(this, 1)
        case Period.LAST_24:
            return earlier(this, 23), this
        case Period.THIS_YEAR:
            return april, this
        case Period.LAST_YEAR:
            return april.replace(year=april.year - 1), date(april.year, 3, 1)
        case Period.THIS_QUARTER:
            return quarter, this
        case Period.LAST_QUARTER:
            return earlier(quarter, 3), earlier(quarter, 1)
    return earlier(this, 11), this


def earlier(month: date, months: int) -> date:
    """The first day of the month that lies so many months before."""
    place = month.year * 12 + month.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


def months_between(first: date, last: date) -> int:
    """How many months there are from `first` to `last`, both counted; 0 or less where `last` lies before."""
    return (last.year - first.year) * 12 + last.month - first.month + 1


def read_month(text: str) -> date:
    """The first day of a month written "2026-10". Raises ValueError, saying how to write it, for anything else."""
    match = re.fullmatch(r"(2[0-9]{3})-(0[1-9]|1[0-2])", text)
    if match is None:
        raise ValueError("Write the month as year and month, for example 2026-10.")
    return date(int(match[1]), int(match[2]), 1)


def in_words(first: date, last: date) -> str:
    """The months from `first` to `last` in words: "May 2026", or "April 2026 to June 2026"."""
    return f"{first:%B %Y}" if first == last else f"{first:%B %Y} to {last:%B %Y}"
