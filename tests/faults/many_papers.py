"""Many papers printed at once, each with a word of its own: `make faults` runs this. FAULT_PAPERS (1000)."""

from __future__ import annotations

import os

import pytest

from tests.core.test_documents import needs_pango, print_at_once

# It asks no database, so once is enough.
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@needs_pango
def test_no_paper_of_a_thousand_holds_a_word_of_another() -> None:
    number = int(os.environ.get("FAULT_PAPERS", "1000"))
    print_at_once(number)
    print(f"\n{number} papers, three at a time: every one holds its own word alone")
