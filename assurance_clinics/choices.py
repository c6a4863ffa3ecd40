"""The words of indicators."""

from django.db import models


class IndicatorKind(models.TextChoices):
    PERCENTAGE = "percentage", "Percentage"
    NUMBER = "number", "Number"
    RATE = "rate", "Rate per 10,000"
    AVERAGE = "average", "Average"


class Basis(models.TextChoices):
    IN_MONTH = "in_month", "In the month"
    CUMULATIVE = "cumulative", "Cumulative from April"
    ROLLING_12 = "rolling_12", "Rolling 12 months"
    SNAPSHOT = "snapshot", "Snapshot on a day"
    EXTRACT = "extract", "The period that the extract holds"


class Polarity(models.TextChoices):
    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"
    RANGE = "range", "Within a range is best"
    NONE = "none", "Neither: for information"


class DefinitionStatus(models.TextChoices):
    DRAFT = "draft", "Draft: to be checked"
    CONFIRMED = "confirmed", "Confirmed"


class FigureKind(models.TextChoices):
    """What a cell says. Blank, zero, not applicable, to be confirmed and suppressed are five different things."""

    NUMBER = "number", "A number"
    BLANK = "blank", "Blank: not yet known"
    NOT_APPLICABLE = "na", "Not applicable"
    TO_BE_CONFIRMED = "tbc", "To be confirmed"
    SUPPRESSED = "suppressed", "Suppressed: a small number"


class ValueSource(models.TextChoices):
    COMPUTED = "computed", "Computed from an extract"
    IMPORTED = "imported", "Imported from a table"
    TYPED = "typed", "Typed"


class ComparatorKind(models.TextChoices):
    AUTHORITY = "authority", "This council, another year"
    NEIGHBOURS = "neighbours", "Statistical neighbours, average not stated"
    NEIGHBOURS_MEAN = "neighbours_mean", "Statistical neighbours, mean"
    NEIGHBOURS_MEDIAN = "neighbours_median", "Statistical neighbours, median"
    REGION = "region", "Region"
    ENGLAND = "england", "England"
    OTHER = "other", "Other"


class State(models.TextChoices):
    """Where one child stands in one indicator."""

    IN = "in", "In time or counted"
    OUT = "out", "Not in time or not counted"
    EXCLUDED = "excluded", "Left out"


class Rag(models.TextChoices):
    GREEN = "G", "Green"
    AMBER = "A", "Amber"
    RED = "R", "Red"


class EventKind(models.TextChoices):
    """Events that Annex A does not hold."""

    SUPERVISION = "supervision", "Supervision recorded"
    CORE_GROUP = "core_group", "Core group held"
    CIN_REVIEW = "cin_review", "Child in need review held"
    EARLY_HELP_VISIT = "early_help_visit", "Early help visit made"
    EARLY_HELP_END = "early_help_end", "Early help ended"
    CHILD_SEEN = "child_seen", "Child seen for an assessment"
    AGREED_INTERVAL = "agreed_interval", "Visiting interval agreed"


class ClinicStatus(models.TextChoices):
    TO_BE_CONVENED = "to_be_convened", "To be convened"
    SCHEDULED = "scheduled", "Scheduled"
    DATA_LOADED = "data_loaded", "Data loaded"
    PACK_READY = "pack_ready", "Pack ready"
    HELD = "held", "Held"
    CONFIRMED = "confirmed", "Notes confirmed"
    CLOSED = "closed", "Closed"
    POSTPONED = "postponed", "Postponed"
    CANCELLED = "cancelled", "Cancelled"


BEFORE_IT_IS_HELD = (
    ClinicStatus.TO_BE_CONVENED,
    ClinicStatus.SCHEDULED,
    ClinicStatus.DATA_LOADED,
    ClinicStatus.PACK_READY,
    ClinicStatus.POSTPONED,
)
"""A clinic in one of these states can still be missed."""

ON_THE_WAY = (ClinicStatus.SCHEDULED, ClinicStatus.DATA_LOADED, ClinicStatus.PACK_READY)

OPEN_FOR_NOTES = (ClinicStatus.SCHEDULED, ClinicStatus.DATA_LOADED, ClinicStatus.PACK_READY, ClinicStatus.HELD)

WAS_HELD = (ClinicStatus.HELD, ClinicStatus.CONFIRMED, ClinicStatus.CLOSED)


class NoteKind(models.TextChoices):
    FIGURE = "figure", "What is under the number"
    STRENGTHS = "strengths", "Strengths"
    CONCERNS = "concerns", "Concerns"


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
