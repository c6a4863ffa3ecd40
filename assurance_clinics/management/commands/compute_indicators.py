"""manage.py compute_indicators: keep the figures of an extract, as the job does after an import."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.access import SYSTEM
from assurance_clinics.selectors.extracts import extract_on
from assurance_clinics.services import compute_extract
from cases.models import Extract
from core.commands import PlainCommand, day_argument

NOT_THERE = 2


class Command(PlainCommand):
    help = (
        "Computes the indicators of the extract kept for a day and keeps the figures, at every level. Exits 2 where no "
        "extract is kept for that day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--snapshot", required=True, metavar="YYYY-MM-DD", help="the extract's date")

    def handle(self, *args: Any, **options: Any) -> None:
        day = day_argument(options["snapshot"])
        extract = extract_on(Extract.objects.visible_to(SYSTEM), day)
        if extract is None:
            raise CommandError(f"No Annex A extract is kept for {day.isoformat()}.", returncode=NOT_THERE)
        counts = compute_extract(extract=extract, by=SYSTEM)
        self.stdout.write(f"{counts.made} figures made, {counts.changed} changed, {counts.removed} removed.")
