"""manage.py import_comparators: the DfE's figures beside the indicators."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.access import SYSTEM
from assurance_clinics.readers.comparators import read_neighbours, read_release
from assurance_clinics.services.comparing import Neighbours, NotInRelease, compare, keep_comparators, kinds_of
from core.commands import PlainCommand, month_argument
from core.spreadsheets import UnreadableFile

REFUSED, UNREADABLE = 3, 2


class Command(PlainCommand):
    help = (
        "Read a CSV of the DfE's statistics and set the council's own years, its region, England and the average of "
        "its statistical neighbours beside the indicators. Exits 2 when a file could not be read, 3 when a cell of it "
        "was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a CSV of Explore education statistics")
        parser.add_argument("--authority", required=True, metavar="852", help="the council's three-digit number")
        parser.add_argument("--release", required=True, help="what the release is called")
        parser.add_argument("--vintage", default="", help="when it was published, or which revision it is")
        parser.add_argument("--model", type=Path, help="the statistical-neighbour model, as CSV")
        parser.add_argument("--model-date", metavar="YYYY-MM", help="the month of the model; needed with --model")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="INDICATOR=HEADING",
            help="the column to read for an indicator, named by its code or its wording (a rate per 10,000, say)",
        )
        parser.add_argument("--apply", action="store_true", help="without it nothing is written")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            columns = dict(_column(pair) for pair in options["column"])
            release = read_release(options["file"].read_bytes(), columns=columns, kinds=kinds_of(names=columns))
            neighbours = self._neighbours(options)
            compared = compare(release=release, authority=options["authority"], neighbours=neighbours)
            written = None
            if options["apply"]:
                written = keep_comparators(
                    compared=compared, release=options["release"], vintage=options["vintage"], neighbours=neighbours,
                    by=SYSTEM,
                )  # fmt: skip
        except OSError as error:
            self._fail(f"{error.filename} cannot be opened: {error.strerror}.")
        except (UnreadableFile, NotInRelease) as error:
            self._fail(str(error))
        if options["format"] == "json":
            self.stdout.write(json.dumps({
                "columns": dict(release.columns),
                "comparators": [
                    {"code": each.code, "label": each.label, "kind": str(each.compared_with),
                     "value": None if each.cell.value is None else float(each.cell.value),
                     "printed": each.cell.printed, "places": each.places}
                    for each in compared
                ],
                "refusals": [
                    {"list": fault.list, "row": fault.row, "column": fault.column, "value": fault.value,
                     "reason": fault.reason}
                    for fault in release.refusals
                ],
                "applied": written is not None,
            }, ensure_ascii=False, indent=2))  # fmt: skip
        else:
            for fault in release.refusals:
                self.stdout.write(f"Refused: row {fault.row}, {fault.column}: “{fault.value}” {fault.reason}")
            for each in compared:
                self.stdout.write(f"{each.code:24}{each.label:45}{each.cell.printed or '-':>8}")
            self.stdout.write("Nothing was written. Give --apply." if written is None else f"{written} kept.")
        if release.refusals:
            sys.exit(REFUSED)

    def _neighbours(self, options: dict[str, Any]) -> Neighbours | None:
        if options["model"] is None:
            return None
        if not options["model_date"]:
            raise UnreadableFile("Give --model-date with --model: neighbours change from model to model.")
        codes = read_neighbours(options["model"].read_bytes()).get(options["authority"])
        if not codes:
            raise NotInRelease(f"No local authority with the number {options['authority']} stands in the model.")
        return Neighbours(codes, month_argument(options["model_date"]))

    def _fail(self, sentence: str) -> None:
        self.stderr.write(sentence)
        sys.exit(UNREADABLE)


def _column(pair: str) -> tuple[str, str]:
    """(indicator, heading) of INDICATOR=HEADING. Raises CommandError (exit 2) for anything else."""
    indicator, equals, heading = pair.rpartition("=")
    if not equals or not indicator or not heading:
        raise CommandError(f"“{pair}” names no column. Write it as INDICATOR=HEADING.", returncode=UNREADABLE)
    return indicator, heading
