"""Bring a file of cases in from the command line, as the system."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.access import SYSTEM
from cases.services import CannotApply, import_cases
from core.commands import PlainCommand, day_argument
from core.jobs.services import ImportOutcome
from core.spreadsheets import Fault, UnreadableFile

REFUSED, UNREADABLE, STOPPED = 3, 2, 4


class Command(PlainCommand):
    help = (
        "Read an Annex A workbook or a caseload and say what it would change; with --apply, change it. Exits 0 when no "
        "row was refused, 3 when some were, 2 when the file could not be read, 4 when no row was refused and --apply "
        "stopped all the same: the number of cases to be closed was not confirmed, or the file has no rows."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="an Annex A workbook (or one of its lists as CSV), or a caseload")
        parser.add_argument("--kind", choices=["annex-a", "csv"], help="by default the content decides")
        parser.add_argument("--as-at", metavar="YYYY-MM-DD", help="the day the extract was drawn; by default today")
        parser.add_argument("--create-units", action="store_true", help="create services and teams that the file names")
        parser.add_argument(
            "--confirm-closing", type=int, metavar="N", help="agree to close N cases, where that is more than 20%%"
        )
        parser.add_argument("--apply", action="store_true", help="without it nothing is written")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        as_at: date = timezone.localdate() if options["as_at"] is None else day_argument(options["as_at"])
        stopped = False
        try:
            data = path.read_bytes()
            outcome = import_cases(
                data=data,
                filename=path.name,
                kind=options["kind"],
                as_at=as_at,
                create_units=options["create_units"],
                confirm_closing=options["confirm_closing"],
                apply=options["apply"],
                by=SYSTEM,
            )
        except OSError as error:
            self._fail(f"{path} cannot be opened: {error.strerror or error}.", options["format"])
        except UnreadableFile as error:
            self._fail(str(error), options["format"])
        except CannotApply as error:
            outcome, stopped = error.outcome, True
        applied = options["apply"] and not stopped
        sentence = _sentence(outcome, applied=applied, asked=options["apply"])
        if options["format"] == "json":
            self.stdout.write(json.dumps(_as_json(outcome, as_at, applied), ensure_ascii=False, indent=2))
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
            empty = _as_json(ImportOutcome(dict.fromkeys(COUNTS, 0)), None, False)
            self.stdout.write(json.dumps({"error": sentence, **empty}, ensure_ascii=False, indent=2))
        self.stderr.write(sentence)
        sys.exit(UNREADABLE)

    def _print(self, outcome: ImportOutcome, sentence: str) -> None:
        for title, faults in (("Refused", outcome.refusals), ("Warning", outcome.warnings)):
            for fault in faults:
                place = ", ".join(
                    part for part in (fault.list, f"row {fault.row}" if fault.row else "", fault.column) if part
                )
                said = f" “{fault.value}”" if fault.value else ""
                self.stdout.write(f"{title}: {place or 'file'}:{said} {fault.reason}")
        counts = outcome.counts
        self.stdout.write(
            f"{counts['rows_in']} rows: {counts['accepted']} accepted, {counts['rejected']} refused. "
            f"Cases: {counts['new']} new, {counts['changed']} changed, {counts['closed']} closed."
        )
        self.stdout.write(sentence)


COUNTS = ("rows_in", "accepted", "rejected", "new", "changed", "closed")


def _as_json(outcome: ImportOutcome, as_at: date | None, applied: bool) -> dict[str, Any]:
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
        "as_at": as_at.isoformat() if as_at else None,
        "confirm": outcome.confirm,
        "problem": outcome.problem,
    }


def _sentence(outcome: ImportOutcome, *, applied: bool, asked: bool) -> str:
    if applied:
        return "Applied."
    if outcome.problem:
        return outcome.problem if asked else f"Nothing was written. {outcome.problem}"
    if outcome.confirm is not None:
        closing, held = outcome.counts["closed"], outcome.counts["open_cases"]
        return (
            f"Nothing was written. This file would close {closing} of {held} open cases, more than 20%. If that is "
            f"right, give --confirm-closing {closing}."
        )
    return "Nothing was written. Give --apply to apply it."
