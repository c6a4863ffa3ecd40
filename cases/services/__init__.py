"""What happens to cases: files of them come in; the QA unit restricts, names and joins them by hand."""

from cases.services.importing import CASE_IMPORTER, import_cases
from core.jobs.services import CannotApply

__all__ = ["CASE_IMPORTER", "CannotApply", "import_cases"]
