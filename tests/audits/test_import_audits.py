"""A council's own history of audits comes in once, counts in its months, and says what it refuses."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.access import NotAllowed
from accounts.choices import UnitKind
from accounts.models import OrgUnit, User
from audits.choices import AuditStatus
from audits.models import Audit, GradeTally, Transition
from audits.selectors.grades import grade_table
from audits.services import tallies
from audits.services.importing import KIND, import_audits
from cases.models import CaseAlias
from core.history.models import Event
from core.jobs.choices import ImportStatus
from core.jobs.services import run_due
from core.jobs.services.importing import apply_import, give_file
from core.spreadsheets import write_csv, write_xlsx
from tests.factories.accounts import TeamFactory
from tests.factories.audits import AuditFactory
from tests.factories.cases import CaseFactory

pytestmark = pytest.mark.django_db

HEADER = (
    "reference", "case_reference", "audit_type", "service", "team", "plan_type", "audited_on", "grade", "scheme",
    "auditor",
)  # fmt: skip
ROW = (
    "H-1",
    "EX900001",
    "Whole case audit",
    "Family Safeguarding",
    "Heron",
    "CP",
    "04/03/2025",
    "Good",
    "",
    "A. Person",
)


def row(**changes: str) -> list[str]:
    return [changes.get(name, value) for name, value in zip(HEADER, ROW, strict=True)]


def run(tmp_path: Path, rows: list[list[str]], *args: str, data: bytes | None = None) -> tuple[dict[str, Any], int]:
    """The command's JSON and exit code."""
    path = tmp_path / "audits.csv"
    path.write_bytes(write_csv(HEADER, rows) if data is None else data)
    out, code = io.StringIO(), 0
    try:
        call_command("import_audits", str(path), *args, "--format", "json", stdout=out, stderr=io.StringIO())
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return json.loads(out.getvalue()), code


def counts(report: dict[str, Any]) -> list[int]:
    return [report[name] for name in ("rows_in", "accepted", "rejected", "new", "changed", "closed")]


def everything() -> list[Any]:
    return [
        list(Audit.objects.order_by("pk").values()),
        list(GradeTally.objects.order_by("pk").values()),
        Transition.objects.count(),
        Event.objects.count(),
        list(OrgUnit.objects.order_by("pk").values()),
    ]


def test_a_dry_run_writes_nothing(tmp_path: Path, team: OrgUnit) -> None:
    before = everything()
    report, code = run(tmp_path, [row()])
    assert (counts(report), code, report["applied"]) == ([1, 1, 0, 1, 0, 0], 0, False)
    assert everything() == before


def test_an_old_audit_is_settled_and_counts_in_its_month(tmp_path: Path, team: OrgUnit) -> None:
    case = CaseFactory(reference="EX 900001", team=team)
    report, code = run(tmp_path, [row()], "--apply")
    assert (counts(report), code, report["applied"]) == ([1, 1, 0, 1, 0, 0], 0, True)
    audit = Audit.objects.get()
    assert (audit.historic, audit.status, audit.audit_type) == (True, AuditStatus.CLOSED, "Whole case audit")
    assert (audit.month, audit.audited_on) == (date(2025, 3, 1), date(2025, 3, 4))
    assert (audit.case, audit.service, audit.team, audit.plan_type) == (case, team.parent, team, "cp")
    assert (audit.grade, audit.counted_grade, audit.auditor, audit.auditor_name) == ("good", "good", None, "A. Person")
    assert [move.event for move in audit.transitions.all()] == ["import"]
    assert Event.objects.filter(verb="imported", object_id=audit.pk).exists()
    figures = grade_table(GradeTally.objects.all(), first=date(2025, 1, 1), last=date(2025, 12, 1))
    assert {line.key: line.good for line in figures.rows if line.audited} == {"2025-03": 1}
    assert tallies.rebuild() == 0


def test_the_same_file_twice_changes_nothing(tmp_path: Path, team: OrgUnit) -> None:
    rows = [row(), row(reference="H-2", grade="RI", plan_type="", team="", auditor="", case_reference="")]
    run(tmp_path, rows, "--apply")
    before = everything()
    report, code = run(tmp_path, rows, "--apply")
    assert (counts(report), code) == ([2, 2, 0, 0, 0, 0], 0)
    assert everything() == before


