"""Writes docs/bi-feed.md: what the feed for business intelligence holds, column by column.

Run it with `.venv/bin/python -m scripts.feed` after a change of the feed; a test fails while the page is old.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "bi-feed.md"

INTRODUCTION = """
# The feed for business intelligence

Printed from the feed's own definition by `python -m scripts.feed`; do not edit.

A council's Power BI (or any other tool) reads facts about audits without touching the product's tables, in two ways:

- **Views of PostgreSQL** in the schema `reporting`, through a role that can read nothing else: `deploy/bi-role.sql`
  makes it. The views are put up by `manage.py migrate`, explain themselves (`SELECT * FROM reporting.dictionary`, and a
  comment on each column), and read what is true at that moment. On SQLite there are no views.
- **CSV by a token**: `GET /reports/feed/data/audits.csv` with the header `Authorization: Bearer TOKEN`. The QA lead
  makes tokens under Figures, *Feed for business intelligence*: each for one program, for chosen tables, for a year at
  most. The token is shown once, only its digest is kept, each reading is written down, and it can be taken away at
  once. It ends too when the QA lead who made it loses that role.

What is in it and what is not:

- No name of a person, no reference of a case, an audit or an action, no text that anybody wrote, no date finer than a
  month. Names of services and teams are in it: it is OFFICIAL-SENSITIVE and for the council's own analysts. Small
  numbers are *not* withheld in it; withhold them before anything is published.
- Records have pseudonyms (HMAC-SHA-256 under a key that whoever reads the feed cannot read). Within the views, and
  within what one token reads, the same record has the same one, so tables can be joined. Two tokens have different
  ones, so what two programs read cannot be joined.
- Audits are in it once they are submitted; drafts are not. Cases whose access is restricted are left out wholly, so
  counts can be lower than those of the grade table.
- `purpose = 'standard'` and a `counted_grade` are what the grade table counts.

Kinds of values: *pseudonym* is 32 hexadecimal digits, *month* reads 2026-04, *word* is one of a few fixed words, an
empty cell means that there is nothing to say.
"""


def text() -> str:
    """The text of docs/bi-feed.md as the feed is defined now. Django must be set up."""
    from reports.selectors.feed import TABLES

    lines = INTRODUCTION.strip().splitlines()
    for table in TABLES.values():
        lines += ["", f"## {table.name}", "", f"{table.row}.", "", "| Column | Kind | Meaning |", "|---|---|---|"]
        lines += [f"| `{column.name}` | {column.kind} | {column.meaning} |" for column in table.columns]
    return "\n".join(lines) + "\n"


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    PAGE.write_text(text(), encoding="utf-8")
    print(f"{PAGE.name} was written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
