"""Who sees which figures and which cases; a foreign list of cases is not there."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import SYSTEM
from accounts.choices import Role
from accounts.models import OrgUnit, User
from assurance_clinics.models import Indicator, IndicatorDefinition, Value
from assurance_clinics.services import Definition, compute_extract, define_indicator, import_indicators
from cases.models import Case, Extract, Worker
from core.history.models import AccessEvent
from tests.factories.accounts import person_as

pytestmark = pytest.mark.django_db


@pytest.fixture
def computed(extract: Extract) -> Extract:
    compute_extract(extract=extract, by=SYSTEM)
    return extract


def address(name: str, code: str, *keys: Any) -> str:
    return reverse(f"assurance_clinics:{name}", args=[Indicator.objects.get(code=code).pk, *keys])


def get(user: User, url: str) -> Any:
    client = Client()
    client.force_login(user)
    response = client.get(url)
    if not response.streaming:
        # A page's token is drawn, and may spell any reference.
        response.content = re.sub(rb'(name="csrfmiddlewaretoken" value=")[^"]+', rb"\1", response.content)
    return response


def as_worker(name: str, team: OrgUnit) -> tuple[User, Worker]:
    user = person_as(Role.PRACTITIONER, team, name=name)
    worker = Worker.objects.get(name=name)
    worker.user = user
    worker.save()
    return user, worker


def test_the_table_shows_figure_target_colour_and_words(computed: Extract, qa_lead: User) -> None:
    page = get(qa_lead, reverse("assurance_clinics:indicators")).content.decode()
    assert "33%" in page
    assert "R: Red" in page
    assert "The whole department" in page


def test_a_team_managers_table_is_of_their_team(computed: Extract, team_manager: User) -> None:
    page = get(team_manager, reverse("assurance_clinics:indicators")).content.decode()
    assert "Indicators: Heron" in page
    assert "Kestrel" not in page


@pytest.mark.parametrize("query", ["", "?to=2026-03"])
def test_the_filter_names_the_place_that_is_shown(computed: Extract, service: OrgUnit, query: str) -> None:
    head = person_as(Role.HEAD_OF_SERVICE, service)
    page = get(head, reverse("assurance_clinics:indicators") + query).content.decode()
    chosen = re.findall(r'<option value="([^"]*)"[^>]*selected', page)
    assert f"Indicators: {service.name}" in page
    assert str(service.pk) in chosen


def test_an_average_is_divided_and_a_share_is_of(computed: Extract, qa_lead: User) -> None:
    assert "÷" in get(qa_lead, address("indicator", "caseload")).content.decode()
    assert "÷" not in get(qa_lead, address("indicator", "cin_visit_3w")).content.decode()


def test_a_foreign_place_is_not_there(computed: Extract, team_manager: User, other_team: OrgUnit) -> None:
    table = reverse("assurance_clinics:indicators")
    assert get(team_manager, f"{table}?place={other_team.pk}").status_code == 404
    for name in ("indicator_of_unit", "cases_of_unit"):
        assert get(team_manager, address(name, "cla_visit_6w", other_team.pk)).status_code == 404
    assert AccessEvent.objects.filter(purpose=AccessEvent.Purpose.REFUSED).count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("qa_lead", 200), ("qa_admin", 200), ("team_manager", 200), ("service_lead", 200), ("head_of_service", 200),
     ("principal_social_worker", 404), ("read_only", 404), ("panel_member", 404), ("auditor", 404),
     ("practitioner", 404), ("system_administrator", 404), ("information_governance", 404)],
)  # fmt: skip
def test_who_reads_the_cases_of_a_team(
    computed: Extract, team: OrgUnit, who: str, status: int, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    assert get(user, address("cases_of_unit", "cin_visit_3w", team.pk)).status_code == status


@pytest.mark.parametrize(
    ("who", "department", "foreign"),
    [("qa_lead", 200, 200), ("team_manager", 200, 404), ("head_of_service", 200, 404),
     ("principal_social_worker", 200, 200), ("read_only", 200, 404), ("panel_member", 200, 404), ("auditor", 404, 404),
     ("practitioner", 404, 404), ("system_administrator", 404, 404)],
)  # fmt: skip
def test_who_reads_which_figures(
    computed: Extract, other_team: OrgUnit, who: str, department: int, foreign: int, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    assert get(user, address("indicator", "cla_visit_6w")).status_code == department
    assert get(user, address("indicator_of_unit", "cla_visit_6w", other_team.pk)).status_code == foreign


def test_the_exceptions_are_the_overdue_and_the_view_is_logged(
    computed: Extract, team: OrgUnit, team_manager: User
) -> None:
    response = get(team_manager, address("cases_of_unit", "cin_visit_3w", team.pk))
    page = response.content.decode()
    assert ("C2" in page, "C3" in page, ">C1<" in page) == (True, True, False)
    assert page.index("C3") < page.index("C2")  # no visit at all comes first
    assert "31 March 2026" in page  # C2 was due on 30 March
    event = AccessEvent.objects.get(purpose=AccessEvent.Purpose.VIEW)
    wanted = set(Case.objects.filter(reference__in=("C2", "C3")).values_list("pk", flat=True))
    assert set(event.lines.values_list("object_id", flat=True)) == wanted


def test_where_lower_is_better_the_exceptions_are_those_that_count(
    computed: Extract, other_team: OrgUnit, qa_lead: User
) -> None:
    page = get(qa_lead, address("cases_of_unit", "cla_3_placements", other_team.pk)).content.decode()
    assert ("L1" in page, "L2" in page) == (True, False)


def test_a_restricted_case_is_counted_and_not_listed(computed: Extract, team: OrgUnit, team_manager: User) -> None:
    Case.objects.filter(reference="C2").update(restricted=True)
    page = get(team_manager, address("cases_of_unit", "cin_visit_3w", team.pk)).content.decode()
    assert "C2" not in page
    assert "1 case is counted and not listed" in page
    assert "1 of 3" in page


def test_a_worker_sees_their_own_line_and_no_other(computed: Extract, team: OrgUnit) -> None:
    ada, hers = as_worker("Ada Example", team)
    bo = Worker.objects.get(name="Bo Example")
    table = get(ada, reverse("assurance_clinics:indicators")).content.decode()
    assert "Your own figures in Heron" in table
    assert get(ada, address("indicator_of_worker", "cin_visit_3w", team.pk, hers.pk)).status_code == 200
    cases = get(ada, address("cases_of_worker", "cin_visit_3w", team.pk, hers.pk))
    assert "C2" in cases.content.decode()
    for name in ("indicator_of_worker", "cases_of_worker"):
        assert get(ada, address(name, "cin_visit_3w", team.pk, bo.pk)).status_code == 404
    assert get(ada, address("indicator_of_unit", "cin_visit_3w", team.pk)).status_code == 404


def test_a_workers_figures_are_seen_by_their_own_line_only(
    computed: Extract, team: OrgUnit, team_manager: User, principal_social_worker: User, other_service: OrgUnit
) -> None:
    worker = Worker.objects.get(name="Ada Example")
    stranger = person_as(Role.HEAD_OF_SERVICE, other_service)
    url = address("indicator_of_worker", "cin_visit_3w", team.pk, worker.pk)
    assert get(team_manager, url).status_code == 200
    assert get(stranger, url).status_code == 404
    assert get(principal_social_worker, url).status_code == 404
    for user in (stranger, principal_social_worker):
        assert not Value.objects.visible_to(user).filter(worker=worker).exists()


def test_small_numbers_are_hidden_from_whoever_may_not_read_the_cases(
    computed: Extract, read_only: User, qa_lead: User
) -> None:
    url = address("indicator", "cin_visit_3w")
    assert "1 of 3" in get(qa_lead, url).content.decode()
    page = get(read_only, url).content.decode()
    assert "fewer than 5" in page
    assert "1 of 3" not in page
    assert "33%" not in page
    csv = get(read_only, reverse("assurance_clinics:indicators_csv")).content.decode("utf-8-sig")
    assert "33%" not in csv


def months_of(name: str, basis: str, *figures: str) -> Indicator:
    """An indicator with the department's figures from April 2026 on."""
    months = ",".join(f"{month}-26" for month in ("Apr", "May", "Jun", "Jul")[: len(figures)])
    data = f"Section,Indicator,{months}\nV,{name},{','.join(figures)}\n".encode()
    import_indicators(data=data, filename="a.csv", by=SYSTEM, apply=True)
    found = Indicator.objects.get(wording=name)
    define_indicator(indicator=found, by=SYSTEM, given=Definition("number", basis, "lower", "", "", date(2026, 4, 1)))
    return found


