"""manage.py import_events: the dated events that Annex A does not hold, brought in as the system."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.access import SYSTEM
from assurance_clinics.services import CannotApply, import_events
from core.commands import PlainCommand
from core.spreadsheets import UnreadableFile

REFUSED, UNREADABLE, STOPPED = 3, 2, 4


class Command(PlainCommand):
    help = (
        "Read a list of dated events (reference, kind, date, interval_days) and say what is new; with --apply, keep "
        "it. Exits 3 when a row was refused, 2 when the file could not be read, 4 when no row was accepted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or workbook")
        parser.add_argument("--apply", action="store_true", help="without it nothing is written")

    def handle(self, *args: Any, **options: Any) -> None:
        stopped = False
        try:
            outcome = import_events(data=options["file"].read_bytes(), by=SYSTEM, apply=options["apply"])
        except OSError as error:
            self._leave(f"{options['file']} cannot be opened: {error.strerror or error}.")
        except UnreadableFile as error:
            self._leave(str(error))
        except CannotApply as error:
            outcome, stopped = error.outcome, True
        for title, faults in (("Refused", outcome.refusals), ("Warning", outcome.warnings)):
            for fault in faults:
                self.stdout.write(f"{title}: row {fault.row}, {fault.column}: “{fault.value}” {fault.reason}")
        counts = outcome.counts
        self.stdout.write(
            f"{counts['rows_in']} rows: {counts['accepted']} accepted, {counts['rejected']} refused. "
            f"Events: {counts['new']} new, {counts['changed']} changed."
        )
        applied = options["apply"] and not stopped
        self.stdout.write(
            "Applied." if applied else outcome.problem or "Nothing was written. Give --apply to apply it."
        )
        # A refused row comes first: the code for it means the same with --apply and without.
        if outcome.refusals:
            sys.exit(REFUSED)
        if stopped:
            sys.exit(STOPPED)

    def _leave(self, sentence: str) -> None:
        self.stderr.write(sentence)
        sys.exit(UNREADABLE)
