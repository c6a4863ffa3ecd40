"""Print the month's summary for the panel."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.access import SYSTEM
from core.commands import PlainCommand
from learning.documents import as_json, as_text
from learning.models import PanelSummary
from learning.rules import summaries as rules
from learning.selectors.summaries import content_of
from learning.services import summaries as services


class Command(PlainCommand):
    help = (
        "Print the summary of a month for the Learning and Improvement Panel: the newest stored version, or, "
        "where none is stored, the summary as it would be now (it says which)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--month", required=True, metavar="YYYY-MM")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            month = rules.read_month(options["month"])
        except ValueError as problem:
            raise CommandError(str(problem), returncode=2) from None
        if month > timezone.localdate():
            raise CommandError(f"{month:%B %Y} has not begun.", returncode=2)
        newest = PanelSummary.objects.visible_to(SYSTEM).filter(month=month).order_by("-number").first()
        content = content_of(newest.content) if newest else services.live_content(month=month)
        number, built_at = (newest.number, newest.built_at) if newest else (None, None)
        if options["format"] == "json":
            self.stdout.write(json.dumps(as_json(content, number=number, built_at=built_at), indent=2))
        else:
            self.stdout.write(as_text(content, number=number, built_at=built_at))
