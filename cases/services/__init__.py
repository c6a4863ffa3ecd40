"""What happens to cases: files of them come in; people restrict, name and join them by hand."""

from cases.services.importing import CASE_IMPORTER, import_cases
from cases.services.keeping import (
    CannotChange,
    add_alias,
    declare_connection,
    lift_restriction,
    name_person,
    restrict_case,
    unname_person,
)
from core.jobs.services import CannotApply

__all__ = [
    "CASE_IMPORTER",
    "CannotApply",
    "CannotChange",
    "add_alias",
    "declare_connection",
    "import_cases",
    "lift_restriction",
    "name_person",
    "restrict_case",
    "unname_person",
]