def cells(user: User, found: Indicator) -> list[str]:
    text = get(user, reverse("assurance_clinics:indicators_csv")).content.decode("utf-8-sig")
    line = next(row for row in csv.reader(text.splitlines()) if found.wording in row)
    return [cell for cell in line[2:] if cell]


def test_two_sums_since_april_do_not_leave_a_small_number_between_them(
    db: None, read_only: User, qa_lead: User
) -> None:
    found = months_of("Children who went missing since April", "cumulative", "12", "14", "18", "25")
    assert cells(qa_lead, found)[:4] == ["12", "14", "18", "25"]
    assert cells(read_only, found)[:4] == ["12", "fewer than 5", "18", "25"]


def test_a_head_of_service_does_not_learn_the_others_small_number_by_taking_their_own_away(
    head_of_service: User, read_only: User, qa_lead: User, service: OrgUnit
) -> None:
    found = months_of("Children who went missing", "in_month", "12", "20")
    for value, month in ((9, 4), (10, 5)):
        Value.objects.create(
            indicator=found, unit=service, month=date(2026, month, 1), kind="number", value=value, printed=str(value),
            source="typed",
        )  # fmt: skip
    assert cells(qa_lead, found)[:2] == ["12", "20"]
    for reader in (head_of_service, read_only):
        page = get(reader, reverse("assurance_clinics:indicators_csv") + "?place=").content.decode("utf-8-sig")
        line = next(row for row in csv.reader(page.splitlines()) if found.wording in row)
        assert [cell for cell in line[2:] if cell][:2] == ["fewer than 5", "20"]


