"""The words of reports."""

from django.db import models


class Period(models.TextChoices):
    """Periods that a reader may ask for by name; `MONTHS` is any range of months."""

    LAST_12 = "last-12", "Last 12 months"
    THIS_YEAR = "this-year", "This financial year so far"
    LAST_YEAR = "last-year", "Last financial year"
    THIS_QUARTER = "this-quarter", "This quarter so far"
    LAST_QUARTER = "last-quarter", "Last quarter"
    MONTHS = "months", "From month to month"
