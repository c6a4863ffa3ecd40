"""Writes docs/access.md from the access matrix of the tests: who sees what, and who may open which address.

The matrix is what every address is asked against (tests/access), so the page says what is proven. Run it with
`.venv/bin/python -m scripts.access` after a change of the matrix; a test fails while the page is old.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.printing import write_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "access.md"

INTRODUCTION = """
Printed from the access matrix by `python -m scripts.access`; do not edit. Every line is asked by the tests in
`tests/access`: every address, as one person of each role and as people without a role in force, at things near,
elsewhere, restricted and made up.

A role counts from its first to its last day, at its unit and below. What somebody does not see answers like an
address that was made up: 404, byte for byte the same page. What they see but may not do answers 403, a method
that is not offered 405. Whoever has not signed in is sent to the sign-in page.
"""


def page() -> str:
    """The text of docs/access.md as the matrix has it now. Django must be set up."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from tests.access.matrix import OPEN_ROWS, ROWS
    from tests.access.sight import FACETS, SIGHT

    yield "# Who may do what"
    yield ""
    yield from INTRODUCTION.strip().splitlines()
    yield ""
    yield "## What each person sees"
    yield ""
    yield "| Thing | Seen by |"
    yield "|---|---|"
    for kind, rule in SIGHT.items():
        yield f"| {kind} | {rule.words.rstrip('.')} |"
    yield ""
    yield "## Which words"
    yield ""
    yield "Each of these is planted as a canary in every row of the test council and looked for in every answer."
    yield ""
    for words, _ in FACETS.values():
        yield f"- {words}"
    yield ""
    yield "## Every address"
    yield ""
    yield "Who may read the page and who may send its form, of those who see the thing that it is about."
    app = ""
    for row in sorted(ROWS, key=lambda row: row.name.split(":")[0]):
        if row.name.split(":")[0] != app:
            app = row.name.split(":")[0]
            yield ""
            yield f"### {app}"
            yield ""
            yield "| Page | About | May read | May send |"
            yield "|---|---|---|---|"
        name = row.key.split(":")[1]
        may = [rule.words if rule else "-" for rule in (row.get, row.post)]
        yield f"| {name} | {row.about or '-'} | {may[0]} | {may[1]} |"
    yield ""
    yield "## Open without signing in"
    yield ""
    yield "| Page | Why | Stranger reads, sends | Signed in reads, sends |"
    yield "|---|---|---|---|"
    for each in OPEN_ROWS:
        yield f"| {each.name} | {each.why} | {each.get[0]}, {each.post[0]} | {each.get[1]}, {each.post[1]} |"


def main() -> int:
    """Write the page; print what was done."""
    return write_page(PAGE, page)


if __name__ == "__main__":
    sys.exit(main())