@pytest.mark.parametrize(
    ("grade", "scheme", "counted"),
    [
        ("outstanding", "", "outstanding"),
        ("GOOD", "", "good"),
        ("RI", "", "requires_improvement"),
        ("Requires improvement to be good", "", "requires_improvement"),
        ("Adequate", "", "requires_improvement"),
        ("Adequate", "adequate", "requires_improvement"),
        ("Outstanding", "adequate", "outstanding"),
        ("inadequate", "ofsted", "inadequate"),
        ("", "ungraded", ""),
    ],
)
def test_grades_are_read_and_mapped(tmp_path: Path, team: OrgUnit, grade: str, scheme: str, counted: str) -> None:
    report, _ = run(tmp_path, [row(grade=grade, scheme=scheme)], "--apply")
    assert counts(report) == [1, 1, 0, 1, 0, 0], report["refusals"]
    audit = Audit.objects.get()
    assert audit.counted_grade == counted
    total = grade_table(GradeTally.objects.all(), first=audit.month, last=audit.month)
    assert total.total.audited == (1 if counted else 0)
    assert total.excluded == ({} if counted else {"ungraded": 1})


def test_a_case_is_found_by_its_alias_and_else_kept_as_text(tmp_path: Path, team: OrgUnit) -> None:
    case = CaseFactory(reference="NEW-7", team=team)
    CaseAlias.objects.create(case=case, reference="ex900001", system="old")
    run(tmp_path, [row(), row(reference="H-2", case_reference="GONE 5")], "--apply")
    assert Audit.objects.get(reference="H-1").case == case
    lost = Audit.objects.get(reference="H-2")
    assert (lost.case, lost.case_reference) == (None, "GONE 5")


def test_units_that_are_not_known_are_refused_with_the_way_out(tmp_path: Path, team: OrgUnit) -> None:
    rows = [row(service="Nowhere"), row(reference="H-2", team="Nobody"), row(reference="H-3")]
    report, code = run(tmp_path, rows, "--apply")
    assert (counts(report), code) == ([3, 1, 2, 1, 0, 0], 3)
    assert [(line["row"], line["column"], line["value"]) for line in report["refusals"]] == [
        (2, "service", "Nowhere"),
        (3, "team", "Nobody"),
    ]
    assert all("--create-units" in line["reason"] for line in report["refusals"])


def test_units_can_be_created(tmp_path: Path) -> None:
    rows = [row(), row(reference="H-2", team="heron"), row(reference="H-3", service="Early Help", team="")]
    report, code = run(tmp_path, rows, "--apply", "--create-units")
    assert (counts(report), code) == ([3, 3, 0, 3, 0, 0], 0)
    made = OrgUnit.objects.order_by("kind", "name").values_list("kind", "name", "parent__name")
    assert list(made) == [
        (UnitKind.DIRECTORATE, "Directorate", None),
        (UnitKind.SERVICE, "Early Help", "Directorate"),
        (UnitKind.SERVICE, "Family Safeguarding", "Directorate"),
        (UnitKind.TEAM, "Heron", "Family Safeguarding"),
    ]
    report, _ = run(tmp_path, rows, "--apply", "--create-units")
    assert report["new"] == 0
    assert OrgUnit.objects.count() == 4


def test_the_team_is_the_one_that_stood_on_the_day(tmp_path: Path, service: OrgUnit) -> None:
    old = TeamFactory(name="Heron", parent=service, closed_on=date(2025, 6, 30))
    TeamFactory(name="Heron", parent=service, opened_on=date(2025, 7, 1))
    run(tmp_path, [row()], "--apply")
    assert Audit.objects.get().team == old


def test_a_reference_that_says_something_else_now_is_refused(tmp_path: Path, team: OrgUnit) -> None:
    run(tmp_path, [row()], "--apply")
    before = everything()
    report, code = run(tmp_path, [row(reference="h - 1", grade="Inadequate")], "--apply")
    assert (counts(report), code) == ([1, 0, 1, 0, 0, 0], 3)
    (refusal,) = report["refusals"]
    assert (refusal["row"], refusal["column"], refusal["value"]) == (2, "grade", "Inadequate")
    assert "says “Good”, where the file says “Inadequate”" in refusal["reason"]
    assert everything() == before


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("audited_on", "05/03/2025"), ("team", ""), ("plan_type", ""), ("audit_type", "Dip sample"),
        ("case_reference", "EX900002"), ("auditor", "B. Person"), ("scheme", "adequate"),
    ],
)  # fmt: skip
def test_each_difference_is_named(tmp_path: Path, team: OrgUnit, column: str, value: str) -> None:
    run(tmp_path, [row()], "--apply")
    report, code = run(tmp_path, [row(**{column: value})], "--apply")
    assert (report["refusals"][0]["column"], code) == (column, 3)