def test_the_files_hold_the_tables_cells(computed: Extract, qa_lead: User) -> None:
    csv = get(qa_lead, reverse("assurance_clinics:indicators_csv")).content.decode("utf-8-sig")
    assert csv.startswith("Section,Indicator,Mar-25,")
    assert "33%" in csv
    assert get(qa_lead, reverse("assurance_clinics:indicators_xlsx")).content.startswith(b"PK")


def test_an_empty_product_has_a_page(db: None, qa_lead: User) -> None:
    assert "No figures yet" in get(qa_lead, reverse("assurance_clinics:indicators")).content.decode()


def test_a_draft_is_corrected_and_then_has_a_colour(qa_admin: User, team_manager: User) -> None:
    data = b"Section,Indicator,Jul-24,Aug-24,Target\nV,Percentage of children visited,83%,85,95%\n"
    import_indicators(data=data, filename="a.csv", by=SYSTEM, apply=True)
    indicator = Indicator.objects.get()
    url = reverse("assurance_clinics:define", args=[indicator.pk])
    assert get(team_manager, url).status_code == 403
    assert "Percentage of children visited" in get(qa_admin, reverse("assurance_clinics:drafts")).content.decode()
    client = Client()
    client.force_login(qa_admin)
    posted = {
        "kind": "percentage", "basis": "snapshot", "polarity": "higher", "target": "95", "tolerance": "10",
        "valid_from_day": "1", "valid_from_month": "7", "valid_from_year": "2024",
    }  # fmt: skip
    assert client.post(url, posted | {"target": "950"}).status_code == 200
    assert client.post(url, posted).status_code == 302
    assert "A: Amber" in client.get(reverse("assurance_clinics:indicators")).content.decode()
    later = posted | {"valid_from_month": "8"}
    assert "Say what has changed" in client.post(url, later).content.decode()
    assert client.post(url, later | {"note": "Counted from the 5th day."}).status_code == 302
    assert IndicatorDefinition.objects.filter(indicator=indicator).count() == 2
    assert "Counted from the 5th day." in client.get(reverse("assurance_clinics:indicators")).content.decode()


