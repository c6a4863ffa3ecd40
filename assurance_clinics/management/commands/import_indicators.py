"""manage.py import_indicators: a table of indicators, as councils print it, brought in as the system."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.access import SYSTEM
from assurance_clinics.services import CannotApply, import_indicators
from core.commands import PlainCommand
from core.jobs.services import ImportOutcome
from core.spreadsheets import Fault, UnreadableFile

REFUSED, UNREADABLE, STOPPED = 3, 2, 4
COUNTS = ("rows_in", "accepted", "rejected", "new", "changed", "closed", "values", "repeated")


class Command(PlainCommand):
    help = (
        "Read a table of indicators, months across, and say what it would change; with --apply, change it. Exits 0 "
        "when no row was refused, 3 when some were, 2 when the file could not be read, 4 when --apply stopped because "
        "the file has no rows."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or workbook: Section, Indicator, months, Target, comparators")
        parser.add_argument("--replace", action="store_true", help="put the file's figures in place of those held")
        parser.add_argument("--apply", action="store_true", help="without it nothing is written")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        stopped = False
        try:
            outcome = import_indicators(
                data=path.read_bytes(),
                filename=path.name,
                by=SYSTEM,
                replace_values=options["replace"],
                apply=options["apply"],
            )
        except OSError as error:
            self._fail(f"{path} cannot be opened: {error.strerror or error}.", options["format"])
        except UnreadableFile as error:
            self._fail(str(error), options["format"])
        except CannotApply as error:
            outcome, stopped = error.outcome, True
        applied = options["apply"] and not stopped
        sentence = "Applied." if applied else outcome.problem or "Nothing was written. Give --apply to apply it."
        if options["format"] == "json":
            self.stdout.write(json.dumps(_as_json(outcome, applied), ensure_ascii=False, indent=2))
            if stopped:
                self.stderr.write(sentence)
        else:
            self._print(outcome, sentence)
        # A refused row comes first: the code for it means the same with --apply and without.
        if outcome.refusals:
            sys.exit(REFUSED)
        if stopped:
            sys.exit(STOPPED)

    def _fail(self, sentence: str, form: str) -> None:
        """Say why the file could not be read, and leave with the code for it."""
        if form == "json":
            empty = _as_json(ImportOutcome(dict.fromkeys(COUNTS, 0)), False)
            self.stdout.write(json.dumps({"error": sentence, **empty}, ensure_ascii=False, indent=2))
        self.stderr.write(sentence)
        sys.exit(UNREADABLE)

    def _print(self, outcome: ImportOutcome, sentence: str) -> None:
        for title, faults in (("Refused", outcome.refusals), ("Warning", outcome.warnings)):
            for fault in faults:
                place = ", ".join(part for part in (f"row {fault.row}" if fault.row else "", fault.column) if part)
                said = f" “{fault.value}”" if fault.value else ""
                self.stdout.write(f"{title}: {place or 'file'}:{said} {fault.reason}")
        counts = outcome.counts
        self.stdout.write(
            f"{counts['rows_in']} rows: {counts['accepted']} accepted ({counts['repeated']} of them repeats), "
            f"{counts['rejected']} refused. Indicators: {counts['new']} new, {counts['changed']} changed. "
            f"Figures: {counts['values']}."
        )
        self.stdout.write(sentence)


def _as_json(outcome: ImportOutcome, applied: bool) -> dict[str, Any]:
    def lines(faults: tuple[Fault, ...]) -> list[dict[str, Any]]:
        return [
            {"list": fault.list, "row": fault.row, "column": fault.column, "value": fault.value, "reason": fault.reason}
            for fault in faults
        ]

    return {
        **outcome.counts,
        "refusals": lines(outcome.refusals),
        "warnings": lines(outcome.warnings),
        "applied": applied,
        "as_at": None,
        "confirm": outcome.confirm,
        "problem": outcome.problem,
    }
