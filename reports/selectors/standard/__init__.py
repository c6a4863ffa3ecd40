"""The standard reports by name: what each answers, for whom it is, and how it is made of rows already scoped."""

from reports.selectors.standard.asking import Asked, Rows
from reports.selectors.standard.catalogue import REPORTS, StandardReport, report_of, reports_for

__all__ = ["REPORTS", "Asked", "Rows", "StandardReport", "report_of", "reports_for"]
