"""What happens to reports: a file that leaves the product is written down."""

from __future__ import annotations

from accounts.models import User
from core.history.services import record


def record_export(*, by: User, report: str, form: str, period: str, rows: int) -> None:
    """Write down that a person took figures out: which report, as what kind of file, of which months, how many rows."""
    record(by=by, verb="exported", record=by, values={"report": report, "as": form, "period": period, "rows": rows})
