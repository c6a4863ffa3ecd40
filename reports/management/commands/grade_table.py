"""manage.py grade_table: the grade table of a range of months, as text, CSV or JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.access import SYSTEM
from accounts.choices import UnitKind
from accounts.models import OrgUnit, name_key
from audits import documents
from audits.choices import Breakdown
from audits.models import GradeTally
from audits.selectors.grades import grade_table
from core.commands import PlainCommand, month_argument
from core.spreadsheets import write_csv
from reports.models import PublishedMonth
from reports.selectors.months import with_restatements

LONGEST = 240  # months


class Command(PlainCommand):
    help = (
        "Prints the grade table: how many audits, and what share was good or outstanding, against the target. Exits 2 "
        "where a month or the service is not known."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, metavar="YYYY-MM", help="first month")
        parser.add_argument("--to", dest="last", required=True, metavar="YYYY-MM", help="last month")
        parser.add_argument("--by", choices=Breakdown.values, default=Breakdown.MONTH.value, help="how to cut it")
        parser.add_argument("--service", metavar="NAME", help="audits of this service only")
        parser.add_argument("--settled-only", action="store_true", help="leave provisional grades out")
        parser.add_argument("--format", choices=["text", "csv", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = month_argument(options["first"]), month_argument(options["last"])
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        if months < 1:
            raise CommandError("The first month lies after the last. Turn --from and --to round.", returncode=2)
        if months > LONGEST:
            raise CommandError(f"That is {months:,} months. Ask for {LONGEST} at most.", returncode=2)
        services = _services(options["service"]) if options["service"] is not None else ()
        table = grade_table(
            GradeTally.objects.visible_to(SYSTEM),
            first=first,
            last=last,
            by=options["by"],
            services=services,
            settled_only=options["settled_only"],
        )
        table = with_restatements(table, PublishedMonth.objects.visible_to(SYSTEM), services=services)
        if options["format"] == "json":
            self.stdout.write(json.dumps(documents.as_json(table), ensure_ascii=False, indent=2))
        elif options["format"] == "csv":
            self.stdout.write(write_csv(*documents.as_rows(table)).decode("utf-8-sig"), ending="")
        else:
            self.stdout.write(documents.as_text(table))


def _services(name: str) -> list[Any]:
    """The services of this name. Raises CommandError (exit 2) where there is none."""
    services = OrgUnit.objects.visible_to(SYSTEM).filter(kind=UnitKind.SERVICE)
    found = list(services.filter(name_key=name_key(name)).values_list("pk", flat=True))
    if not found:
        names = ", ".join(services.values_list("name", flat=True).distinct()) or "none yet"
        raise CommandError(f"There is no service called “{name}”. Services: {names}.", returncode=2)
    return found
