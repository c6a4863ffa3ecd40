"""The grade table of a range of months: what counts, whose figures, and how it is cut and printed."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.choices import Role
from accounts.models import OrgUnit, User
from audits import documents
from audits.choices import AuditPurpose, AuditStatus, Breakdown, Grade
from audits.models import Audit, GradeTally, ToolSection
from audits.selectors.grades import GradeTable, grade_table, services_of
from audits.services import tallies
from tests.factories.accounts import ServiceFactory, TeamFactory, give_role, person_as
from tests.factories.audits import graded_audit
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
O, G, RI, I = Grade  # noqa: E741  as the papers abbreviate them


def audits(*grades: str, team: OrgUnit | None = None, **fields: Any) -> list[Audit]:
    """Audits with these grades whose sections are graded alike, counted."""
    made = []
    for grade in grades:
        case = CaseFactory(**({"team": team} if team else {}), plan_type=fields.get("plan_type", "cin"))
        audit = graded_audit(grade, case=case, **fields)
        audit.sections.update(grade=grade)
        made.append(audit)
    for contribution in tallies.contributions(audits=made).values():
        tallies.move(before=contribution.__class__(), after=contribution)
    return made


def table_for(user: User | None = None, **options: Any) -> GradeTable:
    options.setdefault("first", SEPTEMBER)
    options.setdefault("last", OCTOBER)
    figures = GradeTally.objects.all() if user is None else GradeTally.objects.visible_to(user)
    return grade_table(figures, **options)


def counted(table: GradeTable) -> dict[str, int]:
    return {row.key: row.audited for row in table.rows}


def printed(*args: str) -> str:
    out = io.StringIO()
    call_command("grade_table", "--from", "2026-09", "--to", "2026-10", *args, stdout=out)
    return out.getvalue()


def test_every_month_has_a_row_on_an_empty_database() -> None:
    table = json.loads(printed("--format", "json"))
    empty = {
        "audited": 0, "outstanding": 0, "good": 0, "requires_improvement": 0, "inadequate": 0, "percent": None,
        "interval": None, "provisional": 0, "meets_target": None,
    }  # fmt: skip
    assert table == {
        "by": "month",
        "target": 70,
        "rows": [{"key": "2026-09"} | empty, {"key": "2026-10"} | empty],
        "total": {"key": "Total"} | empty,
    }
    text = printed()
    assert "Sep 26  Oct 26  Total" in text
    assert "0%" not in text.replace("70%", "")
    assert "Nothing was audited." in text


def test_the_json_of_a_month() -> None:
    audits(*[O] * 2, *[G] * 9, *[RI] * 4, *[I] * 2, month=OCTOBER)
    table = json.loads(printed("--format", "json"))
    assert table["rows"][1] == {
        "key": "2026-10",
        "audited": 17,
        "outstanding": 2,
        "good": 9,
        "requires_improvement": 4,
        "inadequate": 2,
        "percent": {
            "good_or_outstanding": 65, "requires_improvement": 23, "inadequate": 12, "outstanding": 12, "good": 53,
        },
        "interval": [41, 83],
        "provisional": 0,
        "meets_target": False,
    }  # fmt: skip
    assert table["total"] == table["rows"][1] | {"key": "Total"}


def test_the_total_is_of_summed_counts() -> None:
    audits(G, month=SEPTEMBER)
    audits(G, RI, RI, month=OCTOBER)
    total = table_for().total
    assert total.percent is not None
    assert (total.audited, total.percent.good_or_outstanding) == (4, 50), "not the mean of 100% and 33%"


def test_a_miss_that_rounding_hides_is_said() -> None:
    audits(*[G] * 16, *[RI] * 4, *[I] * 3, month=OCTOBER)
    row = table_for().rows[1]
    assert row.percent is not None
    assert (row.percent.good_or_outstanding, row.meets_target, row.exact) == (70, False, "69.6")
    assert "October 2026: 69.6% prints as 70% and is below the target of 70%." in printed()


def test_provisional_grades_are_declared_and_can_be_left_out() -> None:
    audits(G, month=OCTOBER)
    audits(I, status=AuditStatus.SUBMITTED, month=OCTOBER)
    audits(RI, status=AuditStatus.SETTLED, month=OCTOBER)
    assert (table_for().total.audited, table_for().total.provisional) == (3, 1)
    settled = table_for(settled_only=True).total
    assert (settled.audited, settled.provisional, settled.inadequate) == (2, 0, 0)
    assert json.loads(printed("--settled-only", "--format", "json"))["total"]["audited"] == 2
    assert "Includes 1 provisional" in printed()


def test_what_does_not_count_is_numbered() -> None:
    audits(G, month=OCTOBER)
    audits(I, I, status=AuditStatus.VOID, month=OCTOBER)
    audits(I, purpose=AuditPurpose.CALIBRATION, month=OCTOBER)
    audits("", "", "", month=OCTOBER)
    assert table_for().total.audited == 1
    assert "Not counted: 2 void, 1 calibration, 3 ungraded." in printed()


def test_by_service_and_team(service: OrgUnit, team: OrgUnit, other_team: OrgUnit) -> None:
    audits(G, G, team=team)
    audits(RI, team=other_team)
    lone = audits(I, team=team)[0]
    before = tallies.contribution(audit=lone)
    Audit.objects.filter(pk=lone.pk).update(team=None)
    tallies.move(before=before, after=tallies.contribution(audit=Audit.objects.get(pk=lone.pk)))

    assert counted(table_for(by=Breakdown.SERVICE)) == {"Family Safeguarding": 3, "Pathways Through Care": 1}
    assert counted(table_for(by=Breakdown.TEAM)) == {"Heron": 2, "Kestrel": 1, "No team recorded": 1}
    assert counted(table_for(by=Breakdown.TEAM, services=[service])) == {"Heron": 2, "No team recorded": 1}
    assert json.loads(printed("--service", "family  safeguarding", "--format", "json"))["total"]["audited"] == 3


def test_teams_of_one_name_in_two_services_are_told_apart(service: OrgUnit, other_service: OrgUnit) -> None:
    duty, other_duty = (TeamFactory(name="Duty", parent=parent) for parent in (service, other_service))
    audits(G, team=duty)
    assert counted(table_for(by=Breakdown.TEAM)) == {"Duty (Family Safeguarding)": 1}
    audits(G, team=other_duty)
    assert counted(table_for(by=Breakdown.TEAM)) == {
        "Duty (Family Safeguarding)": 1,
        "Duty (Pathways Through Care)": 1,
    }


def test_a_team_that_closed_and_opened_again_is_one_row(service: OrgUnit) -> None:
    old = TeamFactory(name="Duty", parent=service, closed_on=date(2026, 9, 30))
    new = TeamFactory(name="Duty", parent=service, opened_on=date(2026, 10, 1))
    audits(G, team=old, month=SEPTEMBER)
    audits(G, team=new, month=OCTOBER)
    table = table_for(by=Breakdown.TEAM)
    assert counted(table) == {"Duty": 2}
    assert {value for _, value in table.rows[0].params} == {str(old.pk), str(new.pk)}


def test_by_plan_type_in_the_order_of_the_way_through() -> None:
    audits(G, plan_type="cla")
    audits(G, plan_type="")
    audits(G, G, plan_type="early_help")
    assert list(counted(table_for(by=Breakdown.PLAN_TYPE)).items()) == [
        ("Early help", 2),
        ("Child looked after", 1),
        ("Not recorded", 1),
    ]


def test_by_tool_keeps_types_as_written() -> None:
    audits(G, audit_type="whole case")
    audits(G, audit_type="Dip sample")
    assert list(counted(table_for(by=Breakdown.TOOL))) == ["Dip sample", "whole case"]


def test_by_section_counts_judgements_in_tool_order() -> None:
    audits(G, I)
    ToolSection.objects.filter(key="voice").update(position=9)
    table = table_for(by=Breakdown.SECTION)
    assert counted(table) == {"Safeguarding and risk": 2, "Child's voice": 2}
    assert next(iter(counted(table))) == "Safeguarding and risk"
    assert table.total.audited == 4
    assert "one audit has several" in printed("--by", "section")


def test_the_change_is_on_the_period_before() -> None:
    audits(*[RI] * 10, month=SEPTEMBER)
    audits(*[G] * 10, month=OCTOBER)
    by_month = table_for()
    assert [row.change for row in by_month.rows] == [None, "better"]
    assert by_month.total.change is None, "nothing in July and August"
    only_october = table_for(first=OCTOBER, by=Breakdown.PLAN_TYPE)
    assert only_october.rows[0].change == "better"
    assert only_october.total.change == "better"
    assert only_october.before.audited == 10


def test_small_numbers_are_marked() -> None:
    audits(G, G, G, G, month=SEPTEMBER)
    audits(G, G, G, G, G, month=OCTOBER)
    assert [row.small for row in table_for().rows] == [True, False]
    assert "Small number (fewer than 5): September 2026." in printed()


def test_a_head_sees_their_services_and_no_audit_twice(
    head_of_service: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    audits(G, RI, team=team, status=AuditStatus.SUBMITTED)
    audits(I, team=other_team)
    for by in Breakdown:
        if by != Breakdown.SECTION:
            assert table_for(head_of_service, by=by).total.audited == 2
    assert counted(table_for(head_of_service, by=Breakdown.TEAM)) == {"Heron": 2}


def test_a_team_manager_sees_what_is_issued_to_their_team(team_manager: User, team: OrgUnit, service: OrgUnit) -> None:
    audits(G, team=team)
    audits(I, team=team, status=AuditStatus.SETTLED)
    audits(I, team=team, status=AuditStatus.SUBMITTED)
    audits(RI, team=TeamFactory(parent=service))
    expected = {
        Breakdown.MONTH: {"2026-09": 0, "2026-10": 1},
        Breakdown.SERVICE: {"Family Safeguarding": 1},
        Breakdown.TEAM: {"Heron": 1},
        Breakdown.PLAN_TYPE: {"Child in need": 1},
        Breakdown.TOOL: {"Example audit": 1},
        Breakdown.SECTION: {"Child's voice": 1, "Safeguarding and risk": 1},
    }
    for by, counts in expected.items():
        table = table_for(team_manager, by=by)
        assert counted(table) == counts
        assert table.total.provisional == 0


def test_a_head_of_one_service_who_manages_a_team_of_another_sees_both_once(
    head_of_service: User, team: OrgUnit, other_team: OrgUnit, other_service: OrgUnit
) -> None:
    give_role(head_of_service, Role.TEAM_MANAGER, other_team)
    audits(G, team=team)
    audits(G, team=other_team)
    audits(G, team=TeamFactory(parent=other_service))
    assert counted(table_for(head_of_service, by=Breakdown.TEAM)) == {"Heron": 1, "Kestrel": 1}
    assert counted(table_for(head_of_service, by=Breakdown.SERVICE)) == {
        "Family Safeguarding": 1,
        "Pathways Through Care": 1,
    }


def test_a_team_that_moved_to_another_service_counts_once(service: OrgUnit, team: OrgUnit, qa_lead: User) -> None:
    audits(G, team=team)
    team.parent = ServiceFactory(name="New Service")
    team.save()
    assert table_for(qa_lead, by=Breakdown.TEAM).total.audited == 1
    assert counted(table_for(qa_lead, by=Breakdown.SERVICE)) == {"Family Safeguarding": 1}, "under the team as it was"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.PRACTITIONER, Role.SYSTEM_ADMINISTRATOR])
def test_no_figures_are_open_to_other_roles(role: str, service: OrgUnit, team: OrgUnit) -> None:
    audits(G, team=team)
    assert table_for(person_as(role, service)).total.audited == 0


def test_the_services_of_a_reader(
    head_of_service: User, team_manager: User, team: OrgUnit, other_team: OrgUnit
) -> None:
    audits(G, team=team)
    audits(G, team=other_team)
    everything = services_of(GradeTally.objects.all())
    assert [choice.name for choice in everything] == ["Family Safeguarding", "Pathways Through Care"]
    for user in (head_of_service, team_manager):
        choices = services_of(GradeTally.objects.visible_to(user))
        assert [(choice.name, choice.keys) for choice in choices] == [("Family Safeguarding", (team.parent_id,))]


def test_csv_and_json_hold_the_same_figures() -> None:
    audits(O, G, RI, month=OCTOBER)
    for by in Breakdown:
        rows = list(csv.reader(io.StringIO(printed("--by", by, "--format", "csv"))))
        table = json.loads(printed("--by", by, "--format", "json"))
        assert rows[0] == documents.as_rows(table_for(by=by))[0]
        for cells, row in zip(rows[1:], [*table["rows"], table["total"]], strict=True):
            assert cells[0] == row["key"]
            assert [int(cell) for cell in cells[1:6]] == [
                row[name] for name in ("audited", "outstanding", "good", "requires_improvement", "inadequate")
            ]
            if row["percent"] is None:
                assert set(cells[6:14]) == {"-"}
            else:
                assert [int(cell) for cell in cells[6:11]] == list(row["percent"].values())
                assert [int(cell) for cell in cells[12:14]] == row["interval"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--from", "2026-13", "--to", "2026-10"], "is not a month"),
        (["--from", "April", "--to", "2026-10"], "is not a month"),
        (["--from", "2026-1", "--to", "2026-10"], "is not a month"),
        (["--from", "2026-10", "--to", "2026-09"], "lies after the last"),
        (["--from", "1901-01", "--to", "2026-09"], "Ask for 240 at most"),
        (["--from", "2026-09", "--to", "2026-10", "--service", "Nowhere"], "no service called “Nowhere”"),
        (["--from", "2026-09", "--to", "2026-10", "--by", "weather"], "invalid choice"),
        (["--from", "2026-09"], "required: --to"),
    ],
)
def test_bad_arguments_are_told(args: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as raised:
        call_command("grade_table", *args)
    assert getattr(raised.value, "returncode", 2) in (1, 2)
    if "choice" not in sentence and "required" not in sentence:  # those are the parser's own, which exits with 2
        assert raised.value.returncode == 2


def test_a_table_takes_few_queries_however_much_there_is(django_assert_max_num_queries: Any, team: OrgUnit) -> None:
    audits(*[G] * 5, team=team)
    for by in Breakdown:
        with django_assert_max_num_queries(6):
            table_for(by=by, services=[team.parent_id])
