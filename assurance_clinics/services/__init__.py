"""What happens to indicators: tables brought in, extracts computed, definitions and targets kept."""

from assurance_clinics.services.catalogue import load_indicators
from assurance_clinics.services.computing import ComputedCounts, compute_extract, keep_figures, work_out
from assurance_clinics.services.defining import Definition, DefinitionRefused, define_indicator, stamp_of
from assurance_clinics.services.importing import (
    INDICATOR_IMPORTER,
    CannotApply,
    apply_indicators,
    import_indicators,
)
from assurance_clinics.services.recording import EVENT_IMPORTER, import_events
from assurance_clinics.services.typing import FigureRefused, TypedFigure, type_value

__all__ = [
    "EVENT_IMPORTER",
    "INDICATOR_IMPORTER",
    "CannotApply",
    "ComputedCounts",
    "Definition",
    "DefinitionRefused",
    "FigureRefused",
    "TypedFigure",
    "apply_indicators",
    "compute_extract",
    "define_indicator",
    "import_events",
    "import_indicators",
    "keep_figures",
    "load_indicators",
    "stamp_of",
    "type_value",
    "work_out",
]
