"""What the records of open cases lack is counted, listed and shown to the QA unit alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import OrgUnit, User
from cases.choices import SERVICE_TO_BE_CONFIRMED, DataFault
from cases.models import Case, CaseAlias, Extract, Worker
from cases.rules import is_stale
from cases.selectors import DataQuality, data_quality
from tests.factories.accounts import ServiceFactory
from tests.factories.cases import CaseFactory, held_by

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(("days", "stale"), [(0, False), (7, False), (8, True)])
def test_an_extract_of_more_than_seven_days_ago_is_stale(days: int, stale: bool) -> None:
    assert is_stale(TODAY - timedelta(days=days), TODAY) is stale
    assert is_stale(None, TODAY)


def looked_at() -> DataQuality:
    return data_quality(
        cases=Case.objects.all(), extracts=Extract.objects.all(), workers=Worker.objects.all(),
        aliases=CaseAlias.objects.all(), today=timezone.localdate(),
    )  # fmt: skip


@pytest.fixture
def complete(team: OrgUnit, practitioner: User) -> Case:
    case = CaseFactory(team=team, service=team.parent, plan_type="cin", age_band="5_9", opened_on=date(2026, 1, 5))
    held_by(case, practitioner)
    return case


@pytest.mark.django_db
def test_a_complete_record_lacks_nothing(complete: Case) -> None:
    quality = looked_at()
    assert (quality.open_cases, {each.cases for each in quality.faults}) == (1, {0})
    assert quality.workers == ()


@pytest.mark.django_db
@pytest.mark.parametrize("fault", DataFault.values)
def test_what_a_record_lacks_is_counted_and_listed(fault: str, complete: Case, practitioner: User) -> None:
    if fault == DataFault.LEFT:
        User.objects.filter(pk=practitioner.pk).update(is_active=False)
    elif fault == DataFault.NOT_A_USER:
        Worker.objects.update(user=None)
    elif fault == DataFault.NOBODY:
        complete.holdings.update(held_to=date(2026, 2, 1))
    else:
        values = {
            DataFault.NO_SERVICE: {"service": ServiceFactory(name=SERVICE_TO_BE_CONFIRMED, parent=None)},
            DataFault.NO_TEAM: {"team": None}, DataFault.NO_PLAN: {"plan_type": ""},
            DataFault.NO_START: {"opened_on": None}, DataFault.NO_AGE: {"age_band": ""},
        }[DataFault(fault)]  # fmt: skip
        Case.objects.filter(pk=complete.pk).update(**values)
    quality = looked_at()
    assert {each.fault for each in quality.faults if each.cases} == {fault}
    assert list(Case.objects.with_fault(fault)) == [complete]
    assert [each.cases for each in quality.workers] == ([1] if fault == DataFault.NOT_A_USER else [])
    Case.objects.update(closed_on=date(2026, 3, 1))
    assert {each.cases for each in looked_at().faults} == {0}


@pytest.mark.django_db
def test_the_page_leads_from_the_count_to_the_cases(client: Client, complete: Case, qa_admin: User) -> None:
    client.force_login(qa_admin)
    Case.objects.update(age_band="")
    page = client.get(reverse("cases:data_quality")).content.decode()
    assert "?fault=no_age" in page and complete.reference not in page
    assert "No extract has been imported yet." in page
    assert complete.reference in client.get(reverse("cases:data_quality"), {"fault": "no_age"}).content.decode()
    assert "No open case lacks this" in client.get(reverse("cases:data_quality"), {"fault": "no_team"}).content.decode()
    assert client.get(reverse("cases:data_quality"), {"fault": "<x>"}).status_code == 200


@pytest.mark.django_db
def test_a_restricted_case_is_not_counted_for_whoever_may_not_see_it(
    client: Client, complete: Case, qa_admin: User
) -> None:
    client.force_login(qa_admin)
    Case.objects.update(age_band="", restricted=True)
    page = client.get(reverse("cases:data_quality"), {"fault": "no_age"}).content.decode()
    assert "No open case lacks this" in page


@pytest.mark.django_db
def test_nobody_else_reads_it(client: Client, complete: Case, team_manager: User) -> None:
    client.force_login(team_manager)
    assert client.get(reverse("cases:data_quality")).status_code == 403
