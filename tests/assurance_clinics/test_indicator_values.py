"""A workbook that the test makes, counted on one's fingers, from the file to the command's JSON."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.models import Extract
from tests.assurance_clinics.conftest import AS_AT, keep, small_workbook


def values(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("indicator_values", "--snapshot", AS_AT.isoformat(), "--format", "json", *arguments, stdout=out)
    return json.loads(out.getvalue())


def by_code(extract: Extract) -> dict[str, Any]:
    return {each["code"]: each for each in values()["indicators"]}


@pytest.mark.parametrize(
    ("code", "n", "d", "percent"),
    [
        ("cin_visit_3w", 1, 3, 33.3),
        ("cin_visit_6w", 2, 3, 66.7),
        ("cp_visit_10wd", 1, 2, 50.0),
        ("cp_visit_15wd", 2, 2, 100.0),
        ("cp_visit_4w", 2, 2, 100.0),
        ("cp_second_plan_stock", 1, 2, 50.0),
        ("cla_visit_6w", 1, 2, 50.0),
        ("cla_3_placements", 1, 2, 50.0),
        ("care_leaver_contact_8w", 1, 2, 50.0),
        ("pathway_plan_6m", 1, 2, 50.0),
        ("caseload", 6, 3, None),
        ("caseload_20plus", 0, 3, 0.0),
    ],
)
def test_counted_on_ones_fingers(extract: Extract, code: str, n: int, d: int, percent: float | None) -> None:
    found = by_code(extract)[code]
    assert (found["numerator"], found["denominator"], found["percent"]) == (n, d, percent)


def test_who_was_left_out_and_why(extract: Extract) -> None:
    found = by_code(extract)["cin_visit_3w"]["excluded"]
    assert found == [
        {"reference": "C4", "reason": "A child with disabilities: counted apart"},
        {"reference": "C5", "reason": "The episode is closed"},
    ]


def test_one_indicator_alone(extract: Extract) -> None:
    found = values("--indicator", "cp_visit_10wd")
    assert found["snapshot"] == "2026-03-31"
    assert [each["code"] for each in found["indicators"]] == ["cp_visit_10wd"]


def test_the_2019_layout_says_nothing_of_contact(team: Any) -> None:
    keep(small_workbook(list_9=None))
    found = {each["code"]: each for each in values()["indicators"]}["care_leaver_contact_8w"]
    assert (found["denominator"], found["percent"]) == (0, None)


def test_a_day_without_an_extract_is_named(extract: Extract) -> None:
    with pytest.raises(CommandError, match="There is one for: 2026-03-31") as refused:
        call_command("indicator_values", "--snapshot", "2026-03-30")
    assert refused.value.returncode == 2


def test_an_unknown_indicator_is_named(extract: Extract) -> None:
    with pytest.raises(CommandError, match="Those computed are: cin_visit_3w") as refused:
        call_command("indicator_values", "--snapshot", "2026-03-31", "--indicator", "x")
    assert refused.value.returncode == 2


def test_the_text_says_the_same(extract: Extract) -> None:
    out = StringIO()
    call_command("indicator_values", "--snapshot", AS_AT.isoformat(), stdout=out)
    assert "cin_visit_3w            33.3%  (1 of 3)" in out.getvalue()
    assert "left out: 1: The episode is closed" in out.getvalue()
