"""manage.py indicator_values: the computed indicators of a kept extract, with who was left out and why."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.access import SYSTEM
from assurance_clinics.choices import IndicatorKind
from assurance_clinics.models import DatedEvent
from assurance_clinics.rules.indicators import FORMULAS, in_words
from assurance_clinics.selectors.extracts import Computed, compute, extract_on, is_annex_a, read_extract
from cases.models import Extract
from core.commands import PlainCommand, day_argument

NOT_THERE = 2


class Command(PlainCommand):
    help = (
        "Prints the indicators that are computed from the Annex A extract kept for a day: n of d, the percentage to "
        "one place, and the rows left out with the reason. Exits 2 where no extract is kept for that day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--snapshot", required=True, metavar="YYYY-MM-DD", help="the extract's date")
        parser.add_argument("--indicator", metavar="CODE", help="this indicator alone")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        day = day_argument(options["snapshot"])
        code = options["indicator"]
        if code is not None and code not in FORMULAS:
            listed = ", ".join(FORMULAS)
            raise CommandError(f"There is no indicator “{code}”. Those computed are: {listed}.", returncode=NOT_THERE)
        extracts = Extract.objects.visible_to(SYSTEM)
        extract = extract_on(extracts, day)
        if extract is None:
            raise CommandError(
                _no_extract(day, [one.as_at for one in extracts if is_annex_a(one)]), returncode=NOT_THERE
            )
        codes = list(FORMULAS) if code is None else [code]
        lists = {number for each in codes for number in (*FORMULAS[each].main, *FORMULAS[each].beside)}
        extracted = read_extract(extract, lists=lists, agreed=DatedEvent.objects.visible_to(SYSTEM))
        computed = compute(extracted, day, codes)
        if options["format"] == "json":
            indicators = [_as_json(each) for each in computed]
            self.stdout.write(
                json.dumps({"snapshot": day.isoformat(), "indicators": indicators}, ensure_ascii=False, indent=2)
            )
            return
        self.stdout.write(f"Extract of {in_words(day)}")
        for each in computed:
            self.stdout.write(_line(each))
            for reason, count in _reasons(each).items():
                self.stdout.write(f"    left out: {count:,}: {reason}")


def _as_json(computed: Computed) -> dict[str, Any]:
    return {
        "code": computed.code,
        "numerator": computed.numerator,
        "denominator": computed.denominator,
        "percent": computed.percent,
        "excluded": [{"reference": each.row.reference, "reason": each.reason} for each in computed.excluded],
    }


def _line(computed: Computed) -> str:
    of = f"{computed.numerator:,} of {computed.denominator:,}"
    if computed.value is None:
        return f"{computed.code:24}-  ({of})"
    if computed.kind == IndicatorKind.RATE:
        children = f"{computed.numerator:,} of {computed.denominator:,} children"
        return f"{computed.code:24}{computed.value:g} for every 10,000  ({children})"
    if computed.kind == IndicatorKind.NUMBER:
        return f"{computed.code:24}{computed.numerator:,}  ({of})"
    if computed.percent is None:
        return (
            f"{computed.code:24}{computed.value:g}  ({computed.numerator:,} children, {computed.denominator:,} workers)"
        )
    return f"{computed.code:24}{computed.percent:g}%  ({of})"


def _reasons(computed: Computed) -> dict[str, int]:
    """How many rows were left out, by reason; reasons that name a date or a row are counted by their words."""
    counted: dict[str, int] = {}
    for each in computed.excluded:
        counted[each.reason] = counted.get(each.reason, 0) + 1
    return counted


def _no_extract(day: date, kept: list[date]) -> str:
    if not kept:
        return f"No Annex A extract is kept for {in_words(day)}, nor for any other day. Import one with import_cases."
    listed = ", ".join(one.isoformat() for one in sorted(set(kept), reverse=True)[:10])
    return f"No Annex A extract is kept for {in_words(day)}. There is one for: {listed}."
