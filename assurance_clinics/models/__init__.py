"""What is stored of indicators and of clinics."""

from assurance_clinics.models.clinics import (
    CaseNote,
    Clinic,
    ClinicAction,
    ClinicAttendee,
    ClinicMove,
    ClinicNote,
    ClinicPack,
    RotaPlace,
)
from assurance_clinics.models.indicators import (
    Comparator,
    DatedEvent,
    Figure,
    Indicator,
    IndicatorDefinition,
    Target,
    Value,
    wording_key,
)

__all__ = [
    "CaseNote",
    "Clinic",
    "ClinicAction",
    "ClinicAttendee",
    "ClinicMove",
    "ClinicNote",
    "ClinicPack",
    "Comparator",
    "DatedEvent",
    "Figure",
    "Indicator",
    "IndicatorDefinition",
    "RotaPlace",
    "Target",
    "Value",
    "wording_key",
]
