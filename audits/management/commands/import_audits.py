"""manage.py import_audits: bring a council's own history of audits in, as the system."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.access import SYSTEM
from audits.services.importing import import_audits
from core.commands import PlainCommand
from core.jobs.services import ImportOutcome
from core.spreadsheets import Fault, UnreadableFile

REFUSED, UNREADABLE = 3, 2
COUNTS = ("rows_in", "accepted", "rejected", "new", "changed", "closed")


class Command(PlainCommand):
    help = (
        "Read past audits, one row an audit, from a CSV or a workbook, and say what they bring; with --apply, bring "
        "them in. Exits 0 when no row was refused, 3 when some were, 2 when the file could not be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV or a workbook; docs/file-formats.md has the headings")
        parser.add_argument("--create-units", action="store_true", help="create services and teams that the file names")
        parser.add_argument("--apply", action="store_true", help="without it nothing is written")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            outcome = import_audits(
                data=path.read_bytes(),
                filename=path.name,
                by=SYSTEM,
                create_units=options["create_units"],
                apply=options["apply"],
            )
        except OSError as error:
            self._fail(f"{path} cannot be opened: {error.strerror or error}.", options["format"])
        except UnreadableFile as error:
            self._fail(str(error), options["format"])
        applied = options["apply"] and not outcome.problem
        if options["format"] == "json":
            self.stdout.write(json.dumps(_as_json(outcome, applied), ensure_ascii=False, indent=2))
        else:
            self._print(outcome, applied, options["apply"])
        if outcome.refusals:
            sys.exit(REFUSED)

    def _fail(self, sentence: str, form: str) -> None:
        """Say why the file could not be read, and leave with the code for it."""
        if form == "json":
            empty = _as_json(ImportOutcome(dict.fromkeys(COUNTS, 0)), False)
            self.stdout.write(json.dumps({"error": sentence, **empty}, ensure_ascii=False, indent=2))
        self.stderr.write(sentence)
        sys.exit(UNREADABLE)

    def _print(self, outcome: ImportOutcome, applied: bool, asked: bool) -> None:
        for title, faults in (("Refused", outcome.refusals), ("Warning", outcome.warnings)):
            for fault in faults:
                parts = (fault.list, f"row {fault.row}" if fault.row else "", fault.column)
                said = f" “{fault.value}”" if fault.value else ""
                self.stdout.write(f"{title}: {', '.join(filter(None, parts)) or 'file'}:{said} {fault.reason}")
        counts = outcome.counts
        self.stdout.write(
            f"{counts['rows_in']} rows: {counts['accepted']} accepted, {counts['rejected']} refused. "
            f"Audits: {counts['new']} new, {counts['accepted'] - counts['new']} here already."
        )
        if applied:
            self.stdout.write("Applied.")
        else:
            advice = outcome.problem if asked or outcome.problem else "Give --apply to bring them in."
            self.stdout.write(f"Nothing was written. {advice}")


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
        "problem": outcome.problem,
    }
