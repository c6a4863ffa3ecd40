"""What happens to indicators: tables brought in, extracts computed, definitions and targets kept."""

from assurance_clinics.services.importing import (
    INDICATOR_IMPORTER,
    CannotApply,
    apply_indicators,
    import_indicators,
)

__all__ = ["INDICATOR_IMPORTER", "CannotApply", "apply_indicators", "import_indicators"]
