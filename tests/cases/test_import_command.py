"""import_cases on the command line: what it prints, how it leaves, and that a dry run writes nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import OrgUnit
from cases.models import Case
from tests.cases.importing import table_counts
from tests.factories.case_files import annex_a, carried, caseload, in_need

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Run the command over bytes: (exit code, standard output, standard error)."""

    def command(data: bytes | None, *options: str, name: str = "file.xlsx") -> tuple[int, str, str]:
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        out, err = io.StringIO(), io.StringIO()
        code = 0
        try:
            call_command("import_cases", str(path), "--as-at", "2026-03-04", *options, stdout=out, stderr=err)
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        return code, out.getvalue(), err.getvalue()

    return command


def test_it_runs_on_an_empty_database(run: Any) -> None:
    code, out, err = run(annex_a(in_need("A1")), "--create-units", "--apply")
    assert (code, err) == (0, "")
    assert "1 rows: 1 accepted, 0 refused. Cases: 1 new, 0 changed, 0 closed." in out
    assert Case.objects.get().reference == "A1"


def test_a_dry_run_writes_nothing(run: Any) -> None:
    before = table_counts()
    code, out, _err = run(annex_a(in_need("A1")), "--create-units")
    assert code == 0
    assert "Nothing was written" in out
    assert table_counts() == before


def test_json_has_the_contract_and_nothing_else_on_standard_output(run: Any, team: OrgUnit) -> None:
    code, out, err = run(annex_a(in_need("A1"), in_need("A2", started="02/13/2021")), "--format", "json")
    said = json.loads(out)
    assert (code, err) == (3, "")
    assert {name: said[name] for name in ("rows_in", "accepted", "rejected", "new", "changed", "closed")} == {
        "rows_in": 2, "accepted": 1, "rejected": 1, "new": 1, "changed": 0, "closed": 0,
    }  # fmt: skip
    (line,) = said["refusals"]
    assert set(line) == {"list", "row", "column", "value", "reason"}
    assert (line["list"], line["row"], line["column"], line["value"]) == ("List 6", 3, "CIN Start Date", "02/13/2021")
    assert said["applied"] is False
    assert said["as_at"] == "2026-03-04"
    assert all(set(each) == set(line) for each in said["warnings"])


@pytest.mark.parametrize("data", [None, b"", b"%PDF-1.7 not a sheet", b"just words", b"a,b\n1,2\n"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_file_that_cannot_be_read_leaves_with_2(run: Any, data: bytes | None, form: str) -> None:
    before = table_counts()
    code, out, err = run(data, "--format", form, "--apply")
    assert code == 2
    assert err.strip().endswith(".")
    assert table_counts() == before
    if form == "json":
        assert json.loads(out)["error"] == err.strip()
    else:
        assert out == ""


def test_a_stop_leaves_with_4_says_the_number_and_writes_nothing(run: Any, team: OrgUnit) -> None:
    run(caseload(*(carried(f"B{n}") for n in range(4))), "--apply", name="first.csv")
    before = table_counts()
    code, out, err = run(caseload(carried("B1"), carried("B2")), "--apply", "--format", "json", name="second.csv")
    assert code == 4
    assert json.loads(out)["confirm"] == 2
    assert "--confirm-closing 2" in err
    assert table_counts() == before
    code, out, err = run(
        caseload(carried("B1"), carried("B2")),
        "--apply",
        "--confirm-closing",
        "2",
        "--format",
        "json",
        name="again.csv",
    )
    assert code == 0
    assert json.loads(out)["closed"] == 2


def test_all_refused_leaves_with_3_and_says_that_nothing_was_applied(run: Any) -> None:
    before = table_counts()
    dry, _out, _err = run(caseload(carried("B1")), "--format", "json", name="dry.csv")
    code, out, err = run(caseload(carried("B1")), "--apply", "--format", "json", name="units-unknown.csv")
    assert (dry, code) == (3, 3)
    assert json.loads(out)["applied"] is False
    assert "nothing to apply" in err
    assert table_counts() == before


def test_some_refused_leaves_with_3_and_applies_the_rest(run: Any, team: OrgUnit) -> None:
    code, _out, _err = run(caseload(carried("B1"), carried("B2", plan="?")), "--apply", "--kind", "csv", name="c.csv")
    assert code == 3
    assert Case.objects.get().reference == "B1"


@pytest.mark.parametrize("day", ["2026-13-01", "yesterday", "04/03/2026"])
def test_a_date_that_is_none_is_refused(day: str, tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(annex_a(in_need("A1")))
    with pytest.raises(CommandError, match="is not a date"):
        call_command("import_cases", str(path), "--as-at", day)


def test_a_date_in_the_future_leaves_with_2(run: Any, tmp_path: Path) -> None:
    err = io.StringIO()
    path = tmp_path / "file.xlsx"
    path.write_bytes(annex_a(in_need("A1")))
    with pytest.raises(SystemExit) as leaving:
        call_command("import_cases", str(path), "--as-at", "2999-01-01", stderr=err)
    assert leaving.value.code == 2
    assert "future" in err.getvalue()