def test_an_audit_done_here_is_not_touched(tmp_path: Path, team: OrgUnit) -> None:
    AuditFactory(reference="H-1")
    report, code = run(tmp_path, [row()], "--apply")
    assert (report["rejected"], code) == (1, 3)
    assert "done here" in report["refusals"][0]["reason"]


def test_a_reference_twice_in_the_file_stands_once(tmp_path: Path, team: OrgUnit) -> None:
    report, code = run(tmp_path, [row(), row(reference="h-1 ")], "--apply")
    assert (counts(report), code) == ([2, 1, 1, 1, 0, 0], 3)
    assert report["refusals"][0]["row"] == 3


def test_refusals_stand_in_the_order_of_the_file(tmp_path: Path, team: OrgUnit) -> None:
    rows = [row(service="Nowhere"), row(reference="H-2", grade="B"), row(reference="H-3", team="Nobody")]
    report, _ = run(tmp_path, rows)
    assert [line["row"] for line in report["refusals"]] == [2, 3, 4]


@pytest.mark.parametrize("data", [b"", b"\x00\x01nothing", b"one,two\n1,2\n"])
def test_what_cannot_be_read_exits_with_2(tmp_path: Path, data: bytes) -> None:
    report, code = run(tmp_path, [], data=data)
    assert (code, counts(report)) == (2, [0, 0, 0, 0, 0, 0])
    assert report["error"]


def test_a_missing_file_exits_with_2(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        call_command("import_audits", str(tmp_path / "none.csv"), stdout=io.StringIO(), stderr=io.StringIO())
    assert stopped.value.code == 2


def test_names_that_are_too_long_are_refused_and_long_auditors_cut(tmp_path: Path, team: OrgUnit) -> None:
    rows = [row(audit_type="x" * 151), row(reference="H-2", auditor="y" * 180)]
    report, code = run(tmp_path, rows, "--apply")
    assert (counts(report), code) == ([2, 1, 1, 1, 0, 0], 3)
    assert report["refusals"][0]["column"] == "audit_type"
    assert [line["column"] for line in report["warnings"] if line["row"] == 3] == ["auditor"]
    assert len(Audit.objects.get().auditor_name) == 150


def test_a_file_of_headings_alone(tmp_path: Path) -> None:
    report, code = run(tmp_path, [], "--apply")
    assert (counts(report), code, report["applied"]) == ([0, 0, 0, 0, 0, 0], 0, False)
    assert "no audits" in report["problem"]


def test_a_workbook_reads_as_the_csv_does(team: OrgUnit, qa_admin: User) -> None:
    data = write_xlsx([("Audits", HEADER, [row()])])
    assert import_audits(data=data, filename="a.xlsx", by=qa_admin, apply=True).counts["new"] == 1
    data = write_csv(HEADER, [row()])
    assert import_audits(data=data, filename="a.csv", by=qa_admin, apply=True).counts["new"] == 0


def test_only_the_qa_unit_brings_audits_in(team: OrgUnit, head_of_service: User, qa_admin: User) -> None:
    data = write_csv(HEADER, [row()])
    with pytest.raises(NotAllowed):
        import_audits(data=data, filename="a.csv", by=head_of_service, apply=True)
    import_audits(data=data, filename="a.csv", by=qa_admin, apply=True)
    assert Audit.objects.get().created_by == qa_admin


def test_the_text_says_what_happened(tmp_path: Path, team: OrgUnit) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(write_csv(HEADER, [row(), row(reference="H-2", service="Nowhere")]))
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("import_audits", str(path), stdout=out)
    assert "Refused: Audits, row 3, service: “Nowhere” There is no service of this name." in out.getvalue()
    assert "2 rows: 1 accepted, 1 refused. Audits: 1 new, 0 here already." in out.getvalue()
    assert "Nothing was written. Give --apply" in out.getvalue()


def test_on_the_web_it_is_looked_at_and_then_applied(team: OrgUnit, qa_admin: User) -> None:
    given = give_file(kind=KIND, filename="a.csv", data=write_csv(HEADER, [row()]), options={}, by=qa_admin)
    run_due()
    given.refresh_from_db()
    assert (given.status, given.counts["new"], Audit.objects.count()) == (ImportStatus.PREVIEWED, 1, 0)
    apply_import(file_import=given, by=qa_admin)
    run_due()
    given.refresh_from_db()
    assert (given.status, Audit.objects.count()) == (ImportStatus.APPLIED, 1)


def test_on_the_web_a_file_without_a_good_row_cannot_be_applied(qa_admin: User) -> None:
    given = give_file(kind=KIND, filename="a.csv", data=write_csv(HEADER, [row()]), options={}, by=qa_admin)
    run_due()
    given.refresh_from_db()
    assert "No row can be brought in" in given.problem
