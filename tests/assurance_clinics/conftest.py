"""A small extract that can be counted on one's fingers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM
from accounts.models import OrgUnit
from cases.models import Extract
from cases.services import import_cases
from core.working_days import add_working_days
from tests.factories.spreadsheets import annex_a, headings, row, workbook

AS_AT = date(2026, 3, 31)


def days_ago(days: int) -> date:
    return AS_AT - timedelta(days=days)


def small_workbook(**changes: Any) -> bytes:
    """Heron has four children in need (one with disabilities), two on plans; Kestrel has two looked after."""
    layout = "2024"
    lists: dict[str, Any] = {
        "list_6": [
            headings(6, layout=layout),
            row(6, "C1", layout=layout, last_seen_date=days_ago(21), worker="Ada Example"),
            row(6, "C2", layout=layout, last_seen_date=days_ago(22), worker="Ada Example"),
            row(6, "C3", layout=layout, last_seen_date="", worker="Bo Example"),
            row(6, "C4", layout=layout, last_seen_date=AS_AT, disability="a) Yes", worker="Bo Example"),
            row(6, "C5", layout=layout, last_seen_date=AS_AT, end_date=days_ago(1), end_reason="RC7",
                case_status="e) Closed episode"),
        ],
        "list_7": [
            headings(7, layout=layout),
            row(7, "P1", layout=layout, last_visit_date=add_working_days(AS_AT, -10), previous_plans=0),
            row(7, "P2", layout=layout, last_visit_date=add_working_days(AS_AT, -11), previous_plans=1),
        ],
        "list_8": [
            headings(8, layout=layout),
            row(8, "L1", layout=layout, team="Kestrel", last_visit_date=days_ago(42), placements_12_months=3),
            row(8, "L2", layout=layout, team="Kestrel", last_visit_date=days_ago(43), placements_12_months=1),
            row(8, "L3", layout=layout, team="Kestrel", last_visit_date=AS_AT,
                legal_status="V4: Short term breaks, agreements recorded"),
        ],
        "list_9": [
            headings(9, layout=layout),
            row(9, "A1", layout=layout, team="Kestrel", contact_date=days_ago(56), pathway_plan_date=days_ago(30)),
            row(9, "A2", layout=layout, team="Kestrel", contact_date=days_ago(57), pathway_plan_date=""),
        ],
    }  # fmt: skip
    return workbook(annex_a(layout, **(lists | changes)))


def keep(data: bytes, as_at: date = AS_AT) -> Extract:
    """The extract of a workbook that the system has applied."""
    import_cases(data=data, filename="annex-a.xlsx", by=SYSTEM, as_at=as_at, create_units=True, apply=True)
    return Extract.objects.filter(as_at=as_at).latest("applied_at")


@pytest.fixture
def extract(team: OrgUnit, other_team: OrgUnit) -> Extract:
    """The small workbook, applied; Heron is in Family Safeguarding and Kestrel in Pathways Through Care."""
    return keep(small_workbook())
