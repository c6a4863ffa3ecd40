"""Check that nobody has changed the trail."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from core.commands import PlainCommand
from core.history.services import TRAILS, Report, check_trail

BROKEN = 3


class Command(PlainCommand):
    help = (
        "Check every link of both trails (changes, and who looked at what), their signed heads and the second place. "
        f"Exit {BROKEN} where anything was changed, deleted, inserted, put in another order or cut off."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=("text", "json"), default="text", dest="form")

    def handle(self, *args: Any, form: str, **options: Any) -> None:
        reports = [check_trail(trail) for trail in TRAILS]
        sound = not any(report.faults for report in reports)
        if form == "json":
            self.stdout.write(json.dumps({"sound": sound, "trails": [asdict(report) for report in reports]}, indent=2))
        else:
            for report in reports:
                self._say(report)
            if not settings.HISTORY_HEADS_FILE:
                self.stdout.write("No second place is set: signed heads are kept in the database alone.")
        if not sound:
            raise CommandError("The trail is not as it was written.", returncode=BROKEN)

    def _say(self, report: Report) -> None:
        state = "sound" if not report.faults else f"{len(report.faults)} faults"
        figures = f"{report.links:,} links, {report.signed_heads} signed heads, {report.seconds:.1f} s"
        if report.erased:
            figures += f", the words of {report.erased} erased"
        self.stdout.write(f"{report.trail}: {state} ({figures})")
        for fault in report.faults:
            self.stdout.write(f"  {fault.kind}: {fault.says}")
