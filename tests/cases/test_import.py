"""Files of cases: what they make, change and close, and what they leave alone."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access import SYSTEM, NotAllowed
from accounts.choices import UnitKind
from accounts.models import OrgUnit, User
from cases.models import Case, CaseAlias, Extract, ExtractRow, Holding, Worker
from cases.services import CannotApply, add_alias
from core.history.models import Event
from core.spreadsheets import UnreadableFile
from tests.cases.importing import APRIL, MARCH, MAY, bring, figures, table_counts
from tests.factories.accounts import UserFactory
from tests.factories.case_files import CASELOAD, annex_a, carried, caseload, in_need, protected
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db


def case(reference: str) -> Case:
    return Case.objects.get(reference=reference)


def present(reference: str) -> Holding:
    return case(reference).holdings.get(held_to=None)


def test_an_annex_a_workbook_makes_cases(team: OrgUnit) -> None:
    outcome = bring(annex_a(in_need("A1"), in_need("A2", status="d) Open assessment"), protected=[protected("A3")]))
    assert figures(outcome) == (3, 0, 0)
    assert (outcome.counts["rows_in"], outcome.counts["accepted"], outcome.counts["rejected"]) == (3, 3, 0)
    made = case("A1")
    assert (made.plan_type, made.team, made.service, made.opened_on) == ("cin", team, team.parent, dt.date(2025, 1, 6))
    assert (made.age_band, made.ethnicity, made.closed_on) == ("10_15", "WBRI", None)
    assert case("A2").plan_type == "assessment"
    assert case("A3").plan_type == "cp"
    held = present("A1")
    assert held.worker is not None
    assert (held.worker.name, held.team, held.held_from) == ("Example Worker", team, dt.date(2025, 1, 6))


def test_a_caseload_makes_cases(team: OrgUnit) -> None:
    outcome = bring(caseload(carried("B1", plan="CP"), carried("B2", plan="Early help", flags="CWD")))
    assert figures(outcome) == (2, 0, 0)
    assert not outcome.refusals
    assert case("B1").plan_type == "cp"
    assert case("B2").is_cwd


def test_the_same_file_twice_changes_nothing(team: OrgUnit) -> None:
    data = annex_a(in_need("A1"), in_need("A2", closed=dt.date(2026, 2, 2), status="e) Closed episode"))
    bring(data)
    before = table_counts()
    again = bring(data, as_at=APRIL)
    assert figures(again) == (0, 0, 0)
    assert table_counts() == before
    assert "4 March 2026" in again.warnings[0].reason


def test_the_same_file_twice_keeps_the_age_that_the_child_had_then(team: OrgUnit) -> None:
    data = annex_a(in_need("A1", born=dt.date(2016, 3, 20)))
    bring(data)
    assert case("A1").age_band == "5_9"
    assert figures(bring(data, as_at=APRIL)) == (0, 0, 0)
    assert case("A1").age_band == "5_9"


@pytest.mark.parametrize(
    "write", [lambda *refs: annex_a(*map(in_need, refs)), lambda *refs: caseload(*map(carried, refs))]
)
def test_the_next_file_changes_only_what_differs(write, team: OrgUnit) -> None:
    bring(write("A1", "A2", "A3", "A4", "A5", "A6"))
    outcome = bring(write("A1", "A2", "A3", "A4", "A5", "A7"), as_at=APRIL)
    assert figures(outcome) == (1, 0, 1)
    closed = case("A6")
    assert closed.closed_on == APRIL
    assert closed.holdings.get().held_to == APRIL


def test_a_changed_field_is_a_changed_case_with_its_history(team: OrgUnit) -> None:
    bring(caseload(carried("B1"), carried("B2")))
    outcome = bring(caseload(carried("B1", plan="CP"), carried("B2")), as_at=APRIL)
    assert figures(outcome) == (0, 1, 0)
    event = Event.objects.get(kind="cases.case", verb="changed")
    assert event.object_id == case("B1").pk
    assert event.content.values["plan_type"] == ["cin", "cp"]
    assert case("B1").version == 2
    assert case("B2").version == 1


def test_a_change_of_worker_ends_one_holding_and_opens_the_next(team: OrgUnit) -> None:
    bring(annex_a(in_need("A1")))
    outcome = bring(annex_a(in_need("A1", worker="Another Worker")), as_at=APRIL)
    assert figures(outcome) == (0, 1, 0)
    first, second = case("A1").holdings.order_by("held_from")
    assert (first.worker.name, first.held_from, first.held_to) == ("Example Worker", dt.date(2025, 1, 6), APRIL)
    assert (second.worker.name, second.held_from, second.held_to) == ("Another Worker", APRIL, None)


def test_a_child_in_two_lists_is_one_case_on_the_higher_plan(team: OrgUnit) -> None:
    outcome = bring(annex_a(in_need("A1", status="b) Child Protection plan"), protected=[protected("a 1")]))
    assert outcome.counts["accepted"] == 2
    assert Case.objects.get().plan_type == "cp"


def test_a_row_that_is_closed_closes_its_case_on_its_day(team: OrgUnit) -> None:
    bring(annex_a(*(in_need(f"A{n}") for n in range(6))))
    rows = [in_need(f"A{n}") for n in range(5)]
    day = dt.date(2026, 3, 20)
    outcome = bring(annex_a(*rows, in_need("A5", status="e) Closed episode", closed=day)), as_at=APRIL)
    assert figures(outcome) == (0, 0, 1)
    assert case("A5").closed_on == day
    assert case("A5").holdings.get().held_to == day


def test_a_closed_case_that_stands_open_again_is_reopened(team: OrgUnit) -> None:
    rows = [in_need(f"A{n}") for n in range(6)]
    bring(annex_a(*rows))
    bring(annex_a(*rows[:5]), as_at=APRIL)
    outcome = bring(annex_a(*rows, in_need("A9")), as_at=MAY)
    assert figures(outcome) == (1, 1, 0)
    assert case("A5").closed_on is None
    assert present("A5").held_from == MAY


def test_annex_a_closes_only_plans_whose_lists_are_present(team: OrgUnit) -> None:
    bring(annex_a(*(in_need(f"A{n}") for n in range(9)), protected=[protected("P1")]))
    early = CaseFactory(reference="E1", team=team, plan_type="early_help")
    carer = CaseFactory(reference="F1", team=team, plan_type="", subject_kind="carer")
    outcome = bring(annex_a(*(in_need(f"A{n}") for n in range(8))), as_at=APRIL)
    assert figures(outcome) == (0, 0, 1)
    early.refresh_from_db()
    carer.refresh_from_db()
    assert (case("P1").closed_on, early.closed_on, carer.closed_on) == (None, None, None)


def test_a_caseload_closes_what_a_caseload_brought_even_where_the_plan_is_gone(team: OrgUnit) -> None:
    bring(caseload(*(carried(f"B{n}") for n in range(6)), carried("L1", plan="CLA")))
    other = CaseFactory(reference="X1", team=team, plan_type="cla")
    outcome = bring(caseload(*(carried(f"B{n}") for n in range(6))), as_at=APRIL)
    assert figures(outcome) == (0, 0, 1)
    other.refresh_from_db()
    assert case("L1").closed_on == APRIL
    assert other.closed_on is None


def test_a_refused_row_does_not_close_its_case(team: OrgUnit) -> None:
    rows = [in_need(f"A{n}") for n in range(6)]
    bring(annex_a(*rows))
    outcome = bring(annex_a(*rows[:5], in_need("A5", started="02/13/2021")), as_at=APRIL)
    assert outcome.counts["rejected"] == 1
    assert figures(outcome) == (0, 0, 0)
    assert case("A5").closed_on is None


def test_a_refused_row_of_one_list_keeps_another_list_from_closing_the_case(team: OrgUnit) -> None:
    bring(annex_a(*(in_need(f"A{n}") for n in range(9)), protected=[protected("P1")]))
    rows = [in_need(f"A{n}") for n in range(9)]
    bad = in_need("P1", started="02/13/2021")
    outcome = bring(annex_a(*rows, bad, protected=[protected("P1", ended=dt.date(2026, 3, 10))]), as_at=APRIL)
    assert figures(outcome) == (0, 0, 0)
    assert case("P1").closed_on is None
    assert any("Another row of this case was refused" in line.reason for line in outcome.warnings)


def test_a_blank_says_nothing(team: OrgUnit) -> None:
    bring(annex_a(in_need("A1")))
    outcome = bring(annex_a(in_need("A1", team="", worker="#N/A", ethnicity="", started="")), as_at=APRIL)
    assert figures(outcome) == (0, 0, 0)
    assert outcome.counts["rejected"] == 0
    assert (case("A1").team, case("A1").ethnicity) == (team, "WBRI")


def test_a_new_case_without_a_team_waits_for_its_service() -> None:
    outcome = bring(annex_a(in_need("A1", team="", worker="")))
    assert figures(outcome) == (1, 0, 0)
    assert case("A1").service.name == "Service to be confirmed"
    assert case("A1").team is None
    assert any("Service to be confirmed" in line.reason for line in outcome.warnings)


# --- services and teams ------------------------------------------------------------------------------------------


def test_an_unknown_team_refuses_the_row_and_says_how_to_mend_it(team: OrgUnit) -> None:
    before = table_counts()
    with pytest.raises(CannotApply) as stopped:
        bring(annex_a(in_need("A1", team="Osprey"), in_need("A2", team="Osprey")))
    assert table_counts() == before
    line = stopped.value.outcome.refusals[0]
    assert (line.list, line.row, line.column, line.value) == ("List 6", 2, "Allocated Team", "Osprey")
    assert "--create-units" in line.reason


def test_a_team_of_another_service_is_unknown(team: OrgUnit, other_service: OrgUnit) -> None:
    outcome = bring(caseload(carried("B1"), carried("B2", service="Pathways Through Care")))
    assert [(line.row, line.column, line.value) for line in outcome.refusals] == [(3, "team", "Heron")]
    assert figures(outcome) == (1, 0, 0)


def test_units_that_the_file_names_are_made_when_allowed() -> None:
    outcome = bring(caseload(carried("B1"), carried("B2", team="Kite"), carried("B3", team="")), create_units=True)
    assert figures(outcome) == (3, 0, 0)
    assert list(OrgUnit.objects.order_by("kind", "name").values_list("kind", "name")) == [
        ("directorate", "Directorate"), ("service", "Family Safeguarding"), ("team", "Heron"), ("team", "Kite"),
    ]  # fmt: skip
    assert case("B3").service.name == "Family Safeguarding"
    assert Event.objects.filter(kind="accounts.orgunit", verb="opened").count() == 4


def test_a_team_made_from_annex_a_hangs_under_the_service_to_be_confirmed() -> None:
    bring(annex_a(in_need("A1"), in_need("A2", team="HERON ")), create_units=True)
    made = OrgUnit.objects.get(kind=UnitKind.TEAM)
    assert (made.name, made.parent.name) == ("Heron", "Service to be confirmed")


def test_a_team_is_found_however_it_is_spelled(team: OrgUnit) -> None:
    assert figures(bring(annex_a(in_need("A1", team=" hERON\u00a0")))) == (1, 0, 0)
    assert case("A1").team == team


def test_two_teams_of_one_name_are_told_apart_by_where_the_case_stood(team: OrgUnit, other_service: OrgUnit) -> None:
    bring(caseload(carried("B1")))
    OrgUnit.objects.create(kind=UnitKind.TEAM, name="Heron", parent=other_service)
    outcome = bring(annex_a(in_need("B1"), in_need("A2")), as_at=APRIL)
    assert [(line.row, line.value) for line in outcome.refusals] == [(3, "Heron")]
    assert case("B1").team == team


def test_a_row_refused_for_its_team_is_taken_once_the_team_exists(service: OrgUnit, team: OrgUnit) -> None:
    data = annex_a(in_need("A1"), in_need("A2", team="Osprey"))
    assert figures(bring(data)) == (1, 0, 0)
    assert figures(bring(data, create_units=True)) == (1, 0, 0)
    assert Extract.objects.get().rows.count() == 2
    assert figures(bring(data)) == (0, 0, 0)


# --- workers -----------------------------------------------------------------------------------------------------


def test_a_worker_is_linked_to_the_one_person_of_that_name(team: OrgUnit, practitioner: User) -> None:
    bring(annex_a(in_need("A1", worker="parker  example-practitioner"), in_need("A2", worker="No User")))
    assert Worker.objects.get(name_key="parker example-practitioner").user == practitioner
    assert Worker.objects.get(name_key="no user").user is None
    assert Case.objects.visible_to(practitioner).get() == case("A1")


def test_a_worker_whose_name_two_people_have_is_linked_to_neither(team: OrgUnit) -> None:
    UserFactory.create_batch(2, name="Sam Example")
    outcome = bring(annex_a(in_need("A1", worker="Sam Example")))
    assert Worker.objects.get().user is None
    assert [line.value for line in outcome.warnings if "linked to none" in line.reason] == ["Sam Example"]


def test_a_person_who_leaves_is_not_linked(team: OrgUnit) -> None:
    UserFactory(name="Sam Example", is_active=False)
    bring(annex_a(in_need("A1", worker="Sam Example")))
    assert Worker.objects.get().user is None


# --- references --------------------------------------------------------------------------------------------------


def test_a_file_under_the_other_reference_is_about_the_same_case(team: OrgUnit) -> None:
    bring(annex_a(in_need("A1")))
    add_alias(case=case("A1"), reference="NEW 77", by=SYSTEM)
    outcome = bring(annex_a(in_need("new77", worker="Another Worker")), as_at=APRIL)
    assert figures(outcome) == (0, 1, 0)
    assert Case.objects.get().reference == "A1"
    assert ExtractRow.objects.get(extract__as_at=APRIL).case == case("A1")


def test_a_change_of_case_system_renames_the_case_and_keeps_the_old_reference(team: OrgUnit) -> None:
    header = (*CASELOAD, "aliases")
    bring(caseload(carried("OLD1")))
    data = caseload((*carried("NEW1"), "OLD1"), header=header)
    outcome = bring(data, as_at=APRIL)
    assert figures(outcome) == (0, 1, 0)
    assert Case.objects.get().reference == "NEW1"
    assert CaseAlias.objects.get().reference == "OLD1"
    assert figures(bring(data, as_at=APRIL)) == (0, 0, 0)


def test_an_alias_that_is_another_case_is_not_taken(team: OrgUnit) -> None:
    data = caseload((*carried("B1"), "B2"), (*carried("B2"), ""), header=(*CASELOAD, "aliases"))
    outcome = bring(data)
    assert figures(outcome) == (2, 0, 0)
    assert not CaseAlias.objects.exists()
    assert any(line.value == "B2" and "different case" in line.reason for line in outcome.warnings)


# --- the stop at 20% ---------------------------------------------------------------------------------------------


def test_a_file_that_closes_more_than_a_fifth_stops_until_the_number_is_given(team: OrgUnit) -> None:
    rows = [in_need(f"A{n}") for n in range(10)]
    bring(annex_a(*rows))
    smaller = annex_a(*rows[:7])
    before = table_counts()
    for number in (None, 2, 4):
        with pytest.raises(CannotApply) as stopped:
            bring(smaller, as_at=APRIL, confirm_closing=number)
        assert stopped.value.outcome.confirm == 3
    assert table_counts() == before
    assert not Case.objects.exclude(closed_on=None).exists()
    assert figures(bring(smaller, as_at=APRIL, confirm_closing=3)) == (0, 0, 3)


def test_a_fifth_itself_does_not_stop(team: OrgUnit) -> None:
    rows = [in_need(f"A{n}") for n in range(10)]
    bring(annex_a(*rows))
    assert figures(bring(annex_a(*rows[:8]), as_at=APRIL)) == (0, 0, 2)


@pytest.mark.parametrize("data", [annex_a(), caseload(), annex_a(in_need("")), caseload(carried("", plan="?"))])
def test_a_file_without_a_row_to_take_is_not_applied(data: bytes, team: OrgUnit) -> None:
    bring(annex_a(in_need("A1")))
    before = table_counts()
    with pytest.raises(CannotApply) as stopped:
        bring(data, as_at=APRIL, confirm_closing=1)
    assert "nothing to apply" in stopped.value.outcome.problem
    assert table_counts() == before


# --- extracts ----------------------------------------------------------------------------------------------------


def test_the_extract_is_kept_without_names_or_birth_days(team: OrgUnit) -> None:
    bring(annex_a(in_need("A1"), protected=[protected("A2")]))
    kept = Extract.objects.get()
    assert (kept.as_at, kept.row_count, kept.lists) == (MARCH, 2, ["List 6", "List 7"])
    assert kept.keep_until == dt.date(2032, 3, 4)
    line = kept.rows.get(list=6)
    assert (line.case, line.team, line.worker) == (case("A1"), team, Worker.objects.get())
    assert line.data["birth"] == "2015-06"
    assert "Example Worker" not in str(line.data)


def test_an_older_extract_is_kept_and_changes_no_case(team: OrgUnit) -> None:
    bring(annex_a(in_need("A1"), in_need("A2")), as_at=APRIL)
    older = annex_a(in_need("A1", worker="Earlier Worker", status="d) Open assessment"), in_need("A3"))
    outcome = bring(older, as_at=MARCH)
    assert figures(outcome) == (0, 0, 0)
    assert "A later extract, of 1 April 2026" in outcome.warnings[0].reason
    assert case("A1").plan_type == "cin"
    assert case("A2").closed_on is None
    assert Case.objects.count() == 2
    assert Extract.objects.get(as_at=MARCH).rows.count() == 2


def test_the_first_of_two_files_given_again_does_not_undo_the_second(team: OrgUnit) -> None:
    first = annex_a(in_need("A1"))
    bring(first)
    bring(annex_a(in_need("A1", worker="Another Worker")))
    assert figures(bring(first)) == (0, 0, 0)
    assert present("A1").worker.name == "Another Worker"


def test_what_another_kind_of_file_said_later_stays(team: OrgUnit) -> None:
    bring(caseload(carried("B1", worker="Later Worker")), as_at=MARCH)
    bring(caseload(carried("B1", worker="Latest Worker")), as_at=MAY)
    outcome = bring(annex_a(in_need("B1")), as_at=APRIL)
    assert figures(outcome) == (0, 0, 0)
    assert any("newer than this file" in line.reason for line in outcome.warnings)
    assert present("B1").worker.name == "Latest Worker"


# --- restricted cases and access ---------------------------------------------------------------------------------


def test_a_case_that_a_file_restricts_can_be_seen_by_whoever_applied_it(
    team: OrgUnit, qa_admin: User, qa_lead: User
) -> None:
    bring(caseload(carried("B1", flags="restricted"), carried("B2")), by=qa_admin)
    assert case("B1").restricted
    assert Case.objects.visible_to(qa_admin).count() == 2
    assert Case.objects.visible_to(qa_lead).get() == case("B2")
    bring(caseload(carried("B1"), carried("B2", plan="CP")), as_at=APRIL, by=qa_admin)
    assert case("B1").restricted


def test_a_case_that_a_command_restricts_can_be_seen_by_the_qa_leads(
    team: OrgUnit, qa_admin: User, qa_lead: User
) -> None:
    bring(caseload(carried("B1", flags="restricted")))
    assert Case.objects.visible_to(qa_lead).exists()
    assert not Case.objects.visible_to(qa_admin).exists()


def test_only_the_qa_unit_imports(team: OrgUnit, team_manager: User, system_administrator: User) -> None:
    before = table_counts()
    for person in (team_manager, system_administrator):
        for apply in (True, False):
            with pytest.raises(NotAllowed):
                bring(annex_a(in_need("A1")), by=person, apply=apply)
    assert table_counts() == before


def test_a_look_writes_nothing_at_all() -> None:
    before = table_counts()
    outcome = bring(caseload(carried("B1"), carried("B2", team="Kite")), apply=False, create_units=True)
    assert figures(outcome) == (2, 0, 0)
    assert table_counts() == before


def test_an_extract_of_tomorrow_is_not_read(team: OrgUnit) -> None:
    with pytest.raises(UnreadableFile, match="future"):
        bring(annex_a(in_need("A1")), as_at=dt.date(2999, 1, 1))


# --- whatever the files ------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A1", "a 1", "A2", "A3", "A4", ""]),
        st.sampled_from(["CIN", "CP", "CLA", "Early help", "", "Nonsense"]),
        st.sampled_from(["Heron", "Kite", "", "heron "]),
        st.sampled_from(["Worker One", "Worker Two", ""]),
        st.sampled_from(["06/01/2025", "2026-02-03", "02/13/2021", ""]),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(ROWS, min_size=1, max_size=3))
def test_rows_in_is_accepted_and_rejected_and_a_second_time_changes_nothing(db: None, files: list) -> None:
    from django.db import transaction

    point = transaction.savepoint()
    try:
        for number, rows in enumerate(files):
            data = caseload(
                *(
                    carried(ref, plan=plan, team=team, worker=worker, started=day)
                    for ref, plan, team, worker, day in rows
                )
            )
            as_at = MARCH + dt.timedelta(days=number)
            look = bring(data, as_at=as_at, apply=False, create_units=True)
            counts = look.counts
            assert counts["rows_in"] == len(rows) == counts["accepted"] + counts["rejected"]
            assert counts["rejected"] == len(look.refusals)
            if look.problem:
                continue
            done = bring(data, as_at=as_at, create_units=True, confirm_closing=look.confirm)
            assert figures(done) == figures(look)
            assert figures(bring(data, as_at=as_at, create_units=True)) == (0, 0, 0)
            assert Holding.objects.filter(held_to=None).count() == Case.objects.filter(closed_on=None).count()
    finally:
        transaction.savepoint_rollback(point)
