"""manage.py rebuild_tallies: make the figures behind the grade tables equal to a recount of the audits."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from audits.services import tallies
from core.commands import WRONG, PlainCommand, month_argument


class Command(PlainCommand):
    help = (
        "Counts the audits again and mends every rollup row that differs. Safe to run at any time. Exits 2 for a month "
        "that is none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", metavar="YYYY-MM", help="first month; without it, from the start")
        parser.add_argument("--to", dest="last", metavar="YYYY-MM", help="last month; without it, to the end")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = (month_argument(options[name]) if options[name] else None for name in ("first", "last"))
        if first and last and first > last:
            raise CommandError("The first month lies after the last. Turn --from and --to round.", returncode=WRONG)
        different = tallies.rebuild(first=first, last=last)
        words = "1 cell was different" if different == 1 else f"{different:,} cells were different"
        self.stdout.write(f"{words}; the figures now equal a recount of the audits.")
