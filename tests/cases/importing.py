"""How the tests of imports ask for one."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.apps import apps

from accounts.access import SYSTEM
from cases.services import import_cases
from core.jobs.services import ImportOutcome

MARCH, APRIL, MAY = date(2026, 3, 4), date(2026, 4, 1), date(2026, 5, 6)


def bring(data: bytes, as_at: date = MARCH, **options: Any) -> ImportOutcome:
    """Apply a file as the system; `apply=False` only looks."""
    options = {"by": SYSTEM, "apply": True, "filename": "file", **options}
    return import_cases(data=data, as_at=as_at, **options)


def figures(outcome: ImportOutcome) -> tuple[int, int, int]:
    """New, changed and closed cases."""
    return outcome.counts["new"], outcome.counts["changed"], outcome.counts["closed"]


def table_counts() -> dict[str, int]:
    """Rows in every table of the product."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy
    }
