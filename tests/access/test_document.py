"""docs/access.md says what the matrix says."""

from __future__ import annotations

from scripts import access
from tests.access.matrix import OPEN_ROWS, ROWS
from tests.access.sight import SIGHT


def test_the_document_is_what_the_matrix_prints() -> None:
    assert access.PAGE.read_text(encoding="utf-8") == access.page(), "run: .venv/bin/python -m scripts.access"


def test_everything_is_in_it() -> None:
    text = access.page()
    for row in ROWS:
        assert f"| {row.key.split(':')[1]} |" in text
    for name in [*SIGHT, *(row.name for row in OPEN_ROWS)]:
        assert f"| {name} |" in text
    assert "404, byte for byte" in text
