"""The words of reports."""

from django.db import models


class Period(models.TextChoices):
    """Periods that a reader may ask for by name; `MONTHS` is any range of months."""

    LAST_MONTH = "last-month", "Last month"
    LAST_12 = "last-12", "Last 12 months"
    LAST_24 = "last-24", "Last 24 months"
    THIS_YEAR = "this-year", "This financial year so far"
    LAST_YEAR = "last-year", "Last financial year"
    THIS_QUARTER = "this-quarter", "This quarter so far"
    LAST_QUARTER = "last-quarter", "Last quarter"
    MONTHS = "months", "From month to month"


class WrittenKind(models.TextChoices):
    """Reports that somebody writes."""

    BOARD = "board", "Improvement board page"
    PARTNERSHIP = "partnership", "Single-agency return to the partnership"


class WrittenStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    FINISHED = "finished", "Finished"


class Dataset(models.TextChoices):
    """What one row of an export is."""

    AUDITS = "audits", "Audits"
    SECTIONS = "sections", "Sections of audits"
    FINDINGS = "findings", "Findings"
    ACTIONS = "actions", "Actions"


class Edition(models.TextChoices):
    """For whom an export is."""

    INTERNAL = "internal", "Internal"
    PUBLIC = "public", "To publish"


class Cadence(models.TextChoices):
    """How often a report comes by itself."""

    WEEKLY = "weekly", "Each week, on its first working day"
    MONTHLY = "monthly", "Each month, on its 6th working day"
    QUARTERLY = "quarterly", "Each quarter, on the 6th working day of January, April, July and October"