TARGETED = b"Section,Indicator,Jul-24,Aug-24,Target\nV,Percentage of children visited,83%,85,95%\n"
GIVEN = Definition("percentage", "snapshot", "higher", "", "", date(2024, 7, 1), target=Decimal(95))


def test_under_its_months_a_line_says_what_it_is_compared_with_and_what_is_provisional(qa_admin: User) -> None:
    lines = [
        "Section,Indicator,Jul-24,Aug-24,Target,England,South East,Aug-24 numerator,Aug-24 denominator",
        "V,Percentage of children visited,83%,85%,95%,81.6,-,17,20",
        "V,Percentage of plans,1%,2%,,-,-,,",
    ]
    import_indicators(data="\n".join(lines).encode(), filename="a.csv", by=SYSTEM, apply=True)
    indicator = Indicator.objects.get(wording="Percentage of children visited")
    again = replace(GIVEN, valid_from=date(2024, 8, 1), note="Counted anew.")
    define_indicator(indicator=indicator, given=again, by=qa_admin)
    Value.objects.filter(indicator=indicator, month=date(2024, 7, 1)).update(provisional=True)
    table = reverse("assurance_clinics:indicators")
    page = get(qa_admin, f"{table}?place=").content.decode()
    assert "Compared with England: <strong>81.6</strong>; South East: <strong>-</strong>" in page
    assert ("No comparators" in page, page.count("app-cell--break"), "17 of 20" in page) == (True, 1, True)
    assert "Provisional: July 2024" in page
    assert "Definition changed in August 2024: Counted anew." in page
    header = get(qa_admin, f"{table}table.csv?place=&counts=1").content.decode("utf-8-sig").splitlines()[0]
    assert header.endswith(lines[0][lines[0].index("Jul-24") :])


def test_a_changed_target_leaves_the_months_before_it_as_they_were(qa_admin: User) -> None:
    import_indicators(data=TARGETED, filename="a.csv", by=SYSTEM, apply=True)
    indicator = Indicator.objects.get()
    changed = replace(GIVEN, target=Decimal(80), tolerance=Decimal(2), target_from=date(2024, 8, 1))
    define_indicator(indicator=indicator, given=GIVEN, by=qa_admin)
    define_indicator(indicator=indicator, given=changed, by=qa_admin)
    held = list(indicator.targets.order_by("starts_on").values_list("starts_on", "printed", "tolerance"))
    assert held == [(date(2024, 7, 1), "95%", None), (date(2024, 8, 1), "80%", Decimal(2))]


def test_of_two_who_change_a_definition_the_second_reads_what_the_first_saved(qa_admin: User) -> None:
    import_indicators(data=TARGETED, filename="a.csv", by=SYSTEM, apply=True)
    indicator = Indicator.objects.get()
    url = reverse("assurance_clinics:define", args=[indicator.pk])
    client = Client()
    client.force_login(qa_admin)
    posted = {
        "kind": "percentage", "basis": "snapshot", "polarity": "higher", "target": "95", "version": "1",
        "valid_from_day": "1", "valid_from_month": "7", "valid_from_year": "2024",
    }  # fmt: skip
    assert client.post(url, posted | {"numerator": "those seen"}).status_code == 302
    answer = client.post(url, posted | {"numerator": "those spoken to"}).content.decode()
    assert "Somebody else has changed this definition" in answer
    assert "those seen" in answer
    assert "those spoken to" in answer
    assert IndicatorDefinition.objects.get().numerator == "those seen"
    assert client.post(url, posted | {"numerator": "those spoken to", "version": "2"}).status_code == 302
    assert IndicatorDefinition.objects.get().numerator == "those spoken to"
