"""The figures that are kept after an extract: every level, once, and nothing that somebody else has said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from accounts.access import SYSTEM, NotAllowed
from accounts.models import OrgUnit, User
from assurance_clinics.choices import FigureKind, ValueSource
from assurance_clinics.models import Indicator, Value
from assurance_clinics.rules.indicators import FORMULAS
from assurance_clinics.services import compute_extract, load_indicators, work_out
from cases.models import Extract
from core.history.models import Event
from core.jobs.models import Job
from core.jobs.services import run_due
from tests.assurance_clinics.conftest import keep, small_workbook

MARCH = date(2026, 3, 1)


def value(code: str, unit: OrgUnit | None = None, worker: str | None = None) -> Value:
    rows = Value.objects.filter(indicator__code=code, month=MARCH, unit=unit)
    return rows.get(worker__name=worker) if worker else rows.get(worker=None)


def test_an_applied_extract_is_computed_by_a_job(extract: Extract) -> None:
    assert Job.objects.filter(kind="compute_indicators").count() == 1
    run_due()
    job = Job.objects.get(kind="compute_indicators")
    assert job.status == "done"
    assert job.result["made"] == Value.objects.count() > 0


def test_department_service_team_and_worker(extract: Extract, team: OrgUnit, service: OrgUnit) -> None:
    compute_extract(extract=extract, by=SYSTEM)
    for place in (value("cin_visit_3w"), value("cin_visit_3w", service), value("cin_visit_3w", team)):
        assert (place.numerator, place.denominator, place.printed) == (1, 3, "33%")
        assert place.value == Decimal("33.333333")
    ada = value("cin_visit_3w", team, "Ada Example")
    assert (ada.numerator, ada.denominator) == (1, 2)
    bo = value("cin_visit_3w", team, "Bo Example")
    assert (bo.numerator, bo.denominator) == (0, 1)


def test_a_month_end_figure_is_not_provisional_and_a_mid_month_one_is(extract: Extract, team: OrgUnit) -> None:
    compute_extract(extract=extract, by=SYSTEM)
    assert not value("cin_visit_3w").provisional
    compute_extract(extract=keep(small_workbook(list_10=None), date(2026, 2, 10)), by=SYSTEM)
    assert Value.objects.get(indicator__code="cin_visit_3w", month=date(2026, 2, 1), unit=None, worker=None).provisional


def test_nothing_to_divide_by_is_not_applicable_and_not_zero(extract: Extract) -> None:
    compute_extract(extract=extract, by=SYSTEM)
    nothing = value("icpc_15wd")
    assert nothing.kind in {FigureKind.BLANK, FigureKind.NOT_APPLICABLE}
    assert nothing.value is None


def test_running_twice_changes_nothing(extract: Extract) -> None:
    compute_extract(extract=extract, by=SYSTEM)
    events = Event.objects.count()
    again = compute_extract(extract=extract, by=SYSTEM)
    assert (again.made, again.changed, again.removed) == (0, 0, 0)
    assert Event.objects.count() == events


def test_an_imported_figure_is_left_alone(extract: Extract) -> None:
    load_indicators(by=SYSTEM)
    indicator = Indicator.objects.get(code="cin_visit_3w")
    Value.objects.create(
        indicator=indicator, month=MARCH, value=Decimal(90), printed="90%", source=ValueSource.IMPORTED
    )
    compute_extract(extract=extract, by=SYSTEM)
    assert value("cin_visit_3w").printed == "90%"


def test_an_earlier_extract_of_the_month_does_not_replace_a_later_one(extract: Extract) -> None:
    compute_extract(extract=extract, by=SYSTEM)
    earlier = keep(small_workbook(list_7=None), date(2026, 3, 16))
    compute_extract(extract=earlier, by=SYSTEM)
    assert value("cp_visit_10wd").printed == "50%"
    assert value("cp_visit_10wd").extract == extract


def test_loading_the_catalogue_twice_loads_it_once(db: None) -> None:
    assert load_indicators(by=SYSTEM) == len(FORMULAS)
    assert load_indicators(by=SYSTEM) == 0


def test_only_the_qa_unit_computes(extract: Extract, team_manager: User) -> None:
    with pytest.raises(NotAllowed):
        compute_extract(extract=extract, by=team_manager)


def test_progress_is_told(extract: Extract) -> None:
    told: list[tuple[int, int, str]] = []
    work_out(extract=extract, by=SYSTEM, on_progress=lambda *step: told.append(step))
    assert not Indicator.objects.exists(), "working out reads alone"
    assert told[-1] == (len(FORMULAS), len(FORMULAS), "Computing the indicators")
