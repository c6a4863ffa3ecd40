"""What happens to reports: a file that leaves the product is written down."""

from __future__ import annotations

from accounts.models import User
from core.jobs.services import note_export


def record_export(*, by: User, report: str, form: str, period: str, rows: int) -> None:
    """Write down that a person took figures out: which report, as what kind of file, of which months, how many rows.

    Raises ExportRefused where they have taken out too many files today.
    """
    note_export(by=by, report=report, form=form, period=period, rows=rows)
