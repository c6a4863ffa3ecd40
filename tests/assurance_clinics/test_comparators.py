"""The DfE's figures beside the indicators: tokens that are never 0, columns that move, neighbours by their model."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.access import SYSTEM
from assurance_clinics.models import Comparator
from assurance_clinics.readers.comparators import read_neighbours, read_release
from assurance_clinics.services import import_indicators, load_indicators
from tests.factories.spreadsheets import workbook

HEADER = "time_period,time_identifier,geographic_level,region_name,old_la_code,la_name,rereferral_percent"
ROWS = [
    "2025,Reporting year,National,,,,22.6",
    "2025,Reporting year,Regional,Riverside,,,28.4",
    "2025,Reporting year,Regional,Hillside,,,11.1",
    "2025,Reporting year,Local authority,Riverside,901,Exampleshire,20.2",
    "2024,Reporting year,Local authority,Riverside,901,Exampleshire,24.8",
    "2023,Reporting year,Local authority,Riverside,901,Exampleshire,c",
    *(
        f"2025,Reporting year,Local authority,Hillside,{code},Other {code},{figure}"
        for code, figure in ((902, "10"), (903, "20"), (904, "60"), (905, "c"), (906, ":"), (999, "99"))
    ),
]
MODEL = "old_la_code,la_name,{}\n901,Exampleshire,{}\n".format(
    ",".join(f"SN_{n},SN_{n}P" for n in range(1, 11)), ",".join(f"{code},Close" for code in range(902, 912))
)


@pytest.fixture
def loaded(db: None) -> None:
    load_indicators(by=SYSTEM)


def run(tmp_path: Path, text: str, *arguments: str, model: str = MODEL) -> tuple[int, dict[str, Any]]:
    (tmp_path / "dfe.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (tmp_path / "model.csv").write_text(model)
    out, code = io.StringIO(), 0
    try:
        call_command(
            "import_comparators", str(tmp_path / "dfe.csv"), "--authority", "901", "--release", "Children in need 2025",
            "--vintage", "October 2025", "--model", str(tmp_path / "model.csv"), "--model-date", "2025-05",
            "--format", "json", *arguments, stdout=out, stderr=out,
        )  # fmt: skip
    except SystemExit as left:
        code = int(left.code or 0)
    text = out.getvalue()
    return code, json.loads(text) if text.startswith("{") else {"said": text}


def labelled(said: dict[str, Any]) -> dict[str, str]:
    return {each["label"]: each["printed"] for each in said["comparators"]}


def test_own_years_region_england_and_both_averages(loaded: None, tmp_path: Path) -> None:
    code, said = run(tmp_path, "\n".join([HEADER, *ROWS]), "--apply")
    assert code == 0
    assert labelled(said) == {
        "This council 2025": "20.2",
        "This council 2024": "24.8",
        "Statistical neighbours (mean) 2025": "30.0",
        "Statistical neighbours (median) 2025": "20.0",
        "Riverside 2025": "28.4",
        "England 2025": "22.6",
    }
    mean = Comparator.objects.get(compared_with="neighbours_mean")
    assert (mean.release, mean.vintage) == ("Children in need 2025; 3 neighbours", "October 2025")
    assert mean.model_date and mean.model_date.isoformat() == "2025-05-01"


def test_a_suppressed_figure_stays_suppressed(loaded: None, tmp_path: Path) -> None:
    rows = [row for row in ROWS if "901" not in row] + ["2025,Reporting year,Local authority,Riverside,901,X,c"]
    run(tmp_path, "\n".join([HEADER, *rows]), "--apply")
    own = Comparator.objects.get(label="This council 2025")
    assert (own.kind, own.value, own.printed) == ("suppressed", None, "c")


def test_columns_that_move_and_change_their_names(loaded: None, tmp_path: Path) -> None:
    header = "Re_referrals_percent,la_name,old_la_code,geographic_level,region_name,time_period"
    rows = ["20.2,Exampleshire,901,Local authority,Riverside,2024", "22.4,,,National,,2024"]
    _code, said = run(tmp_path, "\n".join([header, *rows]))
    assert said["columns"] == {"re_referral_12m": "Re_referrals_percent"}
    assert labelled(said)["England 2024"] == "22.4"
    assert not Comparator.objects.exists()


def test_an_unknown_column_can_be_named(loaded: None, tmp_path: Path) -> None:
    text = "\n".join([HEADER.replace("rereferral_percent", "odd_name"), *ROWS])
    assert run(tmp_path, text)[0] == 2
    code, said = run(tmp_path, text, "--column", "re_referral_12m=odd_name")
    assert (code, said["columns"]) == (0, {"re_referral_12m": "odd_name"})


def test_a_cell_that_is_no_figure_has_its_line(loaded: None, tmp_path: Path) -> None:
    code, said = run(tmp_path, "\n".join([HEADER, *ROWS, "2025,Y,Local authority,Hillside,907,Other,often"]))
    assert code == 3
    line = said["refusals"][0]
    assert (line["list"], line["row"], line["column"], line["value"]) == (
        "Comparators", 14, "rereferral_percent", "often"
    )  # fmt: skip
    assert line["reason"].startswith("This is not a number.")


def test_a_refused_figure_leaves_what_is_held_as_it_is(loaded: None, tmp_path: Path) -> None:
    text = "\n".join([HEADER, *ROWS])
    run(tmp_path, text, "--apply")
    code, _said = run(tmp_path, text.replace("Exampleshire,20.2", "Exampleshire,often"), "--apply")
    assert code == 3
    assert Comparator.objects.get(label="This council 2025").printed == "20.2"


@pytest.mark.parametrize("column", HEADER.split(",")[0:1] + HEADER.split(",")[2:5])
def test_a_file_without_a_column_that_says_where_or_when_is_refused_whole(
    loaded: None, tmp_path: Path, column: str
) -> None:
    code, said = run(tmp_path, "\n".join([HEADER.replace(column, "other"), *ROWS]), "--apply")
    assert code == 2
    assert column in said["said"]
    assert not Comparator.objects.exists()


def test_a_named_column_that_is_not_there_is_told(loaded: None, tmp_path: Path) -> None:
    header = HEADER.replace("rereferral_percent", "no_further_action_percent")
    code, said = run(tmp_path, "\n".join([header, *ROWS]), "--column", "re_referral_12m=odd_name")
    assert code == 2
    assert "odd_name" in said["said"] and "re_referral_12m" in said["said"]


def test_a_place_twice_in_a_period_is_ignored_when_equal_and_refused_naming_both_rows_when_not(
    loaded: None, tmp_path: Path
) -> None:
    own = ROWS[3]
    code, said = run(tmp_path, "\n".join([HEADER, *ROWS, own]))
    assert (code, said["refusals"], labelled(said)["This council 2024"]) == (0, [], "24.8")
    code, said = run(tmp_path, "\n".join([HEADER, *ROWS, own.replace("20.2", "31.5")]))
    line = said["refusals"][0]
    assert (code, line["row"], line["value"]) == (3, 14, "31.5")
    assert "Row 5" in line["reason"] and "20.2" in line["reason"]
    assert labelled(said)["This council 2025"] == "20.2"


@pytest.mark.parametrize(
    ("token", "kind"),
    [("c", "suppressed"), ("[c]", "suppressed"), ("k", "suppressed"), ("z", "na"),
     ("[z]", "na"), ("x", "blank"), ("[x]", "blank"), ("..", "blank"), (":", "blank"),
     ("", "blank"), ("0", "number")],
)  # fmt: skip
def test_each_token_of_the_dfe_says_one_thing_in_brackets_or_not(
    loaded: None, tmp_path: Path, token: str, kind: str
) -> None:
    text = "\n".join([HEADER, *ROWS]).replace("Exampleshire,20.2", f"Exampleshire,{token}")
    code, _said = run(tmp_path, text, "--apply")
    assert (code, Comparator.objects.get(label="This council 2025").kind) == (0, kind)


@pytest.mark.parametrize("data", ["", "   \n", "<html><body>Moved</body></html>", "PK\x03\x04 no zip", "a\0b,c"])
def test_what_is_no_csv_of_the_dfe_gets_a_sentence(loaded: None, tmp_path: Path, data: str) -> None:
    code, said = run(tmp_path, data)
    assert code == 2
    assert said["said"].strip().endswith(".")


def test_a_windows_1252_file_of_semicolons_reads_the_same(loaded: None, tmp_path: Path) -> None:
    text = "\n".join([HEADER, *ROWS]).replace("Riverside", "Rivière").replace(",", ";")
    release = read_release(text.encode("cp1252"))
    assert [(row.region, row.figures["re_referral_12m"].printed) for row in release.rows if row.code == "901"] == [
        ("Rivière", "20.2"), ("Rivière", "24.8"), ("Rivière", "c")
    ]  # fmt: skip


def test_the_same_release_twice_changes_nothing(loaded: None, tmp_path: Path) -> None:
    text = "\n".join([HEADER, *ROWS])
    run(tmp_path, text, "--apply")
    before = list(Comparator.objects.order_by("pk").values_list("pk", "printed"))
    run(tmp_path, text, "--apply")
    assert list(Comparator.objects.order_by("pk").values_list("pk", "printed")) == before


def test_a_council_that_is_not_there_is_named(loaded: None, tmp_path: Path) -> None:
    code, said = run(tmp_path, "\n".join([HEADER, *ROWS]).replace(",901,", ",955,"))
    assert code == 2
    assert "901" in said["said"]


def test_a_rate_of_an_imported_indicator_is_named_by_its_wording(loaded: None, tmp_path: Path) -> None:
    table = b"Section,Indicator,Aug-24\nDoor,Rate of referrals per 10000,581\n"
    import_indicators(data=table, filename="a.csv", by=SYSTEM, apply=True)
    rows = [row.rsplit(",", 1)[0] + ",640.1" for row in ROWS[:5]]
    text = "\n".join([HEADER.replace("rereferral_percent", "referral_rate"), *rows])
    code, said = run(tmp_path, text, "--column", "Rate of referrals per 10000=referral_rate", "--apply")
    assert code == 0, said
    assert labelled(said)["England 2025"] == "640.1"
    assert Comparator.objects.get(label="England 2025").indicator.wording == "Rate of referrals per 10000"


def test_a_workbook_reads_as_the_csv_does_and_small_percentages_are_percents() -> None:
    rows: list[list[Any]] = [line.split(",") for line in (HEADER, *ROWS)]
    rows[1][-1] = "0.4"
    [as_csv, as_book] = [
        read_release(data) for data in ("\n".join(",".join(line) for line in rows).encode(), workbook({"Data": rows}))
    ]
    assert as_book.rows == as_csv.rows
    assert str(as_csv.rows[0].figures["re_referral_12m"].value) == "0.4"
    lines: list[list[Any]] = [line.split(",") for line in MODEL.splitlines()]
    assert read_neighbours(workbook({"Model": [["Title"], [], *lines]})) == read_neighbours(MODEL.encode())


@pytest.mark.parametrize("token", ["NULL", "#N/A", ".."])
def test_what_stands_for_nothing_is_no_figure_and_no_fault(token: str) -> None:
    release = read_release("\n".join([HEADER, ROWS[0].replace("22.6", token)]).encode())
    assert (release.rows[0].figures["re_referral_12m"].kind, release.refusals) == ("blank", ())
