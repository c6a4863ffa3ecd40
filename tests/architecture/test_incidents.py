"""The table of incidents tells the truth: its tests exist, its guards stand where it says, none is missing."""

from __future__ import annotations

import ast

import pytest

from scripts import mutations
from tests.architecture import source

INCIDENTS = mutations.incidents()


def test_all_thirty_are_there_and_each_has_its_guard_taken_away() -> None:
    assert [each.t for each in INCIDENTS] == [*range(1, 31), 0]
    assert not [each.t for each in INCIDENTS if not (each.tests and each.mutations)]


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda each: f"T{each.t}")
def test_every_test_of_it_exists(incident: mutations.Incident) -> None:
    named = [*incident.tests, *(test for mutation in incident.mutations for test in mutation.red)]
    for each in named:
        file, _, name = each.partition("::")
        tree = source.tree(source.ROOT / file)
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name.partition("[")[0] in functions, each


def test_every_guard_stands_where_it_is_taken_away() -> None:
    assert not mutations.stale(INCIDENTS)


def test_the_document_is_what_the_table_prints() -> None:
    assert mutations.PAGE.read_text(encoding="utf-8") == mutations.page(), (
        "run: .venv/bin/python -m scripts.mutations --page"
    )
