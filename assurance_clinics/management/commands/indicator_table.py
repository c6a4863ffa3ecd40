"""manage.py indicator_table: the table of indicators for a range of months, as text, CSV or JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.access import SYSTEM
from accounts.choices import UnitKind
from accounts.models import OrgUnit, name_key
from assurance_clinics import documents
from assurance_clinics.models import Comparator, Indicator, IndicatorDefinition, Target, Value
from assurance_clinics.selectors.tables import Grid, definitions_of, indicator_grid
from core.commands import WRONG, PlainCommand, month_argument
from core.spreadsheets import write_csv

LONGEST = 240  # months


class Command(PlainCommand):
    help = (
        "Prints the table of indicators: months across, target, colour, direction and comparators. The CSV has the "
        "header that import_indicators reads, and cells as they were printed. Exits 2 where a month or the service is "
        "not known."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, metavar="YYYY-MM", help="first month")
        parser.add_argument("--to", dest="last", required=True, metavar="YYYY-MM", help="last month")
        parser.add_argument(
            "--service", metavar="NAME", help="the figures of this service; by default the department's"
        )
        parser.add_argument("--format", choices=["text", "csv", "json"], default="text")
        parser.add_argument(
            "--counts", action="store_true", help="with csv: numerators and denominators too, as columns at the end"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = month_argument(options["first"]), month_argument(options["last"])
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        if months < 1:
            raise CommandError("The first month lies after the last. Turn --from and --to round.", returncode=WRONG)
        if months > LONGEST:
            raise CommandError(f"That is {months:,} months. Ask for {LONGEST} at most.", returncode=WRONG)
        unit = _service(options["service"]) if options["service"] is not None else None
        known = definitions_of(
            IndicatorDefinition.objects.visible_to(SYSTEM),
            Target.objects.visible_to(SYSTEM),
            Comparator.objects.visible_to(SYSTEM),
        )
        grid = indicator_grid(
            Indicator.objects.visible_to(SYSTEM), Value.objects.visible_to(SYSTEM), known, first=first, last=last,
            unit=unit, place=unit.name if unit else "",
        )  # fmt: skip
        if options["format"] == "json":
            self.stdout.write(json.dumps(documents.as_json(grid), ensure_ascii=False, indent=2))
        elif options["format"] == "csv":
            self.stdout.write(_as_csv(grid, counts=options["counts"]), ending="")
        else:
            self.stdout.write(documents.as_text(grid))


def _as_csv(grid: Grid, *, counts: bool) -> str:
    return write_csv(*documents.as_rows(grid, counts=counts)).decode("utf-8-sig")


def _service(name: str) -> OrgUnit:
    """The open service of this name. Raises CommandError (exit 2) where there is none or more than one."""
    services = OrgUnit.objects.visible_to(SYSTEM).filter(kind=UnitKind.SERVICE)
    found = list(services.filter(name_key=name_key(name)))
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(f"More than one service is called “{name}”. Close all but one.", returncode=WRONG)
    names = ", ".join(services.values_list("name", flat=True)) or "none yet"
    raise CommandError(f"There is no service called “{name}”. Services: {names}.", returncode=WRONG)
